// Comma-separated values as RFC 4180 has them, in UTF-8, row by row.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace stardsim {

/// Splits a text into rows of cells. What is no such text throws BadTable,
/// whose line begins with `line N: `.
class CsvRows {
 public:
  /// Checks that the text, which must outlive it, is UTF-8 without NUL; a byte
  /// order mark is passed over.
  explicit CsvRows(std::string_view text);

  /// Lines that begin with `#` are passed over too.
  void allow_comments() { allows_comments_ = true; }

  /// Whether there is another row; empty lines are none.
  bool next_row(std::vector<std::string>& cells);

  /// The line in which the last row begins, from 1.
  std::size_t line() const { return line_of_row_; }

 private:
  bool at_line_end() const;
  void skip_line_end();
  void skip_lines_without_row();
  bool read_cell(std::string& cell);
  void read_quoted(std::string& cell);
  [[noreturn]] void refuse(const std::string& what) const;

  std::string_view text_;
  std::size_t at_ = 0, line_ = 1, line_of_row_ = 1;
  bool allows_comments_ = false;
};

}  // namespace stardsim
