// Reads amounts of money and what they accrue with: costs, and when they count.
#pragma once

#include "models/economics.hpp"
#include "sim/io/value_reader.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace stardsim {

inline constexpr std::size_t most_cost_kinds = 16;
inline constexpr std::size_t most_adverse_events = 16;

/// What the parts of a scenario must know of its economics to refer to it.
struct EconomicsNames {
  bool is_stated = false;  ///< there is an [economics]
  std::string currency;    ///< "": unknown
  std::uint32_t price_year = 0;
  bool allows_negative = false;
  bool has_utilities = false;
  std::vector<std::string> kinds, adverse_events;
};

/// The three of Health and the seven of Phase, in their order.
const std::vector<std::string>& health_names();
const std::vector<std::string>& phase_names();

/// Utilities of less are worse than death.
inline constexpr Quantity utility = of_kind(
    ValueKind::utility, {"a utility (-1 to 1; 1 is full health)", -1, 1});
inline constexpr Quantity decrement =
    of_kind(ValueKind::utility, {"a utility decrement (0 to 1)", 0, 1});

/// Adds a problem if a section that needs one stands there without [economics].
void require_economics(const EconomicsNames&, const Value&, Problems&);

/// What is given to the constructor must outlive the reader.
class CostReader {
 public:
  CostReader(const EconomicsNames&, const ValueReader&);

  /// An amount as an evidence value, whose table may have these other keys
  /// beside its own currency and price year.
  Evidence amount(const Value&,
                  const std::vector<std::string>& other_keys = {}) const;

  /// Of an attempt: `costs = { KIND = COST }`.
  std::vector<Cost> treatment_costs(const std::optional<Value>&) const;
  /// Of an adverse event: the same, each paid once.
  std::vector<Cost> one_off_costs(const std::optional<Value>&) const;
  /// Of no treatment: `rates` of a kind.
  std::vector<Cost> rates(const std::optional<Value>&, std::size_t kind) const;

  /// The keys `health` and `phase`, the latter among the first so many, of a
  /// table.
  When when(Section&, std::size_t phases) const;
  /// The phases of a key, each once; none if it is absent.
  std::vector<Phase> phases(Section&, const std::string& key,
                            std::size_t count = phase_count) const;

 private:
  enum class Place { treatment, adverse_event, rate };

  std::vector<Cost> by_kind(const std::optional<Value>&, Place) const;
  void read_costs(const Value&, std::size_t kind, Place,
                  std::vector<Cost>&) const;
  Cost cost(const Value&, std::size_t kind, Place) const;
  void read_share(Section&, const Value&, Cost&) const;
  void read_per(Section&, Place, Cost&) const;
  void read_when(Section&, Place, Cost&) const;
  void check_money(const Value&) const;
  std::vector<std::size_t> chosen(Section&, const std::string& key,
                                  const std::string& kind,
                                  const std::vector<std::string>& names) const;

  const EconomicsNames& names_;
  const ValueReader& values_;
  Problems& problems_;
};

}  // namespace stardsim
