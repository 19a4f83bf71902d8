#include "sim/io/patient_table.hpp"

#include "tests/program.hpp"

#include <catch2/catch.hpp>
#include <hdf5.h>

#include <string>
#include <vector>

using namespace stardsim;

namespace {

namespace fs = std::filesystem;
using Kind = TableColumn::Kind;
using Lines = std::vector<std::string>;
using Numbers = std::vector<double>;

const TableColumn age{"age", Kind::numbers, {}};

PatientTable read_csv_text(const std::string& text,
                           const std::vector<TableColumn>& columns) {
  const test::Folder folder;
  return read_patient_table(folder.write("a.csv", text), "/", columns);
}

Numbers ages_in(const std::string& text) {
  return read_csv_text(text, {age}).columns.at(0);
}

Lines problems_of(const std::string& text,
                  const std::vector<TableColumn>& columns = {age}) {
  try {
    read_csv_text(text, columns);
  } catch (const BadTable& bad) {
    return bad.lines();
  }
  return {};
}

}  // namespace

// ---- CSV ----

TEST_CASE("cells may be quoted, and hold commas, quotes and line ends",
          "[io]") {
  const PatientTable table = read_csv_text(
      "name,\"age\"\n\"Doe, \"\"Jo\"\"\",\"41\"\n\"two\nlines\",42\n",
      {age, {"name", Kind::levels, {"two\nlines", "Doe, \"Jo\""}}});
  CHECK(table.rows == 2);
  CHECK(table.columns == std::vector<Numbers>{{41, 42}, {1, 0}});
}

TEST_CASE("line ends of either kind, a byte order mark and blanks do no harm",
          "[io]") {
  CHECK(ages_in("\xEF\xBB\xBF"
                "age\r\n 41 \r\n4.2e1\r\n\r\n") == Numbers{41, 42});
  CHECK(ages_in("age\n41\n42") == Numbers{41, 42});
}

TEST_CASE("rows are sorted by their identifiers, as numbers if all are",
          "[io]") {
  const TableColumn id{"id", Kind::identifiers, {}};
  CHECK(read_csv_text("id,age\n10,1\n9,2\n", {age, id}).columns[0] ==
        Numbers{2, 1});
  CHECK(read_csv_text("id,age\nb,1\na,2\n", {age, id}).columns[0] ==
        Numbers{2, 1});
  CHECK(problems_of("id,age\na,1\nb,3\na,2\n", {age, id}) ==
        Lines{"the identifier \"a\" stands in two rows"});
}

TEST_CASE("cells that are no numbers are refused with line and column",
          "[io]") {
  CHECK(problems_of("age\n41\n4l\n\" \"\n1e300\nnan\n") ==
        Lines{"line 3, column \"age\": \"4l\" is not a number; a column of "
              "texts needs levels = [...]",
              "line 4, column \"age\": the cell is empty",
              "line 5, column \"age\": 1e+300 is not a number between -1e9 and "
              "1e9",
              "line 6, column \"age\": \"nan\" is not a number; a column of "
              "texts needs levels = [...]"});
  CHECK(problems_of("age\n-1\n", {{"age", Kind::weights, {}}}) ==
        Lines{"line 2, column \"age\": -1 is not a weight (0 or more)"});
}

TEST_CASE("of many bad cells ten are reported", "[io]") {
  std::string text = "age\n";
  for (int i = 0; i < 25; ++i) text += "x\n";
  const Lines lines = problems_of(text);
  REQUIRE(lines.size() == 11);
  CHECK(lines.back() == "and 15 more problems of this kind");
}

TEST_CASE("a table without the column says which it has", "[io]") {
  CHECK(problems_of("Age,sex\n1,m\n") ==
        Lines{"has no column \"age\"; did you mean \"Age\"?"});
  CHECK(problems_of("years,sex\n1,m\n") ==
        Lines{"has no column \"age\"; it has years, sex"});
  CHECK(problems_of("age,age\n1,2\n") == Lines{"has two columns \"age\""});
}

TEST_CASE("text that is not comma-separated values is refused", "[io]") {
  CHECK(problems_of("") == Lines{"is empty; a header is needed"});
  CHECK(problems_of("age\n") == Lines{"has no rows"});
  CHECK(problems_of("age\n\"1\n2\n") ==
        Lines{"line 4: the quote opened in line 2 is not closed"});
  CHECK(problems_of("age\n\"1\"2\n") ==
        Lines{"line 2: a comma or the end of the line must follow a closing "
              "quote"});
  CHECK(problems_of("age\n1\"2\n") ==
        Lines{"line 2: a quote within a cell that does not begin with one"});
  CHECK(problems_of("age\n1\n\xFF\n") == Lines{"line 3: not text in UTF-8"});
  CHECK(problems_of(std::string(64, ',')) ==
        Lines{"line 1: more than 64 columns"});
}

TEST_CASE("a file of another kind, and one that is missing, are refused",
          "[io]") {
  const test::Folder folder;
  CHECK_THROWS_WITH(
      read_patient_table(folder.write("a.xlsx", "age\n1\n"), "/", {age}),
      "a file named *.csv, *.h5 or *.hdf5 is allowed");
  CHECK_THROWS_WITH(read_patient_table(folder / "none.csv", "/", {age}),
                    "No such file or directory");
}

// ---- HDF5 ----

namespace {

// /cohort with `age`, a number, and `sex`, a text of fixed length.
fs::path write_hdf5(const test::Folder& folder) {
  const fs::path path = folder / "patients.h5";
  const hid_t file =
      H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hid_t group =
      H5Gcreate2(file, "cohort", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  const hsize_t rows = 2;
  const hid_t space = H5Screate_simple(1, &rows, nullptr);
  const auto write = [&](const char* name, hid_t type, const void* data) {
    const hid_t set = H5Dcreate2(group, name, type, space, H5P_DEFAULT,
                                 H5P_DEFAULT, H5P_DEFAULT);
    H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data);
    H5Dclose(set);
  };
  const std::int32_t ages[] = {30, 60};
  write("age", H5T_NATIVE_INT32, ages);
  const hid_t fixed = H5Tcopy(H5T_C_S1);
  H5Tset_size(fixed, 3);
  write("sex", fixed, "f\0\0men");
  const hid_t variable = H5Tcopy(H5T_C_S1);
  H5Tset_size(variable, H5T_VARIABLE);
  const char* names[] = {"women", "men"};
  write("name", variable, names);
  write("fixed_bytes", fixed, "f\0\0\x80xy");
  const char* bytes[] = {"women", "m\xc3"};
  write("variable_bytes", variable, bytes);
  H5Tclose(variable);
  H5Tclose(fixed);
  H5Sclose(space);
  H5Gclose(group);
  H5Fclose(file);
  return path;
}

}  // namespace

TEST_CASE("a table is read from datasets of an HDF5 file", "[io]") {
  const test::Folder folder;
  const PatientTable table =
      read_patient_table(write_hdf5(folder), "/cohort",
                         {age,
                          {"sex", Kind::levels, {"men", "f"}},
                          {"name", Kind::levels, {"men", "women"}}});
  CHECK(table.rows == 2);
  CHECK(table.columns == std::vector<Numbers>{{30, 60}, {1, 0}, {1, 0}});
}

TEST_CASE("texts of an HDF5 file that are not UTF-8 are refused", "[io]") {
  const test::Folder folder;
  const fs::path path = write_hdf5(folder);
  const auto read = [&](const char* name) {
    read_patient_table(path, "/cohort", {{name, Kind::levels, {"f", "women"}}});
  };
  CHECK_THROWS_WITH(read("fixed_bytes"),
                    "row 2, column \"fixed_bytes\": \"\\x80xy\" is not text "
                    "in UTF-8");
  CHECK_THROWS_WITH(read("variable_bytes"),
                    "row 2, column \"variable_bytes\": \"m\\xc3\" is not "
                    "text in UTF-8");
}

TEST_CASE("an HDF5 file without the dataset or group is refused", "[io]") {
  const test::Folder folder;
  const fs::path path = write_hdf5(folder);
  CHECK_THROWS_WITH(read_patient_table(path, "/", {age}),
                    "has no dataset \"age\"");
  CHECK_THROWS_WITH(
      read_patient_table(path, "/none", {age}),
      Catch::Matchers::StartsWith("HDF5 cannot open group /none: "));
  CHECK_THROWS_WITH(
      read_patient_table(path, "/cohort", {{"sex", Kind::numbers, {}}}),
      Catch::Matchers::StartsWith("row 1, column \"sex\": \"f\" is not a "
                                  "number"));
  CHECK_THROWS_WITH(
      read_patient_table(folder.write("b.h5", "not HDF5"), "/", {age}),
      Catch::Matchers::StartsWith("HDF5 cannot open it: "));
}
