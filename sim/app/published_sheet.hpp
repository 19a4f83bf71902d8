// Published figures beside those of a run, as a table on the screen.
#pragma once

#include "models/scenario.hpp"
#include "sim/app/sheet.hpp"
#include "sim/core/tally.hpp"

#include <string>

namespace stardsim {

/// One row for each of Scenario::published, of which there must be one at
/// least. Requires a tally of this scenario.
Sheet published_sheet(const Scenario&, const Tally&);

/// "62 of 63 published figures agree".
std::string published_in_brief(const Scenario&, const Tally&);

}  // namespace stardsim
