#include "sim/app/report_uncertainty.hpp"

#include "sim/analysis/plane_cloud.hpp"
#include "sim/app/outcome_sheets.hpp"
#include "sim/app/report_words.hpp"
#include "sim/app/runner.hpp"
#include "sim/app/tables.hpp"
#include "sim/io/outcome_tables.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

namespace stardsim {
namespace {

using Json = nlohmann::ordered_json;

/// Of each pathway, in the plane.
constexpr std::size_t most_points = 1000;
/// Fewer draws than this make rough intervals.
constexpr std::uint64_t few_draws = 500;
/// Above this share of luck in the variance of draws, corrections are rough.
constexpr double much_luck = 0.5;
constexpr const char* no_break = "\xC2\xA0";  ///< a space

double short_number(double number, int figures = 4) {
  return std::isfinite(number)
             ? std::strtod(fmt::format("{:.{}g}", number, figures).c_str(),
                           nullptr)
             : number;
}

Json short_numbers(const std::vector<double>& numbers, int figures = 4) {
  Json all = Json::array();
  for (const double number : numbers)
    all.push_back(short_number(number, figures));
  return all;
}

const ReportedUncertainty& uncertainty_of(const ReportedRun& run) {
  return *run.uncertainty;
}

std::size_t place_in(const std::vector<std::string>& names,
                     const std::string& name) {
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) -
                                  names.begin());
}

const Measure* find(const ReportedRun& run, const std::string& name) {
  const auto& measures = run.outcomes.measures;
  const std::size_t m = find_measure(measures, name);
  return m == no_measure ? nullptr : &measures[m];
}

std::string label_of(const ReportedRun& run, const std::string& pathway) {
  for (const ReportedPathway& one : run.pathways)
    if (one.name == pathway) return one.label;
  return pathway;
}

/// With as many decimals as show two figures of the standard deviation.
int decimals_of(const ReportedSpread& spread, double scale) {
  return spread.sd > 0 ? decimals_worth(scale * spread.sd) : 2;
}

std::string interval_text(const ReportedSpread& spread, double scale,
                          int decimals) {
  if (spread.sd_naive > 0 && !(spread.sd > 0))
    return "not told apart from luck";
  if (std::isnan(spread.low) || std::isnan(spread.high)) return "-";
  if (spread.sd == 0) return "does not vary";
  return with_decimals(scale * spread.low, decimals) + " to " +
         with_decimals(scale * spread.high, decimals);
}

/// Of a share.
std::string with_interval(double share, const std::string& unit,
                          const ReportedSpread& spread) {
  if (std::isnan(share)) return "-";
  const int decimals = decimals_of(spread, 100);
  std::string text = with_decimals(100 * share, decimals) + unit;
  if (!std::isnan(spread.low) && !std::isnan(spread.high))
    text += fmt::format(" (95{}% credible interval {})", no_break,
                        interval_text(spread, 100, decimals));
  return text;
}

bool is_beyond_error(double value, double se) {
  return se > 0 ? std::fabs(value) > errors_of_95 * se : value != 0;
}

std::string gap_text(const ReportedSpread& spread, double scale) {
  if (std::isnan(spread.gap)) return "-";
  if (!is_beyond_error(spread.gap, spread.gap_se)) return "within its error";
  return spread.gap_se > 0
             ? with_error(scale * spread.gap, scale * spread.gap_se)
             : number_text(scale * spread.gap, 3);
}

std::string whole(double number) { return with_decimals(number, 0); }

std::string chance_text(double probability) {
  const double percent = 100 * probability;
  const bool is_near_certain =
      (percent > 0 && percent < 1) || (percent > 99 && percent < 100);
  return with_decimals(percent, is_near_certain ? 1 : 0) + no_break + "%";
}

const PerspectiveDecision& first_decision(const ReportedRun& run) {
  const auto& decisions = uncertainty_of(run).decisions;
  const auto& perspectives = run.outcomes.perspectives;
  for (const PerspectiveDecision& decision : decisions)
    if (run.outcomes.perspective < perspectives.size() &&
        decision.perspective == perspectives[run.outcomes.perspective])
      return decision;
  return decisions.front();
}

const DecisionAtThreshold* decision_at(const PerspectiveDecision& decision,
                                       double threshold) {
  for (const DecisionAtThreshold& at : decision.at)
    if (at.threshold == threshold) return &at;
  return nullptr;
}

std::size_t best_of(const DecisionAtThreshold& at) {
  const auto found = std::find_if(at.strategies.begin(), at.strategies.end(),
                                  [](auto& one) { return one.on_frontier; });
  return static_cast<std::size_t>(found - at.strategies.begin());
}

// ---- For the page's data ----

Json curves_of(const ReportedUncertainty& of) {
  Json means = Json::array(), lows = Json::array(), highs = Json::array();
  for (const auto& pathway : of.draws.bands) {
    Json mean = Json::array(), low = Json::array(), high = Json::array();
    for (const ReportedBand& band : pathway) {
      mean.push_back(short_numbers(band.mean, 6));
      low.push_back(short_numbers(band.low));
      high.push_back(short_numbers(band.high));
    }
    means.push_back(std::move(mean));
    lows.push_back(std::move(low));
    highs.push_back(std::move(high));
  }
  return Json{{"mean", std::move(means)},
              {"low", std::move(lows)},
              {"high", std::move(highs)}};
}

Json clouds_of(const ReportedRun& run, std::size_t perspective) {
  Json all = Json::array();
  for (const PlaneCloud& cloud : plane_clouds(
           uncertainty_of(run).plane(perspective, run.reference), most_points))
    all.push_back({{"cost", short_numbers(cloud.cost)},
                   {"effect", short_numbers(cloud.effect)},
                   {"mean_cost", cloud.mean_cost},
                   {"mean_effect", cloud.mean_effect},
                   {"cost_sd", short_number(cloud.cost_sd)},
                   {"effect_sd", short_number(cloud.effect_sd)},
                   {"covariance", short_number(cloud.covariance)}});
  return all;
}

Json information_of(const PerspectiveDecision& decision) {
  Json all = Json::array();
  for (const PartialInformation& one : decision.information) {
    Json values = Json::array(), errors = Json::array(), naive = Json::array();
    for (const InformationValue& value : one.at) {
      values.push_back(value.value);
      errors.push_back(short_number(value.se));
      naive.push_back(value.naive);
    }
    all.push_back({{"name", one.name},
                   {"label", one.label},
                   {"is_group", one.is_group},
                   {"value", values},
                   {"se", errors},
                   {"naive", naive}});
  }
  return all;
}

Json decision_of(const PerspectiveDecision& decision,
                 const std::string& label) {
  const std::size_t strategies = decision.strategies.size();
  Json thresholds = Json::array(), frontier = Json::array(),
       evpi = Json::array(), evpi_se = Json::array(),
       evpi_naive = Json::array();
  std::vector<Json> best(strategies, Json::array()), naive = best, loss = best,
                                                     benefit = best;
  for (const DecisionAtThreshold& at : decision.at) {
    thresholds.push_back(at.threshold);
    frontier.push_back(best_of(at));
    evpi.push_back(at.evpi.value);
    evpi_se.push_back(short_number(at.evpi.se));
    evpi_naive.push_back(at.evpi.naive);
    for (std::size_t s = 0; s < strategies; ++s) {
      const StrategyStanding& standing = at.strategies[s];
      best[s].push_back(standing.probability_best);
      naive[s].push_back(standing.probability_best_naive);
      loss[s].push_back(standing.expected_loss);
      benefit[s].push_back(standing.net_benefit);
    }
  }
  return Json{{"name", decision.perspective},
              {"label", label},
              {"money", decision.money},
              {"is_corrected", decision.is_corrected},
              {"thresholds", thresholds},
              {"stated", decision.stated},
              {"frontier", frontier},
              {"probability_best", best},
              {"probability_best_naive", naive},
              {"expected_loss", loss},
              {"expected_net_benefit", benefit},
              {"evpi", evpi},
              {"evpi_se", evpi_se},
              {"evpi_naive", evpi_naive},
              {"information", information_of(decision)}};
}

std::string label_of_perspective(const ReportInput& input,
                                 const std::string& name) {
  const auto& names = input.comparison.perspectives();
  const std::size_t at = place_in(names, name);
  return at < names.size() && at < decision_perspectives(input.comparison)
             ? perspective_label(input.comparison, at)
             : name;
}

/// A number of the scenario with its unit, as tables have it.
std::string value_text(double value, const std::string& unit) {
  return number_with_unit(
      std::isnan(value) ? value
                        : std::strtod(number_text(value, 4).c_str(), nullptr),
      unit);
}

std::string range_text(double low, double high) {
  return std::isnan(low) || std::isnan(high)
             ? "-"
             : number_text(low, 4) + " to " + number_text(high, 4);
}

// ---- Analyses of their own ----

std::string label_in(const ReportedAnalysis& of, const std::string& pathway) {
  const std::size_t place = place_in(of.pathways, pathway);
  return place < of.pathways.size() ? of.pathway_labels[place] : pathway;
}

Json pathways_of(const ReportedAnalysis& of) {
  Json all = Json::array();
  for (const std::string& name : of.pathways)
    all.push_back({{"name", name}, {"label", label_in(of, name)}});
  return all;
}

/// "" where it is of one of the results.
std::string other_scenario_text(const ReportInput& input,
                                const ReportedAnalysis& of) {
  return input.run_of(of)
             ? ""
             : fmt::format(
                   " Mind: it was made from {}, whose text is none of "
                   "the results' above.",
                   of.scenario_file);
}

bool is_share_in(const ReportInput& input, const std::string& measure) {
  const Measure* const known = find(input.runs.front(), measure);
  return known && is_share(*known);
}

/// Of those that alternatives tell, the most asked for first.
std::vector<std::size_t> measures_asked(const ReportInput& input,
                                        const ReportedAlternatives& of) {
  std::vector<std::size_t> places;
  for (const std::size_t m : by_interest(input.comparison)) {
    const std::size_t place =
        place_in(of.measures, input.comparison.measures()[m].name);
    if (place < of.measures.size()) places.push_back(place);
  }
  for (std::size_t m = 0; m < of.measures.size(); ++m)
    if (std::count(places.begin(), places.end(), m) == 0) places.push_back(m);
  return places;
}

/// By alternative: where it does not discount, and so lacks a discounted
/// measure, the same one without discounting.
std::vector<std::optional<std::size_t>> undiscounted_instead(
    const ReportedAlternatives& of, std::size_t measure) {
  std::vector<std::optional<std::size_t>> instead(of.names.size());
  const std::string ending = "_discounted";
  const std::string& name = of.measures[measure];
  if (!name.ends_with(ending)) return instead;
  const std::size_t other =
      place_in(of.measures, name.substr(0, name.size() - ending.size()));
  if (other == of.measures.size() ||
      of.measure_units[other] != of.measure_units[measure])
    return instead;
  const auto has = [&](std::size_t a, std::size_t m) {
    for (std::size_t p = 0; p < of.pathways.size(); ++p)
      if (!std::isnan(of.mean[of.place(a, p, m)])) return true;
    return false;
  };
  for (std::size_t a = 0; a < instead.size(); ++a)
    if (!has(a, measure) && has(a, other)) instead[a] = other;
  return instead;
}

/// With its unit and the number stated, where a result tells them.
Json axis_of(const ReportInput& input, const ReportedSensitivity& of,
             const std::string& key, const std::string& label) {
  Json axis{{"key", key}, {"label", label}, {"unit", ""}, {"base", nullptr}};
  const auto run = input.run_of(of);
  if (!run) return axis;
  for (const ReportedInput& one : input.runs[*run].inputs)
    if (one.key == key) {
      axis["unit"] = one.unit;
      axis["base"] = one.value;
    }
  return axis;
}

}  // namespace

std::string share_with_interval(double share, const ReportedSpread& spread) {
  return with_interval(share, std::string(no_break) + "%", spread);
}

std::string points_with_interval(double share, const ReportedSpread& spread) {
  return with_interval(share, " percentage points", spread);
}

const ReportedSpread* spread_of_outcome(const ReportedRun& run,
                                        std::size_t pathway,
                                        const std::string& measure) {
  if (!run.uncertainty) return nullptr;
  const ReportedDraws& draws = run.uncertainty->draws;
  const std::size_t m = place_in(draws.measures, measure);
  return m == draws.measures.size() ? nullptr : &draws.outcomes[pathway][m];
}

const ReportedSpread* spread_of_difference(const ReportedRun& run,
                                           std::size_t pathway,
                                           const std::string& measure) {
  if (!run.uncertainty) return nullptr;
  const ReportedDraws& draws = run.uncertainty->draws;
  const std::size_t m = place_in(draws.measures, measure);
  return m == draws.measures.size() ? nullptr : &draws.differences[pathway][m];
}

std::vector<std::string> draws_texts(const ReportedRun& run) {
  const ReportedDraws& draws = uncertainty_of(run).draws;
  std::vector<std::string> texts;
  texts.push_back(fmt::format(
      "{} of {}, each with {}; {} held. Intervals and bands of this section "
      "are of the uncertainty of these numbers (parameter uncertainty): 95{}% "
      "credible intervals, the 2.5 and 97.5{}% quantiles of the draws.",
      counted(draws.draws, "draw"),
      counted(draws.parameters.size(), "uncertain number"),
      counted(draws.patients, "simulated patient"),
      draws.fixed.empty()       ? "none was"
      : draws.fixed.size() == 1 ? "1 was"
                                : grouped(draws.fixed.size()) + " were",
      no_break, no_break));
  texts.emplace_back(
      draws.luck == "common"
          ? "All draws have the same luck, so that how much of their spread "
            "is luck cannot be told: nothing is corrected for it."
          : "Draws differ by the luck of their patients too. It is known how "
            "much, and taken off (corrected); what is called naive is as read "
            "off the draws, and seems the less certain.");
  return texts;
}

std::string decision_text(const ReportInput& input, std::size_t r) {
  const ReportedRun& run = input.runs[r];
  if (!run.uncertainty || run.uncertainty->decisions.empty()) return "";
  const PerspectiveDecision& decision = first_decision(run);
  if (decision.strategies.size() < 2) return "";
  std::vector<const DecisionAtThreshold*> stated;
  for (const double threshold : decision.stated)
    if (const auto* const at = decision_at(decision, threshold);
        at && best_of(*at) < at->strategies.size())
      stated.push_back(at);
  std::string text;
  std::size_t first = 0;
  while (first < stated.size()) {  // thresholds with one answer go together
    const std::size_t best = best_of(*stated[first]);
    std::vector<std::string> chances, values;
    std::size_t last = first;
    for (; last < stated.size() && best_of(*stated[last]) == best; ++last) {
      const DecisionAtThreshold& at = *stated[last];
      chances.push_back(chance_text(at.strategies[best].probability_best));
      values.push_back(with_decimals(
          at.evpi.value, at.evpi.value >= 0.005 && at.evpi.se > 0
                             ? std::min(2, decimals_worth(at.evpi.se))
                             : 0));
    }
    text += fmt::format(
        "{}if a QALY is worth {}{} {}, {} has the highest expected net "
        "benefit; the probability that it is best is {}, and to know all "
        "uncertain numbers would be worth {} {} a patient (EVPI)",
        text.empty() ? "" : "; ",
        last - first > 1 ? whole(stated[first]->threshold) + " to " : "",
        whole(stated[last - 1]->threshold), decision.money,
        in_double_quotes(label_of(run, decision.strategies[best])),
        enumerated(chances), enumerated(values), decision.money);
    first = last;
  }
  if (text.empty()) return "";
  return fmt::format(
      "Under the uncertainty of the scenario's numbers ({}), {}.",
      counted(uncertainty_of(run).draws.draws, "draw"), text);
}

std::string design_text(const ReportedRun& run) {
  if (uncertainty_of(run).decisions.empty()) return "";
  const PerspectiveDecision& decision = first_decision(run);
  const DrawDesign* most = nullptr;
  for (const DrawDesign& design : decision.design)
    if (!most || design.luck_share > most->luck_share) most = &design;
  if (!most || std::isnan(most->luck_share)) return "";
  std::string text = fmt::format(
      "Patients per draw: luck makes {} of the variance between draws in the "
      "difference in net benefit between {} and {} (a QALY worth {} {}). ",
      chance_text(most->luck_share),
      in_double_quotes(label_of(run, decision.strategies[most->best])),
      in_double_quotes(label_of(run, decision.strategies[most->next])),
      whole(most->threshold), decision.money);
  if (!std::isfinite(most->patients_for_5_percent))
    return text +
           "The numbers drawn do not move that difference: more "
           "patients per draw would not make luck the smaller part.";
  const auto needed = static_cast<std::uint64_t>(
      std::max(1.0, std::ceil(most->patients_for_5_percent)));
  const std::uint64_t had = uncertainty_of(run).draws.patients;
  text += fmt::format("With {} it would be 5{}%. ",
                      counted(needed, "patient") + " a draw", no_break);
  text += needed > had
              ? "The correction takes luck off, but the more of it there is, "
                "the rougher it is: more patients per draw would help."
              : "More patients per draw would gain little: for surer figures, "
                "make more draws.";
  return text;
}

std::vector<std::string> draws_cautions(const ReportedRun& run) {
  std::vector<std::string> texts;
  if (!run.uncertainty) return texts;
  const ReportedDraws& draws = run.uncertainty->draws;
  if (draws.draws < few_draws)
    texts.push_back(fmt::format(
        "There are few draws ({}): the ends of credible intervals and small "
        "probabilities are rough. 1,000 and more are usual.",
        draws.draws));
  for (const PerspectiveDecision& decision : run.uncertainty->decisions)
    for (const DrawDesign& design : decision.design)
      if (design.luck_share > much_luck) {
        texts.push_back(fmt::format(
            "More than half of the variance between draws in net benefit is "
            "luck, by few patients a draw ({}): corrected figures are rough.",
            grouped(draws.patients)));
        return texts;
      }
  return texts;
}

Sheet drawn_sheet(const ReportedRun& run) {
  Sheet sheet{"Numbers that were drawn",
              {"Value of", "Distribution", "Source", "As stated",
               "Mean of draws", fmt::format("95{}% of draws", no_break)},
              {},
              3};
  for (const ReportedParameter& one : uncertainty_of(run).draws.parameters)
    sheet.rows.push_back({one.key, one.distribution,
                          one.source.empty() ? "No source given" : one.source,
                          value_text(one.value, one.unit),
                          number_text(one.mean, 4),
                          range_text(one.low, one.high)});
  return sheet;
}

Sheet held_sheet(const ReportedRun& run) {
  Sheet sheet{"Numbers that were held", {"Value of", "Why", "Value"}, {}, 2};
  for (const ReportedFixed& one : uncertainty_of(run).draws.fixed)
    sheet.rows.push_back(
        {one.key, one.reason, value_text(one.value, one.unit)});
  return sheet;
}

Sheet interval_sheet(const ReportedRun& run, const std::string& name) {
  const Measure* const measure = find(run, name);
  const bool has_share = measure && is_share(*measure);
  const double scale = has_share ? 100 : 1;
  const std::string unit = !measure || measure->unit == "1" || has_share
                               ? has_share ? ", %" : ""
                               : ", " + measure->unit;
  const std::string of_95 = fmt::format("95{}% credible interval", no_break);
  const bool compares = run.pathways.size() > 1;
  Sheet sheet{
      (measure ? measure->long_name : name) + unit,
      {"Pathway", "As stated", "Mean of draws", of_95, "Mean less as stated"},
      {}};
  if (compares) {
    sheet.header.emplace_back("Difference from the reference, mean of draws");
    sheet.header.push_back("Its " + of_95);
  }
  for (std::size_t p = 0; p < run.pathways.size(); ++p) {
    const ReportedSpread& of = *spread_of_outcome(run, p, name);
    const int decimals = decimals_of(of, scale);
    sheet.rows.push_back(
        {run.pathways[p].label +
             (compares && p == run.reference ? " (reference)" : ""),
         with_decimals(scale * of.stated, decimals),
         with_decimals(scale * of.mean, decimals),
         interval_text(of, scale, decimals), gap_text(of, scale)});
    if (!compares) continue;
    const ReportedSpread& difference = *spread_of_difference(run, p, name);
    const int places = decimals_of(difference, scale);
    const bool is_reference = p == run.reference;
    sheet.rows.back().push_back(
        is_reference ? "-" : with_decimals(scale * difference.mean, places));
    sheet.rows.back().push_back(
        is_reference ? "-" : interval_text(difference, scale, places));
  }
  return sheet;
}

std::vector<std::string> measures_of_draws(const ReportInput& input,
                                           std::size_t r) {
  const ReportedRun& run = input.runs[r];
  std::vector<std::string> names;
  for (const std::size_t m : by_interest(input.comparison)) {
    const std::string& name = input.comparison.measures()[m].name;
    if (spread_of_outcome(run, 0, name) && find(run, name))
      names.push_back(name);
  }
  return names;
}

nlohmann::ordered_json uncertainty_data(const ReportInput& input,
                                        std::size_t r) {
  const ReportedRun& run = input.runs[r];
  if (!run.uncertainty) return nullptr;
  const ReportedUncertainty& of = *run.uncertainty;
  Json planes = Json::array(), decisions = Json::array();
  for (std::size_t i = 0; i < of.draws.cost.size(); ++i)
    planes.push_back(
        {{"name", of.draws.perspectives[i]},
         {"label", label_of_perspective(input, of.draws.perspectives[i])},
         {"clouds", clouds_of(run, i)}});
  for (const PerspectiveDecision& decision : of.decisions)
    decisions.push_back(decision_of(
        decision, label_of_perspective(input, decision.perspective)));
  return Json{{"draws", of.draws.draws},
              {"patients", of.draws.patients},
              {"luck", of.draws.luck},
              {"curves", curves_of(of)},
              {"currency", money_of(run.outcomes)},
              {"thresholds", run.outcomes.thresholds},
              {"planes", std::move(planes)},
              {"decisions", std::move(decisions)}};
}

std::string sensitivity_text(const ReportInput& input,
                             const ReportedSensitivity& of) {
  const std::string what =
      of.long_name +
      (of.against.empty()
           ? " on " + in_double_quotes(label_in(of, of.pathway))
           : fmt::format(", {} less {}",
                         in_double_quotes(label_in(of, of.pathway)),
                         in_double_quotes(label_in(of, of.against))));
  return fmt::format(
      "{}: what becomes of it when {}, all else as stated. Each of {} has the "
      "same luck in every run, so that what differs comes of the numbers "
      "alone.{}",
      what,
      of.swings.empty() ? "two numbers are others"
                        : "one number at a time is at the ends of its range",
      counted(of.patients, "patient"), other_scenario_text(input, of));
}

std::string alternatives_text(const ReportInput& input,
                              const ReportedAlternatives& of) {
  return fmt::format(
      "{} of the scenario beside it: other structures and other evidence, "
      "each run as a whole with {} and the same luck. Errors are Monte Carlo "
      "errors.{}",
      counted(of.names.size() - 1, "alternative"),
      counted(of.patients, "patient"), other_scenario_text(input, of));
}

Sheet alternatives_sheet(const ReportInput& input,
                         const ReportedAlternatives& of) {
  Sheet sheet{"What is decided under each", {"Alternative"}, {}};
  for (const std::string& perspective : of.perspectives)
    for (const double threshold : of.thresholds)
      sheet.header.push_back(
          fmt::format("{}Best at {} a QALY",
                      of.perspectives.size() > 1
                          ? label_of_perspective(input, perspective) + ": "
                          : "",
                      whole(threshold)));
  sheet.words = sheet.header.size();
  const std::size_t columns = of.perspectives.size() * of.thresholds.size();
  for (std::size_t a = 0; a < of.names.size(); ++a) {
    sheet.rows.push_back({of.labels[a].empty() ? of.names[a] : of.labels[a]});
    for (std::size_t c = 0; c < columns; ++c) {
      const std::string& best = of.best[a * columns + c];
      const double loss = of.loss[a * columns + c];
      sheet.rows.back().push_back(
          best.empty() ? "-"
                       : label_in(of, best) +
                             (loss > 0 ? fmt::format(" ({} lost)",
                                                     with_decimals(loss, 0))
                                       : ""));
    }
  }
  if (columns == 0) {
    sheet.header.push_back("Best by " + of.long_name);
    sheet.words = 2;
    for (std::size_t a = 0; a < of.names.size(); ++a)
      sheet.rows[a].push_back(
          of.chosen[a].empty() ? "-" : label_in(of, of.chosen[a]));
  } else if (std::any_of(of.loss.begin(), of.loss.end(),
                         [](double loss) { return loss > 0; })) {
    sheet.note = fmt::format(
        "Lost: the net benefit a patient that is lost under the alternative "
        "by doing what is best under {}.",
        in_double_quotes(of.labels.front()));
  }
  return sheet;
}

nlohmann::ordered_json sensitivity_data(const ReportInput& input,
                                        const ReportedSensitivity& of) {
  Json swings = Json::array(), pathways = pathways_of(of);
  for (const ReportedSwing& swing : of.swings)
    swings.push_back(
        {{"key", swing.key},
         {"label", swing.label},
         {"unit", swing.unit},
         {"base", swing.base},
         {"low", swing.low},
         {"high", swing.high},
         {"at_low", swing.at_low},
         {"at_high", swing.at_high},
         {"best_at_low", place_in(of.pathways, swing.best_at_low)},
         {"best_at_high", place_in(of.pathways, swing.best_at_high)},
         {"switches_at", swing.switches_at}});
  Json data{{"label", of.long_name},
            {"unit", of.unit},
            {"is_share", is_share_in(input, of.measure)},
            {"pathways", pathways},
            {"pathway", place_in(of.pathways, of.pathway)},
            {"against", nullptr},
            {"base", of.base},
            {"swings", swings},
            {"two_way", nullptr}};
  if (!of.against.empty()) data["against"] = place_in(of.pathways, of.against);
  if (!of.two_way) return data;
  const ReportedTwoWay& two = *of.two_way;
  Json difference = Json::array(), best = Json::array();
  const std::size_t columns = two.second_values.size();
  for (std::size_t i = 0; i < two.first_values.size(); ++i) {
    Json differences = Json::array(), bests = Json::array();
    for (std::size_t j = 0; j < columns; ++j) {
      differences.push_back(two.difference[i * columns + j]);
      const std::size_t place =
          place_in(of.pathways, two.best[i * columns + j]);
      bests.push_back(place < of.pathways.size() ? Json(place) : Json());
    }
    difference.push_back(differences);
    best.push_back(bests);
  }
  data["two_way"] =
      Json{{"first", axis_of(input, of, two.first, two.first_label)},
           {"second", axis_of(input, of, two.second, two.second_label)},
           {"first_values", two.first_values},
           {"second_values", two.second_values},
           {"difference", difference},
           {"best", best}};
  return data;
}

nlohmann::ordered_json alternatives_data(const ReportInput& input,
                                         const ReportedAlternatives& of) {
  Json alternatives = Json::array(), measures = Json::array(),
       perspectives = Json::array();
  for (std::size_t a = 0; a < of.names.size(); ++a)
    alternatives.push_back({{"name", of.names[a]}, {"label", of.labels[a]}});
  for (const std::string& name : of.perspectives)
    perspectives.push_back(
        {{"name", name}, {"label", label_of_perspective(input, name)}});
  for (const std::size_t m : measures_asked(input, of)) {
    const auto undiscounted = undiscounted_instead(of, m);
    const auto table = [&](const std::vector<double>& values, int figures) {
      Json all = Json::array();
      for (std::size_t a = 0; a < of.names.size(); ++a) {
        Json row = Json::array();
        for (std::size_t p = 0; p < of.pathways.size(); ++p)
          row.push_back(short_number(
              values[of.place(a, p, undiscounted[a].value_or(m))], figures));
        all.push_back(row);
      }
      return all;
    };
    Json not_discounted = Json::array();
    for (std::size_t a = 0; a < of.names.size(); ++a)
      if (undiscounted[a]) not_discounted.push_back(a);
    measures.push_back({{"name", of.measures[m]},
                        {"label", of.measure_labels[m]},
                        {"unit", of.measure_units[m]},
                        {"is_share", is_share_in(input, of.measures[m])},
                        {"not_discounted", not_discounted},
                        {"mean", table(of.mean, 17)},
                        {"se", table(of.se, 4)},
                        {"difference", table(of.difference, 17)},
                        {"difference_se", table(of.difference_se, 4)}});
  }
  Json best = Json::array(), chosen = Json::array();
  for (const std::string& name : of.chosen)
    chosen.push_back(name.empty() ? Json() : Json(place_in(of.pathways, name)));
  std::size_t at = 0;
  for (std::size_t a = 0; a < of.names.size() && !of.best.empty(); ++a) {
    Json by_perspective = Json::array();
    for (std::size_t i = 0; i < of.perspectives.size(); ++i) {
      Json by_threshold = Json::array();
      for (std::size_t t = 0; t < of.thresholds.size(); ++t) {
        const std::size_t place = place_in(of.pathways, of.best[at++]);
        by_threshold.push_back(place < of.pathways.size() ? Json(place)
                                                          : Json());
      }
      by_perspective.push_back(by_threshold);
    }
    best.push_back(by_perspective);
  }
  return Json{{"pathways", pathways_of(of)},
              {"alternatives", alternatives},
              {"measures", measures},
              {"perspectives", perspectives},
              {"thresholds", of.thresholds},
              {"label", of.long_name},
              {"chosen", chosen},
              {"best", best}};
}

}  // namespace stardsim
