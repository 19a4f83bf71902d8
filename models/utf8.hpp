// UTF-8, as files must be written.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace stardsim {

/// Not the first byte of a character.
inline bool is_continuation(char c) { return (c & 0xC0) == 0x80; }

/// The number of bytes of the UTF-8 character at the start of the text, which
/// is not empty; 0 if it is no such character. (RFC 3629, section 4)
std::size_t character_length(std::string_view text);

/// Whether all of it is UTF-8.
bool is_utf8(std::string_view text);

inline constexpr const char* replacement_character = "\xEF\xBF\xBD";  // U+FFFD

/// A valid character as it can be shown: itself, ends of lines and tabs too;
/// the replacement character for other controls; "[U+202E]" for what would turn
/// the direction of writing (Unicode Standard Annex 9, section 2).
std::string visible(std::string_view character);

}  // namespace stardsim
