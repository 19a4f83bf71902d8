// Fuzz target: the image of an HDF5 file, read as a table of patients.
#include "sim/io/table_cells.hpp"
#include "tests/fuzz/checks.hpp"
#include "tests/fuzz/hdf5_input.hpp"

using namespace stardsim;

namespace {

using Kind = TableColumn::Kind;

void read(const std::string& image) {
  static const std::vector<TableColumn> columns = {
      {"id", Kind::identifiers, {}},
      {"age", Kind::numbers, {}},
      {"sex", Kind::levels, {"f", "m"}}};
  TableBuilder builder(columns);
  try {
    read_hdf5(image, "/cohort", builder);
    builder.finish();
  } catch (const BadTable& bad) {
    fuzz::require_clear(bad.lines());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string image(reinterpret_cast<const char*>(data), size);
  fuzz::call_unless_hdf5_dies([&] { read(image); });
  return 0;
}
