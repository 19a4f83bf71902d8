// Fuzz target: a table of patients, and one of draws, as comma-separated
// values.
#include "sim/io/table_cells.hpp"
#include "tests/fuzz/checks.hpp"

using namespace stardsim;

namespace {

using Kind = TableColumn::Kind;

void read(std::string_view text, const std::vector<TableColumn>& columns) {
  TableBuilder builder(columns);
  try {
    read_csv(text, builder);
    const PatientTable table = builder.finish();
    for (std::size_t i = 0; i < columns.size(); ++i)
      if (columns[i].kind != Kind::identifiers &&
          table.columns[i].size() != table.rows)
        __builtin_trap();
  } catch (const BadTable& bad) {
    fuzz::require_clear(bad.lines());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static const std::vector<TableColumn> patients = {
      {"id", Kind::identifiers, {}},
      {"age", Kind::numbers, {}},
      {"sex", Kind::levels, {"f", "m"}},
      {"weight", Kind::weights, {}}};
  static const std::vector<TableColumn> draws = {{"age", Kind::draws, {}},
                                                 {"weight", Kind::draws, {}}};
  read(text, patients);
  read(text, draws);
  return 0;
}
