#include "sim/app/outcome_sheets.hpp"

#include "sim/app/runner.hpp"
#include "sim/app/tables.hpp"
#include "sim/io/outcome_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <utility>

namespace stardsim {
namespace {

using What = Measure::What;
using Row = std::vector<std::string>;

/// Shares of patients are told in per cent.
double scale_of(const Measure& measure) { return is_share(measure) ? 100 : 1; }

std::string unit_of(const Measure& measure) {
  if (is_share(measure)) return "%";
  return measure.unit == "1" ? "" : measure.unit;
}

/// What is counted in years says so in its name.
std::string labelled(const Measure& measure) {
  const std::string unit = measure.unit == "years" ? "" : unit_of(measure);
  return measure.long_name + (unit.empty() ? "" : ", " + unit);
}

std::string to_error(double number, double error) {
  if (number == 0 && error == 0) return "0";
  return with_decimals(number, decimals_worth(error));
}

const std::string& name_of_strategy(const Comparison& comparison,
                                    std::size_t strategy) {
  return comparison.strategies()[strategy].name;
}

std::string reference_name(const Comparison& comparison) {
  return name_of_strategy(comparison, comparison.reference());
}

bool is_seen(const Comparison& comparison, std::size_t measure) {
  for (std::size_t s = 0; s < comparison.strategies().size(); ++s) {
    const Estimate of = comparison.outcome(s, measure);
    if (of.mean != 0 || of.sd > 0) return true;
  }
  return false;
}

/// Those of which some patient has something.
std::vector<std::size_t> seen_measures(const Comparison& comparison) {
  std::vector<std::size_t> seen;
  for (std::size_t m = 0; m < comparison.measures().size(); ++m)
    if (is_seen(comparison, m)) seen.push_back(m);
  return seen;
}

std::string unseen_note(const Comparison& comparison) {
  std::string names;
  for (std::size_t m = 0; m < comparison.measures().size(); ++m)
    if (!is_seen(comparison, m))
      names += (names.empty() ? "" : "; ") + comparison.measures()[m].long_name;
  return names.empty() ? "" : "0 in all patients: " + names;
}

std::vector<std::size_t> all_strategies(const Comparison& comparison) {
  std::vector<std::size_t> all;
  for (std::size_t s = 0; s < comparison.strategies().size(); ++s)
    all.push_back(s);
  return all;
}

std::vector<std::size_t> all_but_reference(const Comparison& comparison) {
  auto others = all_strategies(comparison);
  others.erase(others.begin() +
               static_cast<std::ptrdiff_t>(comparison.reference()));
  return others;
}

/// A row a measure, a column a strategy; cell(strategy, measure, scale).
template <class Cell>
Sheet by_strategy(const Comparison& comparison, const std::string& title,
                  const std::vector<std::size_t>& strategies,
                  const std::vector<std::size_t>& measures, Cell cell) {
  Sheet sheet{title, {"outcome"}, {}};
  for (const std::size_t s : strategies)
    sheet.header.push_back(name_of_strategy(comparison, s) +
                           (s == comparison.reference() ? " (ref.)" : ""));
  for (const std::size_t m : measures) {
    const Measure& measure = comparison.measures()[m];
    Row row{labelled(measure)};
    for (const std::size_t s : strategies)
      row.push_back(cell(s, m, scale_of(measure)));
    sheet.rows.push_back(row);
  }
  return sheet;
}

Sheet outcome_sheet(const Comparison& comparison,
                    const std::vector<std::size_t>& measures) {
  return by_strategy(comparison, "Outcomes: mean (standard error)",
                     all_strategies(comparison), measures,
                     [&](std::size_t s, std::size_t m, double scale) {
                       const Estimate of = comparison.outcome(s, m);
                       return with_error(scale * of.mean, scale * of.se);
                     });
}

Sheet spread_sheet(const Comparison& comparison) {
  return by_strategy(comparison,
                     "Outcomes: standard deviation between patients",
                     all_strategies(comparison), seen_measures(comparison),
                     [&](std::size_t s, std::size_t m, double scale) {
                       const Estimate of = comparison.outcome(s, m);
                       return to_error(scale * of.sd, scale * of.se);
                     });
}

Sheet short_difference_sheet(const Comparison& comparison,
                             const std::vector<std::size_t>& measures) {
  const auto others = all_but_reference(comparison);
  const bool paired =
      std::all_of(others.begin(), others.end(), [&](std::size_t s) {
        return comparison.is_paired(s, comparison.reference());
      });
  return by_strategy(
      comparison,
      "Differences from " + reference_name(comparison) +
          ": mean (standard error" + (paired ? ", paired)" : ")"),
      others, measures, [&](std::size_t s, std::size_t m, double scale) {
        const Difference of =
            comparison.difference(s, comparison.reference(), m);
        return with_error(scale * of.mean, scale * of.se);
      });
}

std::string removed_percentage(const Difference& difference) {
  if (!difference.paired || std::isnan(difference.variance_removed)) return "-";
  return fmt::format("{:.2f}", 100 * difference.variance_removed);
}

/// Of every measure and strategy, how much pairing was worth.
Sheet pairing_sheet(const Comparison& comparison) {
  return by_strategy(
      comparison,
      "Variance removed by pairing, % of that of the difference from " +
          reference_name(comparison) + " on separate patients",
      all_but_reference(comparison), seen_measures(comparison),
      [&](std::size_t s, std::size_t m, double) {
        return removed_percentage(
            comparison.difference(s, comparison.reference(), m));
      });
}

Sheet difference_sheet(const Comparison& comparison, std::size_t strategy) {
  const std::size_t reference = comparison.reference();
  const bool paired = comparison.is_paired(strategy, reference);
  Sheet sheet{
      fmt::format("{} less {} (reference){}",
                  name_of_strategy(comparison, strategy),
                  reference_name(comparison), paired ? "" : ": not paired"),
      {"outcome", "difference", "s.e.", "s.e. if unpaired",
       "variance removed, %", "patients differing"},
      {}};
  for (const std::size_t m : seen_measures(comparison)) {
    const Measure& measure = comparison.measures()[m];
    const double scale = scale_of(measure);
    const Difference of = comparison.difference(strategy, reference, m);
    sheet.rows.push_back(
        {labelled(measure), to_error(scale * of.mean, scale * of.se),
         to_error(scale * of.se, scale * of.se),
         to_error(scale * of.unpaired_se, scale * of.unpaired_se),
         removed_percentage(of), of.differing ? grouped(*of.differing) : "-"});
  }
  return sheet;
}

/// Costs and QALYs of one perspective.
struct Decision {
  const Comparison& comparison;
  std::size_t perspective;

  const std::string& name() const {
    return comparison.perspectives()[perspective];
  }
  Estimate cost(std::size_t s) const {
    return comparison.outcome(s, comparison.decision().costs[perspective]);
  }
  Estimate effect(std::size_t s) const {
    return comparison.outcome(s, comparison.decision().effect);
  }
  const Measure& cost_measure() const {
    return comparison.measures()[comparison.decision().costs[perspective]];
  }
  const Measure& effect_measure() const {
    return comparison.measures()[comparison.decision().effect];
  }
  const std::string& money() const { return cost_measure().unit; }
};

std::string icer_text(const Increment& increment) {
  return icer_is_told(increment) ? with_decimals(*increment.icer, 0) : "-";
}

/// Of an ICER that is told, or that is not for want of certainty.
std::string set_text(const Increment& increment) {
  const bool shown = icer_is_told(increment) ||
                     increment.quadrant == Increment::Quadrant::unclear;
  return shown && increment.set ? set_text(*increment.set) : "-";
}

std::string verdict(const Increment& increment) {
  switch (increment.quadrant) {
    case Increment::Quadrant::unclear:
      return "QALYs not clearly apart: no ICER";
    case Increment::Quadrant::dominates:
      return "dominates";
    case Increment::Quadrant::is_dominated:
      return "is dominated";
    case Increment::Quadrant::dearer_and_better:
      return "dearer and better";
    case Increment::Quadrant::cheaper_and_worse:
      return "cheaper and worse: saved per QALY lost";
  }
  return "";
}

Sheet increment_sheet(const Decision& decision) {
  const Comparison& comparison = decision.comparison;
  Sheet sheet{
      fmt::format("Cost-effectiveness, perspective {}: mean (standard error); "
                  "differences from {}",
                  decision.name(), reference_name(comparison)),
      {"strategy",
       (decision.cost_measure().discounted ? "cost, discounted, " : "cost, ") +
           decision.money(),
       decision.effect_measure().long_name, "cost difference",
       "QALY difference"},
      {}};
  for (std::size_t s = 0; s < comparison.strategies().size(); ++s) {
    const Estimate cost = decision.cost(s), effect = decision.effect(s);
    Row row{name_of_strategy(comparison, s), with_error(cost.mean, cost.se),
            with_error(effect.mean, effect.se), "(ref.)", "(ref.)"};
    if (s != comparison.reference()) {
      const Increment gain = increment(comparison, s, comparison.reference(),
                                       decision.perspective);
      row[3] = with_error(gain.cost.mean, gain.cost.se);
      row[4] = with_error(gain.effect.mean, gain.effect.se);
    }
    sheet.rows.push_back(row);
  }
  return sheet;
}

const char* const set_title = "95 % set (Monte Carlo error only)";

Sheet icer_sheet(const Decision& decision) {
  const Comparison& comparison = decision.comparison;
  Sheet sheet{fmt::format("Cost of a QALY gained over {}, {} per QALY",
                          reference_name(comparison), decision.money()),
              {"strategy", "against the reference", "ICER", set_title},
              {},
              2};
  for (std::size_t s = 0; s < comparison.strategies().size(); ++s) {
    if (s == comparison.reference()) continue;
    const Increment gain =
        increment(comparison, s, comparison.reference(), decision.perspective);
    sheet.rows.push_back({name_of_strategy(comparison, s), verdict(gain),
                          icer_text(gain), set_text(gain)});
  }
  return sheet;
}

std::string place_text(const Comparison& comparison,
                       const FrontierPoint& point) {
  std::string by;
  for (const std::size_t s : point.dominated_by)
    by += (by.empty() ? "" : " and ") + name_of_strategy(comparison, s);
  switch (point.status) {
    case FrontierPoint::Status::on_frontier:
      if (!point.from_neighbour) return "on it, the cheapest";
      return "on it, after " +
             name_of_strategy(comparison, point.from_neighbour->from) +
             (point.from_neighbour->quadrant == Increment::Quadrant::unclear
                  ? ": QALYs not clearly apart"
                  : "");
    case FrontierPoint::Status::dominated:
      return "dominated by " + by;
    case FrontierPoint::Status::extendedly_dominated:
      return "dominated by a mixture of " + by;
  }
  return "";
}

Sheet frontier_sheet(const Decision& decision) {
  const Comparison& comparison = decision.comparison;
  Sheet sheet{fmt::format("Efficiency frontier, cheapest first; ICERs between "
                          "neighbours, {} per QALY",
                          decision.money()),
              {"strategy", "frontier", "cost", "QALYs", "ICER", set_title},
              {},
              2,
              "By the means: where costs or QALYs are not clearly apart, more "
              "patients may change the order."};
  for (const FrontierPoint& point :
       frontier(comparison, decision.perspective)) {
    const Estimate cost = decision.cost(point.strategy),
                   effect = decision.effect(point.strategy);
    const auto& gain = point.from_neighbour;
    sheet.rows.push_back(
        {name_of_strategy(comparison, point.strategy),
         place_text(comparison, point), to_error(cost.mean, cost.se),
         to_error(effect.mean, effect.se), gain ? icer_text(*gain) : "-",
         gain ? set_text(*gain) : "-"});
  }
  return sheet;
}

Row threshold_header(const std::vector<double>& thresholds) {
  Row header{"strategy"};
  for (const double threshold : thresholds)
    header.push_back("at " + with_decimals(threshold, 0));
  return header;
}

/// "* " of the best, "~ " of who may be as good.
std::string benefit_mark(const Decision& decision, std::size_t strategy,
                         std::size_t best, double threshold) {
  if (strategy == best) return "* ";
  return is_clearly_below(increment(decision.comparison, strategy, best,
                                    decision.perspective),
                          threshold)
             ? ""
             : "~ ";
}

std::vector<Sheet> benefit_sheets(const Decision& decision,
                                  const std::vector<double>& thresholds) {
  const Comparison& comparison = decision.comparison;
  Sheet benefit{
      fmt::format("Net monetary benefit, {}, by worth of a QALY: mean "
                  "(standard error)",
                  decision.money()),
      threshold_header(thresholds),
      {}};
  benefit.note =
      "*: the highest mean; ~: not clearly below it (within 1.96 standard "
      "errors of the difference)";
  Sheet gain = benefit;
  gain.title = fmt::format(
      "Net monetary benefit less that of {}, {}: mean (standard error)",
      reference_name(comparison), decision.money());
  gain.note = "";
  std::vector<std::size_t> best(thresholds.size(), 0);
  std::vector<std::vector<NetBenefit>> all;
  for (std::size_t s = 0; s < comparison.strategies().size(); ++s) {
    all.push_back(
        net_benefits(comparison, s, decision.perspective, thresholds));
    for (std::size_t t = 0; t < best.size(); ++t)
      if (all[s][t].benefit.mean > all[best[t]][t].benefit.mean) best[t] = s;
  }
  for (std::size_t s = 0; s < all.size(); ++s) {
    Row whole{name_of_strategy(comparison, s)}, more = whole;
    for (std::size_t t = 0; t < best.size(); ++t) {
      const NetBenefit& one = all[s][t];
      whole.push_back(benefit_mark(decision, s, best[t], thresholds[t]) +
                      with_error(one.benefit.mean, one.benefit.se));
      more.push_back(with_error(one.difference.mean, one.difference.se));
    }
    benefit.rows.push_back(whole);
    if (s != comparison.reference()) gain.rows.push_back(more);
  }
  return {benefit, gain};
}

/// Of these, the ones that are there.
std::vector<std::size_t> seen_of(const Comparison& comparison,
                                 const std::vector<std::size_t>& measures) {
  std::vector<std::size_t> seen;
  for (const std::size_t m : measures)
    if (m != no_measure && is_seen(comparison, m)) seen.push_back(m);
  return seen;
}

std::vector<std::size_t> measures_called(const Comparison& comparison,
                                         const std::vector<What>& whats) {
  std::vector<std::size_t> measures;
  measures.reserve(whats.size());
  for (const What what : whats)
    measures.push_back(find_measure(comparison.measures(), what));
  return measures;
}

/// What a reader asks for first.
std::vector<std::size_t> first_asked(const Comparison& comparison) {
  auto measures = measures_called(
      comparison, {What::remission, What::sustained_remission, What::resistant,
                   What::died, What::relapses, What::weeks_in_remission,
                   What::weeks_resistant, What::life_years});
  const DecisionMeasures& decision = comparison.decision();
  measures.push_back(decision.effect);
  measures.insert(measures.end(), decision.costs.begin(), decision.costs.end());
  return seen_of(comparison, measures);
}

/// A row a strategy.
Sheet strategy_sheet(const Comparison& comparison,
                     const std::vector<std::size_t>& measures) {
  Sheet sheet{"Other outcomes: mean (standard error)", {"strategy"}, {}};
  for (const std::size_t m : measures)
    sheet.header.push_back(labelled(comparison.measures()[m]));
  for (std::size_t s = 0; s < comparison.strategies().size(); ++s) {
    Row row{name_of_strategy(comparison, s)};
    for (const std::size_t m : measures) {
      const Estimate of = comparison.outcome(s, m);
      const double scale = scale_of(comparison.measures()[m]);
      row.push_back(with_error(scale * of.mean, scale * of.se));
    }
    sheet.rows.push_back(row);
  }
  return sheet;
}

/// Why two runs are not on the same patients with the same luck.
std::string why_not_paired(const RunOutcomes& one, const RunOutcomes& other) {
  if (one.seed != other.seed)
    return fmt::format("seeds {} and {}", one.seed, other.seed);
  if (one.patients != other.patients)
    return fmt::format("{} and {} patients", grouped(one.patients),
                       grouped(other.patients));
  if (one.cohort_sha256 != other.cohort_sha256)
    return "their cohorts are not the same";
  return "a result without sums by batch";
}

/// Of so few measures all is told.
constexpr std::size_t most_told_by_default = 3;

std::vector<Sheet> all_outcome_sheets(const Comparison& comparison) {
  std::vector<Sheet> sheets{
      outcome_sheet(comparison, seen_measures(comparison)),
      spread_sheet(comparison)};
  sheets.front().note = unseen_note(comparison);
  for (std::size_t s = 0; s < comparison.strategies().size(); ++s)
    if (s != comparison.reference())
      sheets.push_back(difference_sheet(comparison, s));
  return sheets;
}

std::string discounting_text(const RunOutcomes::Discounting& discounting) {
  const auto& [form, costs, effects] = discounting;
  if (costs == 0 && effects == 0) return "nothing";
  return fmt::format("by {:g} % (costs) and {:g} % (effects) a year, {}",
                     100 * costs, 100 * effects, form);
}

// ---- CSV

/// One line of the table; what is absent is empty.
struct Line {
  std::string table, strategy, reference{}, perspective{};
  std::optional<double> threshold{};
  std::string measure{}, unit{}, discounted{};
  std::optional<double> estimate{}, se{}, sd{}, unpaired_se{}, removed{};
  std::optional<std::uint64_t> differing{};
  std::string paired{}, verdict{}, set{};
  std::optional<double> low{}, high{};
};

const Row csv_header{"table",
                     "strategy",
                     "reference",
                     "perspective",
                     "threshold",
                     "measure",
                     "unit",
                     "discounted",
                     "estimate",
                     "standard_error",
                     "standard_deviation",
                     "unpaired_standard_error",
                     "variance_removed",
                     "patients_differing",
                     "paired",
                     "verdict",
                     "set",
                     "low",
                     "high"};

std::string csv(const Line& line) {
  const auto number = [](const std::optional<double>& value) {
    return !value || std::isnan(*value) ? "" : fmt::format("{}", *value);
  };
  return csv_line(
      {line.table, line.strategy, line.reference, line.perspective,
       number(line.threshold), line.measure, line.unit, line.discounted,
       number(line.estimate), number(line.se), number(line.sd),
       number(line.unpaired_se), number(line.removed),
       line.differing ? std::to_string(*line.differing) : "", line.paired,
       line.verdict, line.set, number(line.low), number(line.high)});
}

std::string yes_or_no(bool is) { return is ? "yes" : "no"; }

void set_measure(Line& line, const Measure& measure) {
  line.measure = measure.name;
  line.unit = measure.unit;
  line.discounted = yes_or_no(measure.discounted);
}

void set_difference(Line& line, const Difference& difference) {
  line.estimate = difference.mean;
  line.se = difference.se;
  line.unpaired_se = difference.unpaired_se;
  line.removed = difference.variance_removed;
  line.differing = difference.differing;
  line.paired = yes_or_no(difference.paired);
}

void set_ratio(Line& line, const Increment& increment) {
  line.measure = "icer";
  line.estimate = increment.icer;
  line.paired = yes_or_no(increment.effect.paired);
  if (!increment.set) return;
  line.set = name_of(increment.set->form);
  line.low = increment.set->low;
  line.high = increment.set->high;
}

std::string outcome_lines(const Comparison& comparison) {
  std::string text;
  for (std::size_t s = 0; s < comparison.strategies().size(); ++s)
    for (std::size_t m = 0; m < comparison.measures().size(); ++m) {
      Line line{"outcome", name_of_strategy(comparison, s)};
      set_measure(line, comparison.measures()[m]);
      const Estimate of = comparison.outcome(s, m);
      line.estimate = of.mean;
      line.se = of.se;
      line.sd = of.sd;
      text += csv(line);
    }
  return text;
}

std::string difference_lines(const Comparison& comparison) {
  std::string text;
  for (std::size_t s = 0; s < comparison.strategies().size(); ++s) {
    if (s == comparison.reference()) continue;
    for (std::size_t m = 0; m < comparison.measures().size(); ++m) {
      Line line{"difference", name_of_strategy(comparison, s),
                reference_name(comparison)};
      set_measure(line, comparison.measures()[m]);
      set_difference(line, comparison.difference(s, comparison.reference(), m));
      text += csv(line);
    }
  }
  return text;
}

std::string icer_lines(const Decision& decision) {
  const Comparison& comparison = decision.comparison;
  const std::string unit = decision.money() + " / QALY";
  const std::string discounted =
      yes_or_no(decision.effect_measure().discounted);
  std::string text;
  for (std::size_t s = 0; s < comparison.strategies().size(); ++s) {
    if (s == comparison.reference()) continue;
    const Increment gain =
        increment(comparison, s, comparison.reference(), decision.perspective);
    Line line{"icer", name_of_strategy(comparison, s),
              reference_name(comparison), decision.name()};
    line.unit = unit;
    line.discounted = discounted;
    line.verdict = name_of(gain.quadrant);
    set_ratio(line, gain);
    text += csv(line);
  }
  for (const FrontierPoint& point :
       frontier(comparison, decision.perspective)) {
    Line line{"frontier", name_of_strategy(comparison, point.strategy), "",
              decision.name()};
    line.unit = unit;
    line.discounted = discounted;
    line.verdict = name_of(point.status);
    line.measure = "icer";
    if (point.from_neighbour) {
      line.reference = name_of_strategy(comparison, point.from_neighbour->from);
      set_ratio(line, *point.from_neighbour);
    }
    text += csv(line);
  }
  return text;
}

std::string benefit_lines(const Decision& decision,
                          const std::vector<double>& thresholds) {
  const Comparison& comparison = decision.comparison;
  std::string whole, more;
  for (std::size_t s = 0; s < comparison.strategies().size(); ++s)
    for (const NetBenefit& one :
         net_benefits(comparison, s, decision.perspective, thresholds)) {
      Line line{"net_benefit", name_of_strategy(comparison, s), "",
                decision.name(), one.threshold};
      line.measure = "net_benefit";
      line.unit = decision.money();
      line.discounted = yes_or_no(decision.effect_measure().discounted);
      Line gain = line;
      line.estimate = one.benefit.mean;
      line.se = one.benefit.se;
      line.sd = one.benefit.sd;
      whole += csv(line);
      if (s == comparison.reference()) continue;
      gain.table = "net_benefit_difference";
      gain.reference = reference_name(comparison);
      set_difference(gain, one.difference);
      more += csv(gain);
    }
  return whole + more;
}

}  // namespace

bool icer_is_told(const Increment& increment) {
  return increment.icer &&
         (increment.quadrant == Increment::Quadrant::dearer_and_better ||
          increment.quadrant == Increment::Quadrant::cheaper_and_worse);
}

std::string set_text(const FiellerSet& set) {
  const auto number = [](double end) { return with_decimals(end, 0); };
  switch (set.form) {
    case FiellerSet::Form::interval:
      if (std::isinf(set.low)) return "up to " + number(set.high);
      if (std::isinf(set.high)) return "from " + number(set.low) + " on";
      return number(set.low) + " to " + number(set.high);
    case FiellerSet::Form::two_rays:
      return "up to " + number(set.low) + ", and from " + number(set.high) +
             " on";
    case FiellerSet::Form::everything:
      return "any number";
  }
  return "";
}

bool is_share(const Measure& measure) {
  return measure.what <= What::procedure_death;
}

std::vector<std::size_t> by_interest(const Comparison& comparison) {
  const DecisionMeasures& decision = comparison.decision();
  std::vector<std::size_t> measures{decision.effect};
  measures.insert(measures.end(), decision.costs.begin(), decision.costs.end());
  for (const std::size_t m : first_asked(comparison)) measures.push_back(m);
  for (std::size_t m = 0; m < comparison.measures().size(); ++m)
    measures.push_back(m);
  std::vector<std::size_t> once;
  for (const std::size_t m : measures)
    if (m != no_measure && std::count(once.begin(), once.end(), m) == 0)
      once.push_back(m);
  return once;
}

bool is_clearly_below(const Increment& increment, double threshold) {
  const Difference &cost = increment.cost, &effect = increment.effect;
  const double mean = threshold * effect.mean - cost.mean;
  const double variance = threshold * threshold * effect.se * effect.se +
                          cost.se * cost.se -
                          2 * threshold * increment.covariance;
  return mean < -errors_of_95 * std::sqrt(std::max(variance, 0.0));
}

const char* const error_note =
    "\nStandard errors and sets are of Monte Carlo error only: the chance of a "
    "finite cohort, not\nthe uncertainty of the scenario's numbers.\n";

std::vector<Sheet> decision_sheets(const Comparison& comparison,
                                   std::size_t perspective,
                                   const std::vector<double>& thresholds) {
  if (decision_perspectives(comparison) == 0) return {};
  const Decision decision{comparison, perspective};
  std::vector<Sheet> sheets{increment_sheet(decision)};
  if (comparison.strategies().size() > 1) {
    sheets.push_back(icer_sheet(decision));
    sheets.push_back(frontier_sheet(decision));
  }
  if (!thresholds.empty())
    for (Sheet& sheet : benefit_sheets(decision, thresholds))
      if (!sheet.rows.empty()) sheets.push_back(std::move(sheet));
  return sheets;
}

std::vector<Sheet> outcome_sheets(const Comparison& comparison, bool all) {
  if (all || comparison.measures().size() <= most_told_by_default)
    return all_outcome_sheets(comparison);
  std::vector<Sheet> sheets = short_sheets(comparison);
  if (comparison.strategies().size() > 1)
    sheets.push_back(pairing_sheet(comparison));
  return sheets;
}

std::vector<Sheet> comparison_sheets(const Comparison& comparison,
                                     std::size_t perspective,
                                     const std::vector<double>& thresholds,
                                     bool all,
                                     const std::vector<Sheet>& curves) {
  std::vector<Sheet> sheets =
      decision_sheets(comparison, perspective, thresholds);
  sheets.insert(sheets.end(), curves.begin(), curves.end());
  for (Sheet& sheet : outcome_sheets(comparison, all))
    sheets.push_back(std::move(sheet));
  return sheets;
}

std::vector<Sheet> short_sheets(const Comparison& comparison) {
  const auto measures = first_asked(comparison);
  std::vector<Sheet> sheets{outcome_sheet(comparison, measures)};
  if (comparison.strategies().size() > 1)
    sheets.push_back(short_difference_sheet(comparison, measures));
  return sheets;
}

std::vector<Sheet> summary_sheets(const Comparison& comparison) {
  std::vector<Sheet> sheets;
  if (decision_perspectives(comparison) > 0)
    sheets.push_back(increment_sheet({comparison, comparison.perspective()}));
  const auto others = seen_of(
      comparison, measures_called(comparison, {What::died, What::relapses,
                                               What::weeks_in_remission,
                                               What::life_years}));
  if (!others.empty()) sheets.push_back(strategy_sheet(comparison, others));
  return sheets;
}

std::string pairing_note(const Comparison& comparison) {
  const Strategy& reference = comparison.strategies()[comparison.reference()];
  const RunOutcomes& home = comparison.runs()[reference.run];
  std::string text;
  for (std::size_t s = 0; s < comparison.strategies().size(); ++s) {
    const Strategy& strategy = comparison.strategies()[s];
    if (strategy.run == reference.run || strategy.pathway != 0) continue;
    const RunOutcomes& run = comparison.runs()[strategy.run];
    text += comparison.is_paired(s, comparison.reference())
                ? fmt::format(
                      "{} is paired with {}: the same patients and luck, "
                      "by the sums of {} batches.\n",
                      run.name, home.name, batch_count)
                : fmt::format(
                      "{} is not paired with {} ({}): their differences "
                      "have the errors of separate cohorts.\n",
                      run.name, home.name, why_not_paired(run, home));
  }
  return text;
}

std::string settings_note(const Comparison& comparison) {
  const RunOutcomes& home =
      comparison.runs()[comparison.strategies()[comparison.reference()].run];
  std::string text;
  for (const RunOutcomes& run : comparison.runs()) {
    if (run.horizon != home.horizon && run.horizon != 0 && home.horizon != 0)
      text += fmt::format(
          "Caution: {} ends after {}, {} after {}: their differences are not "
          "of pathways alone.\n",
          run.name, counted(run.horizon, "week"), home.name,
          grouped(home.horizon));
    if (run.perspective_kinds != home.perspective_kinds &&
        !run.perspective_kinds.empty() && !home.perspective_kinds.empty())
      text += fmt::format(
          "Caution: {} counts {}; {} {}: where these differ, differences in "
          "cost are not of pathways alone.\n",
          run.name, run.perspective_kinds, home.name, home.perspective_kinds);
    if (run.discounting != home.discounting && !run.discounting.form.empty() &&
        !home.discounting.form.empty())
      text += fmt::format(
          "Caution: {} discounts {}; {} {}: their discounted differences are "
          "not of pathways alone.\n",
          run.name, discounting_text(run.discounting), home.name,
          discounting_text(home.discounting));
  }
  return text;
}

std::string comparison_csv(const Comparison& comparison,
                           const std::vector<double>& thresholds) {
  std::string text = csv_line(csv_header) + outcome_lines(comparison) +
                     difference_lines(comparison);
  for (std::size_t p = 0; p < decision_perspectives(comparison); ++p) {
    const Decision decision{comparison, p};
    text += icer_lines(decision) + benefit_lines(decision, thresholds);
  }
  return text;
}

}  // namespace stardsim
