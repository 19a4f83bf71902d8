#include "sim/io/csv_rows.hpp"

#include "models/utf8.hpp"
#include "sim/io/patient_table.hpp"

#include <fmt/format.h>

namespace stardsim {
namespace {

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

}  // namespace

CsvRows::CsvRows(std::string_view text) : text_(text) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text_.substr(0, 3) == byte_order_mark) text_.remove_prefix(3);
  refuse_what_is_no_text(text_);
}

bool CsvRows::next_row(std::vector<std::string>& cells) {
  skip_lines_without_row();
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
      throw BadTable({fmt::format("line {}: more than {} columns", line_of_row_,
                                  most_table_columns)});
  }
  cells.resize(count);
  return true;
}

bool CsvRows::at_line_end() const {
  return at_ >= text_.size() || text_[at_] == '\n' ||
         text_.substr(at_, 2) == "\r\n";
}

void CsvRows::skip_line_end() {
  if (at_ >= text_.size()) return;
  at_ += text_[at_] == '\n' ? 1 : 2;
  ++line_;
}

void CsvRows::skip_lines_without_row() {
  while (at_ < text_.size()) {
    if (allows_comments_ && text_[at_] == '#')
      while (!at_line_end()) ++at_;
    else if (!at_line_end())
      return;
    skip_line_end();
  }
}

// Whether another cell follows in the row.
bool CsvRows::read_cell(std::string& cell) {
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
void CsvRows::read_quoted(std::string& cell) {
  const std::size_t opened = line_;
  for (++at_;; ++at_) {
    if (at_ >= text_.size())
      refuse(fmt::format("the quote opened in line {} is not closed", opened));
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

void CsvRows::refuse(const std::string& what) const {
  throw BadTable({fmt::format("line {}: {}", line_, what)});
}

}  // namespace stardsim
