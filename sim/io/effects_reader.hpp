// Reads what patients' covariates change.
#pragma once

#include "models/scenario.hpp"
#include "sim/io/value_reader.hpp"

#include <optional>

namespace stardsim {

/// Reads `effects` tables. What is given to the constructor must outlive the
/// reader.
class EffectsReader {
 public:
  EffectsReader(const Cohort&, const ValueReader&);

  /// Adds what the table says to what is known already; an effect of the same
  /// covariate and level is replaced.
  void read(const std::optional<Value>& value, Effects&) const;

 private:
  void read_outcome(const Value&, bool is_remission,
                    std::vector<Effect>&) const;
  void read_levels(std::size_t covariate, const Value&,
                   std::vector<Effect>&) const;
  Effect on_numbers(std::size_t covariate, const Value&) const;

  const Cohort& cohort_;
  const ValueReader& values_;
  Problems& problems_;
  std::vector<std::string> names_;
};

/// Makes the latent propensity, if the cohort has one, an effect on remission.
void add_propensity(const Cohort&, Effects&);

}  // namespace stardsim
