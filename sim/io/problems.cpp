#include "sim/io/problems.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

namespace stardsim {
namespace {

constexpr std::size_t most_lines = 200;  // more than anybody reads at once

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

}  // namespace

BadScenario::BadScenario(std::vector<std::string> problems)
    : std::runtime_error(joined_lines(problems)), lines_(std::move(problems)) {}

void Problems::add(Position where, const std::string& key_path,
                   const std::string& what) {
  problems_.push_back({where, line(where, key_path, what)});
}

Problems Problems::within(std::string key_path) const {
  Problems problems;
  problems.files_ = files_;
  problems.above_ = std::move(key_path);
  return problems;
}

void Problems::add(const Problems& others) {
  problems_.insert(problems_.end(), others.problems_.begin(),
                   others.problems_.end());
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
  if (lines.size() > most_lines) {
    const std::size_t more = lines.size() - most_lines;
    lines.resize(most_lines);
    lines.push_back(
        fmt::format("{}: and {} more problems", files_.front(), more));
  }
  throw BadScenario(std::move(lines));
}

std::string Problems::line(Position where, const std::string& key_path,
                           const std::string& what) const {
  const bool is_below = !above_.empty() && !key_path.empty();
  const std::string path = above_ + (is_below ? "." : "") + key_path;
  return fmt::format("{}:{}:{}: {}{}{}", files_.at(where.file), where.line,
                     where.column, path, path.empty() ? "" : ": ", what);
}

std::string join_key(const std::string& path, const std::string& key) {
  const bool short_and_bare = is_bare_key(key) && key.size() <= 80;
  return (path.empty() ? "" : path + ".") +
         (short_and_bare ? key : in_quotes(key));
}

}  // namespace stardsim
