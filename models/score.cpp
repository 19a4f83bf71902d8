#include "models/score.hpp"

namespace stardsim {

float value_of(const Score& score, const std::vector<float>& covariates) {
  float sum = 0;
  for (const Score::Term& term : score.terms) {
    const float x = covariates[term.covariate];
    if (!term.is_level)
      sum += term.coefficient * (x - term.centre_or_level);
    else
      sum += x == term.centre_or_level ? term.coefficient : 0.0F;
  }
  return sum;
}

}  // namespace stardsim
