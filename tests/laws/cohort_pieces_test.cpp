// Permuting, splitting or extending the cohort changes no patient.
#include "sim/core/life.hpp"
#include "sim/core/simulate.hpp"
#include "sim/io/results.hpp"
#include "sim/io/scenario_reader.hpp"
#include "tests/equal.hpp"
#include "tests/program.hpp"
#include "tests/scenarios.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

using namespace stardsim;
using namespace stardsim::test;

namespace {

Scenario clinical_by_frailty() {
  Scenario scenario = clinical();
  scenario.line_dependence = LineDependence::frailty;
  // Not in the reference pathway; and measured a line earlier than given.
  scenario.steps[2].arms[0].anchor = 2;
  scenario.steps[3].arms[0].anchor = 2;
  return scenario;
}

// In the order of `pieces`, each from its first patient to the next first one.
Tally sum_of_pieces(const Law& law, std::vector<std::uint64_t> firsts,
                    std::uint64_t end, std::uint32_t order) {
  firsts.push_back(end);
  std::vector<std::pair<std::uint64_t, std::uint64_t>> pieces;
  for (std::size_t i = 0; i + 1 < firsts.size(); ++i)
    pieces.emplace_back(firsts[i], firsts[i + 1] - firsts[i]);
  std::mt19937 mix(order);
  std::shuffle(pieces.begin(), pieces.end(), mix);
  Tally sum(law);
  for (const auto& [first, patients] : pieces)
    sum += simulate(law, cohort(patients, first));
  return sum;
}

// The header first, the other lines in another order.
std::string permuted(const std::string& csv, std::uint32_t order) {
  std::istringstream in(csv);
  std::string header, line, out;
  std::getline(in, header);
  std::vector<std::string> rows;
  while (std::getline(in, line)) rows.push_back(line);
  std::mt19937 mix(order);
  std::shuffle(rows.begin(), rows.end(), mix);
  out = header + "\n";
  for (const std::string& row : rows) out += row + "\n";
  return out;
}

// The scenario of configs/table with another file of patients.
class FromTable {
 public:
  Scenario read(const std::string& csv, bool sorted, const char* use) {
    folder_.write("patients.csv", csv);
    std::string text =
        read_text(source_file("configs/table/patients_from_table.toml"));
    replace(text, "../stard.toml", source_file("configs/stard.toml").string());
    if (!sorted) replace(text, "id = \"id\"", "");
    if (use == std::string("each"))
      replace(text, "weight = \"weight\"", "use = \"each\"");
    return read_scenario(folder_.write("a.toml", text)).scenario;
  }

 private:
  static void replace(std::string& text, const std::string& old,
                      const std::string& by) {
    const auto at = text.find(old);
    REQUIRE(at != std::string::npos);
    text.replace(at, old.size(), by);
  }

  Folder folder_;
};

}  // namespace

TEST_CASE(
    "A cohort simulated in pieces, in any order, adds up to the whole in every "
    "count of the whole course",
    "[laws]") {
  for (const Scenario& scenario : {clinical(), clinical_by_frailty()}) {
    const Law law = compile(scenario);
    const Tally whole = simulate(law, cohort(100'000));
    for (const std::uint32_t order : {1u, 2u, 3u}) {
      INFO("order " << order);
      CHECK(difference(sum_of_pieces(law,
                                     {0, 1, 2, 15, 1023, 1024, 1025, 32'767,
                                      32'769, 65'536, 70'001, 99'999},
                                     100'000, order),
                       whole) == "");
    }
  }
}

TEST_CASE("Patients may be taken one by one from the middle of a cohort",
          "[laws]") {
  const Law law = compile(clinical());
  Tally sum(law);
  for (std::uint64_t patient = 5'300; patient > 5'000; --patient)
    sum += simulate(law, cohort(1, patient - 1));
  CHECK(difference(sum, simulate(law, cohort(300, 5'000))) == "");
}

TEST_CASE("The first patients of a larger cohort are the same", "[laws]") {
  // The number of patients stands in the scenario and nowhere else: whoever
  // asks for the larger cohort gets its first 1,000 as the smaller one.
  for (Scenario scenario : {clinical(), clinical_by_frailty()}) {
    scenario.cohort.patients = 1'000;
    const Law small = compile(scenario);
    scenario.cohort.patients = 1'000'000;
    const Law large = compile(scenario);
    Tally parts = simulate(small, cohort(1'000));
    parts += simulate(large, cohort(199'000, 1'000));
    CHECK(difference(parts, simulate(large, cohort(200'000))) == "");
  }
}

TEST_CASE("Solved intercepts know nothing of patients, seed or draw",
          "[laws]") {
  for (Scenario scenario :
       {clinical(), clinical_by_frailty(),
        from_file("configs/ect_by_line_frailty.toml"),
        from_file("configs/table/patients_from_table.toml")}) {
    INFO(scenario.title);
    scenario.cohort.patients = 1'000;
    scenario.cohort.seed = 1;
    const auto expected = bytes_of(compile(scenario));
    for (const std::uint64_t seed : {2u, 20061101u}) {
      scenario.cohort.patients = 1'000'000;
      scenario.cohort.seed = seed;
      const bool equal = bytes_of(compile(scenario)) == expected;
      CHECK(equal);
    }
  }
}

TEST_CASE(
    "Where rows are sorted by an identifier, their order in the file changes "
    "nothing",
    "[laws]") {
  const std::string csv = read_text(source_file("configs/table/patients.csv"));
  for (const char* const use : {"draw", "each"}) {
    INFO(use);
    FromTable table;
    const Law law = compile(table.read(csv, true, use));
    const Tally expected = simulate(law, cohort(20'000));
    const Tally unsorted =
        simulate(compile(table.read(csv, false, use)), cohort(20'000));
    // The file is in order, so that sorting does nothing to it.
    CHECK(difference(unsorted, expected) == "");
    for (const std::uint32_t order : {1u, 2u, 3u}) {
      const std::string other = permuted(csv, order);
      REQUIRE(other != csv);
      const Law same = compile(table.read(other, true, use));
      CHECK(bytes_of(same) == bytes_of(law));
      CHECK(difference(simulate(same, cohort(20'000)), expected) == "");
      const Law mixed = compile(table.read(other, false, use));
      CHECK(difference(simulate(mixed, cohort(20'000)), expected) != "");
    }
  }
}

TEST_CASE(
    "With patients who differ, the tally is the same for 1, 2, 3 and 8 threads "
    "and for every instruction set",
    "[laws][threads][slow]") {
  for (const Scenario& scenario :
       {clinical(), clinical_by_frailty(),
        from_file("configs/trd_third_line.toml"),
        from_file("configs/ect_by_line_frailty.toml"),
        from_file("configs/table/patients_from_table.toml")}) {
    INFO(scenario.title);
    const Law law = compile(scenario);
    RunOptions run = cohort(100'001);
    run.threads = 1;
    const Tally reference = simulate(law, run);
    for (const std::string& set : instruction_sets())
      for (const int threads : {1, 2, 3, 8}) {
        // One lane is slow: three threads tell as much as eight.
        if (set == "one-lane" && threads != 3) continue;
        INFO(set << ", " << threads << " threads");
        run.threads = threads;
        run.instruction_set = set;
        CHECK(difference(simulate(law, run), reference) == "");
      }
  }
}

TEST_CASE(
    "With patients who differ, every dataset has the same bytes for any "
    "threads and instruction set",
    "[laws][threads]") {
  const Scenario scenario = clinical();
  const Law law = compile(scenario);
  RunOptions run = cohort(50'000);
  const auto reference = results_image(scenario, simulate(law, run), {});
  for (const std::string& set : instruction_sets())
    for (const int threads : {1, 3}) {
      INFO(set << ", " << threads << " threads");
      run.threads = threads;
      run.instruction_set = set;
      const bool equal =
          results_image(scenario, simulate(law, run), {}) == reference;
      CHECK(equal);
    }
}
