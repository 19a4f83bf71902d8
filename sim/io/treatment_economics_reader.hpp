// Reads what costs and harms come with a treatment.
#pragma once

#include "models/economics.hpp"
#include "sim/io/cost_reader.hpp"

namespace stardsim {

/// Reads the keys `costs`, `utility_decrement`, `death_per_session` and
/// `adverse_events` of a treatment, a step or an arm. What is given to the
/// constructor must outlive the reader.
class TreatmentEconomicsReader {
 public:
  TreatmentEconomicsReader(const EconomicsNames&, const ValueReader&);

  /// Makes room for every adverse event of the scenario.
  void prepare(TreatmentEconomics&) const;

  /// Replaces what the section states, costs by kind and adverse events by
  /// name; all else stays.
  void read(Section&, TreatmentEconomics&) const;

 private:
  void read_decrement(const Value&, TreatmentEconomics&) const;
  void read_adverse_events(const Value&, TreatmentEconomics&) const;

  const EconomicsNames& names_;
  const ValueReader& values_;
  CostReader costs_;
  Problems& problems_;
};

/// What holds of a treatment where a step or an arm states `own`, which
/// replaces costs by kind and adverse events by number.
TreatmentEconomics merged(TreatmentEconomics of_treatment,
                          const TreatmentEconomics& own);

/// The key of the first thing that is counted by session, or "".
std::string counted_by_session(const TreatmentEconomics&);

}  // namespace stardsim
