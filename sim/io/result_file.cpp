#include "sim/io/result_file.hpp"

#include "sim/io/hdf5_checks.hpp"
#include "sim/io/input_file.hpp"
#include "sim/io/problems.hpp"
#include "sim/io/trial.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <set>
#include <string_view>

namespace stardsim {
namespace {

using hdf5::Handle;
using hdf5::require;

constexpr std::string_view signature = "\x89HDF\r\n\x1a\n";

/// More than any scenario has; what is larger is not read.
constexpr hsize_t most_names = 1 << 16, most_values = hsize_t{1} << 26;

ResultFile::Shape shape_of(const Handle& dataset) {
  const Handle space(H5Dget_space(dataset.id()), H5Sclose,
                     "tell the shape of a dataset");
  const int rank = H5Sget_simple_extent_ndims(space.id());
  if (rank <= 0) return {};
  ResultFile::Shape shape(static_cast<std::size_t>(rank));
  H5Sget_simple_extent_dims(space.id(), shape.data(), nullptr);
  return shape;
}

H5T_class_t class_of(const Handle& dataset) {
  return H5Tget_class(
      Handle(H5Dget_type(dataset.id()), H5Tclose, "tell a type").id());
}

H5T_class_t class_of_attribute(const Handle& attribute) {
  return H5Tget_class(
      Handle(H5Aget_type(attribute.id()), H5Tclose, "tell a type").id());
}

/// A failing disk goes before what was made of its bytes.
void read_from(const ResultFile& file,
               const std::function<void(const ResultFile&)>& read) {
  try {
    read(file);
  } catch (const std::exception&) {
    file.throw_failure();
    throw;
  }
  file.throw_failure();
}

}  // namespace

ResultFile::ResultFile(const std::filesystem::path& path)
    : path_(path),
      disk_(open_regular_file(path)),
      storage_(std::make_shared<hdf5::TolerantStorage>(bytes_)),
      file_(open()) {}

void ResultFile::refuse(const std::string& what) const {
  throw BadResult(path_.string() + ": " + what);
}

bool ResultFile::has(const std::string& name) const {
  std::string::size_type end = 0;
  do {
    end = name.find('/', end + 1);
    const std::string part = name.substr(0, end);
    const htri_t exists = H5Lexists(file_.id(), part.c_str(), H5P_DEFAULT);
    hdf5::require(exists, "look for " + part);
    if (exists == 0) return false;
  } while (end != std::string::npos);
  return true;
}

bool ResultFile::has_attribute(const char* name) const {
  const htri_t exists = H5Aexists(file_.id(), name);
  hdf5::require(exists, std::string("look for attribute ") + name);
  return exists > 0;
}

std::string ResultFile::text_attribute(const char* name) const {
  return text_attribute("/", name);
}

std::string ResultFile::text_attribute(const std::string& group,
                                       const char* name) const {
  const Handle attribute = open_attribute(group, name);
  if (class_of_attribute(attribute) != H5T_STRING)
    refuse(std::string(name) + " has values of the wrong type");
  const Handle type = hdf5::type_of<std::string>();
  char* text = nullptr;
  require(H5Aread(attribute.id(), type.id(), &text),
          std::string("read attribute ") + name);
  std::string copy = text ? text : "";
  H5free_memory(text);
  return copy;
}

double ResultFile::real_attribute(const char* name) const {
  const Handle attribute = open_attribute("/", name);
  if (class_of_attribute(attribute) != H5T_FLOAT)
    refuse(std::string(name) + " has values of the wrong type");
  double number = 0;
  require(H5Aread(attribute.id(), H5T_NATIVE_DOUBLE, &number),
          std::string("read attribute ") + name);
  return number;
}

std::uint64_t ResultFile::number_attribute(const char* name) const {
  return number_attribute("/", name);
}

std::uint64_t ResultFile::number_attribute(const std::string& group,
                                           const char* name) const {
  const Handle attribute = open_attribute(group, name);
  if (class_of_attribute(attribute) != H5T_INTEGER)
    refuse(std::string(name) + " has values of the wrong type");
  std::uint64_t number = 0;
  require(H5Aread(attribute.id(), H5T_NATIVE_UINT64, &number),
          std::string("read attribute ") + name);
  return number;
}

ResultFile::Texts ResultFile::names(const std::string& dataset) const {
  const Handle opened = open_dataset(dataset);
  const Shape shape = shape_of(opened);
  if (shape.size() != 1 || shape[0] == 0 || shape[0] > most_names)
    refuse(dataset + " is no list of names");
  return texts(opened, dataset, shape[0]);
}

std::vector<double> ResultFile::list(const std::string& dataset) const {
  return numbers<double>(dataset, {length(dataset)});
}

ResultFile::Texts ResultFile::texts(const std::string& dataset,
                                    const Shape& shape) const {
  const Handle opened = open_dataset(dataset);
  require_shape(opened, dataset, shape);
  return texts(opened, dataset,
               std::accumulate(shape.begin(), shape.end(), hsize_t{1},
                               std::multiplies<>()));
}

std::uint32_t ResultFile::last_week(const std::string& dataset) const {
  const Shape shape = shape_of(open_dataset(dataset));
  if (shape.size() != 1) refuse(dataset + " is no list of weeks");
  const auto weeks = numbers<std::int32_t>(dataset, shape);
  return weeks.empty() ? 0
                       : static_cast<std::uint32_t>(std::max(weeks.back(), 0));
}

std::size_t ResultFile::length(const std::string& dataset) const {
  const Shape shape = shape_of(open_dataset(dataset));
  if (shape.size() != 1 || shape[0] > most_names)
    refuse(dataset + " is no list of numbers");
  return shape[0];
}

std::vector<SignedWide> ResultFile::sums(const std::string& name,
                                         const Shape& shape) const {
  const auto high = numbers<std::int64_t>(name + "_high", shape);
  const auto low = numbers<std::uint64_t>(name + "_low", shape);
  std::vector<SignedWide> sums(high.size());
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const SignedWide wide = high[i];
    sums[i] = wide * (SignedWide{1} << 64) + low[i];
  }
  return sums;
}

Handle ResultFile::open() const {
  std::array<std::byte, signature.size()> first;
  storage_->read(0, first);
  if (std::memcmp(first.data(), signature.data(), first.size()) != 0)
    refuse("no result file: it is not HDF5, or cut short");
  const Handle access = hdf5::property_list(H5P_FILE_ACCESS);
  hdf5::set_storage(access.id(), storage_);
  const hid_t file = H5Fopen(path_.c_str(), H5F_ACC_RDONLY, access.id());
  if (file < 0) storage_->throw_failure();
  return Handle(file, H5Fclose, "open it");
}

Handle ResultFile::open_attribute(const std::string& group,
                                  const char* name) const {
  if ((group != "/" && !has(group)) ||
      H5Aexists_by_name(file_.id(), group.c_str(), name, H5P_DEFAULT) <= 0)
    refuse(std::string("no result of stardsim: attribute ") + name +
           " is missing");
  if (group != "/") hdf5::require_own(file_.id(), group);
  Handle attribute(H5Aopen_by_name(file_.id(), group.c_str(), name, H5P_DEFAULT,
                                   H5P_DEFAULT),
                   H5Aclose, std::string("open attribute ") + name);
  const Handle space(H5Aget_space(attribute.id()), H5Sclose,
                     "tell the shape of an attribute");
  if (H5Sget_simple_extent_npoints(space.id()) != 1)
    refuse(std::string("attribute ") + name + " is not a single value");
  return attribute;
}

Handle ResultFile::open_dataset(const std::string& name) const {
  if (!has(name)) refuse(name + " is missing");
  hdf5::require_own(file_.id(), name);
  Handle dataset(H5Dopen2(file_.id(), name.c_str(), H5P_DEFAULT), H5Dclose,
                 "open " + name);
  hdf5::require_plain(dataset.id(), name);
  return dataset;
}

void ResultFile::require_shape(const Handle& dataset, const std::string& name,
                               const Shape& shape) const {
  if (shape_of(dataset) != shape) refuse(name + " has the wrong shape");
  hsize_t size = 1;
  for (const hsize_t length : shape) {
    if (length > most_values || size * length > most_values)
      refuse(name + " is too large to be a result");
    size *= length;
  }
}

void ResultFile::require_class(const Handle& dataset, bool is_floating_point,
                               const std::string& name) const {
  if (class_of(dataset) != (is_floating_point ? H5T_FLOAT : H5T_INTEGER))
    refuse(name + " has values of the wrong type");
}

ResultFile::Texts ResultFile::texts(const Handle& dataset,
                                    const std::string& name,
                                    hsize_t size) const {
  if (class_of(dataset) != H5T_STRING)
    refuse(name + " has values of the wrong type");
  const Handle type = hdf5::type_of<std::string>();
  std::vector<char*> read(size, nullptr);
  require(H5Dread(dataset.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT,
                  read.data()),
          "read " + name);
  Texts texts;
  for (char* text : read) {
    texts.emplace_back(text ? text : "");
    H5free_memory(text);
  }
  return texts;
}

std::size_t place_of(const ResultFile::Texts& names, const std::string& name,
                     const ResultFile& file, const std::string& what) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    file.refuse(what + " " + in_quotes(name) + " is not in the file");
  return static_cast<std::size_t>(found - names.begin());
}

void require_distinct(const ResultFile::Texts& names, const ResultFile& file,
                      const std::string& what) {
  if (std::set<std::string>(names.begin(), names.end()).size() != names.size())
    file.refuse(what + " is there twice");
}

void require_result(const ResultFile& file) {
  const std::string format = file.text_attribute("format");
  if (format == "stardsim comparison")
    file.refuse(
        "a comparison, which cannot be compared again: name the files that it "
        "is from");
  if (format != "stardsim results")
    file.refuse("no result of stardsim: its format is " + in_quotes(format));
  const std::uint64_t version = file.number_attribute("format_version");
  if (version != 1)
    file.refuse("format_version is " + std::to_string(version) +
                "; this program reads 1: run the scenario again");
  const std::uint64_t patients = file.number_attribute("patients");
  if (patients == 0 || patients > max_patients)
    file.refuse("the number of patients, " + std::to_string(patients) +
                ", is none of a run");
}

void read_safely(const std::filesystem::path& path,
                 const std::function<void(const ResultFile&)>& read) {
  const auto read_file = [&] {
    const hdf5::Session session;
    try {
      const ResultFile file(path);
      read_from(file, read);
    } catch (const hdf5::Failure& failure) {
      throw BadResult(path.string() +
                      ": damaged, or no result of stardsim: " + failure.what());
    }
  };
  const TrialOutcome trial = try_apart(read_file);
  if (trial.end == TrialOutcome::End::killed)
    throw BadResult(path.string() +
                    ": damaged: HDF5 cannot read it; run the scenario again");
  if (trial.end == TrialOutcome::End::could_not_read)
    throw CannotRead(trial.what);
  if (trial.end == TrialOutcome::End::threw) throw BadResult(trial.what);
  read_file();
}

}  // namespace stardsim
