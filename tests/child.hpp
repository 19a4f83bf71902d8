// Asking a process of its own, whose limits and signals are not ours.
#pragma once

#include <functional>
#include <string>

namespace stardsim::test {

/// What `question` answers in a process of its own.
std::string ask_child(const std::function<std::string()>& question);

}  // namespace stardsim::test
