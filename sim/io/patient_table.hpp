// A table of patients from which a cohort is drawn: a file of comma-separated
// values, or one-dimensional HDF5 datasets of equal length.
#pragma once

#include <cstddef>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace stardsim {

inline constexpr std::size_t most_table_bytes = 256u << 20;
inline constexpr std::size_t most_table_rows = 1'000'000;
inline constexpr std::size_t most_table_columns = 64;

/// A column that is asked for.
struct TableColumn {
  enum class Kind {
    numbers,     ///< finite numbers between -1e9 and 1e9
    draws,       ///< the same; of its bad cells one line tells
    weights,     ///< numbers of 0 or more
    levels,      ///< these texts, each as its number from 0
    identifiers  ///< any texts; as the file has them, if sorted by
  };
  std::string name;
  Kind kind;
  std::vector<std::string> levels;
};

/// The table cannot be used. Each line says why, and at which row and column.
class BadTable : public std::runtime_error {
 public:
  explicit BadTable(std::vector<std::string> lines);
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  std::vector<std::string> lines_;
};

struct PatientTable {
  std::size_t rows = 0;
  /// One for each column that was asked for; empty for identifiers.
  std::vector<std::vector<double>> columns;
  std::string sha256;  ///< of the file
};

/// "; and 7 more rows of this column are bad", or "" for 0.
std::string more_rows(std::size_t count);

/// Reads the columns from a file named *.csv, *.h5 or *.hdf5; `group` says
/// where in the latter they are. If one of them has identifiers, the rows are
/// sorted by them: as numbers if all are, else as texts; they must differ.
/// Throws BadTable.
///
/// CSV is that of RFC 4180 in UTF-8: a header row, commas, cells in double
/// quotes if need be, either line end.
PatientTable read_patient_table(const std::filesystem::path&,
                                const std::string& group,
                                const std::vector<TableColumn>&);

}  // namespace stardsim
