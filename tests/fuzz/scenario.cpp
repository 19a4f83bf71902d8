// Fuzz target: a scenario as text. Beside it are files that it can name: the
// base to extend base.toml, the table of patients patients.csv, the life table
// life.csv, the draws draws.csv.
#include "sim/io/scenario_reader.hpp"
#include "tests/fuzz/checks.hpp"

using namespace stardsim;

namespace {

void write_other_files() {
  fuzz::write("base.toml",
              "[scenario]\ntitle = \"Base\"\nreference = \"usual\"\n"
              "[pathways]\nusual = [\"first\"]\n"
              "[steps.first]\nweeks = 12\nremission = 0.4\n");
  fuzz::write("patients.csv", "id,age,sex,qids\n1,40,f,16\n2,52,m,21\n");
  fuzz::write("life.csv",
              "# made up\nage,male,female\n0,0.01,0.01\n1,0.02,0.01\n2,1,1\n");
  fuzz::write("draws.csv", "a,b\n0.3,0.2\n0.4,0.25\n");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  static const bool once = (write_other_files(), true);
  (void)once;
  const auto path =
      fuzz::write("input.toml", {reinterpret_cast<const char*>(data), size});
  try {
    read_scenario(path);
  } catch (const BadScenario& bad) {
    fuzz::require_clear(bad.lines(), fuzz::scratch());
  }
  return 0;
}
