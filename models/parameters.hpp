// The numbers of a scenario as parameters: found by their keys, and set to
// other values. Draws, sensitivity and calibration all go through here.
#pragma once

#include "models/scenario.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace stardsim {

/// A number that can be varied.
struct Parameter {
  Evidence evidence;  ///< with its key, kind and certainty
  std::string unit;   ///< as Input::unit
};

/// Each number that the file states as a plain number or an evidence value,
/// once, in the order of inputs_of(); neither lists nor defaults. The figures
/// of [published] are none.
std::vector<Parameter> parameters_of(const Scenario&);

/// Whether this is the key, or a pattern in which each * stands for any text
/// and which then is the key: "steps.*.remission", "*".
bool matches(std::string_view pattern, std::string_view key);

/// What may stand there: the range of its reader, or else that of its kind.
Range range_of(const Evidence&);

struct Setting {
  std::string key;
  double value;
};

/// The scenario with these numbers at these keys, wherever they stand. Throws
/// std::invalid_argument, in one line that begins with the key, for a key that
/// is none of parameters_of() (with the nearest one), for a number that may not
/// stand there, and for outcome probabilities of an arm, or ways to go on, that
/// then sum to more than 1.
Scenario with(const Scenario&, const std::vector<Setting>&);

}  // namespace stardsim
