#include "sim/analysis/comparison.hpp"

#include "tests/scenarios.hpp"
#include "tests/sim/analysis/made_up_run.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <string>

using namespace stardsim;
using namespace stardsim::test;
using Catch::Matchers::Contains;
using Catch::Matchers::Message;

namespace {

constexpr std::size_t all_measures[] = {made_up_remission, made_up_qalys,
                                        made_up_cost};

std::string refusal(std::vector<RunOutcomes> runs, std::size_t reference = 0) {
  try {
    const Comparison comparison(std::move(runs), reference);
  } catch (const std::invalid_argument& why) {
    return why.what();
  }
  return "";
}

/// Standard deviation of a variance estimated with 255 degrees of freedom, over
/// it: sqrt(2 / 255).
constexpr double error_of_variance = 0.0886;

}  // namespace

TEST_CASE("Means, spreads and errors are those of the patients",
          "[comparison]") {
  const Patients patients = made_up_patients(2, 5000, 1);
  const RunOutcomes run = made_up_run("run", patients);
  const Comparison comparison({run}, 0);
  for (std::size_t p = 0; p < 2; ++p)
    for (const std::size_t m : all_measures) {
      const auto x = values(run, patients, p, m);
      const Estimate outcome = comparison.outcome(p, m);
      CHECK(outcome.mean == Approx(mean_of(x)).epsilon(1e-12));
      CHECK(outcome.se == Approx(se_of(x)).epsilon(1e-10));
      CHECK(outcome.sd == Approx(se_of(x) * std::sqrt(5000)).epsilon(1e-10));
    }
}

TEST_CASE("A difference has the error of the patients' own differences",
          "[comparison]") {
  const Patients patients = made_up_patients(3, 5000, 2);
  const RunOutcomes run = made_up_run("run", patients);
  const Comparison comparison({run}, 1);
  for (const std::size_t m : all_measures) {
    const auto x = values(run, patients, 2, m);
    const auto y = values(run, patients, 1, m);
    const auto d = less(x, y);
    const Difference difference = comparison.difference(2, 1, m);
    CHECK(difference.mean == Approx(mean_of(d)).epsilon(1e-11));
    CHECK(difference.se == Approx(se_of(d)).epsilon(1e-10));
    CHECK(difference.unpaired_se ==
          Approx(std::hypot(se_of(x), se_of(y))).epsilon(1e-10));
    CHECK(difference.variance_removed ==
          Approx(1 - covariance_of(d, d) /
                         (covariance_of(x, x) + covariance_of(y, y)))
              .epsilon(1e-9));
    std::uint64_t differing = 0;
    for (const double apart : d) differing += apart != 0 ? 1u : 0u;
    CHECK(difference.differing == differing);
    CHECK(difference.paired);
  }
  // Own variance 1, beside 0.25 of each pathway: 1 - 0.5 / 2.5.
  CHECK(comparison.difference(2, 1, made_up_qalys).variance_removed ==
        Approx(0.8).margin(0.02));
}

TEST_CASE("Costs and effects go together as in the patients, on any pathway",
          "[comparison]") {
  const Patients patients = made_up_patients(2, 3000, 3);
  const RunOutcomes run = made_up_run("run", patients);
  const Comparison comparison({run}, 0);
  for (std::size_t p = 0; p < 2; ++p)
    for (std::size_t q = 0; q < 2; ++q) {
      const double expected =
          covariance_of(values(run, patients, p, made_up_cost),
                        values(run, patients, q, made_up_qalys));
      CHECK(comparison.covariance(p, made_up_cost, q, made_up_qalys) ==
            Approx(expected).epsilon(1e-9));
      CHECK(comparison.covariance(q, made_up_qalys, p, made_up_cost) ==
            Approx(expected).epsilon(1e-9));
    }
}

TEST_CASE("Equal arms differ by exactly nothing", "[comparison]") {
  Patients patients = made_up_patients(1, 4999, 4);
  patients.push_back(patients[0]);
  const RunOutcomes run = made_up_run("one", patients);
  RunOutcomes other = run;
  other.name = "other";
  for (const auto& runs : {std::vector{run}, std::vector{without_products(run)},
                           std::vector{run, other}}) {
    const Comparison comparison(runs, 0);
    for (std::size_t s = 0; s < comparison.strategies().size(); ++s)
      for (const std::size_t m : all_measures) {
        const Difference difference = comparison.difference(s, 0, m);
        CHECK(difference.mean == 0);
        CHECK(difference.se == 0);
        CHECK(difference.unpaired_se > 0);
        CHECK(difference.variance_removed == 1);
        CHECK(difference.paired);
      }
  }
  CHECK(Comparison({run}, 0).difference(1, 0, made_up_cost).differing == 0u);
}

TEST_CASE("Where nobody differs from anybody pairing has nothing to remove",
          "[comparison]") {
  const std::vector<std::int64_t> ones(700, 1);
  for (const bool products : {true, false}) {
    const RunOutcomes run =
        made_up_run("run", Patients(2, std::vector(3, ones)));
    const Comparison comparison({products ? run : without_products(run)}, 0);
    for (const std::size_t m : all_measures) {
      CHECK(comparison.outcome(0, m).se == 0);
      CHECK(std::isnan(comparison.difference(1, 0, m).variance_removed));
    }
  }
}

TEST_CASE("No digit of a variance is lost in the largest cohort",
          "[comparison]") {
  // Half of 2^40 patients at 10^9 quanta, half at 2 more; on the second
  // pathway all but one patient of each half have changed places.
  const std::uint64_t half = std::uint64_t{1} << 39;
  const std::int64_t low = 1'000'000'000, high = low + 2;
  RunOutcomes run = made_up_run(
      "run", Patients(2, std::vector(3, std::vector(1, std::int64_t{0}))));
  run.patients = 2 * half;
  Outcomes& o = run.outcomes;
  const SignedWide sum = SignedWide{half} * (low + high);
  const SignedWide square =
      SignedWide{half} * (SignedWide{low} * low + SignedWide{high} * high);
  const SignedWide crossed =
      SignedWide{2 * (half - 1)} * (SignedWide{low} * high) +
      SignedWide{low} * low + SignedWide{high} * high;
  for (std::size_t m = 0; m < 3; ++m) {
    o.sum[m] = o.sum[3 + m] = sum;
    o.product[3 * m] = o.product[3 * m + 2] = square;
    o.product[3 * m + 1] = crossed;
  }
  const Comparison comparison({run}, 0);
  const double n = static_cast<double>(2 * half);
  CHECK(comparison.outcome(0, made_up_qalys).sd ==
        Approx(made_up_qaly_quantum).epsilon(1e-11));
  // Each but two patients differs by 2 quanta, half of them each way.
  const double variance = 4 * (n - 2) / n;
  CHECK(comparison.difference(1, 0, made_up_qalys).se ==
        Approx(made_up_qaly_quantum * std::sqrt(variance / n)).epsilon(1e-11));
}

TEST_CASE("A 0/1 measure needs no products for its error", "[comparison]") {
  const Patients patients = made_up_patients(2, 1000, 5);
  const RunOutcomes run = made_up_run("run", patients);
  const Comparison exact({run}, 0), batches({without_products(run)}, 0);
  const auto x = values(run, patients, 1, made_up_remission);
  CHECK(batches.outcome(1, made_up_remission).se ==
        Approx(se_of(x)).epsilon(1e-12));
  CHECK(exact.outcome(1, made_up_remission).se ==
        Approx(se_of(x)).epsilon(1e-12));
}

TEST_CASE("Batches estimate the same errors within their own", "[comparison]") {
  // 200 patients a batch and 77 over.
  const Patients patients = made_up_patients(2, 51'277, 6);
  const RunOutcomes run = made_up_run("run", patients);
  const Comparison exact({run}, 0), batches({without_products(run)}, 0);
  const auto ratio_of_variances = [](double estimated, double known) {
    return estimated * estimated / (known * known);
  };
  for (const std::size_t m : all_measures) {
    const Difference known = exact.difference(1, 0, m);
    const Difference estimated = batches.difference(1, 0, m);
    CHECK(estimated.mean == known.mean);
    CHECK(ratio_of_variances(estimated.se, known.se) ==
          Approx(1).margin(4 * error_of_variance));
    CHECK_FALSE(estimated.differing);
    if (m == made_up_remission) continue;
    CHECK(
        ratio_of_variances(batches.outcome(1, m).se, exact.outcome(1, m).se) ==
        Approx(1).margin(4 * error_of_variance));
  }
  // The error of an estimated covariance with correlation r is that of a
  // variance times sqrt((1 + r^2) / 2), of sqrt(var x var y).
  CHECK(batches.covariance(1, made_up_cost, 0, made_up_qalys) ==
        Approx(exact.covariance(1, made_up_cost, 0, made_up_qalys))
            .margin(4 * error_of_variance * exact.outcome(1, made_up_cost).se *
                    exact.outcome(0, made_up_qalys).se));
}

TEST_CASE("The error by batches is right on average", "[comparison]") {
  // 400 runs: the mean of 400 ratios of variances has error 0.0886 / 20.
  double sum = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const RunOutcomes run = made_up_run("run", made_up_patients(2, 1300, seed));
    const double known =
        Comparison({run}, 0).difference(1, 0, made_up_qalys).se;
    const double estimated = Comparison({without_products(run)}, 0)
                                 .difference(1, 0, made_up_qalys)
                                 .se;
    sum += estimated * estimated / (known * known);
  }
  CHECK(sum / 400 == Approx(1).margin(4 * error_of_variance / 20));
}

TEST_CASE("Runs on the same patients with the same luck are paired by batches",
          "[comparison]") {
  const Patients patients = made_up_patients(2, 25'600, 7);
  const RunOutcomes together = made_up_run("both", patients);
  RunOutcomes one = made_up_run("one", {patients[0]});
  RunOutcomes other = made_up_run("other", {patients[1]});
  const Difference known =
      Comparison({together}, 0).difference(1, 0, made_up_qalys);

  const Comparison paired({one, other}, 0);
  CHECK(paired.is_paired(0, 1));
  CHECK(paired.strategies()[1].name == "other/a");
  const Difference difference = paired.difference(1, 0, made_up_qalys);
  CHECK(difference.paired);
  CHECK(difference.mean == known.mean);
  CHECK(difference.se * difference.se / (known.se * known.se) ==
        Approx(1).margin(4 * error_of_variance));
  CHECK(difference.unpaired_se == Approx(known.unpaired_se).epsilon(1e-12));

  const auto check_unpaired = [&] {
    const Comparison apart({one, other}, 0);
    const Difference unpaired = apart.difference(1, 0, made_up_qalys);
    CHECK_FALSE(unpaired.paired);
    CHECK(unpaired.se == Approx(unpaired.unpaired_se).epsilon(1e-12));
    CHECK(unpaired.variance_removed == Approx(0).margin(1e-12));
    CHECK(apart.covariance(1, made_up_cost, 0, made_up_qalys) == 0);
    CHECK_FALSE(unpaired.differing);
  };
  SECTION("not with another seed") {
    other.seed = 2;
    check_unpaired();
  }
  SECTION("not with another cohort") {
    other.cohort_sha256 = "other cohort";
    check_unpaired();
  }
  SECTION("not where the cohort is unknown") {
    one.cohort_sha256 = other.cohort_sha256 = "";
    check_unpaired();
  }
  SECTION("not without the batches") {
    other.outcomes.by_batch.clear();
    check_unpaired();
  }
  SECTION("not with another seed, where each has its batches alone") {
    one = without_products(one);
    other = without_products(other);
    other.seed = 2;
    const Comparison apart({one, other}, 0);
    CHECK(apart.difference(1, 0, made_up_qalys).se ==
          Approx(std::hypot(apart.outcome(0, made_up_qalys).se,
                            apart.outcome(1, made_up_qalys).se)));
  }
  SECTION("nor with another number of patients") {
    other = made_up_run("other", made_up_patients(1, 12'800, 8));
    check_unpaired();
  }
}

TEST_CASE("Of three runs those two go together that are on the same patients",
          "[comparison]") {
  const Patients patients = made_up_patients(2, 2560, 11);
  const RunOutcomes a = made_up_run("a", {patients[0]});
  const RunOutcomes b = made_up_run("b", {patients[1]});
  RunOutcomes c = made_up_run("c", made_up_patients(1, 2560, 12));
  c.seed = 2;
  const Comparison comparison({a, b, c}, 2);
  const double between =
      comparison.covariance(0, made_up_qalys, 1, made_up_cost);
  CHECK(between < 0);
  CHECK(comparison.covariance({made_up_qalys, 0, 2}, {made_up_cost, 1, {}}) ==
        Approx(between).epsilon(1e-12));
  // Both less the third, whose own covariance comes on top.
  CHECK(
      comparison.covariance({made_up_qalys, 0, 2}, {made_up_cost, 1, 2}) ==
      Approx(between + comparison.covariance(2, made_up_qalys, 2, made_up_cost))
          .epsilon(1e-12));
}

TEST_CASE(
    "Patients in whom a 0/1 measure differs are no fewer than batches "
    "show",
    "[comparison]") {
  const Patients patients = made_up_patients(2, 2000, 9);
  const Comparison comparison({made_up_run("run", patients)}, 0);
  const auto shown = comparison.differing_by_batch(1, 0, made_up_remission);
  const auto differing =
      comparison.difference(1, 0, made_up_remission).differing;
  REQUIRE(shown);
  CHECK(*shown > 0);
  CHECK(*shown <= *differing);
}

TEST_CASE(
    "The skewness of batch sums is that of patients over the root of "
    "their number",
    "[comparison]") {
  // A hundredth have 1: skewness (1 - 2p) / sqrt(p (1 - p)) = 9.85, and of
  // sums of 400 of them 0.492. Its error with 256 batches: sqrt(6 / 256).
  UniformNumbers uniform(10);
  Patients patients(1, std::vector(3, std::vector<std::int64_t>(102'400)));
  for (auto& x : patients[0][made_up_remission]) x = uniform() < 0.01 ? 1 : 0;
  const Comparison comparison({made_up_run("run", patients)}, 0);
  CHECK(comparison.batch_skewness({made_up_remission, 0, {}}) ==
        Approx(0.492).margin(4 * std::sqrt(6.0 / 256)));
  CHECK(std::isnan(comparison.batch_skewness({made_up_qalys, 0, {}})));
}

TEST_CASE("One patient has no spread", "[comparison]") {
  const Comparison comparison({made_up_run("run", made_up_patients(2, 1, 1))},
                              0);
  CHECK_FALSE(std::isnan(comparison.outcome(0, made_up_cost).mean));
  CHECK(std::isnan(comparison.outcome(0, made_up_cost).sd));
  CHECK(std::isnan(comparison.difference(1, 0, made_up_cost).se));
}

TEST_CASE("What has not been kept is not made up", "[comparison]") {
  RunOutcomes run =
      without_products(made_up_run("run", made_up_patients(2, 500, 1)));
  run.outcomes.by_batch.clear();
  const Comparison comparison({run}, 0);
  CHECK_FALSE(comparison.is_paired(0, 1));
  CHECK(std::isnan(comparison.outcome(0, made_up_cost).se));
  CHECK(std::isnan(comparison.difference(1, 0, made_up_cost).se));
  CHECK(comparison.outcome(0, made_up_remission).se > 0);
}

TEST_CASE("Runs that cannot be compared are refused in one line",
          "[comparison]") {
  const RunOutcomes run = made_up_run("old", made_up_patients(1, 300, 1));
  RunOutcomes other = run;
  other.name = "new";
  SECTION("other currency") {
    other.currency = "EUR";
    CHECK(refusal({run, other}) ==
          "old counts USD 2021, new counts EUR 2021: convert one to the other");
  }
  SECTION("other price year") {
    other.price_year = 2013;
    CHECK(refusal({run, other}) ==
          "old counts USD 2021, new counts USD 2013: convert one to the other");
  }
  SECTION("discounted or not") {
    other.measures[made_up_qalys].name = "qalys";
    other.measures[made_up_qalys].discounted = false;
    CHECK(refusal({run, other}) ==
          "old decides on qalys_discounted, new on qalys: discount both or "
          "neither");
  }
  SECTION("another unit") {
    other.measures[made_up_remission].unit = "weeks";
    CHECK(refusal({run, other}) ==
          "remission is not the same in old (1) and new (weeks)");
  }
  SECTION("nothing in common") {
    for (Measure& measure : other.measures) measure.name += "_2";
    other.decision = {};
    other.perspectives.clear();
    CHECK_THAT(refusal({run, other}), Contains("no measure in common"));
  }
  SECTION("sums of something else") {
    other.outcomes.sum.pop_back();
    CHECK_THAT(refusal({run, other}), Contains("new: its sums are not"));
  }
  SECTION("no reference") {
    CHECK(refusal({run}, 1) == "the reference is none of the strategies");
  }
  SECTION("no run") { CHECK(refusal({}) == "there is nothing to compare"); }
  SECTION("a run without costs goes with any currency") {
    other.currency = "";
    other.price_year = 0;
    CHECK(refusal({run, other}).empty());
  }
}

TEST_CASE("What not all runs have is left out", "[comparison]") {
  const RunOutcomes run = made_up_run("one", made_up_patients(1, 300, 1));
  RunOutcomes other = run;
  other.name = "other";
  SECTION("a measure") {
    other.measures[made_up_qalys].name = "something else";
    other.decision.effect = no_measure;
    const Comparison comparison({run, other}, 0);
    REQUIRE(comparison.measures().size() == 2);
    CHECK(comparison.measures()[1].name == "total_payer_discounted");
    CHECK(comparison.decision().effect == no_measure);
    CHECK(comparison.decision().costs == std::vector<std::size_t>{1});
    CHECK(comparison.outcome(1, 1).mean ==
          Comparison({run}, 0).outcome(0, made_up_cost).mean);
  }
  SECTION("a perspective") {
    other.perspectives = {"society"};
    const Comparison comparison({run, other}, 0);
    CHECK(comparison.perspectives().empty());
    CHECK(comparison.decision().costs.empty());
    CHECK(comparison.decision().effect == made_up_qalys);
  }
}

TEST_CASE("The perspective reported first is that of the first run",
          "[comparison]") {
  RunOutcomes run = made_up_run("one", made_up_patients(1, 300, 1));
  run.perspectives = {"payer", "society", "family"};
  run.decision.costs.assign(3, made_up_cost);
  run.perspective = 2;
  CHECK(Comparison({run}, 0).perspective() == 2);
  RunOutcomes other = run;
  other.perspectives = {"family", "payer"};
  other.decision.costs.resize(2);
  other.perspective = 1;
  const Comparison comparison({run, other}, 0);
  CHECK(comparison.perspectives() ==
        std::vector<std::string>{"payer", "family"});
  CHECK(comparison.perspective() == 1);
}

TEST_CASE("A run without economics is known by batch", "[comparison]") {
  Scenario scenario = one_step(0.3, 8);
  scenario.pathways.push_back({"second", "", {0}});
  scenario.reference = 1;
  Tally tally;
  tally.patients = 1024;
  tally.pathways.resize(2);
  // Four patients a batch: none or all of them remit on the first pathway, one
  // on the second; half of the remissions of the first last.
  for (std::size_t b = 0; b < batch_count; ++b) {
    tally.pathways[0].by_batch[0][b] = 4;
    tally.pathways[0].by_batch[1][b] = b % 2 * 4;
    tally.pathways[0].by_batch[2][b] = b % 2 * 2;
    for (auto& batches : tally.pathways[1].by_batch) batches[b] = 1;
  }
  const RunOutcomes run = run_outcomes(scenario, tally, 7, "name", "sha");
  CHECK(run.name == "name");
  CHECK(run.seed == 7);
  CHECK(run.cohort_sha256 == "sha");
  CHECK(run.pathways[1] == "second");
  CHECK(run.currency.empty());
  const Comparison comparison({run}, run.reference);
  REQUIRE(comparison.measures().size() == 3);
  CHECK(comparison.outcome(0, 0).mean == 1);
  CHECK(comparison.outcome(0, 1).mean == 0.5);
  CHECK(comparison.outcome(0, 2).mean == 0.25);
  CHECK(comparison.outcome(0, 1).se == Approx(std::sqrt(0.25 / 1023)));
  // Batch means less the reference's 1/4: -1/4 or 3/4, standard deviation 1/2.
  const Difference difference = comparison.difference(0, 1, 1);
  CHECK(difference.mean == 0.25);
  CHECK(difference.se == Approx(0.5 / std::sqrt(255)));
  CHECK(comparison.difference(0, 1, 0).se == 0);
  CHECK(comparison.differing_by_batch(0, 1, 1) == 128u * 3 + 128u);
}
