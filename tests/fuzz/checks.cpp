#include "tests/fuzz/checks.hpp"

#include "models/utf8.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace stardsim::fuzz {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_line = 10'000;

/// Is removed by the process that made it, not by those forked from it.
class Scratch {
 public:
  Scratch() : owner_(::getpid()) {
    const fs::path memory = "/dev/shm";
    std::string name =
        ((fs::is_directory(memory) ? memory : fs::temp_directory_path()) /
         "stardsim-fuzz-XXXXXX")
            .string();
    if (!::mkdtemp(name.data())) std::abort();
    path_ = name;
  }
  ~Scratch() {
    std::error_code ignored;
    if (::getpid() == owner_) fs::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const fs::path& path() const { return path_; }

 private:
  pid_t owner_;
  fs::path path_;
};

bool is_printable(const std::string& line) {
  for (std::size_t i = 0; i < line.size();) {
    const std::size_t length =
        character_length(std::string_view(line).substr(i));
    if (length == 0 || static_cast<unsigned char>(line[i]) < 0x20) return false;
    i += length;
  }
  return true;
}

}  // namespace

const fs::path& scratch() {
  static const Scratch folder;
  return folder.path();
}

fs::path write(const std::string& name, std::string_view bytes) {
  fs::path path = scratch() / name;
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!file.flush()) std::abort();
  return path;
}

void require_clear(const std::vector<std::string>& lines) {
  bool is_clear = !lines.empty();
  for (const std::string& line : lines)
    is_clear = is_clear && !line.empty() && line.size() <= longest_line &&
               is_printable(line);
  if (is_clear) return;
  for (const std::string& line : lines)
    std::fprintf(stderr, "not a clear line: %s\n", line.c_str());
  std::abort();
}

void require_clear(const std::vector<std::string>& lines,
                   const fs::path& file) {
  require_clear(lines);
  for (const std::string& line : lines)
    if (line.find(file.string()) == std::string::npos) {
      std::fprintf(stderr, "does not name the file: %s\n", line.c_str());
      std::abort();
    }
}

}  // namespace stardsim::fuzz
