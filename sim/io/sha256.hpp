// A fingerprint of bytes, by which results from equal input are recognised.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace stardsim {

/// SHA-256 as 64 lower-case hexadecimal digits.
std::string sha256(std::span<const std::byte> bytes);
std::string sha256(const std::string& text);

}  // namespace stardsim
