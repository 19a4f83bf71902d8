#include "sim/analysis/black_box.hpp"

#include "models/exact.hpp"
#include "tests/scenarios.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <functional>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

using namespace stardsim;
using namespace stardsim::test;

namespace {

using Simulate = std::function<Tally(const Law&, const RunOptions&)>;
using Tamper = std::function<void(Tally&, const RunOptions&)>;

Tally as_it_is(const Law& law, const RunOptions& options) {
  return simulate(law, options);
}

std::optional<Finding> found_by(const BlackBoxCheck& check,
                                const Scenario& scenario,
                                const Simulate& simulate) {
  return check.run({scenario, 5'000, 1'000, simulate});
}

const BlackBoxCheck& named(const std::string& name) {
  for (const BlackBoxCheck& check : black_box_checks())
    if (check.name == name) return check;
  throw std::runtime_error("no check: " + name);
}

/// What the check finds in a run in which something is wrong.
Finding found(const std::string& name, const Scenario& scenario,
              const Tamper& tamper) {
  const auto finding = found_by(named(name), scenario,
                                [&](const Law& law, const RunOptions& options) {
                                  Tally tally = simulate(law, options);
                                  tamper(tally, options);
                                  return tally;
                                });
  REQUIRE(finding);
  return *finding;
}

}  // namespace

TEST_CASE("All figures within the bound is as likely as promised",
          "[analysis]") {
  // Tables of the normal distribution: two-sided 5 %, and 5 % / 100.
  CHECK(bound_for(1, 0.05) == Approx(1.95996).epsilon(1e-5));
  CHECK(bound_for(100, 0.05) == Approx(3.48076).epsilon(1e-5));
}

TEST_CASE("Every check passes on scenarios that know everything",
          "[analysis][check]") {
  for (const Scenario& scenario : {clinical(), rich()}) {
    std::set<std::string> groups;
    for (const BlackBoxCheck& check : black_box_checks()) {
      INFO(scenario.title << ": " << check.name);
      const auto finding = found_by(check, scenario, as_it_is);
      if (!finding) continue;
      groups.insert(check.group);
      INFO(finding->inequality << finding->worst);
      CHECK(finding->is_exact);
      CHECK(finding->figures > 0);
      // Standard errors; all figures together once in 10,000 seeds.
      CHECK(std::abs(finding->z) <= bound_for(finding->by_luck, 1e-4));
    }
    CHECK(groups.size() == 6);
  }
}

TEST_CASE("Checks of deaths are made where a scenario has deaths",
          "[analysis][check]") {
  CHECK_FALSE(
      found_by(named("death at its hazard times its ratio"), rich(), as_it_is));
  const auto finding = found_by(named("death at its hazard times its ratio"),
                                from_file("configs/ect_timing.toml"), as_it_is);
  REQUIRE(finding);
  // 7 pathways, 3 weeks each.
  CHECK(finding->by_luck == 21);
  CHECK(std::abs(finding->z) < 4);
}

TEST_CASE("One patient too many in a step is found", "[analysis][check]") {
  const Finding finding =
      found("entered is the sum of outcomes", rich(),
            [](Tally& tally, const RunOptions&) {
              ++tally.pathways[1].course[1].arms[2][0].entered;
            });
  CHECK_FALSE(finding.is_exact);
  CHECK(finding.inequality.find("step 3, entered") != std::string::npos);
}

TEST_CASE("A patient in no state is found", "[analysis][check]") {
  const Finding finding = found("occupancy sums to 1 in every week", rich(),
                                [](Tally& tally, const RunOptions&) {
                                  --tally.pathways[0].later.occupancy[0][3];
                                });
  CHECK(finding.inequality.find("week 3: 999, not 1000") != std::string::npos);
}

TEST_CASE("A remission that no batch has is found", "[analysis][check]") {
  const Finding finding = found("curves end with those in remission", rich(),
                                [](Tally& tally, const RunOptions&) {
                                  ++tally.pathways[0].by_batch[1][17];
                                });
  CHECK_FALSE(finding.is_exact);
}

TEST_CASE("What depends on threads is found", "[analysis][check]") {
  const Finding finding = found(
      "one thread as two", rich(), [](Tally& tally, const RunOptions& options) {
        if (options.threads == 2)
          ++tally.pathways[0].course[0].remission_by_week[5];
      });
  CHECK(finding.inequality == "two threads differ");
}

TEST_CASE("What depends on where a cohort begins is found",
          "[analysis][check]") {
  const Finding finding =
      found("n patients are the first of more", rich(),
            [](Tally& tally, const RunOptions& options) {
              if (options.first_patient > 0)
                ++tally.pathways[0].course[0].remission_by_week[5];
            });
  CHECK_FALSE(finding.is_exact);
}

TEST_CASE("A quantum of one cost too much is found", "[analysis][check]") {
  const auto one_more = [](Tally& tally, const RunOptions&) {
    // The last measures are costs.
    if (!tally.outcomes.sum.empty()) ++tally.outcomes.sum.back();
  };
  for (const std::string name :
       {"costs 0: nothing is paid", "perspectives add up",
        "equal pathways: differences 0"}) {
    INFO(name);
    CHECK_FALSE(found(name, rich(), one_more).is_exact);
  }
}

TEST_CASE("Remissions in another number than stated are found",
          "[analysis][check]") {
  // A tenth of 5,000 entrants more: at 0.3 some 15 standard errors.
  const Finding finding =
      found("outcomes and leaving at stated rates", one_step(0.3, 8),
            [](Tally& tally, const RunOptions&) {
              tally.pathways[0].course[1].arms[0][0].remission += 500;
            });
  CHECK(finding.z == Approx(500 / std::sqrt(5000 * 0.3 * 0.7)).margin(4));
  CHECK(finding.worst.find("remission: ") != std::string::npos);
}

TEST_CASE("A simplified scenario has an exact twin and its rates",
          "[analysis][check]") {
  const Scenario stated = clinical(), made = simplified(stated);
  const Law law = compile(made);
  CHECK_NOTHROW(require_patients_alike(law));
  REQUIRE(made.steps.size() == stated.steps.size());
  for (std::size_t s = 0; s < made.steps.size(); ++s)
    for (std::size_t a = 0; a < made.steps[s].arms.size(); ++a)
      CHECK(made.steps[s].arms[a].remission.value ==
            stated.steps[s].arms[a].remission.value);
}

namespace {

/// A course of one arm that costs 100, at its start alone.
Scenario paid_at_start() {
  Scenario scenario = one_step(0.3, 8);
  Economics economics;
  economics.currency = "USD";
  economics.price_year = 2020;
  economics.kinds = {{"drug", "drug", {}, {}}};
  economics.perspectives = {{"all", "all", {0}}};
  economics.thresholds = {50'000};
  economics.utilities = Utilities{{number(0.5), number(0.6), number(0.8)}, {}};
  economics.discount.form = DiscountForm::by_year;
  scenario.economics = economics;
  Cost cost;
  cost.kind = 0;
  cost.amount = number(100);
  cost.per = Per::start;
  scenario.steps[0].arms[0].economics.costs = {cost};
  return scenario;
}

/// What the check finds if this sum of each run but the first is another one.
Finding with_sum(const BlackBoxCheck& check, const Scenario& scenario,
                 Measure::What what, double times, bool of_undiscounted) {
  int runs = 0;
  const auto finding =
      found_by(check, scenario, [&](const Law& law, const RunOptions& options) {
        Tally tally = simulate(law, options);
        if (++runs == 1) return tally;
        const auto& measures = law.accrual->measures;
        const std::size_t from =
                              find_measure(measures, what, 0, !of_undiscounted),
                          to = find_measure(measures, what, 0, true);
        tally.outcomes.sum[to] = static_cast<SignedWide>(
            static_cast<double>(tally.outcomes.sum[from]) * times);
        return tally;
      });
  REQUIRE(finding);
  return *finding;
}

}  // namespace

TEST_CASE("What is paid at time 0 need not fall with the discount",
          "[analysis][check]") {
  const BlackBoxCheck& check = named("a higher discount lowers");
  const Scenario scenario = paid_at_start();
  const auto finding = found_by(check, scenario, as_it_is);
  REQUIRE(finding);
  INFO(finding->inequality);
  CHECK(finding->is_exact);
  // Less than nothing is what others pay: it need not fall either.
  Scenario saved = scenario;
  saved.steps[0].arms[0].economics.costs[0].amount = number(-100);
  CHECK(found_by(check, saved, as_it_is)->is_exact);
}

TEST_CASE("A discount that raises costs or leaves life-years is found",
          "[analysis][check]") {
  const BlackBoxCheck& check = named("a higher discount lowers");
  const Scenario scenario = paid_at_start();
  CHECK(with_sum(check, scenario, Measure::What::cost, 1.001, false)
            .inequality.find("is higher") != std::string::npos);
  CHECK(with_sum(check, scenario, Measure::What::life_years, 1, true)
            .inequality.find("is not lower") != std::string::npos);
}

TEST_CASE("Better treatment need gain nothing where rates cannot rise",
          "[analysis][check]") {
  const BlackBoxCheck& check = named("better treatment harms nobody");
  Scenario full = one_step(0.6, 8);
  full.steps[0].arms[0].partial_response = number(0.4);
  // In 1,000 patients a rate of 0.05 that rises by a fifth gains 10.
  for (const Scenario& scenario :
       {one_step(0, 8), one_step(1, 8), full, one_step(0.05, 8)}) {
    const auto finding = found_by(check, scenario, as_it_is);
    REQUIRE(finding);
    INFO(finding->inequality);
    CHECK(finding->is_exact);
    CHECK(finding->figures == 1);
  }
}

TEST_CASE("Better treatment that gains nothing where 60 should is found",
          "[analysis][check]") {
  const auto gains_nothing = [](const Law& law, const RunOptions& options) {
    Tally tally = simulate(law, options);
    const auto& measures = law.accrual->measures;
    const std::size_t m =
        find_measure(measures, Measure::What::remission_if_all_continue);
    tally.outcomes.sum[measures.size() + m] = tally.outcomes.sum[m];
    return tally;
  };
  const auto finding = found_by(named("better treatment harms nobody"),
                                one_step(0.3, 8), gains_nothing);
  REQUIRE(finding);
  CHECK(finding->figures == 2);
  CHECK(finding->inequality == "better treatments gain nothing");
}

TEST_CASE("What is simplified is told by what the scenario has",
          "[analysis][check]") {
  CHECK(taken_out_of(one_step(0.3, 8)).empty());
  Scenario scenario = one_step(0.3, 8);
  Arm& arm = scenario.steps[0].arms[0];
  arm.access = number(0.9);
  arm.eligible.emplace_back();
  scenario.steps[0].wait = by_week(0.5, 4);
  CHECK(taken_out_of(scenario) ==
        std::vector<std::string>{"eligibility", "access and acceptance",
                                 "waits"});
  // The change leaves nothing to be taken out, but who the patients are.
  Scenario made = simplified(clinical());
  CHECK(taken_out_of(made).empty());
}
