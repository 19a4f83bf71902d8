#include "sim/analysis/in_use.hpp"

#include <algorithm>

namespace stardsim {
namespace {

bool happens(const std::optional<Evidence>& probability) {
  return probability && probability->value > 0;
}

bool has_events(const FollowUp& follow_up) {
  return follow_up.relapse || follow_up.drop_out;
}

bool has_follow_up(const Arm& arm) {
  return has_events(arm.follow_up_remitted) ||
         happens(arm.follow_up_if_not_remitted);
}

bool is_repeated(const FollowUp& follow_up) {
  return follow_up.relapse && follow_up.same_step.value > 0;
}

template <class Holds>
bool any_step(const Scenario& scenario, Holds holds) {
  for (const Pathway& pathway : scenario.pathways)
    for (const std::size_t step : pathway.steps)
      if (holds(scenario.steps[step])) return true;
  return false;
}

template <class Holds>
bool any_arm(const Step& step, Holds holds) {
  return std::any_of(step.arms.begin(), step.arms.end(), holds);
}

}  // namespace

bool has_follow_up(const Scenario& scenario) {
  return any_step(scenario, [](const Step& step) {
    return any_arm(step, [](const Arm& arm) { return has_follow_up(arm); });
  });
}

bool has_later_course(const Scenario& scenario) {
  return has_follow_up(scenario) || scenario.untreated.remission ||
         any_step(scenario, [](const Step& step) {
           return step.wait || any_arm(step, [](const Arm& arm) {
                    return happens(arm.gap_if_not_remitted);
                  });
         });
}

bool may_be_repeated(const Step& step) {
  return any_arm(step, [](const Arm& arm) {
    return is_repeated(arm.follow_up_remitted) ||
           (happens(arm.follow_up_if_not_remitted) &&
            is_repeated(arm.follow_up_not_remitted));
  });
}

}  // namespace stardsim
