// A run whose outcomes are made up by hand, and result files of it.
#pragma once

#include "sim/analysis/comparison.hpp"
#include "sim/io/netcdf_file.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace stardsim::test {

/// 400 patients of four kinds, the kind being the patient's number modulo 4, on
/// pathways `usual` (the reference) and `new`, seed 1:
///
///   kind                    0   1   2   3     mean
///   remission    usual      0   1   0   1     0.5
///                new        1   1   0   1     0.75
///   QALYs, years usual     .5   1  .5   1     0.75
///                new        1   1  .5 1.5     1
///   cost, USD    usual     10  20  30  40    25
///                new       30  40  30  60    40
RunOutcomes hand_made_run();

/// Root attributes of a result file of the run.
std::vector<Attribute> result_attributes(const RunOutcomes&);

/// A result file with these attributes, of what is read back from one alone.
void write_result(const std::filesystem::path&, const RunOutcomes&,
                  const std::vector<Attribute>&);

}  // namespace stardsim::test
