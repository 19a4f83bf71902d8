#include "sim/io/decision_tables.hpp"

#include "sim/io/netcdf_file.hpp"
#include "sim/io/result_file.hpp"
#include "tests/columns.hpp"
#include "tests/program.hpp"
#include "tests/sim/analysis/normal_decision.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <fstream>
#include <string>
#include <vector>

using namespace stardsim;
using namespace stardsim::test;

namespace {

DecisionDraws draws_of(double luck) {
  NormalDecision decision;
  decision.mean.resize(6);
  decision.mean << 100, 200, 300, 1, 1.01, 1.02;
  decision.load = Eigen::MatrixXd::Zero(6, 2);
  decision.load << 10, 0, 20, 5, 30, 5, 0, 0.001, 0.001, 0.002, 0.002, 0.001;
  decision.luck = Eigen::MatrixXd::Identity(6, 6) * luck;
  return decision.draws(60, 1);
}

std::vector<PerspectiveDecision> two_perspectives(double luck) {
  const DecisionDraws draws = draws_of(luck);
  DecisionDraws other = draws;
  other.cost *= 2;
  const std::vector<ParameterGroup> groups{{"costs", "All costs", {"p0"}}};
  return {decision_uncertainty(draws, "payer", "USD 2021", {5'000, 10'000},
                               groups, {}),
          decision_uncertainty(other, "society", "USD 2021", {5'000, 10'000},
                               groups, {})};
}

std::vector<std::byte> image_of(
    const std::vector<PerspectiveDecision>& decisions) {
  NetcdfFile file;
  file.add_group("uncertainty");
  write_decision(file, decisions);
  return file.bytes();
}

std::vector<PerspectiveDecision> read_back(
    const std::vector<PerspectiveDecision>& decisions) {
  const Folder folder;
  const auto path = folder.path() / "decision.h5";
  const auto image = image_of(decisions);
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(image.data()),
             static_cast<std::streamsize>(image.size()));
  const hdf5::Session session;
  return read_decision(ResultFile(path));
}

bool same(double one, double other) {
  return one == other || (std::isnan(one) && std::isnan(other));
}

bool same(const InformationValue& one, const InformationValue& other) {
  return same(one.value, other.value) && same(one.se, other.se) &&
         same(one.naive, other.naive);
}

}  // namespace

TEST_CASE("decisions are read back as they were written", "[io]") {
  const auto written = two_perspectives(1);
  const auto read = read_back(written);
  REQUIRE(read.size() == 2);
  for (std::size_t p = 0; p < 2; ++p) {
    const PerspectiveDecision &one = written[p], &other = read[p];
    CHECK(other.perspective == one.perspective);
    CHECK(other.money == one.money);
    CHECK(other.strategies == one.strategies);
    CHECK(other.reference == one.reference);
    CHECK(other.draws == 60);
    CHECK(other.patients == 100);
    CHECK(other.is_corrected);
    CHECK(other.stated == one.stated);
    REQUIRE(other.at.size() == one.at.size());
    for (std::size_t t = 0; t < one.at.size(); ++t) {
      CHECK(other.at[t].threshold == one.at[t].threshold);
      CHECK(same(other.at[t].evpi, one.at[t].evpi));
      for (std::size_t s = 0; s < 3; ++s) {
        const StrategyStanding &a = one.at[t].strategies[s],
                               &b = other.at[t].strategies.at(s);
        CHECK((same(a.net_benefit, b.net_benefit) &&
               same(a.net_benefit_se, b.net_benefit_se) &&
               same(a.probability_best, b.probability_best) &&
               same(a.probability_best_se, b.probability_best_se) &&
               same(a.probability_best_naive, b.probability_best_naive) &&
               same(a.expected_loss, b.expected_loss) &&
               same(a.expected_loss_naive, b.expected_loss_naive) &&
               a.on_frontier == b.on_frontier));
      }
    }
    REQUIRE(other.information.size() == 3);
    for (std::size_t g = 0; g < 3; ++g) {
      CHECK(other.information[g].name == one.information[g].name);
      CHECK(other.information[g].label == one.information[g].label);
      CHECK(other.information[g].parameters == one.information[g].parameters);
      CHECK(other.information[g].is_group == one.information[g].is_group);
      for (std::size_t t = 0; t < 2; ++t)
        CHECK(same(other.information[g].at.at(t), one.information[g].at[t]));
    }
    REQUIRE(other.design.size() == 2);
    for (std::size_t t = 0; t < 2; ++t) {
      CHECK(other.design[t].best == one.design[t].best);
      CHECK(other.design[t].next == one.design[t].next);
      CHECK(same(other.design[t].luck_share, one.design[t].luck_share));
      CHECK(same(other.design[t].patient_variance,
                 one.design[t].patient_variance));
      CHECK(same(other.design[t].parameter_variance,
                 one.design[t].parameter_variance));
      CHECK(same(other.design[t].patients_for_5_percent,
                 one.design[t].patients_for_5_percent));
    }
  }
}

TEST_CASE("in the file, numbers stand by perspective, threshold and pathway",
          "[io]") {
  const auto decisions = two_perspectives(1);
  const Columns columns(image_of(decisions));
  const auto probability =
      columns.numbers("/uncertainty/decision/probability_best");
  const auto on_frontier = columns.numbers("/uncertainty/decision/on_frontier");
  const auto threshold = columns.numbers("/uncertainty/decision/threshold");
  REQUIRE(threshold.size() == 101);
  REQUIRE(probability.size() == 2 * 101 * 3);
  for (std::size_t p = 0; p < 2; ++p)
    for (std::size_t t = 0; t < 101; ++t) {
      double best = 0;
      for (std::size_t s = 0; s < 3; ++s) {
        const auto& one = decisions[p].at[t].strategies[s];
        const std::size_t place = (p * 101 + t) * 3 + s;
        CHECK(probability[place] == one.probability_best);
        CHECK(on_frontier[place] == one.on_frontier);
        best += on_frontier[place];
      }
      CHECK(best == 1);
    }
  const auto evppi = columns.numbers("/uncertainty/evppi/evppi");
  REQUIRE(evppi.size() == 2 * 2 * 3);
  CHECK(evppi[2 * 3 + 3 + 1] == decisions[1].information[1].at[1].value);
}

TEST_CASE("what cannot be told has no group in the file", "[io]") {
  CHECK(read_back({}).empty());
  const auto common = read_back(two_perspectives(0));
  CHECK_FALSE(common.front().is_corrected);
  CHECK(common.front().design.empty());
  CHECK(common.front().information.size() == 3);
  auto held = two_perspectives(1);
  for (auto& one : held) one.information.clear();
  const auto read = read_back(held);
  CHECK(read.front().information.empty());
  CHECK(read.front().stated == held.front().stated);  // by the design
}

TEST_CASE("equal decisions give equal bytes", "[io]") {
  CHECK(image_of(two_perspectives(1)) == image_of(two_perspectives(1)));
}
