// A trial of what might crash, in a process of its own.
#pragma once

#include <functional>
#include <string>

namespace stardsim {

struct TrialOutcome {
  enum class End {
    done,            ///< as it will be here
    could_not_read,  ///< threw CannotRead (problems.hpp)
    threw,           ///< another std::exception
    killed,          ///< by a crash, or beyond the limits
  };
  End end = End::done;
  std::string what;  ///< of the exception, up to 64 kB
};

/// Calls `act` in a copy of this process, with 2 GB more memory than this one
/// has (not under the address sanitizer, whose own needs are terabytes), for 30
/// s of processor time and 2 minutes in all. What it does there changes nothing
/// here. A process that cannot be had is done without: `done`.
TrialOutcome try_apart(const std::function<void()>& act);

}  // namespace stardsim
