// One block of patients, by whatever form of the course the law takes.
#pragma once

#include "sim/core/engine.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace stardsim {

/// That of the instruction set ("": the fastest), or the plain course, which is
/// called "plain", where only that will do. Throws std::invalid_argument where
/// this machine does not have the set.
CourseForm form_for(const Engine&, const std::string& instruction_set);

/// Adds the patients first .. first + count - 1, at most block_size, to the
/// tally. The workspace is one of this engine.
void simulate_block(const Engine&, const CourseForm&, std::uint64_t first,
                    std::size_t count, Workspace&, Tally&);

}  // namespace stardsim
