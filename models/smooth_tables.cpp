#include "models/smooth_tables.hpp"

#include "models/interpolation.hpp"

#include <boost/math/special_functions/erf.hpp>

#include <algorithm>
#include <bit>
#include <cmath>

namespace stardsim {
namespace {

using Tables = SmoothTables;

constexpr std::uint32_t top_bit = 0x80000000;
constexpr long double ln2 = 0.693147180559945309417232121458176568L;

// The probability beyond the tail at a place of the tables by tail.
long double tail_at(std::uint32_t place) {
  const float tail = std::bit_cast<float>(Tables::first_tail_bits +
                                          (place << Tables::bits_between));
  return static_cast<long double>(tail) / 4294967296.0L;
}

// A table at `from` and every interval up to `to`, and the entry beyond.
template <class Function>
std::vector<float> tabulate(float from, float to, const Function& function) {
  const auto last =
      static_cast<std::uint32_t>((to - from) * Tables::intervals_per_unit);
  std::vector<float> table;
  for (std::uint32_t i = 0; i <= last + 1; ++i)
    table.push_back(static_cast<float>(function(
        from + static_cast<long double>(i) / Tables::intervals_per_unit)));
  return table;
}

Tables make_tables() {
  Tables tables;
  for (std::uint32_t place = 0; place < Tables::tail_entries; ++place)
    tables.score.push_back(static_cast<float>(
        std::sqrt(2.0L) * boost::math::erfc_inv(2 * tail_at(place))));
  for (std::uint32_t place = 0; place < Tables::tail_entries; ++place)
    tables.log_hazard.push_back(
        static_cast<float>(std::log(-std::log1p(-tail_at(place)) / ln2)));
  for (std::uint32_t place = 0; place < Tables::tail_entries; ++place)
    tables.log_hazard.push_back(
        static_cast<float>(std::log(-std::log(tail_at(place)) / ln2)));
  tables.half_cut = tabulate(0, Tables::highest_log_odds, [](long double x) {
    return 2147483648.0L / (1 + std::exp(x));
  });
  tables.half_word = tabulate(
      Tables::lowest_log_hazard, Tables::highest_log_hazard, [](long double x) {
        const long double hazard = ln2 * std::exp(x);
        return 2147483648.0L *
               (x <= 0 ? -std::expm1(-hazard) : std::exp(-hazard));
      });
  return tables;
}

struct Place {
  std::uint32_t index;
  float part;
};

// Of the word's tail.
Place place_of(std::uint32_t word) {
  const std::uint32_t distance = std::min(word, ~word);
  const float tail =
      static_cast<float>(static_cast<std::int32_t>(distance)) + 0.5F;
  const std::uint32_t bits =
      std::bit_cast<std::uint32_t>(tail) - Tables::first_tail_bits;
  constexpr std::uint32_t between = (1u << Tables::bits_between) - 1;
  constexpr float unit = 1.0F / (1u << Tables::bits_between);
  return {bits >> Tables::bits_between,
          static_cast<float>(static_cast<std::int32_t>(bits & between)) * unit};
}

// Twice a number below 2^31, whole.
std::uint32_t doubled(float half) {
  return static_cast<std::uint32_t>(static_cast<std::int32_t>(half)) << 1;
}

}  // namespace

const SmoothTables& smooth_tables() {
  static const SmoothTables tables = make_tables();
  return tables;
}

float normal_score(std::uint32_t word) {
  const auto [index, part] = place_of(word);
  const float score = interpolate(smooth_tables().score.data(), index, part);
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(score) ^
                              (~word & top_bit));
}

Cut cut_of_log_odds(float log_odds) {
  const float size = std::bit_cast<float>(
      std::bit_cast<std::uint32_t>(log_odds) & (top_bit - 1));
  const Cut cut = doubled(interpolate(
      smooth_tables().half_cut.data(),
      std::min(size, Tables::highest_log_odds) * Tables::intervals_per_unit));
  return log_odds < 0 ? cut : 0 - cut;
}

std::uint32_t word_with_hazard(std::uint32_t word, float log_hazard) {
  if (log_hazard == 0) return word;
  const SmoothTables& tables = smooth_tables();
  const auto [index, part] = place_of(word);
  const std::uint32_t half = word < top_bit ? 0 : Tables::tail_entries;
  const float read =
      interpolate(tables.log_hazard.data(), index + half, part) - log_hazard;
  const float inside = std::max(std::min(read, Tables::highest_log_hazard),
                                Tables::lowest_log_hazard);
  const std::uint32_t from_end = doubled(interpolate(
      tables.half_word.data(),
      (inside - Tables::lowest_log_hazard) * Tables::intervals_per_unit));
  return inside < 0 ? from_end : 0 - from_end;
}

}  // namespace stardsim
