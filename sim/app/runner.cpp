#include "sim/app/runner.hpp"

#include "models/spelling.hpp"
#include "models/unsourced.hpp"
#include "models/utf8.hpp"
#include "sim/app/sheet.hpp"
#include "sim/app/tables.hpp"
#include "sim/app/version.hpp"
#include "sim/core/cohort_run.hpp"
#include "sim/core/shared_work.hpp"
#include "sim/io/atomic_file.hpp"
#include "sim/io/sha256.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <set>
#include <system_error>
#include <utility>

namespace stardsim {
namespace {

/// Which one it is, where there are several.
std::string scenario_in_front(const Scenario& scenario,
                              const Options& options) {
  constexpr std::size_t most = 30;
  if (options.scenarios.size() < 2) return "";
  return shortened(scenario.title, most);
}

/// By the next look at the earliest: the error falls with the square root of
/// the patients. No more than there may be.
std::uint64_t patients_needed(const PrecisionGoal& goal,
                              const Precision& precision,
                              std::uint64_t patients, std::uint64_t most) {
  const double times = precision.value / goal.below;
  const double needed = static_cast<double>(patients) * times * times;
  std::uint64_t look = next_look(patients);
  while (look < most && static_cast<double>(look) < needed)
    look = next_look(look);
  return std::min(look, most);
}

std::string progress_note(const PrecisionGoal& goal,
                          const Precision& precision) {
  return fmt::format("{} {:.3g}, to be below {:g}", name_of(goal.function),
                     precision.value, goal.below);
}

// Blocks of patients; at rank 0 into the total, elsewhere into a tally that is
// reported.
class CohortWork : public SharedWork {
 public:
  CohortWork(CohortRun& run, const Ranks& ranks, Tally& total)
      : run_(run), ranks_(ranks), total_(total), mine_(run.law()) {}

  std::uint64_t piece() const override { return block_size; }
  std::uint64_t work(const Spans& patients,
                     const std::function<bool()>& pause) override {
    return run_.add(patients, pause, ranks_.is_first() ? total_ : mine_);
  }
  Bytes report() override {
    return bytes_of(std::exchange(mine_, Tally(run_.law())));
  }
  void take(std::span<const std::byte> reported) override {
    total_ += tally_of(run_.law(), reported);
  }

 private:
  CohortRun& run_;
  const Ranks& ranks_;
  Tally& total_;
  Tally mine_;
};

// A cohort that grows, shared among ranks and kept from time to time.
class SharedCohort {
 public:
  SharedCohort(const Scenario& scenario, const Law& law, const Options& options,
               const InterruptWatch& watch, const Sharing& sharing,
               ProgressLine& line)
      : sharing_(sharing),
        watch_(watch),
        line_(line),
        run_(law, run_options(scenario, options)),
        total_(sharing.start && sharing.ranks.is_first() ? sharing.start->tally
                                                         : Tally(law)),
        start_(sharing.start ? sharing.start->left : Spans{}) {}

  /// Until all patients below so many are counted.
  void grow(std::uint64_t patients) {
    const Spans left =
        goes_on() ? std::exchange(start_, {}) : Spans{{patients_, patients}};
    counted_ = patients - size_of(left);
    patients_ = patients;
    begun_ = true;
    CohortWork work(run_, sharing_.ranks, total_);
    Rounds rounds;
    rounds.stop = [&] { return watch_.interrupted(); };
    rounds.due = sharing_.due;
    rounds.between = [&](const Spans& still) {
      counted_ = patients - size_of(still);
      if (sharing_.keep) sharing_.keep({total_, still, patients});
    };
    const bool is_done = share(sharing_.ranks, left, work, rounds).empty();
    together(sharing_.ranks, [&] {
      if (!is_done) throw Interrupted();
    });
  }

  const Tally& total() const { return total_; }
  Tally& total() { return total_; }
  const RunFacts& facts() const { return run_.facts(); }

 private:
  RunOptions run_options(const Scenario& scenario, const Options& options) {
    RunOptions run;
    run.luck.seed = scenario.cohort.seed;
    run.threads = options.threads;
    run.instruction_set = options.instruction_set;
    run.progress = [this](std::uint64_t done) {
      line_.show(counted_ +
                 done * static_cast<std::uint64_t>(sharing_.ranks.size()));
    };
    return run;
  }
  bool goes_on() const { return sharing_.start && !begun_; }

  const Sharing& sharing_;
  const InterruptWatch& watch_;
  ProgressLine& line_;
  CohortRun run_;
  Tally total_;
  Spans start_;
  std::uint64_t patients_ = 0, counted_ = 0;
  bool begun_ = false;
};

Simulated simulate_until(const Scenario& scenario, const Law& law,
                         const Options& options, const InterruptWatch& watch,
                         const Sharing& sharing) {
  PrecisionGoal goal;
  together(sharing.ranks, [&] {
    try {
      goal = parse_precision_goal(*options.until, scenario);
    } catch (const std::invalid_argument& error) {
      throw BadUsage(std::string("--until: ") + error.what());
    }
  });
  Simulated simulated;
  // How many it will take shows only from the first look at the error on.
  ProgressLine line(0, scenario_in_front(scenario, options));
  SharedCohort cohort(scenario, law, options, watch, sharing, line);
  Tally looked_at(law);
  // All ranks judge alike, by the whole tally.
  const auto some = [&](std::uint64_t first, std::uint64_t count) {
    cohort.grow(first + count);
    if (sharing.ranks.size() > 1)
      cohort.total() =
          tally_of(law, sharing.ranks.broadcast(bytes_of(cohort.total())));
    Tally more = cohort.total();
    more -= looked_at;
    looked_at = cohort.total();
    return more;
  };
  simulated.until = run_until(
      goal, scenario, options.max_patients, some,
      [&](std::uint64_t patients, const Precision& precision) {
        line.expect(
            patients_needed(goal, precision, patients, options.max_patients),
            progress_note(goal, precision));
      },
      sharing.start ? sharing.start->goal : 0);
  simulated.tally = std::move(simulated.until->tally);
  simulated.facts = cohort.facts();
  return simulated;
}

const char* words_for(Precision::Doubt doubt) {
  switch (doubt) {
    case Precision::Doubt::none:
      return "";
    case Precision::Doubt::few_patients:
      return ", too few to judge by";
    case Precision::Doubt::few_differ:
      return ", of whom too few differ to judge by";
    case Precision::Doubt::uneven:
      return ", of whom a few make the difference: too uneven to judge by";
  }
  return "";
}

// Of a scenario's texts none may steer the terminal; bold and dim (console.hpp)
// are ours.
std::string without_controls(std::string_view text) {
  std::string shown;
  shown.reserve(text.size());
  const auto is_plain = [](char c) { return c >= ' ' && c <= '~'; };
  while (!text.empty()) {
    const auto plain = static_cast<std::size_t>(
        std::find_if_not(text.begin(), text.end(), is_plain) - text.begin());
    shown += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    std::size_t length = character_length(text);
    if (text.substr(0, 2) == "\x1B[" && text.substr(3, 1) == "m") {
      length = 4;
      shown += text.substr(0, length);
    } else if (length == 0) {
      length = 1;
      shown += replacement_character;
    } else {
      shown += visible(text.substr(0, length));
    }
    text.remove_prefix(length);
  }
  return shown;
}

}  // namespace

void print(const std::string& raw) {
  const std::string text = without_controls(raw);
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() ||
      std::fflush(stdout) != 0)
    throw CannotWrite("cannot write standard output: " +
                      std::generic_category().message(errno));
}

std::string quoted(const std::string& word) {
  const bool plain =
      !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) ||
               std::string("-_./=,+:@%").find(c) != std::string::npos;
      });
  if (plain) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? "'\\''" : std::string(1, c);
  return text + "'";
}

std::string counted(std::uint64_t count, const std::string& what) {
  return grouped(count) + " " + what + (count == 1 ? "" : "s");
}

std::string now_utc() {
  const auto now = std::chrono::time_point_cast<std::chrono::seconds>(
      std::chrono::system_clock::now());
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", now);
}

std::vector<ScenarioFile> read_scenarios(
    const std::vector<std::filesystem::path>& paths, const Options& options) {
  std::vector<ScenarioFile> files;
  std::vector<std::string> problems;
  for (const auto& path : paths) try {
      files.push_back(read_scenario(path));
    } catch (const BadScenario& bad) {
      problems.insert(problems.end(), bad.lines().begin(), bad.lines().end());
    }
  if (!problems.empty()) throw BadScenario(problems);
  for (ScenarioFile& file : files) {
    if (options.patients) file.scenario.cohort.patients = *options.patients;
    if (options.seed) file.scenario.cohort.seed = *options.seed;
  }
  return files;
}

void refuse_other_kind(const std::filesystem::path& output,
                       const std::map<std::string, std::string>& printed_by) {
  static const std::set<std::string> others{".csv",  ".md",   ".txt", ".json",
                                            ".toml", ".html", ".pdf", ".png",
                                            ".svg",  ".xlsx"};
  const std::string ending = output.extension().string();
  if (others.count(ending) == 0) return;
  const auto option = printed_by.find(ending);
  throw BadUsage(fmt::format(
      "-o {} would be HDF5: name a file .h5{}", output.string(),
      option == printed_by.end()
          ? ""
          : ", or write " + option->second + " > " + output.string()));
}

void refuse_to_overwrite(const std::filesystem::path& output,
                         const std::vector<std::filesystem::path>& read,
                         const std::string& what, const std::string& ending) {
  for (const auto& path : read) {
    std::error_code missing;
    if (std::filesystem::equivalent(output, path, missing))
      throw BadUsage("-o " + output.string() + " is " + what +
                     "; name another, such as " + path.stem().string() +
                     ending);
  }
}

std::string unsourced_note(const Scenario& scenario) {
  const auto keys = unsourced(scenario);
  if (keys.empty()) return "";
  std::string text =
      fmt::format("\nNumbers without a source: {}\n", keys.size());
  for (const std::string& key : keys) text += "  " + key + "\n";
  return text;
}

std::size_t index_of(const std::vector<std::string>& names,
                     const std::string& name, const std::string& what) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end())
    return static_cast<std::size_t>(found - names.begin());
  throw BadUsage(fmt::format("{} {} is not in the scenario, which has {}{}",
                             what, in_quotes(name), listed(names),
                             suggestion(name, names)));
}

Twin twin_of(const Law& law) {
  try {
    return {expect(law), ""};
  } catch (const std::domain_error& beyond) {
    return {std::nullopt, beyond.what()};
  }
}

Simulated simulate_cohort(const Scenario& scenario, const Law& law,
                          const Options& options, const InterruptWatch& watch) {
  OneRank alone;
  return simulate_cohort(scenario, law, options, watch, {alone, {}, {}, {}});
}

Simulated simulate_cohort(const Scenario& scenario, const Law& law,
                          const Options& options, const InterruptWatch& watch,
                          const Sharing& sharing) {
  if (options.until)
    return simulate_until(scenario, law, options, watch, sharing);
  ProgressLine line(scenario.cohort.patients,
                    scenario_in_front(scenario, options));
  SharedCohort cohort(scenario, law, options, watch, sharing, line);
  cohort.grow(scenario.cohort.patients);
  return {std::move(cohort.total()), cohort.facts(), {}};
}

std::string precision_note(const Options& options, const Simulated& simulated) {
  const PrecisionResult& until = *simulated.until;
  const std::string patients = counted(simulated.tally.patients, "patient");
  const std::string value = std::isnan(until.precision.value)
                                ? "not to be had"
                                : fmt::format("{:.4g}", until.precision.value);
  if (until.is_reached)
    return fmt::format("Reached {}: {} with {}\n", *options.until, value,
                       patients);
  return fmt::format(
      "Not reached: {}: {} with {}{}; --max-patients allows "
      "more\n",
      *options.until, value, patients, words_for(until.precision.doubt));
}

Provenance provenance_of(const ScenarioFile& file, const Law& law,
                         const RunFacts& facts) {
  const Build build = this_build();
  Provenance made;
  made.program_version = build.version;
  made.commit = build.commit;
  made.compiler = build.compiler;
  made.scenario_file = file.path.string();
  made.scenario_text = file.text;
  made.law_sha256 = sha256(bytes_of(law));
  made.cohort_sha256 = cohort_sha256(law);
  made.instruction_set = facts.instruction_set;
  made.threads = facts.threads;
  made.seed = file.scenario.cohort.seed;
  return made;
}

std::string data_files_of(const ScenarioFile& file) {
  std::string text;
  for (const auto& data : file.data_files)
    text += fmt::format("{}{} {}", text.empty() ? "" : "; ", data.name,
                        data.sha256);
  return text;
}

std::string cohort_sha256(const Law& law) {
  return sha256(cohort_bytes_of(law));
}

}  // namespace stardsim
