// Who would go another way under a variant of the law: looked for while the
// patients of the base are walked through, attempt by attempt. In whom no
// decision differs at any attempt that he makes under the base, nothing does.
#pragma once

#include "sim/core/engine.hpp"
#include "sim/core/life.hpp"
#include "sim/core/record.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace stardsim {

/// In which decisions an arm of a variant differs from that of the base.
struct ArmChange {
  bool outcome = false;        ///< remission, partial response, intolerance
  bool after = false;          ///< what follows a failed attempt
  bool enters = false;         ///< who in remission enters follow-up
  bool follow_up[2] = {};      ///< relapse, drop-out: 0: remitted, 1: not
  bool after_relapse[2] = {};  ///< likewise

  bool any() const {
    return outcome || after || enters || follows(0) || follows(1);
  }
  bool follows(std::size_t entry) const {
    return follow_up[entry] || after_relapse[entry];
  }
};

/// A pathway as a variant has it.
struct ChangedPathway {
  std::size_t variant;
  std::size_t row;      ///< of the pathways simulated, the one it stands for
  std::size_t pathway;  ///< in the law of the engine
  std::vector<std::vector<ArmChange>> arms;  ///< by step and arm
};

/// What one thread watches for. Marks are of the present tile, lists of all.
struct Watch {
  struct Watcher {
    std::size_t changed;  ///< in `pathways`
    ArmChange change;
    const ArmLaw* arm;  ///< of the variant
  };
  using Marks = std::array<std::uint64_t, tile_size / 64>;  ///< a bit a slot

  const std::vector<ChangedPathway>& pathways;  ///< by variant, ascending
  /// By pathway of the base, step and arm.
  std::vector<std::vector<std::vector<std::vector<Watcher>>>> watchers;
  std::vector<Marks> marks;    ///< by changed pathway
  std::vector<char> is_alone;  ///< the only one that its variant changes
  std::uint32_t first = 0;     ///< patient of the present tile, lower half
  /// Whether a patient's outcomes on all pathways are looked at together.
  bool together;
  /// Patients, the lower half of their numbers: by changed pathway; then, where
  /// they are looked at together, by variant those who change on several.
  std::vector<std::vector<std::uint32_t>> lists;
  std::vector<std::uint64_t> changed;  ///< patients, by variant
  Row base_time{}, base_drop_out{}, drop_out{}, found{};

  /// Variants to be left out are not watched for.
  Watch(const Engine&, const std::vector<ChangedPathway>&,
        const std::vector<bool>& left_out);

  void mark(std::size_t which, std::uint32_t slot) {
    std::uint64_t& bits = marks[which][slot / 64];
    const std::uint64_t bit = std::uint64_t{1} << slot % 64;
    if (is_alone[which] && !(bits & bit)) {
      lists[which].push_back(first + slot);
      ++changed[pathways[which].variant];
    }
    bits |= bit;
  }
  const std::vector<Watcher>& of(std::size_t pathway, std::size_t position,
                                 std::size_t arm) const {
    return watchers[pathway][position][arm];
  }
};

/// Words of which some thing decides otherwise: from this on, so many.
struct WordRange {
  std::uint32_t from, size;
  bool holds(std::uint32_t word) const { return word - from < size; }
};

/// Those between the old and the new of ascending cuts.
struct WordRanges {
  std::array<WordRange, 3> range{};
  std::size_t count = 0;

  void add(Cut before, Cut after) {
    if (before != after)
      range[count++] = {before < after ? before : after,
                        before < after ? after - before : before - after};
  }
  bool hold(std::uint32_t word) const {
    for (std::size_t i = 0; i < count; ++i)
      if (range[i].holds(word)) return true;
    return false;
  }
};

/// The chances of one patient at one attempt, as cuts.
struct OutcomeCuts {
  Cut remission, partial_response, intolerance;
};
/// Outcome words of other outcomes.
WordRanges other_outcomes(const OutcomeCuts& base, const OutcomeCuts& other);
/// Attrition words that lead elsewhere; of patients alike.
WordRanges other_ways(const AfterLaw& base, const AfterLaw& other);
/// The word after a relapse.
WordRanges other_ways(const FollowUpLaw& base, const FollowUpLaw& other);

/// Marks those of work.remitted who would, or would not, enter follow-up.
void watch_remitted(const Attempt&);
/// Marks those of work.following whose times, in watch.base_time and
/// base_drop_out, are others in work.time and watch.drop_out.
void mark_other_times(const Attempt&, const Watch::Watcher&, bool remitted);

/// Of a new tile.
void begin_watch(Workspace&);
/// Empties the marks into the lists.
void end_watch(Workspace&);

/// The words of one patient, drawn when first asked for.
class PatientWords {
 public:
  explicit PatientWords(Luck luck) : luck_(luck) {}

  void enter(std::uint64_t patient) {
    patient_ = patient;
    for (auto& row : words_) row.fill(not_drawn);
  }
  std::uint32_t of(Purpose, std::uint32_t visit);

 private:
  static constexpr std::uint32_t kept_visits = 8;
  static constexpr std::uint32_t not_drawn = certain;  // above all words

  const Luck luck_;
  std::uint64_t patient_ = 0;
  std::array<std::array<std::uint32_t, kept_visits>,
             static_cast<std::size_t>(Purpose::parameter)>
      words_{};
};

/// Which changed pathways lead this life elsewhere, or might: to `changed`, in
/// ascending order. For the plain course.
void watch_life(const Engine&, const Watch&, std::size_t pathway,
                bool everybody_continues, const Life&,
                const std::vector<float>& scores, PatientWords&,
                std::vector<std::size_t>& changed);

}  // namespace stardsim
