#include "sim/io/sha256.hpp"

#include <openssl/evp.h>

#include <array>
#include <stdexcept>

namespace stardsim {
namespace {

using Digest = std::array<unsigned char, 32>;

Digest digest_of(std::span<const std::byte> bytes) {
  Digest digest;
  unsigned int size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(),
                 nullptr) != 1 ||
      size != digest.size())
    throw std::runtime_error("SHA-256 is not available in this OpenSSL");
  return digest;
}

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
  return hexadecimal(digest_of(bytes));
}

std::string sha256(const std::string& text) {
  return sha256(std::as_bytes(std::span(text)));
}

std::string sha256_base64(std::string_view text) {
  const Digest digest = digest_of(std::as_bytes(std::span(text)));
  std::array<unsigned char, (digest.size() + 2) / 3 * 4 + 1> encoded;
  const int size =
      EVP_EncodeBlock(encoded.data(), digest.data(), int{digest.size()});
  return {encoded.begin(), encoded.begin() + size};
}

}  // namespace stardsim
