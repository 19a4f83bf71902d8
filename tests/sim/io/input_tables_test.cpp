#include "sim/io/input_tables.hpp"

#include "models/inputs.hpp"
#include "sim/analysis/published.hpp"
#include "sim/core/simulate.hpp"
#include "tests/columns.hpp"
#include "tests/program.hpp"
#include "tests/scenarios.hpp"

#include <catch2/catch.hpp>
#include <hdf5.h>
#include <hdf5_hl.h>

#include <cmath>
#include <string>
#include <vector>

using namespace stardsim;
using namespace stardsim::test;

namespace {

using Texts = std::vector<std::string>;

Texts texts(std::vector<std::byte> image, const std::string& path) {
  const hid_t file = H5LTopen_file_image(image.data(), image.size(), 0);
  const hid_t dataset = H5Dopen2(file, path.c_str(), H5P_DEFAULT);
  REQUIRE(dataset >= 0);
  const hid_t space = H5Dget_space(dataset);
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, H5T_VARIABLE);
  H5Tset_cset(type, H5T_CSET_UTF8);
  std::vector<char*> read(
      static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)));
  REQUIRE(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, read.data()) >=
          0);
  Texts texts;
  for (char* text : read) {
    texts.emplace_back(text ? text : "");
    H5free_memory(text);
  }
  H5Tclose(type);
  H5Sclose(space);
  H5Dclose(dataset);
  H5Fclose(file);
  return texts;
}

bool same(double one, double other) {
  return one == other || (std::isnan(one) && std::isnan(other));
}

}  // namespace

TEST_CASE("/inputs holds every input of the scenario", "[io]") {
  const Scenario scenario = from_file("configs/trd_third_line.toml");
  NetcdfFile file;
  add_inputs(file, scenario);
  const auto image = file.bytes();
  const Columns columns(image);
  const auto inputs = inputs_of(scenario);
  const auto numbers = columns.numbers("/inputs/input");
  REQUIRE(numbers.size() == inputs.size());
  REQUIRE(inputs.size() > 100);
  const auto keys = texts(image, "/inputs/key"),
             forms = texts(image, "/inputs/form"),
             stated = texts(image, "/inputs/stated"),
             units = texts(image, "/inputs/unit"),
             sources = texts(image, "/inputs/source"),
             notes = texts(image, "/inputs/note");
  const auto values = columns.numbers("/inputs/value"),
             lows = columns.numbers("/inputs/low"),
             highs = columns.numbers("/inputs/high");
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    INFO(inputs[i].key);
    CHECK(numbers[i] == static_cast<double>(i));
    CHECK(keys[i] == inputs[i].key);
    CHECK(forms[i] == inputs[i].form);
    CHECK(stated[i] == inputs[i].stated);
    CHECK(units[i] == inputs[i].unit);
    CHECK(sources[i] == inputs[i].source);
    CHECK(notes[i] == inputs[i].note);
    CHECK(same(values[i], inputs[i].value));
    CHECK(same(lows[i], inputs[i].bounds.low));
    CHECK(same(highs[i], inputs[i].bounds.high));
  }
}

TEST_CASE("/published holds each figure beside that of the run", "[io]") {
  const Scenario scenario = from_file("configs/stard_arms.toml");
  RunOptions run;
  run.patients = 5000;
  const Tally tally = simulate(compile(scenario), run);
  const auto rows = beside_published(scenario, tally);
  NetcdfFile file;
  add_published(file, scenario, tally);
  const auto image = file.bytes();
  const Columns columns(image);
  const auto text = [&](const std::string& name) {
    return texts(image, "/published/" + name);
  };
  const auto number = [&](const std::string& name, std::size_t i) {
    return columns.numbers("/published/" + name).at(i);
  };
  REQUIRE(text("figure").size() == scenario.published.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Published& said = scenario.published[i];
    INFO(said.name);
    CHECK(text("figure")[i] == said.name);
    CHECK(text("figure_label")[i] == said.label);
    CHECK(text("quantity")[i] == name_of(said.what));
    CHECK(text("pathway")[i] == "stard_arms");
    CHECK(text("estimand")[i] == name_of(static_cast<Estimand>(said.estimand)));
    CHECK(text("measure")[i].empty());
    CHECK(text("unit")[i] == "1");
    CHECK(text("source")[i] == said.figure.source);
    CHECK(text("note")[i] == said.figure.note);
    CHECK(number("step", i) == static_cast<double>(said.step.value() + 1));
    CHECK(number("arm", i) ==
          (said.arm ? static_cast<double>(*said.arm + 1) : -1));
    CHECK(number("week", i) == -1);
    CHECK(same(number("published", i), rows[i].published));
    CHECK(same(number("published_low", i), rows[i].published_low));
    CHECK(same(number("published_high", i), rows[i].published_high));
    CHECK(number("rounding", i) == said.rounding);
    CHECK(number("simulated", i) == rows[i].simulated);
    CHECK(number("simulated_se", i) == rows[i].simulated_se);
    CHECK(number("z", i) == rows[i].z);
    CHECK(number("agrees", i) == rows[i].agrees);
    CHECK(number("is_input", i) == said.is_input);
  }
}

TEST_CASE("without inputs or figures there are no groups", "[io]") {
  const Scenario scenario = one_step(0.4, 8);  // its numbers have no keys
  NetcdfFile file;
  add_inputs(file, scenario);
  add_published(file, scenario, Tally(compile(scenario)));
  const Columns columns(file.bytes());
  CHECK_FALSE(columns.has("/inputs"));
  CHECK_FALSE(columns.has("/published"));
}
