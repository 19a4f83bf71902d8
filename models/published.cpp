#include "models/published.hpp"

namespace stardsim {

const char* name_of(Published::What what) {
  switch (what) {
    case Published::What::entered:
      return "entered";
    case Published::What::remission:
      return "remission";
    case Published::What::intolerance:
      return "intolerance";
    case Published::What::cumulative_remission:
      return "cumulative_remission";
    case Published::What::relapse:
      return "relapse";
    case Published::What::outcome:
      return "outcome";
    case Published::What::share_of_life:
      return "share_of_life";
    case Published::What::difference:
      return "difference";
    case Published::What::icer:
      return "icer";
  }
  return "";
}

}  // namespace stardsim
