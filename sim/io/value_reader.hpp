// Reads evidence values and time distributions, each checked against what is
// allowed where it stands.
//
// The placeholder of a number that cannot be used is NaN: whatever is computed
// from it and compared raises no second problem.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "models/scenario.hpp"
#include "sim/io/section.hpp"

namespace stardsim {

/// The placeholder of a number that cannot be used.
inline constexpr double unusable = std::numeric_limits<double>::quiet_NaN();

/// What an evidence value measures, and so which numbers are allowed.
struct Quantity {
  const char* allowed;  ///< completes "1.3 is not ..."
  double lowest = 0;
  double highest = std::numeric_limits<double>::infinity();
  bool lowest_is_allowed = true;
};

inline constexpr Quantity probability{"a probability (0 to 1)", 0, 1};
inline constexpr Quantity weight{"a share (0 or more)"};
inline constexpr Quantity positive{
    "a positive number", 0, std::numeric_limits<double>::infinity(), false};
inline constexpr Quantity standard_deviation{
    "a standard deviation (0 or more)"};
/// From one tick to ten years.
inline constexpr Quantity step_length{"a length in weeks (1/1024 to 520)",
                                      1.0 / 1024, 520};

/// A table being read. Every key that is asked for is a known one; `finish`
/// reports the others.
class Section {
 public:
  /// Absent tables are read as empty ones.
  Section(const Table& table, Position where, std::string path,
          Problems& problems)
      : table_(table),
        where_(where),
        path_(std::move(path)),
        problems_(problems) {}

  Position where() const { return where_; }
  const std::string& path() const { return path_; }
  Problems& problems() const { return problems_; }

  std::optional<Value> find(const std::string& key);
  /// As find; an absent one is a problem, which says what is needed.
  std::optional<Value> require(const std::string& key, const std::string& what);
  /// The text of the key; "" if it is absent.
  std::string text(const std::string& key);
  /// The index in `names` of the text of the key, if it is one of them.
  std::optional<std::size_t> choice(const std::string& key,
                                    const std::vector<std::string>& names);

  bool has_unknown_keys() const;
  /// Adds a problem for every key that was not asked for, with a hint: a
  /// special one, the nearest known key, or all that are known.
  void finish(std::optional<std::string> (*special_hint)(
                  const std::string& key) = nullptr) const;

 private:
  double number(const Value&, const char* allowed = "a number") const;
  bool check(double, const Value&, const Quantity&) const;
  std::vector<double> numbers(const Value&, const Quantity&) const;

  Evidence evidence_table(const Value&, const Table&, const Quantity&) const;
  void read_form(Section&, const Quantity&, Evidence&) const;
  void read_count(Section&, const Quantity&, Evidence&) const;
  void read_sample(Section&, Evidence&) const;
  void read_interval(Section&, const Quantity&, Evidence&) const;
  void read_spread(Section&, Evidence&) const;
  void read_beta(Section&, const Quantity&, Evidence&) const;

  void read_parameters(Section&, const std::string& distribution,
                       TimeDistribution&) const;
  DiscreteTime discrete(Section&) const;

  const std::vector<Source>& sources_;
  Problems& problems_;
};

}  // namespace stardsim
