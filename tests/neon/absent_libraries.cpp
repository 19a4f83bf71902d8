// What stands in for the libraries that are missing where the engine is
// compiled for another machine: no table in HDF5, no fingerprints, and, on ARM,
// no choice of instruction set, as NEON is a part of every 64-bit ARM.
#include "sim/io/sha256.hpp"
#include "sim/io/table_cells.hpp"

#include <hwy/highway.h>

#include <stdexcept>

namespace stardsim {

std::string sha256(std::span<const std::byte>) { return "not computed"; }
std::string sha256(const std::string&) { return "not computed"; }

void read_hdf5(const std::string&, const std::string&, TableBuilder&) {
  throw std::runtime_error("built without HDF5");
}

}  // namespace stardsim

#if HWY_ARCH_ARM_A64
namespace hwy {

int64_t SupportedTargets() { return HWY_NEON; }

void SetSupportedTargetsForTest(int64_t) {}

ChosenTarget& GetChosenTarget() {
  static ChosenTarget chosen;
  return chosen;
}

}  // namespace hwy
#endif
