#include "models/spelling.hpp"

#include "models/utf8.hpp"

#include <algorithm>

namespace stardsim {
namespace {

// How many letters must be added, removed, replaced or swapped with their
// neighbour to make one word the other (optimal string alignment distance).
std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> before_last, last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] != b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last = last;
    last = row;
  }
  return last[b.size()];
}

// Its first 80 bytes or so, control characters and what is no UTF-8 by their
// codes, and a backslash before each of `escaped`.
std::string on_one_line(std::string_view text, std::string_view escaped) {
  constexpr std::size_t longest = 80;
  constexpr char hex[] = "0123456789abcdef";
  std::size_t end = std::min(text.size(), longest);
  // Not in the middle of a UTF-8 character.
  while (end < text.size() && end > 0 && is_continuation(text[end])) --end;
  std::string result;
  for (std::size_t i = 0, length = 0; i < end; i += length) {
    const auto byte = static_cast<unsigned char>(text[i]);
    length = character_length(text.substr(i, end - i));
    if (escaped.find(text[i]) != std::string_view::npos) {
      result += {'\\', text[i]};
    } else if (length == 0) {
      length = 1;
      result += {'\\', 'x', hex[byte >> 4], hex[byte & 0xF]};
    } else if (byte < 0x20 || byte == 0x7F) {
      result += {'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 0xF]};
    } else {
      result += text.substr(i, length);
    }
  }
  return result + (end < text.size() ? "..." : "");
}

}  // namespace

std::string in_quotes(std::string_view text) {
  return "\"" + on_one_line(text, "\"\\") + "\"";
}

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t most = 100;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), most); ++i)
    text += (i == 0 ? "" : ", ") + on_one_line(names[i], "");
  if (names.size() > most)
    text += " and " + std::to_string(names.size() - most) + " more";
  return text;
}

std::optional<std::string> nearest(const std::string& word,
                                   const std::vector<std::string>& names,
                                   std::size_t furthest) {
  const std::size_t for_length = word.size() <= 4   ? 1
                                 : word.size() <= 8 ? 2
                                                    : 3;
  furthest = std::min(furthest, for_length);
  std::optional<std::string> best;
  std::size_t best_distance = furthest + 1;
  for (const std::string& name : names) {
    if (name.size() + furthest < word.size() ||
        word.size() + furthest < name.size())
      continue;
    const std::size_t distance = edit_distance(word, name);
    if (distance >= best_distance || distance >= name.size()) continue;
    best = name;
    best_distance = distance;
  }
  return best;
}

std::string suggestion(const std::string& word,
                       const std::vector<std::string>& names) {
  const auto name = nearest(word, names);
  return name ? "; did you mean " + in_quotes(*name) + "?" : "";
}

}  // namespace stardsim
