#include "models/economics.hpp"

#include <stdexcept>

namespace stardsim {

const char* name_of(Health health) {
  switch (health) {
    case Health::no_response:
      return "no_response";
    case Health::partial_response:
      return "partial_response";
    case Health::remission:
      return "remission";
  }
  throw std::logic_error("no such health");
}

const char* name_of(Phase phase) {
  switch (phase) {
    case Phase::acute:
      return "acute";
    case Phase::extension:
      return "extension";
    case Phase::follow_up:
      return "follow_up";
    case Phase::waiting:
      return "waiting";
    case Phase::gap:
      return "gap";
    case Phase::untreated:
      return "untreated";
    case Phase::out_of_care:
      return "out_of_care";
  }
  throw std::logic_error("no such phase");
}

const char* name_of(DiscountForm form) {
  switch (form) {
    case DiscountForm::none:
      return "none";
    case DiscountForm::continuous:
      return "continuous";
    case DiscountForm::by_year:
      return "by_year";
  }
  throw std::logic_error("no such form of discounting");
}

const char* name_of(CostlyEvent event) {
  switch (event) {
    case CostlyEvent::relapse:
      return "relapse";
    case CostlyEvent::remission:
      return "remission";
    case CostlyEvent::failure:
      return "failure";
    case CostlyEvent::death:
      return "death";
  }
  throw std::logic_error("no such event");
}

}  // namespace stardsim
