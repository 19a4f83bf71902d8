// As many patients at a time as the instruction set has lanes of 32 bits, by
// Highway. Included once for each instruction set (no ordinary include guard);
// means what OneLane in lanes.hpp says.
#if defined(STARDSIM_LANES_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef STARDSIM_LANES_INL
#undef STARDSIM_LANES_INL
#else
#define STARDSIM_LANES_INL
#endif
#undef STARDSIM_NATIVE_LANES

#include "sim/core/lanes.hpp"

#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace stardsim {
namespace HWY_NAMESPACE {

// Highway's emulated vectors have gaps and are no faster than one lane.
#if HWY_TARGET != HWY_EMU128 && HWY_TARGET != HWY_SCALAR
#define STARDSIM_NATIVE_LANES 1

namespace hn = hwy::HWY_NAMESPACE;

struct NativeLanes {
  using D = hn::ScalableTag<std::uint32_t>;
  using D64 = hn::Repartition<std::uint64_t, D>;
  using DReal = hn::Rebind<float, D>;
  using DSigned = hn::RebindToSigned<D>;
  using Words = hn::Vec<D>;
  using Reals = hn::Vec<DReal>;
  using Some = hn::Mask<D>;
  static constexpr std::size_t width = HWY_LANES(std::uint32_t);

  static HWY_INLINE Words load(const std::uint32_t* from) {
    return hn::LoadU(D(), from);
  }
  static HWY_INLINE void store(Words words, std::uint32_t* to) {
    hn::StoreU(words, D(), to);
  }
  static HWY_INLINE Words all(std::uint32_t value) {
    return hn::Set(D(), value);
  }
  static HWY_INLINE Words counting_from(std::uint32_t first) {
    // Iota with a variable start would go through memory, word by word.
    alignas(64) static constexpr std::uint32_t ascending[16] = {
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    return hn::Add(hn::Set(D(), first), hn::Load(D(), ascending));
  }

  static HWY_INLINE Words add(Words a, Words b) { return hn::Add(a, b); }
  static HWY_INLINE Words subtract(Words a, Words b) { return hn::Sub(a, b); }
  static HWY_INLINE Words bit_and(Words a, Words b) { return hn::And(a, b); }
  static HWY_INLINE Words bit_or(Words a, Words b) { return hn::Or(a, b); }
  static HWY_INLINE Words bit_xor(Words a, Words b) { return hn::Xor(a, b); }
  static HWY_INLINE Words bit_xor3(Words a, Words b, Words c) {
    return hn::Xor3(a, b, c);
  }
  template <int bits>
  static HWY_INLINE Words shift_right(Words a) {
    return hn::ShiftRight<bits>(a);
  }
  template <int bits>
  static HWY_INLINE Words shift_left(Words a) {
    return hn::ShiftLeft<bits>(a);
  }
  static HWY_INLINE Words shift_right_by(Words a, int bits) {
    return hn::ShiftRightSame(a, bits);
  }
  static HWY_INLINE Words smaller(Words a, Words b) { return hn::Min(a, b); }
  static HWY_INLINE Words select(Some some, Words yes, Words no) {
    return hn::IfThenElse(some, yes, no);
  }
  static HWY_INLINE void multiply(Words a, std::uint32_t by, Words& high,
                                  Words& low) {
    const D d;
    const Words factor = hn::Set(d, by);
    const auto even = hn::MulEven(a, factor);
    const auto odd = hn::MulEven(hn::BitCast(d, odd_lanes(a)), factor);
    low = hn::OddEven(hn::DupEven(hn::BitCast(d, odd)), hn::BitCast(d, even));
    high = hn::OddEven(hn::BitCast(d, odd), hn::DupOdd(hn::BitCast(d, even)));
  }
  static HWY_INLINE Words low_product(Words a, Words b) {
    return hn::Mul(a, b);
  }
  static HWY_INLINE Words high_product(Words a, Words b) {
    const D d;
    const auto even = hn::MulEven(a, b);
    const auto odd =
        hn::MulEven(hn::BitCast(d, odd_lanes(a)), hn::BitCast(d, odd_lanes(b)));
    return hn::OddEven(hn::BitCast(d, odd), hn::DupOdd(hn::BitCast(d, even)));
  }
  static HWY_INLINE Words look_up(const std::uint32_t* table, Words index) {
    return hn::GatherIndex(D(), table, hn::BitCast(DSigned(), index));
  }
  static HWY_INLINE Words look_up_16(const std::uint32_t* table, Words index) {
#if HWY_TARGET <= HWY_AVX3
    return hn::TableLookupLanes(hn::Load(D(), table),
                                hn::IndicesFromVec(D(), index));
#else
    return look_up(table, index);
#endif
  }

  static HWY_INLINE Reals load_real(const float* from) {
    return hn::LoadU(DReal(), from);
  }
  static HWY_INLINE void store_real(Reals reals, float* to) {
    hn::StoreU(reals, DReal(), to);
  }
  static HWY_INLINE Reals all_real(float value) {
    return hn::Set(DReal(), value);
  }
  static HWY_INLINE Reals plus(Reals a, Reals b) { return hn::Add(a, b); }
  static HWY_INLINE Reals minus(Reals a, Reals b) { return hn::Sub(a, b); }
  static HWY_INLINE Reals times(Reals a, Reals b) { return hn::Mul(a, b); }
  // Not Min and Max: which zero they give differs between instruction sets.
  static HWY_INLINE Reals smaller_real(Reals a, Reals b) {
    return hn::IfThenElse(hn::Lt(a, b), a, b);
  }
  static HWY_INLINE Reals larger_real(Reals a, Reals b) {
    return hn::IfThenElse(hn::Gt(a, b), a, b);
  }
  static HWY_INLINE Reals select_real(Some some, Reals yes, Reals no) {
    return hn::IfThenElse(hn::RebindMask(DReal(), some), yes, no);
  }
  static HWY_INLINE Reals real_of(Words a) {
    return hn::ConvertTo(DReal(), hn::BitCast(DSigned(), a));
  }
  static HWY_INLINE Words word_of(Reals a) {
    return hn::BitCast(D(), hn::ConvertTo(DSigned(), a));
  }
  static HWY_INLINE Words bits_of(Reals a) { return hn::BitCast(D(), a); }
  static HWY_INLINE Reals real_from_bits(Words a) {
    return hn::BitCast(DReal(), a);
  }
  static HWY_INLINE Reals look_up_real(const float* table, Words index) {
    return hn::GatherIndex(DReal(), table, hn::BitCast(DSigned(), index));
  }

  static HWY_INLINE Some below_real(Reals a, Reals b) {
    return hn::RebindMask(D(), hn::Lt(a, b));
  }
  static HWY_INLINE Some equal_real(Reals a, Reals b) {
    return hn::RebindMask(D(), hn::Eq(a, b));
  }
  static HWY_INLINE Some below(Words a, Words b) { return hn::Lt(a, b); }
  static HWY_INLINE Some equal(Words a, Words b) { return hn::Eq(a, b); }
  static HWY_INLINE Some any_bit(Words a, Words bits) {
    return hn::Ne(hn::And(a, bits), hn::Zero(D()));
  }
  static HWY_INLINE Some first(std::size_t count) {
    return hn::FirstN(D(), count);
  }
  static HWY_INLINE Some both(Some a, Some b) { return hn::And(a, b); }
  static HWY_INLINE Some either(Some a, Some b) { return hn::Or(a, b); }
  static HWY_INLINE Some but_not(Some a, Some b) { return hn::AndNot(b, a); }

  static HWY_INLINE bool any(Some some) { return !hn::AllFalse(D(), some); }
  static HWY_INLINE std::size_t count(Some some) {
    return hn::CountTrue(D(), some);
  }
  static HWY_INLINE std::size_t append(Words words, Some some,
                                       std::uint32_t* to) {
#if HWY_TARGET <= HWY_AVX3
    hn::StoreU(hn::Compress(words, some), D(), to);
#else
    // Here Highway 1.0.3 would copy its table of 8 KB at every call.
    std::uint8_t bits[8];
    hn::StoreMaskBits(D(), some, bits);
    const auto order = hn::Load(D(), lanes_set_in[bits[0]].data());
    hn::StoreU(hn::TableLookupLanes(words, hn::IndicesFromVec(D(), order)), D(),
               to);
#endif
    return hn::CountTrue(D(), some);
  }

  using Sums = hn::Vec<D64>;
  static HWY_INLINE Sums no_sums() { return hn::Zero(D64()); }
  static HWY_INLINE Sums plus(Sums sums, Words a) {
    const auto even = hn::And(hn::BitCast(D64(), a), hn::Set(D64(), lower));
    return hn::Add(sums, hn::Add(even, odd_lanes(a)));
  }
  static HWY_INLINE Sums plus_squares(Sums sums, Words a) {
    const Words odd = hn::BitCast(D(), odd_lanes(a));
    return hn::Add(sums, hn::Add(hn::MulEven(a, a), hn::MulEven(odd, odd)));
  }
  static HWY_INLINE std::uint64_t total(Sums sums) {
    return hn::GetLane(hn::SumOfLanes(D64(), sums));
  }

 private:
  static constexpr std::uint64_t lower = 0xFFFFFFFF;

  static HWY_INLINE hn::Vec<D64> odd_lanes(Words a) {
    return hn::ShiftRight<32>(hn::BitCast(D64(), a));
  }
};

#else
#define STARDSIM_NATIVE_LANES 0
#endif

}  // namespace HWY_NAMESPACE
}  // namespace stardsim
HWY_AFTER_NAMESPACE();

#endif
