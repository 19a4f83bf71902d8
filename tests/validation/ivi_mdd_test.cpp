// IVI-MDD v7.0 (configs/ivi_mdd.toml): the law against the checkpoints derived
// from its published inputs, and outcomes against its published results (1,000
// patients) and against programs apart from this one (4,000,000 patients).
#include "sim/core/simulate.hpp"
#include "tests/scenarios.hpp"
#include "tests/validation/moments.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <utility>

using namespace stardsim;
using namespace stardsim::test;

namespace {

const std::string config = "configs/ivi_mdd.toml";
constexpr double weeks_per_month = 365.25 / 12 / 7;
constexpr double half_of_fourth_digit = 0.5e-4;

// ---- the law ----

const ArmLaw& arm_of(const Law& law, std::size_t pathway, std::size_t line) {
  return law.pathways.at(pathway).at(line - 1).arms.at(0);
}

const Risks& risks_of(const ArmLaw& arm, std::size_t line, bool new_class) {
  const auto visit = static_cast<std::uint32_t>(line - 1);
  return at_line(new_class && !arm.risks_if_new_class.empty()
                     ? arm.risks_if_new_class
                     : arm.risks,
                 visit);
}

// Of a constant hazard, from the first moment of the table at or after a week:
// P(T <= t) is known exactly only where a tick ends.
double rate_per_day(const TimeLaw& law, double week = 8) {
  const auto at =
      std::lower_bound(law.tick.begin(), law.tick.end(), to_ticks(week));
  REQUIRE(at != law.tick.end());
  const double probability = probability_below(
      law.cut[static_cast<std::size_t>(at - law.tick.begin())]);
  return -std::log1p(-probability) / (to_weeks(*at) * 7);
}

// ---- outcomes ----

struct Named {
  const char* table;    // as the published model calls it
  const char* measure;  // as this program does
  double unit;
};

constexpr Named measures[] = {
    {"any.trd", "resistant", 1},
    {"any.sae", "adverse_event", 1},
    {"any.cr", "remission", 1},
    {"any.pr", "partial_response", 1},
    {"any.crpr", "response", 1},
    {"any.remission", "lasting_remission", 1},
    {"any.death", "died", 1},
    {"n.tx", "lines", 1},
    {"n.cr", "remissions", 1},
    {"n.remission", "lasting_remissions", 1},
    {"n.relapse", "relapses", 1},
    {"n.fail", "failures", 1},
    {"mos.onTx", "weeks_on_treatment", weeks_per_month},
    {"mos.nr", "weeks_in_no_response", weeks_per_month},
    {"mos.cr", "weeks_in_remission", weeks_per_month},
    {"mos.pr", "weeks_in_partial_response", weeks_per_month},
    {"mos.remission", "weeks_in_lasting_remission", weeks_per_month},
    {"lys.disc", "life_years_discounted", 1},
    {"qaly.disc", "qalys_discounted", 1},
    {"cost.d.tx", "cost_treatment_discounted", 1},
    {"cost.d.state", "cost_state_discounted", 1},
    {"cost.i.trnsprt", "cost_transport_discounted", 1},
    {"cost.i.abs", "cost_absenteeism_discounted", 1},
    {"cost.i.pres", "cost_presenteeism_discounted", 1},
    {"cost.total", "total_societal_discounted", 1}};

struct Expected {
  double mean, sd;
};
using Table = std::map<std::pair<std::string, std::string>, Expected>;

// By pathway and measure of the published model.
Table read_table(const std::string& name) {
  std::ifstream file(STARDSIM_SOURCE_DIR "/tests/validation/data/" + name);
  REQUIRE(file);
  Table table;
  std::string line;
  while (std::getline(file, line)) {
    if (line.empty() || line[0] != 'P') continue;
    std::istringstream row(line);
    std::string pathway, measure, mean, sd;
    std::getline(row, pathway, ',');
    std::getline(row, measure, ',');
    std::getline(row, mean, ',');
    std::getline(row, sd, ',');
    table[{pathway, measure}] = {std::stod(mean), std::stod(sd)};
  }
  return table;
}

struct PublishedRow {
  const char* measure;
  double P2, P3, P5;
};

// The run of 2023 with 1,000 patients.
constexpr PublishedRow published[] = {
    {"any.cr", .857, .908, .897},
    {"any.pr", .499, .547, .555},
    {"any.crpr", .948, .974, .973},
    {"any.remission", .785, .851, .845},
    {"any.death", .029, .022, .020},
    {"any.trd", .867, .839, .844},
    {"n.tx", 3.565, 3.501, 3.506},
    {"n.relapse", 1.198, 1.326, 1.324},
    {"n.fail", 2.405, 2.134, 2.141},
    {"mos.onTx", 29.44, 33.04, 32.96},
    {"mos.nr", 32.86, 29.39, 29.48},
    {"mos.cr", 24.73, 28.11, 28.05},
    {"mos.pr", 1.501, 1.764, 1.809},
    {"lys.disc", 4.6468, 4.6602, 4.6667},
    {"qaly.disc", 2.7777, 2.9066, 2.9057},
    {"cost.d.tx", 975, 31'133, 6157},
    {"cost.d.state", 48'909, 47'016, 47'328},
    {"cost.i.trnsprt", 360, 779, 402},
    {"cost.i.abs", 14'012, 13'215, 13'269},
    {"cost.i.pres", 39'549, 37'755, 37'895},
    {"cost.total", 103'805, 129'898, 105'053}};

const Named& named(const std::string& table) {
  for (const Named& one : measures)
    if (one.table == table) return one;
  throw std::invalid_argument("no measure " + table);
}

double mean_of(const Counted& counted, const std::string& pathway,
               const std::string& measure) {
  const Named& name = named(measure);
  return counted.of(pathway, name.measure).mean / name.unit;
}

// SE = sqrt(SD^2 / patients there + SD^2 / patients here), SD of the table.
void check_table(const Counted& counted, double patients, const Table& table) {
  for (const auto& [key, expected] : table) {
    const auto& [pathway, measure] = key;
    const double found = mean_of(counted, pathway, measure);
    INFO(pathway << " " << measure << ": " << found << " for "
                 << expected.mean);
    const double se = expected.sd * std::sqrt(1 / patients + 1 / 4e6);
    // The table has six digits.
    CHECK(std::abs(found - expected.mean) <=
          4 * se + 1e-5 * std::abs(expected.mean));
  }
}

void check_published(const Counted& counted, double patients,
                     const Table& table) {
  for (const PublishedRow& row : published)
    for (const auto& [pathway, value] :
         {std::pair{"P2", row.P2}, {"P3", row.P3}, {"P5", row.P5}}) {
      const double found = mean_of(counted, pathway, row.measure);
      INFO(pathway << " " << row.measure << ": " << found << " for " << value);
      const double sd = table.at({pathway, row.measure}).sd;
      CHECK(std::abs(found - value) <=
            3 * sd * std::sqrt(1 / patients + 1 / 1000.0));
    }
}

void check_all(std::uint64_t patients) {
  const Scenario scenario = from_file(config);
  const Law law = compile(scenario);
  REQUIRE(law.accrual);
  RunOptions run;
  run.patients = patients;
  run.luck.seed = scenario.cohort.seed;
  const Tally tally = simulate(law, run);
  const Counted counted(scenario, law, tally);
  const auto n = static_cast<double>(patients);
  const Table expected = read_table("ivi_mdd_expectation.csv");
  REQUIRE(expected.size() == 3 * std::size(measures));
  check_table(counted, n, expected);
  const Table others = read_table("ivi_mdd_p1_p4.csv");
  REQUIRE(others.size() == 2 * std::size(measures));
  check_table(counted, n, others);
  check_published(counted, n, expected);
}

}  // namespace

TEST_CASE(
    "IVI-MDD: what happens in eight weeks of each treatment and line is as "
    "derived from the published inputs, to four digits",
    "[validation]") {
  const Scenario scenario = from_file(config);
  const Law law = compile(scenario);
  enum { P1, P2, P3, P4, P5 };
  struct Checkpoint {
    const char* what;
    std::size_t pathway, line;
    bool new_class;
    double complete, partial, none, extension;
  };
  constexpr Checkpoint checkpoints[] = {
      {"SSRI", P2, 1, true, .3760, .1583, .4657, .3800},
      {"SSRI", P2, 2, false, .3114, .1665, .5221, .3154},
      {"SNRI", P5, 2, true, .4148, .1704, .4149, .3800},
      {"SSRI and psychotherapy", P3, 2, true, .4590, .1826, .3584, .3800},
      {"SSRI", P2, 3, false, .1382, .1872, .6747, .1406},
      {"SSRI and psychotherapy", P3, 3, false, .1677, .2292, .6031, .1406},
      {"SSRI and psychotherapy", P4, 3, true, .1677, .2292, .6031, .1406},
      {"SNRI and atypical", P5, 3, true, .1784, .2447, .5769, .1406},
      {"SSRI", P2, 4, false, .1307, .1880, .6813, .1330},
      {"SSRI and psychotherapy", P3, 4, false, .1586, .2305, .6108, .1330},
      {"with rTMS", P4, 4, true, .2995, .4558, .2448, .1330},
      {"SNRI and antipsychotic", P5, 4, true, .1791, .2626, .5583, .1330}};
  for (const Checkpoint& point : checkpoints) {
    INFO(point.what << ", line " << point.line);
    const ArmLaw& arm = arm_of(law, point.pathway, point.line);
    const Risks& risks = risks_of(arm, point.line, point.new_class);
    const double complete = probability_below(risks.remission);
    const double either = probability_below(risks.up_to_partial_response);
    // The last digit of a difference may be off by one.
    CHECK(std::abs(complete - point.complete) < half_of_fourth_digit);
    CHECK(std::abs(either - complete - point.partial) < half_of_fourth_digit);
    CHECK(std::abs(1 - either - point.none) < half_of_fourth_digit);

    REQUIRE(arm.extension);
    CHECK(arm.extension->length == to_ticks(8));
    const auto visit = static_cast<std::uint32_t>(point.line - 1);
    const auto& by_line =
        point.new_class && !arm.extension->remission_if_new_class.empty()
            ? arm.extension->remission_if_new_class
            : arm.extension->remission;
    const double rate = rate_per_day(law.survivals[at_line(by_line, visit)]);
    CHECK(std::abs(-std::expm1(-56 * rate) - point.extension) <
          half_of_fourth_digit);
  }
}

TEST_CASE(
    "IVI-MDD: relapse by line, early and late, from partial response and "
    "untreated, spontaneous remission and returns from gaps have the rates "
    "derived from the published inputs",
    "[validation]") {
  const Law law = compile(from_file(config));
  constexpr double late[] = {.00117942, .00200950, .00166179, .00239471};
  constexpr double early[] = {.00079021, .00134636, .00111340, .00160446};
  constexpr double partial_in_a_year[] = {.586, .677, .760, .833};
  constexpr double days_after_failure[] = {90, 120, 150};
  constexpr double last_digit = 0.5e-8;
  const auto rate = [&](std::size_t survival) {
    return rate_per_day(law.survivals.at(survival), 52);
  };
  for (std::size_t pathway = 1; pathway <= 4; ++pathway)
    for (std::size_t line = 1; line <= 4; ++line) {
      INFO("P" << pathway + 1 << ", line " << line);
      const ArmLaw& arm = arm_of(law, pathway, line);
      CHECK(arm.follow_up_from_end_of_step);
      const FollowUpLaw& follow_up = arm.follow_up_remitted;
      CHECK(std::abs(rate(follow_up.relapse) - late[line - 1]) < last_digit);
      CHECK(std::abs(rate(follow_up.relapse) *
                         std::exp(double{follow_up.early_log_hazard}) -
                     early[line - 1]) < last_digit);
      CHECK(follow_up.early_until == to_ticks(4));
      REQUIRE(arm.extension);
      CHECK(rate(arm.extension->relapse) ==
            Approx(-std::log1p(-partial_in_a_year[line - 1]) / 365.25)
                .epsilon(1e-6));
      if (line == 4) continue;
      CHECK(rate(arm.gap_return_after_failure) ==
            Approx(1 / days_after_failure[line - 1]).epsilon(1e-4));
      const std::size_t after_relapse = arm.gap_return_after_relapse == nothing
                                            ? law.gap_return
                                            : arm.gap_return_after_relapse;
      CHECK(rate(after_relapse) == Approx(1 / 60.0).epsilon(1e-4));
    }
  CHECK(rate(law.spontaneous_relapse) == Approx(.0049331).margin(0.5e-7));
  CHECK(rate(law.spontaneous_remission) == Approx(.00036559).margin(0.5e-8));
  CHECK(law.remits_in_gaps);
}

TEST_CASE(
    "IVI-MDD: 25 outcomes of each of five pathways are as expected and as "
    "published, with 100,000 patients",
    "[validation]") {
  check_all(100'000);
}

TEST_CASE(
    "IVI-MDD: 25 outcomes of each of five pathways are as expected and as "
    "published, with 4,000,000 patients",
    "[validation][slow]") {
  check_all(4'000'000);
}
