#include "sim/core/outcomes.hpp"

// foreach_target includes this file once more for each instruction set, and
// must come before all that depends on one.
// clang-format off
#include "sim/core/targets.hpp"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sim/core/outcomes.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// clang-format on

#include <algorithm>
#include <cstdint>

#ifndef STARDSIM_OUTCOMES_ONCE
#define STARDSIM_OUTCOMES_ONCE

namespace stardsim {

// What is to be known of a row.
struct RowFacts {
  std::uint64_t bits = 0;             // all of them, of any number
  std::uint64_t biased = 0;           // the same of each number + small
  std::int64_t sum = 0, squares = 0;  // right where all numbers are small
};

// Two rows of a piece, and what they come to.
struct RowPair {
  const std::int64_t *x, *y;
  SignedWide* sum_of_products;
  std::uint64_t* count_of_differing;  // or null
  bool is_small;                      // are all numbers
  std::int64_t product = 0;           // right where they are
  std::uint64_t differing = 0;
};

// 1,024 products of small numbers have room in 64 bits.
constexpr std::size_t piece = 1024;
constexpr std::int64_t small = std::int64_t{1} << 26;

}  // namespace stardsim

#endif

HWY_BEFORE_NAMESPACE();
namespace stardsim {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Unsigned, where too large a sum is no fault; it is not used then.
using D = hn::ScalableTag<std::uint64_t>;
using Numbers = hn::Vec<D>;

HWY_INLINE Numbers load(const std::int64_t* x) {
  return hn::LoadU(D(), reinterpret_cast<const std::uint64_t*>(x));
}

// Of signed numbers of at most 32 bits.
HWY_INLINE Numbers times(Numbers a, Numbers b) {
#if HWY_TARGET == HWY_SCALAR
  const auto low = [](Numbers number) {
    return std::int64_t{static_cast<std::int32_t>(hn::GetLane(number))};
  };
  return hn::Set(D(), static_cast<std::uint64_t>(low(a) * low(b)));
#else
  const hn::Repartition<std::int32_t, D> half;
  return hn::BitCast(D(),
                     hn::MulEven(hn::BitCast(half, a), hn::BitCast(half, b)));
#endif
}

HWY_INLINE std::uint64_t sum_of_lanes(Numbers numbers) {
  std::uint64_t lanes[HWY_MAX_BYTES / sizeof(std::uint64_t)];
  hn::StoreU(numbers, D(), lanes);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < hn::Lanes(D()); ++i) sum += lanes[i];
  return sum;
}

HWY_INLINE std::uint64_t bits_of_lanes(Numbers numbers) {
  std::uint64_t lanes[HWY_MAX_BYTES / sizeof(std::uint64_t)];
  hn::StoreU(numbers, D(), lanes);
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < hn::Lanes(D()); ++i) bits |= lanes[i];
  return bits;
}

// Adds a whole piece, that begins with batch 0, to its batches.
void look_at_piece(const std::int64_t* x, std::int64_t* batches,
                   RowFacts& facts) {
  const D d;
  const std::size_t lanes = hn::Lanes(d);
  const Numbers bias = hn::Set(d, small);
  Numbers sum = hn::Zero(d), squares = sum, bits = sum, biased = sum;
  for (std::size_t b = 0; b < batch_count; b += lanes) {
    Numbers here = hn::Zero(d);
    for (std::size_t i = b; i < piece; i += batch_count) {
      const Numbers number = load(x + i);
      here = hn::Add(here, number);
      squares = hn::Add(squares, times(number, number));
      bits = hn::Or(bits, number);
      biased = hn::Or(biased, hn::Add(number, bias));
    }
    sum = hn::Add(sum, here);
    hn::StoreU(hn::Add(load(batches + b), here), d,
               reinterpret_cast<std::uint64_t*>(batches + b));
  }
  facts = {bits_of_lanes(bits), bits_of_lanes(biased),
           static_cast<std::int64_t>(sum_of_lanes(sum)),
           static_cast<std::int64_t>(sum_of_lanes(squares))};
}

// All pairs of rows of a piece, a part of it after the other, so that rows that
// stand in several pairs are still in cache.
void look_at_pairs(RowPair* pairs, std::size_t count) {
  constexpr std::size_t part = 512;
  const D d;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t from = 0; from < piece; from += part)
    for (RowPair* pair = pairs; pair != pairs + count; ++pair) {
      Numbers product = hn::Zero(d), equal = product;
      for (std::size_t i = from; i < from + part; i += lanes) {
        const Numbers a = load(pair->x + i), b = load(pair->y + i);
        product = hn::Add(product, times(a, b));
        // Where they are equal, -1 is added.
        equal = hn::Add(equal, hn::VecFromMask(d, hn::Eq(a, b)));
      }
      pair->product = static_cast<std::int64_t>(
          static_cast<std::uint64_t>(pair->product) + sum_of_lanes(product));
      pair->differing += part + sum_of_lanes(equal);
    }
}

}  // namespace HWY_NAMESPACE
}  // namespace stardsim
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace stardsim {
namespace {

HWY_EXPORT(look_at_piece);
HWY_EXPORT(look_at_pairs);

// One measure of one pathway over at most a piece of patients.
struct OutcomeRow {
  const std::int64_t* x = nullptr;
  RowFacts facts;

  bool is_zero() const { return facts.bits == 0; }
  bool is_small() const {
    return facts.biased < 2 * static_cast<std::uint64_t>(small);
  }
};

// Of the patients first, first + 1, ..., or of those named, unless null.
OutcomeRow row_of(const std::int64_t* x, std::uint64_t first,
                  const std::uint32_t* patients, std::size_t count,
                  std::int64_t* batches) {
  OutcomeRow row{x, {}};
  if (x == nullptr) return row;
  if (count == piece && patients != nullptr) {
    std::int64_t not_wanted[batch_count] = {};
    HWY_DYNAMIC_DISPATCH(look_at_piece)(x, not_wanted, row.facts);
    if (row.facts.bits == 0) return row;
    for (std::size_t i = 0; i < count; ++i)
      batches[patients[i] % batch_count] += x[i];
    return row;
  }
  if (count == piece && first % batch_count == 0) {
    HWY_DYNAMIC_DISPATCH(look_at_piece)(x, batches, row.facts);
    return row;
  }
  for (std::size_t i = 0; i < count; ++i) {
    batches[(patients ? patients[i] : first + i) % batch_count] += x[i];
    row.facts.bits |= static_cast<std::uint64_t>(x[i]);
    row.facts.biased |= static_cast<std::uint64_t>(x[i] + small);
  }
  if (!row.is_small()) return row;
  for (std::size_t i = 0; i < count; ++i) {
    row.facts.sum += x[i];
    row.facts.squares += x[i] * x[i];
  }
  return row;
}

SignedWide wide_sum(const std::int64_t* x, std::size_t count) {
  SignedWide sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += x[i];
  return sum;
}

SignedWide wide_product(const std::int64_t* x, const std::int64_t* y,
                        std::size_t count) {
  SignedWide sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += SignedWide{x[i]} * y[i];
  return sum;
}

// Collects pairs of rows, then adds what they come to.
class Pairs {
 public:
  explicit Pairs(std::size_t count) : count_(count) {}

  // Where to add the sum of products and, unless null, how many differ.
  void add(const OutcomeRow& a, const OutcomeRow& b, SignedWide& product,
           std::uint64_t* differing) {
    if (!a.is_zero() && !b.is_zero())
      pairs_.push_back(
          {a.x, b.x, &product, differing, a.is_small() && b.is_small()});
    else if (differing != nullptr)
      *differing += not_zero(a) + not_zero(b);
  }

  void run() {
    if (count_ == piece)
      HWY_DYNAMIC_DISPATCH(look_at_pairs)(pairs_.data(), pairs_.size());
    for (RowPair& pair : pairs_) {
      if (count_ < piece) look_at(pair);
      *pair.sum_of_products +=
          pair.is_small ? pair.product : wide_product(pair.x, pair.y, count_);
      if (pair.count_of_differing != nullptr)
        *pair.count_of_differing += pair.differing;
    }
    pairs_.clear();
  }

 private:
  std::uint64_t not_zero(const OutcomeRow& row) const {
    if (row.is_zero()) return 0;
    return count_ - static_cast<std::uint64_t>(
                        std::count(row.x, row.x + count_, std::int64_t{0}));
  }

  void look_at(RowPair& pair) const {
    for (std::size_t i = 0; i < count_; ++i) {
      if (pair.is_small) pair.product += pair.x[i] * pair.y[i];
      pair.differing += pair.x[i] != pair.y[i] ? 1u : 0u;
    }
  }

  std::size_t count_;
  std::vector<RowPair> pairs_;
};

template <class Number>
void add_each(std::vector<Number>& sums, const std::vector<Number>& more) {
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += more[i];
}

template <class Number>
void take_each(std::vector<Number>& sums, const std::vector<Number>& less) {
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] -= less[i];
}

}  // namespace

Outcomes::Outcomes(std::size_t pathway_count, std::size_t measure_count,
                   const DecisionMeasures& decision)
    : pathways(pathway_count),
      measures(measure_count),
      effect(decision.effect),
      costs(decision.costs),
      sum(pathways * measures),
      product(measures * pairs()),
      cost_effect(effect == no_measure ? 0
                                       : costs.size() * pathways * pathways),
      differing(measures * pairs()),
      by_batch(pathways * measures * batch_count) {}

void Outcomes::add(std::uint64_t first, std::size_t count,
                   const std::vector<const std::int64_t*>& rows) {
  std::vector<const std::int64_t*> here = rows;
  for (; count > piece; first += piece, count -= piece) {
    add_piece(first, nullptr, piece, here);
    for (const std::int64_t*& row : here)
      if (row != nullptr) row += piece;
  }
  add_piece(first, nullptr, count, here);
}

void Outcomes::add_scattered(const std::uint32_t* patients, std::size_t count,
                             const std::vector<const std::int64_t*>& rows) {
  std::vector<const std::int64_t*> here = rows;
  for (; count > piece; patients += piece, count -= piece) {
    add_piece(0, patients, piece, here);
    for (const std::int64_t*& row : here)
      if (row != nullptr) row += piece;
  }
  add_piece(0, patients, count, here);
}

void Outcomes::add_piece(std::uint64_t first, const std::uint32_t* patients,
                         std::size_t count,
                         const std::vector<const std::int64_t*>& rows) {
  std::vector<OutcomeRow> row(rows.size());
  Pairs others(count);
  // By measure, while its rows are in cache.
  for (std::size_t m = 0; m < measures; ++m)
    for (std::size_t q = 0; q < pathways; ++q) {
      const std::size_t i = q * measures + m;
      row[i] =
          row_of(rows[i], first, patients, count, &by_batch[i * batch_count]);
      if (!row[i].is_zero()) {
        const auto* x = rows[i];
        const bool is_small = row[i].is_small();
        sum[i] += is_small ? row[i].facts.sum : wide_sum(x, count);
        product[m * pairs() + pair(q, q)] +=
            is_small ? row[i].facts.squares : wide_product(x, x, count);
      }
      for (std::size_t p = 0; p < q; ++p) {
        const std::size_t at = m * pairs() + pair(p, q);
        others.add(row[p * measures + m], row[i], product[at], &differing[at]);
      }
      if (q + 1 == pathways) others.run();
    }
  if (effect == no_measure) return;
  for (std::size_t c = 0; c < costs.size(); ++c)
    for (std::size_t p = 0; p < pathways; ++p)
      for (std::size_t q = 0; q < pathways; ++q)
        others.add(row[p * measures + costs[c]], row[q * measures + effect],
                   cost_effect[(c * pathways + p) * pathways + q], nullptr);
  others.run();
}

void Outcomes::replace(std::uint64_t patient,
                       const std::vector<std::int64_t>& before,
                       const std::vector<std::int64_t>& after) {
  const auto change_of_product = [&](std::size_t i, std::size_t j) {
    return SignedWide{after[i]} * after[j] - SignedWide{before[i]} * before[j];
  };
  std::vector<char> changed(pathways);
  for (std::size_t p = 0; p < pathways; ++p) {
    const auto first = static_cast<std::ptrdiff_t>(p * measures),
               last = static_cast<std::ptrdiff_t>((p + 1) * measures);
    changed[p] = !std::equal(before.begin() + first, before.begin() + last,
                             after.begin() + first);
  }
  for (std::size_t q = 0; q < pathways; ++q) {
    for (std::size_t m = 0; m < measures && changed[q]; ++m) {
      const std::size_t i = q * measures + m;
      sum[i] += after[i] - before[i];
      by_batch[i * batch_count + patient % batch_count] += after[i] - before[i];
    }
    for (std::size_t p = 0; p <= q; ++p)
      for (std::size_t m = 0; m < measures && (changed[p] || changed[q]); ++m) {
        const std::size_t i = q * measures + m, j = p * measures + m,
                          at = m * pairs() + pair(p, q);
        product[at] += change_of_product(i, j);
        differing[at] += after[i] != after[j];
        differing[at] -= before[i] != before[j];
      }
  }
  if (effect == no_measure) return;
  for (std::size_t c = 0; c < costs.size(); ++c)
    for (std::size_t p = 0; p < pathways; ++p)
      for (std::size_t q = 0; q < pathways; ++q)
        if (changed[p] || changed[q])
          cost_effect[(c * pathways + p) * pathways + q] +=
              change_of_product(p * measures + costs[c], q * measures + effect);
}

void Outcomes::add_alone(std::uint64_t first, std::size_t count,
                         std::size_t measure, const std::int64_t* row) {
  while (count > 0) {
    const std::size_t some = std::min(count, piece);
    const OutcomeRow one =
        row_of(row, first, nullptr, some, &by_batch[measure * batch_count]);
    const bool is_small = one.is_small();
    sum[measure] += is_small ? one.facts.sum : wide_sum(row, some);
    product[measure] +=
        is_small ? one.facts.squares : wide_product(row, row, some);
    first += some, count -= some, row += some;
  }
}

Outcomes& Outcomes::operator+=(const Outcomes& more) {
  add_each(sum, more.sum);
  add_each(product, more.product);
  add_each(cost_effect, more.cost_effect);
  add_each(differing, more.differing);
  add_each(by_batch, more.by_batch);
  return *this;
}

Outcomes& Outcomes::operator-=(const Outcomes& less) {
  take_each(sum, less.sum);
  take_each(product, less.product);
  take_each(cost_effect, less.cost_effect);
  take_each(differing, less.differing);
  take_each(by_batch, less.by_batch);
  return *this;
}

}  // namespace stardsim

#endif
