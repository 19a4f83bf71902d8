// Outcome measures as a dimension of a group.
#pragma once

#include "models/measure.hpp"
#include "sim/io/netcdf_file.hpp"

#include <string>
#include <vector>

namespace stardsim {

Scale measure_scale(const std::vector<Measure>&);

/// Their units and labels, to which of_measures() refers.
void add_measure_coordinates(NetcdfGroup&, const std::vector<Measure>&);

/// A number for each place along the dimensions, in the unit of its measure.
Variable of_measures(const std::string& name,
                     std::vector<std::string> dimensions,
                     const std::string& long_name, Values values);

}  // namespace stardsim
