// Running to a precision: patients are added until a Monte Carlo error is small
// enough.
//
// The error is looked at after fixed numbers of patients, growing by half from
// 20,000, so that where a run stops does not depend on how it was computed. To
// stop when an estimated error is small favours the samples in which it came
// out small. With the rules below the interval at the end covers as promised:
// tests/sim/analysis/precision_test.cpp, [coverage], counts how often it does.
#pragma once

#include "models/scenario.hpp"
#include "sim/core/tally.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace stardsim {

/// What is to be how precise, in the words of parse_precision_goal().
struct PrecisionGoal {
  enum class Function { half_width, se } function = Function::half_width;
  /// Of a pathway less the reference, on the same patients.
  bool is_difference = false;
  std::optional<std::size_t> measure;  ///< in measures_of(); none: a curve
  Estimand estimand = Estimand::if_all_continue;  ///< of the curve
  std::uint32_t week = 0;                         ///< of it
  /// None: the largest error of all pathways counts.
  std::optional<std::size_t> pathway;
  double below = 0;  ///< > 0, in the unit of the measure
};

/// "half_width", "se".
const char* name_of(PrecisionGoal::Function);

/// FUNCTION(TARGET) < NUMBER. FUNCTION is `half_width`, of the 95 % interval,
/// or `se`, the standard error. TARGET is one of
///   MEASURE, MEASURE_difference           (of measures_of(), by name)
///   curve(ESTIMAND, WEEK), curve_difference(ESTIMAND, WEEK)
/// and may end in @PATHWAY. `qaly` and `cost` are the measures that decisions
/// are made on. Throws std::invalid_argument in one line that says what is
/// allowed.
PrecisionGoal parse_precision_goal(const std::string&, const Scenario&);

/// How precise so many patients make it.
struct Precision {
  double value;  ///< what the goal's function gives
  /// Why the value is not to be trusted yet.
  enum class Doubt {
    none,
    few_patients,  ///< fewer than judged_from
    few_differ,    ///< of them, fewer than differing_from
    uneven         ///< see skewness_below
  } doubt = Doubt::none;
};

/// No goal is judged with fewer patients.
inline constexpr std::uint64_t judged_from = 20'000;
/// Nor is that of a difference with fewer patients in whom the two differ.
/// Where these are not counted (0/1 measures by batch), the sums by batch must
/// show as many.
inline constexpr std::uint64_t differing_from = 200;
/// Nor is that of a difference, or of the mean of anything but a 0/1 measure,
/// that hangs on a few patients: the skewness of the sums by batch must be less
/// than this. With patients of skewness G that takes n > 256 G^2. Cochran
/// (1977, Sampling Techniques, 2.15) asks for 25 G^2 where n is fixed; here a
/// run would end early whenever such patients happen to be missing, which the
/// estimated error cannot know.
inline constexpr double skewness_below = 1;

/// The error of a fraction of the cohort is that of Agresti & Coull (1998, Am
/// Stat 52:119), so that none in n is not taken for certainty. The difference
/// of two curves has the error of its measure at the horizon; before it, how
/// often they go together is not counted, and it is as if they were
/// independent: with common luck, too large.
/// Requires a tally of the scenario.
Precision precision(const PrecisionGoal&, const Scenario&, const Tally&);

struct PrecisionResult {
  Tally tally;
  std::size_t looks = 0;
  bool is_reached = false;  ///< precise enough, and no doubt about it
  Precision precision{};    ///< at the end
};

/// The look after this one.
constexpr std::uint64_t next_look(std::uint64_t patients) {
  return patients < judged_from ? judged_from : patients + patients / 2;
}

/// `simulate` returns the tally of the patients first .. first + count - 1;
/// what it throws goes through. At most `most_patients` >= 1 are simulated: if
/// there are fewer than the next look needs, they are looked at last.
/// `looked` is told the patients so far and their precision after each look.
/// With `first_look` > 0, which is one of the looks, those before it have been
/// in vain: it begins by asking for all the patients of that one.
PrecisionResult run_until(
    const PrecisionGoal&, const Scenario&, std::uint64_t most_patients,
    const std::function<Tally(std::uint64_t first, std::uint64_t count)>&
        simulate,
    const std::function<void(std::uint64_t patients, const Precision&)>&
        looked = {},
    std::uint64_t first_look = 0);

}  // namespace stardsim
