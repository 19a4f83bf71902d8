#include "sim/io/outcome_tables.hpp"

#include "sim/io/netcdf_file.hpp"
#include "tests/columns.hpp"
#include "tests/hand_made_run.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

using namespace stardsim;
using stardsim::test::Columns;
using stardsim::test::hand_made_run;

namespace {

using Numbers = std::vector<double>;

std::vector<std::byte> image_of(const Comparison& comparison) {
  NetcdfFile file;
  add_comparison(file, comparison);
  return file.bytes();
}

void check_near(const Numbers& found, const Numbers& expected) {
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i)
    if (std::isnan(expected[i]))
      CHECK(std::isnan(found[i]));
    else
      CHECK(found[i] == Approx(expected[i]).epsilon(1e-12).margin(1e-12));
}

}  // namespace

// The expected figures are worked out from the table in hand_made_run.hpp.

TEST_CASE("A result file tells means, spread and paired differences",
          "[io][outcomes]") {
  const Columns file(image_of(Comparison({hand_made_run()}, 0)));
  check_near(file.numbers("/outcomes/mean"), {0.5, 0.75, 25, 0.75, 1, 40});
  // Squares about the mean: of usual costs 100 * (225 + 25 + 25 + 225).
  const double sd = std::sqrt(50'000.0 / 399);
  CHECK(file.numbers("/outcomes/sd")[2] == Approx(sd));
  CHECK(file.numbers("/outcomes/se")[2] == Approx(sd / 20));

  check_near(file.numbers("/differences/mean"), {0, 0, 0, 0.25, 0.25, 15});
  const double new_sd = std::sqrt(100 * (100 + 0 + 100 + 400) / 399.0);
  const double se = std::sqrt(100 * (25 + 25 + 225 + 25) / 399.0) / 20;
  const double unpaired = std::hypot(sd, new_sd) / 20;
  CHECK(file.numbers("/differences/se")[5] == Approx(se));
  CHECK(file.numbers("/differences/unpaired_se")[5] == Approx(unpaired));
  CHECK(file.numbers("/differences/variance_removed")[5] ==
        Approx(1 - se * se / unpaired / unpaired));
  check_near(file.numbers("/differences/patients_differing"),
             {0, 0, 0, 100, 200, 300});
  check_near(file.numbers("/differences/paired"), {1, 1});
}

TEST_CASE("Covariances between pathways are those of means", "[io][outcomes]") {
  const Columns file(image_of(Comparison({hand_made_run()}, 0)));
  const Numbers of_means = file.numbers("/covariance/of_means");
  REQUIRE(of_means.size() == 3 * 2 * 2);
  // Usual and new costs: 100 * (-15 * -10 + -5 * 0 + 5 * -10 + 15 * 20).
  const double products = 100 * (150 + 0 - 50 + 300);
  CHECK(of_means[9] == Approx(products / 399 / 400));
  CHECK(of_means[10] == Approx(of_means[9]));
  // Usual costs with new QALYs: 100 * (-15 * 0 + -5 * 0 + 5 * -.5 + 15 * .5).
  CHECK(file.numbers("/covariance/cost_with_effect")[1] ==
        Approx(100 * 5.0 / 399 / 400));
}

TEST_CASE("Cost-effectiveness is told by perspective", "[io][outcomes]") {
  const Columns file(image_of(Comparison({hand_made_run()}, 0)));
  const std::string group = "/cost_effectiveness/";
  check_near(file.numbers(group + "cost_difference"), {0, 15});
  check_near(file.numbers(group + "qaly_difference"), {0, 0.25});
  const double covariance = 500.0 / 399 / 400;
  CHECK(file.numbers(group + "covariance")[1] == Approx(covariance));
  const Numbers icer = file.numbers(group + "icer");
  CHECK(std::isnan(icer[0]));
  CHECK(icer[1] == Approx(60));
  // The ends solve (15 - r / 4)^2 = 1.96^2 var(cost - r QALYs).
  const double var_cost = 30'000.0 / 399 / 400, var_qaly = 25.0 / 399 / 400;
  for (const char* const end : {"icer_low", "icer_high"}) {
    const double r = file.numbers(group + end)[1];
    const double var = var_cost - 2 * r * covariance + r * r * var_qaly;
    CHECK(std::pow(15 - r / 4, 2) == Approx(1.96 * 1.96 * var));
  }
  CHECK(file.numbers(group + "icer_low")[1] < 60);
  CHECK(file.numbers(group + "icer_high")[1] > 60);
  check_near(file.numbers(group + "frontier_icer"), {missing_number, 60});
  // By pathway and threshold: 0 and 100.
  check_near(file.numbers(group + "net_benefit"), {-25, 50, -40, 60});
  check_near(file.numbers(group + "net_benefit_difference"), {0, 0, -15, 10});
  const double se = std::sqrt(100 * (400 + 900 + 100 + 400) / 399.0) / 20;
  CHECK(file.numbers(group + "net_benefit_difference_se")[3] == Approx(se));
}

TEST_CASE("Without economics there are outcomes, but nothing to weigh",
          "[io][outcomes]") {
  RunOutcomes run = hand_made_run();
  run.decision = {};
  run.perspectives = {};
  run.currency = "";
  run.outcomes.effect = no_measure;
  run.outcomes.costs = {};
  run.outcomes.cost_effect = {};
  const Columns file(image_of(Comparison({run}, 0)));
  CHECK(file.has("/outcomes/mean"));
  CHECK(file.has("/differences/se"));
  CHECK_FALSE(file.has("/cost_effectiveness"));
  CHECK_FALSE(file.has("/covariance/cost_with_effect"));
}

TEST_CASE("A comparison's file says of which runs and in which money it is",
          "[io][outcomes]") {
  RunOutcomes other = hand_made_run();
  other.name = "other";
  other.seed = 2;
  ComparisonProvenance how;
  how.files = {"a.toml", "b.h5"};
  how.command_line = "stardsim compare a.toml b.h5";
  const Columns file(
      comparison_image(Comparison({hand_made_run(), other}, 0), how));
  CHECK(file.text_attribute("/", "format") == "stardsim comparison");
  CHECK(file.text_attribute("/", "reference_pathway") == "hand_made/usual");
  CHECK(file.text_attribute("/", "currency") == "USD");
  CHECK(file.text_attribute("/", "perspective") == "payer");
  check_near(file.numbers("/runs/seed"), {1, 2});
  check_near(file.numbers("/differences/paired"), {1, 1, 0, 0});
  // Not counted between runs.
  CHECK(file.numbers("/differences/patients_differing")[6] == missing_count);
}

TEST_CASE("The bytes of a comparison's file are always the same",
          "[io][outcomes]") {
  const Comparison comparison({hand_made_run()}, 0);
  CHECK(comparison_image(comparison, {{"a.h5"}, "", "", "", ""}) ==
        comparison_image(comparison, {{"a.h5"}, "", "", "", ""}));
}
