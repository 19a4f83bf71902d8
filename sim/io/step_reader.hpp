// Reads the steps of a scenario and their arms.
#pragma once

#include "models/scenario.hpp"
#include "sim/io/value_reader.hpp"

#include <string>
#include <vector>

namespace stardsim {

/// Reads `[steps.NAME]` tables. What is given to the constructor must outlive
/// the reader.
class StepReader {
 public:
  StepReader(const ValueReader&, const std::vector<Treatment>&, Problems&);

  /// A step whose length cannot be used has NaN weeks. A step without `arms`
  /// has one arm, named like its treatment if it has one, else like the step.
  Step step(const std::string& name, const Value&) const;

 private:
  Table with_own_keys(const Table& step, const std::string& path) const;
  void read_arms(const Value& arms, Section& step_section, const Arm& prototype,
                 Step&) const;
  Arm arm(const std::string& name, Section&, Section& step_section,
          const Arm& prototype, double weeks) const;
  Arm only_arm(const Step&, Section& step_section, const Arm& prototype) const;
  void read_shared_keys(Section&, double weeks, Arm&) const;

  const ValueReader& values_;
  const std::vector<Treatment>& treatments_;
  std::vector<std::string> treatment_names_;
  Problems& problems_;
};

}  // namespace stardsim
