#include "sim/app/describe_later.hpp"

#include "sim/app/describe_arms.hpp"
#include "sim/app/describe_cohort.hpp"

#include <fmt/format.h>

#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace stardsim {
namespace {

std::string hazards(const Piecewise& pieces) {
  std::string text;
  for (std::size_t i = 0; i < pieces.weeks.size(); ++i)
    text +=
        fmt::format("{}{} by week {:.4g}", i > 0 ? ", " : "",
                    per_cent(pieces.probabilities[i].value), pieces.weeks[i]);
  return text + ", at a constant hazard between";
}

/// What comes next after a relapse; the rest leaves care.
std::string after_relapse(const FollowUp& follow_up) {
  struct Way {
    const char* to;
    double share;
  };
  const double rest = 1 - follow_up.next_step.value -
                      follow_up.same_step.value - follow_up.gap.value;
  const Way ways[] = {{"the next step", follow_up.next_step.value},
                      {"the same step again", follow_up.same_step.value},
                      {"a gap", follow_up.gap.value},
                      {"out of care", rest}};
  std::string text;
  for (const Way& way : ways) {
    if (way.share < 1e-9) continue;
    if (way.share > 1 - 1e-9) return way.to;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ",
                        per_cent(way.share), way.to);
  }
  return text;
}

std::vector<std::string> words_for(const std::string& who,
                                   const FollowUp& follow_up) {
  std::vector<std::string> words;
  if (follow_up.relapse) {
    words.push_back(who + ": relapse, " + words_for(*follow_up.relapse) +
                    "; then " + after_relapse(follow_up));
    if (follow_up.early_weeks)
      words.push_back(fmt::format(
          "{}: hazard of relapse times {:.4g} if remission came within {:.4g} "
          "weeks from the start of the step",
          who, follow_up.early_hazard_ratio->value,
          follow_up.early_weeks->value));
    if (follow_up.stop)
      words.push_back(
          who + ": the treatment is stopped, " + words_for(*follow_up.stop) +
          fmt::format("; from then on the hazard of relapse times {:.4g}",
                      follow_up.stopped_hazard_ratio->value));
  }
  if (follow_up.drop_out)
    words.push_back(who + ": dropping out, " + words_for(*follow_up.drop_out));
  return words;
}

bool goes_to_follow_up(const Arm& arm) {
  return arm.follow_up_if_not_remitted &&
         arm.follow_up_if_not_remitted->value > 0;
}

bool relapses_in_extension(const Arm& arm) {
  return arm.extension && arm.extension->relapse;
}

std::vector<std::string> gaps_of(const Arm& arm) {
  std::vector<std::string> words;
  if (arm.gap_return_after_failure)
    words.push_back("after a failed attempt back to the next step, " +
                    words_for(*arm.gap_return_after_failure));
  if (arm.gap_return_after_relapse)
    words.push_back("after a relapse back to the next step, " +
                    words_for(*arm.gap_return_after_relapse));
  return words;
}

std::vector<std::string> follow_up_of(const Arm& arm) {
  auto words = words_for("in remission", arm.follow_up_remitted);
  if (goes_to_follow_up(arm))
    for (std::string& more :
         words_for("not in remission", arm.follow_up_not_remitted))
      words.push_back(std::move(more));
  if (arm.follow_up_if_remitted)
    words.push_back(per_cent(arm.follow_up_if_remitted->value) +
                    " of those in remission are followed up, the rest leaves "
                    "care");
  if (arm.follow_up_from_end_of_step)
    words.emplace_back("follow-up in remission starts at the end of the step");
  if (relapses_in_extension(arm))
    words.push_back("relapse in an extension: " +
                    after_relapse(arm.follow_up_remitted));
  return words;
}

std::string staging_text(const Scenario& scenario) {
  if (!scenario.staging) return "";
  struct Input {
    const char* what;
    const std::optional<std::size_t>& covariate;
  };
  const Input inputs[] = {
      {"months of the episode", scenario.staging->episode_months},
      {"severity", scenario.staging->severity},
      {"psychotic", scenario.staging->psychotic}};
  std::string stated, missing;
  for (const auto& [what, covariate] : inputs) {
    if (covariate)
      stated += fmt::format("; {}: {}", what,
                            scenario.cohort.covariates[*covariate].name);
    else
      missing += fmt::format("{}{}", missing.empty() ? "" : ", ", what);
  }
  if (!missing.empty())
    stated += "; not stated, so taken as the fewest points: " + missing;
  return "\nStaging of resistance at each attempt and by week\n" +
         paragraph(
             "TRD (two adequate trials failed), Thase-Rush, MGH, "
             "European, Maudsley" +
             stated);
}

}  // namespace

std::string words_for(const Survival& survival) {
  const std::string text = std::visit(
      [](const auto& form) -> std::string {
        using Form = std::decay_t<decltype(form)>;
        if constexpr (std::is_same_v<Form, ByProbability>)
          return per_cent(form.probability.value) +
                 fmt::format(" by week {:.4g}, at a constant hazard", form.by);
        else if constexpr (std::is_same_v<Form, WeibullSurvival>)
          return fmt::format("Weibull, shape {:.4g}, scale {:.4g} weeks",
                             form.shape.value, form.scale.value);
        else if constexpr (std::is_same_v<Form, Piecewise>)
          return hazards(form);
        else
          return fmt::format("after {:.4g} weeks", form.weeks.value);
      },
      survival.form);
  return text + (survival.weekly ? ", seen at the end of whole weeks" : "");
}

std::string later_text(const Scenario& scenario) {
  std::string text = by_arms(scenario, follow_up_of);
  if (!text.empty()) text = "\nFollow-up\n" + text;
  const Untreated& untreated = scenario.untreated;
  std::string gaps = by_arms(scenario, gaps_of);
  if (untreated.gap_return)
    gaps += paragraph(
        (gaps.empty() ? "" : "else ") +
        ("back to the next step, " + words_for(*untreated.gap_return)));
  if (!gaps.empty()) text += "\nGaps\n" + gaps;
  if (untreated.remission)
    text +=
        std::string(untreated.remits_in_gaps
                        ? "\nAfter the last step and in gaps\n"
                        : "\nAfter the last step\n") +
        paragraph("spontaneous remission, " + words_for(*untreated.remission) +
                  (untreated.relapse
                       ? "; its relapse, " + words_for(*untreated.relapse)
                       : std::string("; it lasts")));
  return text + staging_text(scenario);
}

}  // namespace stardsim
