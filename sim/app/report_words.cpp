#include "sim/app/report_words.hpp"

#include "models/units.hpp"
#include "sim/analysis/cost_effectiveness.hpp"
#include "sim/app/outcome_sheets.hpp"
#include "sim/app/report_uncertainty.hpp"
#include "sim/app/runner.hpp"
#include "sim/app/sheet.hpp"
#include "sim/io/outcome_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <sstream>
#include <utility>

namespace stardsim {
namespace {

using What = Measure::What;

/// Above this, in percentage points, shares are rough.
constexpr double rough_error = 1;
/// Below this, normal intervals and the errors themselves are rough.
constexpr std::uint64_t few_patients = 1000;
/// Without a standard error a difference is clear at so many times 3 / n, the
/// upper end of the 95 % interval of a probability of which n patients show
/// nothing.
constexpr double clear_without_error = 10;
constexpr std::size_t most_named = 4;
constexpr std::size_t most_figures_named = 3, most_inputs_named = 3;
constexpr const char* no_break = "\xC2\xA0";  ///< a space

struct Question {
  What what;
  const char* name;
  const char* share;  ///< of patients
};
constexpr Question questions[] = {
    {What::remission_if_all_continue, "if_all_continue",
     "Ever in remission if all continue"},
    {What::remission, "observed",
     "Ever in remission as observed (before leaving care)"},
    {What::sustained_remission, "sustained",
     "Still in the first remission at the horizon"}};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);)
    if (!line.empty()) lines.push_back(line);
  return lines;
}

std::string points(const Difference& difference) {
  return with_error(100 * std::fabs(difference.mean), 100 * difference.se) +
         " percentage points";
}

/// Means of one measure, and which of them are clearly apart from the best.
struct Ranking {
  const ReportInput& input;
  std::size_t measure;
  std::vector<std::size_t> order;  ///< strategies, the highest mean first

  Ranking(const ReportInput& of, std::size_t what) : input(of), measure(what) {
    for (std::size_t s = 0; s < of.comparison.strategies().size(); ++s)
      order.push_back(s);
    std::stable_sort(order.begin(), order.end(), [&](auto one, auto other) {
      return mean(one) > mean(other);
    });
  }

  double mean(std::size_t s) const {
    return input.comparison.outcome(s, measure).mean;
  }
  const std::string& measure_name() const {
    return input.comparison.measures()[measure].name;
  }
  /// Over draws; none where there are none.
  const ReportedSpread* spread(std::size_t s) const {
    const Strategy& of = input.comparison.strategies()[s];
    return spread_of_outcome(input.runs[of.run], of.pathway, measure_name());
  }
  /// With its credible interval, or else its Monte Carlo error.
  std::string told(std::size_t s) const {
    const Estimate of = input.comparison.outcome(s, measure);
    const ReportedSpread* const over_draws = spread(s);
    return over_draws && over_draws->sd > 0
               ? share_with_interval(of.mean, *over_draws)
               : percentage({of.mean, of.se});
  }
  /// Of one pathway less another over draws; draws tell those alone in which
  /// one of the two is the reference of its run.
  std::optional<ReportedSpread> spread_of_gain(std::size_t s,
                                               std::size_t less) const {
    const Strategy &of = input.comparison.strategies()[s],
                   &other = input.comparison.strategies()[less];
    const ReportedRun& run = input.runs[of.run];
    if (of.run != other.run) return std::nullopt;
    const bool is_turned = of.pathway == run.reference;
    if (!is_turned && other.pathway != run.reference) return std::nullopt;
    const ReportedSpread* const found = spread_of_difference(
        run, is_turned ? other.pathway : of.pathway, measure_name());
    if (!found) return std::nullopt;
    ReportedSpread gain = *found;
    if (is_turned) {
      std::swap(gain.low, gain.high);
      for (double* const number : {&gain.mean, &gain.low, &gain.high})
        *number = -*number;
    }
    return gain;
  }
  std::string label(std::size_t s) const {
    return in_double_quotes(input.strategy_label(s));
  }
  Difference below_best(std::size_t s) const {
    return input.comparison.difference(s, order.front(), measure);
  }
  std::uint64_t patients(std::size_t s) const {
    return input.runs[input.comparison.strategies()[s].run].outcomes.patients;
  }
  /// In its share, if only by chance.
  bool is_equal(std::size_t s) const { return below_best(s).mean == 0; }
  bool is_clear(std::size_t s) const {
    const Difference of = below_best(s);
    if (of.se > 0) return std::fabs(of.mean) > errors_of_95 * of.se;
    const auto n =
        static_cast<double>(std::min(patients(s), patients(order.front())));
    return std::fabs(of.mean) >= clear_without_error * 3 / n;
  }
  /// Of unequal shares.
  std::vector<std::size_t> unclear() const {
    std::vector<std::size_t> some;
    for (std::size_t i = 1; i < order.size(); ++i)
      if (!is_equal(order[i]) && !is_clear(order[i])) some.push_back(order[i]);
    return some;
  }
  /// Whether some are apart, or equal by chance, but not clearly so.
  bool is_in_doubt() const {
    return std::any_of(order.begin() + 1, order.end(), [&](std::size_t s) {
      return is_equal(s) ? below_best(s).se > 0 : !is_clear(s);
    });
  }
  std::vector<std::string> labels(const std::vector<std::size_t>& some) const {
    std::vector<std::string> names;
    names.reserve(some.size());
    for (const std::size_t s : some) names.push_back(label(s));
    return names;
  }
};

/// With draws, and where the run tells pathways apart: how the best stands to
/// the next under the uncertainty of the numbers.
std::string verdict_over_draws(const Ranking& ranking) {
  const std::size_t best = ranking.order[0], next = ranking.order[1];
  const auto gain = ranking.spread_of_gain(best, next);
  if (!gain)
    return fmt::format(", more than the next, {}, with {}.",
                       ranking.label(next), ranking.told(next));
  const std::string difference =
      points_with_interval(std::fabs(ranking.below_best(next).mean), *gain);
  return gain->low > 0 ? fmt::format(", more than the next, {}, by {}.",
                                     ranking.label(next), difference)
                       : fmt::format(
                             ", but not for certain more than the next, {}: "
                             "the difference is {}.",
                             ranking.label(next), difference);
}

/// How the best stands to the others, as the end of a sentence.
std::string verdict_text(const Ranking& ranking) {
  std::vector<std::size_t> equal;
  for (std::size_t i = 1; i < ranking.order.size(); ++i)
    if (ranking.is_equal(ranking.order[i])) equal.push_back(ranking.order[i]);
  const auto unclear = ranking.unclear();
  const bool has_errors =
      std::all_of(unclear.begin(), unclear.end(),
                  [&](std::size_t s) { return ranking.below_best(s).se > 0; });
  if (equal.empty() && unclear.empty() && ranking.spread(ranking.order[0]) &&
      ranking.spread(ranking.order[1]))
    return verdict_over_draws(ranking);
  std::string text;
  if (!equal.empty()) text += ", as has " + enumerated(ranking.labels(equal));
  if (!unclear.empty())
    text += fmt::format(
        ", but not clearly more than {} ({})",
        enumerated(ranking.labels(unclear)),
        has_errors ? "the difference is within 1.96 of its standard errors"
                   : "the patients are too few to tell");
  if (text.empty())
    text = fmt::format(", clearly more than the next, {}, by {}",
                       ranking.label(ranking.order[1]),
                       points(ranking.below_best(ranking.order[1])));
  return text + ".";
}

bool are_all_equal(const Ranking& ranking) {
  return std::all_of(ranking.order.begin() + 1, ranking.order.end(),
                     [&](std::size_t s) { return ranking.is_equal(s); });
}

/// In one sentence.
std::string headline(const Ranking& ranking, const Question& estimand) {
  const std::size_t best = ranking.order.front();
  if (ranking.order.size() == 1)
    return fmt::format("{}: {} of patients.", estimand.share,
                       ranking.told(best));
  if (are_all_equal(ranking))
    return fmt::format("{}: {} of patients, the same on {} pathways.",
                       estimand.share, ranking.told(best),
                       ranking.order.size() == 2 ? "both" : "all");
  return fmt::format("{}: {} has the highest share, {}{}", estimand.share,
                     ranking.label(best), ranking.told(best),
                     verdict_text(ranking));
}

std::string others_text(const Ranking& ranking) {
  const auto& order = ranking.order;
  if (order.size() == 1 || are_all_equal(ranking)) return "";
  if (order.size() > most_named) {
    std::vector<std::size_t> lowest;
    for (const std::size_t s : order)
      if (ranking.mean(s) == ranking.mean(order.back())) lowest.push_back(s);
    return fmt::format(" The lowest share is that of {}: {}.",
                       enumerated(ranking.labels(lowest)),
                       ranking.told(order.back()));
  }
  std::vector<std::string> others;
  for (std::size_t i = 1; i < order.size(); ++i)
    others.push_back(fmt::format("{} has {}", ranking.label(order[i]),
                                 ranking.told(order[i])));
  return " " + enumerated(others) + ".";
}

/// Under the estimand asked first; none for a file that asks for another.
const Question* first_asked(const ReportInput& input) {
  for (const Question& estimand : questions)
    if (estimand.name == input.runs.front().reported_first) return &estimand;
  return nullptr;
}

std::size_t measure_of(const ReportInput& input, const Question& estimand) {
  return find_measure(input.comparison.measures(), estimand.what);
}

bool are_alike(const Ranking& one, const Ranking& other) {
  return std::all_of(one.order.begin(), one.order.end(), [&](std::size_t s) {
    return one.mean(s) == other.mean(s);
  });
}

std::vector<std::string> remission_texts(const ReportInput& input,
                                         const Ranking& asked,
                                         const Question& first) {
  std::vector<std::string> texts{headline(asked, first) + others_text(asked)};
  for (const Question& estimand : questions) {
    const std::size_t measure = measure_of(input, estimand);
    if (&estimand == &first || measure == no_measure) continue;
    const Ranking ranking(input, measure);
    texts.push_back(are_alike(ranking, asked)
                        ? fmt::format("{}: {}.", estimand.share,
                                      ranking.order.size() == 1
                                          ? "the same share"
                                          : "the same shares")
                        : headline(ranking, estimand) + others_text(ranking));
  }
  return texts;
}

/// Costs and QALYs of one run, in the perspective reported first.
struct Money {
  const Comparison& comparison;
  std::size_t perspective;

  explicit Money(const Comparison& of)
      : comparison(of), perspective(of.perspective()) {}

  const Measure& cost_measure() const {
    return comparison.measures()[comparison.decision().costs[perspective]];
  }
  const std::string& unit() const { return cost_measure().unit; }
  std::string label(std::size_t s) const {
    return in_double_quotes(comparison.strategies()[s].name);
  }
  std::string amount(double number, double se) const {
    return with_error(number, se) + " " + unit();
  }
  /// Of a QALY.
  std::string price(double number) const {
    return with_decimals(number, 0) + " " + unit();
  }
};

std::string mean_text(const Money& money) {
  const Comparison& comparison = money.comparison;
  const Estimate cost = comparison.outcome(
                     0, comparison.decision().costs[money.perspective]),
                 effect = comparison.outcome(0, comparison.decision().effect);
  return fmt::format("A patient costs {} and has {} QALYs on average.",
                     money.amount(cost.mean, cost.se),
                     with_error(effect.mean, effect.se));
}

bool is_none(const Difference& of) { return of.mean == 0 && !(of.se > 0); }

bool is_same(const Increment& gain) {
  return is_none(gain.cost) && is_none(gain.effect);
}

/// Costs that differ, but not beyond the error.
bool are_costs_unclear(const Increment& gain) {
  const Difference& cost = gain.cost;
  return !is_none(cost) && !(std::fabs(cost.mean) > errors_of_95 * cost.se);
}

constexpr const char* costs_unclear =
    "costs are not clearly apart (the difference is within 1.96 of its "
    "standard errors).";

/// Of one strategy against another: what it costs and gains, and per QALY.
std::string increment_text(const Money& money, const Increment& gain) {
  const Difference &cost = gain.cost, &effect = gain.effect;
  if (is_same(gain))
    return fmt::format("{} and {} have the same costs and QALYs.",
                       money.label(gain.from), money.label(gain.strategy));
  std::string text = fmt::format(
      "Against {}, {} costs {} {} and {} {} QALYs a patient: ",
      money.label(gain.from), money.label(gain.strategy),
      money.amount(std::fabs(cost.mean), cost.se),
      cost.mean < 0 ? "less" : "more", effect.mean < 0 ? "loses" : "gains",
      with_error(std::fabs(effect.mean), effect.se));
  switch (gain.quadrant) {
    case Increment::Quadrant::unclear:
      return text +
             "QALYs are not clearly apart, so that no cost per QALY can be "
             "told.";
    case Increment::Quadrant::dominates:
      return text + (are_costs_unclear(gain)
                         ? std::string("it is better, and ") + costs_unclear
                         : "it dominates, being better and no dearer.");
    case Increment::Quadrant::is_dominated:
      return text + (are_costs_unclear(gain)
                         ? std::string("it is worse, and ") + costs_unclear
                         : "it is dominated, being worse and no cheaper.");
    case Increment::Quadrant::dearer_and_better:
      text += money.price(*gain.icer) + " per QALY gained";
      break;
    case Increment::Quadrant::cheaper_and_worse:
      text += money.price(*gain.icer) + " saved per QALY lost";
      break;
  }
  return text +
         (gain.set ? fmt::format(" (95{}% set of Monte Carlo error "
                                 "alone: {})",
                                 no_break, set_text(*gain.set))
                   : "") +
         ".";
}

std::string frontier_text(const Money& money) {
  std::vector<std::string> on, off;
  for (const FrontierPoint& point :
       frontier(money.comparison, money.perspective)) {
    if (point.status != FrontierPoint::Status::on_frontier) {
      off.push_back(money.label(point.strategy));
      continue;
    }
    const auto& gain = point.from_neighbour;
    on.push_back(
        money.label(point.strategy) +
        (!gain ? ", the cheapest"
         : is_same(*gain)
             ? ", with the same costs and QALYs as " + money.label(gain->from)
         : icer_is_told(*gain)
             ? fmt::format(" at {} per QALY gained over {}",
                           money.price(*gain->icer), money.label(gain->from))
             : ", whose QALYs are not clearly apart from "
               "those of " +
                   money.label(gain->from)));
  }
  std::string text = "On the efficiency frontier, by the means: ";
  for (std::size_t i = 0; i < on.size(); ++i) text += (i ? "; " : "") + on[i];
  text += ".";
  if (!off.empty())
    text += " Off it, dominated by one of these or by a mixture of two: " +
            enumerated(off) + ".";
  return text;
}

struct Best {
  std::size_t strategy;
  std::vector<std::size_t> equal;    ///< the same costs and QALYs
  std::vector<std::size_t> as_good;  ///< not clearly below it
  bool operator==(const Best&) const = default;
};

Best best_at(const Money& money, double threshold) {
  const Comparison& comparison = money.comparison;
  const auto benefit = [&](std::size_t s) {
    return net_benefits(comparison, s, money.perspective, {threshold})
        .front()
        .benefit.mean;
  };
  Best best{0, {}, {}};
  for (std::size_t s = 1; s < comparison.strategies().size(); ++s)
    if (benefit(s) > benefit(best.strategy)) best.strategy = s;
  for (std::size_t s = 0; s < comparison.strategies().size(); ++s) {
    if (s == best.strategy) continue;
    const Increment gain =
        increment(comparison, s, best.strategy, money.perspective);
    if (is_same(gain))
      best.equal.push_back(s);
    else if (!is_clearly_below(gain, threshold))
      best.as_good.push_back(s);
  }
  return best;
}

std::string best_text(const Money& money, const Best& best) {
  const auto labels = [&](const std::vector<std::size_t>& some) {
    std::vector<std::string> names;
    names.reserve(some.size());
    for (const std::size_t s : some) names.push_back(money.label(s));
    return names;
  };
  const std::size_t size = money.comparison.strategies().size();
  if (best.equal.size() + 1 == size)
    return fmt::format("{} pathways have the same net benefit",
                       size == 2 ? "both" : "all");
  std::vector<std::string> names = labels(best.equal);
  names.insert(names.begin(), money.label(best.strategy));
  return enumerated(names) +
         (best.equal.empty() ? " has the highest net benefit"
                             : " have the same net benefit, the highest") +
         (best.as_good.empty() ? ""
                               : ", but not clearly more than " +
                                     enumerated(labels(best.as_good)));
}

/// Neighbouring thresholds with the same answer are told together.
std::string benefit_text(const Money& money) {
  const auto& thresholds = money.comparison.runs().front().thresholds;
  std::string text;
  std::size_t first = 0;
  while (first < thresholds.size()) {
    const Best best = best_at(money, thresholds[first]);
    std::size_t last = first;
    while (last + 1 < thresholds.size() &&
           best_at(money, thresholds[last + 1]) == best)
      ++last;
    text += fmt::format(
        "{}If a QALY is worth {}{}, {}.", text.empty() ? "" : " ",
        last > first ? with_decimals(thresholds[first], 0) + " to " : "",
        money.price(thresholds[last]), best_text(money, best));
    first = last + 1;
  }
  return text;
}

/// The last one is of what is best.
std::vector<std::string> economics_texts(const Comparison& comparison) {
  if (decision_perspectives(comparison) == 0) return {};
  const Money money(comparison);
  const std::size_t size = comparison.strategies().size();
  std::vector<std::string> texts;
  if (size == 1) {
    texts.push_back(mean_text(money));
  } else if (size == 2) {
    texts.push_back(increment_text(
        money, increment(comparison, 1 - comparison.reference(),
                         comparison.reference(), money.perspective)));
  } else {
    texts.push_back(frontier_text(money));
  }
  if (size > 1) texts.push_back(benefit_text(money));
  const auto& perspectives = comparison.perspectives();
  texts.front() =
      fmt::format("Perspective {}{}{}. ",
                  in_double_quotes(
                      perspective_label(money.comparison, money.perspective)),
                  perspectives.size() > 1 ? ", the one reported first" : "",
                  money.cost_measure().discounted
                      ? "; costs and QALYs are discounted"
                      : "; nothing is discounted") +
      texts.front();
  std::erase(texts, "");
  return texts;
}

/// Pathways of different results may differ in more than what is chosen, such
/// as a price: each result is weighed by itself, against its own reference.
void tell_economics(const ReportInput& input, Answer& answer) {
  for (std::size_t r = 0; r < input.runs.size(); ++r) {
    const RunOutcomes& run = input.comparison.runs()[r];
    auto texts = economics_texts(input.runs.size() == 1
                                     ? input.comparison
                                     : Comparison({run}, run.reference));
    if (texts.empty()) continue;
    if (input.runs.size() > 1)
      for (std::string& text : texts) text = input.names[r] + ": " + text;
    answer.economics.insert(answer.economics.end(), texts.begin(), texts.end());
    answer.best.push_back(texts.back());
  }
}

/// One sentence, or "".
std::string differing_inputs_text(const ReportInput& input) {
  const auto differing = differing_inputs(input);
  if (differing.empty()) return "";
  std::string text;
  for (std::size_t i = 0; i < differing.size() && i < most_inputs_named; ++i) {
    std::string values;
    for (std::size_t r = 0; r < input.runs.size(); ++r)
      values += (r ? ", " : "") + input.names[r] + " " + differing[i].values[r];
    text += (i ? "; " : "") + differing[i].key + " (" + values + ")";
  }
  return fmt::format("The results differ in {}: {}{}.",
                     counted(differing.size(), "input"), text,
                     differing.size() > most_inputs_named
                         ? fmt::format("; and {} more, listed under Inputs",
                                       differing.size() - most_inputs_named)
                         : "");
}

std::string asked_text(const ReportInput& input, std::size_t r) {
  const ReportedRun& run = input.runs[r];
  std::vector<std::string> labels;
  for (const std::string& label : input.comparison.runs()[r].pathways)
    labels.push_back(in_double_quotes(label));
  return fmt::format("{}What becomes of {} within {} on {}?",
                     input.runs.size() > 1 ? input.names[r] + ": " : "",
                     counted(run.outcomes.patients, "simulated patient"),
                     horizon_text(run.horizon_weeks),
                     labels.size() == 1
                         ? "the pathway " + labels.front()
                         : fmt::format("each of {} pathways: {}", labels.size(),
                                       enumerated(labels)));
}

/// How pathways are compared; "" if there is but one.
std::string compared_text(const ReportInput& input) {
  if (input.comparison.strategies().size() == 1) return "";
  const std::string reference =
      in_double_quotes(input.strategy_label(input.comparison.reference()));
  return input.runs.size() == 1
             ? "The same patients with the same luck are sent down every "
               "pathway; the others are compared with " +
                   reference + ", the reference."
             : "All are compared with " + reference + ", the reference.";
}

bool has_draws(const ReportInput& input) {
  return std::any_of(input.runs.begin(), input.runs.end(),
                     [](const auto& run) { return run.uncertainty; });
}

std::vector<std::string> certainty_texts(const ReportInput& input) {
  std::vector<std::string> texts{
      "Numbers in brackets are standard errors of the simulation (Monte Carlo "
      "errors): the chance of simulating so many patients and not more. How "
      "uncertain the scenario's own numbers are is not in them" +
      std::string(has_draws(input)
                      ? ": credible intervals tell that, see Uncertainty."
                      : ".")};
  for (std::size_t r = 0; r < input.runs.size(); ++r) {
    const ReportedRun& run = input.runs[r];
    if (!run.tells_inputs) continue;
    const auto unsourced = std::count_if(
        run.inputs.begin(), run.inputs.end(),
        [](const ReportedInput& one) { return one.source.empty(); });
    const std::string where =
        input.runs.size() > 1 ? input.names[r] + ": " : "";
    const std::string all = counted(run.inputs.size(), "input value");
    texts.push_back(
        where +
        (unsourced == 0
             ? "Of " + all + ", each names its source."
             : fmt::format("Of {}, {} without a source: see "
                           "Inputs.",
                           all,
                           unsourced == 1 ? "1 is"
                                          : fmt::format("{} are", unsourced))));
  }
  return texts;
}

/// How the published figures fare that the scenario was not made from.
struct Agreement {
  std::size_t all = 0, agreeing = 0, untold = 0;
  std::vector<std::string> others;  ///< that do not agree

  explicit Agreement(const ReportedRun& run) {
    for (const ReportedPublished& figure : run.published) {
      if (figure.is_input) continue;
      ++all;
      if (std::isnan(figure.simulated))
        ++untold;
      else if (figure.agrees)
        ++agreeing;
      else
        others.push_back(figure.label.empty() ? figure.name : figure.label);
    }
  }
};

std::string agreement_text(const Agreement& of) {
  std::string text =
      fmt::format("{} of {} that the scenario was not made from {}",
                  of.agreeing, counted(of.all, "published figure"),
                  of.agreeing == 1 ? "agrees" : "agree");
  if (of.untold > 0)
    text += fmt::format("; for {} it cannot be told", of.untold);
  if (!of.others.empty()) {
    text +=
        of.others.size() == 1 ? "; this one does not: " : "; these do not: ";
    for (std::size_t i = 0; i < of.others.size() && i < most_figures_named; ++i)
      text += (i ? "; " : "") + in_double_quotes(of.others[i]);
    if (of.others.size() > most_figures_named)
      text +=
          fmt::format("; and {} more", of.others.size() - most_figures_named);
  }
  return text + ".";
}

/// Of the runs in which some do not agree, or of the others.
std::vector<std::string> agreement_texts(const ReportInput& input,
                                         bool disagreeing) {
  std::vector<std::string> texts;
  for (std::size_t r = 0; r < input.runs.size(); ++r) {
    const Agreement of(input.runs[r]);
    if (of.all > 0 && of.others.empty() != disagreeing)
      texts.push_back((input.runs.size() > 1 ? input.names[r] + ": " : "") +
                      agreement_text(of));
  }
  return texts;
}

/// Of the shares that were asked for first.
std::vector<std::string> doubts(const Ranking& ranking) {
  std::vector<std::string> texts;
  if (ranking.is_in_doubt())
    texts.emplace_back(
        "The simulation does not tell all pathways apart in remission: run "
        "more patients (stardsim run --patients) before one is preferred for "
        "it.");
  double largest = 0;
  std::uint64_t fewest = ranking.patients(ranking.order.front()),
                fewest_certain = 0;
  for (const std::size_t s : ranking.order) {
    const Estimate of = ranking.input.comparison.outcome(s, ranking.measure);
    if (of.se > largest) largest = of.se;
    const std::uint64_t patients = ranking.patients(s);
    fewest = std::min(fewest, patients);
    if ((of.mean == 0 || of.mean == 1) &&
        (fewest_certain == 0 || patients < fewest_certain))
      fewest_certain = patients;
  }
  if (100 * largest > rough_error || fewest < few_patients)
    texts.push_back(
        "Few patients were simulated" +
        (fewest < few_patients ? fmt::format(" ({})", fewest) : "") +
        (largest > 0
             ? fmt::format(": the shares in remission have standard errors of "
                           "up to {} percentage points.",
                           with_decimals(100 * largest, 1))
             : "."));
  if (fewest_certain > 0) {
    const double bound =
        std::min(100.0, 300 / static_cast<double>(fewest_certain));
    texts.push_back(fmt::format(
        "A share of 0{0}% or 100{0}% has no standard error, which is not "
        "certainty: the other outcome may still have a probability of up to "
        "{1}{0}%.",
        no_break, number_text(bound, 2)));
  }
  return texts;
}

/// What would mislead if it were not said.
std::vector<std::string> caution_texts(const ReportInput& input) {
  std::vector<std::string> texts;
  const Comparison& comparison = input.comparison;
  for (const std::string& line : lines_of(pairing_note(comparison)))
    texts.push_back(line);
  for (const std::string& line : lines_of(settings_note(comparison)))
    texts.push_back(line);
  for (std::size_t r = 0; r < input.runs.size(); ++r)
    for (const std::string& text : draws_cautions(input.runs[r]))
      texts.push_back((input.runs.size() > 1 ? input.names[r] + ": " : "") +
                      text);
  return texts;
}

}  // namespace

Answer answer_of(const ReportInput& input) {
  Answer answer;
  for (std::size_t r = 0; r < input.runs.size(); ++r)
    answer.asked.push_back(asked_text(input, r));
  if (const std::string how = compared_text(input); !how.empty())
    answer.asked.push_back(how);
  if (const std::string how = differing_inputs_text(input); !how.empty())
    answer.asked.push_back(how);
  tell_economics(input, answer);
  for (std::size_t r = 0; r < input.runs.size(); ++r)
    if (const std::string text = decision_text(input, r); !text.empty())
      answer.decision.push_back(
          (input.runs.size() > 1 ? input.names[r] + ": " : "") + text);
  answer.certainty = certainty_texts(input);
  const auto agree = agreement_texts(input, false),
             disagree = agreement_texts(input, true);
  answer.certainty.insert(answer.certainty.end(), agree.begin(), agree.end());
  answer.cautions = caution_texts(input);
  answer.cautions.insert(answer.cautions.begin(), disagree.begin(),
                         disagree.end());
  const Question* const first = first_asked(input);
  const std::size_t measure = first ? measure_of(input, *first) : no_measure;
  if (measure == no_measure) return answer;
  const Ranking asked(input, measure);
  answer.headline = headline(asked, *first);
  answer.remission = remission_texts(input, asked, *first);
  const auto more = doubts(asked);
  answer.cautions.insert(answer.cautions.begin(), more.begin(), more.end());
  return answer;
}

std::string horizon_text(double weeks) {
  const auto short_text = [](double number) {
    std::string text = with_decimals(number, 1);
    if (text.ends_with(".0")) text.erase(text.size() - 2);
    return text;
  };
  const std::string in_weeks = short_text(weeks),
                    years = short_text(weeks / (365.25 / 7));
  return in_weeks + (in_weeks == "1" ? " week" : " weeks") +
         (years == "0" ? ""
                       : " (" + years + (years == "1" ? " year)" : " years)"));
}

std::string number_text(double number, int figures) {
  if (std::isnan(number)) return "-";
  const double size = std::fabs(number);
  if (!(size >= 0.001 && size <= 1e9))
    return fmt::format("{:.{}g}", number, figures);
  const int decimals =
      std::max(0, figures - 1 - static_cast<int>(std::floor(std::log10(size))));
  std::string text = fmt::format("{:.{}f}", number, decimals);
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text;
}

std::string number_with_unit(double number, const std::string& unit) {
  std::string text = number_text(number);
  if (std::isnan(number) || unit.empty() || unit == "1") return text;
  return text + " " +
         (unit.rfind("1/", 0) == 0 ? "per " + unit.substr(2) : unit);
}

std::vector<DifferingInput> differing_inputs(const ReportInput& input) {
  const auto& runs = input.runs;
  if (runs.size() < 2 || !std::all_of(runs.begin(), runs.end(), [](auto& run) {
        return run.tells_inputs;
      }))
    return {};
  std::vector<std::string> keys;  // in their order
  std::map<std::string, std::vector<std::string>> values;
  for (std::size_t r = 0; r < runs.size(); ++r)
    for (const ReportedInput& one : runs[r].inputs) {
      const auto [place, is_new] =
          values.try_emplace(one.key, runs.size(), std::string("-"));
      if (is_new) keys.push_back(one.key);
      std::string& value = place->second[r];
      value = (value == "-" ? "" : value + "; ") +
              number_with_unit(one.value, one.unit);
    }
  std::vector<DifferingInput> differing;
  for (const std::string& key : keys) {
    const auto& all = values[key];
    if (std::any_of(all.begin(), all.end(),
                    [&](const auto& one) { return one != all.front(); }))
      differing.push_back({key, all});
  }
  return differing;
}

std::string percentage(const Reported& figure) {
  if (std::isnan(figure.value)) return "-";
  const double value = 100 * figure.value, se = 100 * figure.se;
  if (std::isnan(se)) return with_decimals(value, 2) + no_break + "%";
  const int decimals =
      se > 0 || value != std::round(value) ? decimals_worth(se) : 0;
  return fmt::format("{}{}% ({})", with_decimals(value, decimals), no_break,
                     with_decimals(se, se > 0 ? decimals : 0));
}

std::string enumerated(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i)
    text += (i == 0 ? "" : i + 1 == words.size() ? " and " : ", ") + words[i];
  return text;
}

std::string in_double_quotes(const std::string& label) {
  return "\xE2\x80\x9C" + label + "\xE2\x80\x9D";
}

}  // namespace stardsim
