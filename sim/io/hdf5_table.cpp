// Patient tables in HDF5: each column a dataset of one dimension.
#include "models/utf8.hpp"
#include "sim/io/hdf5_checks.hpp"
#include "sim/io/hdf5_handles.hpp"
#include "sim/io/problems.hpp"
#include "sim/io/table_cells.hpp"
#include "sim/io/trial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace stardsim {
namespace {

using hdf5::Handle;
using hdf5::require;

// Opens what is in memory, so that what was hashed is what is read.
Handle open_image(const std::string& bytes) {
  const Handle access = hdf5::property_list(H5P_FILE_ACCESS);
  constexpr std::size_t increment = 1u << 20;
  require(H5Pset_fapl_core(access.id(), increment, false), "read from memory");
  require(H5Pset_file_image(access.id(), const_cast<char*>(bytes.data()),
                            bytes.size()),
          "read from memory");
  return Handle(H5Fopen("table", H5F_ACC_RDONLY, access.id()), H5Fclose,
                "open it");
}

std::string row_name(std::size_t row) { return fmt::format("row {}", row + 1); }

// One column: how many rows it has, and what is in them.
class Dataset {
 public:
  Dataset(hid_t group, const std::string& name)
      : data_(H5Dopen2(group, name.c_str(), H5P_DEFAULT), H5Dclose,
              "open dataset " + name),
        space_(H5Dget_space(data_.id()), H5Sclose, "get the size of " + name),
        type_(H5Dget_type(data_.id()), H5Tclose, "get the type of " + name),
        name_(name) {
    if (H5Sget_simple_extent_ndims(space_.id()) != 1)
      throw BadTable(
          {fmt::format("{} does not have one dimension", in_quotes(name))});
    hsize_t size = 0;
    H5Sget_simple_extent_dims(space_.id(), &size, nullptr);
    if (size > most_table_rows)
      throw BadTable({fmt::format("more than {} rows", most_table_rows)});
    rows_ = static_cast<std::size_t>(size);
    hdf5::require_plain(data_.id(), name);
  }

  std::size_t rows() const { return rows_; }

  void read(std::size_t column, TableBuilder& builder) const {
    const H5T_class_t type = H5Tget_class(type_.id());
    if (type == H5T_INTEGER || type == H5T_FLOAT || type == H5T_ENUM)
      read_numbers(column, builder);
    else if (type == H5T_STRING && H5Tis_variable_str(type_.id()) > 0)
      read_variable_texts(column, builder);
    else if (type == H5T_STRING)
      read_fixed_texts(column, builder);
    else
      throw BadTable({fmt::format("{} holds neither numbers nor texts",
                                  in_quotes(name_))});
  }

 private:
  void read_into(hid_t type, void* memory) const {
    require(H5Dread(data_.id(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, memory),
            "read dataset " + name_);
  }

  void read_numbers(std::size_t column, TableBuilder& builder) const {
    std::vector<double> numbers(rows_);
    read_into(H5T_NATIVE_DOUBLE, numbers.data());
    for (std::size_t i = 0; i < rows_; ++i)
      builder.add_number(column, numbers[i], row_name(i));
  }

  void read_variable_texts(std::size_t column, TableBuilder& builder) const {
    const Handle type(H5Tcopy(type_.id()), H5Tclose, "copy a type");
    std::vector<char*> texts(rows_, nullptr);
    read_into(type.id(), texts.data());
    std::vector<std::string> cells;
    cells.reserve(rows_);
    for (const char* text : texts) cells.emplace_back(text ? text : "");
    require(H5Dvlen_reclaim(type.id(), space_.id(), H5P_DEFAULT, texts.data()),
            "free texts");
    for (std::size_t i = 0; i < rows_; ++i)
      add_text(column, cells[i], i, builder);
  }

  void read_fixed_texts(std::size_t column, TableBuilder& builder) const {
    const std::size_t size = H5Tget_size(type_.id());
    constexpr std::size_t longest = 256;
    if (size > longest)
      throw BadTable({fmt::format("{} holds texts of more than {} bytes",
                                  in_quotes(name_), longest)});
    std::string bytes(rows_ * size, '\0');
    read_into(type_.id(), bytes.data());
    for (std::size_t i = 0; i < rows_; ++i) {
      const std::string_view cell(bytes.data() + i * size, size);
      add_text(column, cell.substr(0, cell.find('\0')), i, builder);
    }
  }

  void add_text(std::size_t column, std::string_view cell, std::size_t row,
                TableBuilder& builder) const {
    if (!is_utf8(cell))
      throw BadTable(
          {fmt::format("{}, column {}: {} is not text in UTF-8", row_name(row),
                       in_quotes(name_), in_quotes(cell))});
    builder.add_text(column, cell, row_name(row));
  }

  Handle data_, space_, type_;
  std::string name_;
  std::size_t rows_ = 0;
};

void read_columns(hid_t group, TableBuilder& builder) {
  std::vector<Dataset> datasets;
  for (const TableColumn& column : builder.columns()) {
    if (H5Lexists(group, column.name.c_str(), H5P_DEFAULT) <= 0)
      throw BadTable(
          {fmt::format("has no dataset {}", in_quotes(column.name))});
    hdf5::require_own(group, column.name);
    datasets.emplace_back(group, column.name);
  }
  for (const Dataset& dataset : datasets)
    if (dataset.rows() != datasets.front().rows())
      throw BadTable({"its datasets differ in length"});
  for (std::size_t i = 0; i < datasets.size(); ++i)
    datasets[i].read(i, builder);
}

void read_image(const std::string& bytes, const std::string& group,
                TableBuilder& builder) {
  const hdf5::Session session;
  try {
    const Handle file = open_image(bytes);
    if (group != "/") hdf5::require_own(file.id(), group);
    const Handle folder(H5Gopen2(file.id(), group.c_str(), H5P_DEFAULT),
                        H5Gclose, "open group " + group);
    read_columns(folder.id(), builder);
  } catch (const hdf5::Failure& failure) {
    throw BadTable({failure.what()});
  }
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines(1);
  for (const char c : text)
    if (c == '\n')
      lines.emplace_back();
    else
      lines.back() += c;
  return lines;
}

}  // namespace

// First in a process of its own, for what HDF5 does with damaged files. What is
// wrong with single cells is no matter of that.
void read_hdf5(const std::string& bytes, const std::string& group,
               TableBuilder& builder) {
  const TrialOutcome trial =
      try_apart([&] { read_image(bytes, group, builder); });
  if (trial.end == TrialOutcome::End::killed)
    throw BadTable({"damaged: HDF5 cannot read it"});
  if (trial.end == TrialOutcome::End::threw)
    throw BadTable(lines_of(trial.what));
  read_image(bytes, group, builder);
}

}  // namespace stardsim
