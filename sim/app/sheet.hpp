// A table of text: aligned for a screen, or in Markdown for a paper.
#pragma once

#include <string>
#include <vector>

namespace stardsim {

struct Sheet {
  std::string title;
  std::vector<std::string> header;  ///< of the label and each further column
  std::vector<std::vector<std::string>> rows;  ///< as long as the header
  /// Columns from the left that are words, aligned left; the others are
  /// numbers.
  std::size_t words = 1;
  std::string note{};  ///< below it, or ""
};

/// Headed by an empty line and the title. Columns that have no room in a line
/// of 120 characters go below, with the label again.
std::string as_text(const Sheet&);

/// In Markdown (GitHub's and Pandoc's pipe tables).
std::string as_markdown(const Sheet&);

/// The words as one line of CSV (RFC 4180), but for the end of line: \n alone.
std::string csv_line(const std::vector<std::string>& words);

/// 1234567.89 with 2 decimals as "1,234,567.89"; "-" for NaN.
std::string with_decimals(double number, int decimals);

/// How many decimals a number with this error is worth: its first two figures.
/// 4 where there is no error.
int decimals_worth(double error);

}  // namespace stardsim
