// Ten faults that a model might have, which can be planted in the engine to see
// that `stardsim check` finds them: UNLESS_PLANTED(fault, right, wrong) stands
// where each would be made. It is the right expression alone, but in
// stardsim_faulty (CMake option STARDSIM_PLANTED_FAULTS), where the environment
// variable STARDSIM_PLANT names the fault.
//
// state_leak            what was there of the patient before is not cleared:
//                       his random words, or that he has died
// last_step_skipped     off by one: the last step of a pathway is never given
// rate_as_hazard        a discount of 3 % a year is taken for a hazard of 0.03
// attrition_twice       who has not left care is asked a second time
// relapse_clock         the clock of relapse is not reset: after a relapse it
//                       runs from entry on, not from the new remission
// shares_ignored        all arms of a step are given equally often
// partial_as_remission  a partial response is counted as a remission
// death_ratio_ignored   mortality is that of the population, however ill one is
// previous_state        utilities, and costs, are those of the state before
// shared_luck           outcome and leaving care are decided by one random word
#pragma once

#ifdef STARDSIM_PLANTED_FAULTS

namespace stardsim {

enum class PlantedFault {
  none,
  state_leak,
  last_step_skipped,
  rate_as_hazard,
  attrition_twice,
  relapse_clock,
  shares_ignored,
  partial_as_remission,
  death_ratio_ignored,
  previous_state,
  shared_luck
};

/// That of STARDSIM_PLANT; the program ends where it names none.
extern const PlantedFault planted_fault;

}  // namespace stardsim

#define UNLESS_PLANTED(fault, right, wrong) \
  (planted_fault == PlantedFault::fault ? (wrong) : (right))

#else

#define UNLESS_PLANTED(fault, right, wrong) (right)

#endif
