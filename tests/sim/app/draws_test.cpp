#include "sim/io/draw_tables.hpp"
#include "sim/io/hdf5_tree.hpp"
#include "sim/io/result_file.hpp"
#include "tests/program.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

using namespace stardsim;
using namespace stardsim::test;

namespace {

std::string psa() { return source_file("configs/bench/psa.toml").string(); }

nlohmann::json without_provenance(const std::string& text) {
  auto document = nlohmann::json::parse(text);
  auto& run = document["runs"][0];
  run.erase("command_line");
  run.erase("start_time");
  return document;
}

}  // namespace

TEST_CASE("Draws change nothing else in a result", "[app][uncertainty]") {
  const std::string common =
      "stardsim run " + psa() + " --patients 3000 --threads 2 --json";
  const Outcome plain = run(common);
  const Outcome drawn = run(common + " --draws 8 --draw-patients 1500");
  REQUIRE(plain.code == 0);
  REQUIRE(drawn.code == 0);
  auto with_draws = without_provenance(drawn.out);
  auto& one = with_draws["runs"][0];
  REQUIRE(one["uncertainty"]["outcomes"]["mean"].size() == 6);
  CHECK(one["uncertainty"]["parameters"]["parameter"].size() == 20);
  CHECK(!one.contains("draws"));
  one.erase("uncertainty");
  CHECK(with_draws == without_provenance(plain.out));
  CHECK(!without_provenance(plain.out)["runs"][0].contains("uncertainty"));
}

TEST_CASE(
    "Draws are the same to the byte for 1, 2 and 3 threads, and are read "
    "back as they were written",
    "[app][uncertainty]") {
  const Folder folder;
  std::vector<Tree> trees;
  for (const int threads : {1, 2, 3}) {
    const auto file = folder / ("r" + std::to_string(threads) + ".h5");
    const Outcome outcome =
        run("stardsim run " + psa() +
            " --patients 1000 --draws 9 --draw-patients 800 --threads " +
            std::to_string(threads) + " -o " + file.string());
    CAPTURE(outcome.err);
    REQUIRE(outcome.code == 0);
    std::ifstream in(file, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    std::vector<std::byte> image;
    for (const char c : bytes) image.push_back(static_cast<std::byte>(c));
    trees.push_back(read_tree(image, {}, {}));
  }
  for (std::size_t i = 1; i < trees.size(); ++i) {
    REQUIRE(trees[i].groups.size() == trees[0].groups.size());
    for (std::size_t g = 0; g < trees[0].groups.size(); ++g) {
      const TreeGroup &one = trees[0].groups[g], &other = trees[i].groups[g];
      // Advice on patients a draw tells of time.
      if (one.name == "uncertainty/design") continue;
      REQUIRE(one.datasets.size() == other.datasets.size());
      for (std::size_t d = 0; d < one.datasets.size(); ++d) {
        CAPTURE(one.name, one.datasets[d].name);
        // NaN is not equal to itself.
        if (const auto* numbers =
                std::get_if<std::vector<double>>(&one.datasets[d].values)) {
          const auto& others =
              std::get<std::vector<double>>(other.datasets[d].values);
          REQUIRE(numbers->size() == others.size());
          bool equal = true;
          for (std::size_t k = 0; k < others.size(); ++k)
            equal =
                equal && ((*numbers)[k] == others[k] ||
                          (std::isnan((*numbers)[k]) && std::isnan(others[k])));
          CHECK(equal);
        } else {
          CHECK(one.datasets[d].values == other.datasets[d].values);
        }
      }
    }
  }
  read_safely(folder / "r1.h5", [](const ResultFile& file) {
    REQUIRE(has_draws(file));
    const ReportedDraws draws = read_draws(file);
    CHECK(draws.draws == 9);
    CHECK(draws.patients == 800);
    CHECK(draws.luck == "independent");
    CHECK(draws.pathways.size() == 6);
    CHECK(draws.parameters.size() == 20);
    CHECK(draws.perspectives == std::vector<std::string>{"all"});
    REQUIRE(draws.cost.size() == 1);
    REQUIRE(draws.cost[0].size() == 6);
    REQUIRE(draws.cost[0][5].size() == 9);
    double sum = 0;
    for (const double effect : draws.effect[2]) sum += effect;
    std::size_t qalys = 0;
    while (draws.measures[qalys] != file.text_attribute("effect_measure"))
      ++qalys;
    CHECK(draws.outcomes[2][qalys].mean == Approx(sum / 9));
    CHECK(draws.bands[0][1].mean.size() == 105);
    CHECK(draws.bands[0][0].mean.back() == Approx(draws.outcomes[0][0].mean));
  });
}

TEST_CASE("Draws of a scenario without costs weigh no decisions",
          "[app][uncertainty]") {
  const auto uncertainty_of = [](const std::string& scenario) {
    const Outcome outcome =
        run("stardsim run " + scenario +
            " --patients 1000 --draws 5 --draw-patients 10 --json");
    REQUIRE(outcome.code == 0);
    return nlohmann::json::parse(outcome.out)["runs"][0]["uncertainty"];
  };
  const auto without = uncertainty_of(source_file("configs/smoke.toml"));
  CHECK(without.contains("outcomes"));
  CHECK_FALSE(without.contains("decision"));
  CHECK(uncertainty_of(psa()).contains("decision"));
}

TEST_CASE("Without --draws, and with --draws 0, there are none",
          "[app][uncertainty]") {
  const std::string common = "stardsim run " + psa() + " --patients 1000";
  for (const std::string more : {"", " --draws 0"}) {
    const Outcome outcome = run(common + more + " --json");
    REQUIRE(outcome.code == 0);
    CHECK(
        !nlohmann::json::parse(outcome.out)["runs"][0].contains("uncertainty"));
  }
  CHECK(run(common).out.find("--draws makes the scenario's 1,000 draws of "
                             "10,000 patients") != std::string::npos);
}

TEST_CASE("Draws that cannot be made are refused in one line",
          "[app][uncertainty]") {
  const std::string common = "stardsim run " + psa() + " --patients 1000";
  for (const std::string more :
       {" --draws -3", " --draws 1.5", " --draws 2000000", " --draws 5x",
        " --draw-patients 100", " --draws 5 --draw-patients 0",
        " --draws 5 --draw-patients 1",
        " --draws 5 --draw-patients 5000000000"}) {
    CAPTURE(more);
    const Outcome outcome = run(common + more);
    CHECK(outcome.code == 2);
    CHECK(outcome.out.empty());
    CHECK(outcome.err.find("draw") != std::string::npos);
    CHECK(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
  }
}

TEST_CASE("The option --draws may stand before the scenario",
          "[app][uncertainty]") {
  const Outcome outcome = run("stardsim run --draws " + psa() +
                              " --patients 1000 --draw-patients 10");
  CHECK(outcome.code == 0);
  CHECK(outcome.out.find("1,000 draws of 10 patients") != std::string::npos);
}
