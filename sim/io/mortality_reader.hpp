// Reads when patients die.
#pragma once

#include "models/scenario.hpp"
#include "sim/io/cohort_reader.hpp"
#include "sim/io/value_reader.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace stardsim {

/// A life table and the SHA-256 of its file.
struct LifeTableFile {
  LifeTable table;
  std::string sha256;
};

/// Reads probabilities of death by age and sex: comma-separated values in UTF-8
/// with a header row and the columns `age` (0, 1, 2, ..., none left out),
/// `male` and `female` (0 to 1) among any others; lines that begin with `#` are
/// comments. Throws BadTable, each line of which begins with `FILE:LINE: `
/// where a line is to blame.
LifeTableFile read_life_table(const std::filesystem::path&);

/// `[mortality]`; nothing if it is absent. Adds the file of its life table to
/// `files`.
std::optional<Mortality> read_mortality(const std::optional<Value>&,
                                        const Cohort&, const ValueReader&,
                                        std::vector<DataFile>& files);

}  // namespace stardsim
