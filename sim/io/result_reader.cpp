#include "sim/io/result_reader.hpp"

#include "sim/core/words.hpp"
#include "sim/io/outcome_tables.hpp"
#include "sim/io/problems.hpp"
#include "sim/io/result_file.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace stardsim {
namespace {

using Texts = ResultFile::Texts;

constexpr std::int64_t most_of_batch = std::int64_t{1} << 61;

void read_run(const ResultFile& file, RunOutcomes& run) {
  require_result(file);
  run.seed = file.number_attribute("seed");
  run.patients = file.number_attribute("patients");
  run.pathways = file.names("/accumulators/pathway");
  require_distinct(run.pathways, file, "a pathway");
  run.reference =
      place_of(run.pathways, file.text_attribute("reference_pathway"), file,
               "reference_pathway");
}

void read_cohort(const ResultFile& file, const std::filesystem::path& path,
                 RunOutcomes& run) {
  const std::uint64_t layout = file.number_attribute("word_layout_version");
  const bool is_known = file.has_attribute("cohort_sha256") &&
                        layout == std::uint64_t{word_layout_version};
  run.cohort_sha256 =
      is_known ? file.text_attribute("cohort_sha256")
               : "that of " + std::filesystem::absolute(path).string();
}

/// What else a comparison should know to be alike, where the file says it.
void read_settings(const ResultFile& file, RunOutcomes& run) {
  if (file.has("/curves/week")) run.horizon = file.last_week("/curves/week");
  if (file.has_attribute("perspective_kinds"))
    run.perspective_kinds = file.text_attribute("perspective_kinds");
  if (file.has_attribute("discount_form"))
    run.discounting = {file.text_attribute("discount_form"),
                       file.real_attribute("discount_costs"),
                       file.real_attribute("discount_effects")};
}

/// Without economics: the three that every run counts by batch.
void read_batches(const ResultFile& file, RunOutcomes& run) {
  run.measures = measures_of(Scenario{});
  Outcomes& outcomes = run.outcomes;
  outcomes.pathways = run.pathways.size();
  outcomes.measures = run.measures.size();
  const auto counts = file.numbers<std::uint64_t>(
      "/accumulators/remission_by_batch",
      {outcomes.pathways, outcomes.measures, batch_count});
  for (const std::uint64_t count : counts) {
    if (count > run.patients)
      file.refuse(
          "/accumulators/remission_by_batch counts more patients than "
          "there are");
    outcomes.by_batch.push_back(static_cast<std::int64_t>(count));
  }
  for (std::size_t i = 0; i < outcomes.pathways * outcomes.measures; ++i) {
    const auto first = outcomes.by_batch.begin() +
                       static_cast<std::ptrdiff_t>(i * batch_count);
    outcomes.sum.push_back(
        std::accumulate(first, first + static_cast<std::ptrdiff_t>(batch_count),
                        SignedWide{0}));
  }
}

std::vector<Measure> read_measures(const ResultFile& file) {
  const Texts names = file.names("/accumulators/measure");
  require_distinct(names, file, "a measure");
  const hsize_t size = names.size();
  const Texts kinds = file.texts("/accumulators/measure_kind", {size}),
              units = file.texts("/accumulators/measure_unit", {size}),
              labels = file.texts("/accumulators/measure_label", {size});
  const auto indices =
      file.numbers<std::int32_t>("/accumulators/measure_index", {size});
  const auto discounted =
      file.numbers<std::uint8_t>("/accumulators/measure_discounted", {size});
  const auto better =
      file.numbers<std::int32_t>("/accumulators/measure_better", {size});
  const auto quanta = file.numbers<double>("/accumulators/quantum", {size});
  std::vector<Measure> measures;
  for (std::size_t m = 0; m < names.size(); ++m) {
    const auto what = static_cast<Measure::What>(
        place_of(measure_kinds(), kinds[m], file, "the kind of measure"));
    if (indices[m] < 0 || !(quanta[m] > 0) || !std::isfinite(quanta[m]))
      file.refuse("measure " + in_quotes(names[m]) + " is not a measure");
    measures.push_back({what, static_cast<std::size_t>(indices[m]),
                        discounted[m] != 0, names[m], labels[m], units[m],
                        quanta[m], better[m]});
  }
  return measures;
}

void read_decision(const ResultFile& file, RunOutcomes& run) {
  Texts names;
  for (const Measure& measure : run.measures) names.push_back(measure.name);
  if (file.has_attribute("effect_measure"))
    run.decision.effect = place_of(names, file.text_attribute("effect_measure"),
                                   file, "effect_measure");
  run.currency = file.text_attribute("currency");
  const std::uint64_t year = file.number_attribute("price_year");
  if (run.currency.empty() || year < 1000 || year > 9999)
    file.refuse("its currency and price year are not ones");
  run.price_year = static_cast<std::uint32_t>(year);
  if (!file.has("/accumulators/perspective")) return;
  run.perspectives = file.names("/accumulators/perspective");
  require_distinct(run.perspectives, file, "a perspective");
  const hsize_t size = run.perspectives.size();
  for (const std::string& cost :
       file.texts("/accumulators/perspective_measure", {size}))
    run.decision.costs.push_back(
        place_of(names, cost, file, "perspective_measure"));
  run.perspective =
      place_of(run.perspectives, file.text_attribute("perspective"), file,
               "perspective");
}

void read_thresholds(const ResultFile& file, RunOutcomes& run) {
  const std::string name = "/cost_effectiveness/threshold";
  if (!file.has(name)) return;
  run.thresholds = file.list(name);
  const auto& thresholds = run.thresholds;
  const bool are_right =
      std::is_sorted(thresholds.begin(), thresholds.end()) &&
      std::all_of(thresholds.begin(), thresholds.end(),
                  [](double t) { return t >= 0 && std::isfinite(t); });
  if (!are_right) file.refuse(name + " does not ascend from 0 on");
}

/// Those of pathways p <= q out of the full table.
template <class T>
std::vector<T> pairs_of(const std::vector<T>& table, const Outcomes& outcomes) {
  std::vector<T> pairs;
  const std::size_t n = outcomes.pathways;
  for (std::size_t m = 0; m < outcomes.measures; ++m)
    for (std::size_t q = 0; q < n; ++q)
      for (std::size_t p = 0; p <= q; ++p)
        pairs.push_back(table[(m * n + p) * n + q]);
  return pairs;
}

/// Sums that no patients can have would make a variance negative.
void check_sums(const ResultFile& file, const RunOutcomes& run) {
  const Outcomes& outcomes = run.outcomes;
  for (std::size_t i = 0; i < outcomes.sum.size(); ++i) {
    SignedWide sum = 0;
    for (std::size_t b = 0; b < batch_count; ++b) {
      const std::int64_t of_batch = outcomes.by_batch[i * batch_count + b];
      if (of_batch >= most_of_batch || of_batch <= -most_of_batch)
        file.refuse("damaged: a sum is larger than any of a run");
      sum += of_batch;
    }
    const auto whole = static_cast<long double>(outcomes.sum[i]);
    const std::size_t p = i / outcomes.measures, m = i % outcomes.measures;
    const auto square = static_cast<long double>(
        outcomes.product[m * outcomes.pairs() + Outcomes::pair(p, p)]);
    const auto patients = static_cast<long double>(run.patients);
    if (sum != outcomes.sum[i] || whole * whole > patients * square * 1.0001L)
      file.refuse("damaged: its sums of " + run.measures[m].name +
                  " do not agree; run the scenario again");
  }
  for (const std::uint64_t differing : outcomes.differing)
    if (differing > run.patients)
      file.refuse("damaged: more patients differ than there are");
}

void read_sums(const ResultFile& file, RunOutcomes& run) {
  Outcomes& outcomes = run.outcomes;
  outcomes.pathways = run.pathways.size();
  outcomes.measures = run.measures.size();
  outcomes.effect = run.decision.effect;
  outcomes.costs = run.decision.costs;
  const hsize_t pathways = outcomes.pathways, measures = outcomes.measures;
  outcomes.sum = file.sums("/accumulators/outcome_sum", {pathways, measures});
  outcomes.product = pairs_of(file.sums("/accumulators/outcome_product",
                                        {measures, pathways, pathways}),
                              outcomes);
  outcomes.differing =
      pairs_of(file.numbers<std::uint64_t>("/accumulators/outcomes_differing",
                                           {measures, pathways, pathways}),
               outcomes);
  outcomes.by_batch = file.numbers<std::int64_t>(
      "/accumulators/outcome_by_batch", {pathways, measures, batch_count});
  if (outcomes.effect != no_measure && !outcomes.costs.empty())
    outcomes.cost_effect =
        file.sums("/accumulators/cost_effect_product",
                  {outcomes.costs.size(), pathways, pathways});
  check_sums(file, run);
}

}  // namespace

RunOutcomes read_outcomes(const std::filesystem::path& path) {
  RunOutcomes run;
  read_safely(path, [&](const ResultFile& file) {
    run = RunOutcomes{};
    run.name = path.stem().string();
    read_run(file, run);
    read_cohort(file, path, run);
    read_settings(file, run);
    if (!file.has("/accumulators/measure")) return read_batches(file, run);
    run.measures = read_measures(file);
    read_decision(file, run);
    read_thresholds(file, run);
    read_sums(file, run);
  });
  return run;
}

CurvesRead read_curves(const std::filesystem::path& path) {
  CurvesRead curves;
  read_safely(path, [&](const ResultFile& file) {
    curves = CurvesRead{};
    if (!file.has("/curves/cumulative_remission")) return;
    curves.pathways = file.names("/curves/pathway");
    curves.estimands = file.names("/curves/estimand");
    curves.labels =
        file.texts("/curves/pathway_label", {curves.pathways.size()});
    curves.weeks = std::size_t{file.last_week("/curves/week")} + 1;
    const ResultFile::Shape shape{curves.pathways.size(),
                                  curves.estimands.size(), curves.weeks};
    curves.mean = file.numbers<double>("/curves/cumulative_remission", shape);
    curves.se = file.numbers<double>("/curves/cumulative_remission_se", shape);
    if (file.has_attribute("reported_first"))
      curves.reported_first = file.text_attribute("reported_first");
    if (file.has_attribute("horizon_weeks"))
      curves.horizon_weeks = file.real_attribute("horizon_weeks");
  });
  return curves;
}

}  // namespace stardsim
