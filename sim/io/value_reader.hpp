// Reads numbers and evidence values, each checked against what is allowed where
// it stands.
//
// The placeholder of a number that cannot be used is NaN: whatever is computed
// from it and compared raises no second problem.
#pragma once

#include "models/evidence.hpp"
#include "models/scenario.hpp"
#include "sim/io/section.hpp"

#include <limits>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace stardsim {

/// The placeholder of a number that cannot be used.
inline constexpr double unusable = std::numeric_limits<double>::quiet_NaN();

/// What an evidence value measures, and so which numbers are allowed.
struct Quantity {
  const char* allowed;  ///< completes "1.3 is not ..."
  double lowest = 0;
  double highest = std::numeric_limits<double>::infinity();
  bool lowest_is_allowed = true;
  bool highest_is_allowed = true;
  ValueKind kind = ValueKind::number;
  /// Why a plain number there has no distribution by definition; null: it has
  /// to be said.
  const char* held = nullptr;
};

constexpr Quantity of_kind(ValueKind kind, Quantity quantity) {
  quantity.kind = kind;
  return quantity;
}
constexpr Quantity held_as(const char* why, Quantity quantity) {
  quantity.held = why;
  return quantity;
}

inline constexpr Quantity probability =
    of_kind(ValueKind::probability, {"a probability (0 to 1)", 0, 1});
inline constexpr Quantity weight =
    of_kind(ValueKind::share, {"a share (0 or more)"});
inline constexpr Quantity positive = of_kind(
    ValueKind::positive,
    {"a positive number", 0, std::numeric_limits<double>::infinity(), false});
/// An odds or hazard ratio; within what single precision computes with.
inline constexpr Quantity ratio =
    of_kind(ValueKind::ratio, {"a ratio (0.000001 to 1,000,000)", 1e-6, 1e6});
/// From one tick to ten years.
inline constexpr Quantity step_length =
    held_as("a length that is set, not measured",
            of_kind(ValueKind::positive,
                    {"a length in weeks (1/1024 to 520)", 1.0 / 1024, 520}));
// Wider than any clinical distribution, and no wider than their distribution
// functions can be computed.
inline constexpr Quantity shape_parameter = of_kind(
    ValueKind::positive, {"a shape parameter (0.001 to 1000)", 0.001, 1000});

/// The keys that make a table an evidence value.
const std::vector<std::string>& evidence_keys();

/// Reads what carries a source, which may be a key of `[sources]`. What is
/// given to the constructor must outlive the reader.
class ValueReader {
 public:
  ValueReader(const std::vector<Source>& sources, Problems& problems)
      : sources_(sources), problems_(problems) {}

  Problems& problems() const { return problems_; }

  /// Where the evidence value of this key, which has been read, stands.
  Position place_of(const std::string& key) const;

  /// Its value is NaN if it cannot be used. If it is a table, it may have these
  /// other keys, which are left to the caller.
  Evidence evidence(const Value&, const Quantity&,
                    const std::vector<std::string>& other_keys = {}) const;
  /// That of a key of the section, if it is there.
  std::optional<Evidence> find(Section&, const std::string& key,
                               const Quantity&) const;
  /// As find; an absent one is a problem, and its value NaN.
  Evidence require(Section&, const std::string& key, const Quantity&) const;
  /// An array of 1 to `most` of them; their keys end in their number, from 1.
  /// Empty if one cannot be used.
  std::vector<Evidence> evidence_array(const Value&, const Quantity&,
                                       std::size_t most) const;

  /// A plain number; NaN if it cannot be used.
  double number(const Value&, const Quantity&) const;
  /// An array of 1 to `most` plain numbers; empty if one cannot be used.
  std::vector<double> numbers(const Value&, const Quantity&,
                              std::size_t most) const;

  /// Reads `source` and `note` of a section, which serve for those of its
  /// numbers that have none of their own.
  void share_source(Section&, const std::vector<Evidence*>&) const;

  /// The text of the key `source`; a key of `[sources]` stands for the text
  /// there. A word that is nearly such a key is a problem.
  std::string source(Section&) const;

 private:
  double any_number(const Value&, const char* allowed = "a number") const;
  bool check(double, const Value&, const Quantity&) const;
  const Array* array_of(const Value&, std::size_t most) const;

  void read_form(Section&, const Quantity&, Evidence&) const;
  void read_count(Section&, const Quantity&, Evidence&) const;
  void read_sample(Section&, Evidence&) const;
  void read_interval(Section&, const Quantity&, Evidence&) const;
  void read_spread(Section&, Evidence&) const;
  void read_beta(Section&, const Quantity&, Evidence&) const;
  void read_uniform(Section&, const Quantity&, Evidence&) const;
  void read_shape(Section&, bool has_spread, Evidence&) const;
  void read_fixed(Section&, const Quantity&, Evidence&) const;
  std::optional<std::pair<double, double>> two_numbers(const Value&,
                                                       const char* form,
                                                       const Quantity&) const;

  const std::vector<Source>& sources_;
  Problems& problems_;
  mutable std::unordered_map<std::string, Position> places_;  ///< by key
};

/// Adds a problem if the numbers do not ascend strictly: "2 before 1; weeks
/// must ascend".
void check_ascending(const std::vector<double>& numbers, const Value& place,
                     const char* what, Problems&);

}  // namespace stardsim
