// What is common to patient tables of all formats: turns cells into numbers,
// and collects what is wrong with them.
#pragma once

#include "sim/io/patient_table.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace stardsim {

/// Builds a PatientTable cell by cell, row after row.
class TableBuilder {
 public:
  explicit TableBuilder(const std::vector<TableColumn>&);

  /// The columns that were asked for.
  const std::vector<TableColumn>& columns() const { return columns_; }

  /// `where` says in which row it stands, as "line 3".
  void add_text(std::size_t column, std::string_view cell,
                const std::string& where);
  void add_number(std::size_t column, double cell, const std::string& where);
  void add_problem(const std::string& what);

  /// Throws BadTable if there is a problem, or if the columns have no rows.
  PatientTable finish();

 private:
  void refuse(std::size_t column, const std::string& cell,
              const std::string& where, const std::string& what);
  void sort_by_identifiers();

  const std::vector<TableColumn>& columns_;
  PatientTable table_;
  std::vector<std::string> identifiers_;
  std::vector<std::string> problems_;
  std::size_t problem_count_ = 0;
  /// Of each column of draws.
  struct BadCells {
    std::string first;
    std::size_t count = 0;
  };
  std::vector<BadCells> bad_cells_;
};

/// The bytes of a file of at most most_table_bytes. Throws BadTable.
std::string read_bytes(const std::filesystem::path&);

/// Parts of read_patient_table; `bytes` is the file.
void read_csv(std::string_view bytes, TableBuilder&);
/// In hdf5_table.cpp.
void read_hdf5(const std::string& bytes, const std::string& group,
               TableBuilder&);

}  // namespace stardsim
