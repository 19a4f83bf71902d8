// A number together with where it comes from and how sure it is.
#pragma once

#include <string>
#include <variant>

namespace stardsim {

/// Nothing is known of the uncertainty.
struct Exact {
  bool operator==(const Exact&) const = default;
};

/// A count: `events` of `of` patients; the value is their ratio.
struct Count {
  double events, of;
  bool operator==(const Count&) const = default;
};

/// The size of the sample in which a rate was measured.
struct Sample {
  double of;
  bool operator==(const Sample&) const = default;
};

/// The 95 % interval.
struct Interval {
  double low, high;
  bool operator==(const Interval&) const = default;
};

/// The standard deviation of the value itself (not of a population).
struct Spread {
  double sd;
  bool operator==(const Spread&) const = default;
};

/// Beta(a, b); the value is a / (a + b).
struct Beta {
  double a, b;
  bool operator==(const Beta&) const = default;
};

/// A number of a scenario. `source` is the text of the source, already looked
/// up in the scenario's `[sources]`; empty when the file gives none.
struct Evidence {
  double value = 0;
  std::variant<Exact, Count, Sample, Interval, Spread, Beta> certainty;
  std::string source;
  std::string note;
  std::string key;  ///< where it stands: "steps.step1.remission"; "": a default
  bool operator==(const Evidence&) const = default;
};

}  // namespace stardsim
