#include "models/smooth_tables.hpp"

#include <boost/math/distributions/normal.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

using namespace stardsim;

namespace {

constexpr double two32 = 4294967296.0;

// Both ends densely, every power of two, and the whole range at random.
std::vector<std::uint32_t> sample_of_words() {
  std::vector<std::uint32_t> words;
  for (std::uint32_t i = 0; i < 5000; ++i) {
    words.push_back(i);
    words.push_back(~i);
    words.push_back(0x7FFFFFFF - i);
    words.push_back(0x80000000 + i);
  }
  for (int bit = 1; bit < 32; ++bit)
    for (std::uint32_t i = 0; i < 3; ++i) {
      words.push_back((1u << bit) + i - 1);
      words.push_back(~((1u << bit) + i - 1));
    }
  std::mt19937 random(5);
  for (int i = 0; i < 200'000; ++i)
    words.push_back(static_cast<std::uint32_t>(random()));
  std::sort(words.begin(), words.end());
  return words;
}

double exact_score(std::uint32_t word) {
  // From the nearer end, where the probability has all its digits.
  const boost::math::normal normal;
  return word < 0x80000000
             ? quantile(normal, (word + 0.5) / two32)
             : -quantile(normal, (static_cast<double>(~word) + 0.5) / two32);
}

}  // namespace

TEST_CASE("The normal score is within 5e-6 of the normal law's quantile",
          "[models]") {
  double distance = 0;
  for (const std::uint32_t word : sample_of_words())
    distance =
        std::max(distance, std::abs(normal_score(word) - exact_score(word)));
  CHECK(distance < 5e-6);
  // Published quantiles: 0.975 and 0.99.
  CHECK(normal_score(static_cast<std::uint32_t>(0.975 * two32)) ==
        Approx(1.959964).margin(6e-6));
  CHECK(normal_score(static_cast<std::uint32_t>(0.99 * two32)) ==
        Approx(2.326348).margin(6e-6));
}

TEST_CASE("The normal score increases and is antisymmetric to the bit",
          "[models]") {
  float last = -100;
  bool increases = true, antisymmetric = true;
  for (const std::uint32_t word : sample_of_words()) {
    const float score = normal_score(word);
    increases = increases && score >= last;
    antisymmetric = antisymmetric && normal_score(~word) == -score;
    last = score;
  }
  CHECK(increases);
  CHECK(antisymmetric);
}

TEST_CASE("The normal score increases across every interval of its table",
          "[models]") {
  bool increases = true;
  for (std::uint32_t octave = 1; octave < 32; ++octave)
    for (std::uint32_t i = 0; i < 128; ++i) {
      const auto start = static_cast<std::uint32_t>(
          std::ldexp(1 + i / 128.0, static_cast<int>(octave) - 1));
      for (std::uint32_t word = start; word < start + 4; ++word)
        increases = increases && normal_score(word - 1) <= normal_score(word);
    }
  CHECK(increases);
}

TEST_CASE("Log odds become cuts within 1e-6 of the logistic function",
          "[models]") {
  double distance = 0;
  Cut last = 0;
  bool increases = true, symmetric = true, possible = true;
  for (int i = -300'000; i <= 300'000; ++i) {
    const float x = static_cast<float>(i) * 1e-4F;
    const Cut cut = cut_of_log_odds(x);
    distance = std::max(distance,
                        std::abs(cut / two32 - 1 / (1 + std::exp(-double{x}))));
    increases = increases && cut >= last;
    possible = possible && cut > impossible && cut < certain;
    symmetric = symmetric && cut + cut_of_log_odds(-x) == 0;
    last = cut;
  }
  CHECK(distance < 1e-6);
  CHECK(increases);
  CHECK(possible);
  CHECK(symmetric);
  CHECK(cut_of_log_odds(0) == 0x80000000);
  CHECK(cut_of_log_odds(-0.0F) == 0x80000000);
}

TEST_CASE("A small probability from log odds is right to 1e-5 of itself",
          "[models]") {
  // But for the cut's unit of 2 / 2^32.
  for (const float x : {-12.0F, -10.003F, -7.77F, -5.1F}) {
    const double exact = two32 / (1 + std::exp(-double{x}));
    CHECK(std::abs(cut_of_log_odds(x) - exact) < 1e-5 * exact + 2);
  }
}

TEST_CASE("Log odds beyond all measure are neither impossible nor certain",
          "[models]") {
  const float infinite = std::numeric_limits<float>::infinity();
  CHECK(cut_of_log_odds(-infinite) == cut_of_log_odds(-21));
  CHECK(cut_of_log_odds(-infinite) > impossible);
  CHECK(cut_of_log_odds(infinite) == cut_of_log_odds(21));
  CHECK(cut_of_log_odds(infinite) <= highest_word);
}

TEST_CASE("A hazard ratio moves the word within 5e-6 of the formula",
          "[models]") {
  const auto words = sample_of_words();
  for (const float log_hazard :
       {-9.0F, -5.0F, -2.3F, -0.7F, -0.01F, -1e-6F, 1e-6F, 0.01F, 0.4F, 0.7227F,
        2.3F, 5.0F, 9.0F}) {
    INFO(log_hazard);
    double distance = 0;
    std::uint32_t last = 0;
    bool increases = true;
    for (const std::uint32_t word : words) {
      const std::uint32_t found = word_with_hazard(word, log_hazard);
      const double survival = -std::expm1(std::exp(-double{log_hazard}) *
                                          std::log1p(-(word + 0.5) / two32));
      distance = std::max(distance, std::abs(found / two32 - survival));
      increases = increases && found >= last && found <= highest_word;
      last = found;
    }
    CHECK(distance < 5e-6);
    CHECK(increases);
  }
}

TEST_CASE("Early words keep 2e-5 of themselves under a hazard ratio",
          "[models]") {
  // F = 1 - 0.5^(1/ratio) and small words, where F is about word / ratio.
  CHECK(word_with_hazard(0x80000000, std::log(2.0F)) / two32 ==
        Approx(1 - std::sqrt(0.5)).margin(5e-6));
  for (const float log_hazard : {-2.0F, 1.0F, 3.0F}) {
    const double word = 1e6;
    const double exact = -std::expm1(std::exp(-double{log_hazard}) *
                                     std::log1p(-(word + 0.5) / two32)) *
                         two32;
    CHECK(std::abs(word_with_hazard(1'000'000, log_hazard) - exact) <
          2e-5 * exact + 2);
  }
}

TEST_CASE("A hazard ratio of 1 leaves every word", "[models]") {
  bool same = true;
  for (const std::uint32_t word : sample_of_words())
    same = same && word_with_hazard(word, 0) == word &&
           word_with_hazard(word, -0.0F) == word;
  CHECK(same);
}

TEST_CASE("No hazard means never, any hazard of infinity at once", "[models]") {
  const float infinite = std::numeric_limits<float>::infinity();
  CHECK(word_with_hazard(0x80000000, -infinite) == highest_word);
  CHECK(word_with_hazard(0x80000000, infinite) == 0);
}
