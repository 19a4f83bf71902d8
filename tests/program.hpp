// Running the built program as a user would.
#pragma once

#include <filesystem>
#include <set>
#include <string>

namespace stardsim::test {

struct Outcome {
  int code = 0;  ///< exit code; 128 + signal when killed by one
  std::string out, err;
};

/// Runs a shell command line in which `stardsim` stands for the built program,
/// and "$STARDSIM" for its path.
Outcome run(const std::string& command_line);

/// A folder of its own that is removed, with all in it, at the end of scope.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::filesystem::path path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const {
    return path_ / name;
  }
  /// Writes a file into the folder and returns its path.
  std::filesystem::path write(const std::string& name,
                              const std::string& text) const;

 private:
  std::filesystem::path path_;
};

/// A file of the source tree.
std::filesystem::path source_file(const std::string& relative);

std::string read_text(const std::filesystem::path&);

/// Of all that is in a folder, hidden files too.
std::set<std::string> names_in(const std::filesystem::path& folder);

/// A scenario of configs/, as a word of a shell's command line.
std::string config(const std::string& name);

bool contains(const std::string& text, const std::string& part);

}  // namespace stardsim::test
