// One-way, two-way and threshold analyses against closed forms.
#include "sim/analysis/sensitivity.hpp"

#include "models/inputs.hpp"
#include "models/law.hpp"
#include "sim/analysis/cost_effectiveness.hpp"
#include "sim/core/simulate.hpp"
#include "sim/core/variants.hpp"
#include "sim/io/scenario_reader.hpp"
#include "tests/program.hpp"
#include "tests/scenarios.hpp"

#include <boost/math/distributions/beta.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

using namespace stardsim;
using stardsim::test::Folder;
using stardsim::test::from_file;
using stardsim::test::one_step_or_two;

namespace {

RunOptions options_of(const Scenario& scenario) {
  RunOptions run;
  run.patients = scenario.cohort.patients;
  run.luck.seed = scenario.cohort.seed;
  return run;
}

/// Each variant in a run of its own.
ReadVariants by_full_runs(const Figure& figure) {
  return [figure](const std::vector<Scenario>& variants) {
    std::vector<Reading> readings;
    for (const Scenario& variant : variants)
      readings.emplace_back(figure, variant,
                            simulate(compile(variant), options_of(variant)));
    return readings;
  };
}

ReadVariants by_variants(const Figure& figure, const Scenario& base) {
  return [&figure, &base](const std::vector<Scenario>& variants) {
    std::vector<Law> laws;
    for (const Scenario& variant : variants) laws.push_back(compile(variant));
    const VariantTallies tallies =
        simulate_variants(compile(base), laws, options_of(base));
    std::vector<Reading> readings;
    for (std::size_t v = 0; v < variants.size(); ++v)
      readings.emplace_back(figure, variants[v], tallies.variants[v]);
    return readings;
  };
}

const std::vector<std::string> steps{"step1", "step2", "step3", "step4"};
const std::vector<double> rates{0.368, 0.306, 0.137, 0.130};
const std::vector<double> entrants{3671, 1439, 390, 123};

std::string remission_key(std::size_t step) {
  return "steps." + steps[step] + ".remission";
}

/// What everybody's non-remission in the other steps multiplies.
double others_fail(std::size_t step) {
  double product = 1;
  for (std::size_t s = 0; s < rates.size(); ++s)
    if (s != step) product *= 1 - rates[s];
  return product;
}

Bounds beta_bounds(std::size_t step) {
  const boost::math::beta_distribution<double> law(
      rates[step] * entrants[step], (1 - rates[step]) * entrants[step]);
  return {boost::math::quantile(law, 0.025), boost::math::quantile(law, 0.975)};
}

Scenario stard(std::uint64_t patients) {
  Scenario scenario = from_file("configs/stard.toml");
  scenario.cohort.patients = patients;
  return scenario;
}

Scenario read_text(const std::string& text) {
  const Folder folder;
  return read_scenario(folder.write("a.toml", text)).scenario;
}

std::string refusal(const std::function<void()>& act) {
  try {
    act();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "not refused";
}

const Swing& swing_of(const OneWay& one, const std::string& key) {
  for (const Swing& swing : one.swings)
    if (swing.range.parameter.evidence.key == key) return swing;
  throw std::logic_error("no such swing: " + key);
}

}  // namespace

TEST_CASE("Cumulative remission follows one rate as the product rule says",
          "[analysis][sensitivity]") {
  const Scenario scenario = stard(200'000);
  const Figure figure = figure_of(scenario);
  REQUIRE(figure.name == "remission_if_all_continue");
  CHECK(figure.is_share);
  const Ranges ranges = ranges_of(scenario, {parse_asked("steps.*.remission")});
  REQUIRE(ranges.varied.size() == 4);
  const OneWay one =
      one_way(scenario, figure, ranges.varied, by_full_runs(figure));
  CHECK_FALSE(one.of.against.has_value());
  for (std::size_t s = 0; s < steps.size(); ++s) {
    const Swing& swing = swing_of(one, remission_key(s));
    const Bounds bounds = beta_bounds(s);
    INFO(remission_key(s));
    CHECK(swing.range.low == Approx(bounds.low).epsilon(1e-9));
    CHECK(swing.range.high == Approx(bounds.high).epsilon(1e-9));
    const auto check = [&](double end, const Mean& change, const Mean& there) {
      const double expected = (end - rates[s]) * others_fail(s);
      CHECK(std::fabs(change.mean - expected) < 4 * change.se);
      // The patients in whom it differs are a share q of all: binomial. From
      // 256 batches, so with a relative error of 1 / sqrt(2 * 255).
      const double q = std::fabs(expected);
      const double se = std::sqrt(
          q * (1 - q) / static_cast<double>(scenario.cohort.patients));
      CHECK(std::fabs(change.se / se - 1) < 4 / std::sqrt(2 * 255.0));
      CHECK(there.mean ==
            Approx(one.base_difference.mean + change.mean).epsilon(1e-12));
    };
    check(bounds.low, swing.low_change, swing.low);
    check(bounds.high, swing.high_change, swing.high);
  }
}

TEST_CASE("A tornado is in the order of its swings",
          "[analysis][sensitivity]") {
  const Scenario scenario = stard(200'000);
  const Figure figure = figure_of(scenario);
  const Ranges ranges = ranges_of(scenario, {parse_asked("steps.*.remission")});
  const OneWay one =
      one_way(scenario, figure, ranges.varied, by_full_runs(figure));
  std::vector<std::pair<double, std::string>> expected;
  for (std::size_t s = 0; s < steps.size(); ++s) {
    const Bounds bounds = beta_bounds(s);
    expected.push_back(
        {(bounds.high - bounds.low) * others_fail(s), remission_key(s)});
  }
  std::sort(expected.rbegin(), expected.rend());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CHECK(one.swings[i].range.parameter.evidence.key == expected[i].second);
    if (i > 0) CHECK(one.swings[i].width() <= one.swings[i - 1].width());
  }
}

TEST_CASE("A number without effect has no swing at all",
          "[analysis][sensitivity]") {
  // Whoever leaves between steps counts nowhere if all continue.
  const Scenario scenario = stard(20'000);
  const Figure figure = figure_of(scenario);
  const Ranges ranges =
      ranges_of(scenario, {parse_asked("steps.*.continue_if_not_remitted")});
  REQUIRE(ranges.varied.size() == 3);
  const OneWay one =
      one_way(scenario, figure, ranges.varied, by_full_runs(figure));
  for (const Swing& swing : one.swings) {
    CHECK(swing.width() == 0);
    CHECK(swing.low_change.se == 0);
    CHECK(swing.high_change.se == 0);
  }
}

TEST_CASE("Swings by variants are those by full runs, to the last bit",
          "[analysis][sensitivity]") {
  Scenario scenario = stard(20'000);
  scenario.estimand = Estimand::observed;
  const Figure figure = figure_of(scenario);
  const Ranges ranges = ranges_of(scenario);
  REQUIRE(ranges.varied.size() == 11);
  const OneWay full =
      one_way(scenario, figure, ranges.varied, by_full_runs(figure));
  const OneWay quick =
      one_way(scenario, figure, ranges.varied, by_variants(figure, scenario));
  REQUIRE(full.swings.size() == quick.swings.size());
  for (std::size_t i = 0; i < full.swings.size(); ++i) {
    CHECK(full.swings[i].low.mean == quick.swings[i].low.mean);
    CHECK(full.swings[i].high.mean == quick.swings[i].high.mean);
    CHECK(full.swings[i].low_change.se == quick.swings[i].low_change.se);
  }
}

TEST_CASE("The decision changes where the closed form says",
          "[analysis][sensitivity]") {
  const Scenario scenario = read_text(one_step_or_two);
  const Figure figure = figure_of(scenario);
  const Ranges ranges =
      ranges_of(scenario, {parse_asked("steps.a1.remission")});
  const auto read = by_full_runs(figure);
  OneWay one = one_way(scenario, figure, ranges.varied, read);
  CHECK(one.best == 1);
  CHECK(one.of.pathway == 0);
  CHECK(one.of.against == 1);
  find_switches(scenario, figure, one, read);
  const Swing& swing = one.swings.front();
  CHECK_FALSE(swing.below.has_value());
  CHECK(swing.best_at_low == 1);
  CHECK(swing.best_at_high == 0);
  REQUIRE(swing.above.has_value());
  CHECK(swing.above->from == 1);
  CHECK(swing.above->to == 0);
  CHECK(std::fabs(swing.above->value - 0.4) < 4 * swing.above->se);
  // Both pathways have the same first word: where it is below 0.2 both remit,
  // from there to 0.4 A alone unless B's second word is below 0.25, from 0.4 on
  // B alone if it is. So the difference has variance 0.2 * 0.75 + 0.6 * 0.25,
  // and its slope is 1. The error of 256 batches and of the slope, which is
  // told to a fifth at worst where the rise is 5 standard errors.
  const double se = std::sqrt(0.30 / 100'000);
  CHECK(std::fabs(swing.above->se / se - 1) < 4 / std::sqrt(2 * 255.0) + 0.2);
}

TEST_CASE("A switch is found below the value, and in a number of the other",
          "[analysis][sensitivity]") {
  // B comes to 0.3 with a second rate of 0.125.
  const Scenario scenario = read_text(one_step_or_two);
  const Figure figure = figure_of(scenario);
  const Ranges ranges =
      ranges_of(scenario, {parse_asked("steps.b2.remission=0.05:0.5")});
  const auto read = by_full_runs(figure);
  OneWay one = one_way(scenario, figure, ranges.varied, read);
  find_switches(scenario, figure, one, read);
  const Swing& swing = one.swings.front();
  CHECK_FALSE(swing.above.has_value());
  REQUIRE(swing.below.has_value());
  CHECK(std::fabs(swing.below->value - 0.125) < 4 * swing.below->se);
  CHECK(swing.below->to == 0);
  CHECK(swing.below->se > 0);
  CHECK(swing.below->se < 0.01);
}

TEST_CASE("A grid of two numbers holds its corners and the decision on it",
          "[analysis][sensitivity]") {
  const Scenario scenario = read_text(one_step_or_two);
  const Figure figure = figure_of(scenario);
  const Ranges ranges =
      ranges_of(scenario, {parse_asked("steps.a1.remission=0.2:0.6"),
                           parse_asked("steps.b2.remission=0:0.5")});
  const TwoWay two = two_way(scenario, figure, ranges.varied[0],
                             ranges.varied[1], by_full_runs(figure));
  REQUIRE(two.cells.size() == grid_points * grid_points);
  for (std::size_t i = 0; i < grid_points; ++i)
    for (std::size_t j = 0; j < grid_points; ++j) {
      const double a = two.first_values[i], b2 = two.second_values[j];
      CHECK(a == Approx(0.2 + 0.04 * static_cast<double>(i)));
      CHECK(b2 == Approx(0.05 * static_cast<double>(j)).margin(1e-12));
      const auto& cell = two.cells[i * grid_points + j];
      REQUIRE(cell.has_value());
      const double expected = a - (1 - 0.8 * (1 - b2));
      // 121 cells, but luck is common to them: one bound for all.
      CHECK(std::fabs(cell->difference.mean - expected) <
            4.5 * cell->difference.se + 1e-12);
      if (std::fabs(expected) > 5 * cell->difference.se + 1e-9)
        CHECK(cell->best == (expected > 0 ? 0 : 1));
    }
}

TEST_CASE("Net benefit is that of the cost-effectiveness tables",
          "[analysis][sensitivity]") {
  Scenario scenario = from_file("configs/ect_timing.toml");
  scenario.cohort.patients = 10'000;
  const Figure figure = figure_of(scenario);
  REQUIRE(figure.name == "net_benefit");
  CHECK(figure.threshold == scenario.economics->thresholds.front());
  const Tally tally = simulate(compile(scenario), options_of(scenario));
  const Reading reading(figure, scenario, tally);
  const Comparison comparison({run_outcomes(scenario, tally, 1, "", "")},
                              scenario.reference);
  for (std::size_t p = 0; p < scenario.pathways.size(); ++p) {
    const NetBenefit benefit =
        net_benefits(comparison, p, scenario.economics->perspective,
                     {figure.threshold})
            .front();
    CHECK(reading.mean(p).mean == Approx(benefit.benefit.mean).epsilon(1e-12));
    CHECK(reading.mean(p).se == Approx(benefit.benefit.se).epsilon(1e-9));
    if (p == scenario.reference) continue;
    const Mean difference =
        Reading::sum({{&reading, p, 1}, {&reading, scenario.reference, -1}});
    CHECK(difference.mean == Approx(benefit.difference.mean).epsilon(1e-9));
    CHECK(difference.se == Approx(benefit.difference.se).epsilon(1e-9));
  }
}

TEST_CASE("Ranges are the intervals of the evidence, or those asked for",
          "[analysis][sensitivity]") {
  const std::string text = R"([scenario]
title = "Ranges"
reference = "a"
[pathways]
a = ["one", "two"]
[steps.one]
weeks = 10
remission = { value = 0.3, low = 0.25, high = 0.36 }
intolerance = 0.15
[steps.two]
weeks = 10
remission = { events = 0, of = 20 }
intolerance = 0.2
)";
  Scenario scenario = read_text(text);
  scenario.steps[0].arms[0].intolerance->certainty = Uniform{0.1, 0.2};
  const Ranges ranges = ranges_of(scenario);
  REQUIRE(ranges.varied.size() == 3);
  CHECK(ranges.varied[0].low == 0.25);
  CHECK(ranges.varied[0].high == 0.36);
  CHECK(ranges.varied[1].low == 0.1);
  CHECK(ranges.varied[1].high == 0.2);
  // Clopper and Pearson 1934: 0 of 20, at most 1 - 0.025^(1/20).
  CHECK(ranges.varied[2].low == 0);
  CHECK(ranges.varied[2].high == Approx(1 - std::pow(0.025, 1 / 20.0)));
  std::vector<std::string> held;
  for (const Parameter& one : ranges.held) held.push_back(one.evidence.key);
  CHECK(std::count(held.begin(), held.end(), "steps.two.intolerance") == 1);

  const Ranges own =
      ranges_of(scenario, {parse_asked("steps.two.intolerance=0.1:0.4"),
                           parse_asked("steps.*.intolerance")});
  REQUIRE(own.varied.size() == 2);
  CHECK_FALSE(own.varied[0].is_own);
  CHECK(own.varied[1].is_own);
  CHECK(own.varied[1].low == 0.1);
  CHECK(own.varied[1].high == 0.4);
}

TEST_CASE("A range that makes probabilities sum to more than 1 is cut",
          "[analysis][sensitivity]") {
  const std::string text = R"([scenario]
title = "Cut"
reference = "a"
[pathways]
a = ["one"]
[steps.one]
weeks = 10
remission = { value = 0.6, low = 0.5, high = 0.8 }
intolerance = 0.3
)";
  const Ranges ranges = ranges_of(read_text(text));
  REQUIRE(ranges.varied.size() == 1);
  CHECK(ranges.varied[0].low == 0.5);
  CHECK_FALSE(ranges.varied[0].low_is_cut);
  CHECK(ranges.varied[0].high == Approx(0.7).margin(1e-8));
  CHECK(ranges.varied[0].high_is_cut);
}

TEST_CASE("What is asked for and is not there is refused in one line",
          "[analysis][sensitivity]") {
  const Scenario scenario = stard(1000);
  const auto asked = [&](const std::string& text) {
    return refusal([&] { ranges_of(scenario, {parse_asked(text)}); });
  };
  CHECK(asked("steps.step1.remision") ==
        "--parameter: \"steps.step1.remision\" is no number of the scenario "
        "that can be varied; did you mean \"steps.step1.remission\"?");
  CHECK(asked("remission") ==
        "--parameter: \"remission\" is no number of the scenario that can be "
        "varied; did you mean \"steps.step1.remission\"?");
  CHECK(asked("steps.*.cost").find("fits no number of the scenario") !=
        std::string::npos);
  CHECK(asked("steps.step1.remission=0.6") ==
        "--parameter: \"steps.step1.remission=0.6\" is not KEY=LOW:HIGH, such "
        "as steps.step1.remission=0.2:0.6");
  CHECK(asked("steps.step1.remission=0.6:0.2") ==
        "--parameter: \"steps.step1.remission=0.6:0.2\": the low end must be "
        "below the high one");
  CHECK(refusal([&] { figure_of(scenario, "remissio"); }) ==
        "--measure: \"remissio\" is none of remission_if_all_continue, "
        "remission, sustained_remission; did you mean \"remission\"?");
  CHECK(refusal([&] { figure_of(scenario, "net_benefit"); }) ==
        "--measure: net_benefit needs costs and QALYs, which the scenario does "
        "not have");
  CHECK(refusal([&] { figure_of(scenario, {}, {}, 50'000.0); }) ==
        "--threshold: net benefit needs costs and QALYs, which the scenario "
        "does not have");
}

TEST_CASE("A range of what can never be is refused, not cut",
          "[analysis][sensitivity]") {
  Scenario scenario = stard(1000);
  scenario.steps[0].arms[0].remission.range = {0, 1, "a probability (0 to 1)"};
  CHECK(refusal([&] {
          ranges_of(scenario, {parse_asked("steps.step1.remission=0.2:60")});
        }) ==
        "--parameter: steps.step1.remission: 60 is not a probability (0 to 1)");
}

TEST_CASE("Ties go to the reference, and what is compared follows from that",
          "[analysis][sensitivity]") {
  Figure more;
  CHECK(best_pathway(more, {1, 2, 2}, 1) == 1);
  CHECK(best_pathway(more, {1, 2, 2}, 2) == 2);
  CHECK(best_pathway(more, {3, 2, 2}, 2) == 0);
  Figure less;
  less.better = -1;
  CHECK(best_pathway(less, {1, 2, 2}, 2) == 0);
  Figure neither;
  neither.better = 0;
  CHECK(best_pathway(neither, {1, 2, 3}, 1) == 1);

  const auto pair = [](const Contrasted& of) {
    return std::make_pair(of.pathway, of.against);
  };
  using Pair = std::pair<std::size_t, std::optional<std::size_t>>;
  CHECK(pair(contrasted(more, {5}, 0)) == Pair{0, {}});
  // The reference is the best: the second best against it.
  CHECK(pair(contrasted(more, {9, 3, 4}, 0)) == Pair{2, 0});
  CHECK(pair(contrasted(more, {9, 3, 4}, 0, 1)) == Pair{1, 0});
  CHECK(pair(contrasted(more, {9, 3, 4}, 0, {}, 2)) == Pair{0, 2});
  CHECK(pair(contrasted(more, {9, 3, 4}, 0, 0)) == Pair{0, 2});
  CHECK(pair(contrasted(less, {9, 3, 4}, 0)) == Pair{1, 0});
  CHECK(pair(contrasted(more, {9, 3, 4}, 0, 1, 2)) == Pair{1, 2});
}
