#include "sim/io/sha256.hpp"

#include <openssl/evp.h>

#include <array>
#include <stdexcept>

namespace stardsim {
namespace {

std::string hexadecimal(std::span<const unsigned char> bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

}  // namespace

std::string sha256(std::span<const std::byte> bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(),
                 nullptr) != 1) {
    throw std::runtime_error("SHA-256 is not available in this OpenSSL");
  }
  return hexadecimal(std::span(digest).first(size));
}

std::string sha256(const std::string& text) {
  return sha256(std::as_bytes(std::span(text)));
}

}  // namespace stardsim
