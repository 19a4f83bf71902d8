#include "tests/hand_made_run.hpp"

#include "sim/core/words.hpp"
#include "sim/io/atomic_file.hpp"
#include "sim/io/outcome_tables.hpp"

#include <numeric>

namespace stardsim::test {
namespace {

constexpr std::size_t pathways = 2, measures = 3, kinds = 4;
constexpr std::int64_t outcome[pathways][measures][kinds] = {
    {{0, 1, 0, 1}, {1, 2, 1, 2}, {10, 20, 30, 40}},
    {{1, 1, 0, 1}, {2, 2, 1, 3}, {30, 40, 30, 60}}};

void count(Outcomes& outcomes, std::uint64_t patient) {
  const auto of = [&](std::size_t p, std::size_t m) {
    return outcome[p][m][patient % kinds];
  };
  for (std::size_t p = 0; p < pathways; ++p)
    for (std::size_t m = 0; m < measures; ++m) {
      outcomes.sum[p * measures + m] += of(p, m);
      outcomes
          .by_batch[(p * measures + m) * batch_count + patient % batch_count] +=
          of(p, m);
    }
  for (std::size_t m = 0; m < measures; ++m)
    for (std::size_t q = 0; q < pathways; ++q)
      for (std::size_t p = 0; p <= q; ++p) {
        const std::size_t at = m * outcomes.pairs() + Outcomes::pair(p, q);
        outcomes.product[at] += of(p, m) * of(q, m);
        outcomes.differing[at] += of(p, m) != of(q, m);
      }
  for (std::size_t p = 0; p < pathways; ++p)
    for (std::size_t q = 0; q < pathways; ++q)
      outcomes.cost_effect[p * pathways + q] += of(p, 2) * of(q, 1);
}

}  // namespace

RunOutcomes hand_made_run() {
  RunOutcomes run;
  run.name = "hand_made";
  run.pathways = {"usual", "new"};
  run.reference = 0;
  run.measures = {
      {Measure::What::remission, 0, false, "remission", "Ever in remission",
       "1", 1, 1},
      {Measure::What::qalys, 0, true, "qalys_discounted", "QALYs, discounted",
       "years", 0.5, 1},
      {Measure::What::perspective_cost, 0, true, "total_payer_discounted",
       "Total cost: payer, discounted", "USD 2021", 1, -1}};
  run.decision.effect = 1;
  run.decision.costs = {2};
  run.perspectives = {"payer"};
  run.thresholds = {0, 100};
  run.patients = 400;
  run.seed = 1;
  run.cohort_sha256 = "the same patients";
  run.currency = "USD";
  run.price_year = 2021;
  Outcomes& outcomes = run.outcomes;
  outcomes.pathways = pathways;
  outcomes.measures = measures;
  outcomes.effect = 1;
  outcomes.costs = {2};
  outcomes.sum.resize(pathways * measures);
  outcomes.product.resize(measures * outcomes.pairs());
  outcomes.differing.resize(measures * outcomes.pairs());
  outcomes.cost_effect.resize(pathways * pathways);
  outcomes.by_batch.resize(pathways * measures * batch_count);
  for (std::uint64_t patient = 0; patient < run.patients; ++patient)
    count(outcomes, patient);
  return run;
}

std::vector<Attribute> result_attributes(const RunOutcomes& run) {
  return {{"format", "stardsim results"},
          {"format_version", std::int32_t{1}},
          {"word_layout_version", std::int32_t{word_layout_version}},
          {"seed", run.seed},
          {"patients", run.patients},
          {"reference_pathway", run.pathways[run.reference]},
          {"cohort_sha256", run.cohort_sha256},
          {"currency", run.currency},
          {"price_year", static_cast<std::int32_t>(run.price_year)},
          {"perspective", run.perspectives[run.perspective]},
          {"effect_measure", run.measures[run.decision.effect].name}};
}

void write_result(const std::filesystem::path& path, const RunOutcomes& run,
                  const std::vector<Attribute>& attributes) {
  NetcdfFile file;
  for (const Attribute& attribute : attributes) file.add(attribute);
  add_comparison(file, Comparison({run}, run.reference));
  NetcdfGroup group = file.add_group("accumulators");
  std::vector<std::int32_t> batches(batch_count);
  std::iota(batches.begin(), batches.end(), 0);
  group.add(Scale{"pathway", run.pathways, "name", ""});
  group.add(Scale{"batch", batches, "batch", "1"});
  add_outcome_sums(group, run);
  write_atomically(path, file.bytes());
}

}  // namespace stardsim::test
