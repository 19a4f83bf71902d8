// A table of text: aligned for a screen, or in Markdown for a paper.
#pragma once

#include "sim/app/console.hpp"

#include <cstddef>
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

/// Headed by an empty line and the title, which is bold on a screen that can;
/// the note is dim. Columns that have no room in a line of the screen, or of
/// 120 characters, go below, with the label again.
std::string as_text(const Sheet&, const Screen& = {});

/// Characters of UTF-8.
std::size_t width_of(const std::string&);

/// Of a line that holds all columns.
std::size_t width_of(const Sheet&);

/// Characters of a line: those of the screen, or 120.
std::size_t room_of(const Screen&);

/// In at most so many characters; where it was cut it ends in "~".
std::string shortened(const std::string&, std::size_t width);

/// In Markdown (GitHub's and Pandoc's pipe tables).
std::string as_markdown(const Sheet&);

/// The words as one line of CSV (RFC 4180), but for the end of line: \n alone.
std::string csv_line(const std::vector<std::string>& words);

/// 1234567.89 with 2 decimals as "1,234,567.89"; "-" for NaN.
std::string with_decimals(double number, int decimals);

/// How many decimals a number with this error is worth: its first two figures.
/// 4 where there is no error.
int decimals_worth(double error);

/// "12.345 (0.012)"; "0" where nothing came of anybody.
std::string with_error(double number, double error);

}  // namespace stardsim
