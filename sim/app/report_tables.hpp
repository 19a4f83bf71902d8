// The tables of a report, and how a table stands in the page.
#pragma once

#include "sim/app/report_data.hpp"
#include "sim/app/sheet.hpp"
#include "sim/io/report/html.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace stardsim {

/// The classes of a cell, by its text and column; "": those of its column,
/// words or number.
using CellClass = std::string (*)(const std::string& text, std::size_t column);

/// As a table with its title as caption, in a region that scrolls by itself
/// where it is too wide, and with the note below.
void put_sheet(Html&, const Sheet&, CellClass = nullptr);

inline constexpr const char* no_source = "No source given";

/// Ever in remission by the horizon, by pathway and estimand.
Sheet remission_sheet(const ReportedRun&);

/// The same for the members of subgroups, under one estimand.
Sheet subgroup_sheet(const ReportedRun&, std::size_t estimand);

/// Steps and arms of a pathway under one estimand, beside what was published.
Sheet step_sheet(const ReportedRun&, std::size_t pathway, std::size_t estimand);

/// Relapse and drop-out after each step; no rows where nobody is followed.
Sheet follow_up_sheet(const ReportedRun&, std::size_t pathway);

/// Where patients are at the horizon, by pathway.
Sheet horizon_sheet(const ReportedRun&);

/// Published figures beside those simulated; of one quantity, or of all.
Sheet published_sheet(const ReportedRun&, const std::string& quantity = "");

Sheet input_sheet(const ReportedRun&);

}  // namespace stardsim
