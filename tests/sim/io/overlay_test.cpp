#include "sim/io/overlay.hpp"

#include "models/parameters.hpp"
#include "sim/io/scenario_reader.hpp"
#include "tests/program.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace stardsim;
using namespace stardsim::test;

namespace {

Document document_of(const std::filesystem::path& path) {
  Problems problems;
  return read_document(path, scenario_merges, problems);
}

double value_of(const Scenario& scenario, const std::string& key) {
  for (const Parameter& one : parameters_of(scenario))
    if (one.evidence.key == key) return one.evidence.value;
  FAIL("no parameter " << key);
  return 0;
}

}  // namespace

TEST_CASE("a file of new numbers extends the first, and nothing else changes",
          "[calibration]") {
  const Folder folder;
  const auto base = folder.write("base.toml", R"([scenario]
title = "Base"
reference = "p"
horizon = 104
[pathways]
p = ["first", "a b"]
[steps.first]
weeks = 8
remission = { events = 30, of = 100, source = "S", note = "\"so\"" }
remission_time = { distribution = "gamma", shape = 3, scale = 2.5, source = "T" }
[steps.first.follow_up.remitted]
relapse = { probability = { beta = [3, 7] }, by = 52, source = "R" }
[steps."a b"]
weeks = 8
[steps."a b".arms]
x = { share = 1, remission = 0.2 }
y = { share = 3, remission = { value = 0.3, sd = 0.02 } }
)");
  const Document document = document_of(base);
  const std::vector<std::string> keys = {
      "steps.first.remission", "steps.first.remission_time.scale",
      "steps.first.follow_up.remitted.relapse.probability",
      "steps.\"a b\".arms.y.remission"};
  const std::vector<double> before = {0.3, 2.5, 0.3, 0.3},
                            after = {0.31, 2.25, 0.125, 0.4375};
  std::vector<NewNumber> numbers;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    CHECK(number_at(document, keys[i]) == before[i]);
    numbers.push_back({keys[i], after[i], after[i] - 0.1, after[i] + 0.1,
                       "Calibrated to \"t\\x\"", "n"});
  }
  CHECK(!number_at(document, "steps.first.remision"));
  CHECK(!number_at(document, "steps.first"));

  const auto extended =
      folder.write("new.toml", "extends = \"base.toml\"\n" +
                                   overlay(document, scenario_merges, numbers));
  const Scenario old = read_scenario(base).scenario,
                 now = read_scenario(extended).scenario;
  for (const Parameter& one : parameters_of(old)) {
    const std::string& key = one.evidence.key;
    const auto at = std::find(keys.begin(), keys.end(), key);
    const double expected =
        at == keys.end() ? one.evidence.value
                         : after[static_cast<std::size_t>(at - keys.begin())];
    CHECK(value_of(now, key) == expected);
  }
  const Evidence& remission = now.steps[0].arms[0].remission;
  CHECK(remission.source == "Calibrated to \"t\\x\"");
  CHECK(std::get<Interval>(remission.certainty).low == Approx(0.21));
  // The week of the probability and the other time parameter stand as before.
  const auto& relapse = std::get<ByProbability>(
      now.steps[0].arms[0].follow_up_remitted.relapse->form);
  CHECK(relapse.by == 52);
}

TEST_CASE("text in quotes is that of TOML", "[calibration]") {
  CHECK(toml_string("a \"b\" \\ c\n\td\x01") ==
        "\"a \\\"b\\\" \\\\ c\\n\\td\\u0001\"");
}

TEST_CASE(
    "every number of a scenario stands in its file, but what is made of two",
    "[calibration]") {
  for (const char* const name :
       {"configs/stard_follow_up.toml", "configs/ect_by_line.toml",
        "configs/ect_timing.toml", "configs/ivi_mdd.toml"}) {
    const auto path = source_file(name);
    const Document document = document_of(path);
    for (const Parameter& one : parameters_of(read_scenario(path).scenario)) {
      // A decrement over some weeks is kept as the QALYs that it costs.
      if (one.evidence.key == "adverse_events.memory.qaly_loss") continue;
      INFO(name << ": " << one.evidence.key);
      CHECK(number_at(document, one.evidence.key) == one.evidence.value);
    }
  }
}
