#include "models/course_table.hpp"

#include <stdexcept>

namespace stardsim {

const char* name_of(State state) {
  switch (state) {
    case State::in_treatment:
      return "in_treatment";
    case State::waiting:
      return "waiting";
    case State::remitted:
      return "remitted";
    case State::not_remitted:
      return "not_remitted";
    case State::gap:
      return "gap";
    case State::untreated:
      return "untreated";
    case State::untreated_remitted:
      return "untreated_remitted";
    case State::out_of_care:
      return "out_of_care";
    case State::dead:
      return "dead";
  }
  throw std::logic_error("no such state");
}

}  // namespace stardsim
