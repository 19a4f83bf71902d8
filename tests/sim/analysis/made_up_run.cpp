#include "tests/sim/analysis/made_up_run.hpp"

#include <cmath>
#include <numbers>

namespace stardsim::test {

RunOutcomes made_up_run(const std::string& name, const Patients& patients) {
  RunOutcomes run;
  run.name = name;
  for (std::size_t p = 0; p < patients.size(); ++p)
    run.pathways.push_back(std::string(1, static_cast<char>('a' + p)));
  run.reference = 0;
  run.measures = {
      {Measure::What::remission, 0, false, "remission", "", "1", 1, 1},
      {Measure::What::qalys, 0, true, "qalys_discounted", "", "years",
       made_up_qaly_quantum, 1},
      {Measure::What::perspective_cost, 0, true, "total_payer_discounted", "",
       "USD 2021", made_up_cost_quantum, -1}};
  run.decision = {made_up_qalys, {made_up_cost}};
  run.perspectives = {"payer"};
  run.patients = patients[0][0].size();
  run.seed = 1;
  run.cohort_sha256 = "cohort";
  run.currency = "USD";
  run.price_year = 2021;

  Outcomes& o = run.outcomes;
  o.pathways = patients.size();
  o.measures = run.measures.size();
  o.effect = run.decision.effect;
  o.costs = run.decision.costs;
  const auto products = [](const std::vector<std::int64_t>& x,
                           const std::vector<std::int64_t>& y) {
    SignedWide sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) sum += SignedWide{x[i]} * y[i];
    return sum;
  };
  for (const auto& pathway : patients)
    for (const auto& x : pathway) {
      std::vector<std::int64_t> batches(batch_count);
      SignedWide sum = 0;
      for (std::size_t i = 0; i < x.size(); ++i) {
        sum += x[i];
        batches[i % batch_count] += x[i];
      }
      o.sum.push_back(sum);
      o.by_batch.insert(o.by_batch.end(), batches.begin(), batches.end());
    }
  for (std::size_t m = 0; m < o.measures; ++m)
    for (std::size_t q = 0; q < o.pathways; ++q)
      for (std::size_t p = 0; p <= q; ++p) {
        const auto &x = patients[p][m], &y = patients[q][m];
        o.product.push_back(products(x, y));
        o.differing.push_back(0);
        for (std::size_t i = 0; i < x.size(); ++i)
          if (x[i] != y[i]) ++o.differing.back();
      }
  for (const auto& of_cost : patients)
    for (const auto& of_effect : patients)
      o.cost_effect.push_back(
          products(of_cost[made_up_cost], of_effect[made_up_qalys]));
  return run;
}

RunOutcomes without_products(RunOutcomes run) {
  run.outcomes.product.clear();
  run.outcomes.cost_effect.clear();
  run.outcomes.differing.clear();
  return run;
}

// SplitMix64 (Steele, Lea & Flood 2014).
double UniformNumbers::operator()() {
  std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return (static_cast<double>((z ^ (z >> 31)) >> 11) + 0.5) * 0x1p-53;
}

double standard_normal(UniformNumbers& uniform) {
  const double radius = std::sqrt(-2 * std::log(uniform()));
  return radius * std::cos(2 * std::numbers::pi * uniform());
}

Patients made_up_patients(std::size_t pathways, std::size_t patients,
                          std::uint64_t seed) {
  UniformNumbers uniform(seed);
  Patients made(pathways, std::vector(3, std::vector<std::int64_t>(patients)));
  for (std::size_t i = 0; i < patients; ++i) {
    const double own = standard_normal(uniform);
    for (std::size_t p = 0; p < pathways; ++p) {
      const double here = own + 0.5 * standard_normal(uniform);
      const double qalys = 3 + 0.2 * static_cast<double>(p) + 0.7 * here;
      const double cost = 40'000 + 3000 * static_cast<double>(p) -
                          15'000 * here + 9000 * standard_normal(uniform);
      made[p][made_up_remission][i] = here > 0.3 ? 1 : 0;
      made[p][made_up_qalys][i] =
          static_cast<std::int64_t>(std::lround(qalys / made_up_qaly_quantum));
      made[p][made_up_cost][i] =
          static_cast<std::int64_t>(std::lround(cost / made_up_cost_quantum));
    }
  }
  return made;
}

std::vector<double> values(const RunOutcomes& run, const Patients& patients,
                           std::size_t pathway, std::size_t measure) {
  std::vector<double> all;
  for (const std::int64_t x : patients[pathway][measure])
    all.push_back(static_cast<double>(x) * run.measures[measure].quantum);
  return all;
}

std::vector<double> less(const std::vector<double>& one,
                         const std::vector<double>& other) {
  return benefit(1, one, other);
}

std::vector<double> benefit(double a, const std::vector<double>& one,
                            const std::vector<double>& other) {
  std::vector<double> all;
  for (std::size_t i = 0; i < one.size(); ++i)
    all.push_back(a * one[i] - other[i]);
  return all;
}

double mean_of(const std::vector<double>& x) {
  double sum = 0;
  for (const double value : x) sum += value;
  return sum / static_cast<double>(x.size());
}

double covariance_of(const std::vector<double>& x,
                     const std::vector<double>& y) {
  const double mean_x = mean_of(x), mean_y = mean_of(y);
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i)
    sum += (x[i] - mean_x) * (y[i] - mean_y);
  const double n = static_cast<double>(x.size());
  return sum / (n - 1) / n;
}

double se_of(const std::vector<double>& x) {
  return std::sqrt(covariance_of(x, x));
}

}  // namespace stardsim::test
