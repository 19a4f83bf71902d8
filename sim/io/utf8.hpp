// UTF-8, as files must be written.
#pragma once

#include <cstddef>
#include <string_view>

namespace stardsim {

/// Not the first byte of a character.
inline bool is_continuation(char c) { return (c & 0xC0) == 0x80; }

/// The number of bytes of the UTF-8 character at the start of the text, which
/// is not empty; 0 if it is no such character. (RFC 3629, section 4)
std::size_t character_length(std::string_view text);

}  // namespace stardsim
