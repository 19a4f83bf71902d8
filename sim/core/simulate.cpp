#include "sim/core/simulate.hpp"

#include "sim/core/cohort_run.hpp"
#include "sim/core/engine.hpp"

namespace stardsim {

void require_possible(const RunOptions& options) {
  if (options.patients < 1 || options.patients > max_patients ||
      options.first_patient > max_patients - options.patients)
    throw std::invalid_argument("a cohort has 1 to 2^40 patients");
  if (options.luck.draw >= 1u << 24)
    throw std::invalid_argument("there are 2^24 uncertainty draws");
}

std::vector<std::string> instruction_sets() {
  std::vector<std::string> names;
  for (const CourseForm& form : course_forms())
    names.push_back(form.instruction_set);
  return names;
}

Tally simulate(const Law& law, const RunOptions& options, RunFacts* facts) {
  require_possible(options);
  CohortRun run(law, options);
  Tally total(law);
  const std::uint64_t first = options.first_patient;
  if (run.add({{first, first + options.patients}}, options.stop, total) <
      options.patients)
    throw Interrupted();
  if (facts) *facts = run.facts();
  return total;
}

}  // namespace stardsim
