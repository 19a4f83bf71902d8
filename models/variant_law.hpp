// Laws of variants of one scenario, made quickly: what did not change is taken
// from what was made before.
#pragma once

#include "models/law.hpp"
#include "models/scenario.hpp"

#include <memory>

namespace stardsim {

/// What becomes of the solved intercepts (intercepts.hpp) in a variant.
enum class Intercepts {
  /// All of them hold their rates again: base + (solved on a small population
  /// in the variant - the same in the base), so that a variant without changes
  /// has those of the base, to the bit. For uncertainty draws.
  solved,
  /// Only those whose own rate changed are moved; all others stay as in the
  /// base, so that an effect of covariates that changes is felt. For
  /// sensitivity.
  held
};

class VariantLaws {
 public:
  explicit VariantLaws(const Scenario& base);
  ~VariantLaws();
  VariantLaws(VariantLaws&&) noexcept;
  VariantLaws& operator=(VariantLaws&&) noexcept;

  const Law& base() const;  ///< compile(base), to the byte
  /// Equal to compile(variant), to the byte, wherever no intercept is solved.
  /// May be called by several threads at once. Requires the same pathways,
  /// steps and arms as the base.
  Law compile(const Scenario& variant, Intercepts) const;

 private:
  struct Tables;
  std::unique_ptr<Tables> tables_;
};

}  // namespace stardsim
