// Comma-separated values as RFC 4180 has them. Columns that are not asked for
// are checked for their form only.
#include "sim/io/problems.hpp"
#include "sim/io/table_cells.hpp"
#include "sim/io/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace stardsim {
namespace {

// Splits the bytes into rows of cells.
class CsvReader {
 public:
  explicit CsvReader(std::string_view text) : text_(text) {}

  // Whether there is another row; empty lines are none.
  bool next_row(std::vector<std::string>& cells) {
    skip_empty_lines();
    if (at_ >= text_.size()) return false;
    line_of_row_ = line_;
    std::size_t count = 0;
    bool more = true;
    while (more) {
      if (count == cells.size()) cells.emplace_back();
      cells[count].clear();
      more = read_cell(cells[count]);
      ++count;
      if (count > most_table_columns)
        throw BadTable({fmt::format("line {}: more than {} columns",
                                    line_of_row_, most_table_columns)});
    }
    cells.resize(count);
    return true;
  }

  std::string place() const { return fmt::format("line {}", line_of_row_); }

 private:
  bool at_line_end() const {
    return at_ >= text_.size() || text_[at_] == '\n' ||
           text_.substr(at_, 2) == "\r\n";
  }

  void skip_line_end() {
    if (at_ >= text_.size()) return;
    at_ += text_[at_] == '\n' ? 1 : 2;
    ++line_;
  }

  void skip_empty_lines() {
    while (at_ < text_.size() && at_line_end()) skip_line_end();
  }

  // Whether another cell follows in the row.
  bool read_cell(std::string& cell) {
    if (at_ < text_.size() && text_[at_] == '"') {
      read_quoted(cell);
    } else {
      const std::size_t begin = at_;
      while (!at_line_end() && text_[at_] != ',') {
        if (text_[at_] == '"')
          refuse("a quote within a cell that does not begin with one");
        ++at_;
      }
      cell.assign(text_.substr(begin, at_ - begin));
    }
    if (at_line_end()) {
      skip_line_end();
      return false;
    }
    ++at_;  // the comma
    return true;
  }

  // Two quotes stand for one.
  void read_quoted(std::string& cell) {
    const std::size_t opened = line_;
    for (++at_;; ++at_) {
      if (at_ >= text_.size())
        refuse(
            fmt::format("the quote opened in line {} is not closed", opened));
      if (text_[at_] == '"') {
        ++at_;
        if (at_ >= text_.size() || text_[at_] != '"') break;
      }
      if (text_[at_] == '\n') ++line_;
      cell += text_[at_];
    }
    if (!at_line_end() && text_[at_] != ',')
      refuse("a comma or the end of the line must follow a closing quote");
  }

  [[noreturn]] void refuse(const std::string& what) const {
    throw BadTable({fmt::format("line {}: {}", line_, what)});
  }

  std::string_view text_;
  std::size_t at_ = 0, line_ = 1, line_of_row_ = 1;
};

void refuse_what_is_no_text(std::string_view text) {
  std::size_t line = 1;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = character_length(text.substr(i));
    if (length == 0 || text[i] == '\0')
      throw BadTable({fmt::format("line {}: not text in UTF-8", line)});
    if (text[i] == '\n') ++line;
    i += length;
  }
}

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
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (bytes.substr(0, 3) == byte_order_mark) bytes.remove_prefix(3);
  refuse_what_is_no_text(bytes);
  CsvReader csv(bytes);
  std::vector<std::string> header, cells;
  if (!csv.next_row(header)) throw BadTable({"is empty; a header is needed"});
  const std::vector<std::size_t> at = positions(header, builder);
  for (std::size_t rows = 0; csv.next_row(cells); ++rows) {
    if (rows == most_table_rows)
      throw BadTable({fmt::format("more than {} rows", most_table_rows)});
    if (cells.size() != header.size()) {
      builder.add_problem(fmt::format("{}: {} cells; the header has {}",
                                      csv.place(), cells.size(),
                                      header.size()));
      continue;
    }
    const std::string place = csv.place();
    for (std::size_t i = 0; i < at.size(); ++i)
      builder.add_text(i, cells[at[i]], place);
  }
}

}  // namespace stardsim
