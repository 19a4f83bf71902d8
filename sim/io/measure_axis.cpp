#include "sim/io/measure_axis.hpp"

#include <utility>

namespace stardsim {

Scale measure_scale(const std::vector<Measure>& measures) {
  std::vector<std::string> names;
  names.reserve(measures.size());
  for (const Measure& measure : measures) names.push_back(measure.name);
  return {"measure", names, "name of what is measured of a patient", ""};
}

void add_measure_coordinates(NetcdfGroup& group,
                             const std::vector<Measure>& measures) {
  std::vector<std::string> units, labels;
  for (const Measure& measure : measures) {
    units.push_back(measure.unit);
    labels.push_back(measure.long_name);
  }
  group.add({"measure_unit", {"measure"}, units, "unit of the measure", ""});
  group.add({"measure_label", {"measure"}, labels, "label of the measure", ""});
}

Variable of_measures(const std::string& name,
                     std::vector<std::string> dimensions,
                     const std::string& long_name, Values values) {
  return with_attribute(
      {name, std::move(dimensions), std::move(values), long_name, ""},
      {"coordinates", "measure_unit measure_label"});
}

}  // namespace stardsim
