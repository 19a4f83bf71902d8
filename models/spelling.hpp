// Names that people type: shown in a message, listed, and the one that was
// probably meant.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stardsim {

/// The text in double quotes, on one line and not too long to read.
std::string in_quotes(std::string_view text);

/// `a, b, c` on one line; of more than 100 names how many more.
std::string listed(const std::vector<std::string>& names);

/// The name that `word` was probably meant to be, if one is near: at most one
/// letter away for words of up to 4 letters, two up to 8, three beyond, and in
/// no case more than `furthest`.
std::optional<std::string> nearest(const std::string& word,
                                   const std::vector<std::string>& names,
                                   std::size_t furthest = 3);

/// `; did you mean "sertraline"?`, or nothing if no name is near.
std::string suggestion(const std::string& word,
                       const std::vector<std::string>& names);

}  // namespace stardsim
