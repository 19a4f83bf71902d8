#include "sim/app/describe_economics.hpp"

#include "sim/app/describe_arms.hpp"
#include "sim/app/describe_cohort.hpp"
#include "sim/app/sheet.hpp"

#include <fmt/format.h>

#include <cmath>
#include <vector>

namespace stardsim {
namespace {

using Words = std::vector<std::string>;

std::string joined(const Words& words, const std::string& last) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " " + last + " " : ", ";
    text += words[i];
  }
  return text;
}

const char* words_for(Health health) {
  switch (health) {
    case Health::no_response:
      return "no response";
    case Health::partial_response:
      return "partial response";
    case Health::remission:
      return "remission";
  }
  return "";
}

const char* words_for(Phase phase) {
  switch (phase) {
    case Phase::acute:
      return "in the step";
    case Phase::extension:
      return "in its extension";
    case Phase::follow_up:
      return "in follow-up";
    case Phase::waiting:
      return "waiting";
    case Phase::gap:
      return "in a gap";
    case Phase::untreated:
      return "untreated after the last step";
    case Phase::out_of_care:
      return "out of care";
  }
  return "";
}

const char* words_for(CostlyEvent event) {
  switch (event) {
    case CostlyEvent::relapse:
      return "relapse";
    case CostlyEvent::remission:
      return "remission";
    case CostlyEvent::failure:
      return "failed attempt";
    case CostlyEvent::death:
      return "death";
  }
  return "";
}

const char* words_for(Per per) {
  switch (per) {
    case Per::week:
      return "a week";
    case Per::year:
      return "a year";
    case Per::session:
      return "a session";
    case Per::start:
      return "at the start";
  }
  return "";
}

template <class Value>
std::string any_of(const std::vector<Value>& values) {
  Words words;
  for (const Value value : values) words.emplace_back(words_for(value));
  return joined(words, "or");
}

/// ", while ..."; empty if always.
std::string while_text(const When& when) {
  Words conditions;
  if (!when.phase.empty()) conditions.push_back(any_of(when.phase));
  if (!when.health.empty()) conditions.push_back("with " + any_of(when.health));
  if (when.resistant)
    conditions.emplace_back(*when.resistant ? "resistant" : "not resistant");
  std::string text;
  for (const std::string& condition : conditions) text += ", " + condition;
  return text;
}

/// Cents matter below 1000 only.
std::string amount(double value) {
  return std::abs(value) < 1000 ? fmt::format("{:.5g}", value)
                                : with_decimals(value, 0);
}

std::string words_for(const Cost& cost) {
  if (cost.of_earnings)
    return per_cent(cost.amount.value) + " of earnings" + while_text(cost.when);
  return amount(cost.amount.value) + " " + words_for(cost.per) +
         while_text(cost.when);
}

// ---- costs ----

std::string discount_text(const Discount& discount) {
  if (discount.form == DiscountForm::none) return "not discounted";
  return fmt::format(
      "discounted at {} (costs) and {} (effects) a year, {}",
      per_cent(discount.costs.value), per_cent(discount.effects.value),
      discount.form == DiscountForm::continuous ? "continuously"
                                                : "by whole years");
}

std::string perspectives_text(const Economics& economics) {
  std::string text;
  for (std::size_t i = 0; i < economics.perspectives.size(); ++i) {
    const Perspective& perspective = economics.perspectives[i];
    Words kinds;
    for (const std::size_t kind : perspective.kinds)
      kinds.push_back(economics.kinds[kind].label);
    text += paragraph(
        fmt::format("perspective {}{}: {}", perspective.label,
                    i == economics.perspective ? " (reported first)" : "",
                    joined(kinds, "and")));
  }
  return text;
}

std::string thresholds_text(const Economics& economics) {
  Words words;
  for (const double threshold : economics.thresholds)
    words.push_back(amount(threshold));
  return words.empty()
             ? ""
             : paragraph("a QALY is valued at " + joined(words, "or"));
}

std::string kinds_text(const Economics& economics) {
  std::string text;
  for (const CostKind& kind : economics.kinds) {
    for (const Cost& cost : kind.rates)
      text += paragraph(kind.label + ": " + words_for(cost));
    for (const EventCost& cost : kind.events)
      text += paragraph(fmt::format("{}: {} at each {}", kind.label,
                                    amount(cost.amount.value),
                                    words_for(cost.event)));
  }
  return text;
}

std::string costs_of_arms(const Scenario& scenario) {
  return by_arms(scenario, [&](const Arm& arm) {
    Words words;
    for (const Cost& cost : arm.economics.costs)
      words.push_back(scenario.economics->kinds[cost.kind].label + ": " +
                      words_for(cost));
    return words;
  });
}

std::string earnings_text(const Earnings& earnings) {
  if (earnings.from_age.empty()) return "";
  const std::size_t last = earnings.from_age.size() - 1;
  return paragraph(fmt::format(
      "earnings a year by age and sex: from {} (men) and {} (women) at {:g} to "
      "{} and {} from {:g} on",
      amount(earnings.male[0].value), amount(earnings.female[0].value),
      earnings.from_age[0], amount(earnings.male[last].value),
      amount(earnings.female[last].value), earnings.from_age[last]));
}

std::string costs_text(const Scenario& scenario) {
  const Economics& economics = *scenario.economics;
  std::string text = fmt::format("\nCosts, in {} {}\n", economics.currency,
                                 economics.price_year);
  if (!economics.price_source.empty())
    text += paragraph("prices: " + economics.price_source);
  text += paragraph(
      discount_text(economics.discount) + "; counted " +
      (economics.weekly ? "by week: what holds at its start holds all week"
                        : "in continuous time") +
      fmt::format("; a year has {:.6g} weeks", scenario.time.weeks_per_year));
  text += perspectives_text(economics) + thresholds_text(economics) +
          kinds_text(economics) + costs_of_arms(scenario);
  if (economics.earnings) text += earnings_text(*economics.earnings);
  return text;
}

// ---- utilities and harms ----

template <class Numbers>
std::string by_health(const Numbers& numbers) {
  Words words;
  for (std::size_t i = 0; i < health_count; ++i)
    words.push_back(fmt::format("{} {:.4g}", words_for(static_cast<Health>(i)),
                                numbers[i].value));
  return joined(words, "and");
}

std::string utilities_text(const Scenario& scenario) {
  const auto& utilities = scenario.economics->utilities;
  if (!utilities) return "";
  std::string text =
      "\nUtilities\n" + paragraph(by_health(utilities->by_health));
  if (utilities->resistant)
    text += paragraph("of the resistant: " + by_health(*utilities->resistant));
  return text + by_arms(scenario, [](const Arm& arm) {
           Words words;
           const auto& decrement = arm.economics.utility_decrement;
           if (decrement)
             words.push_back(fmt::format("less {:.4g}", decrement->value) +
                             while_text(arm.economics.decrement_when));
           return words;
         });
}

std::string adverse_events_text(const Scenario& scenario) {
  const auto& events = scenario.economics->adverse_events;
  if (events.empty()) return "";
  std::string text = "\nAdverse events, at the start of an attempt\n";
  for (const AdverseEvent& event : events) {
    std::string line = fmt::format("{}: a loss of {:.4g} QALYs", event.label,
                                   event.qaly_loss.value);
    for (const Cost& cost : event.costs)
      line +=
          fmt::format("; {}: {}", scenario.economics->kinds[cost.kind].label,
                      amount(cost.amount.value));
    text += paragraph(line);
  }
  return text + by_arms(scenario, [&](const Arm& arm) {
           Words words;
           const auto& chances = arm.economics.adverse_events;
           for (std::size_t i = 0; i < chances.size(); ++i)
             if (chances[i])
               words.push_back(events[i].label + " in " +
                               per_cent(chances[i]->value));
           return words;
         });
}

// ---- death ----

std::string ratios_by_health(
    const std::array<std::optional<Evidence>, health_count>& ratios,
    const std::string& what) {
  Words words;
  for (std::size_t i = 0; i < health_count; ++i)
    if (ratios[i])
      words.push_back(fmt::format(
          "{} {:.4g}", words_for(static_cast<Health>(i)), ratios[i]->value));
  return words.empty() ? "" : paragraph(what + ": " + joined(words, "and"));
}

std::string background_text(const Scenario& scenario) {
  const Mortality& mortality = *scenario.mortality;
  std::string text;
  if (const auto* table = std::get_if<LifeTable>(&mortality.background)) {
    text = fmt::format("a life table, ages 0 to {}",
                       table->male.empty() ? 0 : table->male.size() - 1);
  } else {
    const auto& law = std::get<Gompertz>(mortality.background);
    text = fmt::format(
        "hazard a year {:.4g} exp({:.4g} age) in men, {:.4g} exp({:.4g} age) "
        "in women",
        law.male_alpha.value, law.male_beta.value, law.female_alpha.value,
        law.female_beta.value);
  }
  const auto& covariates = scenario.cohort.covariates;
  text += "; age: " + covariates[mortality.age].name;
  if (mortality.female)
    text += ", sex: " + covariates[*mortality.female].name;
  else if (mortality.female_share)
    text += ", " + per_cent(mortality.female_share->value) + " women";
  return paragraph(text);
}

std::string age_bands_text(const Mortality& mortality) {
  Words words;
  for (const Mortality::AgeBand& band : mortality.resistant_ratio)
    words.push_back(
        fmt::format("{:.4g} from age {:g}", band.ratio.value, band.from_age));
  return words.empty() ? ""
                       : paragraph("hazard ratio of the resistant: " +
                                   joined(words, "and"));
}

std::string deaths_by_procedure(const Scenario& scenario) {
  return by_arms(scenario, [](const Arm& arm) {
    Words words;
    if (const auto& death = arm.economics.death_per_session)
      words.push_back(
          fmt::format("{:.4g} deaths in 100,000 sessions", 1e5 * death->value));
    return words;
  });
}

std::string deaths_text(const Scenario& scenario) {
  std::string text;
  if (scenario.mortality) {
    const Mortality& mortality = *scenario.mortality;
    text = background_text(scenario) +
           ratios_by_health(mortality.ratio_by_health, "hazard ratios") +
           age_bands_text(mortality) +
           ratios_by_health(mortality.suicide,
                            "suicides per person-year, beside these");
    if (mortality.suicide_resistant)
      text += paragraph("suicides of the resistant: " +
                        by_health(*mortality.suicide_resistant));
  }
  text += deaths_by_procedure(scenario);
  return text.empty() ? "" : "\nDeath\n" + text;
}

// ---- resistance ----

std::string words_for(const Resistance::Rule& rule) {
  Words words;
  if (rule.line > 0)
    words.push_back(
        fmt::format("{} or more treatments have been started", rule.line));
  if (rule.adequate_failed_trials > 0)
    words.push_back(fmt::format("{} or more adequate trials have failed",
                                rule.adequate_failed_trials));
  if (!rule.phase.empty()) words.push_back(any_of(rule.phase));
  return joined(words, "and");
}

std::string resistance_text(const Scenario& scenario) {
  if (!scenario.economics && !scenario.mortality) return "";
  std::string text;
  for (const Resistance::Rule& rule : scenario.resistance.any_of)
    text += (text.empty() ? "" : "; or ") + words_for(rule);
  return "\nTreatment-resistant, from then on\n" + paragraph(text);
}

}  // namespace

std::string economics_text(const Scenario& scenario) {
  std::string text;
  if (scenario.economics)
    text = costs_text(scenario) + utilities_text(scenario) +
           adverse_events_text(scenario);
  return text + deaths_text(scenario) + resistance_text(scenario);
}

}  // namespace stardsim
