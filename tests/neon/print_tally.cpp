// Prints every number of a tally, one a line, so that builds for different
// machines can be compared.
// Usage: print_tally INSTRUCTION_SET PATIENTS SCENARIO
#include "sim/core/simulate.hpp"
#include "sim/io/scenario_reader.hpp"

#include <exception>
#include <iostream>

namespace {

using namespace stardsim;

class Printer {
 public:
  explicit Printer(std::ostream& out) : out_(out) {}

  void put(std::uint64_t number) { out_ << number << '\n'; }
  void put(std::int64_t number) { out_ << number << '\n'; }
  void put(Wide number) {
    out_ << static_cast<std::uint64_t>(number >> 64) << ' '
         << static_cast<std::uint64_t>(number) << '\n';
  }
  void put(SignedWide number) { put(static_cast<Wide>(number)); }

  template <class T>
  void put(const std::vector<T>& all) {
    out_ << "of " << all.size() << '\n';
    for (const T& one : all) put(one);
  }
  template <class T, std::size_t size>
  void put(const std::array<T, size>& all) {
    for (const T& one : all) put(one);
  }
  template <class... T>
  void put_all(const T&... all) {
    (put(all), ...);
  }

  void put(const Flow<std::uint64_t>& flow) {
    put_all(flow.entered, flow.remission, flow.partial_response,
            flow.intolerance, flow.no_response, flow.unfinished, flow.left_care,
            flow.follow_up, flow.gap, flow.first_remission, flow.sustained,
            flow.remission_ticks, flow.remission_ticks_squared,
            flow.treatment_ticks);
  }
  void put(const CourseTable<std::uint64_t>& course) {
    put_all(course.remission_by_week, course.arms);
  }
  void put(const FollowUpFlow<std::uint64_t>& flow) {
    put_all(flow.entered, flow.relapsed, flow.dropped_out, flow.relapse_by_week,
            flow.censored_by_week, flow.unseen_ticks_by_week);
  }
  void put(const LaterCourse<std::uint64_t>& later) {
    put_all(later.first_remission_lost_by_week, later.occupancy,
            later.follow_up, later.spontaneous_remission);
  }
  void put(const SubgroupTally& subgroup) {
    put_all(subgroup.patients, subgroup.remission_by_week,
            subgroup.first_remission_lost_by_week);
  }
  void put(const StageTally& stage) {
    put_all(stage.entered, stage.remission, stage.apparently_resistant,
            stage.truly_resistant);
  }
  void put(const PathwayTally& pathway) {
    put_all(pathway.course, pathway.later, pathway.by_batch, pathway.subgroups,
            pathway.stages, pathway.stage_by_week);
  }
  void put(const Outcomes& outcomes) {
    put_all(outcomes.sum, outcomes.product, outcomes.cost_effect,
            outcomes.differing, outcomes.by_batch);
  }
  void put(const Tally& tally) {
    put_all(tally.patients, tally.pathways, tally.outcomes);
  }

 private:
  std::ostream& out_;
};

}  // namespace

int main(int argument_count, char** arguments) {
  if (argument_count != 4) {
    std::cerr << "Usage: print_tally INSTRUCTION_SET PATIENTS SCENARIO\n";
    return 2;
  }
  try {
    RunOptions run;
    run.instruction_set = arguments[1];
    run.patients = parse_patients(arguments[2]);
    run.threads = 2;
    const Scenario scenario = read_scenario(arguments[3]).scenario;
    Printer(std::cout).put(simulate(compile(scenario), run));
  } catch (const std::exception& problem) {
    std::cerr << "print_tally: " << problem.what() << '\n';
    return 1;
  }
  return 0;
}
