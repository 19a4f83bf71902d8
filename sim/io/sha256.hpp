// A fingerprint of bytes, by which results from equal input are recognised.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace stardsim {

/// SHA-256 as 64 lower-case hexadecimal digits.
std::string sha256(std::span<const std::byte> bytes);
std::string sha256(const std::string& text);

/// The same in base64 (RFC 4648), as policies of web pages name scripts.
std::string sha256_base64(std::string_view text);

}  // namespace stardsim
