#include "models/number_text.hpp"

#include <array>
#include <charconv>

namespace stardsim {

std::string in_short(double number, int figures) {
  std::array<char, 32> digits{};
  const auto written =
      std::to_chars(digits.data(), digits.data() + digits.size(), number,
                    std::chars_format::general, figures);
  return {digits.data(), written.ptr};
}

}  // namespace stardsim
