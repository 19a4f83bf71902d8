// Running patients by the plain course.
#pragma once

#include "sim/core/engine.hpp"

#include <cstddef>
#include <cstdint>

namespace stardsim {

/// Adds the patients first .. first + count - 1, one after another, on every
/// pathway.
void run_plainly(const Engine&, Luck, std::uint64_t first, std::size_t count,
                 Tally&);

}  // namespace stardsim
