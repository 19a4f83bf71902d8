// A logarithm that is the same on every machine: the mathematical library's
// need not be.
#pragma once

#include <cstdint>

namespace stardsim {

/// -ln(1 - (word + 1/2) / 2^32): the cumulative hazard at which an event comes
/// to the patient with this word. Increasing; within 1e-13 of it, relatively or
/// absolutely, whichever is larger.
double cumulative_hazard_at(std::uint32_t word);

}  // namespace stardsim
