#include "sim/analysis/sensitivity.hpp"

#include "models/distribution.hpp"
#include "models/inputs.hpp"
#include "models/spelling.hpp"
#include "sim/analysis/comparison.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string_view>
#include <variant>

namespace stardsim {
namespace {

constexpr double not_known = std::numeric_limits<double>::quiet_NaN();
constexpr double tail = 0.025;

[[noreturn]] void refuse(const std::string& line) {
  throw std::invalid_argument(line);
}

std::string unit_of_money(const Economics& economics) {
  return economics.currency + " " + std::to_string(economics.price_year);
}

Figure of_measure(const std::vector<Measure>& measures, std::size_t m) {
  Figure figure;
  figure.name = measures[m].name;
  figure.long_name = measures[m].long_name;
  figure.unit = measures[m].unit;
  figure.better = measures[m].better;
  figure.is_share = measures[m].what <= Measure::What::procedure_death;
  figure.measure = m;
  return figure;
}

Measure::What remission_under(Estimand estimand) {
  switch (estimand) {
    case Estimand::if_all_continue:
      return Measure::What::remission_if_all_continue;
    case Estimand::observed:
      return Measure::What::remission;
    case Estimand::sustained:
      return Measure::What::sustained_remission;
  }
  return Measure::What::remission;
}

bool has_net_benefit(const Scenario& scenario,
                     const DecisionMeasures& decision) {
  return decision.effect != no_measure && !decision.costs.empty() &&
         decision.costs[scenario.economics->perspective] != no_measure;
}

std::size_t perspective_of(const Economics& economics,
                           const std::optional<std::string>& asked) {
  if (!asked) return economics.perspective;
  std::vector<std::string> names;
  for (std::size_t p = 0; p < economics.perspectives.size(); ++p) {
    if (economics.perspectives[p].name == *asked) return p;
    names.push_back(economics.perspectives[p].name);
  }
  refuse("--perspective: " + in_quotes(*asked) + " is none of " +
         listed(names) + suggestion(*asked, names));
}

std::string short_number(double number) {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  return std::string(digits, end);
}

Figure net_benefit(const Scenario& scenario, const DecisionMeasures& decision,
                   const std::optional<std::string>& perspective,
                   const std::optional<double>& threshold) {
  const Economics& economics = *scenario.economics;
  if (!threshold && economics.thresholds.empty())
    refuse("--threshold: the scenario states none; give the worth of a QALY");
  const std::size_t p = perspective_of(economics, perspective);
  Figure figure;
  figure.name = "net_benefit";
  figure.threshold = threshold.value_or(
      economics.thresholds.empty() ? 0 : economics.thresholds.front());
  figure.perspective = economics.perspectives[p].name;
  figure.long_name = "Net benefit, " + economics.perspectives[p].label;
  figure.unit = unit_of_money(economics);
  figure.effect = decision.effect;
  figure.cost = decision.costs[p];
  return figure;
}

}  // namespace

Figure figure_of(const Scenario& scenario,
                 const std::optional<std::string>& name,
                 const std::optional<std::string>& perspective,
                 const std::optional<double>& threshold) {
  const auto measures = measures_of(scenario);
  const auto decision = decision_measures(scenario, measures);
  const bool weighs = has_net_benefit(scenario, decision);
  const bool asks_net_benefit =
      name ? *name == "net_benefit"
           : weighs && (threshold || perspective ||
                        !scenario.economics->thresholds.empty());
  if (asks_net_benefit) {
    if (!weighs)
      refuse(
          "--measure: net_benefit needs costs and QALYs, which the scenario "
          "does not have");
    return net_benefit(scenario, decision, perspective, threshold);
  }
  if (perspective || threshold)
    refuse(std::string(perspective ? "--perspective" : "--threshold") +
           (weighs ? ": is of --measure net_benefit"
                   : ": net benefit needs costs and QALYs, which the scenario "
                     "does not have"));
  if (!name)
    return of_measure(
        measures, find_measure(measures, remission_under(scenario.estimand)));
  const std::size_t found = find_measure(measures, *name);
  if (found != no_measure) return of_measure(measures, found);
  std::vector<std::string> names;
  if (weighs) names.emplace_back("net_benefit");
  for (const Measure& measure : measures) names.push_back(measure.name);
  refuse("--measure: " + in_quotes(*name) + " is none of " + listed(names) +
         suggestion(*name, names));
}

// ---- readings ----

namespace {

/// Of the figure on a strategy, or of its difference from another.
double standard_error(const Figure& figure, const Comparison& comparison,
                      std::size_t strategy, std::optional<std::size_t> less) {
  const auto of = [&](std::size_t measure) {
    return Contrast{measure, strategy, less};
  };
  double variance;
  if (figure.measure != no_measure) {
    variance = comparison.covariance(of(figure.measure), of(figure.measure));
  } else {
    const Contrast effect = of(figure.effect), cost = of(figure.cost);
    variance = figure.threshold * figure.threshold *
                   comparison.covariance(effect, effect) -
               2 * figure.threshold * comparison.covariance(cost, effect) +
               comparison.covariance(cost, cost);
  }
  return variance < 0 ? 0 : std::sqrt(variance);
}

}  // namespace

Reading::Reading(const Figure& figure, const Scenario& scenario,
                 const Tally& tally) {
  const Comparison comparison({run_outcomes(scenario, tally, 0, "", "")},
                              scenario.reference);
  const RunOutcomes& run = comparison.runs().front();
  const Outcomes& outcomes = run.outcomes;
  const double patients = static_cast<double>(tally.patients);
  has_error_ = tally.patients >= 2;
  means_.assign(outcomes.pathways, 0);
  deviations_.assign(outcomes.pathways, {});
  const auto add = [&](std::size_t measure, double weight) {
    const double quantum = weight * run.measures[measure].quantum;
    for (std::size_t p = 0; p < outcomes.pathways; ++p) {
      const std::size_t at = p * outcomes.measures + measure;
      const auto sum = static_cast<double>(outcomes.sum[at]);
      means_[p] += quantum * (sum / patients);
      for (std::size_t b = 0; b < batch_count; ++b) {
        const std::uint64_t members =
            tally.patients / batch_count + (b < tally.patients % batch_count);
        const auto size = static_cast<double>(members);
        const auto here =
            static_cast<double>(outcomes.by_batch[at * batch_count + b]);
        deviations_[p][b] +=
            quantum * (here - size * (sum / patients)) / patients;
      }
    }
  };
  if (figure.measure != no_measure) {
    add(figure.measure, 1);
  } else {
    add(figure.effect, figure.threshold);
    add(figure.cost, -1);
  }
  for (std::size_t p = 0; p < outcomes.pathways; ++p)
    for (std::size_t q = 0; q < outcomes.pathways; ++q)
      errors_.push_back(standard_error(
          figure, comparison, p,
          p == q ? std::nullopt : std::optional<std::size_t>(q)));
}

Mean Reading::sum(const std::vector<Term>& terms) {
  constexpr double batches = batch_count;
  Mean sum{0, 0};
  bool has_error = true;
  for (const Term& term : terms) {
    sum.mean += term.weight * term.reading->means_[term.pathway];
    has_error = has_error && term.reading->has_error_;
  }
  if (has_error && terms.size() <= 2) {
    const Term& first = terms.front();
    const Term& last = terms.back();
    const bool is_one = terms.size() == 1;
    if (is_one ||
        (first.reading == last.reading && first.pathway != last.pathway &&
         first.weight == -last.weight)) {
      const std::size_t pathways = first.reading->means_.size();
      const double se =
          first.reading->errors_[first.pathway * pathways + last.pathway];
      if (!std::isnan(se)) return {sum.mean, std::fabs(first.weight) * se};
    }
  }
  double squares = 0;
  for (std::size_t b = 0; b < batch_count; ++b) {
    double deviation = 0;
    for (const Term& term : terms)
      deviation += term.weight * term.reading->deviations_[term.pathway][b];
    squares += deviation * deviation;
  }
  sum.se = has_error ? std::sqrt(squares * batches / (batches - 1)) : not_known;
  return sum;
}

Mean Reading::mean(std::size_t pathway) const {
  return sum({{this, pathway, 1}});
}

namespace {

Mean difference(const Reading& reading, const Contrasted& of) {
  std::vector<Reading::Term> terms{{&reading, of.pathway, 1}};
  if (of.against) terms.push_back({&reading, *of.against, -1});
  return Reading::sum(terms);
}

Mean change(const Reading& from, const Reading& to, const Contrasted& of) {
  std::vector<Reading::Term> terms{{&to, of.pathway, 1},
                                   {&from, of.pathway, -1}};
  if (of.against) {
    terms.push_back({&to, *of.against, -1});
    terms.push_back({&from, *of.against, 1});
  }
  return Reading::sum(terms);
}

// ---- ranges ----

Bounds stated_range(const Evidence& evidence) {
  if (std::holds_alternative<Exact>(evidence.certainty))
    return {not_known, not_known};
  if (const auto* uniform = std::get_if<Uniform>(&evidence.certainty))
    return {uniform->low, uniform->high};
  if (!std::holds_alternative<Spread>(evidence.certainty))
    return bounds_of_95(evidence);
  const Distribution distribution = distribution_of(evidence);
  return {quantile(distribution, tail), quantile(distribution, 1 - tail)};
}

bool is_possible(const Scenario& scenario, const std::string& key,
                 double value) {
  try {
    with(scenario, {{key, value}});
    return true;
  } catch (const std::invalid_argument&) {
    return false;
  }
}

/// The end, or the possible value next to it on the way from the base.
double cut(const Scenario& scenario, const Evidence& base, double end,
           bool& is_cut) {
  is_cut = !is_possible(scenario, base.key, end);
  if (!is_cut) return end;
  constexpr int halvings = 40;
  double possible = base.value;
  for (int i = 0; i < halvings; ++i) {
    const double middle = possible + (end - possible) / 2;
    (is_possible(scenario, base.key, middle) ? possible : end) = middle;
  }
  return possible;
}

ParameterRange range_of(const Scenario& scenario, const Parameter& parameter,
                        Bounds bounds, bool is_own) {
  const Evidence& evidence = parameter.evidence;
  if (is_own)
    for (const double end : {bounds.low, bounds.high})
      if (!(end >= evidence.range.lowest && end <= evidence.range.highest))
        refuse("--parameter: " + evidence.key + ": " + short_number(end) +
               " is not " + evidence.range.allowed);
  ParameterRange range{parameter, bounds.low, bounds.high,
                       is_own,    false,      false};
  range.low = cut(scenario, evidence, bounds.low, range.low_is_cut);
  range.high = cut(scenario, evidence, bounds.high, range.high_is_cut);
  return range;
}

void refuse_unknown(const std::string& pattern,
                    const std::vector<Parameter>& parameters) {
  if (pattern.find('*') != pattern.npos)
    refuse("--parameter: " + in_quotes(pattern) +
           " fits no number of the scenario (* stands for any part of a key, "
           "as in steps.*.remission)");
  std::vector<std::string> keys;
  keys.reserve(parameters.size());
  for (const Parameter& one : parameters) keys.push_back(one.evidence.key);
  std::string hint = suggestion(pattern, keys);
  // A part of a key is more often forgotten than misspelt.
  const std::string last = pattern.substr(pattern.rfind('.') + 1);
  for (const std::string& key : keys)
    if (hint.empty() && key.ends_with("." + last))
      hint = "; did you mean " + in_quotes(key) + "?";
  refuse("--parameter: " + in_quotes(pattern) +
         " is no number of the scenario that can be varied" + hint);
}

}  // namespace

Asked parse_asked(const std::string& text) {
  const auto equals = text.find('=');
  Asked asked{text.substr(0, equals), {}};
  if (asked.pattern.empty())
    refuse("--parameter: " + in_quotes(text) + " names no key");
  if (equals == text.npos) return asked;
  const std::string range = text.substr(equals + 1);
  const auto colon = range.find(':');
  const auto number = [&](const std::string& digits) {
    double value = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size() ||
        !std::isfinite(value))
      refuse("--parameter: " + in_quotes(text) +
             " is not KEY=LOW:HIGH, such as steps.step1.remission=0.2:0.6");
    return value;
  };
  const double low = number(range.substr(0, colon));
  const double high =
      number(colon == range.npos ? std::string() : range.substr(colon + 1));
  if (!(low < high))
    refuse("--parameter: " + in_quotes(text) +
           ": the low end must be below the high one");
  asked.range = {low, high};
  return asked;
}

Ranges ranges_of(const Scenario& scenario, const std::vector<Asked>& asked) {
  const auto parameters = parameters_of(scenario);
  Ranges ranges;
  std::vector<bool> is_used(asked.size());
  for (const Parameter& parameter : parameters) {
    const Evidence& evidence = parameter.evidence;
    const Asked* by = nullptr;
    for (std::size_t i = 0; i < asked.size(); ++i)
      if (matches(asked[i].pattern, evidence.key)) {
        is_used[i] = true;
        // A range of one's own stands, whatever else matches.
        if (!by || asked[i].range) by = &asked[i];
      }
    if (!asked.empty() && !by) continue;
    const bool is_own = by && by->range;
    const Bounds bounds = is_own ? Bounds{by->range->first, by->range->second}
                                 : stated_range(evidence);
    if (std::isnan(bounds.low) || !(bounds.low < bounds.high))
      ranges.held.push_back(parameter);
    else
      ranges.varied.push_back(range_of(scenario, parameter, bounds, is_own));
  }
  for (std::size_t i = 0; i < asked.size(); ++i)
    if (!is_used[i]) refuse_unknown(asked[i].pattern, parameters);
  return ranges;
}

// ---- decisions ----

std::size_t best_pathway(const Figure& figure, const std::vector<double>& means,
                         std::size_t reference) {
  std::size_t best = reference;
  for (std::size_t p = 0; p < means.size(); ++p)
    if (figure.better * (means[p] - means[best]) > 0) best = p;
  return best;
}

Contrasted contrasted(const Figure& figure, const std::vector<double>& means,
                      std::size_t reference, std::optional<std::size_t> pathway,
                      std::optional<std::size_t> against) {
  if (means.size() == 1) return {0, std::nullopt};
  if (pathway && !against && *pathway != reference) against = reference;
  if (pathway && against) return {*pathway, against};
  // The one that is missing is the best of the others.
  const std::size_t given = pathway ? *pathway : against.value_or(reference);
  const int sign = figure.better < 0 ? -1 : 1;
  std::optional<std::size_t> best;
  for (std::size_t p = 0; p < means.size(); ++p)
    if (p != given && (!best || sign * (means[p] - means[*best]) > 0)) best = p;
  if (pathway) return {given, best};
  return {*best, given};
}

double Swing::width() const {
  const double least = std::min({low_change.mean, 0.0, high_change.mean});
  const double most = std::max({low_change.mean, 0.0, high_change.mean});
  return most - least;
}

OneWay one_way(const Scenario& scenario, const Figure& figure,
               const std::vector<ParameterRange>& ranges,
               const ReadVariants& read, std::optional<std::size_t> pathway,
               std::optional<std::size_t> against) {
  std::vector<Scenario> variants{scenario};
  for (const ParameterRange& range : ranges)
    for (const double end : {range.low, range.high})
      variants.push_back(with(scenario, {{range.parameter.evidence.key, end}}));
  std::vector<Reading> readings = read(variants);
  OneWay one;
  one.base = std::move(readings.front());
  one.best = best_pathway(figure, one.base.means(), scenario.reference);
  one.of = contrasted(figure, one.base.means(), scenario.reference, pathway,
                      against);
  one.base_difference = difference(one.base, one.of);
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    Swing swing;
    swing.range = ranges[i];
    swing.at_low = std::move(readings[1 + 2 * i]);
    swing.at_high = std::move(readings[2 + 2 * i]);
    swing.low = difference(swing.at_low, one.of);
    swing.high = difference(swing.at_high, one.of);
    swing.low_change = change(one.base, swing.at_low, one.of);
    swing.high_change = change(one.base, swing.at_high, one.of);
    swing.best_at_low =
        best_pathway(figure, swing.at_low.means(), scenario.reference);
    swing.best_at_high =
        best_pathway(figure, swing.at_high.means(), scenario.reference);
    one.swings.push_back(std::move(swing));
  }
  std::stable_sort(
      one.swings.begin(), one.swings.end(),
      [](const Swing& a, const Swing& b) { return a.width() > b.width(); });
  return one;
}

namespace {

/// The bracket in which a decision changes: as at the base at `inner`, another
/// at `outer`.
struct Search {
  std::size_t swing;
  bool is_above;
  double inner, outer;
  Reading at_inner, at_outer;
  std::size_t from, to;
  double slope = not_known;  ///< of the difference of the two pathways

  /// The steepness between the ends, as long as luck does not blur it.
  void look(std::size_t best_at_outer) {
    constexpr double clear = 5;  // standard errors
    if (best_at_outer != to) slope = not_known;
    to = best_at_outer;
    const Mean rise = change(at_inner, at_outer, {to, from});
    if (std::isnan(slope) || std::fabs(rise.mean) > clear * rise.se)
      slope = rise.mean / (outer - inner);
  }
  /// The Monte Carlo error of the value that is looked for.
  double error() const {
    return difference(at_outer, {to, from}).se / std::fabs(slope);
  }
  bool is_done() const {
    constexpr double fine = 0.02, finest = 1e-12;
    const double width = std::fabs(outer - inner);
    return width < fine * error() ||
           width <= finest * std::max(std::fabs(inner), std::fabs(outer));
  }
  Switch result() const {
    const double at_inner_end = difference(at_inner, {to, from}).mean;
    const double at_outer_end = difference(at_outer, {to, from}).mean;
    const double share = at_outer_end == at_inner_end
                             ? 0.5
                             : -at_inner_end / (at_outer_end - at_inner_end);
    return {inner + std::clamp(share, 0.0, 1.0) * (outer - inner), error(),
            from, to};
  }
};

}  // namespace

void find_switches(const Scenario& scenario, const Figure& figure, OneWay& one,
                   const ReadVariants& read) {
  constexpr int most_rounds = 50;
  std::vector<Search> searches;
  for (std::size_t s = 0; s < one.swings.size(); ++s) {
    const Swing& swing = one.swings[s];
    const double base = swing.range.parameter.evidence.value;
    const auto begin = [&](bool is_above, double end, const Reading& at_end,
                           std::size_t best_at_end) {
      if (best_at_end == one.best || end == base) return;
      Search search{s,      is_above, base,        end,      one.base,
                    at_end, one.best, best_at_end, not_known};
      search.look(best_at_end);
      searches.push_back(std::move(search));
    };
    begin(false, swing.range.low, swing.at_low, swing.best_at_low);
    begin(true, swing.range.high, swing.at_high, swing.best_at_high);
  }
  for (int round = 0; round < most_rounds; ++round) {
    std::vector<Search*> open;
    std::vector<Scenario> variants;
    for (Search& search : searches) {
      if (search.is_done()) continue;
      open.push_back(&search);
      variants.push_back(with(
          scenario, {{one.swings[search.swing].range.parameter.evidence.key,
                      search.inner + (search.outer - search.inner) / 2}}));
    }
    if (open.empty()) break;
    std::vector<Reading> readings = read(variants);
    for (std::size_t i = 0; i < open.size(); ++i) {
      Search& search = *open[i];
      const double middle = search.inner + (search.outer - search.inner) / 2;
      const std::size_t best =
          best_pathway(figure, readings[i].means(), scenario.reference);
      const bool is_inner = best == one.best;
      (is_inner ? search.inner : search.outer) = middle;
      (is_inner ? search.at_inner : search.at_outer) = std::move(readings[i]);
      search.look(is_inner ? search.to : best);
    }
  }
  for (const Search& search : searches) {
    Swing& swing = one.swings[search.swing];
    (search.is_above ? swing.above : swing.below) = search.result();
  }
}

TwoWay two_way(const Scenario& scenario, const Figure& figure,
               const ParameterRange& first, const ParameterRange& second,
               const ReadVariants& read, std::optional<std::size_t> pathway,
               std::optional<std::size_t> against) {
  const auto values = [](const ParameterRange& range) {
    std::vector<double> grid(grid_points);
    for (std::size_t i = 0; i < grid_points; ++i)
      grid[i] = range.low + (range.high - range.low) * static_cast<double>(i) /
                                static_cast<double>(grid_points - 1);
    grid.back() = range.high;
    return grid;
  };
  TwoWay two;
  two.first = first;
  two.second = second;
  two.first_values = values(first);
  two.second_values = values(second);
  two.cells.resize(grid_points * grid_points);
  std::vector<Scenario> variants{scenario};
  std::vector<std::size_t> places;
  for (std::size_t c = 0; c < two.cells.size(); ++c) try {
      variants.push_back(with(
          scenario,
          {{first.parameter.evidence.key, two.first_values[c / grid_points]},
           {second.parameter.evidence.key,
            two.second_values[c % grid_points]}}));
      places.push_back(c);
    } catch (const std::invalid_argument&) {
      // Not possible together.
    }
  const std::vector<Reading> readings = read(variants);
  const auto& base = readings.front().means();
  two.best = best_pathway(figure, base, scenario.reference);
  two.of = contrasted(figure, base, scenario.reference, pathway, against);
  two.base_difference = difference(readings.front(), two.of);
  for (std::size_t i = 0; i < places.size(); ++i) {
    const Reading& reading = readings[i + 1];
    two.cells[places[i]] =
        TwoWay::Cell{difference(reading, two.of),
                     best_pathway(figure, reading.means(), scenario.reference)};
  }
  return two;
}

}  // namespace stardsim
