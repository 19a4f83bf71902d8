// Micro-benchmarks of the engine's parts, one thread.
#include "models/exact.hpp"
#include "sim/core/simulate.hpp"
#include "sim/core/words.hpp"
#include "sim/io/scenario_reader.hpp"

#include <benchmark/benchmark.h>

#include <stdexcept>
#include <string>

namespace {

using namespace stardsim;

void philox_by_random123(benchmark::State& state) {
  std::uint64_t patient = 0;
  for (auto _ : state)
    benchmark::DoNotOptimize(
        philox(counter_of({1, 0}, ++patient, Purpose::outcome, 0), 1));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(philox_by_random123);

void simulate_on(benchmark::State& state, const Scenario& scenario,
                 const std::string& instruction_set) {
  const Law law = compile(scenario);
  RunOptions run;
  run.patients = 1 << 20;
  run.threads = 1;
  run.instruction_set = instruction_set;
  for (auto _ : state) benchmark::DoNotOptimize(simulate(law, run));
  state.SetItemsProcessed(state.iterations() *
                          static_cast<std::int64_t>(run.patients));
}

void compile_law(benchmark::State& state, const Scenario& scenario) {
  for (auto _ : state) benchmark::DoNotOptimize(compile(scenario));
}

void exact_twin(benchmark::State& state, const Scenario& scenario) {
  const Law law = compile(scenario);
  for (auto _ : state) benchmark::DoNotOptimize(expect(law));
}

bool patients_alike(const Scenario& scenario) {
  try {
    require_patients_alike(compile(scenario));
    return true;
  } catch (const std::domain_error&) {
    return false;
  }
}

Scenario scenario_of(const std::string& name) {
  return read_scenario(STARDSIM_SOURCE_DIR "/configs/" + name + ".toml")
      .scenario;
}

// The patients of job B with covariates on job A, where they change nothing:
// beyond job A this takes what it takes to draw and correlate them.
Scenario idle_covariates() {
  Scenario scenario = scenario_of("bench/job_a");
  scenario.cohort.covariates =
      scenario_of("bench/job_b_covariates").cohort.covariates;
  scenario.cohort.correlations =
      scenario_of("bench/job_b_covariates").cohort.correlations;
  return scenario;
}

void register_all(const std::string& name, const Scenario& scenario) {
  for (const std::string& set : instruction_sets())
    benchmark::RegisterBenchmark(("simulate/" + name + "/" + set).c_str(),
                                 simulate_on, scenario, set)
        ->Unit(benchmark::kMillisecond);
  benchmark::RegisterBenchmark(("compile/" + name).c_str(), compile_law,
                               scenario)
      ->Unit(benchmark::kMillisecond);
  if (patients_alike(scenario))
    benchmark::RegisterBenchmark(("exact/" + name).c_str(), exact_twin,
                                 scenario)
        ->Unit(benchmark::kMillisecond);
}

}  // namespace

int main(int argc, char** argv) {
  for (const std::string name :
       {"bench/job_a", "bench/job_b", "bench/job_b_covariates",
        "bench/job_b_propensity", "bench/job_b_staging", "stard", "stard_arms",
        "smoke"})
    register_all(name, scenario_of(name));
  register_all("idle_covariates", idle_covariates());
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
