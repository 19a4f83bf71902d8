// The life of one patient on one pathway, told plainly: the page to read to
// know what the engine does. It is what `replay` prints, what event histories
// are made of, and what runs wherever the vector form (course-inl.hpp) does not
// know what can happen; where both can run, a test holds the counts of the
// vectors equal to it, patient by patient.
#pragma once

#include "sim/core/engine.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace stardsim {

/// What may befall a patient.
enum class Happening : std::uint8_t {
  entry,
  passed_on,  ///< no arm of the step could be given: on to the next step
  waiting,
  start,          ///< of an attempt
  adverse_event,  ///< at the start of an attempt
  extension,      ///< begins, for a partial responder
  remission,
  partial_response,  ///< this and the next two: at the end of the attempt
  intolerance,
  no_response,
  partial_response_lost,  ///< in the extension: a relapse that ends the attempt
  unfinished,             ///< the horizon, or death, came within the attempt
  left_care,
  follow_up,  ///< entered, in remission or not
  relapse,
  drop_out,
  gap,
  gap_return,
  exhausted,  ///< no step is left: untreated from now on
  spontaneous_remission,
  spontaneous_relapse,
  death,
  horizon  ///< the end of what is simulated
};

/// What befell a patient at one moment.
struct Event {
  Ticks tick = 0;  ///< since entry
  Happening what = Happening::entry;
  std::uint32_t visit = 0;     ///< attempts made before, or this one's number
  std::uint32_t position = 0;  ///< of the step in the pathway
  std::uint32_t arm = 0;       ///< of the step
  bool operator==(const Event&) const = default;
};

/// A random word that decided something.
struct Draw {
  std::size_t before_event = 0;  ///< index in Life::events
  Purpose purpose = Purpose::outcome;
  std::uint32_t visit = 0;
  std::uint32_t word = 0;
  Cut cut = impossible;  ///< what it was compared with; for a time: not used
  Ticks time = 0;        ///< what it came to, if it is a time
  /// The other cuts. Of an outcome: up to partial response, from intolerance
  /// on; of attrition (`cut`: not leaving care): next step, follow-up; of what
  /// comes after a relapse (`cut`: next step): same step, gap; each cumulated.
  std::array<Cut, 2> further{};
  std::uint32_t arm = 0;  ///< of the step, whose access or acceptance it is
};

/// What a patient has behind him.
struct Standing {
  std::uint32_t trials = 0, classes = 0;  ///< as History (offer.hpp)
  Ticks resistant_since = never;          ///< start of the first failed trial
};

/// One attempt. `at_end` is as at the start if the horizon comes first.
struct Trial {
  Standing at_start, at_end;
};

/// A time in which nothing that accrues changes.
struct Stretch {
  Ticks from, to;
  Health health;
  Phase phase;
  bool resistant;
  /// ArmLaw::origin of the treatment, where he is on it; else `nothing`.
  std::size_t origin;
};

enum class CauseOfDeath : std::uint8_t { none, background, suicide, procedure };

/// All that befell one patient on one pathway.
struct Life {
  std::uint64_t patient = 0;
  std::vector<float> covariates;
  std::vector<Event> events;  ///< in order of time; the first is `entry`
  std::vector<Draw> draws;    ///< in the order in which they were made
  Standing entry;
  std::vector<Trial> trials;       ///< in the order of their `start` events
  std::vector<Stretch> stretches;  ///< one after another, to the end
  CauseOfDeath cause_of_death = CauseOfDeath::none;

  /// Of adverse events: their number, in order of the events that tell them.
  std::vector<std::uint32_t> adverse_events;
};

/// `everybody_continues`: the course if_all_continue, to its first remission;
/// else the observed one, to the horizon or to death. Requires patient < 2^40
/// and a pathway of the law.
Life live(const Engine&, Luck, std::uint64_t patient, std::size_t pathway,
          bool everybody_continues);

/// The lives of one patient on one pathway after another, without Life::draws:
/// what they have in common is drawn once.
class Lives {
 public:
  Lives(const Engine& engine, Luck luck) : engine_(engine), luck_(luck) {}

  /// The next lives are those of this patient.
  void enter(std::uint64_t patient);
  /// As live(); the reference is good until the next call.
  const Life& live(std::size_t pathway, bool everybody_continues);
  /// As Law::scores, of the patient who has entered.
  const std::vector<float>& scores() const { return scores_; }

 private:
  const Engine& engine_;
  const Luck luck_;
  std::vector<float> scores_;
  Life life_;
};

const char* name_of(Happening);

}  // namespace stardsim
