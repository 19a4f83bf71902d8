// Simulates a scenario and prints how many are in remission at its end, on its
// reference pathway.
// Usage: remission SCENARIO
#include "models/law.hpp"
#include "sim/analysis/rates.hpp"
#include "sim/core/simulate.hpp"
#include "sim/io/scenario_reader.hpp"

#include <cstdio>
#include <exception>

using namespace stardsim;

void print_remission(const char* path) {
  const Scenario scenario = read_scenario(path).scenario;
  RunOptions options;
  options.patients = scenario.cohort.patients;
  options.luck.seed = scenario.cohort.seed;
  const Tally tally = simulate(compile(scenario), options);
  const auto by_week = cumulative_remission(tally.pathways[scenario.reference],
                                            scenario.estimand, tally.patients);
  std::printf("%.2f %% in remission (standard error %.2f)\n",
              100 * by_week.back().value, 100 * by_week.back().se);
}

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: remission SCENARIO\n");
    return 2;
  }
  try {
    print_remission(argv[1]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
