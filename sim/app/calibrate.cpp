#include "sim/app/calibrate.hpp"

#include "models/variant_law.hpp"
#include "sim/analysis/calibration.hpp"
#include "sim/analysis/published.hpp"
#include "sim/app/runner.hpp"
#include "sim/app/sheet.hpp"
#include "sim/app/tables.hpp"
#include "sim/core/parallel.hpp"
#include "sim/core/simulate.hpp"
#include "sim/io/atomic_file.hpp"
#include "sim/io/overlay.hpp"
#include "sim/io/targets_reader.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <utility>

namespace stardsim {
namespace {

using Json = nlohmann::ordered_json;
using Rows = std::vector<std::vector<double>>;

constexpr std::uint64_t usual_patients = 20'000;
constexpr double few_effective = 100;

// ---- simulation ----

/// The scenario with other values, simulated on the same patients with the same
/// luck.
class Simulator {
 public:
  Simulator(const ScenarioFile& file, const TargetsFile& targets,
            const Options& options, const InterruptWatch& watch)
      : scenario_(looked_at(file.scenario, targets)),
        laws_(scenario_),
        watch_(watch),
        threads_(options.threads) {
    for (const FreeParameter& free : targets.parameters)
      keys_.push_back(free.parameter.evidence.key);
  }

  /// Of the scenario as it is.
  std::vector<BesidePublished> before() const {
    return beside_published(scenario_, tally(laws_.base(), threads_));
  }

  std::vector<std::vector<SimulatedTarget>> operator()(const Rows& rows) const {
    std::vector<std::vector<SimulatedTarget>> all(rows.size());
    // Of one row the patients are shared among the threads, else the rows.
    if (rows.size() == 1) {
      all[0] = at(rows[0], threads_);
      return all;
    }
    const std::function<void(std::uint64_t)> simulate_row =
        [&](std::uint64_t row) { all[row] = at(rows[row], 1); };
    in_parallel(rows.size(),
                {threads_, [this] { return watch_.interrupted(); }, {}},
                [&] { return std::make_unique<RowWorker>(simulate_row); });
    return all;
  }

 private:
  class RowWorker : public Worker {
   public:
    explicit RowWorker(const std::function<void(std::uint64_t)>& row)
        : row_(row) {}
    void work(std::uint64_t row) override { row_(row); }

   private:
    const std::function<void(std::uint64_t)>& row_;
  };

  // Beside the targets, not beside the figures of the scenario; of the pathways
  // those that targets look at, and the reference: luck and rates are the same
  // without the others.
  static Scenario looked_at(Scenario scenario, const TargetsFile& targets) {
    scenario.published.clear();
    for (const Target& target : targets.targets)
      scenario.published.push_back(target.figure);
    std::vector<Pathway> kept;
    std::size_t reference = 0;
    for (std::size_t p = 0; p < scenario.pathways.size(); ++p) {
      bool is_kept = p == scenario.reference;
      for (const Target& target : targets.targets)
        is_kept = is_kept || target.figure.pathway == p;
      if (!is_kept) continue;
      if (p == scenario.reference) reference = kept.size();
      for (std::size_t t = 0; t < targets.targets.size(); ++t)
        if (targets.targets[t].figure.pathway == p)
          scenario.published[t].pathway = kept.size();
      kept.push_back(scenario.pathways[p]);
    }
    scenario.pathways = std::move(kept);
    scenario.reference = reference;
    return scenario;
  }

  Tally tally(const Law& law, int threads) const {
    RunOptions run;
    run.patients = scenario_.cohort.patients;
    run.luck.seed = scenario_.cohort.seed;
    run.threads = threads;
    run.stop = [this] { return watch_.interrupted(); };
    return simulate(law, run);
  }

  std::vector<SimulatedTarget> at(const std::vector<double>& values,
                                  int threads) const {
    std::vector<Setting> settings;
    for (std::size_t i = 0; i < values.size(); ++i)
      settings.push_back({keys_[i], values[i]});
    std::vector<SimulatedTarget> found;
    try {
      const Scenario variant = with(scenario_, settings);
      for (const BesidePublished& row : beside_published(
               variant,
               tally(laws_.compile(variant, Intercepts::solved), threads)))
        found.push_back({row.simulated, row.simulated_se});
    } catch (const std::invalid_argument&) {
      return {};  // these values may not stand there together
    }
    return found;
  }

  Scenario scenario_;
  VariantLaws laws_;
  std::vector<std::string> keys_;
  const InterruptWatch& watch_;
  int threads_;
};

// ---- what is told ----

/// One calibration with what it was made of.
struct Done {
  const ScenarioFile& file;
  const std::filesystem::path& targets_path;
  const TargetsFile& targets;
  std::vector<BesidePublished> before;
  bool at_mode;
  Calibration found;
};

/// What the calibrated scenario has.
double value_of(const Done& done, std::size_t i) {
  const PosteriorParameter& one = done.found.parameters[i];
  return done.at_mode ? one.mode : one.mean;
}

std::string key_of(const Done& done, std::size_t i) {
  return done.targets.parameters[i].parameter.evidence.key;
}

Sheet parameter_sheet(const Done& done) {
  Sheet sheet{"Parameters",
              {"", "prior", "before", "mean", "95 % interval", "sd", "mode",
               "sd / prior"},
              {},
              2,
              "mean, interval, sd: of the posterior; the interval is of the "
              "parameter (credible), no Monte Carlo error.\nsd / prior: near 1 "
              "where the targets say nothing of a parameter. mode: the best "
              "fit of all together."};
  for (std::size_t i = 0; i < done.found.parameters.size(); ++i) {
    const PosteriorParameter& one = done.found.parameters[i];
    const FreeParameter& free = done.targets.parameters[i];
    const int decimals = decimals_worth(one.sd);
    const auto shown = [&](double number) {
      return with_decimals(number, decimals);
    };
    sheet.rows.push_back({key_of(done, i), in_words(free.prior),
                          shown(free.parameter.evidence.value), shown(one.mean),
                          shown(one.low) + " to " + shown(one.high),
                          shown(one.sd), shown(one.mode),
                          with_decimals(one.sd_ratio, 2)});
  }
  return sheet;
}

/// How a target is shown: fractions in per cent.
std::pair<double, std::string> scale_of(const Published& figure,
                                        const std::string& unit) {
  using What = Published::What;
  switch (figure.what) {
    case What::outcome:
    case What::difference:
    case What::icer:
      return {1, unit == "1" ? "" : ", " + unit};
    default:
      return {100, ", %"};
  }
}

Sheet target_sheet(const Done& done, bool held_out) {
  Sheet sheet{
      held_out ? "Targets held out: not fitted" : "Targets",
      {"", "", "published (95 %)", "before", "fitted (se)", "posterior 95 %",
       "z"},
      {},
      2,
      held_out ? "z: fitted less published beyond its rounding, in standard "
                 "errors of the publication, the simulation and the "
                 "posterior together."
               : fmt::format("fitted: simulated with the {}; se: Monte Carlo "
                             "error. z: fitted less published beyond its\n"
                             "rounding, in standard errors of the "
                             "publication and the simulation.",
                             done.at_mode ? "mode" : "posterior means")};
  for (std::size_t t = 0; t < done.targets.targets.size(); ++t) {
    const Target& target = done.targets.targets[t];
    if (target.held_out != held_out) continue;
    const TargetFit& fit = done.found.targets[t];
    const BesidePublished& before = done.before[t];
    const auto [scale, unit] = scale_of(target.figure, before.unit);
    // A figure held out may have no error of its own.
    const double error = before.published_se > 0 ? before.published_se
                                                 : (fit.high - fit.low) / 4;
    const int decimals = decimals_worth(error * scale);
    const auto shown = [decimals, factor = scale](double number) {
      return with_decimals(factor * number, decimals);
    };
    std::string published = shown(before.published);
    if (!std::isnan(before.published_low))
      published += fmt::format(" ({} to {})", shown(before.published_low),
                               shown(before.published_high));
    sheet.rows.push_back(
        {target.figure.label + unit, fit.inside ? "inside" : "outside",
         std::move(published), shown(before.simulated),
         fmt::format("{} ({})", shown(fit.fitted), shown(fit.fitted_se)),
         fmt::format("{} to {}", shown(fit.low), shown(fit.high)),
         with_decimals(fit.z, 1)});
  }
  return sheet;
}

/// Pairs that go together, the closest first.
Sheet correlation_sheet(const Done& done) {
  constexpr double least = 0.3;
  constexpr std::size_t most = 12;
  struct Pair {
    double correlation;
    std::size_t a, b;
  };
  std::vector<Pair> pairs;
  const auto& correlation = done.found.correlation;
  for (std::size_t b = 1; b < correlation.size(); ++b)
    for (std::size_t a = 0; a < b; ++a)
      if (std::fabs(correlation[a][b]) >= least)
        pairs.push_back({correlation[a][b], a, b});
  std::stable_sort(pairs.begin(), pairs.end(), [](auto& one, auto& other) {
    return std::fabs(one.correlation) > std::fabs(other.correlation);
  });
  Sheet sheet{"Parameters that go together in the posterior",
              {"", "", "correlation"},
              {},
              2,
              "Correlations of 0.3 and more; the targets fix such pairs better "
              "together than each alone."};
  for (std::size_t i = 0; i < std::min(pairs.size(), most); ++i)
    sheet.rows.push_back({key_of(done, pairs[i].a), key_of(done, pairs[i].b),
                          with_decimals(pairs[i].correlation, 2)});
  return sheet;
}

std::vector<std::string> warnings_of(const Done& done) {
  constexpr double nearly_prior = 0.9, at_an_end = 0.05, much_lost = 1;
  std::vector<std::string> warnings = done.targets.warnings;
  const Calibration& found = done.found;
  if (found.effective_sample < few_effective)
    warnings.push_back(fmt::format(
        "the importance sample is worth {:.0f} independent draws only: take "
        "means and intervals with care; narrower priors or fewer parameters "
        "help",
        found.effective_sample));
  if (found.starts_agree < found.starts)
    warnings.push_back(fmt::format(
        "{} of {} searches came to the best fit: there may be several",
        found.starts_agree, found.starts));
  if (!done.at_mode && !(found.lost_by_means < much_lost))
    warnings.push_back(fmt::format(
        "the means together fit worse than the mode (log likelihood less by "
        "{:.1f}): the posterior bends; --mode shows and writes the mode",
        found.lost_by_means));
  for (std::size_t i = 0; i < found.parameters.size(); ++i) {
    const PosteriorParameter& one = found.parameters[i];
    if (one.sd_ratio > nearly_prior)
      warnings.push_back(key_of(done, i) +
                         ": the targets say nearly nothing of it; its "
                         "posterior is its prior");
    else if (one.place_in_prior < at_an_end ||
             one.place_in_prior > 1 - at_an_end)
      warnings.push_back(key_of(done, i) +
                         ": at the end of its prior; the targets would have "
                         "it beyond");
  }
  return warnings;
}

std::string text_of(const Done& done, const std::string& written) {
  const Screen screen = standard_output();
  const Scenario& scenario = done.file.scenario;
  const auto is_held_out = [](const Target& one) { return one.held_out; };
  const auto& targets = done.targets.targets;
  const auto held_out = static_cast<std::uint64_t>(
      std::count_if(targets.begin(), targets.end(), is_held_out));
  std::string text = fmt::format(
      "{}\n{}: {} calibrated to {} of {}\n{} simulated for each of {} sets of "
      "values, seed {}; effective sample {:.0f}\n",
      screen.bold(scenario.title), done.file.path.string(),
      counted(done.found.parameters.size(), "parameter"),
      counted(targets.size() - held_out, "target"), done.targets_path.string(),
      counted(scenario.cohort.patients, "patient"), grouped(done.found.rows),
      scenario.cohort.seed, done.found.effective_sample);
  text += as_text(parameter_sheet(done), screen) +
          as_text(target_sheet(done, false), screen);
  if (held_out > 0) text += as_text(target_sheet(done, true), screen);
  const Sheet pairs = correlation_sheet(done);
  if (!pairs.rows.empty()) text += as_text(pairs, screen);
  const auto warnings = warnings_of(done);
  if (!warnings.empty()) text += "\n";
  for (const std::string& warning : warnings) text += "Note: " + warning + "\n";
  return text + written;
}

Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

std::string json_of(const Done& done, const Options& options) {
  const Calibration& found = done.found;
  Json document;
  document["scenario_file"] = done.file.path.string();
  document["targets_file"] = done.targets_path.string();
  document["patients"] = done.file.scenario.cohort.patients;
  document["seed"] = done.file.scenario.cohort.seed;
  document["sets_of_values"] = found.rows;
  document["effective_sample"] = number(found.effective_sample);
  document["saved"] =
      options.output ? Json(options.output->string()) : Json(nullptr);
  document["parameters"] = Json::array();
  for (std::size_t i = 0; i < found.parameters.size(); ++i) {
    const PosteriorParameter& one = found.parameters[i];
    const FreeParameter& free = done.targets.parameters[i];
    Json correlation = Json::array();
    for (const double r : found.correlation[i])
      correlation.push_back(number(r));
    document["parameters"].push_back(
        {{"key", key_of(done, i)},
         {"unit", free.parameter.unit},
         {"prior", in_words(free.prior)},
         {"before", number(free.parameter.evidence.value)},
         {"mean", number(one.mean)},
         {"sd", number(one.sd)},
         {"low", number(one.low)},
         {"high", number(one.high)},
         {"mode", number(one.mode)},
         {"sd_ratio", number(one.sd_ratio)},
         {"correlation", std::move(correlation)}});
  }
  document["targets"] = Json::array();
  for (std::size_t t = 0; t < found.targets.size(); ++t) {
    const Target& target = done.targets.targets[t];
    const TargetFit& fit = found.targets[t];
    const BesidePublished& before = done.before[t];
    document["targets"].push_back({{"name", target.figure.name},
                                   {"label", target.figure.label},
                                   {"unit", before.unit},
                                   {"held_out", target.held_out},
                                   {"published", number(before.published)},
                                   {"low", number(before.published_low)},
                                   {"high", number(before.published_high)},
                                   {"before", number(before.simulated)},
                                   {"fitted", number(fit.fitted)},
                                   {"fitted_se", number(fit.fitted_se)},
                                   {"posterior_low", number(fit.low)},
                                   {"posterior_high", number(fit.high)},
                                   {"z", number(fit.z)},
                                   {"inside", fit.inside}});
  }
  document["warnings"] = warnings_of(done);
  return document.dump(2) + "\n";
}

// ---- what is written ----

std::filesystem::path draws_path(const std::filesystem::path& output) {
  return output.parent_path() / (output.stem().string() + "_draws.csv");
}

/// As in `file`, from the folder of `from`.
std::string relative_to(const std::filesystem::path& file,
                        const std::filesystem::path& from) {
  namespace fs = std::filesystem;
  const fs::path folder = from.has_parent_path() ? from.parent_path() : ".";
  return fs::relative(file, folder).generic_string();
}

std::string draws_text(const Done& done) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < done.found.parameters.size(); ++i)
    words.push_back(key_of(done, i));
  std::string text = csv_line(words);
  for (const auto& draw : done.found.draws) {
    words.clear();
    for (const double value : draw) words.push_back(fmt::format("{}", value));
    text += csv_line(words);
  }
  return text;
}

/// In as many digits as its spread is worth, and two more.
double rounded(double value, double sd) {
  return std::stod(fmt::format("{:.{}f}", value, decimals_worth(sd) + 2));
}

std::string scenario_text(const Done& done, const std::filesystem::path& output,
                          const Document& document) {
  const std::string targets = relative_to(done.targets_path, output);
  std::vector<NewNumber> numbers;
  std::string columns;
  for (std::size_t i = 0; i < done.found.parameters.size(); ++i) {
    const PosteriorParameter& one = done.found.parameters[i];
    const std::string key = toml_string(key_of(done, i));
    numbers.push_back(
        {key_of(done, i), rounded(value_of(done, i), one.sd),
         rounded(std::min(one.low, value_of(done, i)), one.sd),
         rounded(std::max(one.high, value_of(done, i)), one.sd),
         fmt::format("Calibrated to {}: {} and 95 % interval of the posterior",
                     targets, done.at_mode ? "mode" : "mean"),
         fmt::format("mean {:.4g}, sd {:.3g}, mode {:.4g}; before: {}",
                     one.mean, one.sd, one.mode,
                     done.targets.parameters[i].parameter.evidence.value)});
    columns += (columns.empty() ? "" : ", ") + key + " = " + key;
  }
  std::string text = fmt::format(
      "# {}, calibrated to {}:\n# {}, {} of {} patients each, seed {}.\n"
      "# The draws of the posterior, {} rows, are in {}.\n\n"
      "extends = {}\n\n[scenario]\ntitle = {}\n",
      done.file.path.filename().string(), done.targets_path.filename().string(),
      counted(done.found.parameters.size(), "parameter"),
      counted(done.found.rows, "set") + " of values",
      grouped(done.file.scenario.cohort.patients),
      done.file.scenario.cohort.seed, done.found.draws.size(),
      draws_path(output).filename().string(),
      toml_string(relative_to(done.file.path, output)),
      toml_string(done.file.scenario.title + " (calibrated)"));
  text += fmt::format("\n[uncertainty]\ndraws = {}\n", done.found.draws.size());
  if (!done.file.scenario.uncertainty)
    text +=
        "\n[uncertainty.fixed]\n\"*\" = \"Not calibrated, and no uncertainty "
        "is "
        "stated\"\n";
  text += fmt::format(
      "\n[uncertainty.external.calibration]\nfile = {}\ncolumns = {{ {} }}\n",
      toml_string(draws_path(output).filename().string()), columns);
  return text + overlay(document, scenario_merges, numbers);
}

void write(const std::filesystem::path& path, const std::string& text) {
  write_atomically(path, std::as_bytes(std::span(text)));
}

// What is set together with others, or in another unit than it is stored in,
// cannot be put back into a file.
void require_numbers(const Document& document, const TargetsFile& targets) {
  for (const FreeParameter& free : targets.parameters) {
    const Evidence& evidence = free.parameter.evidence;
    const auto number = number_at(document, evidence.key);
    if (!number || *number != evidence.value)
      throw BadUsage(evidence.key +
                     ": is not written in the scenario as a number of its own, "
                     "so that -o cannot write another; leave out -o");
  }
}

void check_output(const Options& options, const ScenarioFile& file,
                  const TargetsFile& targets) {
  const std::filesystem::path& output = *options.output;
  if (output.extension() != ".toml")
    throw BadUsage("-o " + output.string() +
                   " would be a scenario: name a file .toml");
  for (const auto& written : {output, draws_path(output)}) {
    refuse_to_overwrite(written, file.files, "a file of the scenario",
                        "_calibrated.toml");
    refuse_to_overwrite(written, targets.files, "the targets file",
                        "_calibrated.toml");
    require_writable(written);
  }
}

}  // namespace

void calibrate(const Options& options) {
  ScenarioFile file =
      std::move(read_scenarios(options.scenarios, options).front());
  if (!options.patients) file.scenario.cohort.patients = usual_patients;
  const TargetsFile targets = read_targets(options.targets, file.scenario);
  Problems problems;
  const Document document = read_document(file.path, scenario_merges, problems);
  if (options.output) {
    check_output(options, file, targets);
    require_numbers(document, targets);
  }
  const InterruptWatch watch;
  const Simulator simulator(file, targets, options, watch);
  Done done{file, options.targets, targets, simulator.before(), options.at_mode,
            {}};
  {
    ProgressLine line(0, "calibrating");
    CalibrationOptions search;
    if (options.draws && *options.draws) search.draws = **options.draws;
    search.at_mode = options.at_mode;
    search.seed = file.scenario.cohort.seed;
    search.progress = [&](std::uint64_t rows) {
      line.show(rows * file.scenario.cohort.patients);
    };
    try {
      done.found = calibrate(
          targets.parameters, targets.targets,
          [&](const Rows& rows) { return simulator(rows); }, search);
    } catch (const std::invalid_argument& error) {
      throw BadUsage(options.targets.string() + ": " + error.what());
    }
  }
  std::string written =
      "\nNot saved: -o FILE.toml keeps the calibrated "
      "scenario and the draws.\n";
  if (options.output) {
    write(draws_path(*options.output), draws_text(done));
    write(*options.output, scenario_text(done, *options.output, document));
    written = fmt::format("\nSaved in {} and {}\n", options.output->string(),
                          draws_path(*options.output).string());
  }
  print(options.json ? json_of(done, options) : text_of(done, written));
}

}  // namespace stardsim
