// Means and standard errors of what was counted, straight from the sums, for
// tests that compare them with figures from elsewhere.
#pragma once

#include "models/measure.hpp"
#include "models/scenario.hpp"
#include "sim/core/tally.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

namespace stardsim::test {

struct Moments {
  double mean, sd, se;
};

/// What one run counted, by pathway and measure.
class Counted {
 public:
  /// Of the scenario's pathways and the law's measures; both must outlive it.
  Counted(const Scenario& scenario, const Law& law, const Tally& tally)
      : scenario_(scenario),
        measures_(law.accrual->measures),
        outcomes_(tally.outcomes),
        patients_(static_cast<long double>(tally.patients)) {}

  std::size_t pathway(const std::string& name) const {
    for (std::size_t p = 0; p < scenario_.pathways.size(); ++p)
      if (scenario_.pathways[p].name == name) return p;
    throw std::invalid_argument("no pathway " + name);
  }

  std::size_t measure(const std::string& name) const {
    const std::size_t found = find_measure(measures_, name);
    if (found == no_measure) throw std::invalid_argument("no measure " + name);
    return found;
  }

  Moments of(const std::string& pathway_name,
             const std::string& measure_name) const {
    const std::size_t p = pathway(pathway_name), m = measure(measure_name);
    return moments(m, sum(p, m), product(m, p, p));
  }

  /// Of one pathway less another, patient by patient.
  Moments difference(const std::string& one, const std::string& other,
                     const std::string& measure_name) const {
    const std::size_t p = pathway(one), q = pathway(other);
    const std::size_t m = measure(measure_name);
    return moments(m, sum(p, m) - sum(q, m),
                   product(m, p, p) + product(m, q, q) - 2 * product(m, p, q));
  }

 private:
  long double sum(std::size_t p, std::size_t m) const {
    return static_cast<long double>(outcomes_.sum[p * outcomes_.measures + m]);
  }
  long double product(std::size_t m, std::size_t p, std::size_t q) const {
    return static_cast<long double>(
        outcomes_.product[m * outcomes_.pairs() + Outcomes::pair(p, q)]);
  }

  Moments moments(std::size_t m, long double sum,
                  long double sum_of_squares) const {
    const long double quantum = measures_[m].quantum, mean = sum / patients_;
    const long double variance =
        std::max(0.0L, sum_of_squares / patients_ - mean * mean);
    const long double sd = quantum * std::sqrt(variance);
    return {static_cast<double>(quantum * mean), static_cast<double>(sd),
            static_cast<double>(sd / std::sqrt(patients_))};
  }

  const Scenario& scenario_;
  const std::vector<Measure>& measures_;
  const Outcomes& outcomes_;
  long double patients_;
};

}  // namespace stardsim::test
