#include "models/logarithm.hpp"

#include <array>
#include <bit>
#include <cmath>

namespace stardsim {
namespace {

constexpr int table_bits = 10;
constexpr std::uint64_t entries = std::uint64_t{1} << table_bits;

// ln(1 + i / entries), to a multiple of 2^-50, so that the last bits of the
// library's logarithm are rounded away.
std::array<double, entries> make_table() {
  std::array<double, entries> table{};
  for (std::uint64_t i = 0; i < entries; ++i)
    table[i] = static_cast<double>(
        std::roundl(std::ldexp(
            std::log1pl(static_cast<long double>(i) / entries), 50)) *
        0x1p-50L);
  return table;
}

}  // namespace

double cumulative_hazard_at(std::uint32_t word) {
  static const std::array<double, entries> logarithm = make_table();
  constexpr double ln_2 = 0x1.62e42fefa39efp-1;
  // 1 - F in units of 2^-33: odd, and at most 2^33 - 1.
  const std::uint64_t rest =
      (std::uint64_t{1} << 33) - (2 * std::uint64_t{word} + 1);
  const int exponent = 63 - std::countl_zero(rest);
  // rest = 2^exponent * (1 + fraction)
  const std::uint64_t fraction = (rest << (63 - exponent)) << 1;
  const std::uint64_t index = fraction >> (64 - table_bits);
  const double above = static_cast<double>((fraction << table_bits) >> 11) *
                       0x1p-53 / static_cast<double>(entries);
  const double d =
      above / (1 + static_cast<double>(index) / static_cast<double>(entries));
  const double ln_1_plus_d =
      d * (1 - d * (0.5 - d * (1.0 / 3 - d * (0.25 - d * 0.2))));
  return (33 - exponent) * ln_2 - (logarithm[index] + ln_1_plus_d);
}

}  // namespace stardsim
