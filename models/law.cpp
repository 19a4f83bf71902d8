#include "models/law.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace stardsim {
namespace {

// The distribution function cut to (0, length] and rescaled, at each tick that
// carries probability.
struct Points {
  std::vector<Ticks> tick;
  std::vector<long double> cumulative;
};

Points discrete_points(const std::vector<double>& weeks,
                       const std::vector<double>& weights, Ticks length,
                       Rounding rounding) {
  Points points;
  long double sum = 0;
  for (std::size_t i = 0; i < weeks.size(); ++i) {
    const Ticks nearest = to_ticks(weeks[i]);
    if (nearest > length || weights[i] == 0) continue;
    const Ticks tick = rounding == Rounding::up
                           ? std::min(to_ticks_up(weeks[i]), length)
                           : nearest;
    sum += weights[i];
    if (!points.tick.empty() && points.tick.back() == tick) {
      points.cumulative.back() = sum;
    } else {
      points.tick.push_back(tick);
      points.cumulative.push_back(sum);
    }
  }
  for (auto& value : points.cumulative) value /= sum;
  return points;
}

Points continuous_points(const TimeDistribution& time, Ticks length,
                         Rounding rounding) {
  const auto at = [&](long double tick) {
    return cumulative(time, tick / ticks_per_week);
  };
  // A tick takes the times up to its own end, or up to its middle.
  const long double beyond = rounding == Rounding::up ? 0 : 0.5L;
  const long double whole = at(length);
  Points points;
  for (Ticks tick = rounding == Rounding::up ? 1 : 0; tick <= length; ++tick) {
    points.tick.push_back(tick);
    points.cumulative.push_back(std::min(at(tick + beyond) / whole, 1.0L));
  }
  return points;
}

Points points_of(const TimeDistribution& time, Ticks length,
                 Rounding rounding) {
  if (std::holds_alternative<AtEndOfStep>(time.form)) return {{length}, {1.0L}};
  if (const auto* fixed = std::get_if<FixedTime>(&time.form))
    return discrete_points({fixed->week.value}, {1}, length, rounding);
  if (const auto* visits = std::get_if<DiscreteTime>(&time.form))
    return discrete_points(visits->weeks, visits->weights, length, rounding);
  return continuous_points(time, length, rounding);
}

Cut continuation(const std::optional<Evidence>& own,
                 const std::optional<Evidence>& general, bool last_step) {
  if (last_step) return certain;
  if (own) return to_cut(own->value);
  return general ? to_cut(general->value) : certain;
}

ArmLaw outcome_law(const Arm& arm, bool last_step) {
  const auto value = [](const std::optional<Evidence>& evidence) {
    return static_cast<long double>(evidence ? evidence->value : 0);
  };
  const long double remission = arm.remission.value;
  const long double partial = value(arm.partial_response);
  const long double intolerance = value(arm.intolerance);
  ArmLaw law{};
  law.remission = to_cut(remission);
  law.partial_response = to_cut(std::min(remission + partial, 1.0L));
  law.intolerance = to_cut(1 - intolerance);
  // Where the three sum to 1, rounding must not leave room for a fourth.
  if (intolerance > 0 &&
      (law.intolerance < law.partial_response ||
       std::abs(1 - remission - partial - intolerance) < 1e-9L))
    law.intolerance = law.partial_response;
  const auto& general = arm.continue_if_not_remitted;
  law.continue_no_response = continuation(general, general, last_step);
  law.continue_partial_response =
      continuation(arm.continue_if_partial_response, general, last_step);
  law.continue_intolerant =
      continuation(arm.continue_if_intolerant, general, last_step);
  return law;
}

// Compiles each stated distribution once, and keeps equal ones once.
class TimeTable {
 public:
  explicit TimeTable(std::vector<TimeLaw>& laws) : laws_(laws) {}

  /// Its index among the laws.
  std::size_t index_of(const TimeDistribution& time, Ticks length,
                       Rounding rounding) {
    for (const Entry& entry : entries_)
      if (entry.length == length && entry.rounding == rounding &&
          entry.time == time)
        return entry.law;
    const std::size_t law = add(compile(time, length, rounding));
    entries_.push_back({time, length, rounding, law});
    return law;
  }

 private:
  struct Entry {
    TimeDistribution time;
    Ticks length;
    Rounding rounding;
    std::size_t law;
  };

  std::size_t add(TimeLaw law) {
    for (std::size_t i = 0; i < laws_.size(); ++i)
      if (laws_[i].cut == law.cut && laws_[i].tick == law.tick) return i;
    laws_.push_back(std::move(law));
    return laws_.size() - 1;
  }

  std::vector<TimeLaw>& laws_;
  std::vector<Entry> entries_;
};

void set_choice(const Step& step, std::vector<ArmLaw>& arms) {
  long double all = 0, sum = 0;
  for (const Arm& arm : step.arms) all += arm.share.value;
  for (std::size_t a = 0; a < arms.size(); ++a) {
    arms[a].chosen_from = to_cut(sum / all);
    sum += step.arms[a].share.value;
    arms[a].chosen_below = to_cut(sum / all);
  }
}

StepLaw step_law(TimeTable& times, const Step& step, bool last_step) {
  StepLaw compiled{to_ticks(step.weeks.value), {}};
  for (const Arm& arm : step.arms) {
    ArmLaw arm_law = outcome_law(arm, last_step);
    arm_law.remission_time =
        times.index_of(arm.remission_time, compiled.length, Rounding::up);
    arm_law.intolerance_time = times.index_of(
        arm.intolerance_time, compiled.length, Rounding::nearest);
    compiled.arms.push_back(arm_law);
  }
  set_choice(step, compiled.arms);
  return compiled;
}

template <class Number>
void append(std::vector<std::byte>& bytes, Number number) {
  static_assert(std::is_unsigned_v<Number>);
  for (std::size_t i = 0; i < sizeof number; ++i)
    bytes.push_back(static_cast<std::byte>((number >> (8 * i)) & 0xFF));
}

void append(std::vector<std::byte>& bytes, const ArmLaw& arm) {
  for (const Cut cut :
       {arm.chosen_from, arm.chosen_below, arm.remission, arm.partial_response,
        arm.intolerance, arm.continue_no_response,
        arm.continue_partial_response, arm.continue_intolerant})
    append(bytes, cut);
  append(bytes, static_cast<std::uint64_t>(arm.remission_time));
  append(bytes, static_cast<std::uint64_t>(arm.intolerance_time));
}

}  // namespace

bool can_lose_patients(const PathwayLaw& pathway) {
  for (const StepLaw& step : pathway)
    for (const ArmLaw& arm : step.arms)
      if (arm.can_lose_patients()) return true;
  return false;
}

Cut to_cut(long double probability) {
  const long double scaled = std::round(probability * 4294967296.0L);
  return scaled >= certain ? certain : static_cast<Cut>(scaled);
}

TimeLaw compile(const TimeDistribution& time, Ticks length, Rounding rounding) {
  const Points points = points_of(time, length, rounding);
  if (points.tick.empty() || !(points.cumulative.back() > 0))
    throw std::invalid_argument(
        "a time distribution has no probability within its step");
  TimeLaw law;
  Cut reached = impossible;
  for (std::size_t i = 0; i < points.tick.size(); ++i) {
    const bool last = i + 1 == points.tick.size();
    const Cut cut = last ? certain : to_cut(points.cumulative[i]);
    law.distance = std::max(
        law.distance, static_cast<double>(std::abs(probability_below(cut) -
                                                   points.cumulative[i])));
    if (cut <= reached) continue;
    law.cut.push_back(cut);
    law.tick.push_back(points.tick[i]);
    reached = cut;
  }
  return law;
}

Law compile(const Scenario& scenario) {
  Law law;
  law.horizon = scenario.horizon;
  TimeTable times(law.times);
  for (const Pathway& pathway : scenario.pathways) {
    PathwayLaw steps;
    for (std::size_t s = 0; s < pathway.steps.size(); ++s)
      steps.push_back(step_law(times, scenario.steps[pathway.steps[s]],
                               s + 1 == pathway.steps.size()));
    law.pathways.push_back(std::move(steps));
  }
  return law;
}

std::vector<std::byte> bytes_of(const Law& law) {
  std::vector<std::byte> bytes;
  append(bytes, law.horizon);
  for (const TimeLaw& time : law.times) {
    append(bytes, static_cast<std::uint64_t>(time.cut.size()));
    for (const Cut cut : time.cut) append(bytes, cut);
    for (const Ticks tick : time.tick) append(bytes, tick);
  }
  for (const PathwayLaw& pathway : law.pathways) {
    append(bytes, static_cast<std::uint64_t>(pathway.size()));
    for (const StepLaw& step : pathway) {
      append(bytes, step.length);
      append(bytes, static_cast<std::uint64_t>(step.arms.size()));
      for (const ArmLaw& arm : step.arms) append(bytes, arm);
    }
  }
  return bytes;
}

}  // namespace stardsim
