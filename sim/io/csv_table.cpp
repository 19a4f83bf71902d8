// Patient tables as comma-separated values. Columns that are not asked for are
// checked for their form only.
#include "sim/io/csv_rows.hpp"
#include "sim/io/problems.hpp"
#include "sim/io/table_cells.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace stardsim {
namespace {

// Where in a row the columns stand that are asked for.
std::vector<std::size_t> positions(const std::vector<std::string>& header,
                                   const TableBuilder& builder) {
  std::vector<std::size_t> at;
  std::vector<std::string> problems;
  for (const TableColumn& column : builder.columns()) {
    const auto found = std::find(header.begin(), header.end(), column.name);
    if (found == header.end()) {
      const std::string hint = suggestion(column.name, header);
      problems.push_back(
          fmt::format("has no column {}{}", in_quotes(column.name),
                      hint.empty() ? "; it has " + listed(header) : hint));
    } else if (std::count(header.begin(), header.end(), column.name) > 1) {
      problems.push_back(
          fmt::format("has two columns {}", in_quotes(column.name)));
    }
    at.push_back(static_cast<std::size_t>(found - header.begin()));
  }
  if (!problems.empty()) throw BadTable(problems);
  return at;
}

}  // namespace

void read_csv(std::string_view bytes, TableBuilder& builder) {
  CsvRows csv(bytes);
  std::vector<std::string> header, cells;
  if (!csv.next_row(header)) throw BadTable({"is empty; a header is needed"});
  const std::vector<std::size_t> at = positions(header, builder);
  for (std::size_t rows = 0; csv.next_row(cells); ++rows) {
    if (rows == most_table_rows)
      throw BadTable({fmt::format("more than {} rows", most_table_rows)});
    const std::string place = fmt::format("line {}", csv.line());
    if (cells.size() != header.size()) {
      builder.add_problem(fmt::format("{}: {} cells; the header has {}", place,
                                      cells.size(), header.size()));
      continue;
    }
    for (std::size_t i = 0; i < at.size(); ++i)
      builder.add_text(i, cells[at[i]], place);
  }
}

}  // namespace stardsim
