// `stardsim compare` as its users meet it, and the tables behind it.
#include "sim/app/compare.hpp"

#include "sim/app/outcome_sheets.hpp"
#include "tests/columns.hpp"
#include "tests/hand_made_run.hpp"
#include "tests/program.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

using namespace stardsim;
using stardsim::test::contains;
using stardsim::test::Folder;
using stardsim::test::hand_made_run;
using stardsim::test::Outcome;
using stardsim::test::result_attributes;
using stardsim::test::write_result;

namespace {

std::string write(const Folder& folder, const std::string& name,
                  const RunOutcomes& run) {
  write_result(folder / name, run, result_attributes(run));
  return "'" + (folder / name).string() + "'";
}

/// Lines of CSV without quotes in it, as {column: word}.
std::vector<std::map<std::string, std::string>> parsed(
    const std::string& text) {
  std::istringstream lines(text);
  std::string line, word;
  std::vector<std::string> names;
  std::vector<std::map<std::string, std::string>> rows;
  while (std::getline(lines, line)) {
    std::istringstream words(line + ",");
    std::vector<std::string> cells;
    while (std::getline(words, word, ',')) cells.push_back(word);
    if (names.empty()) {
      names = cells;
      continue;
    }
    REQUIRE(cells.size() == names.size());
    rows.emplace_back();
    for (std::size_t i = 0; i < names.size(); ++i)
      rows.back()[names[i]] = cells[i];
  }
  return rows;
}

const std::string smoke =
    "'" + stardsim::test::source_file("configs/smoke.toml").string() + "'";

}  // namespace

TEST_CASE("Numbers are told to the second figure of their error",
          "[app][compare]") {
  CHECK(decimals_worth(0.0123) == 3);
  CHECK(decimals_worth(12.3) == 0);
  CHECK(decimals_worth(1) == 1);
  CHECK(decimals_worth(0) == 4);
  CHECK(with_decimals(1234567.891, 2) == "1,234,567.89");
  CHECK(with_decimals(-999.5, 1) == "-999.5");
  CHECK(with_decimals(-0.0001, 2) == "0.00");
}

TEST_CASE("Tables break into columns that fit, and are Markdown's",
          "[app][compare]") {
  Sheet sheet{"Title", {"label"}, {{"row"}}};
  for (int i = 0; i < 9; ++i) {
    sheet.header.push_back("column number " + std::to_string(i));
    sheet.rows[0].push_back("a|b");
  }
  std::istringstream lines(as_text(sheet));
  std::string line;
  std::size_t rows = 0;
  while (std::getline(lines, line)) {
    CHECK(line.size() <= 120);
    rows += line.rfind("row", 0) == 0;
  }
  CHECK(rows == 2);
  CHECK(contains(as_markdown(sheet), "| row | a\\|b |"));
  CHECK(contains(as_markdown(sheet), "|---|---:|"));
  CHECK(csv_line({"a,b", "say \"so\"", ""}) == "\"a,b\",\"say \"\"so\"\"\",\n");
}

TEST_CASE("Runs are named after their files, each apart", "[app][compare]") {
  CHECK(run_names({"a/x.toml", "b/x.h5", "x-2.nc", "y.toml"}) ==
        std::vector<std::string>{"x", "x-2", "x-2-2", "y"});
}

TEST_CASE("A result is compared within itself", "[app][compare]") {
  const Folder folder;
  const Outcome text = stardsim::test::run(
      "stardsim compare " + write(folder, "a.h5", hand_made_run()));
  CHECK(text.code == 0);
  CHECK(text.err == "");
  CHECK(contains(text.out, "2 pathways compared; reference: usual"));
  CHECK(contains(text.out, "400 patients, seed 1, money in USD 2021"));
  CHECK(contains(text.out, "Total cost: payer, discounted, USD 2021"));
  // From the table in hand_made_run.hpp: cost 15 (0.43), QALYs 0.25 (0.013).
  CHECK(contains(text.out, "15.00 (0.43)"));
  CHECK(contains(text.out, "0.250 (0.013)"));
  CHECK(contains(text.out, "dearer and better"));
  CHECK(contains(text.out, "patients differing"));  // little is measured: all
  CHECK(contains(text.out, "variance removed, %"));
  CHECK(text.out.find("Cost of a QALY") < text.out.find("\nOutcomes"));
  CHECK(contains(text.out, "95 % set (Monte Carlo error only)"));
  CHECK(contains(text.out, "on it, after usual"));
  CHECK(contains(text.out, "at 100"));
}

TEST_CASE("The table in CSV has the figures in full", "[app][compare]") {
  const Folder folder;
  const Outcome csv = stardsim::test::run(
      "stardsim compare --format csv " +
      write(folder, "a.h5", hand_made_run()) + " --thresholds 100,4e1");
  REQUIRE(csv.code == 0);
  CHECK(csv.err == "");
  std::map<std::string, int> found;
  for (auto& row : parsed(csv.out)) {
    ++found[row["table"]];
    if (row["table"] == "icer") {
      CHECK(row["strategy"] == "new");
      CHECK(row["reference"] == "usual");
      CHECK(row["unit"] == "USD 2021 / QALY");
      CHECK(std::stod(row["estimate"]) == Approx(60));
      CHECK(row["set"] == "interval");
      CHECK(row["verdict"] == "dearer_and_better");
    }
    if (row["table"] == "difference" && row["measure"] == "remission") {
      CHECK(std::stod(row["estimate"]) == Approx(0.25));
      CHECK(row["patients_differing"] == "100");
      CHECK(row["paired"] == "yes");
      CHECK(row["discounted"] == "no");
    }
    if (row["table"] == "net_benefit_difference" && row["threshold"] == "40")
      CHECK(std::stod(row["estimate"]) == Approx(40 * 0.25 - 15));
  }
  CHECK(found == std::map<std::string, int>{{"outcome", 6},
                                            {"difference", 3},
                                            {"icer", 1},
                                            {"frontier", 2},
                                            {"net_benefit", 4},
                                            {"net_benefit_difference", 2}});
}

TEST_CASE("The reference may be named, and turns the differences round",
          "[app][compare]") {
  const Folder folder;
  const Outcome csv =
      stardsim::test::run("stardsim compare --format csv --reference new " +
                          write(folder, "a.h5", hand_made_run()));
  REQUIRE(csv.code == 0);
  bool seen = false;
  for (auto& row : parsed(csv.out))
    if (row["table"] == "icer") {
      seen = true;
      CHECK(row["verdict"] == "cheaper_and_worse");
      CHECK(std::stod(row["estimate"]) == Approx(60));
    }
  CHECK(seen);
}

TEST_CASE("The main outcomes are told, with what pairing removed; all if asked",
          "[app][compare]") {
  const std::string scenario =
      "stardsim compare --patients 2000 '" +
      stardsim::test::source_file("configs/ect_timing.toml").string() + "'";
  const Outcome main = stardsim::test::run(scenario);
  REQUIRE(main.code == 0);
  CHECK(contains(main.out, "Variance removed by pairing, %"));
  CHECK(contains(main.out, "Life-years, discounted  "));
  CHECK(!contains(main.out, "standard deviation between patients"));
  CHECK(main.out.find("Cost of a QALY") < main.out.find("\nOutcomes"));
  const Outcome all = stardsim::test::run(scenario + " --all");
  REQUIRE(all.code == 0);
  CHECK(contains(all.out, "standard deviation between patients"));
  CHECK(contains(all.out, "ect3 less never (reference)"));
}

TEST_CASE("Runs on the same patients are paired; others are told apart",
          "[app][compare]") {
  const Folder folder;
  RunOutcomes other = hand_made_run();
  const std::string a = write(folder, "a.h5", other),
                    same = write(folder, "same.h5", other);
  other.seed = 2;
  const std::string luck = write(folder, "luck.h5", other);
  other.seed = 1;
  other.cohort_sha256 = "others";
  const std::string cohort = write(folder, "cohort.h5", other);
  const Outcome text = stardsim::test::run("stardsim compare " + a + " " +
                                           same + " " + luck + " " + cohort);
  CHECK(text.code == 0);
  CHECK(contains(text.out, "same is paired with a"));
  CHECK(contains(text.out, "luck is not paired with a (seeds 2 and 1)"));
  CHECK(
      contains(text.out, "cohort is not paired with a (their cohorts are not"));
  CHECK(contains(text.out, "luck/new less a/usual (reference): not paired"));
  const Outcome csv =
      stardsim::test::run("stardsim compare --format csv " + a + " " + luck);
  CHECK(contains(csv.err, "luck is not paired with a"));
}

TEST_CASE("Other horizons and discounts are told, not compared in silence",
          "[app][compare]") {
  const Folder folder;
  const std::string base =
      stardsim::test::source_file("configs/ect_timing.toml").string();
  const auto variant = [&](const std::string& name, const std::string& keys) {
    std::ofstream(folder / name)
        << "extends = \"" << base << "\"\n[scenario]\ntitle = \"x\"\n"
        << keys;
    return "'" + (folder / name).string() + "' ";
  };
  const std::string same = variant("same.toml", ""),
                    longer = variant("longer.toml", "horizon_years = 5\n"),
                    narrower = variant("narrower.toml",
                                       "[economics.perspectives]\n"
                                       "health_care = [\"drug\", \"care\"]\n"),
                    dearer = variant("dearer.toml",
                                     "[economics]\ndiscount = { costs = 0.05, "
                                     "effects = 0.01 }\n");
  REQUIRE(stardsim::test::run("stardsim run --patients 500 " + dearer + "-o '" +
                              (folder / "dearer.h5").string() + "'")
              .code == 0);
  const Outcome told = stardsim::test::run(
      "stardsim compare --patients 500 " + same + longer + narrower + dearer +
      "'" + (folder / "dearer.h5").string() + "'");
  INFO(told.out << told.err);
  REQUIRE(told.code == 0);
  CHECK(contains(told.out, "longer ends after 261 weeks, same after 209"));
  CHECK(contains(told.out,
                 "narrower counts health_care: drug, care; same health_care: "
                 "drug, ect, care:"));
  const std::string discounts =
      " discounts by 5 % (costs) and 1 % (effects) a year, continuous; same by "
      "3 % (costs) and 3 % (effects) a year, continuous";
  CHECK(contains(told.out, "dearer" + discounts));
  CHECK(contains(told.out, "dearer-2" + discounts));
  CHECK(!contains(stardsim::test::run("stardsim compare --patients 500 " +
                                      same + "'" + base + "'")
                      .out,
                  "Caution"));
}

TEST_CASE("Scenarios are simulated on the patients of the result",
          "[app][compare]") {
  const Folder folder;
  const std::string result = "'" + (folder / "smoke.h5").string() + "'";
  REQUIRE(stardsim::test::run("stardsim run " + smoke +
                              " --patients 3000 --seed 5 -o " + result)
              .code == 0);
  const Outcome text =
      stardsim::test::run("stardsim compare " + result + " " + smoke);
  CHECK(text.code == 0);
  CHECK(contains(text.out, "smoke-2 is paired with smoke"));
  CHECK(contains(text.out, "3,000 patients, seed 5"));
  // The same scenario, and the same luck: no difference at all.
  const Outcome csv = stardsim::test::run("stardsim compare --format csv " +
                                          result + " " + smoke);
  std::size_t checked = 0;
  for (auto& row : parsed(csv.out))
    if (row["table"] == "difference" &&
        row["strategy"].substr(row["strategy"].find('/')) ==
            row["reference"].substr(row["reference"].find('/'))) {
      ++checked;
      CHECK(row["estimate"] == "0");
      CHECK(row["standard_error"] == "0");
    }
  CHECK(checked == 3);
}

TEST_CASE("A comparison is saved, but not over what it is from",
          "[app][compare]") {
  const Folder folder;
  const std::string a = write(folder, "a.h5", hand_made_run());
  const std::string saved = "'" + (folder / "c.h5").string() + "'";
  const Outcome done =
      stardsim::test::run("stardsim compare " + a + " -o " + saved);
  CHECK(done.code == 0);
  CHECK(contains(done.out, "Saved in "));
  const stardsim::test::Columns file(folder / "c.h5");
  CHECK(file.numbers("/differences/mean")[5] == Approx(15));
  const Outcome refused =
      stardsim::test::run("stardsim compare " + a + " -o " + a);
  CHECK(refused.code == 2);
  CHECK(contains(refused.err, "one of the files compared"));
  const Outcome again = stardsim::test::run("stardsim compare " + saved);
  CHECK(again.code == 2);
  CHECK(contains(again.err, "cannot be compared again"));
}

TEST_CASE("What compare cannot do it says in one line", "[app][compare]") {
  const Folder folder;
  RunOutcomes euros = hand_made_run();
  euros.currency = "EUR";
  euros.measures[2].unit = "EUR 2021";
  const std::string a = write(folder, "a.h5", hand_made_run()),
                    euro = write(folder, "euro.h5", euros);
  const struct {
    std::string arguments;
    int code;
    std::string says;
  } cases[] = {{a + " nowhere.h5", 3, "nowhere.h5"},
               {a + " nowhere.toml", 3, "nowhere.toml"},
               {a + " " + euro, 2, "convert one to the other"},
               {a + " --reference nwe", 2, "did you mean \"new\""},
               {a + " --perspective payr", 2, "did you mean \"payer\""},
               {a + " --thresholds 1,x", 2, "\"x\" is not the worth of a QALY"},
               {a + " --thresholds -1", 2, "\"-1\" is not the worth of a QALY"},
               {a + " --thresholds 50,000", 2, "for one write 50000 or 50_000"},
               {a + " --patients 5", 2, "results are taken as they are"},
               {a + " --seed 5", 2, "results are taken as they are"},
               {a + " -o table.csv", 2, "--format csv > table.csv"},
               {a + " -o table.json", 2, "--json > table.json"},
               {a + " -o table.png", 2, "would be HDF5: name a file .h5\n"},
               {a + " --until 1", 2, "see stardsim compare --help"},
               {a + " --thresholds ''", 2, "is not the worth of a QALY"},
               {a + " --format pdf", 2, "text, csv, markdown, json"},
               {a + " --format csv --json", 2, "leave one out"},
               {a + " -o /nowhere/c.h5", 3, "/nowhere"},
               {smoke + " --thresholds 1", 2, "needs costs and QALYs"},
               {"", 2, "FILE is required"}};
  for (const auto& one : cases) {
    const Outcome outcome =
        stardsim::test::run("stardsim compare " + one.arguments);
    INFO(one.arguments << ": " << outcome.err);
    CHECK(outcome.code == one.code);
    CHECK(outcome.out == "");
    CHECK(contains(outcome.err, one.says));
    CHECK(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
  }
}

TEST_CASE(
    "A comparison of scenarios and one of their results show alike curves",
    "[app][compare]") {
  const Folder folder;
  const std::string saved = "'" + (folder / "smoke.h5").string() + "'";
  REQUIRE(stardsim::test::run("stardsim run " + smoke + " -o " + saved).code ==
          0);
  const std::string of_scenario =
      stardsim::test::run("stardsim compare " + smoke).out;
  const std::string of_result =
      stardsim::test::run("stardsim compare " + saved).out;
  const auto sheet = [](const std::string& text) {
    const std::size_t from = text.find("\nEver in remission, % of the cohort");
    REQUIRE(from != std::string::npos);
    return text.substr(from, text.find("\n\n", from + 1) - from);
  };
  CHECK(sheet(of_scenario) == sheet(of_result));
  CHECK(contains(sheet(of_result), "if all continue"));
}

TEST_CASE("Pathways are told with their labels where these differ",
          "[app][compare]") {
  const std::string scenario =
      "'" + stardsim::test::source_file("configs/ivi_mdd.toml").string() + "'";
  for (const std::string command : {"compare ", "run "}) {
    const Outcome told = stardsim::test::run("stardsim " + command + scenario +
                                             " --patients 1000");
    CHECK(contains(told.out, "\n  P1  No treatment\n"));
    CHECK(contains(told.out, "\n  P2  SSRI four times\n"));
  }
}

TEST_CASE("compare --help has an example", "[app][compare]") {
  const Outcome help = stardsim::test::run("stardsim compare --help");
  CHECK(help.code == 0);
  CHECK(contains(help.out, "Example: stardsim compare"));
  CHECK(contains(help.out, "--thresholds"));
}

TEST_CASE("run --until says how many patients it took", "[app][compare]") {
  const Outcome reached = stardsim::test::run(
      "stardsim run " + smoke + " --until 'se(curve(observed, 4)) < 0.1'");
  INFO(reached.err);
  CHECK(reached.code == 0);
  CHECK(contains(reached.out, "Reached se(curve(observed, 4)) < 0.1"));
  CHECK(contains(reached.out, "20,000 patients"));
  const Outcome limited = stardsim::test::run(
      "stardsim run " + smoke +
      " --until 'se(curve(observed, 4)) < 1e-9' --max-patients 30000");
  CHECK(limited.code == 0);
  CHECK(contains(limited.out, "Not reached"));
  CHECK(contains(limited.out, "30,000 patients"));
  for (const std::string wrong :
       {" --until nonsense", " --until 'se(remission) < 1' --patients 5",
        " --max-patients 5"})
    CHECK(stardsim::test::run("stardsim run " + smoke + wrong).code == 2);
}
