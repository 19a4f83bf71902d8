#include "sim/core/block.hpp"

#include "sim/core/plain.hpp"

#include <stdexcept>

namespace stardsim {
namespace {

// The plain course in the shape of the others. It adds to the tally itself.
void run_plain_form(const Engine& engine, std::uint64_t first,
                    std::size_t count, Workspace& work, Tally& tally) {
  run_plainly(engine, work.luck, first, count, tally);
}

}  // namespace

CourseForm form_for(const Engine& engine, const std::string& instruction_set) {
  if (needs_plain_course(engine.law) ||
      (engine.law.accrual && !engine.accruals))
    return {"plain", run_plain_form};
  const auto forms = course_forms();
  if (instruction_set.empty()) return forms.front();
  for (const CourseForm& form : forms)
    if (form.instruction_set == instruction_set) return form;
  throw std::invalid_argument("this machine has no instruction set \"" +
                              instruction_set + "\"");
}

void simulate_block(const Engine& engine, const CourseForm& form,
                    std::uint64_t first, std::size_t count, Workspace& work,
                    Tally& tally) {
  form.run(engine, first, count, work, tally);
  if (form.run != run_plain_form) work.flush(engine, count, tally);
}

}  // namespace stardsim
