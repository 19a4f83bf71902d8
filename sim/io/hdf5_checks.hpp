// What is asked of foreign HDF5 before it is read.
#pragma once

#include <hdf5.h>

#include <string>

namespace stardsim::hdf5 {

/// That the path from the group, as far as it is there, stays in the file.
/// Throws Failure, as require_plain.
void require_own(hid_t group, const std::string& name);

/// That the values of a dataset lie in the file itself, as many as it declares,
/// in chunks of at most 256 MB that are compressed, if at all, by what HDF5
/// brings along.
void require_plain(hid_t dataset, const std::string& name);

}  // namespace stardsim::hdf5
