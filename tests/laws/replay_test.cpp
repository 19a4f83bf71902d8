// A patient can be told alone, and the story is the one that a run stored.
#include "tests/columns.hpp"
#include "tests/program.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <regex>

using namespace stardsim::test;

namespace {

const std::string scenario =
    "'" + source_file("configs/trd_third_line.toml").string() + "'";

const std::vector<std::string> datasets{"event_number",
                                        "patient",
                                        "pathway",
                                        "week",
                                        "event",
                                        "step",
                                        "arm",
                                        "visit",
                                        "covariates/patient",
                                        "covariates/age",
                                        "covariates/psychotic"};

void run_traced(const std::string& options, const std::filesystem::path& file) {
  const Outcome outcome =
      stardsim::test::run("stardsim run " + scenario + " --trace 1000 " +
                          options + " -o '" + file.string() + "'");
  INFO(outcome.err);
  REQUIRE(outcome.code == 0);
}

/// The weeks of the events of a story, as printed.
std::vector<std::string> weeks_of(const std::string& story) {
  static const std::regex line("(?:^|\n) {0,6}([0-9]+\\.[0-9]{2})  ");
  std::vector<std::string> weeks;
  for (std::sregex_iterator at(story.begin(), story.end(), line), end;
       at != end; ++at)
    weeks.push_back((*at)[1]);
  return weeks;
}

}  // namespace

TEST_CASE(
    "Stored histories depend neither on threads, instruction set nor on the "
    "size of the cohort",
    "[laws][replay]") {
  const Folder folder;
  run_traced("--patients 1000 --threads 1", folder / "reference.h5");
  run_traced("--patients 1000 --threads 3", folder / "threads.h5");
  run_traced("--patients 1000 --instructions one-lane", folder / "lanes.h5");
  run_traced("--patients 10000", folder / "larger.h5");
  const Columns reference(folder / "reference.h5");
  for (const std::string name : {"threads", "lanes", "larger"}) {
    const Columns other(folder / (name + ".h5"));
    for (const std::string& dataset : datasets) {
      INFO(name << " " << dataset);
      const auto values = reference.numbers("/patients/" + dataset);
      CHECK(values.size() >= 1000);
      const bool equal = other.numbers("/patients/" + dataset) == values;
      CHECK(equal);
    }
  }
}

TEST_CASE("replay tells the events that a run stored", "[laws][replay]") {
  const Folder folder;
  run_traced("--patients 1000", folder / "x.h5");
  const Columns file(folder / "x.h5");
  const auto patient = file.numbers("/patients/patient");
  const auto pathway = file.numbers("/patients/pathway");
  const auto week = file.numbers("/patients/week");
  const std::vector<std::pair<std::string, double>> pathways{
      {"drug", 0}, {"ect", 8}, {"ect_offered", 11}, {"ect_psychotic", 13}};
  for (const auto& [name, number] : pathways)
    for (const int id : {0, 1, 17, 500, 999}) {
      INFO(name << ", patient " << id);
      std::vector<std::string> expected;
      for (std::size_t i = 0; i < week.size(); ++i)
        if (patient[i] == id && pathway[i] == number)
          expected.push_back(fmt::format("{:.2f}", week[i]));
      CHECK(expected.size() >= 3);
      const Outcome told = run(fmt::format(
          "stardsim replay {} --patient {} --pathway {}", scenario, id, name));
      CHECK(told.code == 0);
      CHECK(weeks_of(told.out) == expected);
    }
}
