// A number together with where it comes from and how sure it is.
#pragma once

#include <limits>
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

/// Anything from low to high, each as likely; the value is their middle.
struct Uniform {
  double low, high;
  bool operator==(const Uniform&) const = default;
};

/// What a number is, and so which distribution stands for its uncertainty.
enum class ValueKind {
  number,       ///< any; normal
  probability,  ///< 0 to 1; beta
  utility,      ///< at most 1; beta while it lies in 0 to 1, else normal
  share,        ///< a weight among others; Dirichlet with them
  ratio,        ///< > 0, of odds, hazards or risks; log-normal, value = median
  amount,       ///< of money, 0 or more; log-normal, value = mean
  positive,     ///< weeks, shapes, standard deviations; gamma
  correlation   ///< -1 to 1; normal, refused outside
};

/// Which numbers may stand in a place, both ends included.
struct Range {
  double lowest = -std::numeric_limits<double>::infinity();
  double highest = std::numeric_limits<double>::infinity();
  /// "a probability (0 to 1)": completes "1.3 is not ..."; lasts for ever.
  const char* allowed = "a number";
  bool operator==(const Range& other) const {
    return lowest == other.lowest && highest == other.highest;
  }
};

/// A distribution that the scenario names itself, beside sd or low and high.
enum class Shape { by_kind, beta, gamma, log_normal, normal };

/// A number of a scenario. `source` is the text of the source, already looked
/// up in the scenario's `[sources]`; empty when the file gives none.
struct Evidence {
  double value = 0;
  std::variant<Exact, Count, Sample, Interval, Spread, Beta, Uniform> certainty;
  std::string source;
  std::string note;
  std::string key;  ///< where it stands: "steps.step1.remission"; "": a default
  ValueKind kind = ValueKind::number;
  Shape shape = Shape::by_kind;
  Range range{};        ///< what may stand there, as its reader has it
  std::string fixed{};  ///< why it has no distribution; "": not stated
  bool operator==(const Evidence&) const = default;
};

}  // namespace stardsim
