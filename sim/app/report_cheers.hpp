// What a report says of each item of CHEERS 2022.
#pragma once

#include "sim/app/report_data.hpp"
#include "sim/app/sheet.hpp"

namespace stardsim {

inline constexpr const char* not_reported = "not reported";

/// The 28 items of the Consolidated Health Economic Evaluation Reporting
/// Standards 2022 (Husereau et al. 2022, BMJ 376:e067975), in words of our own,
/// with what the run answers. What it does not answer is "not reported": that
/// is no statement of whether it was done.
Sheet cheers_sheet(const ReportInput&, std::size_t run);

}  // namespace stardsim
