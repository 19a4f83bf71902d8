// Numbers and texts as bytes, for checkpoints and for other processes of the
// same program on machines alike.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace stardsim {

using Bytes = std::vector<std::byte>;

/// Bytes are not what was expected.
class BadBytes : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class BytesOut {
 public:
  void number(std::uint64_t value) { append(&value, sizeof value); }
  void text(const std::string& value) {
    number(value.size());
    append(value.data(), value.size());
  }
  void bytes(std::span<const std::byte> value) {
    number(value.size());
    append(value.data(), value.size());
  }
  const Bytes& made() const { return made_; }

 private:
  void append(const void* from, std::size_t size) {
    const auto* first = static_cast<const std::byte*>(from);
    made_.insert(made_.end(), first, first + size);
  }
  Bytes made_;
};

/// Throws BadBytes where there are fewer than asked for.
class BytesIn {
 public:
  explicit BytesIn(std::span<const std::byte> bytes) : left_(bytes) {}

  std::uint64_t number() {
    std::uint64_t value;
    std::memcpy(&value, taken(sizeof value).data(), sizeof value);
    return value;
  }
  std::string text() {
    const auto part = bytes();
    return {reinterpret_cast<const char*>(part.data()), part.size()};
  }
  std::span<const std::byte> bytes() { return taken(number()); }
  bool at_end() const { return left_.empty(); }

 private:
  std::span<const std::byte> taken(std::uint64_t size) {
    if (size > left_.size()) throw BadBytes("they end too early");
    const auto part = left_.first(size);
    left_ = left_.subspan(size);
    return part;
  }
  std::span<const std::byte> left_;
};

}  // namespace stardsim
