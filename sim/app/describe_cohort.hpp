// The patients of a scenario in words: covariates, what they change, and
// conditions on them.
#pragma once

#include "models/scenario.hpp"

#include <string>

namespace stardsim {

/// "36.8 %".
std::string per_cent(double probability);

/// Two spaces, the text, and lines broken before column 80 that go on under it.
std::string paragraph(const std::string& text, const std::string& indent = "");

/// The covariates, their distributions and correlations; empty without any.
std::string cohort_text(const Scenario&);

/// Odds ratios and hazard ratios, and on which arms; empty without any.
std::string effects_text(const Scenario&);

/// "at least 2 failed trials and psychotic, or ...".
std::string words_for(const Scenario&, const Eligibility&);

/// Empty without any.
std::string subgroups_text(const Scenario&);

}  // namespace stardsim
