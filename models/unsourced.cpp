#include "models/unsourced.hpp"

#include "models/inputs.hpp"

namespace stardsim {

std::vector<std::string> unsourced(const Scenario& scenario) {
  std::vector<std::string> keys;
  for (const Input& input : inputs_of(scenario))
    if (input.source.empty()) keys.push_back(input.key);
  for (const Published& published : scenario.published)
    if (published.figure.source.empty()) keys.push_back(published.figure.key);
  return keys;
}

}  // namespace stardsim
