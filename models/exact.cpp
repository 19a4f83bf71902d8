#include "models/exact.hpp"

#include <Eigen/Dense>
#include <unsupported/Eigen/FFT>

#include <algorithm>
#include <bit>
#include <complex>
#include <cstddef>

namespace stardsim {
namespace {

using Eigen::ArrayXd;
using Eigen::Index;

// Probability by tick; entry t belongs to tick t.
using OnTicks = ArrayXd;

// Splits the probability of an arm over the ways it can end.
struct ArmShare {
  double given, remission, partial, intolerant, none;

  explicit ArmShare(const ArmLaw& arm)
      : given(probability_below(arm.chosen_below) -
              probability_below(arm.chosen_from)),
        remission(probability_below(arm.remission)),
        partial(probability_below(arm.partial_response) - remission),
        intolerant(1 - probability_below(arm.intolerance)),
        none(probability_below(arm.intolerance) -
             probability_below(arm.partial_response)) {}
};

// P(next step), by how the arm ended.
struct Continuation {
  double none, partial, intolerant;

  Continuation(const ArmLaw& arm, Estimand estimand)
      : none(1), partial(1), intolerant(1) {
    if (estimand == Estimand::if_all_continue) return;
    none = probability_below(arm.continue_no_response);
    partial = probability_below(arm.continue_partial_response);
    intolerant = probability_below(arm.continue_intolerant);
  }
};

OnTicks probabilities(const TimeLaw& time) {
  OnTicks on = OnTicks::Zero(static_cast<Index>(time.tick.back()) + 1);
  double below = 0;
  for (std::size_t i = 0; i < time.tick.size(); ++i) {
    const double up_to = probability_below(time.cut[i]);
    on[static_cast<Index>(time.tick[i])] = up_to - below;
    below = up_to;
  }
  return on;
}

ArrayXd ticks_of(const OnTicks& time) {
  return ArrayXd::LinSpaced(time.size(), 0,
                            static_cast<double>(time.size() - 1));
}

OnTicks convolve_directly(const OnTicks& few, const OnTicks& many) {
  OnTicks sum = OnTicks::Zero(few.size() + many.size() - 1);
  for (Index t = 0; t < few.size(); ++t)
    if (few[t] != 0) sum.segment(t, many.size()) += few[t] * many;
  return sum;
}

Index first_filled(const OnTicks& on) {
  Index first = 0;
  while (first + 1 < on.size() && on[first] == 0) ++first;
  return first;
}

OnTicks convolve_by_fourier(const OnTicks& a, const OnTicks& b) {
  const Index size = a.size() + b.size() - 1;
  const auto length = std::bit_ceil(static_cast<std::size_t>(size));
  const auto padded = [&](const OnTicks& on) {
    std::vector<double> values(length, 0.0);
    std::copy(on.begin(), on.end(), values.begin());
    return values;
  };
  Eigen::FFT<double> fourier;
  std::vector<std::complex<double>> transformed_a, transformed_b;
  fourier.fwd(transformed_a, padded(a));
  fourier.fwd(transformed_b, padded(b));
  for (std::size_t i = 0; i < transformed_a.size(); ++i)
    transformed_a[i] *= transformed_b[i];
  std::vector<double> values;
  fourier.inv(values, transformed_a);
  OnTicks sum = Eigen::Map<OnTicks>(values.data(), size).max(0);
  // What cannot be has no probability, not a rounding error's.
  sum.head(first_filled(a) + first_filled(b)).setZero();
  return sum;
}

// The distribution of the sum of two independent times.
OnTicks convolve(const OnTicks& a, const OnTicks& b) {
  const auto filled_a = (a != 0).count(), filled_b = (b != 0).count();
  const Index few = std::min(filled_a, filled_b);
  if (few > 256) return convolve_by_fourier(a, b);
  return filled_a <= filled_b ? convolve_directly(a, b)
                              : convolve_directly(b, a);
}

Flow<double> flow_of(const ArmShare& share, const Continuation& next,
                     double entered, const OnTicks& remission_time) {
  Flow<double> flow;
  flow.entered = entered * share.given;
  flow.remission = flow.entered * share.remission;
  flow.partial_response = flow.entered * share.partial;
  flow.intolerance = flow.entered * share.intolerant;
  flow.no_response = flow.entered * share.none;
  flow.left_care = flow.no_response * (1 - next.none) +
                   flow.partial_response * (1 - next.partial) +
                   flow.intolerance * (1 - next.intolerant);
  const ArrayXd ticks = ticks_of(remission_time);
  flow.remission_ticks = flow.remission * (remission_time * ticks).sum();
  flow.remission_ticks_squared =
      flow.remission * (remission_time * ticks.square()).sum();
  return flow;
}

void put_on_calendar(const OnTicks& remissions, std::vector<double>& weeks) {
  for (Index tick = 0; tick < remissions.size(); ++tick)
    if (remissions[tick] != 0)
      weeks[week_of(static_cast<Ticks>(tick))] += remissions[tick];
}

// Time from the start of the step to remission, of those who remit in it.
OnTicks time_to_remission(const Law& law, const StepLaw& step) {
  OnTicks remitting = OnTicks::Zero(static_cast<Index>(step.length) + 1);
  for (const ArmLaw& arm : step.arms) {
    const ArmShare share(arm);
    const OnTicks time = probabilities(law.times[arm.remission_time]);
    remitting.head(time.size()) += share.given * share.remission * time;
  }
  return remitting;
}

// Time spent in the step by those who go on to the next.
OnTicks time_in_step(const Law& law, const StepLaw& step, Estimand estimand) {
  OnTicks spent = OnTicks::Zero(static_cast<Index>(step.length) + 1);
  for (const ArmLaw& arm : step.arms) {
    const ArmShare share(arm);
    const Continuation next(arm, estimand);
    const OnTicks exit = probabilities(law.times[arm.intolerance_time]);
    spent[static_cast<Index>(step.length)] +=
        share.given * (share.none * next.none + share.partial * next.partial);
    spent.head(exit.size()) +=
        share.given * share.intolerant * next.intolerant * exit;
  }
  return spent;
}

CourseTable<double> course_of(const Law& law, const PathwayLaw& steps,
                              Estimand estimand) {
  CourseTable<double> table;
  table.remission_by_week.resize(law.horizon + 1);
  OnTicks start = OnTicks::Ones(1);
  double entered = 1;
  for (std::size_t s = 0; s < steps.size(); ++s) {
    put_on_calendar(convolve(start, time_to_remission(law, steps[s])),
                    table.remission_by_week);
    double going_on = 0;
    table.arms.emplace_back();
    for (const ArmLaw& arm : steps[s].arms) {
      const ArmShare share(arm);
      const OnTicks time = probabilities(law.times[arm.remission_time]);
      table.arms[s].push_back(
          flow_of(share, Continuation(arm, estimand), entered, time));
      const Flow<double>& flow = table.arms[s].back();
      going_on += flow.entered - flow.remission - flow.left_care;
    }
    if (s + 1 == steps.size()) break;
    start = convolve(start, time_in_step(law, steps[s], estimand));
    entered = going_on;
  }
  return table;
}

}  // namespace

Expectation expect(const Law& law) {
  Expectation expectation;
  for (const PathwayLaw& steps : law.pathways) {
    const auto all = course_of(law, steps, Estimand::if_all_continue);
    const auto observed = can_lose_patients(steps)
                              ? course_of(law, steps, Estimand::observed)
                              : all;
    expectation.pathways.push_back({{all, observed}});
  }
  return expectation;
}

}  // namespace stardsim
