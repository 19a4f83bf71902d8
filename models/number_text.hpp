// Numbers as people read them in a message.
#pragma once

#include <string>

namespace stardsim {

/// To so many significant figures, without trailing zeros: "0.3679", "1e-07".
std::string in_short(double number, int figures = 4);

}  // namespace stardsim
