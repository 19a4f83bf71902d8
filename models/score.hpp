// What a patient's covariates come to, in log odds or log hazard.
#pragma once

#include "models/law.hpp"

#include <vector>

namespace stardsim {

/// The sum, from 0 and in the order of the terms, of coefficient * (value -
/// centre), or of coefficient where the value equals the level, else of 0. Each
/// operation is rounded to single precision, as in the engine.
float value_of(const Score&, const std::vector<float>& covariates);

}  // namespace stardsim
