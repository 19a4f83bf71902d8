// Reads conditions on patients: who may be given an arm, and subgroups.
#pragma once

#include "models/scenario.hpp"
#include "sim/io/value_reader.hpp"

#include <string>
#include <vector>

namespace stardsim {

/// Whether it is 0 or 1 in every patient.
bool is_yes_or_no(const Covariate&);

/// The names that conditions have for the course so far; no covariate may be
/// called so.
const std::vector<std::string>& condition_names();

/// What is given to the constructor must outlive the reader.
class EligibilityReader {
 public:
  EligibilityReader(const Cohort&, const std::vector<std::string>& classes,
                    const ValueReader&);

  /// A table, of whose conditions all must hold, or an array of such tables,
  /// any of which must.
  Eligibility eligibility(const Value&) const;

  /// `[subgroups]`.
  std::vector<Subgroup> subgroups(const std::optional<Value>&) const;

 private:
  std::vector<Condition> all_of(const Value&) const;
  Subgroup subgroup(const std::string& name, const Value&) const;
  /// The conditions on covariates among the keys of a table.
  void read_covariates(const Table&, Section&, std::vector<Condition>&) const;
  Condition on_covariate(std::size_t, const Value&) const;
  void read_range(const Value&, const Quantity&, Condition&) const;
  std::vector<std::size_t> any_of(const Value&, const std::string& kind,
                                  const std::vector<std::string>& names) const;

  const Cohort& cohort_;
  const std::vector<std::string>& classes_;
  const ValueReader& values_;
  Problems& problems_;
  std::vector<std::string> names_;  ///< of covariates but the propensity
};

}  // namespace stardsim
