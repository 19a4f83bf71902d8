#include "models/utf8.hpp"

#include <array>
#include <cstdio>

namespace stardsim {
namespace {

/// Of a valid character.
unsigned long code_point(std::string_view character) {
  const auto byte = [&](std::size_t i) {
    return static_cast<unsigned long>(static_cast<unsigned char>(character[i]));
  };
  if (character.size() == 1) return byte(0);
  unsigned long code = byte(0) & (0xFFul >> (character.size() + 1));
  for (std::size_t i = 1; i < character.size(); ++i)
    code = code << 6 | (byte(i) & 0x3F);
  return code;
}

bool turns_direction(unsigned long code) {
  return code == 0x061C || code == 0x200E || code == 0x200F ||
         (code >= 0x202A && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069);
}

bool is_control(unsigned long code) {
  return (code < 0x20 && code != '\n' && code != '\t') ||
         (code >= 0x7F && code < 0xA0);
}

}  // namespace

std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const unsigned first = byte(0), second = byte(1);
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4) return 0;
  const std::size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (length > text.size()) return 0;
  const unsigned lowest = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const unsigned highest = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (second < lowest || second > highest) return 0;
  for (std::size_t i = 2; i < length; ++i)
    if (!is_continuation(text[i])) return 0;
  return length;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string visible(std::string_view character) {
  const unsigned long code = code_point(character);
  if (is_control(code)) return replacement_character;
  if (!turns_direction(code)) return std::string(character);
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "[U+%04lX]", code);
  return text.data();
}

}  // namespace stardsim
