#include "sim/analysis/precision.hpp"

#include "models/measure.hpp"
#include "sim/analysis/comparison.hpp"
#include "sim/core/simulate.hpp"
#include "tests/scenarios.hpp"
#include "tests/sim/analysis/made_up_run.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

using namespace stardsim;
using namespace stardsim::test;
using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using Doubt = Precision::Doubt;
using Function = PrecisionGoal::Function;

namespace {

/// Pathways `usual`, the reference, `early` and `late`, to week 8.
Scenario without_money() {
  Scenario scenario = one_step(0.3, 8);
  scenario.pathways = {
      {"usual", "", {0}}, {"early", "", {0}}, {"late", "", {0}}};
  return scenario;
}

Scenario with_money() {
  Scenario scenario = without_money();
  Economics economics;
  economics.currency = "USD";
  economics.price_year = 2021;
  economics.kinds = {{"drug", "", {}, {}}, {"work", "", {}, {}}};
  economics.perspectives = {{"payer", "", {0}}, {"society", "", {0, 1}}};
  economics.perspective = 1;
  economics.utilities.emplace();
  scenario.economics = economics;
  return scenario;
}

Scenario only_two_pathways(Scenario scenario) {
  scenario.pathways.pop_back();
  return scenario;
}

PrecisionGoal goal(const std::string& text,
                   const Scenario& scenario = with_money()) {
  return parse_precision_goal(text, scenario);
}

std::string refusal(const std::string& text,
                    const Scenario& scenario = with_money()) {
  try {
    parse_precision_goal(text, scenario);
  } catch (const std::invalid_argument& why) {
    return why.what();
  }
  return "";
}

std::size_t effect_of(const Scenario& scenario) {
  return decision_measures(scenario, measures_of(scenario)).effect;
}

/// Patients of whom nothing has happened yet on any pathway.
Tally no_events(const Scenario& scenario, std::uint64_t patients) {
  Tally tally;
  tally.patients = patients;
  tally.pathways.resize(scenario.pathways.size());
  for (PathwayTally& pathway : tally.pathways) {
    const std::vector<std::uint64_t> weeks(scenario.horizon + 1);
    for (auto& course : pathway.course) course.remission_by_week = weeks;
    pathway.later.first_remission_lost_by_week = weeks;
    pathway.later.occupancy.fill(weeks);
  }
  const auto measures = measures_of(scenario);
  if (scenario.economics)
    tally.outcomes = Outcomes(scenario.pathways.size(), measures.size(),
                              decision_measures(scenario, measures));
  return tally;
}

/// Each patient's effect, in quanta, on one pathway; 0 on all others.
void add_effect(const Scenario& scenario, std::size_t pathway,
                std::uint64_t patient, std::int64_t effect, Tally& tally) {
  if (effect == 0) return;
  Outcomes& o = tally.outcomes;
  const std::size_t row = pathway * o.measures + o.effect;
  o.sum[row] += effect;
  o.by_batch[row * batch_count + patient % batch_count] += effect;
  const std::size_t pairs = o.effect * o.pairs();
  o.product[pairs + Outcomes::pair(pathway, pathway)] +=
      SignedWide{effect} * effect;
  for (std::size_t p = 0; p < scenario.pathways.size(); ++p)
    if (p != pathway) ++o.differing[pairs + Outcomes::pair(p, pathway)];
}

/// Every so many patients one gains 1 quantum on `early` or loses it, in turn,
/// and one more on `late`.
std::function<Tally(std::uint64_t, std::uint64_t)> one_in(
    const Scenario& scenario, std::uint64_t many) {
  return [&scenario, many](std::uint64_t first, std::uint64_t count) {
    Tally tally = no_events(scenario, count);
    for (std::uint64_t i = first; i < first + count; ++i) {
      const std::int64_t effect = i / many % 2 ? 1 : -1;
      if (i % many == 0) add_effect(scenario, 1, i, effect, tally);
      if (i % many == 1) add_effect(scenario, 2, i, effect, tally);
    }
    return tally;
  };
}

double quantum_of_effect(const Scenario& scenario) {
  return measures_of(scenario)[effect_of(scenario)].quantum;
}

}  // namespace

TEST_CASE("A precision is asked for by function, target and number",
          "[precision]") {
  const Scenario scenario = with_money();
  const auto measures = measures_of(scenario);
  const PrecisionGoal of_example = goal("half_width(qaly_difference) < 0.002");
  CHECK(of_example.function == Function::half_width);
  CHECK(of_example.is_difference);
  REQUIRE(of_example.measure);
  CHECK(measures[*of_example.measure].name == "qalys_discounted");
  CHECK_FALSE(of_example.pathway);
  CHECK(of_example.below == 0.002);

  const PrecisionGoal of_cost = goal("  se ( cost @ early )<1e2 ");
  CHECK(of_cost.function == Function::se);
  CHECK_FALSE(of_cost.is_difference);
  CHECK(measures[*of_cost.measure].name == "total_society_discounted");
  CHECK(of_cost.pathway == 1u);
  CHECK(of_cost.below == 100);

  for (std::size_t m = 0; m < measures.size(); ++m) {
    CHECK(goal("se(" + measures[m].name + ") < 1").measure == m);
    const PrecisionGoal difference =
        goal("se(" + measures[m].name + "_difference@late) < 1");
    CHECK(difference.measure == m);
    CHECK(difference.is_difference);
    CHECK(difference.pathway == 2u);
  }

  const PrecisionGoal point = goal("half_width(curve(observed, 6)) < 0.001");
  CHECK_FALSE(point.measure);
  CHECK_FALSE(point.is_difference);
  CHECK(point.estimand == Estimand::observed);
  CHECK(point.week == 6);
  const PrecisionGoal apart =
      goal("half_width(curve_difference(sustained,8) @ late) < 0.001");
  CHECK(apart.is_difference);
  CHECK(apart.estimand == Estimand::sustained);
  CHECK(apart.week == 8);
  CHECK(apart.pathway == 2u);
}

TEST_CASE("A precision that cannot be had is refused in one line",
          "[precision]") {
  const std::string form =
      "the form is FUNCTION(TARGET) < NUMBER, such as "
      "half_width(qaly_difference) < 0.002";
  for (const char* text :
       {"", "<", "se < 1", "se(qaly", "se(qaly) > 1", "se(qaly) 1", "se() 1",
        "(", "se(qaly < 1", ")(<", "se)qaly( < 1"}) {
    INFO(text);
    CHECK_THAT(refusal(text), EndsWith(form));
  }
  CHECK(refusal("width(qaly) < 1") ==
        "\"width(qaly) < 1\": \"width\" is neither half_width nor se");
  CHECK_THAT(refusal("se(qalys_discuonted_difference) < 1"),
             EndsWith("\"qalys_discuonted\" is not a measure of this scenario; "
                      "did you mean \"qalys_discounted\"?"));
  CHECK_THAT(refusal("se(happiness) < 1"),
             Contains("; there are qaly, cost, remission_if_all_continue, "));
  CHECK_THAT(refusal("se(icer) < 1"), Contains("has no standard error"));
  for (const char* text : {"se(qaly, early) < 1", "se(qaly(early)) < 1"})
    CHECK_THAT(refusal(text), EndsWith("on one pathway is MEASURE@PATHWAY"));
  CHECK_THAT(refusal("se() < 1"), Contains("\"\" is not a measure"));
  CHECK_THAT(refusal("se(qaly@erly) < 1"),
             EndsWith("\"erly\" is not a pathway; did you mean \"early\"?"));
  CHECK_THAT(refusal("se(qaly_difference@usual) < 1"),
             Contains("\"usual\" is the reference"));
  for (const char* number : {"0", "-1", "nan", "inf", "1x", "", "0.1.2"})
    CHECK_THAT(
        refusal(std::string("se(qaly) < ") + number),
        EndsWith(std::string("\"") + number + "\" is not a number above 0"));
  CHECK_THAT(refusal("se(curve(observed)) < 1"),
             EndsWith("a point of a curve is curve(ESTIMAND, WEEK)"));
  CHECK_THAT(refusal("se(curve(observd, 3)) < 1"),
             EndsWith("did you mean \"observed\"?"));
  CHECK_THAT(refusal("se(curve(observed, 9)) < 1"),
             EndsWith("\"9\" is not a week from 0 to 8"));
  CHECK_THAT(refusal("se(curve(observed, -1)) < 1"),
             EndsWith("is not a week from 0 to 8"));
  CHECK_THAT(refusal("se(curves(observed, 3)) < 1"),
             EndsWith("\"curves\" is neither curve nor curve_difference"));
  for (const char* text : {"se(curve() < 1", "se(curve(observed, 3 ) < 1"})
    CHECK_THAT(refusal(text), EndsWith(form));
  CHECK_THAT(refusal("se(curve()) < 1"),
             EndsWith("a point of a curve is curve(ESTIMAND, WEEK)"));
  CHECK_THAT(refusal("se(qaly) < 1", without_money()),
             EndsWith("the scenario has no utilities, so no QALYs"));
  CHECK_THAT(refusal("se(cost) < 1", without_money()),
             EndsWith("the scenario has no costs"));
  CHECK_THAT(refusal("se(remission_difference) < 1", one_step(0.3, 8)),
             EndsWith("there is one pathway only, so no difference"));
}

TEST_CASE("Looks are at numbers that grow by half from 20,000", "[precision]") {
  const Scenario scenario = with_money();
  std::vector<std::uint64_t> seen;
  const auto look = [&](std::uint64_t patients, const Precision&) {
    seen.push_back(patients);
  };
  const auto unreachable = goal("se(qaly_difference) < 1e-30");
  const PrecisionResult result =
      run_until(unreachable, scenario, 120'000, one_in(scenario, 10), look);
  CHECK(seen == std::vector<std::uint64_t>{20'000, 30'000, 45'000, 67'500,
                                           101'250, 120'000});
  CHECK(result.looks == 6);
  CHECK_FALSE(result.is_reached);
  CHECK(result.tally.patients == 120'000);

  seen.clear();
  const PrecisionResult short_run =
      run_until(goal("se(qaly_difference) < 1"), scenario, 19'999,
                one_in(scenario, 10), look);
  CHECK(seen == std::vector<std::uint64_t>{19'999});
  CHECK_FALSE(short_run.is_reached);
  CHECK(short_run.precision.doubt == Doubt::few_patients);
}

TEST_CASE("A run ends at the first look that is precise enough",
          "[precision]") {
  // One in 10 differs by a quantum: standard error sqrt(0.1 / n) quanta.
  const Scenario scenario = with_money();
  const double quantum = quantum_of_effect(scenario);
  const auto simulate = one_in(scenario, 10);
  for (const auto& [function, factor] :
       {std::pair{"se", 1.0}, std::pair{"half_width", 1.96}}) {
    PrecisionGoal asked = goal(std::string(function) + "(qaly_difference) < 1");
    asked.below = factor * quantum * std::sqrt(0.1 / 40'000);
    const PrecisionResult result =
        run_until(asked, scenario, 1'000'000, simulate);
    CHECK(result.is_reached);
    CHECK(result.tally.patients == 45'000);
    CHECK(result.looks == 3);
    CHECK(result.precision.value ==
          Approx(factor * quantum * std::sqrt(0.1 / 44'999)));
  }
}

TEST_CASE("The least precise pathway decides, unless one is named",
          "[precision]") {
  const Scenario scenario = with_money();
  Tally tally = no_events(scenario, 20'480);
  for (std::uint64_t i = 0; i < 20'480; ++i) {
    add_effect(scenario, 1, i, i / 256 % 2 ? 3 : -3, tally);
    add_effect(scenario, 2, i, i / 256 % 2 ? 5 : -5, tally);
  }
  const double one = quantum_of_effect(scenario) / std::sqrt(20'479);
  const auto value = [&](const std::string& target) {
    return precision(goal("se(" + target + ") < 1"), scenario, tally).value;
  };
  CHECK(value("qaly_difference") == Approx(5 * one));
  CHECK(value("qaly_difference@early") == Approx(3 * one));
  CHECK(value("qaly") == Approx(5 * one));
  CHECK(value("qaly@usual") == 0);
}

TEST_CASE("A difference is not judged by fewer than 200 patients",
          "[precision]") {
  // One in 101: 198 of 20,000 differ, 297 of 30,000.
  const Scenario scenario = with_money();
  const PrecisionResult result =
      run_until(goal("se(qaly_difference) < 1"), scenario, 1'000'000,
                one_in(scenario, 101));
  CHECK(result.is_reached);
  CHECK(result.tally.patients == 30'000);
  // Equal arms never differ.
  const PrecisionResult equal = run_until(
      goal("se(qaly_difference) < 1"), scenario, 50'000,
      [&](std::uint64_t, std::uint64_t n) { return no_events(scenario, n); });
  CHECK_FALSE(equal.is_reached);
  CHECK(equal.precision.value == 0);
  CHECK(equal.precision.doubt == Doubt::few_differ);
}

TEST_CASE("A mean that hangs on a few patients is not judged", "[precision]") {
  const Scenario scenario = with_money();
  Tally tally = no_events(scenario, 20'480);
  for (std::uint64_t i = 0; i < 20'480; ++i)
    add_effect(scenario, 1, i, i / 256 % 2 ? 1 : -1, tally);
  const auto doubt = [&](const std::string& target) {
    return precision(goal("se(" + target + "@early) < 1"), scenario, tally)
        .doubt;
  };
  CHECK(doubt("qaly_difference") == Doubt::none);
  CHECK(doubt("qaly") == Doubt::none);
  const std::int64_t large = GENERATE(1000, -1000);
  for (const std::uint64_t patient : {5u, 77u, 200u})
    add_effect(scenario, 1, patient, large, tally);
  CHECK(doubt("qaly_difference") == Doubt::uneven);
  CHECK(doubt("qaly") == Doubt::uneven);
}

TEST_CASE("Without products 0/1 measures are judged by their batches",
          "[precision]") {
  const Scenario scenario = only_two_pathways(without_money());
  Tally tally = no_events(scenario, 25'600);
  const auto asked = goal("se(remission_difference) < 1", scenario);
  // One gains or loses, in turn, in each of so many batches.
  const auto differ_in = [&](std::size_t batches) {
    for (std::size_t b = 0; b < batches; ++b)
      tally.pathways[b % 2].by_batch[1][b] = 1;
  };
  differ_in(199);
  CHECK(precision(asked, scenario, tally).doubt == Doubt::few_differ);
  differ_in(200);
  const Precision enough = precision(asked, scenario, tally);
  CHECK(enough.doubt == Doubt::none);
  // 200 sums of 1 or -1 and 56 of 0, about 0.
  CHECK(enough.value ==
        Approx(std::sqrt(200 * 256 / 255.0) / 25'600).epsilon(1e-9));
}

TEST_CASE("The error of a fraction is never none", "[precision]") {
  // Agresti & Coull 1998 add 1.96^2 patients, half of them with the event.
  const Scenario scenario = without_money();
  const auto expected = [](double events) {
    const double n = 20'000 + 3.8416, p = (events + 1.9208) / n;
    return std::sqrt(p * (1 - p) / n);
  };
  Tally tally = no_events(scenario, 20'000);
  const auto value = [&](const std::string& target) {
    return precision(goal("se(" + target + ") < 1", scenario), scenario, tally)
        .value;
  };
  CHECK(value("remission") == Approx(expected(0)).epsilon(1e-9));
  CHECK(value("curve(observed, 4)") == Approx(expected(0)).epsilon(1e-9));
  tally.pathways[2].course[1].remission_by_week[3] = 5000;
  CHECK(value("curve(observed, 2)") == Approx(expected(0)).epsilon(1e-9));
  CHECK(value("curve(observed, 4)") == Approx(expected(5000)).epsilon(1e-9));
  CHECK(value("curve(observed, 4)@early") == Approx(expected(0)).epsilon(1e-9));
  CHECK(value("curve_difference(observed, 4)@late") ==
        Approx(std::hypot(expected(5000), expected(0))).epsilon(1e-9));
}

TEST_CASE("At the horizon curves differ with the error of their measure",
          "[precision]") {
  const Scenario scenario = without_money();
  Tally tally = no_events(scenario, 25'600);
  const std::pair<const char*, const char*> same[] = {
      {"if_all_continue", "remission_if_all_continue"},
      {"observed", "remission"},
      {"sustained", "sustained_remission"}};
  for (std::size_t e = 0; e < 3; ++e)
    for (std::size_t b = 0; b < batch_count; ++b)
      tally.pathways[1].by_batch[e][b] = b % (2 + e);
  for (const auto& [estimand, measure] : same) {
    const Precision of_curve = precision(
        goal("se(curve_difference(" + std::string(estimand) + ", 8)) < 1",
             scenario),
        scenario, tally);
    const Precision of_measure = precision(
        goal("se(" + std::string(measure) + "_difference) < 1", scenario),
        scenario, tally);
    CHECK(of_curve.value > 0);
    CHECK(of_curve.value == of_measure.value);
  }
}

TEST_CASE("Patients are simulated once each, and faults go through",
          "[precision]") {
  const Scenario scenario = with_money();
  std::uint64_t next = 0;
  const auto simulate = [&](std::uint64_t first, std::uint64_t count) {
    CHECK(first == next);
    next = first + count;
    if (next > 60'000) throw Interrupted("stopped");
    return no_events(scenario, count);
  };
  CHECK_THROWS_AS(
      run_until(goal("se(qaly_difference) < 1"), scenario, 1'000'000, simulate),
      Interrupted);
  CHECK(next == 67'500);
}

namespace {

constexpr int repeats = 4000;

/// 3 standard errors of a coverage of 95 % over the repeats.
const double margin = 3 * std::sqrt(0.95 * 0.05 / repeats);

/// How often mean +- half width covers the truth where runs ended, and how many
/// patients that took on average.
class Coverage {
 public:
  Coverage(std::string name, double truth)
      : name_(std::move(name)), truth_(truth) {}

  void add(const Scenario& scenario, const PrecisionResult& result,
           std::size_t measure) {
    REQUIRE(result.is_reached);
    const Comparison comparison(
        {run_outcomes(scenario, result.tally, 1, "", "")}, 0);
    const Difference difference = comparison.difference(1, 0, measure);
    if (std::abs(difference.mean - truth_) <= errors_of_95 * difference.se)
      ++covered_;
    patients_ += static_cast<double>(result.tally.patients);
  }

  void check() const {
    const double coverage = static_cast<double>(covered_) / repeats;
    WARN(name_ << ": covered " << 100 * coverage << " % of " << repeats
               << " times, with " << std::lround(patients_ / repeats)
               << " patients on average");
    CHECK(coverage == Approx(0.95).margin(margin));
  }

 private:
  std::string name_;
  double truth_;
  int covered_ = 0;
  double patients_ = 0;
};

/// A difference of QALYs, patient by patient.
struct Differences {
  std::string name;
  double mean, variance;
  std::function<double(UniformNumbers&)> draw;
};

/// Non-zero in a part of the patients.
Differences in_a_part(std::string name, double part, double mean,
                      double mean_square,
                      std::function<double(UniformNumbers&)> draw) {
  const double all = part * mean;
  return {std::move(name), all, part * mean_square - all * all,
          [part, draw = std::move(draw)](UniformNumbers& uniform) {
            return uniform() < part ? draw(uniform) : 0;
          }};
}

Differences log_normal_in_a_part(std::string name, double part) {
  return in_a_part(std::move(name), part, std::exp(0.5), std::exp(2.0),
                   [](UniformNumbers& uniform) {
                     return std::exp(standard_normal(uniform));
                   });
}

/// Runs to the half width that so many patients should just have, so that it is
/// chance which of two looks is the last.
void check_coverage(const Differences& differences, double patients) {
  const Scenario scenario = only_two_pathways(with_money());
  const double quantum = quantum_of_effect(scenario);
  PrecisionGoal asked = goal("half_width(qaly_difference) < 1", scenario);
  asked.below = 1.96 * std::sqrt(differences.variance / patients);
  Coverage coverage(differences.name, differences.mean);
  for (std::uint64_t repeat = 0; repeat < repeats; ++repeat) {
    UniformNumbers uniform(repeat << 32);
    const auto simulate = [&](std::uint64_t first, std::uint64_t count) {
      Tally tally = no_events(scenario, count);
      for (std::uint64_t i = first; i < first + count; ++i)
        add_effect(scenario, 1, i,
                   static_cast<std::int64_t>(
                       std::lround(differences.draw(uniform) / quantum)),
                   tally);
      return tally;
    };
    coverage.add(scenario, run_until(asked, scenario, 100'000'000, simulate),
                 *asked.measure);
  }
  coverage.check();
}

}  // namespace

TEST_CASE("The interval of a run until a precision covers as promised",
          "[.][precision][slow][coverage]") {
  SECTION("normal") {
    check_coverage({"normal differences", 0.05, 1,
                    [](UniformNumbers& uniform) {
                      return 0.05 + standard_normal(uniform);
                    }},
                   30'000);
  }
  SECTION("exponential in a tenth") {
    check_coverage(
        in_a_part("exponential differences in 10 %", 0.1, 1, 2,
                  [](UniformNumbers& uniform) { return -std::log(uniform()); }),
        30'000);
  }
  SECTION("log-normal in a tenth") {
    check_coverage(log_normal_in_a_part("log-normal differences in 10 %", 0.1),
                   30'000);
  }
  SECTION("log-normal in a fiftieth") {
    check_coverage(log_normal_in_a_part("log-normal differences in 2 %", 0.02),
                   30'000);
  }
  SECTION("so few that the 200 decide") {
    check_coverage(in_a_part("a difference of 1 in 0.66 %", 0.0066, 1, 1,
                             [](UniformNumbers&) { return 1.0; }),
                   1000);
  }
}

TEST_CASE(
    "The interval of an engine's run until a precision covers as "
    "promised",
    "[.][precision][slow][coverage]") {
  // The same word decides on both pathways, so that 3 % remit on one alone.
  Scenario scenario = one_step(0.3, 8);
  scenario.steps[0].arms[0].remission_time = gamma(3, 2);
  scenario.steps.push_back(scenario.steps[0]);
  scenario.steps[1].arms[0].remission = number(0.33);
  scenario.pathways.push_back({"better", "", {1}});
  scenario.horizon = 26;
  const auto check = [&](const std::string& name, const std::string& target,
                         double truth, double variance) {
    const Law law = compile(scenario);
    PrecisionGoal asked = goal("half_width(" + target + ") < 1", scenario);
    asked.below = 1.96 * std::sqrt(variance / 30'000);
    Coverage coverage(name, truth);
    for (std::uint64_t repeat = 0; repeat < repeats; ++repeat) {
      const auto simulate_some = [&](std::uint64_t first, std::uint64_t count) {
        RunOptions run;
        run.first_patient = first;
        run.patients = count;
        run.luck.seed = 1000 + repeat;
        run.threads = 1;
        return simulate(law, run);
      };
      coverage.add(scenario,
                   run_until(asked, scenario, 100'000'000, simulate_some),
                   *asked.measure);
    }
    coverage.check();
  };
  SECTION("by batches") {
    check("remission in the engine, by batches", "remission_difference", 0.03,
          0.03 * 0.97);
  }
  SECTION("by cross-products") {
    Economics economics;
    economics.currency = "USD";
    economics.price_year = 2020;
    economics.discount.form = DiscountForm::none;
    economics.utilities =
        Utilities{{number(0.5), number(0.5), number(0.85)}, {}};
    scenario.economics = economics;
    const Law law = compile(scenario);
    // Years in remission, by the law of the time to it.
    const TimeLaw& time = law.times[law.pathways[0][0].arms[0].remission_time];
    double mean = 0, mean_square = 0, below = 0;
    for (std::size_t t = 0; t < time.tick.size(); ++t) {
      const double cut = probability_below(time.cut[t]);
      const double gain =
          0.35 * (26 - to_weeks(time.tick[t])) / scenario.time.weeks_per_year;
      mean += (cut - below) * gain;
      mean_square += (cut - below) * gain * gain;
      below = cut;
    }
    const double truth = 0.03 * mean;
    check("QALYs in the engine, by cross-products", "qaly_difference", truth,
          0.03 * mean_square - truth * truth);
  }
}
