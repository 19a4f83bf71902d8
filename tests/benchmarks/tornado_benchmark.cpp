// A tornado over all step probabilities, low and high, by incremental
// re-simulation and by full runs of the base and of each variant: in pairs, by
// turns, with the same laws made before. Writes a Markdown table to stdout.
// Usage: stardsim_tornado [--rounds N] [--patients N] [SCENARIO ...]
#include "models/inputs.hpp"
#include "sim/core/simulate.hpp"
#include "sim/core/variants.hpp"
#include "sim/io/scenario_reader.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

namespace {

using namespace stardsim;

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
      .count();
}

double median(std::vector<double> numbers) {
  std::sort(numbers.begin(), numbers.end());
  return numbers[numbers.size() / 2];
}

// Its 95 % interval; 0.02 to either side where none is stated.
Bounds range_of(const Evidence& evidence) {
  const Bounds bounds = bounds_of_95(evidence);
  if (bounds.low < bounds.high) return bounds;
  return {std::max(evidence.value - 0.02, 0.0),
          std::min(evidence.value + 0.02, 1.0)};
}

using ProbabilityOf = std::function<Evidence*(Arm&)>;

std::vector<ProbabilityOf> probabilities() {
  const auto optional = [](std::optional<Evidence> Arm::*which) {
    return [which](Arm& arm) -> Evidence* {
      return arm.*which ? &*(arm.*which) : nullptr;
    };
  };
  return {[](Arm& arm) { return &arm.remission; },
          optional(&Arm::partial_response), optional(&Arm::intolerance),
          optional(&Arm::continue_if_not_remitted)};
}

// Low and high of each probability of each arm of each step.
std::vector<Law> tornado_of(const Scenario& scenario) {
  std::vector<Law> laws;
  for (std::size_t s = 0; s < scenario.steps.size(); ++s)
    for (std::size_t a = 0; a < scenario.steps[s].arms.size(); ++a)
      for (const ProbabilityOf& probability : probabilities())
        for (const double Bounds::*end : {&Bounds::low, &Bounds::high}) {
          Scenario variant = scenario;
          Evidence* const number = probability(variant.steps[s].arms[a]);
          if (number == nullptr || number->value <= 0 || number->value >= 1)
            continue;
          number->value = range_of(*number).*end;
          laws.push_back(compile(variant));
        }
  return laws;
}

void measure(const std::string& name, RunOptions run, int rounds) {
  const Scenario scenario =
      read_scenario(STARDSIM_SOURCE_DIR "/configs/" + name + ".toml").scenario;
  const Law base = compile(scenario);
  const std::vector<Law> variants = tornado_of(scenario);
  std::vector<double> incremental, full;
  VariantTallies made;
  std::vector<Tally> tallies(variants.size() + 1);
  for (int round = 0; round < rounds; ++round) {
    incremental.push_back(
        seconds_of([&] { made = simulate_variants(base, variants, run); }));
    full.push_back(seconds_of([&] {
      tallies[0] = simulate(base, run);
      for (std::size_t v = 0; v < variants.size(); ++v)
        tallies[v + 1] = simulate(variants[v], run);
    }));
  }
  bool equal = made.base == tallies[0];
  std::uint64_t again = 0;
  for (std::size_t v = 0; v < variants.size(); ++v) {
    equal = equal && made.variants[v] == tallies[v + 1];
    again += made.simulated_again[v];
  }
  const double each = static_cast<double>(again) /
                      static_cast<double>(variants.size()) /
                      static_cast<double>(run.patients);
  std::printf("| %s | %llu | %zu | %.1f | %.3f | %.3f | %.1f | %s |\n",
              name.c_str(), static_cast<unsigned long long>(run.patients),
              variants.size(), 100 * each, median(incremental), median(full),
              median(full) / median(incremental), equal ? "yes" : "NO");
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  RunOptions run;
  run.patients = 1'000'000;
  int rounds = 5;
  std::vector<std::string> names;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--rounds" && i + 1 < argc)
      rounds = std::stoi(argv[++i]);
    else if (argument == "--patients" && i + 1 < argc)
      run.patients = std::stoull(argv[++i]);
    else
      names.push_back(argument);
  }
  std::printf(
      "| scenario | patients | variants | simulated again, %% of patients a "
      "variant (base and variant) | incremental, s | full runs, s | full / "
      "incremental | equal |\n|---|--:|--:|--:|--:|--:|--:|---|\n");
  if (names.empty()) {
    for (const char* name : {"stard", "stard_arms", "bench/job_b"})
      measure(name, run, rounds);
    // The plain course.
    run.patients /= 20;
    measure("ect_timing", run, rounds);
  }
  for (const std::string& name : names) measure(name, run, rounds);
}
