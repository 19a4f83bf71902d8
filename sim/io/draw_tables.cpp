#include "sim/io/draw_tables.hpp"

#include "models/measure.hpp"
#include "sim/io/measure_axis.hpp"
#include "sim/io/netcdf_file.hpp"
#include "sim/io/result_file.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace stardsim {
namespace {

using Numbers = std::vector<double>;
using Texts = std::vector<std::string>;
using Names = std::vector<std::string>;

constexpr const char* of_95 =
    " of the 95 % credible interval: the uncertainty of the scenario's numbers";

std::vector<std::int32_t> count_from(std::int32_t first, std::size_t size) {
  std::vector<std::int32_t> numbers(size);
  std::iota(numbers.begin(), numbers.end(), first);
  return numbers;
}

Scale draw_scale(const ProbabilisticRun& run) {
  return {"draw", count_from(1, run.draws),
          "uncertainty draw; 0 is the deterministic run, the rest of the file",
          "1"};
}

Scale pathway_scale(const ProbabilisticRun& run) {
  return {"pathway", run.pathways, "name of the pathway", ""};
}

Scale estimand_scale() {
  Texts names;
  for (std::size_t e = 0; e < estimand_count; ++e)
    names.emplace_back(name_of(static_cast<Estimand>(e)));
  return {"estimand", names, "name of the question that a number answers", ""};
}

Scale week_scale(const ProbabilisticRun& run) {
  return {"week", count_from(0, run.weeks), "week since entry, at its end",
          "weeks"};
}

// ---- /draws ----

Texts quantities(const ProbabilisticRun& run) {
  Texts names;
  for (const char* what : {"cost ", "effect "})
    for (const std::string& pathway : run.pathways)
      names.push_back(what + pathway);
  return names;
}

/// Adds a variable whose first dimension is the draw, of the `count` values of
/// a row from `part` on; `made_of` makes the values out of those.
template <class Value, class MakeOf>
void add_part(NetcdfGroup& group, const DrawRows& rows, std::size_t part,
              std::size_t count, const Variable& variable,
              const MakeOf& made_of) {
  const std::size_t bytes = std::max<std::size_t>(count, 1) * sizeof(double);
  group.add(variable, std::max<std::size_t>(most_read_at_once / bytes, 1),
            [&](std::size_t first, std::size_t draws) -> Values {
              return made_of(values_of_rows<Value>(
                  rows, static_cast<std::uint32_t>(first + 1),
                  static_cast<std::uint32_t>(draws), part, count));
            });
}

void add_numbers(NetcdfGroup& group, const DrawRows& rows, std::size_t part,
                 std::size_t count, const Variable& variable) {
  add_part<double>(group, rows, part, count, variable,
                   [](Numbers numbers) { return numbers; });
}

void add_decision_covariance(NetcdfGroup& group, const ProbabilisticRun& run,
                             const DrawRows& rows) {
  if (run.perspectives.empty()) return;
  group.add(
      Scale{"perspective", run.perspectives, "name of the perspective", ""});
  group.add(Scale{"quantity", quantities(run),
                  "cost or effect (QALYs), and the pathway", ""});
  // A dimension stands twice: netCDF wants two names.
  group.add(Scale{"other_quantity", quantities(run),
                  "cost or effect (QALYs), and the pathway", ""});
  add_numbers(group, rows, run.layout.decision_covariance, run.covariances(),
              {"decision_covariance",
               {"draw", "perspective", "quantity", "other_quantity"},
               Numbers{},
               "covariance of the means within the draw, by luck",
               ""});
}

void add_remission(NetcdfGroup& group, const ProbabilisticRun& run,
                   const DrawRows& rows) {
  add_part<std::uint32_t>(
      group, rows, run.layout.remitted, run.curve_weeks(),
      {"cumulative_remission",
       {"draw", "pathway", "estimand", "week"},
       Numbers{},
       "fraction of the draw's patients in remission by the end of the "
       "week in the sense of the estimand",
       "1"},
      [&](const std::vector<std::uint32_t>& counts) {
        Numbers shares;
        shares.reserve(counts.size());
        for (const std::uint32_t count : counts)
          shares.push_back(count / static_cast<double>(run.patients));
        return shares;
      });
}

void add_parameter_values(NetcdfGroup& group, const ProbabilisticRun& run,
                          const DrawRows& rows) {
  if (run.keys.empty()) return;
  group.add(Scale{"parameter", run.keys, "key of the parameter", ""});
  add_numbers(group, rows, run.layout.parameters, run.keys.size(),
              {"parameter_value",
               {"draw", "parameter"},
               Numbers{},
               "value of the parameter in the draw, in its unit "
               "(/uncertainty/parameters)",
               ""});
}

// ---- /uncertainty ----

void add_curves(NetcdfFile& file, const ProbabilisticRun& run,
                const ProbabilisticSummary& summary) {
  NetcdfGroup group = file.add_group("uncertainty/curves");
  group.add(pathway_scale(run));
  group.add(estimand_scale());
  group.add(week_scale(run));
  const auto add = [&](const std::string& name, const std::string& long_name,
                       Numbers CredibleBand::*part) {
    Numbers values;
    for (const CredibleBand& band : summary.bands)
      values.insert(values.end(), (band.*part).begin(), (band.*part).end());
    group.add({"cumulative_remission_" + name,
               {"pathway", "estimand", "week"},
               std::move(values),
               long_name,
               "1"});
  };
  add("mean", "mean of the draws", &CredibleBand::mean);
  add("low", std::string("lower end") + of_95 + ", corrected for luck",
      &CredibleBand::low);
  add("high", std::string("upper end") + of_95 + ", corrected for luck",
      &CredibleBand::high);
  add("low_naive", std::string("lower end") + of_95 + " and luck",
      &CredibleBand::low_naive);
  add("high_naive", std::string("upper end") + of_95 + " and luck",
      &CredibleBand::high_naive);
}

/// What is told of an outcome, and how.
struct Figure {
  const char *name, *long_name;
  double (*of)(const UncertainOutcome&);
};

constexpr Figure figures[] = {
    {"mean", "mean of the draws",
     [](const UncertainOutcome& one) { return one.spread.mean; }},
    {"sd",
     "standard deviation by the uncertainty of the scenario's numbers, "
     "corrected for luck",
     [](const UncertainOutcome& one) { return one.spread.sd; }},
    {"low", "lower end of the 95 % credible interval, corrected for luck",
     [](const UncertainOutcome& one) { return one.spread.low; }},
    {"high", "upper end of the 95 % credible interval, corrected for luck",
     [](const UncertainOutcome& one) { return one.spread.high; }},
    {"low_se", "standard error of low, of a finite number of draws",
     [](const UncertainOutcome& one) { return one.spread.low_se; }},
    {"high_se", "standard error of high, of a finite number of draws",
     [](const UncertainOutcome& one) { return one.spread.high_se; }},
    {"sd_naive", "standard deviation of the draws, by luck too",
     [](const UncertainOutcome& one) { return one.spread.sd_naive; }},
    {"deterministic", "what the scenario's own numbers give",
     [](const UncertainOutcome& one) { return one.stated; }},
    {"gap", "mean less deterministic",
     [](const UncertainOutcome& one) { return one.gap; }},
    {"gap_se", "Monte Carlo standard error of gap",
     [](const UncertainOutcome& one) { return one.gap_se; }},
};

void add_outcomes(NetcdfFile& file, const ProbabilisticRun& run,
                  const ProbabilisticSummary& summary) {
  NetcdfGroup group = file.add_group("uncertainty/outcomes");
  group.add(pathway_scale(run));
  group.add(measure_scale(run.measures));
  add_measure_coordinates(group, run.measures);
  const auto add = [&](const std::vector<UncertainOutcome>& outcomes,
                       const std::string& prefix, const std::string& ending) {
    for (const Figure& figure : figures) {
      Numbers values;
      for (const UncertainOutcome& one : outcomes)
        values.push_back(figure.of(one));
      group.add(of_measures(prefix + figure.name, {"pathway", "measure"},
                            figure.long_name + ending, std::move(values)));
    }
  };
  add(summary.outcomes, "", "");
  add(summary.differences, "difference_",
      ", of the difference from the reference pathway");
}

void add_parameters(NetcdfFile& file, const ProbabilisticSummary& summary,
                    const std::vector<DrawnParameter>& drawn) {
  if (drawn.empty()) return;
  Texts keys, distributions, units, sources;
  Numbers value, mean, sd, low, high;
  for (std::size_t k = 0; k < drawn.size(); ++k) {
    const Parameter& parameter = drawn[k].parameter;
    const CredibleSpread& spread = summary.parameters[k];
    keys.push_back(parameter.evidence.key);
    distributions.push_back(drawn[k].in_words);
    units.push_back(parameter.unit);
    sources.push_back(parameter.evidence.source);
    value.push_back(parameter.evidence.value);
    mean.push_back(spread.mean);
    sd.push_back(spread.sd);
    low.push_back(spread.low);
    high.push_back(spread.high);
  }
  NetcdfGroup group = file.add_group("uncertainty/parameters");
  group.add(Scale{"parameter", keys, "key of the parameter", ""});
  const Names along{"parameter"};
  group.add({"value", along, value, "as stated; draw 0", ""});
  group.add({"distribution", along, distributions,
             "what the values of the draws were drawn from", ""});
  group.add({"mean", along, mean, "mean of the draws", ""});
  group.add({"sd", along, sd, "standard deviation of the draws", ""});
  group.add({"low", along, low, "2.5 % quantile of the draws", ""});
  group.add({"high", along, high, "97.5 % quantile of the draws", ""});
  group.add({"unit", along, units, "unit of the parameter", ""});
  group.add({"source", along, sources, "source of the number", ""});
}

void add_fixed(NetcdfFile& file, const std::vector<FixedParameter>& fixed) {
  if (fixed.empty()) return;
  Texts keys, reasons, units;
  Numbers values;
  for (const FixedParameter& one : fixed) {
    keys.push_back(one.parameter.evidence.key);
    reasons.push_back(one.reason);
    units.push_back(one.parameter.unit);
    values.push_back(one.parameter.evidence.value);
  }
  NetcdfGroup group = file.add_group("uncertainty/fixed");
  group.add(Scale{"parameter", keys, "key of the parameter", ""});
  group.add({"value", {"parameter"}, values, "as stated, in every draw", ""});
  group.add({"reason", {"parameter"}, reasons, "why it is held", ""});
  group.add({"unit", {"parameter"}, units, "unit of the parameter", ""});
}

}  // namespace

void write_draws(NetcdfFile& file, const ProbabilisticRun& run,
                 const DrawRows& rows) {
  NetcdfGroup group = file.add_group("draws");
  group.add(Attribute{"draws", std::uint64_t{run.draws}});
  group.add(Attribute{"patients", run.patients});
  group.add(Attribute{"luck", run.common_luck ? "common" : "independent"});
  group.add(draw_scale(run));
  group.add(pathway_scale(run));
  group.add(measure_scale(run.measures));
  group.add(estimand_scale());
  group.add(week_scale(run));
  add_measure_coordinates(group, run.measures);
  const Names dimensions{"draw", "pathway", "measure"};
  add_numbers(
      group, rows, run.layout.mean, run.figures(),
      of_measures("mean", dimensions,
                  "mean of the outcomes of the draw's patients", Numbers{}));
  add_numbers(
      group, rows, run.layout.se, run.figures(),
      of_measures("se", dimensions,
                  "standard error of mean within the draw: luck", Numbers{}));
  add_numbers(group, rows, run.layout.difference_se, run.figures(),
              of_measures("difference_se", dimensions,
                          "standard error, within the draw, of the difference "
                          "of mean from that of the reference pathway: luck",
                          Numbers{}));
  add_decision_covariance(group, run, rows);
  add_remission(group, run, rows);
  add_parameter_values(group, run, rows);
  add_part<std::uint32_t>(
      group, rows, run.layout.was_cut, 1,
      {"was_cut",
       {"draw"},
       std::vector<std::uint16_t>{},
       "whether probabilities of one arm summed to more than 1 and were cut",
       "1"},
      [](const std::vector<std::uint32_t>& flags) {
        return std::vector<std::uint16_t>(flags.begin(), flags.end());
      });
}

void write_uncertainty(NetcdfFile& file, const ProbabilisticRun& run,
                       const ProbabilisticSummary& summary,
                       const std::vector<DrawnParameter>& drawn,
                       const std::vector<FixedParameter>& fixed) {
  file.add_group("uncertainty");
  add_curves(file, run, summary);
  add_outcomes(file, run, summary);
  add_parameters(file, summary, drawn);
  add_fixed(file, fixed);
}

// ---- read back ----

bool has_draws(const ResultFile& file) { return file.has("draws/mean"); }

namespace {

/// [pathway][measure].
std::vector<std::vector<ReportedSpread>> read_outcomes(
    const ResultFile& file, const std::string& prefix, std::size_t pathways,
    std::size_t measures) {
  const auto read = [&](const char* name) {
    return file.numbers<double>("uncertainty/outcomes/" + prefix + name,
                                {pathways, measures});
  };
  const auto mean = read("mean"), sd = read("sd"), low = read("low"),
             high = read("high"), sd_naive = read("sd_naive"),
             stated = read("deterministic"), gap = read("gap"),
             gap_se = read("gap_se");
  std::vector<std::vector<ReportedSpread>> all(pathways);
  for (std::size_t i = 0; i < mean.size(); ++i)
    all[i / measures].push_back({mean[i], sd[i], low[i], high[i], sd_naive[i],
                                 stated[i], gap[i], gap_se[i]});
  return all;
}

std::vector<std::array<ReportedBand, estimand_count>> read_bands(
    const ResultFile& file, std::size_t pathways) {
  const std::string group = "uncertainty/curves/";
  const std::size_t weeks = file.last_week(group + "week") + std::size_t{1};
  std::vector<std::array<ReportedBand, estimand_count>> bands(pathways);
  const auto read = [&](const char* name, Numbers ReportedBand::*part) {
    const auto values =
        file.numbers<double>(group + "cumulative_remission_" + name,
                             {pathways, estimand_count, weeks});
    auto from = values.begin();
    for (auto& pathway : bands)
      for (ReportedBand& band : pathway) {
        const auto to = from + static_cast<std::ptrdiff_t>(weeks);
        (band.*part).assign(from, to);
        from = to;
      }
  };
  read("mean", &ReportedBand::mean);
  read("low", &ReportedBand::low);
  read("high", &ReportedBand::high);
  read("low_naive", &ReportedBand::low_naive);
  read("high_naive", &ReportedBand::high_naive);
  return bands;
}

std::vector<ReportedParameter> read_parameters(const ResultFile& file) {
  const std::string group = "uncertainty/parameters/";
  if (!file.has("uncertainty/parameters")) return {};
  const auto keys = file.names(group + "parameter");
  const auto texts = [&](const char* name) {
    return file.texts(group + name, {keys.size()});
  };
  const auto numbers = [&](const char* name) {
    return file.numbers<double>(group + name, {keys.size()});
  };
  const auto distributions = texts("distribution"), units = texts("unit"),
             sources = texts("source");
  const auto value = numbers("value"), mean = numbers("mean"),
             sd = numbers("sd"), low = numbers("low"), high = numbers("high");
  std::vector<ReportedParameter> all;
  for (std::size_t k = 0; k < keys.size(); ++k)
    all.push_back({keys[k], distributions[k], units[k], sources[k], value[k],
                   mean[k], sd[k], low[k], high[k]});
  return all;
}

std::vector<ReportedFixed> read_fixed(const ResultFile& file) {
  const std::string group = "uncertainty/fixed/";
  if (!file.has("uncertainty/fixed")) return {};
  const auto keys = file.names(group + "parameter");
  const auto reasons = file.texts(group + "reason", {keys.size()}),
             units = file.texts(group + "unit", {keys.size()});
  const auto values = file.numbers<double>(group + "value", {keys.size()});
  std::vector<ReportedFixed> all;
  for (std::size_t k = 0; k < keys.size(); ++k)
    all.push_back({keys[k], reasons[k], units[k], values[k]});
  return all;
}

/// By pathway and draw, of the means of one measure.
std::vector<std::vector<double>> of_measure(const Numbers& mean,
                                            std::size_t pathways,
                                            std::size_t measures,
                                            std::size_t measure) {
  std::vector<std::vector<double>> made(pathways);
  for (std::size_t i = measure; i < mean.size(); i += measures)
    made[i / measures % pathways].push_back(mean[i]);
  return made;
}

}  // namespace

ReportedDraws read_draws(const ResultFile& file) {
  ReportedDraws draws;
  draws.pathways = file.names("draws/pathway");
  draws.measures = file.names("draws/measure");
  const std::size_t pathways = draws.pathways.size(),
                    measures = draws.measures.size();
  draws.draws = file.number_attribute("draws", "draws");
  draws.patients = file.number_attribute("draws", "patients");
  draws.luck = file.text_attribute("draws", "luck");
  const auto mean =
      file.numbers<double>("draws/mean", {draws.draws, pathways, measures});
  if (file.has("draws/perspective") &&
      file.has("accumulators/perspective_measure")) {
    draws.perspectives = file.names("draws/perspective");
    const auto costs = file.texts("accumulators/perspective_measure",
                                  {draws.perspectives.size()});
    for (const std::string& cost : costs)
      draws.cost.push_back(
          of_measure(mean, pathways, measures,
                     place_of(draws.measures, cost, file, "measure")));
    draws.effect = of_measure(
        mean, pathways, measures,
        place_of(draws.measures, file.text_attribute("effect_measure"), file,
                 "measure"));
  }
  draws.outcomes = read_outcomes(file, "", pathways, measures);
  draws.differences = read_outcomes(file, "difference_", pathways, measures);
  draws.bands = read_bands(file, pathways);
  draws.parameters = read_parameters(file);
  draws.fixed = read_fixed(file);
  return draws;
}

}  // namespace stardsim
