#include "sim/app/decision_sheets.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>
#include <string>

using namespace stardsim;

namespace {

/// Two strategies at one threshold, by hand.
PerspectiveDecision by_hand() {
  PerspectiveDecision decision;
  decision.perspective = "payer";
  decision.money = "USD 2021";
  decision.strategies = {"usual", "new"};
  decision.reference = 0;
  decision.draws = 1'000;
  decision.patients = 200;
  decision.is_corrected = true;
  decision.at = {{50'000,
                  {{80'000, 210, 0.25, 0.012, 0.375, 612, 980, false},
                   {80'400, 220, 0.75, 0.012, 0.625, 212, 580, true}},
                  {212, 14, 580}}};
  decision.stated = {50'000};
  decision.information = {
      {"ect", "Remission with ECT", 2, true, {{150, 12, 0}}},
      {"steps.a.remission", "steps.a.remission", 1, false, {{30, 10, 0}}},
      {"steps.b.remission", "steps.b.remission", 1, false, {{5, 10, 0}}},
      {"steps.c.remission", "steps.c.remission", 1, false, {{90, 10, 0}}}};
  decision.design = {
      {50'000, 1, 0, 1'000, 400'000, 2 / 3.0, 7'600, 400.2, 812.5}};
  return decision;
}

std::string text_of(const PerspectiveDecision& decision, bool all = false) {
  std::string text;
  for (const Sheet& sheet : decision_sheets({decision}, all))
    text += as_text(sheet);
  return text;
}

bool has(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("decision sheets tell standings, EVPI, parameters and luck",
          "[app]") {
  const auto sheets = decision_sheets({by_hand()});
  REQUIRE(sheets.size() == 3);
  CHECK(sheets[0].title ==
        "Decision under uncertainty of parameters, perspective payer, at "
        "50,000 USD 2021 per QALY");
  const std::vector<std::string> usual{
      "usual (ref.)", "80,000 (210)", "25.0 (1.2)", "37.5", "612", "980"},
      other{"new", "* 80,400 (220)", "75.0 (1.2)", "62.5", "212", "580"};
  CHECK(sheets[0].rows[0] == usual);
  CHECK(sheets[0].rows[1] == other);
  CHECK(has(sheets[0].note,
            "EVPI: 212 (14) USD 2021 per patient; with luck and all 580."));
  CHECK(has(sheets[0].note, "Corrected for the luck"));
  for (const Sheet& sheet : sheets)
    for (const auto& row : sheet.rows) CHECK(row.size() == sheet.header.size());

  // Groups, then clear parameters, those worth most first.
  REQUIRE(sheets[1].rows.size() == 3);
  CHECK(sheets[1].rows[0][0] == "Remission with ECT");
  CHECK(sheets[1].rows[1][0] == "steps.c.remission");
  CHECK(sheets[1].rows[2][0] == "steps.a.remission");
  CHECK(has(sheets[1].note, "Of 3 parameters 2 are shown"));
  CHECK(decision_sheets({by_hand()}, true)[1].rows.size() == 4);

  const std::vector<std::string> luck{"50,000", "new, usual", "66.7",
                                      "7,600",  "401",        "813"};
  CHECK(sheets[2].rows[0] == luck);
}

TEST_CASE("where luck is common, nothing is said to be corrected", "[app]") {
  auto decision = by_hand();
  decision.is_corrected = false;
  decision.design.clear();
  const std::string text = text_of(decision);
  CHECK(has(text, "nothing is corrected"));
  CHECK_FALSE(has(text, "with luck"));
}

TEST_CASE("without times there is no advice on the best number of patients",
          "[app]") {
  auto decision = by_hand();
  decision.design[0].best_patients = std::nan("");
  decision.design[0].draws_in_same_time = std::nan("");
  CHECK(has(text_of(decision), "patients for 5 %"));
  CHECK_FALSE(has(text_of(decision), "est patients"));
  decision.design[0].patients_for_5_percent =
      std::numeric_limits<double>::infinity();
  CHECK(has(text_of(decision), "no number"));
}

TEST_CASE("of the grid only stated thresholds are in the sheets, all in CSV",
          "[app]") {
  auto decision = by_hand();
  decision.at.push_back(decision.at.front());
  decision.at.back().threshold = 60'000;
  CHECK(decision_sheets({decision}).size() == 3);
  std::istringstream csv(decision_csv({decision}));
  std::string line;
  std::getline(csv, line);
  CHECK(line ==
        "table,perspective,threshold,about,figure,unit,estimate,"
        "standard_error,naive");
  int lines = 0, evpi = 0;
  while (std::getline(csv, line)) {
    ++lines;
    evpi += line == "decision,payer,60000,,evpi,USD 2021,212,14,580";
    CHECK(std::count(line.begin(), line.end(), ',') >= 8);
  }
  // 4 figures of 2 strategies and EVPI at 2 thresholds; EVPPI; the design.
  CHECK(lines == 2 * (4 * 2 + 1) + 4 + 2);
  CHECK(evpi == 1);
}

TEST_CASE("nothing to decide makes no sheets", "[app]") {
  CHECK(decision_sheets({}).empty());
  auto decision = by_hand();
  decision.stated.clear();
  decision.information.clear();
  decision.design.clear();
  CHECK(decision_sheets({decision}).empty());
}
