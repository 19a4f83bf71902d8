#include "models/scenario.hpp"

#include <stdexcept>

namespace stardsim {

const char* name_of(Estimand estimand) {
  switch (estimand) {
    case Estimand::if_all_continue:
      return "if_all_continue";
    case Estimand::observed:
      return "observed";
  }
  throw std::logic_error("no such estimand");
}

const char* name_of(LineDependence dependence) {
  switch (dependence) {
    case LineDependence::as_observed:
      return "as_observed";
  }
  throw std::logic_error("no such line dependence");
}

}  // namespace stardsim
