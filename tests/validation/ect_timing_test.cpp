// configs/ect_timing.toml, rtms_after_one_failure.toml and
// esketamine_third_line.toml: what pairing gains, and outcomes against programs
// apart from this one (4,000,000 paired patients each).
#include "sim/core/simulate.hpp"
#include "tests/scenarios.hpp"
#include "tests/validation/moments.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <string>
#include <vector>

using namespace stardsim;
using namespace stardsim::test;

namespace {

constexpr std::uint64_t patients = 200'000;
// Standard errors of what is compared: of these patients and of the others.
const double errors = 4 * std::sqrt(1 + static_cast<double>(patients) / 4e6);

struct Expected {
  const char* pathway;
  double not_in_remission;  // share of the life-years of all
  double lines, died, qalys, cost;
};

// The half of the last digit given, and what the other program takes less
// exactly: the table of remission times, the discount of costs within a week.
constexpr double of_qalys = 1e-4, of_cost = 3, of_lines = 6e-4, of_died = 6e-5,
                 of_share = 1e-4;

class Run {
 public:
  explicit Run(const std::string& config)
      : scenario_(from_file(config)),
        law_(compile(scenario_)),
        tally_(simulate(law_, options(scenario_))),
        counted_(scenario_, law_, tally_) {}

  const Counted& counted() const { return counted_; }

  void check(const std::vector<Expected>& table,
             const std::string& total) const {
    REQUIRE(table.size() == scenario_.pathways.size());
    const Expected& first = table[0];
    for (const Expected& row : table) {
      INFO(row.pathway);
      near(row.pathway, "lines", row.lines, of_lines);
      near(row.pathway, "died", row.died, of_died);
      near(row.pathway, "qalys_discounted", row.qalys, of_qalys);
      near(row.pathway, total, row.cost, of_cost);
      check_share(row);
      if (&row == &first) continue;
      near_difference(row, first, "qalys_discounted", row.qalys - first.qalys,
                      of_qalys);
      near_difference(row, first, total, row.cost - first.cost, of_cost);
    }
  }

 private:
  static RunOptions options(const Scenario& scenario) {
    RunOptions run;
    run.patients = patients;
    run.luck.seed = scenario.cohort.seed;
    return run;
  }

  void near(const std::string& pathway, const std::string& measure,
            double expected, double rounding) const {
    const Moments found = counted_.of(pathway, measure);
    INFO(measure << ": " << found.mean << " for " << expected);
    CHECK(std::abs(found.mean - expected) < errors * found.se + rounding);
  }

  void near_difference(const Expected& row, const Expected& first,
                       const std::string& measure, double expected,
                       double rounding) const {
    const Moments found =
        counted_.difference(row.pathway, first.pathway, measure);
    INFO("difference in " << measure << ": " << found.mean << " for "
                          << expected);
    CHECK(std::abs(found.mean - expected) < errors * found.se + rounding);
  }

  // Weeks without remission over weeks lived. Its error is nearly that of the
  // former alone.
  void check_share(const Expected& row) const {
    const Moments without = counted_.of(row.pathway, "weeks_in_no_response");
    const double weeks =
        counted_.of(row.pathway, "life_years").mean * 365.25 / 7;
    INFO("not in remission: " << without.mean / weeks << " for "
                              << row.not_in_remission);
    CHECK(std::abs(without.mean / weeks - row.not_in_remission) <
          errors * without.se / weeks + of_share);
  }

  const Scenario scenario_;
  const Law law_;
  const Tally tally_;
  const Counted counted_;
};

}  // namespace

TEST_CASE(
    "ECT by line, four years: time without remission, QALYs, costs and their "
    "differences are those of a program apart from this one",
    "[validation]") {
  Run("configs/ect_timing.toml")
      .check({{"never", .5068, 6.016, .0270, 2.6563, 33'356},
              {"ect1", .3072, 5.217, .0237, 2.8397, 38'787},
              {"ect2", .3961, 5.764, .0252, 2.7529, 39'149},
              {"ect3", .4051, 5.799, .0253, 2.7452, 38'362},
              {"ect4", .4147, 5.846, .0254, 2.7367, 37'680},
              {"ect5", .4259, 5.944, .0256, 2.7261, 37'333},
              {"ect6", .4368, 6.037, .0258, 2.7159, 36'960}},
             "total_health_care_discounted");
}

TEST_CASE(
    "ECT by line: pairing removes at least 85 % of the variance of the QALYs "
    "gained by third-line ECT against never",
    "[validation]") {
  // Independent of this program: 87.4 %, and 92 to 76 % at the other lines.
  const Run run("configs/ect_timing.toml");
  const auto removed = [&](const std::string& pathway,
                           const std::string& measure) {
    const Counted& counted = run.counted();
    const double paired = counted.difference(pathway, "never", measure).se;
    const double one = counted.of(pathway, measure).se;
    const double other = counted.of("never", measure).se;
    return 1 - paired * paired / (one * one + other * other);
  };
  CHECK(removed("ect3", "qalys_discounted") >= 0.85);
  for (const char* pathway : {"ect4", "ect5", "ect6"}) {
    INFO(pathway);
    CHECK(removed(pathway, "qalys_discounted") >= 0.85);
  }
  // Earlier ECT changes the course of nearly everybody.
  CHECK(removed("ect1", "qalys_discounted") >= 0.70);
  CHECK(removed("ect2", "qalys_discounted") >= 0.80);
}

TEST_CASE(
    "rTMS after one failure, five years: outcomes and differences are those of "
    "a program apart from this one",
    "[validation]") {
  Run("configs/rtms_after_one_failure.toml")
      .check({{"drugs", 1 - .2252, 4.819, .0344, 2.9371, 60'621},
              {"rtms2", 1 - .3077, 5.571, .0328, 3.0421, 77'708},
              {"rtms3", 1 - .3066, 5.585, .0328, 3.0403, 76'658},
              {"rtms4", 1 - .3050, 5.607, .0328, 3.0376, 76'262}},
             "total_payer_discounted");
}

TEST_CASE(
    "Esketamine and ECT at the third line, five years: outcomes and "
    "differences are those of a program apart from this one",
    "[validation]") {
  Run("configs/esketamine_third_line.toml")
      .check({{"usual", 1 - .2621, 4.710, .0404, 2.2989, 63'829},
              {"esketamine", 1 - .3012, 4.662, .0395, 2.3799, 86'203},
              {"esketamine_holds", 1 - .3418, 4.461, .0385, 2.4599, 91'267},
              {"ect", 1 - .3826, 4.819, .0378, 2.5204, 72'189}},
             "total_health_care_discounted");
}
