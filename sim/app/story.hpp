// The life of one patient as a story to read.
#pragma once

#include "models/scenario.hpp"
#include "sim/core/engine.hpp"
#include "sim/core/life.hpp"

#include <string>

namespace stardsim {

/// Who the patient is; then, week by week, what happened, a line for each
/// event, and before it the draws that decided it: the word as a number in
/// [0, 1), and what it was compared with or the time that it gave; at the end
/// the whole in one line. Requires a life on this pathway in this scenario, of
/// which the engine is, with the same `everybody_continues`.
std::string story(const Scenario&, const Engine&, const Life&,
                  std::size_t pathway, bool everybody_continues);

}  // namespace stardsim
