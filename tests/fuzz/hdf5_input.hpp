// Fuzzing what reads HDF5. HDF5 1.10 itself crashes on damaged files, which is
// no fault of the readers: sim/io/trial.hpp is there for that.
#pragma once

#include <functional>

namespace stardsim::fuzz {

/// Calls `read` in a process of its own, then here. If it dies there within
/// HDF5 it is not called here; if it dies in code of ours, or takes more than
/// 20 s of the processor, the process ends: the input counts as a crash. Within
/// `read` the readers start no process of their own.
void call_unless_hdf5_dies(const std::function<void()>& read);

}  // namespace stardsim::fuzz
