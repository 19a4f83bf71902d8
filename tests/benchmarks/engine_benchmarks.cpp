// Micro-benchmarks of the engine's parts, one thread.
#include "models/exact.hpp"
#include "sim/core/simulate.hpp"
#include "sim/core/words.hpp"
#include "sim/io/scenario_reader.hpp"

#include <benchmark/benchmark.h>

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

}  // namespace

int main(int argc, char** argv) {
  for (const std::string name :
       {"bench/job_a", "stard", "stard_arms", "smoke"}) {
    const Scenario scenario =
        read_scenario(STARDSIM_SOURCE_DIR "/configs/" + name + ".toml")
            .scenario;
    for (const std::string& set : instruction_sets())
      benchmark::RegisterBenchmark(("simulate/" + name + "/" + set).c_str(),
                                   simulate_on, scenario, set)
          ->Unit(benchmark::kMillisecond);
    benchmark::RegisterBenchmark(("compile/" + name).c_str(), compile_law,
                                 scenario)
        ->Unit(benchmark::kMillisecond);
    benchmark::RegisterBenchmark(("exact/" + name).c_str(), exact_twin,
                                 scenario)
        ->Unit(benchmark::kMillisecond);
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
