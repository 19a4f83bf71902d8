// The outcomes of patients and how they vary and go together between pathways:
// sums, squares and cross-products as integers.
#pragma once

#include "models/measure.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace stardsim {

__extension__ typedef __int128 SignedWide;

/// Patients are dealt to this many fixed batches (patient mod 256).
inline constexpr std::size_t batch_count = 256;

/// Moments of the measures of a scenario over its patients, in quanta.
struct Outcomes {
  std::size_t pathways = 0, measures = 0;
  /// The measures between which cross-products are kept, besides those of each
  /// measure with itself.
  std::size_t effect = no_measure;
  std::vector<std::size_t> costs;

  std::vector<SignedWide> sum;  ///< [pathway][measure]
  /// [measure][pair]: sums of x_p * x_q. Pairs p <= q: (0,0), (0,1), (1,1),
  /// (0,2), ...
  std::vector<SignedWide> product;
  /// [cost][pathway of the cost][pathway of the effect].
  std::vector<SignedWide> cost_effect;
  /// [measure][pair]: patients in whom x_p and x_q differ.
  std::vector<std::uint64_t> differing;
  /// [pathway][measure][batch].
  std::vector<std::int64_t> by_batch;

  std::size_t pairs() const { return pathways * (pathways + 1) / 2; }
  static std::size_t pair(std::size_t p, std::size_t q) {
    return p <= q ? q * (q + 1) / 2 + p : p * (p + 1) / 2 + q;
  }

  Outcomes() = default;
  Outcomes(std::size_t pathways, std::size_t measures,
           const DecisionMeasures&);  ///< nobody counted yet

  /// Adds the patients first .. first + count - 1; rows[p * measures + m][i] is
  /// the outcome of patient first + i, and a null row is 0 for all. Fast for
  /// numbers below 2^26 in pieces of 1,024 that begin with batch 0.
  /// Requires rows of `count` numbers below 2^43, and fewer than 2^40 patients
  /// in all, of whom those of a batch sum to less than 2^63.
  void add(std::uint64_t first, std::size_t count,
           const std::vector<const std::int64_t*>& rows);
  /// The same for any patients; of their numbers only the remainders by
  /// batch_count count.
  void add_scattered(const std::uint32_t* patients, std::size_t count,
                     const std::vector<const std::int64_t*>& rows);
  /// One patient, who has been added or will be, has other numbers:
  /// [pathway][measure].
  void replace(std::uint64_t patient, const std::vector<std::int64_t>& before,
               const std::vector<std::int64_t>& after);
  /// As add() for one measure alone. Requires that there is one pathway, and
  /// that the measure is neither a cost nor the effect of the decision.
  void add_alone(std::uint64_t first, std::size_t count, std::size_t measure,
                 const std::int64_t* row);
  Outcomes& operator+=(const Outcomes&);
  Outcomes& operator-=(const Outcomes&);
  bool operator==(const Outcomes&) const = default;

 private:
  void add_piece(std::uint64_t first, const std::uint32_t* patients,
                 std::size_t count,
                 const std::vector<const std::int64_t*>& rows);
};

}  // namespace stardsim
