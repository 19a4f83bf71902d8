// In what the law of a variant differs from that of the base.
#pragma once

#include "models/law.hpp"
#include "sim/core/watch.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace stardsim {

/// The base with the changed pathways of variants behind its own, so that one
/// engine simulates them all.
class LawOfVariants {
 public:
  explicit LawOfVariants(const Law& base);

  /// Adds the pathways that the variant changes; false, and nothing added, if
  /// it differs in more than cuts of outcomes, attrition, follow-up and what
  /// comes after a relapse, and times of relapse and dropping out. Patients and
  /// their scores, the other times, what accrues, ... must be the same.
  bool add(const Law& variant, std::size_t number);

  const Law& law() const { return law_; }
  const std::vector<ChangedPathway>& changes() const { return changes_; }

 private:
  std::vector<std::byte> rest_of(const Law&) const;

  const Law& base_;
  const std::vector<std::byte> base_rest_;
  Law law_;
  std::vector<ChangedPathway> changes_;
};

}  // namespace stardsim
