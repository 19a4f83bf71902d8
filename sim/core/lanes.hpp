// The words of how many patients one instruction works on: one here, several
// in lanes-inl.hpp. The course of a patient is written against these names
// only, so that the readable form and the fast form are the same text.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace stardsim {

/// One patient at a time: runs on any machine, and is the reference that the
/// vector forms must equal bit for bit.
struct OneLane {
  static constexpr std::size_t width = 1;
  using Words = std::uint32_t;  ///< one word of each patient
  using Reals = float;          ///< one real number of each
  using Some = bool;            ///< which of the patients

  static Words load(const std::uint32_t* from) { return *from; }
  static void store(Words words, std::uint32_t* to) { *to = words; }
  static Words all(std::uint32_t value) { return value; }
  static Words counting_from(std::uint32_t first) { return first; }

  static Words add(Words a, Words b) { return a + b; }
  static Words subtract(Words a, Words b) { return a - b; }
  static Words bit_and(Words a, Words b) { return a & b; }
  static Words bit_or(Words a, Words b) { return a | b; }
  static Words bit_xor(Words a, Words b) { return a ^ b; }
  static Words bit_xor3(Words a, Words b, Words c) { return a ^ b ^ c; }
  template <int bits>
  static Words shift_right(Words a) {
    return a >> bits;
  }
  template <int bits>
  static Words shift_left(Words a) {
    return a << bits;
  }
  static Words shift_right_by(Words a, int bits) { return a >> bits; }
  static Words smaller(Words a, Words b) { return a < b ? a : b; }
  static Words select(Some some, Words yes, Words no) {
    return some ? yes : no;
  }
  /// The 64-bit products with a constant, split in halves.
  static void multiply(Words a, std::uint32_t by, Words& high, Words& low) {
    const std::uint64_t product = std::uint64_t{a} * by;
    high = static_cast<Words>(product >> 32);
    low = static_cast<Words>(product);
  }
  /// The lower halves.
  static Words low_product(Words a, Words b) { return a * b; }
  /// The upper halves of the 64-bit products.
  static Words high_product(Words a, Words b) {
    const std::uint64_t product = std::uint64_t{a} * b;
    return static_cast<Words>(product >> 32);
  }
  static Words look_up(const std::uint32_t* table, Words index) {
    return table[index];
  }
  /// The same for a table of 16 entries, aligned to 64 bytes.
  static Words look_up_16(const std::uint32_t* table, Words index) {
    return table[index];
  }

  // Real numbers: no operation is fused with another, none meets a NaN.
  static Reals load_real(const float* from) { return *from; }
  static void store_real(Reals reals, float* to) { *to = reals; }
  static Reals all_real(float value) { return value; }
  static Reals plus(Reals a, Reals b) { return a + b; }
  static Reals minus(Reals a, Reals b) { return a - b; }
  static Reals times(Reals a, Reals b) { return a * b; }
  /// The first where it is smaller (larger), else the second.
  static Reals smaller_real(Reals a, Reals b) { return a < b ? a : b; }
  static Reals larger_real(Reals a, Reals b) { return a > b ? a : b; }
  static Reals select_real(Some some, Reals yes, Reals no) {
    return some ? yes : no;
  }
  /// Of words below 2^31, rounded to nearest (exact below 2^24).
  static Reals real_of(Words a) {
    return static_cast<float>(static_cast<std::int32_t>(a));
  }
  /// The whole part. Requires 0 <= a < 2^31.
  static Words word_of(Reals a) {
    return static_cast<Words>(static_cast<std::int32_t>(a));
  }
  static Words bits_of(Reals a) { return std::bit_cast<Words>(a); }
  static Reals real_from_bits(Words a) { return std::bit_cast<Reals>(a); }
  static Reals look_up_real(const float* table, Words index) {
    return table[index];
  }

  static Some below_real(Reals a, Reals b) { return a < b; }
  static Some equal_real(Reals a, Reals b) { return a == b; }
  static Some below(Words a, Words b) { return a < b; }
  static Some equal(Words a, Words b) { return a == b; }
  static Some any_bit(Words a, Words bits) { return (a & bits) != 0; }
  static Some first(std::size_t count) { return count > 0; }
  static Some both(Some a, Some b) { return a && b; }
  static Some either(Some a, Some b) { return a || b; }
  static Some but_not(Some a, Some b) { return a && !b; }

  static bool any(Some some) { return some; }
  static std::size_t count(Some some) { return some ? 1 : 0; }
  /// Appends the words of some; may write up to `width` words.
  static std::size_t append(Words words, Some some, std::uint32_t* to) {
    *to = words;
    return some ? 1 : 0;
  }

  using Sums = std::uint64_t;  ///< sums over patients, wide enough for a batch
  static Sums no_sums() { return 0; }
  static Sums plus(Sums sums, Words a) { return sums + a; }
  static Sums plus_squares(Sums sums, Words a) {
    return sums + std::uint64_t{a} * a;
  }
  static std::uint64_t total(Sums sums) { return sums; }
};

/// By a mask of up to eight lanes: the lanes that are set, in order; then 0.
struct alignas(32) LaneOrder : std::array<std::uint32_t, 8> {};

constexpr std::array<LaneOrder, 256> order_of_lanes() {
  std::array<LaneOrder, 256> orders{};
  for (std::size_t mask = 0; mask < orders.size(); ++mask) {
    std::size_t set = 0;
    for (std::uint32_t lane = 0; lane < 8; ++lane)
      if (mask >> lane & 1) orders[mask][set++] = lane;
  }
  return orders;
}

inline constexpr std::array<LaneOrder, 256> lanes_set_in = order_of_lanes();

}  // namespace stardsim
