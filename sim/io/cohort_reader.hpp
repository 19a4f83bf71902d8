// Reads who the patients are.
#pragma once

#include "models/cohort.hpp"
#include "sim/io/value_reader.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace stardsim {

/// A file of patients, or a life table, that a scenario reads, and what was in
/// it.
struct DataFile {
  std::filesystem::path path;
  std::string name;    ///< as the scenario has it
  std::string sha256;  ///< of its bytes
};

/// Reads `[cohort]` and `[propensity]`. What is given to the constructor must
/// outlive the reader.
class CohortReader {
 public:
  explicit CohortReader(const ValueReader& values)
      : values_(values), problems_(values.problems()) {}

  Cohort read(const std::optional<Value>& cohort,
              const std::optional<Value>& propensity);

  /// The files that the last cohort was read from.
  const std::vector<DataFile>& files() const { return files_; }

 private:
  void read_covariates(const std::optional<Value>&);
  Covariate covariate(const std::string& name, const Value&);
  void read_form(Section&, Covariate&);
  CategoricalCovariate categorical(Section&);
  EmpiricalCovariate empirical(Section&);
  BandsCovariate bands(Section&);
  TableCovariate from_table(Section&, const std::string& name);
  void read_truncation(Section&, Covariate&);

  void read_table(const std::optional<Value>&);
  std::filesystem::path path_of(const Value& file) const;
  void take_columns(const Value& file, const std::filesystem::path&,
                    const std::string& group, const std::string& weight,
                    const std::string& identifier);

  void check_known_names() const;

  void read_propensity(const std::optional<Value>&);

  void read_correlations(const std::optional<Value>&);
  void read_correlation(std::size_t first, const NamedValue&);
  std::optional<std::size_t> correlated(const std::string& name, const Value&);

  const ValueReader& values_;
  Problems& problems_;
  Cohort cohort_;
  std::vector<std::string> names_;  ///< of the covariates
  /// What the file says of a covariate and the cohort does not keep.
  struct Written {
    Position where;
    std::string column;  ///< of the table; "": not from it
    bool has_centre = false;
  };
  std::vector<Written> written_;  ///< by covariate
  std::vector<DataFile> files_;
};

}  // namespace stardsim
