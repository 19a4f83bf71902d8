// Reads the steps of a scenario and their arms.
#pragma once

#include "models/scenario.hpp"
#include "sim/io/effects_reader.hpp"
#include "sim/io/eligibility_reader.hpp"
#include "sim/io/follow_up_reader.hpp"
#include "sim/io/treatment_economics_reader.hpp"
#include "sim/io/value_reader.hpp"

#include <string>
#include <vector>

namespace stardsim {

/// What the rest of the scenario means for its steps.
struct StepContext {
  const std::vector<Treatment>& treatments;
  const EffectsReader& effects;
  const EligibilityReader& eligibility;
  const FollowUpReader& follow_up;
  const TreatmentEconomicsReader& economics;
  /// Of each treatment.
  const std::vector<TreatmentEconomics>& treatment_economics;
  /// What every arm begins with: the scenario's effects and follow-up.
  Arm prototype;
  LineDependence line_dependence = LineDependence::as_observed;
  std::size_t reference_steps = 0;  ///< of the reference pathway; 0: unknown
};

/// Where a step stands.
struct StepUse {
  bool in_a_pathway = false;
  bool in_the_reference = false;
};

/// Reads `[steps.NAME]` tables. What is given to the constructor must outlive
/// the reader.
class StepReader {
 public:
  StepReader(const StepContext&, const ValueReader&);

  /// A step whose length cannot be used has NaN weeks. A step without `arms`
  /// has one arm, named like its treatment if it has one, else like the step.
  Step step(const std::string& name, const Value&, StepUse) const;

 private:
  Table with_own_keys(const Table& step, const std::string& path) const;
  void read_arms(const Value& arms, Section& step_section, const Arm& prototype,
                 StepUse, Step&) const;
  Arm arm(const std::string& name, Section&, Section& step_section,
          const Arm& prototype, double weeks, StepUse) const;
  Arm only_arm(const Step&, Section& step_section, const Arm& prototype,
               StepUse) const;
  void require_rates(Section&, Section& step_section, StepUse, Arm&) const;
  void read_shared_keys(Section&, Section* step_section, double weeks,
                        Arm&) const;
  void read_anchor(Section&, Arm&) const;
  void read_extension(const Value&, Arm&) const;
  void read_gap_return(const Value&, Arm&) const;
  void read_times(Section&, Section* step_section, double weeks, Arm&) const;
  bool uses_first_line() const;
  void finish_arm(Section&, Section& step_section, Arm&) const;
  void check_competing(Section&, Section& step_section, const Arm&) const;
  void check_sums(Section&, const Arm&) const;

  const StepContext& context_;
  const ValueReader& values_;
  std::vector<std::string> treatment_names_;
  Problems& problems_;
};

}  // namespace stardsim
