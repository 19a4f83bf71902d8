// What a run would have counted of patients whose outcomes a test has made up.
#pragma once

#include "sim/analysis/comparison.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace stardsim::test {

/// The measures of made-up runs.
enum MadeUpMeasure : std::size_t {
  made_up_remission,  ///< 0 or 1
  made_up_qalys,      ///< the effect
  made_up_cost        ///< of the only perspective, `payer`, in 2021 USD
};
inline constexpr double made_up_qaly_quantum = 1.0 / 1024;
inline constexpr double made_up_cost_quantum = 0.25;

/// In quanta: [pathway][measure][patient].
using Patients = std::vector<std::vector<std::vector<std::int64_t>>>;

/// Pathways a, b, c, ...; seed 1, cohort "cohort". All sums are kept.
RunOutcomes made_up_run(const std::string& name, const Patients&);

/// The same, with the sums by batch alone.
RunOutcomes without_products(RunOutcomes);

/// Numbers from 0 to 1, the same on every machine.
class UniformNumbers {
 public:
  explicit UniformNumbers(std::uint64_t seed) : state_(seed) {}
  double operator()();

 private:
  std::uint64_t state_;
};
/// Two of them, uncorrelated, make one.
double standard_normal(UniformNumbers&);

/// Patients who resemble one another from pathway to pathway, where those who
/// cost more gain less; a later pathway is dearer and better.
Patients made_up_patients(std::size_t pathways, std::size_t patients,
                          std::uint64_t seed);

/// Patient by patient, in the unit of the measure.
std::vector<double> values(const RunOutcomes&, const Patients&,
                           std::size_t pathway, std::size_t measure);

/// One number less another, patient by patient; and a times the first less the
/// second.
std::vector<double> less(const std::vector<double>&,
                         const std::vector<double>&);
std::vector<double> benefit(double a, const std::vector<double>&,
                            const std::vector<double>&);

double mean_of(const std::vector<double>&);
/// Of the means of two numbers of each patient, in two passes.
double covariance_of(const std::vector<double>&, const std::vector<double>&);
double se_of(const std::vector<double>&);

}  // namespace stardsim::test
