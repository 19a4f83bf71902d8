// Sensitivity analyses in tables: for people, and one for programs.
#pragma once

#include "sim/analysis/sensitivity.hpp"
#include "sim/app/console.hpp"
#include "sim/app/sheet.hpp"

#include <optional>
#include <string>
#include <vector>

namespace stardsim {

/// "Net benefit, health care, at 50,000 USD 2021 per QALY".
std::string in_words(const Figure&);

/// "ect3 less never", or the name of the pathway.
std::string in_words(const Contrasted&, const Scenario&);

/// The difference as stated, and which pathway is chosen by how much.
std::string base_text(const Scenario&, const Figure&, const Contrasted&,
                      const Reading& base);

/// A row a number, the widest swing first, with a bar; numbers without any
/// effect only with `all`. The screen decides how long bars are.
Sheet tornado_sheet(const Scenario&, const Figure&, const OneWay&,
                    const Screen&, bool all);

/// Where the decision changes, also by numbers that leave the difference of the
/// tornado alone; none if it never does.
std::optional<Sheet> switch_sheet(const Scenario&, const OneWay&);

/// "No effect here: 4 numbers", what is held, where ranges were cut: with their
/// keys if `all`. "" if there is nothing to say.
std::string range_notes(const OneWay&, const std::vector<Parameter>& held,
                        bool all);

/// The difference on the grid, and which pathway is chosen.
std::vector<Sheet> two_way_sheets(const Scenario&, const Figure&,
                                  const TwoWay&);

/// Tidy tables in CSV (results/README.md).
std::string one_way_csv(const Scenario&, const Figure&, const OneWay&);
std::string two_way_csv(const Scenario&, const Figure&, const TwoWay&);

}  // namespace stardsim
