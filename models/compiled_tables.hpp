// Tables kept by what they were compiled from, for laws that have much in
// common: those of a scenario and its variants.
#pragma once

#include "models/law.hpp"
#include "models/scenario.hpp"

#include <map>
#include <vector>

namespace stardsim {

/// Equal numbers give the same table, wherever they stand and whatever their
/// sources. Compiles what it does not have; what a base has is taken from
/// there.
class CompiledTables {
 public:
  /// The base is not changed, and must outlive this one.
  explicit CompiledTables(const CompiledTables* base = nullptr) : base_(base) {}

  /// Valid as long as this and its base.
  const TimeLaw& time(const TimeDistribution&, Ticks length, Rounding);
  const TimeLaw& survival(const Survival&, Ticks horizon);
  const DiscountedTime& discounted_time(DiscountForm, double yearly_rate,
                                        double weeks_per_year, bool weekly,
                                        Ticks horizon);
  const CovariateLaw& covariate(const Covariate&);

 private:
  using Key = std::vector<double>;
  template <class Table>
  using Tables = std::map<Key, Table>;

  template <class Table, class Make>
  const Table& find(Tables<Table> CompiledTables::*tables, Key, const Make&);

  const CompiledTables* base_;
  Tables<TimeLaw> times_;
  Tables<DiscountedTime> discounted_times_;
  Tables<CovariateLaw> covariates_;
};

CovariateLaw compile(const Covariate&);

/// As compile(cohort).
CohortLaw compile(const Cohort&, CompiledTables&);

/// As compile_accrual(scenario).
AccrualLaw compile_accrual(const Scenario&, CompiledTables&);

/// As compile(scenario), to the byte, but for the intercepts of log odds, which
/// are not set yet (intercepts.hpp).
Law compile_without_intercepts(const Scenario&, CompiledTables&);

}  // namespace stardsim
