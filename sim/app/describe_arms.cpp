#include "sim/app/describe_arms.hpp"

#include "sim/app/describe_cohort.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace stardsim {
namespace {

constexpr std::size_t most_named = 4;

struct NamedArm {
  std::string name;  ///< of its step, and its own where there are several
  const Arm* arm;
};

/// Each once, in the order of the file.
std::vector<NamedArm> arms_in_use(const Scenario& scenario) {
  std::vector<NamedArm> arms;
  for (std::size_t s = 0; s < scenario.steps.size(); ++s) {
    const auto uses = [s](const Pathway& pathway) {
      return std::count(pathway.steps.begin(), pathway.steps.end(), s) > 0;
    };
    if (std::none_of(scenario.pathways.begin(), scenario.pathways.end(), uses))
      continue;
    const Step& step = scenario.steps[s];
    for (const Arm& arm : step.arms)
      arms.push_back(
          {step.arms.size() > 1 ? step.name + "." + arm.name : step.name,
           &arm});
  }
  return arms;
}

struct Saying {
  std::string text;
  std::vector<std::string> arms;
};

void add(std::vector<Saying>& sayings, const std::string& text,
         const std::string& arm) {
  const auto known =
      std::find_if(sayings.begin(), sayings.end(),
                   [&](const Saying& saying) { return saying.text == text; });
  if (known != sayings.end()) {
    known->arms.push_back(arm);
  } else {
    sayings.push_back({text, {arm}});
  }
}

std::string where(const Saying& saying, std::size_t all) {
  if (saying.arms.size() == all) return "";
  std::string names;
  for (std::size_t i = 0; i < std::min(saying.arms.size(), most_named); ++i)
    names += (i > 0 ? ", " : "") + saying.arms[i];
  if (saying.arms.size() > most_named)
    names += fmt::format(" and {} more", saying.arms.size() - most_named);
  return " (" + names + ")";
}

}  // namespace

std::string by_arms(
    const Scenario& scenario,
    const std::function<std::vector<std::string>(const Arm&)>& what) {
  const auto arms = arms_in_use(scenario);
  std::vector<Saying> sayings;
  for (const NamedArm& arm : arms)
    for (const std::string& text : what(*arm.arm)) add(sayings, text, arm.name);
  std::string text;
  for (const Saying& saying : sayings)
    text += paragraph(saying.text + where(saying, arms.size()));
  return text;
}

}  // namespace stardsim
