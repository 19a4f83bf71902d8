#include "sim/io/time_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace stardsim {
namespace {

constexpr std::size_t most_times = 520;

constexpr Quantity outcome_time = of_kind(
    ValueKind::positive, {"a time in weeks (1/1024 or more)", 1.0 / 1024});
constexpr Quantity scale_in_weeks =
    of_kind(ValueKind::positive,
            {"a number of weeks (0.001 to 1,000,000)", 0.001, 1e6});
constexpr Quantity weeks_until{"a number of weeks (1/1024 to 1,000,000)",
                               1.0 / 1024, 1e6};
constexpr Quantity weeks_of_delay =
    of_kind(ValueKind::positive, {"a number of weeks (0 to 5218)", 0, 5218});
constexpr Quantity below_one = of_kind(
    ValueKind::probability,
    {"a probability below 1 (of all at the same time say { after = WEEKS })", 0,
     1, true, false});
constexpr Quantity session_number{"the number of a session (1 to 520)", 1, 520};

const char* const time_allowed =
    "a table such as { distribution = \"fixed\", week = 6 }";
const char* const survival_allowed =
    "a table such as { probability = 0.3, by = 52 }";

const std::vector<std::string>& time_names() {
  static const std::vector<std::string> names = {
      "fixed",      "discrete",    "gamma",   "weibull",
      "log_normal", "exponential", "sessions"};
  return names;
}

// One array for each entry of another.
struct Pair {
  std::optional<Value> first, second;
};

Pair require_pair(Section& section, const char* first, const char* second) {
  const auto needed = [](const char* name) {
    return fmt::format("an array of {}", name);
  };
  return {section.require(first, needed(first)),
          section.require(second, needed(second))};
}

// Both were read and have the same length.
template <class First, class Second>
bool are_alike(const std::vector<First>& first,
               const std::vector<Second>& second, const Value& place,
               const char* what, Problems& problems) {
  if (first.empty() || second.empty()) return false;
  if (first.size() == second.size()) return true;
  add_problem(problems, place,
              fmt::format(fmt::runtime(what), second.size(), first.size()));
  return false;
}

DiscreteTime discrete(Section& section, const ValueReader& values) {
  Problems& problems = values.problems();
  const auto [weeks, weights] = require_pair(section, "weeks", "weights");
  if (!weeks || !weights) return {};
  DiscreteTime time{values.numbers(*weeks, outcome_time, most_times),
                    values.numbers(*weights, weight, most_times)};
  check_ascending(time.weeks, *weeks, "weeks", problems);
  if (!are_alike(time.weeks, time.weights, *weights,
                 "{} weights for {} weeks; each week needs one", problems))
    return time;
  const double sum =
      std::accumulate(time.weights.begin(), time.weights.end(), 0.0);
  if (!(sum > 0 && std::isfinite(sum)))
    add_problem(problems, *weights,
                fmt::format("sum to {}; a positive sum is needed", sum));
  return time;
}

// ---- sessions ----

// What is published as shares by a few sessions, spread over all sessions: at a
// constant hazard within each stretch, in equal shares in the last one, where
// the hazard would have no end.
DiscreteTime spread_over_sessions(const std::vector<double>& sessions,
                                  const std::vector<double>& cumulative,
                                  double per_week) {
  DiscreteTime time;
  double session = 0, left = 1;
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    const double count = sessions[i] - session, left_after = 1 - cumulative[i];
    double left_before = left;
    for (double k = 1; k <= count; ++k) {
      const double left_now =
          left_after > 0 ? left * std::pow(left_after / left, k / count)
                         : left * (1 - k / count);
      time.weeks.push_back((session + k) / per_week);
      time.weights.push_back(std::max(left_before - left_now, 0.0));
      left_before = left_now;
    }
    session = sessions[i];
    left = left_after;
  }
  return time;
}

DiscreteTime in_sessions(Section& section, const TimeFrame& frame,
                         const ValueReader& values) {
  Problems& problems = values.problems();
  if (!frame.sessions_per_week)
    section.add("sessions_per_week is needed, in the same arm or step");
  const auto [sessions, shares] =
      require_pair(section, "sessions", "cumulative");
  if (!sessions || !shares) return {};
  const std::size_t problems_before = problems.count();
  const std::vector<double> numbers =
      values.numbers(*sessions, session_number, most_times);
  const std::vector<double> cumulative =
      values.numbers(*shares, probability, most_times);
  check_ascending(numbers, *sessions, "sessions", problems);
  if (std::any_of(numbers.begin(), numbers.end(),
                  [](double n) { return n != std::floor(n); }))
    add_problem(problems, *sessions, "sessions are whole numbers");
  if (!are_alike(numbers, cumulative, *shares,
                 "{} shares for {} sessions; each needs one", problems))
    return {};
  const bool rises_to_one =
      std::is_sorted(cumulative.begin(), cumulative.end()) &&
      cumulative.back() == 1 &&
      std::count(cumulative.begin(), cumulative.end(), 1.0) == 1;
  if (!rises_to_one)
    add_problem(problems, *shares,
                "shares must not fall, and reach 1 at the last session and "
                "not before");
  const double per_week = frame.sessions_per_week.value_or(unusable);
  if (problems.count() > problems_before || std::isnan(per_week)) return {};
  return spread_over_sessions(numbers, cumulative, per_week);
}

// ---- time distributions ----

void read_parameters(Section& section, const std::string& name,
                     const TimeFrame& frame, const ValueReader& values,
                     TimeDistribution& time) {
  const auto parameter = [&](const char* key, const Quantity& quantity) {
    return values.require(section, key, quantity);
  };
  if (name == "fixed") {
    time.form = FixedTime{parameter("week", outcome_time)};
  } else if (name == "discrete") {
    time.form = discrete(section, values);
  } else if (name == "gamma") {
    time.form = GammaTime{parameter("shape", shape_parameter),
                          parameter("scale", scale_in_weeks)};
  } else if (name == "weibull") {
    time.form = WeibullTime{parameter("shape", shape_parameter),
                            parameter("scale", scale_in_weeks)};
  } else if (name == "log_normal") {
    time.form = LogNormalTime{parameter("median", scale_in_weeks),
                              parameter("sigma", shape_parameter)};
  } else if (name == "exponential") {
    time.form = ExponentialTime{parameter("mean", scale_in_weeks)};
  } else {
    time.form = in_sessions(section, frame, values);
  }
}

// A distribution whose numbers could not be computed: what it needs stands
// elsewhere and has been found unusable there.
bool is_empty(const TimeDistribution& time) {
  const auto* discrete = std::get_if<DiscreteTime>(&time.form);
  return discrete && discrete->weeks.empty();
}

// ---- survival ----

Piecewise piecewise(Section& section, const ValueReader& values) {
  Problems& problems = values.problems();
  const auto [weeks, shares] = require_pair(section, "weeks", "probabilities");
  if (!weeks || !shares) return {};
  Piecewise form{values.numbers(*weeks, weeks_until, most_times),
                 values.evidence_array(*shares, below_one, most_times)};
  check_ascending(form.weeks, *weeks, "weeks", problems);
  if (!are_alike(form.weeks, form.probabilities, *shares,
                 "{} probabilities for {} weeks; each week needs one",
                 problems))
    return form;
  for (std::size_t i = 1; i < form.probabilities.size(); ++i) {
    const double before = form.probabilities[i - 1].value;
    const double now = form.probabilities[i].value;
    if (now < before)
      add_problem(problems, *shares,
                  fmt::format("{} before {}; probabilities by a week must not "
                              "fall",
                              before, now));
  }
  return form;
}

void read_survival_form(Section& section, const ValueReader& values,
                        Survival& survival) {
  if (section.find("distribution")) {
    const auto choice =
        section.choice("distribution", {"weibull", "piecewise"});
    if (choice == std::size_t{0})
      survival.form =
          WeibullSurvival{values.require(section, "shape", shape_parameter),
                          values.require(section, "scale", scale_in_weeks)};
    else if (choice)
      survival.form = piecewise(section, values);
  } else if (section.find("after")) {
    survival.form = After{values.require(section, "after", weeks_of_delay)};
  } else {
    ByProbability form;
    form.probability = values.require(section, "probability", below_one);
    if (const auto by =
            section.require("by", "the week by which it is the probability"))
      form.by = values.number(*by, weeks_until);
    survival.form = form;
  }
}

}  // namespace

std::optional<TimeDistribution> read_time(const Value& value,
                                          const TimeFrame& frame,
                                          const ValueReader& values) {
  Problems& problems = values.problems();
  const Table* table = as_table(value, problems, time_allowed);
  if (!table) return std::nullopt;
  const std::size_t problems_before = problems.count();
  Section section(*table, value, problems);
  section.require("distribution", "one of " + listed(time_names()));
  const auto choice = section.choice("distribution", time_names());
  if (!choice) return std::nullopt;

  TimeDistribution time;
  time.key = value.path;
  read_parameters(section, time_names()[*choice], frame, values, time);
  time.source = values.source(section);
  time.note = section.text("note");
  section.finish();
  if (problems.count() > problems_before || is_empty(time)) return std::nullopt;
  constexpr long double least_within_step = 1e-9L;
  if (!std::isnan(frame.weeks) &&
      !(cumulative(time, frame.weeks) > least_within_step))
    section.add(fmt::format(
        "nothing of this distribution lies within the {} weeks of the step",
        frame.weeks));
  return time;
}

bool is_in_sessions(const Value& value) {
  const auto* table = std::get_if<Table>(&value.node.value);
  const Entry* entry = table ? table->find("distribution") : nullptr;
  const auto* name =
      entry ? std::get_if<std::string>(&entry->node.value) : nullptr;
  return name && *name == "sessions";
}

std::optional<Survival> read_survival(const Value& value,
                                      const ValueReader& values) {
  const Table* table = as_table(value, values.problems(), survival_allowed);
  if (!table) return std::nullopt;
  Section section(*table, value, values.problems());
  const std::size_t problems_before = values.problems().count();
  auto survival = read_survival_keys(section, values);
  section.finish();
  if (values.problems().count() > problems_before) return std::nullopt;
  return survival;
}

std::optional<Survival> read_survival_keys(Section& section,
                                           const ValueReader& values) {
  const std::size_t problems_before = values.problems().count();
  Survival survival;
  survival.key = section.path();
  read_survival_form(section, values, survival);
  if (const auto weekly = section.find("weekly"))
    survival.weekly = as_boolean(*weekly, values.problems()).value_or(false);
  survival.source = values.source(section);
  survival.note = section.text("note");
  if (values.problems().count() > problems_before) return std::nullopt;
  return survival;
}

std::optional<Survival> find_survival(Section& section, const std::string& key,
                                      const ValueReader& values) {
  const auto value = section.find(key);
  if (!value) return std::nullopt;
  return read_survival(*value, values);
}

}  // namespace stardsim
