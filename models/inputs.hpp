// All numbers that a scenario puts in, as a reader wants to see them: each with
// where it stands, how sure it is and where it comes from.
#pragma once

#include "models/scenario.hpp"

#include <string>
#include <vector>

namespace stardsim {

/// The 95 % interval of a number: as stated; of a count, a sample or a beta the
/// 2.5 and 97.5 % quantiles of Beta(events, of - events); of a standard
/// deviation the value -+ 1.96 of it. NaN where nothing is known. Where none or
/// all had the event, that beta is a point: then the exact bounds of Clopper &
/// Pearson 1934 (Biometrika 26:404).
struct Bounds {
  double low, high;
};
Bounds bounds_of_95(const Evidence&);

/// The standard error that its certainty stands for: of a count or a sample
/// sqrt(p (1 - p) / n), or, where none or all had the event, its bound / 1.96;
/// of an interval its width / 3.92, of a beta its standard deviation; 0 where
/// nothing is known.
double standard_error(const Evidence&);

/// "exact", "count", "sample", "interval", "sd", "beta",
/// "uniform".
const char* form_of(const Evidence&);

/// How sure it is, as people write it: "439 of 1,439", "0.306 of 1,439", "0.44
/// to 0.52", "sd 3.8", "beta
/// 281, 304", "uniform 0.1 to 0.3"; "" where nothing is known.
std::string stated(const Evidence&);

struct Input {
  std::string key;  ///< "steps.step1.remission_time.shape"
  double value;     ///< NaN for a list
  Bounds bounds;
  std::string form;    ///< form_of, or "list": many numbers under one key
  std::string stated;  ///< of a list, what is in it
  std::string unit;    ///< "1", "weeks", "1/year", "USD 2021 per year"; or ""
  std::string source, note;  ///< "": none
};

/// Each number that the file states, once, in the order in which a scenario is
/// read: cohort, treatments, steps with their arms, what follows, economics,
/// mortality. The source of a time distribution, a survival or a covariate
/// stands with each of its parameters, and the note of a probability says by
/// which week it is meant. What no arm uses of a treatment's
/// economics is left out, and so are defaults and life tables.
std::vector<Input> inputs_of(const Scenario&);

}  // namespace stardsim
