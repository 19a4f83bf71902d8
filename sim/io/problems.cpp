#include "sim/io/problems.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

namespace stardsim {
namespace {

std::string joined_lines(const std::vector<std::string>& lines) {
  return fmt::format("{}", fmt::join(lines, "\n"));
}

bool comes_before(const Position& a, const Position& b) {
  return std::tie(b.file, a.line, a.column) <
         std::tie(a.file, b.line, b.column);
}

bool is_bare_key(const std::string& key) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !key.empty() && std::all_of(key.begin(), key.end(), allowed);
}

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

}  // namespace

BadScenario::BadScenario(std::vector<std::string> problems)
    : std::runtime_error(joined_lines(problems)), lines_(std::move(problems)) {}

void Problems::add(Position where, const std::string& key_path,
                   const std::string& what) {
  problems_.push_back({where, line(where, key_path, what)});
}

void Problems::stop(Position where, const std::string& key_path,
                    const std::string& what) const {
  throw BadScenario({line(where, key_path, what)});
}

void Problems::throw_if_any() const {
  if (problems_.empty()) return;
  std::vector<Problem> sorted = problems_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Problem& a, const Problem& b) {
                     return comes_before(a.where, b.where);
                   });
  std::vector<std::string> lines;
  lines.reserve(sorted.size());
  std::set<std::string> seen;  // what several arms inherit is said once
  for (Problem& problem : sorted)
    if (seen.insert(problem.line).second)
      lines.push_back(std::move(problem.line));
  throw BadScenario(std::move(lines));
}

std::string Problems::line(Position where, const std::string& key_path,
                           const std::string& what) const {
  return fmt::format("{}:{}:{}: {}{}{}", files_.at(where.file), where.line,
                     where.column, key_path, key_path.empty() ? "" : ": ",
                     what);
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t longest = 80;
  std::size_t end = std::min(text.size(), longest);
  // Not in the middle of a UTF-8 character.
  while (end < text.size() && end > 0 && (text[end] & 0xC0) == 0x80) --end;
  std::string result = "\"";
  for (const char c : text.substr(0, end)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += {'\\', c};
    } else if (byte < 0x20 || byte == 0x7F) {
      result += fmt::format("\\u{:04x}", byte);
    } else {
      result += c;
    }
  }
  return result + (end < text.size() ? "...\"" : "\"");
}

std::string join_key(const std::string& path, const std::string& key) {
  const bool short_and_bare = is_bare_key(key) && key.size() <= 80;
  return (path.empty() ? "" : path + ".") +
         (short_and_bare ? key : in_quotes(key));
}

std::string listed(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, ", "));
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
