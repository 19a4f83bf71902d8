// `stardsim check` as a reviewer runs it.
#include "sim/io/embedded.hpp"
#include "tests/program.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

using namespace stardsim::test;
namespace fs = std::filesystem;

namespace {

const std::string smoke =
    "'" + source_file("configs/smoke.toml").string() + "'";

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// Everybody remits in the first of two steps; nobody enters the second.
std::string nobody_enters(const std::string& published) {
  return "[scenario]\ntitle = \"Nobody\"\nreference = \"path\"\nhorizon = 20\n"
         "estimand = \"observed\"\n[cohort]\nseed = 1\n"
         "[pathways]\npath = [\"first\", \"second\"]\n"
         "[steps.first]\nweeks = 8\nremission = 1\n"
         "[steps.second]\nweeks = 8\nremission = 0.3\n[published]\n" +
         published;
}

std::string remission_in(const std::string& step, const std::string& figure) {
  return step + " = { label = \"" + step + "\", quantity = \"remission\", " +
         "estimand = \"observed\", step = \"" + step +
         "\", figure = " + figure + ", input = true }\n";
}

}  // namespace

TEST_CASE("The embedded scenarios are the files of configs", "[app][check]") {
  std::size_t scenarios = 0;
  const stardsim::Embedded embedded = stardsim::embedded::scenarios();
  for (const auto& file : embedded.files) {
    INFO(file.path);
    CHECK(std::string(file.text) ==
          read_text(source_file("configs/" + std::string(file.path))));
    scenarios += fs::path(file.path).extension() == ".toml";
  }
  CHECK(scenarios == 6);
}

TEST_CASE("check without files checks six scenarios and leaves nothing behind",
          "[app][check][slow]") {
  const Folder folder;
  const Outcome outcome = run("TMPDIR='" + folder.path().string() +
                              "' stardsim check --patients 500 --format csv");
  INFO(outcome.out << outcome.err);
  CHECK(outcome.code == 0);
  CHECK(outcome.err == "");
  for (const std::string name : {"stard", "stard_hrsd", "stard_arms",
                                 "stard_follow_up", "ivi_mdd", "ect_timing"}) {
    INFO(name);
    CHECK(outcome.out.find("," + name + ",passed,") != std::string::npos);
  }
  CHECK(outcome.out.find("FAILED") == std::string::npos);
  CHECK(fs::is_empty(folder.path()));
}

TEST_CASE("check says what it checked, how it judged and how it went",
          "[app][check]") {
  const Outcome outcome = run("stardsim check --patients 20000 " + smoke);
  CHECK(outcome.code == 0);
  CHECK(outcome.err == "");
  for (const std::string words :
       {"Exact twin", "Rates", "Counts", "Reproducibility", "Extremes",
        "Costs and effects", "on 20,000 patients", "on 2,000 patients",
        "one seed in 10,000"}) {
    INFO(words);
    CHECK(outcome.out.find(words) != std::string::npos);
  }
  const auto lines = lines_of(outcome.out);
  REQUIRE_FALSE(lines.empty());
  CHECK(lines.back().find(" checks, all passed (") != std::string::npos);
  for (const std::string& line : lines) CHECK(line.size() <= 120);
}

TEST_CASE("check in Markdown is tables with whole rows", "[app][check]") {
  const Outcome outcome =
      run("stardsim check --patients 1000 --format markdown " + smoke);
  CHECK(outcome.code == 0);
  std::size_t rows = 0;
  for (const std::string& line : lines_of(outcome.out)) {
    if (line.empty() || line[0] != '|') continue;
    ++rows;
    CHECK(std::count(line.begin(), line.end(), '|') == 9);
  }
  CHECK(rows > 30);
}

TEST_CASE("check in CSV has a line for each check", "[app][check]") {
  const Outcome text = run("stardsim check --patients 1000 " + smoke),
                csv =
                    run("stardsim check --patients 1000 --format csv " + smoke);
  CHECK(csv.code == 0);
  const auto lines = lines_of(csv.out);
  CHECK(lines.front() ==
        "group,check,scenario,result,patients,figures,largest_z,"
        "farthest_figure,seconds");
  const std::string summary = lines_of(text.out).back();
  CHECK(summary.find(std::to_string(lines.size() - 1) + " checks") == 0);
}

TEST_CASE("A published figure that nobody came to is neither passed nor failed",
          "[app][check]") {
  const Folder folder;
  const std::string met = remission_in("first", "1"),
                    missed = remission_in("first", "0.5"),
                    of_nobody = remission_in("second", "0.3");
  const auto row_of = [&](const std::string& published) {
    const fs::path file = folder.write("nobody.toml", nobody_enters(published));
    const Outcome outcome = run(
        "stardsim check --patients 1000 --format csv '" + file.string() + "'");
    INFO(outcome.err);
    for (const std::string& line : lines_of(outcome.out))
      if (line.find(",figures it was made from,") != std::string::npos)
        return std::to_string(outcome.code) + " " + line;
    return "no row: " + outcome.out;
  };
  const auto has = [](const std::string& text, const std::string& words) {
    INFO(text);
    CHECK(text.find(words) != std::string::npos);
  };
  // In either order, the other figure is judged.
  for (const bool last : {true, false}) {
    const std::string good = row_of(last ? met + of_nobody : of_nobody + met),
                      bad = row_of(last ? missed + of_nobody
                                        : of_nobody + missed);
    has(good, ",nobody,passed,1000,2,");
    has(good, "1 of 2 could not be told: too few patients");
    CHECK(good.find("0 ") == 0);
    has(bad, ",nobody,FAILED,1000,2,");
    CHECK(bad.find("0 ") != 0);
  }
  const std::string none = row_of(of_nobody);
  has(none, ",nobody,not told,1000,1,,1 of 1 could not be told");
  CHECK(none.find("0 ") == 0);
  const fs::path file = folder.write("nobody.toml", nobody_enters(of_nobody));
  const Outcome text =
      run("stardsim check --patients 1000 '" + file.string() + "'");
  has(lines_of(text.out).back(), " checks, all passed; 1 not told (");
  has(text.out, "nobody, figures it was made from: 1 of 1 could not be told");
}

TEST_CASE("check says what it did not test in a scenario", "[app][check]") {
  // Its patients die: it has no exact twin.
  const std::string ect =
      "'" + source_file("configs/ect_timing.toml").string() + "'";
  for (const std::string form : {"text", "markdown"}) {
    const Outcome outcome = run("stardsim check --patients 1000 --format " +
                                form + " " + ect + " " + smoke);
    INFO(outcome.out << outcome.err);
    std::string out;  // lines put together again
    std::istringstream words(outcome.out);
    for (std::string word; words >> word;) out += word + " ";
    const auto ect_timing = out.find(
        "Not tested in ect_timing: as the exact twin; arms by their stated "
        "shares; every instruction set alike; ");
    REQUIRE(ect_timing != std::string::npos);
    const auto taken =
        out.find("Taken out where it is simplified: ", ect_timing);
    REQUIRE(taken != std::string::npos);
    CHECK(out.find("stated hazards of death", taken) != std::string::npos);
    // It has a twin, so that nothing of it is taken out; and nobody dies.
    const auto other = out.find("Not tested in smoke: death at its hazard");
    REQUIRE(other != std::string::npos);
    CHECK(out.find("Taken out", other) == std::string::npos);
    if (form == "text")
      for (const std::string& line : lines_of(outcome.out))
        CHECK(line.size() <= 120);
  }
}

TEST_CASE("check refuses what is no scenario and no number", "[app][check]") {
  const Folder folder;
  const fs::path bad = folder.write("bad.toml", "[scenario]\ntitle = 3\n");
  CHECK(run("stardsim check '" + bad.string() + "'").code == 2);
  CHECK(run("stardsim check --patients 0").code == 2);
  CHECK(run("stardsim check --format html").code == 2);
  CHECK(run("stardsim check /nowhere/x.toml").code == 3);
}

TEST_CASE("check without a place for temporary files says so", "[app][check]") {
  const Outcome outcome = run("TMPDIR=/nowhere stardsim check --patients 100");
  CHECK(outcome.code == 3);
  CHECK(outcome.out == "");
  CHECK(outcome.err.find("stardsim: cannot make a folder for temporary "
                         "files: ") == 0);
}
