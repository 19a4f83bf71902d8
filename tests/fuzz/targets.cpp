// Fuzz target: a targets file, as text, of a scenario of one step.
#include "sim/io/scenario_reader.hpp"
#include "sim/io/targets_reader.hpp"
#include "tests/fuzz/checks.hpp"

using namespace stardsim;

namespace {

Scenario small_scenario() {
  return read_scenario(
             fuzz::write(
                 "scenario.toml",
                 "[scenario]\ntitle = \"Small\"\nreference = \"usual\"\n"
                 "[pathways]\nusual = [\"first\"]\n"
                 "[steps.first]\nweeks = 12\n"
                 "remission = { events = 40, of = 100 }\n"))
      .scenario;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  static const Scenario scenario = small_scenario();
  const auto path =
      fuzz::write("input.toml", {reinterpret_cast<const char*>(data), size});
  try {
    read_targets(path, scenario);
  } catch (const BadScenario& bad) {
    fuzz::require_clear(bad.lines(), fuzz::scratch());
  }
  return 0;
}
