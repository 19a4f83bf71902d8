#include "sim/app/sheet.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace stardsim {
namespace {

constexpr std::size_t usual_width = 120;
/// On a narrower screen it is better to let the terminal break lines.
constexpr std::size_t least_width = 40;

bool starts_character(char byte) { return (byte & 0xC0) != 0x80; }

std::string padded(const std::string& text, std::size_t width, bool left) {
  const std::string space(width - std::min(width, width_of(text)), ' ');
  return left ? text + space : space + text;
}

std::string without_space_at_end(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

std::vector<std::size_t> widths_of(const Sheet& sheet) {
  std::vector<std::size_t> widths;
  for (const std::string& title : sheet.header)
    widths.push_back(width_of(title));
  for (const auto& row : sheet.rows)
    for (std::size_t c = 0; c < widths.size(); ++c)
      widths[c] = std::max(widths[c], width_of(row[c]));
  return widths;
}

/// The label and the columns from first to last - 1.
std::string block(const Sheet& sheet, const std::vector<std::size_t>& widths,
                  std::size_t first, std::size_t last) {
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string text = padded(cells[0], widths[0], true);
    for (std::size_t c = first; c < last; ++c)
      text += "  " + padded(cells[c], widths[c], c < sheet.words);
    return without_space_at_end(text) + "\n";
  };
  std::string text = line(sheet.header);
  for (const auto& row : sheet.rows) text += line(row);
  return text;
}

std::string in_markdown(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) {
    line += ' ';
    for (const char c : cell) line += c == '|' ? "\\|" : std::string(1, c);
    line += " |";
  }
  return line + "\n";
}

}  // namespace

std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), starts_character));
}

std::size_t width_of(const Sheet& sheet) {
  std::size_t width = 0;
  for (const std::size_t column : widths_of(sheet))
    width += column + (width > 0 ? 2 : 0);
  return width;
}

std::size_t room_of(const Screen& screen) {
  return screen.columns > 0 ? std::max(screen.columns, least_width)
                            : usual_width;
}

std::string shortened(const std::string& text, std::size_t width) {
  std::size_t characters = 0, cut = 0;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (starts_character(text[i]) && ++characters == width) cut = i;
  return characters <= width ? text : text.substr(0, cut) + "~";
}

std::string as_text(const Sheet& sheet, const Screen& screen) {
  const std::size_t line_width =
      screen.columns > 0 ? std::max(screen.columns, least_width) : usual_width;
  const auto widths = widths_of(sheet);
  std::string text = "\n" + screen.bold(sheet.title) + "\n";
  std::size_t first = 1;
  do {
    std::size_t last = first, width = widths[0];
    while (last < widths.size() &&
           (last == first || width + 2 + widths[last] <= line_width))
      width += 2 + widths[last++];
    text += (first > 1 ? "\n" : "") + block(sheet, widths, first, last);
    first = last;
  } while (first < widths.size());
  return sheet.note.empty() ? text : text + screen.dim(sheet.note) + "\n";
}

std::string as_markdown(const Sheet& sheet) {
  std::string text =
      "\n**" + sheet.title + "**\n\n" + in_markdown(sheet.header) + "|";
  for (std::size_t c = 0; c < sheet.header.size(); ++c)
    text += c < sheet.words ? "---|" : "---:|";
  text += "\n";
  for (const auto& row : sheet.rows) text += in_markdown(row);
  return sheet.note.empty() ? text : text + "\n" + sheet.note + "\n";
}

std::string csv_line(const std::vector<std::string>& words) {
  std::string line;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) line += ',';
    if (words[i].find_first_of(",\"\r\n") == std::string::npos) {
      line += words[i];
      continue;
    }
    line += '"';
    for (const char c : words[i]) line += c == '"' ? "\"\"" : std::string(1, c);
    line += '"';
  }
  return line + "\n";
}

std::string with_decimals(double number, int decimals) {
  if (std::isnan(number)) return "-";
  if (std::isinf(number)) return number < 0 ? "-infinity" : "infinity";
  std::string digits = fmt::format("{:.{}f}", std::fabs(number), decimals);
  const std::size_t whole = std::min(digits.find('.'), digits.size());
  const bool is_zero = digits.find_first_not_of("0.") == std::string::npos;
  for (std::size_t at = whole; at > 3; at -= 3) digits.insert(at - 3, ",");
  return number < 0 && !is_zero ? "-" + digits : digits;
}

int decimals_worth(double error) {
  if (!(error > 0) || std::isinf(error)) return 4;
  return std::clamp(1 - static_cast<int>(std::floor(std::log10(error))), 0, 6);
}

std::string with_error(double number, double error) {
  if (number == 0 && error == 0) return "0";
  if (error == 0)
    return with_decimals(number, number == std::round(number) ? 0 : 4) + " (0)";
  const int decimals = decimals_worth(error);
  return with_decimals(number, decimals) + " (" +
         with_decimals(error, decimals) + ")";
}

}  // namespace stardsim
