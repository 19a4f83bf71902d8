// Reads what is valued: [economics], [costs], [utilities], [adverse_events],
// and who counts as resistant.
#pragma once

#include "models/scenario.hpp"
#include "sim/io/cost_reader.hpp"

#include <optional>
#include <string>
#include <vector>

namespace stardsim {

/// What the course of patients means for the economics.
struct EconomicsContext {
  const Cohort& cohort;
  double weeks_per_year;
  bool partial_response_occurs = false;
  bool has_mortality = false;
};

/// Reads the sections of the economics. What is given to the constructor must
/// outlive the reader.
class EconomicsReader {
 public:
  /// Looks up the sections in the root of the scenario, and reads what others
  /// refer to.
  EconomicsReader(Section& root, const ValueReader&);

  const EconomicsNames& names() const { return names_; }

  /// Nothing without [economics].
  std::optional<Economics> read(const EconomicsContext&) const;

 private:
  void read_names();
  void refuse_without_economics() const;

  void read_money(Section&, Economics&) const;
  void read_discount(Section&, Economics&) const;
  void read_thresholds(Section&, Economics&) const;
  void read_perspectives(Section&, Economics&) const;
  Perspective perspective(const NamedValue&) const;
  Earnings earnings(const Value&, const EconomicsContext&) const;
  std::vector<Evidence> amounts(const Value&) const;

  CostKind kind(const NamedValue&, std::size_t index) const;
  void read_events(const Value&, std::size_t kind,
                   std::vector<EventCost>&) const;
  Utilities utilities(const EconomicsContext&) const;
  void read_utilities(Section&, const EconomicsContext&,
                      std::array<Evidence, health_count>&) const;
  AdverseEvent adverse_event(const NamedValue&, const EconomicsContext&) const;
  Evidence loss_of(Section&, const EconomicsContext&) const;

  const ValueReader& values_;
  Problems& problems_;
  std::optional<Value> economics_, kinds_, utilities_, adverse_events_;
  EconomicsNames names_;
  CostReader costs_;
};

/// `[resistance]`; the usual definition if it is absent.
Resistance read_resistance(const std::optional<Value>&, const ValueReader&);

}  // namespace stardsim
