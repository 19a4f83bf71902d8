// Reading columns back from a result file.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace stardsim::test {

class Columns {
 public:
  explicit Columns(std::vector<std::byte> image);
  explicit Columns(const std::filesystem::path&);
  ~Columns();
  Columns(const Columns&) = delete;
  Columns& operator=(const Columns&) = delete;

  bool has(const std::string& path) const;
  /// Numbers of any type; whole ones below 2^53 are exact.
  std::vector<double> numbers(const std::string& path) const;
  /// The dataset's type: "uint16", "int16", "float32", ...
  std::string type(const std::string& path) const;
  /// Whether it is chunked and its chunks are shuffled and deflated.
  bool is_compressed(const std::string& path) const;
  std::string text_attribute(const std::string& path,
                             const std::string& name) const;

 private:
  long file_;  ///< HDF5's identifier
};

}  // namespace stardsim::test
