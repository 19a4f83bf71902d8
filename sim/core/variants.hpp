// Many variants of one law on the same patients with the same luck: only those
// patients are simulated again in whom something may change.
#pragma once

#include "models/law.hpp"
#include "sim/core/simulate.hpp"
#include "sim/core/tally.hpp"

#include <cstdint>
#include <vector>

namespace stardsim {

struct VariantTallies {
  Tally base;
  std::vector<Tally> variants;  ///< in the order of the laws
  /// Of each: patients simulated again (a patient counts once for the base and
  /// once for the variant); all of them where the variant was run in full.
  std::vector<std::uint64_t> simulated_again;
  std::vector<bool> in_full;
};

/// Each tally equals that of simulate() with its law, to the last bit. A
/// variant that differs from the base in cuts of outcomes, attrition or relapse
/// alone is had from the patients whose words lie between the old and the new
/// cut: their part of the base is taken away and that of the variant added.
/// Others run in full. Options as for simulate().
VariantTallies simulate_variants(const Law& base,
                                 const std::vector<Law>& variants,
                                 const RunOptions&, RunFacts* facts = nullptr);

}  // namespace stardsim
