// The published figures of STAR*D, exactly and by simulation. Simulated
// figures have 1,000,000 patients and the file's seed; bounds are 4 standard
// errors of the exact probability.
#include "models/exact.hpp"
#include "sim/core/simulate.hpp"
#include "tests/scenarios.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

using namespace stardsim;
using namespace stardsim::test;

namespace {

constexpr double patients = 1'000'000;

double bound(double probability) {
  return 4 * std::sqrt(probability * (1 - probability) / patients);
}

struct Both {
  std::array<CourseTable<double>, course_count> exact;
  std::array<CourseTable<std::uint64_t>, course_count> simulated;
};

Both run(const std::string& file) {
  const Scenario scenario = from_file(file);
  const Law law = compile(scenario);
  RunOptions options;
  options.patients = 1'000'000;
  options.luck.seed = scenario.cohort.seed;
  return {expect(law).pathways[0].course,
          simulate(law, options).pathways[0].course};
}

template <class Number>
double ever(const CourseTable<Number>& course, std::size_t steps) {
  Number sum{};
  for (std::size_t s = 0; s < steps; ++s) sum += course.step(s).remission;
  return static_cast<double>(sum);
}

constexpr auto all = static_cast<std::size_t>(Estimand::if_all_continue);
constexpr auto observed = static_cast<std::size_t>(Estimand::observed);

}  // namespace

TEST_CASE("Rush 2006: 67 % cumulative remission if nobody drops out",
          "[validation]") {
  const Both stard = run("configs/stard.toml");
  const std::vector<double> product{0.368, 0.561392, 0.62148130, 0.67068873};
  const std::vector<double> printed{0.368, 0.5614, 0.6215, 0.6707};
  for (std::size_t s = 0; s < 4; ++s) {
    CHECK(ever(stard.exact[all], s + 1) == Approx(product[s]).margin(1e-8));
    CHECK(ever(stard.exact[all], s + 1) == Approx(printed[s]).margin(5e-5));
    CHECK(std::abs(ever(stard.simulated[all], s + 1) / patients - product[s]) <
          bound(product[s]));
  }
  // "The theoretical cumulative remission rate was 67%."
  CHECK(std::round(100 * ever(stard.exact[all], 4)) == 67);
  // The curve ends where the steps do.
  double curve = 0;
  for (const auto count : stard.simulated[all].remission_by_week)
    curve += static_cast<double>(count);
  CHECK(curve == ever(stard.simulated[all], 4));
}

TEST_CASE("Rush 2006: 1,439, 390 and 123 of 3,671 enter steps 2, 3 and 4",
          "[validation]") {
  const Both stard = run("configs/stard.toml");
  const double published[] = {1439, 390, 123};
  for (std::size_t s = 1; s < 4; ++s) {
    const double share = published[s - 1] / 3671;
    const double exact = stard.exact[observed].step(s).entered;
    CHECK(std::abs(exact / share - 1) < 0.01);
    const auto entered =
        static_cast<double>(stard.simulated[observed].step(s).entered);
    CHECK(std::abs(entered / patients - share) < bound(share));
  }
}

TEST_CASE("Rush 2006: about half ever remit as observed", "[validation]") {
  const Both stard = run("configs/stard.toml");
  CHECK(ever(stard.exact[observed], 4) == Approx(0.5066).margin(5e-5));
  CHECK(std::abs(ever(stard.simulated[observed], 4) / patients - 0.506552) <
        bound(0.506552));
  // Published 1,854 of 3,671, by rates with another denominator.
  CHECK(ever(stard.exact[observed], 4) == Approx(1854.0 / 3671).margin(0.002));
}

TEST_CASE("Pigott 2023: 34.9 % as observed, 54.4 % if all continue",
          "[validation]") {
  const Both hrsd = run("configs/stard_hrsd.toml");
  CHECK(ever(hrsd.exact[observed], 4) == Approx(0.3489014).margin(1e-7));
  CHECK(std::round(100 * ever(hrsd.exact[observed], 4)) == 35);
  CHECK(ever(hrsd.exact[all], 4) == Approx(0.5444623).margin(1e-7));
  CHECK(std::abs(ever(hrsd.simulated[observed], 4) / patients - 0.3489014) <
        bound(0.3489014));
  CHECK(std::abs(ever(hrsd.simulated[all], 4) / patients - 0.5444623) <
        bound(0.5444623));
}

TEST_CASE("Pigott 2023: 1,142, 297 and 106 of 3,110 enter levels 2, 3 and 4",
          "[validation]") {
  const Both hrsd = run("configs/stard_hrsd.toml");
  const double published[] = {1142, 297, 106};
  for (std::size_t s = 1; s < 4; ++s)
    CHECK(hrsd.exact[observed].step(s).entered * 3110 ==
          Approx(published[s - 1]).epsilon(0.01));
}

TEST_CASE("The arms of levels 2 to 4 remit at their own published rates",
          "[validation]") {
  const Scenario scenario = from_file("configs/stard_arms.toml");
  const Both arms = run("configs/stard_arms.toml");
  // QIDS-SR16 remission: Rush 2006 and Trivedi 2006 (NEJM), Thase 2007, Fava
  // 2006, Nierenberg 2006, McGrath 2006; in the order of the file.
  struct Published {
    const char* treatment_part;
    double n, remission;
  };
  const std::vector<std::vector<Published>> levels{
      {{"bupropion", 239, .255},
       {"sertraline", 238, .266},
       {"venlafaxine", 250, .250},
       {"cognitive_therapy", 62, .306},
       {"bupropion", 279, .390},
       {"buspirone", 286, .329},
       {"cognitive_therapy", 85, .308}},
      {{"mirtazapine", 114, .080},
       {"nortriptyline", 121, .124},
       {"lithium", 69, .132},
       {"t3", 73, .247}},
      {{"tranylcypromine", 58, .138}, {"mirtazapine", 51, .157}}};
  double nobody_remitted = 1 - 0.368;
  for (std::size_t level = 0; level < levels.size(); ++level) {
    const Step& step = scenario.steps[level + 1];
    const auto& published = levels[level];
    REQUIRE(step.arms.size() == published.size());
    double n = 0, remitted = 0;
    for (const Published& arm : published) n += arm.n;
    const Flow<double> whole = arms.exact[all].step(level + 1);
    for (std::size_t a = 0; a < published.size(); ++a) {
      INFO(step.arms[a].name);
      CHECK(step.arms[a].name.find(published[a].treatment_part) !=
            std::string::npos);
      const Flow<double>& flow = arms.exact[all].arms[level + 1][a];
      CHECK(flow.entered / whole.entered ==
            Approx(published[a].n / n).margin(1e-8));
      CHECK(flow.remission / flow.entered ==
            Approx(published[a].remission).margin(1e-8));
      const Flow<std::uint64_t>& counted =
          arms.simulated[all].arms[level + 1][a];
      CHECK(std::abs(static_cast<double>(counted.remission) / patients -
                     flow.remission) < bound(flow.remission));
      remitted += published[a].n / n * published[a].remission;
    }
    nobody_remitted *= 1 - remitted;
  }
  CHECK(ever(arms.exact[all], 4) == Approx(1 - nobody_remitted).margin(1e-8));
  CHECK(ever(arms.exact[all], 4) == Approx(0.675).margin(5e-4));
}

TEST_CASE("Cognitive therapy has no published intolerance, and none is made up",
          "[validation]") {
  const Scenario scenario = from_file("configs/stard_arms.toml");
  for (const Step& step : scenario.steps)
    for (const Arm& arm : step.arms) {
      INFO(arm.name);
      const bool therapy =
          arm.name.find("cognitive_therapy") != std::string::npos;
      CHECK(arm.intolerance.has_value() == !therapy);
      if (therapy)
        CHECK(arm.remission.note.find("no published intolerance") !=
              std::string::npos);
    }
}
