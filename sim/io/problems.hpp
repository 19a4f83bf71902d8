// What is wrong with a scenario, said in lines that a user can act on.
#pragma once

#include "models/spelling.hpp"

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace stardsim {

/// The scenario cannot be used. One line per problem, in the order of the
/// file: `file:line:column: key.path: what is wrong and what is allowed`.
class BadScenario : public std::runtime_error {
 public:
  explicit BadScenario(std::vector<std::string> problems);
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  std::vector<std::string> lines_;
};

/// The file cannot be read at all (missing, a folder, no permission).
class CannotRead : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A place in a scenario file. File 0 is the one that the user named; what a
/// file extends has higher numbers.
struct Position {
  std::size_t file = 0;
  std::uint32_t line = 1, column = 1;
};

/// Collects the problems of a scenario, to report all of them at once.
class Problems {
 public:
  /// Names the next file; the first is file 0.
  void add_file(std::string name) { files_.push_back(std::move(name)); }
  const std::vector<std::string>& files() const { return files_; }

  void add(Position, const std::string& key_path, const std::string& what);

  /// An empty collection for the same files, in which every key path stands
  /// below this one.
  Problems within(std::string key_path) const;
  /// All of another collection for the same files.
  void add(const Problems&);

  /// Throws BadScenario with this problem alone, for one that hides all
  /// others. An empty key path is left out of the line.
  [[noreturn]] void stop(Position, const std::string& key_path,
                         const std::string& what) const;

  std::size_t count() const { return problems_.size(); }

  /// Throws BadScenario if there are problems: sorted by position, what a file
  /// extends before the file itself; no line twice; of more than 200 how many.
  void throw_if_any() const;

 private:
  struct Problem {
    Position where;
    std::string line;
  };
  std::string line(Position, const std::string& key_path,
                   const std::string& what) const;

  std::vector<std::string> files_;
  std::string above_;  ///< every key path
  std::vector<Problem> problems_;
};

/// `path.key`; a key that TOML would quote is quoted.
std::string join_key(const std::string& path, const std::string& key);

}  // namespace stardsim
