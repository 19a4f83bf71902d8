#include "models/cut.hpp"

#include <cmath>

namespace stardsim {

Cut to_cut(long double probability) {
  const long double scaled = std::round(probability * 4294967296.0L);
  if (!(scaled > 0)) return impossible;
  return scaled >= certain ? certain : static_cast<Cut>(scaled);
}

}  // namespace stardsim
