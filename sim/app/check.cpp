#include "sim/app/check.hpp"

#include "models/law.hpp"
#include "sim/analysis/black_box.hpp"
#include "sim/analysis/published.hpp"
#include "sim/app/console.hpp"
#include "sim/app/runner.hpp"
#include "sim/app/sheet.hpp"
#include "sim/app/tables.hpp"
#include "sim/app/version.hpp"
#include "sim/io/atomic_file.hpp"
#include "sim/io/embedded.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <system_error>

namespace stardsim {
namespace {

using Clock = std::chrono::steady_clock;
namespace fs = std::filesystem;

constexpr std::uint64_t usual_patients = 100'000;
/// Of the whole run: that a program without fault fails a check.
constexpr double false_alarm = 1e-4;
/// The check of a whole scenario, nothing taken out.
constexpr const char* whole_twin = "as the exact twin";

/// A folder that is removed, with all in it, at the end of scope.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::error_code none;
    std::string name =
        (fs::temp_directory_path(none) / "stardsim-XXXXXX").string();
    if (none || mkdtemp(name.data()) == nullptr)
      throw CannotWrite(
          "cannot make a folder for temporary files: " +
          (none ? none.message() : std::generic_category().message(errno)));
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  void write(const fs::path& name, std::string_view text) const {
    std::error_code ignored;
    fs::create_directories((path_ / name).parent_path(), ignored);
    std::ofstream file(path_ / name, std::ios::binary);
    file.write(text.data(), static_cast<std::streamsize>(text.size()));
    if (!file.flush())
      throw CannotWrite("cannot write " + (path_ / name).string());
  }
  fs::path path() const { return path_; }

 private:
  fs::path path_;
};

struct Subject {
  ScenarioFile file;
  std::string name;
  /// Whether the published figures that it was not made from are to be met.
  bool reproduces = false;
};

std::vector<Subject> embedded_subjects(const Options& options) {
  const TemporaryFolder folder;
  std::vector<fs::path> paths;
  const Embedded scenarios = embedded::scenarios();
  for (const EmbeddedFile& file : scenarios.files) {
    folder.write(file.path, file.text);
    const fs::path path = file.path;
    if (path.extension() == ".toml") paths.push_back(folder.path() / path);
  }
  std::vector<Subject> subjects;
  for (ScenarioFile& file : read_scenarios(paths, options)) {
    const std::string name = file.path.stem().string();
    subjects.push_back({std::move(file), name, name != "ect_timing"});
  }
  return subjects;
}

std::vector<Subject> subjects_of(const Options& options) {
  if (options.scenarios.empty()) return embedded_subjects(options);
  std::vector<Subject> subjects;
  for (ScenarioFile& file : read_scenarios(options.scenarios, options)) {
    const std::string name = file.path.stem().string();
    subjects.push_back({std::move(file), name, false});
  }
  return subjects;
}

struct Row {
  std::size_t place;  ///< of the check among all
  std::string group, check, scenario;
  Finding found;
  double seconds = 0;
  bool is_judged = true;

  /// Whether any figure could be compared.
  bool is_told() const { return found.not_told < found.figures; }
  bool counts() const { return is_judged && is_told(); }
  bool holds(double bound) const {
    return found.is_exact && std::abs(found.z) <= bound;
  }
  std::string verdict(double bound) const {
    if (!is_told()) return "not told";
    if (!is_judged) return "reported";
    return holds(bound) ? "passed" : "FAILED";
  }
  /// "2 of 8 could not be told: too few patients or no known error", or "".
  std::string not_told() const {
    if (found.not_told == 0) return "";
    return fmt::format(
        "{} of {} could not be told: too few patients or no "
        "known error",
        found.not_told, found.figures);
  }
  std::string detail() const {
    const std::string& farthest =
        found.inequality.empty() ? found.worst : found.inequality;
    return farthest.empty() || found.not_told == 0
               ? farthest + not_told()
               : farthest + "; " + not_told();
  }
};

/// What is not checked in a scenario.
struct Untested {
  std::string scenario;
  std::vector<std::string> checks;  ///< that it has nothing for
  /// What is taken out where it is simplified, unless all of it has a twin.
  std::vector<std::string> taken_out;
};

/// A figure that nobody of the run came to says neither; nor does one whose
/// error is not known, where the publication's does not count.
bool is_told(const BesidePublished& one) {
  return !std::isnan(one.z) &&
         !(std::isinf(one.z) && std::isnan(one.simulated_se));
}

/// The published figures of the scenario, from which it was made or not.
Finding beside(const Scenario& scenario, const Tally& tally, bool inputs) {
  const auto figures = beside_published(scenario, tally);
  Finding found;
  found.patients = tally.patients;
  for (std::size_t i = 0; i < figures.size(); ++i) {
    const Published& stated = scenario.published[i];
    if (stated.is_input != inputs) continue;
    ++found.figures;
    const BesidePublished& one = figures[i];
    if (!is_told(one)) {
      ++found.not_told;
      continue;
    }
    ++found.by_luck;
    if (!found.worst.empty() && std::abs(one.z) <= std::abs(found.z)) continue;
    found.z = one.z;
    found.worst = fmt::format("{}: {:.4g}, published {:.4g}", stated.label,
                              one.simulated, one.published);
  }
  return found;
}

class Checks {
 public:
  Checks(const Options& options, const InterruptWatch& watch)
      : simulate_([&](const Law& law, const RunOptions& asked) {
          RunOptions run = asked;
          if (run.threads == 0) run.threads = options.threads;
          run.stop = [&] { return watch.interrupted(); };
          return simulate(law, run);
        }),
        patients_(options.patients.value_or(usual_patients)),
        few_(std::max<std::uint64_t>(patients_ / 10, 1000)) {}

  void add(const Subject& subject) {
    const Scenario& scenario = subject.file.scenario;
    const Bench bench{scenario, patients_, few_, simulate_};
    untested_.push_back({subject.name, {}, {}});
    std::size_t place = 0;
    for (const BlackBoxCheck& check : black_box_checks())
      add(subject, {place++, check.group, check.name},
          [&] { return check.run(bench); });
    const auto& unchecked = untested_.back().checks;
    if (std::find(unchecked.begin(), unchecked.end(), whole_twin) !=
        unchecked.end())
      untested_.back().taken_out = taken_out_of(scenario);
    if (scenario.published.empty()) {
      untested_.back().checks.emplace_back("published figures");
      return;
    }
    RunOptions run;
    run.patients = patients_;
    run.luck.seed = scenario.cohort.seed;
    const Tally tally = simulate_(compile(scenario), run);
    const auto beside_those = [&](bool inputs) {
      return [&, inputs] {
        return std::optional(beside(scenario, tally, inputs));
      };
    };
    const char* const group = "Published figures";
    add(subject, {place++, group, "figures it was made from"},
        beside_those(true));
    add(subject, {place++, group, "other figures", subject.reproduces},
        beside_those(false));
  }

  const std::vector<Row>& rows() const { return rows_; }
  const std::vector<Untested>& untested() const { return untested_; }
  std::uint64_t patients() const { return patients_; }
  std::uint64_t few() const { return few_; }

 private:
  struct Kind {
    std::size_t place;
    std::string group, name;
    bool is_judged = true;
  };

  template <class Run>
  void add(const Subject& subject, const Kind& kind, const Run& run) {
    show(subject.name + ": " + kind.name);
    const auto begin = Clock::now();
    const std::optional<Finding> found = run();
    show("");
    if (!found || found->figures == 0) {
      untested_.back().checks.push_back(kind.name);
      return;
    }
    const std::chrono::duration<double> seconds = Clock::now() - begin;
    rows_.push_back({kind.place, kind.group, kind.name, subject.name, *found,
                     seconds.count(), kind.is_judged});
  }

  // What is being done, on a terminal.
  void show(const std::string& what) const {
    if (isatty(STDERR_FILENO) != 1) return;
    fmt::print(stderr, "\r\033[K{}", what);
    std::fflush(stderr);
  }

  std::function<Tally(const Law&, const RunOptions&)> simulate_;
  std::uint64_t patients_, few_;
  std::vector<Row> rows_;
  std::vector<Untested> untested_;
};

/// What has been found, and how it is judged.
struct Verdict {
  std::vector<Row> rows;  ///< by group, then by check
  std::size_t by_luck = 0, judged = 0, failed = 0, not_told = 0;
  double bound = 0, seconds = 0;

  explicit Verdict(std::vector<Row> found) : rows(std::move(found)) {
    std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
      return a.place < b.place;
    });
    for (const Row& row : rows) {
      seconds += row.seconds;
      if (!row.is_told()) ++not_told;
      if (!row.counts()) continue;
      ++judged;
      by_luck += row.found.by_luck;
    }
    bound = bound_for(by_luck, false_alarm);
    for (const Row& row : rows)
      if (row.counts() && !row.holds(bound)) ++failed;
  }
};

std::string z_of(const Row& row) {
  if (!row.is_told()) return "-";
  return row.found.by_luck == 0 ? "exact"
                                : with_decimals(std::abs(row.found.z), 1);
}

std::vector<Sheet> sheets_of(const Verdict& verdict, bool with_details) {
  std::vector<Sheet> sheets;
  for (const Row& row : verdict.rows) {
    if (sheets.empty() || sheets.back().title != row.group) {
      Sheet sheet;
      sheet.title = row.group;
      sheet.header = {"Check",   "Scenario",  "Result", "Patients",
                      "Figures", "Largest z", "Seconds"};
      sheet.words = 3;
      if (with_details) {
        sheet.header.insert(sheet.header.begin() + 3, "Farthest figure");
        sheet.words = 4;
      }
      sheets.push_back(sheet);
    }
    std::vector<std::string> cells{row.check,
                                   row.scenario,
                                   row.verdict(verdict.bound),
                                   grouped(row.found.patients),
                                   grouped(row.found.figures),
                                   z_of(row),
                                   fmt::format("{:.2f}", row.seconds)};
    if (with_details) cells.insert(cells.begin() + 3, row.detail());
    sheets.back().rows.push_back(cells);
  }
  return sheets;
}

std::string as_csv(const Verdict& verdict) {
  std::string text =
      csv_line({"group", "check", "scenario", "result", "patients", "figures",
                "largest_z", "farthest_figure", "seconds"});
  for (const Row& row : verdict.rows)
    text += csv_line(
        {row.group, row.check, row.scenario, row.verdict(verdict.bound),
         std::to_string(row.found.patients), std::to_string(row.found.figures),
         row.found.by_luck == 0 ? "" : fmt::format("{}", row.found.z),
         row.detail(), fmt::format("{:.3f}", row.seconds)});
  return text;
}

std::string how_judged(const Verdict& verdict, const Checks& checks) {
  return fmt::format(
      "\nWhere probabilities are compared, on {} patients, all {} figures "
      "together must lie\nwithin {:.2f} standard errors: without a fault one "
      "seed in {} fails (Bonferroni).\nStandard errors are those of the run "
      "(Monte Carlo); of published figures that the scenario\ndoes not hold "
      "itself, those of the publication too.\nAll else, on {} patients, must "
      "be "
      "equal.\n",
      grouped(checks.patients()), grouped(verdict.by_luck), verdict.bound,
      grouped(static_cast<std::uint64_t>(std::llround(1 / false_alarm))),
      grouped(checks.few()));
}

/// Lines of at most 100 characters, the further ones set in.
std::string wrapped(const std::string& text) {
  std::string lines;
  std::size_t width = 0;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (width > 0 && width + 1 + word.size() > 100) {
      lines += "\n  ";
      width = 2;
    } else if (width > 0) {
      lines += " ";
      ++width;
    }
    lines += word;
    width += word.size();
  }
  return lines + "\n";
}

/// What the table does not say.
std::string not_tested(const Verdict& verdict, const Checks& checks,
                       bool markdown) {
  std::string text;
  const auto add = [&](const std::string& line) {
    text += markdown ? "- " + line + "\n" : wrapped(line);
  };
  for (const Row& row : verdict.rows)
    if (row.found.not_told > 0)
      add(fmt::format("{}, {}: {}.", row.scenario, row.check, row.not_told()));
  for (const Untested& one : checks.untested()) {
    if (one.checks.empty()) continue;
    std::string line = fmt::format("Not tested in {}: {}", one.scenario,
                                   fmt::join(one.checks, "; "));
    if (!one.taken_out.empty())
      line += fmt::format(". Taken out where it is simplified: {}",
                          fmt::join(one.taken_out, ", "));
    add(line + ".");
  }
  return text.empty() ? "" : "\n" + text;
}

std::string failures_of(const Verdict& verdict) {
  std::string text;
  for (const Row& row : verdict.rows) {
    if (!row.counts() || row.holds(verdict.bound)) continue;
    text += fmt::format("FAILED {}: {}, {}: {}", row.scenario, row.group,
                        row.check, row.detail());
    if (row.found.is_exact) text += fmt::format(" (z = {:.1f})", row.found.z);
    text += "\n";
  }
  return text.empty() ? "" : "\n" + text;
}

std::string summary_of(const Verdict& verdict) {
  const Build build = this_build();
  return fmt::format(
      "\n{}, {}{} ({:.0f} s); stardsim {}, commit {}\n",
      counted(verdict.judged, "check"),
      verdict.failed == 0 ? "all passed" : grouped(verdict.failed) + " FAILED",
      verdict.not_told == 0 ? ""
                            : fmt::format("; {} not told", verdict.not_told),
      verdict.seconds, build.version, build.commit);
}

}  // namespace

void check(const Options& options) {
  const InterruptWatch watch;
  Checks checks(options, watch);
  for (const Subject& subject : subjects_of(options)) checks.add(subject);
  const Verdict verdict(checks.rows());
  if (options.format == TableFormat::csv) {
    print(as_csv(verdict));
  } else {
    const bool markdown = options.format == TableFormat::markdown;
    for (const Sheet& sheet : sheets_of(verdict, markdown))
      print(markdown ? as_markdown(sheet) : as_text(sheet));
    print(how_judged(verdict, checks) + not_tested(verdict, checks, markdown) +
          failures_of(verdict) + summary_of(verdict));
  }
  if (verdict.failed > 0)
    throw std::runtime_error(fmt::format("{} of {} failed", verdict.failed,
                                         counted(verdict.judged, "check")));
}

}  // namespace stardsim
