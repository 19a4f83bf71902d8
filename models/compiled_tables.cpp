#include "models/compiled_tables.hpp"

#include <type_traits>
#include <utility>
#include <variant>

namespace stardsim {
namespace {

// The numbers that a table is made of, one after the other; each list is
// preceded by its length, so that no two things read alike.
class Numbers {
 public:
  Numbers& add(double number) {
    made_.push_back(number);
    return *this;
  }
  Numbers& add(const Evidence& evidence) { return add(evidence.value); }
  template <class T>
  Numbers& add(const std::vector<T>& list) {
    add(static_cast<double>(list.size()));
    for (const T& one : list) add(one);
    return *this;
  }
  Numbers& add(const std::optional<double>& number) {
    return add(number.has_value() ? 1.0 : 0.0).add(number.value_or(0));
  }
  std::vector<double> take() { return std::move(made_); }

 private:
  std::vector<double> made_;
};

// By the number of the form, then those of the form.
struct AddForm {
  Numbers& numbers;

  void operator()(const AtEndOfStep&) const {}
  void operator()(const FixedTime& time) const { numbers.add(time.week); }
  void operator()(const DiscreteTime& time) const {
    numbers.add(time.weeks).add(time.weights);
  }
  void operator()(const GammaTime& time) const {
    numbers.add(time.shape).add(time.scale);
  }
  void operator()(const WeibullTime& time) const {
    numbers.add(time.shape).add(time.scale);
  }
  void operator()(const LogNormalTime& time) const {
    numbers.add(time.median).add(time.sigma);
  }
  void operator()(const ExponentialTime& time) const { numbers.add(time.mean); }

  void operator()(const ByProbability& survival) const {
    numbers.add(survival.probability).add(survival.by);
  }
  void operator()(const WeibullSurvival& survival) const {
    numbers.add(survival.shape).add(survival.scale);
  }
  void operator()(const Piecewise& survival) const {
    numbers.add(survival.weeks).add(survival.probabilities);
  }
  void operator()(const After& survival) const { numbers.add(survival.weeks); }

  void operator()(const NormalCovariate& form) const {
    numbers.add(form.mean).add(form.sd);
  }
  void operator()(const LogNormalCovariate& form) const {
    numbers.add(form.median).add(form.sigma);
  }
  void operator()(const BetaCovariate& form) const {
    numbers.add(form.a).add(form.b);
  }
  void operator()(const BernoulliCovariate& form) const {
    numbers.add(form.probability);
  }
  void operator()(const CategoricalCovariate& form) const {
    numbers.add(form.shares);
  }
  void operator()(const EmpiricalCovariate& form) const {
    numbers.add(form.values).add(form.weights);
  }
  void operator()(const BandsCovariate& form) const {
    numbers.add(form.edges).add(form.shares);
  }
  void operator()(const TableCovariate& form) const {
    numbers.add(form.column);
  }
  void operator()(const Propensity&) const {}
};

template <class Form>
void add_form(const Form& form, Numbers& numbers) {
  numbers.add(static_cast<double>(form.index()));
  std::visit(AddForm{numbers}, form);
}

}  // namespace

template <class Table, class Make>
const Table& CompiledTables::find(Tables<Table> CompiledTables::*tables,
                                  Key key, const Make& make) {
  for (const CompiledTables* at = this; at != nullptr; at = at->base_) {
    const auto found = (at->*tables).find(key);
    if (found != (at->*tables).end()) return found->second;
  }
  return (this->*tables).emplace(std::move(key), make()).first->second;
}

const TimeLaw& CompiledTables::time(const TimeDistribution& time, Ticks length,
                                    Rounding rounding) {
  Numbers numbers;
  numbers.add(0).add(length).add(rounding == Rounding::up ? 1 : 0);
  add_form(time.form, numbers);
  return find(&CompiledTables::times_, numbers.take(),
              [&] { return compile(time, length, rounding); });
}

const TimeLaw& CompiledTables::survival(const Survival& survival,
                                        Ticks horizon) {
  Numbers numbers;
  numbers.add(1).add(horizon).add(survival.weekly ? 1 : 0);
  add_form(survival.form, numbers);
  return find(&CompiledTables::times_, numbers.take(),
              [&] { return compile(survival, horizon); });
}

const DiscountedTime& CompiledTables::discounted_time(DiscountForm form,
                                                      double yearly_rate,
                                                      double weeks_per_year,
                                                      bool weekly,
                                                      Ticks horizon) {
  Numbers numbers;
  numbers.add(static_cast<double>(form))
      .add(yearly_rate)
      .add(weeks_per_year)
      .add(weekly ? 1 : 0)
      .add(horizon);
  return find(&CompiledTables::discounted_times_, numbers.take(), [&] {
    return DiscountedTime(form, yearly_rate, weeks_per_year, weekly, horizon);
  });
}

const CovariateLaw& CompiledTables::covariate(const Covariate& covariate) {
  Numbers numbers;
  add_form(covariate.form, numbers);
  numbers.add(covariate.low).add(covariate.high);
  return find(&CompiledTables::covariates_, numbers.take(),
              [&] { return compile(covariate); });
}

}  // namespace stardsim
