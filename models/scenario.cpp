#include "models/scenario.hpp"

#include <algorithm>
#include <stdexcept>

namespace stardsim {

bool every_arm_states(const Step& step, std::optional<Evidence> Arm::*outcome) {
  return std::all_of(step.arms.begin(), step.arms.end(), [&](const Arm& arm) {
    return (arm.*outcome).has_value();
  });
}

const char* name_of(Estimand estimand) {
  switch (estimand) {
    case Estimand::if_all_continue:
      return "if_all_continue";
    case Estimand::observed:
      return "observed";
    case Estimand::sustained:
      return "sustained";
  }
  throw std::logic_error("no such estimand");
}

const char* name_of(LineDependence dependence) {
  switch (dependence) {
    case LineDependence::as_observed:
      return "as_observed";
    case LineDependence::same:
      return "same";
    case LineDependence::ratios:
      return "ratios";
    case LineDependence::frailty:
      return "frailty";
  }
  throw std::logic_error("no such line dependence");
}

}  // namespace stardsim
