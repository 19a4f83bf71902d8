#include "sim/io/patient_table.hpp"

#include "sim/io/input_file.hpp"
#include "sim/io/problems.hpp"
#include "sim/io/sha256.hpp"
#include "sim/io/table_cells.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <optional>
#include <system_error>

namespace stardsim {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_problems = 10;
constexpr double largest_number = 1e9;

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

std::optional<double> as_number(std::string_view cell) {
  double number = 0;
  const char* const end = cell.data() + cell.size();
  const auto [rest, error] = std::from_chars(cell.data(), end, number);
  if (error != std::errc() || rest != end || !std::isfinite(number))
    return std::nullopt;
  return number;
}

// The order of the rows by their identifiers.
std::vector<std::size_t> order_of(const std::vector<std::string>& identifiers) {
  std::vector<double> numbers;
  for (const std::string& identifier : identifiers)
    if (const auto number = as_number(identifier)) numbers.push_back(*number);
  std::vector<std::size_t> order(identifiers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const bool by_number = numbers.size() == identifiers.size();
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) {
                     if (by_number && numbers[a] != numbers[b])
                       return numbers[a] < numbers[b];
                     return identifiers[a] < identifiers[b];
                   });
  return order;
}

}  // namespace

BadTable::BadTable(std::vector<std::string> lines)
    : std::runtime_error(fmt::format("{}", fmt::join(lines, "\n"))),
      lines_(std::move(lines)) {}

std::string more_rows(std::size_t count) {
  if (count == 0) return "";
  return fmt::format("; and {} more row{} of this column {} bad", count,
                     count == 1 ? "" : "s", count == 1 ? "is" : "are");
}

// ---- TableBuilder ----

TableBuilder::TableBuilder(const std::vector<TableColumn>& columns)
    : columns_(columns) {
  table_.columns.resize(columns.size());
  bad_cells_.resize(columns.size());
}

void TableBuilder::add_problem(const std::string& what) {
  if (++problem_count_ <= most_problems) problems_.push_back(what);
}

void TableBuilder::refuse(std::size_t column, const std::string& cell,
                          const std::string& where, const std::string& what) {
  const auto line = [&] {
    return fmt::format("{}, column {}: {}{}", where,
                       in_quotes(columns_[column].name), cell, what);
  };
  if (columns_[column].kind != TableColumn::Kind::draws)
    return add_problem(line());
  BadCells& bad = bad_cells_[column];
  if (++bad.count == 1) bad.first = line();
}

void TableBuilder::add_text(std::size_t column, std::string_view cell,
                            const std::string& where) {
  const TableColumn& asked = columns_[column];
  cell = trimmed(cell);
  if (cell.empty()) return refuse(column, "", where, "the cell is empty");
  if (asked.kind == TableColumn::Kind::identifiers) {
    identifiers_.emplace_back(cell);
  } else if (asked.kind == TableColumn::Kind::levels) {
    const auto level =
        std::find(asked.levels.begin(), asked.levels.end(), cell);
    if (level == asked.levels.end())
      return refuse(column, in_quotes(cell), where,
                    " is none of the levels " + listed(asked.levels) +
                        suggestion(std::string(cell), asked.levels));
    table_.columns[column].push_back(
        static_cast<double>(level - asked.levels.begin()));
  } else if (const auto number = as_number(cell)) {
    add_number(column, *number, where);
  } else {
    refuse(column, in_quotes(cell), where,
           asked.kind == TableColumn::Kind::draws
               ? " is not a number"
               : " is not a number; a column of texts needs levels = [...]");
  }
}

void TableBuilder::add_number(std::size_t column, double cell,
                              const std::string& where) {
  const TableColumn& asked = columns_[column];
  if (asked.kind == TableColumn::Kind::identifiers)
    identifiers_.push_back(fmt::format("{}", cell));
  else if (asked.kind == TableColumn::Kind::levels)
    refuse(column, fmt::format("{}", cell), where, " is not a text");
  else if (!(std::abs(cell) <= largest_number))
    refuse(column, fmt::format("{}", cell), where,
           " is not a number between -1e9 and 1e9");
  else if (asked.kind == TableColumn::Kind::weights && cell < 0)
    refuse(column, fmt::format("{}", cell), where,
           " is not a weight (0 or more)");
  else
    table_.columns[column].push_back(cell);
}

PatientTable TableBuilder::finish() {
  for (const auto& [first, count] : bad_cells_)
    if (count > 0) add_problem(first + more_rows(count - 1));
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const auto kind = columns_[i].kind;
    const std::size_t rows = kind == TableColumn::Kind::identifiers
                                 ? identifiers_.size()
                                 : table_.columns[i].size();
    table_.rows = std::max(table_.rows, rows);
  }
  if (problem_count_ == 0 && table_.rows == 0) add_problem("has no rows");
  if (problem_count_ == 0 && !identifiers_.empty()) sort_by_identifiers();
  if (problem_count_ > most_problems)
    problems_.push_back(fmt::format("and {} more problems of this kind",
                                    problem_count_ - most_problems));
  if (!problems_.empty()) throw BadTable(problems_);
  return std::move(table_);
}

void TableBuilder::sort_by_identifiers() {
  const std::vector<std::size_t> order = order_of(identifiers_);
  for (std::size_t i = 1; i < order.size(); ++i)
    if (identifiers_[order[i - 1]] == identifiers_[order[i]])
      add_problem(fmt::format("the identifier {} stands in two rows",
                              in_quotes(identifiers_[order[i]])));
  for (std::vector<double>& column : table_.columns) {
    if (column.empty()) continue;
    std::vector<double> sorted;
    sorted.reserve(column.size());
    for (const std::size_t row : order) sorted.push_back(column[row]);
    column = std::move(sorted);
  }
}

// ---- files ----

std::string read_bytes(const fs::path& path) {
  std::string bytes;
  try {
    bytes = read_input(path, most_table_bytes);
  } catch (const std::system_error& error) {
    throw BadTable({error.code().message()});
  }
  if (bytes.size() > most_table_bytes) throw BadTable({"longer than 256 MB"});
  return bytes;
}

PatientTable read_patient_table(const fs::path& path, const std::string& group,
                                const std::vector<TableColumn>& columns) {
  const std::string ending = path.extension().string();
  const bool is_hdf5 = ending == ".h5" || ending == ".hdf5";
  if (!is_hdf5 && ending != ".csv")
    throw BadTable({"a file named *.csv, *.h5 or *.hdf5 is allowed"});
  const std::string bytes = read_bytes(path);
  TableBuilder builder(columns);
  if (is_hdf5)
    read_hdf5(bytes, group, builder);
  else
    read_csv(bytes, builder);
  PatientTable table = builder.finish();
  table.sha256 = sha256(bytes);
  return table;
}

}  // namespace stardsim
