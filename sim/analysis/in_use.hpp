// Which parts of the clinical course a scenario makes use of; what it does not
// use is left out of results and tables.
#pragma once

#include "models/scenario.hpp"

namespace stardsim {

/// Somebody may relapse, drop out, or be followed up without remission.
bool has_follow_up(const Scenario&);

/// Anything may happen to patients outside the acute steps: follow-up, a wait,
/// a gap, spontaneous remission.
bool has_later_course(const Scenario&);

/// After a relapse the same step may be given again, so that a patient may
/// enter it more than once.
bool may_be_repeated(const Step&);

}  // namespace stardsim
