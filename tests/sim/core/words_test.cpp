#include "sim/core/words.hpp"

#include <boost/random/normal_distribution.hpp>
#include <catch2/catch.hpp>

#include <cmath>
#include <set>

using namespace stardsim;
using Words = std::array<std::uint32_t, 4>;

// Random123's published answers for philox4x32 with 10 rounds (kat_vectors).
TEST_CASE("Philox gives Random123's published known answers", "[core]") {
  const std::uint32_t ones = 0xFFFFFFFF;
  CHECK(philox({{0, 0, 0, 0}}, 0) ==
        Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(philox({{ones, ones, ones, ones}}, ~std::uint64_t{0}) ==
        Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox({{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}},
               0x299f31d0a4093822) ==
        Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("The counter holds patient, luck, purpose, visit and sub-draw",
          "[core]") {
  const Counter counter = counter_of({7, 0xABCDEF}, 0x12'3456789AULL,
                                     Purpose::outcome_time, 4 * 5 + 3, 9);
  CHECK(counter.word[0] == 0x3456789A);
  CHECK(counter.word[1] == 0xABCDEF12);
  CHECK(counter.word[2] == (3u | 5u << 16));
  CHECK(counter.word[3] == 9);
}

TEST_CASE("Four visits share a block and take its words in order", "[core]") {
  const Luck luck{2006, 0};
  for (std::uint32_t visit = 0; visit < 12; ++visit) {
    const auto block =
        philox(counter_of(luck, 99, Purpose::outcome, visit / 4 * 4), 2006);
    CHECK(word(luck, 99, Purpose::outcome, visit) == block[visit % 4]);
  }
}

TEST_CASE("Words of different seed, draw, patient, purpose or visit differ",
          "[core]") {
  std::set<std::uint32_t> words;
  words.insert(word({1, 0}, 5, Purpose::outcome, 0));
  words.insert(word({2, 0}, 5, Purpose::outcome, 0));
  words.insert(word({1, 1}, 5, Purpose::outcome, 0));
  words.insert(word({1, 0}, 6, Purpose::outcome, 0));
  words.insert(word({1, 0}, 5 + (std::uint64_t{1} << 32), Purpose::outcome, 0));
  words.insert(word({1, 0}, 5, Purpose::arm, 0));
  words.insert(word({1, 0}, 5, Purpose::outcome, 1));
  words.insert(word({1, 0}, 5, Purpose::outcome, 4));
  CHECK(words.size() == 8);
}

TEST_CASE("The word engine hands out its blocks word by word", "[core]") {
  WordEngine engine({3, 0}, 17, Purpose::test);
  for (std::uint32_t block = 0; block < 3; ++block) {
    const auto expected =
        philox(counter_of({3, 0}, 17, Purpose::test, 0, block), 3);
    for (const std::uint32_t each : expected) CHECK(engine() == each);
  }
}

TEST_CASE("Boost's normal distribution runs on the word engine", "[core]") {
  constexpr int n = 100'000;
  WordEngine engine({11, 0}, 0, Purpose::test);
  boost::random::normal_distribution<double> normal(5, 2);
  double sum = 0, squares = 0;
  for (int i = 0; i < n; ++i) {
    const double x = normal(engine);
    sum += x;
    squares += (x - 5) * (x - 5);
  }
  // Standard errors: of the mean 2 / sqrt(n), of the variance 4 sqrt(2 / n).
  CHECK(std::abs(sum / n - 5) < 4 * 2 / std::sqrt(n));
  CHECK(std::abs(squares / n - 4) < 4 * 4 * std::sqrt(2.0 / n));
}
