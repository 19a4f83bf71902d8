// Fuzz target: the image of a result file, read as `compare` and `report` read
// results of `run`, `sensitivity` and `alternatives`.
#include "sim/io/report_reader.hpp"
#include "sim/io/result_reader.hpp"
#include "sim/io/uncertainty_report_reader.hpp"
#include "tests/fuzz/checks.hpp"
#include "tests/fuzz/hdf5_input.hpp"

using namespace stardsim;

namespace {

template <class Read>
void expect_no_fault(const std::filesystem::path& path, Read read) {
  try {
    read(path);
  } catch (const BadResult& bad) {
    fuzz::require_clear({bad.what()}, path);
  }
}

void read_all(const std::filesystem::path& path) {
  expect_no_fault(path, read_curves);
  expect_no_fault(path, kind_of_report);
  expect_no_fault(path, read_for_report);  // and read_outcomes
  expect_no_fault(path, read_sensitivity);
  expect_no_fault(path, read_alternatives);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const auto path =
      fuzz::write("input.h5", {reinterpret_cast<const char*>(data), size});
  fuzz::call_unless_hdf5_dies([&] { read_all(path); });
  return 0;
}
