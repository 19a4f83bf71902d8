#include "tests/program.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace stardsim::test {

namespace fs = std::filesystem;

Folder::Folder() {
  std::string name = (fs::temp_directory_path() / "stardsim-XXXXXX").string();
  if (!mkdtemp(name.data())) throw std::runtime_error("no temporary folder");
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

fs::path Folder::write(const std::string& name, const std::string& text) const {
  std::ofstream(path_ / name, std::ios::binary) << text;
  return path_ / name;
}

fs::path source_file(const std::string& relative) {
  return fs::path(STARDSIM_SOURCE_DIR) / relative;
}

std::set<std::string> names_in(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder))
    names.insert(entry.path().filename());
  return names;
}

std::string read_text(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

Outcome run(const std::string& command_line) {
  const Folder folder;
  const std::string shell =
      "STARDSIM='" STARDSIM_PROGRAM "'; stardsim() { \"" STARDSIM_PROGRAM
      "\" \"$@\"; }; { " +
      command_line + "; } >'" + (folder / "out").string() + "' 2>'" +
      (folder / "err").string() + "' </dev/null";
  const int status = std::system(shell.c_str());
  Outcome outcome;
  outcome.code =
      WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  outcome.out = read_text(folder / "out");
  outcome.err = read_text(folder / "err");
  return outcome;
}

std::string config(const std::string& name) {
  return "'" + source_file("configs/" + name).string() + "'";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace stardsim::test
