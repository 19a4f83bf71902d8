// Fuzz target: a life table, as comma-separated values.
#include "sim/io/mortality_reader.hpp"
#include "sim/io/patient_table.hpp"
#include "tests/fuzz/checks.hpp"

using namespace stardsim;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const auto path =
      fuzz::write("input.csv", {reinterpret_cast<const char*>(data), size});
  try {
    const LifeTable table = read_life_table(path).table;
    if (table.male.empty() || table.male.size() != table.female.size())
      __builtin_trap();
  } catch (const BadTable& bad) {
    fuzz::require_clear(bad.lines(), path);
  }
  return 0;
}
