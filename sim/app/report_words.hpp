// The answer of a report in plain sentences.
#pragma once

#include "sim/app/report_data.hpp"

#include <string>
#include <vector>

namespace stardsim {

/// Sentences, without markup. Of a file whose estimands this program does not
/// know, headline and remission are empty.
struct Answer {
  std::string headline;                ///< of the estimand asked first
  std::vector<std::string> asked;      ///< a paragraph a run, and how compared
  std::vector<std::string> remission;  ///< by estimand, the one asked first
  std::vector<std::string> economics;  ///< empty without it
  std::vector<std::string> best;       ///< of those, the last of each run
  std::vector<std::string> decision;   ///< over draws; empty without them
  std::vector<std::string> certainty;  ///< of what errors are, and are not
  std::vector<std::string> cautions;   ///< empty where there are none
};

Answer answer_of(const ReportInput&);

/// "104 weeks (2 years)", to one decimal at most.
std::string horizon_text(double weeks);

/// To so many figures, without zeros at the end; from 0.001 to 1e9 never in
/// scientific notation and with all figures before the point. "-" for NaN.
std::string number_text(double number, int figures = 6);

/// "14 weeks", "0.5 per year".
std::string number_with_unit(double number, const std::string& unit);

/// An input that runs have with different values, or not all of them have.
struct DifferingInput {
  std::string key;
  std::vector<std::string> values;  ///< by run; "-" where it is not there
};

/// In the order of the first run; none where not all runs tell their inputs.
std::vector<DifferingInput> differing_inputs(const ReportInput&);

/// "36.80 % (0.05)", with a space that does not break; the standard error in
/// brackets; "-" for NaN.
std::string percentage(const Reported&);

/// "a, b and c".
std::string enumerated(const std::vector<std::string>& words);

/// The label in typographic quotes.
std::string in_double_quotes(const std::string& label);

}  // namespace stardsim
