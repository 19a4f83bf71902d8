#include "sim/io/patient_tables.hpp"

#include "models/units.hpp"
#include "sim/core/simulate.hpp"
#include "sim/io/results.hpp"
#include "tests/columns.hpp"
#include "tests/scenarios.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <sstream>
#include <tuple>

using namespace stardsim;
using namespace stardsim::test;

namespace {

constexpr std::uint64_t patients = 1000;
constexpr double none = -1;

using Numbers = std::vector<double>;

Trace trace_of(std::uint64_t count) {
  Trace trace;
  trace.patients = count;
  trace.luck.seed = 99;
  return trace;
}

Columns stored(const Scenario& scenario, const Trace& trace) {
  const Law law = compile(scenario);
  RunOptions run;
  run.patients = patients;
  run.luck = trace.luck;
  const Engine engine(law);
  return Columns(results_image(scenario, simulate(law, run), {},
                               with_histories(scenario, engine, trace)));
}

/// The rows of one life in the order of the columns, from the meaning of each
/// event alone.
void add_rows(const Life& life, std::size_t pathway, std::size_t steps,
              std::vector<Numbers>& rows) {
  for (const Event& event : life.events) {
    bool has_step = event.position < steps, has_arm = true;
    switch (event.what) {
      case Happening::entry:
      case Happening::exhausted:
      case Happening::spontaneous_remission:
      case Happening::spontaneous_relapse:
        has_step = has_arm = false;
        break;
      case Happening::passed_on:
      case Happening::waiting:
        has_arm = false;
        break;
      default:
        has_arm = has_step;
    }
    rows.push_back(
        {static_cast<double>(life.patient), static_cast<double>(pathway),
         event.tick / 1024.0, static_cast<double>(event.what),
         has_step ? event.position + 1 : none, has_arm ? event.arm + 1 : none,
         static_cast<double>(event.visit)});
  }
}

const std::vector<std::string> columns{"patient", "pathway", "week", "event",
                                       "step",    "arm",     "visit"};

std::vector<Numbers> rows_of(const Columns& file) {
  std::vector<Numbers> by_column;
  for (const std::string& name : columns)
    by_column.push_back(file.numbers("/patients/" + name));
  std::vector<Numbers> rows(by_column[0].size());
  for (const Numbers& column : by_column) {
    REQUIRE(column.size() == rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i].push_back(column[i]);
  }
  return rows;
}

std::size_t first_difference(const std::vector<Numbers>& found,
                             const std::vector<Numbers>& expected) {
  const auto [one, other] = std::mismatch(found.begin(), found.end(),
                                          expected.begin(), expected.end());
  (void)other;
  return static_cast<std::size_t>(one - found.begin());
}

}  // namespace

TEST_CASE("The stored history of every patient is the one that is replayed",
          "[io]") {
  for (const Scenario& scenario :
       {clinical(), from_file("configs/trd_third_line.toml")}) {
    INFO(scenario.title);
    const Trace trace = trace_of(patients);
    const Columns file = stored(scenario, trace);
    const Engine engine(compile(scenario));
    std::vector<Numbers> expected;
    std::vector<Numbers> covariates(scenario.cohort.covariates.size());
    Numbers numbers;
    for (std::uint64_t i = 0; i < patients; ++i) {
      for (std::size_t p = 0; p < scenario.pathways.size(); ++p) {
        const Life life = live(engine, trace.luck, i, p, false);
        add_rows(life, p, scenario.pathways[p].steps.size(), expected);
        for (std::size_t c = 0; p == 0 && c < covariates.size(); ++c)
          covariates[c].push_back(life.covariates[c]);
      }
      numbers.push_back(static_cast<double>(i));
    }
    const auto found = rows_of(file);
    REQUIRE(found.size() == expected.size());
    CHECK(first_difference(found, expected) == expected.size());
    CHECK(file.numbers("/patients/covariates/patient") == numbers);
    for (std::size_t c = 0; c < covariates.size(); ++c) {
      const std::string name = scenario.cohort.covariates[c].name;
      INFO(name);
      const bool equal =
          file.numbers("/patients/covariates/" + name) == covariates[c];
      CHECK(equal);
    }
  }
}

TEST_CASE("Stored histories add up to what the vector engine counted", "[io]") {
  const Scenario scenario = clinical();
  const Law law = compile(scenario);
  RunOptions run;
  run.patients = patients;
  run.luck.seed = 99;
  const Tally tally = simulate(law, run);
  std::map<std::tuple<double, double, double, double>, std::uint64_t> counts;
  for (const Numbers& row : rows_of(stored(scenario, trace_of(patients))))
    ++counts[{row[1], row[4], row[5], row[3]}];
  const auto count = [&](std::size_t p, std::size_t s, std::size_t a,
                         Happening what) {
    return counts[{static_cast<double>(p), static_cast<double>(s + 1),
                   static_cast<double>(a + 1), static_cast<double>(what)}];
  };
  std::uint64_t entered = 0;
  for (std::size_t p = 0; p < scenario.pathways.size(); ++p) {
    const auto& arms = tally.pathways[p].course[1].arms;
    for (std::size_t s = 0; s < arms.size(); ++s)
      for (std::size_t a = 0; a < arms[s].size(); ++a) {
        INFO("pathway " << p << " step " << s << " arm " << a);
        const Flow<std::uint64_t>& flow = arms[s][a];
        CHECK(count(p, s, a, Happening::start) == flow.entered);
        CHECK(count(p, s, a, Happening::remission) == flow.remission);
        CHECK(count(p, s, a, Happening::partial_response) ==
              flow.partial_response);
        CHECK(count(p, s, a, Happening::intolerance) == flow.intolerance);
        CHECK(count(p, s, a, Happening::no_response) == flow.no_response);
        CHECK(count(p, s, a, Happening::unfinished) == flow.unfinished);
        const auto& later = tally.pathways[p].later.follow_up[s][a];
        CHECK(count(p, s, a, Happening::relapse) ==
              later[0].relapsed + later[1].relapsed);
        CHECK(count(p, s, a, Happening::drop_out) ==
              later[0].dropped_out + later[1].dropped_out);
        entered += flow.entered;
      }
  }
  CHECK(entered > 2 * patients);
}

TEST_CASE("Histories are in the order of patient, pathway and time", "[io]") {
  const Columns file = stored(clinical(), trace_of(patients));
  const auto rows = rows_of(file);
  const bool sorted = std::is_sorted(
      rows.begin(), rows.end(), [](const Numbers& one, const Numbers& other) {
        return std::tie(one[0], one[1], one[2]) <
               std::tie(other[0], other[1], other[2]);
      });
  CHECK(sorted);
  const Numbers number = file.numbers("/patients/event_number");
  REQUIRE(number.size() == rows.size());
  CHECK(number.front() == 0);
  CHECK(number.back() == static_cast<double>(rows.size() - 1));
}

TEST_CASE("A subgroup's histories are those of its members", "[io]") {
  const Scenario scenario = clinical();
  Trace trace = trace_of(patients);
  const Columns whole = stored(scenario, trace);
  const Numbers site = whole.numbers("/patients/covariates/site");
  trace.subgroup = 1;  // site y, the second level
  const Columns some = stored(scenario, trace);
  const Numbers members = some.numbers("/patients/covariates/patient");
  Numbers expected;
  for (std::size_t i = 0; i < patients; ++i)
    if (site[i] == 1) expected.push_back(static_cast<double>(i));
  CHECK(members == expected);
  // About half: 5 standard errors of 0.5 in 1,000 patients are 0.08.
  CHECK(static_cast<double>(members.size()) / patients ==
        Approx(0.5).margin(0.08));
  std::vector<Numbers> theirs;
  for (const Numbers& row : rows_of(whole))
    if (std::count(members.begin(), members.end(), row[0]) > 0)
      theirs.push_back(row);
  const bool equal = rows_of(some) == theirs;
  CHECK(equal);
}

TEST_CASE("A subgroup without members leaves empty columns", "[io]") {
  Scenario scenario = clinical();
  scenario.subgroups[0].all_of[0].low = 1e6;  // an age
  Trace trace = trace_of(50);
  trace.subgroup = 0;
  const Columns file = stored(scenario, trace);
  CHECK(file.has("/patients/event"));
  CHECK(rows_of(file).empty());
  CHECK(file.numbers("/patients/covariates/age").empty());
}

TEST_CASE("Columns are compressed, and say what their numbers mean", "[io]") {
  const Columns file = stored(clinical(), trace_of(10));
  const std::map<std::string, std::string> types{
      {"patient", "uint64"},
      {"pathway", "uint16"},
      {"week", "float64"},
      {"event", "uint8"},
      {"step", "int16"},
      {"arm", "int16"},
      {"visit", "uint16"},
      {"covariates/patient", "uint64"},
      {"covariates/age", "float32"}};
  for (const auto& [name, type] : types) {
    INFO(name);
    CHECK(file.type("/patients/" + name) == type);
    CHECK(file.is_compressed("/patients/" + name));
  }
  CHECK(file.text_attribute("/patients/pathway", "flag_meanings") ==
        "plain long");
  CHECK(file.text_attribute("/patients/covariates/site", "flag_meanings") ==
        "x y z");
  std::istringstream words(
      file.text_attribute("/patients/event", "flag_meanings"));
  std::size_t meanings = 0;
  for (std::string word; words >> word; ++meanings)
    CHECK(word == name_of(static_cast<Happening>(meanings)));
  CHECK(meanings == static_cast<std::size_t>(Happening::horizon) + 1);
}

TEST_CASE("Names that a file cannot use as they are do not get in the way",
          "[io]") {
  Scenario scenario = clinical();
  scenario.cohort.covariates[0].name = "patient";
  scenario.cohort.covariates[1].name = "a/b";
  scenario.cohort.covariates[2].name = "a_b";
  scenario.pathways[0].name = "two words";
  const Columns file = stored(scenario, trace_of(3));
  for (const std::string name : {"patient", "patient_", "a_b", "a_b_"})
    CHECK(file.numbers("/patients/covariates/" + name).size() == 3);
  CHECK(file.text_attribute("/patients/pathway", "flag_meanings") ==
        "two_words long");
}

TEST_CASE("Without a trace there is no group of patients", "[io]") {
  const Scenario scenario = rich();
  RunOptions run;
  run.patients = 10;
  const Columns file(
      results_image(scenario, simulate(compile(scenario), run), {}));
  CHECK_FALSE(file.has("/patients"));
}

TEST_CASE("Storing histories stops when asked to", "[io]") {
  Trace trace = trace_of(patients);
  std::uint64_t seen = 0;
  trace.progress = [&](std::uint64_t done) { seen = done; };
  trace.stop = [&] { return seen > 0; };
  CHECK_THROWS_AS(stored(rich(), trace), Interrupted);
  CHECK(seen < patients);
}
