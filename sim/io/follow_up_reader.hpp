// Reads what may happen in follow-up.
#pragma once

#include "models/scenario.hpp"
#include "sim/io/value_reader.hpp"

#include <optional>

namespace stardsim {

/// Reads `follow_up` tables. What is given to the constructor must outlive the
/// reader.
class FollowUpReader {
 public:
  /// `steps` is the section whose steps and arms may state a relapse of which
  /// `[follow_up]` says more.
  FollowUpReader(const std::optional<Value>& steps, const ValueReader& values);

  /// Changes what the table says, key by key; all else stays.
  void read(const std::optional<Value>& follow_up, FollowUp& remitted,
            FollowUp& not_remitted) const;

 private:
  void read_state(const std::optional<Value>&, FollowUp&) const;
  bool is_stated_in_steps(const Section& state) const;
  void read_early_response(const Value&, FollowUp&) const;
  void read_treatment_stop(const Value&, FollowUp&) const;
  void read_after_relapse(const Value&, FollowUp&) const;

  const ValueReader& values_;
  Problems& problems_;
  /// Whether a step or an arm states the relapse of those in remission, not in
  /// remission.
  bool relapse_remitted_ = false, relapse_not_remitted_ = false;
};

}  // namespace stardsim
