// Who is given which arm, and what later steps remember of a patient: the
// discrete part of the exact twin.
#pragma once

#include "models/law.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace stardsim {

/// Patients of whom nothing that matters from here on differs but the time.
struct Place {
  std::size_t step = 0;     ///< of the pathway, before which they stand
  std::uint32_t visit = 0;  ///< attempts so far
  std::uint32_t trials = 0, classes = 0;  ///< as namespace history says

  // clang-tidy 14 takes the 0 that this compares with for a pointer.
  // NOLINTNEXTLINE(modernize-use-nullptr)
  auto operator<=>(const Place&) const = default;
};

/// What the steps of a pathway ask of a patient's past. The rest is forgotten,
/// and a count stays at the lowest number beyond every bound: so few places
/// remain.
class Memory {
 public:
  explicit Memory(const PathwayLaw&);

  /// Another attempt: the next visit, at the same step.
  Place after_attempt(Place) const;
  /// As the last attempt failed.
  Place after_failure(Place, const ArmLaw&, LastOutcome, bool adequate) const;
  Place after_remission(Place) const;
  /// As follow-up, in remission or not, ended in relapse.
  Place after_relapse(Place) const;

  bool asks_for_trials() const { return trials_ != 0 || classes_ != 0; }

 private:
  void ask(const Test&);

  std::uint32_t visits_ = 0, failed_ = 0, adequate_ = 0;  ///< counts stay here
  std::uint32_t trials_ = 0, classes_ = 0;                ///< bits asked for
};

/// P(given the arm), for each arm of the step; the rest passes on. Where
/// `everybody_accepts`, nobody refuses or has no access.
std::vector<double> shares(const StepLaw&, const Place&,
                           bool everybody_accepts);

}  // namespace stardsim
