#include "models/unsourced.hpp"

#include <algorithm>

namespace stardsim {
namespace {

class Collector {
 public:
  void look_at(const std::string& key, const std::string& source) {
    if (key.empty() || !source.empty()) return;  // a default has no key
    if (std::find(keys.begin(), keys.end(), key) == keys.end())
      keys.push_back(key);
  }
  void look_at(const Evidence& evidence) {
    look_at(evidence.key, evidence.source);
  }
  void look_at(const std::optional<Evidence>& evidence) {
    if (evidence) look_at(*evidence);
  }
  void look_at(const TimeDistribution& time) { look_at(time.key, time.source); }
  void look_at(const Arm& arm) {
    look_at(arm.share);
    look_at(arm.remission);
    look_at(arm.partial_response);
    look_at(arm.intolerance);
    look_at(arm.remission_time);
    look_at(arm.intolerance_time);
    look_at(arm.continue_if_not_remitted);
    look_at(arm.continue_if_partial_response);
    look_at(arm.continue_if_intolerant);
  }

  std::vector<std::string> keys;
};

}  // namespace

std::vector<std::string> unsourced(const Scenario& scenario) {
  Collector collector;
  for (const Treatment& treatment : scenario.treatments)
    collector.look_at(treatment.adequate_weeks);
  for (const Step& step : scenario.steps) {
    collector.look_at(step.weeks);
    for (const Arm& arm : step.arms) collector.look_at(arm);
  }
  return collector.keys;
}

}  // namespace stardsim
