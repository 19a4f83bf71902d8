#include "sim/io/input_tables.hpp"

#include "models/inputs.hpp"
#include "sim/analysis/published.hpp"

#include <cstdint>
#include <numeric>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace stardsim {
namespace {

/// One variable along the group's only dimension.
template <class Rows, class Read>
void add(NetcdfGroup& group, const std::string& dimension, const Rows& rows,
         const char* name, const char* long_name, Read read,
         const char* units = "") {
  using Value = std::decay_t<decltype(read(rows.front()))>;
  std::vector<Value> values;
  values.reserve(rows.size());
  for (const auto& row : rows) values.push_back(read(row));
  group.add(Variable{name, {dimension}, std::move(values), long_name, units});
}

/// Counted from 1; missing_place where there is none.
std::int16_t place(const std::optional<std::size_t>& from_0) {
  return from_0 ? static_cast<std::int16_t>(*from_0 + 1) : missing_place;
}

/// A published figure and what the run has beside it.
struct Row {
  const Published& said;
  BesidePublished beside;
};

std::vector<Row> rows_of(const Scenario& scenario, const Tally& tally) {
  std::vector<BesidePublished> figures = beside_published(scenario, tally);
  std::vector<Row> rows;
  for (std::size_t i = 0; i < figures.size(); ++i)
    rows.push_back({scenario.published[i], std::move(figures[i])});
  return rows;
}

Scale figure_scale(const Scenario& scenario) {
  std::vector<std::string> names;
  for (const Published& one : scenario.published) names.push_back(one.name);
  return {"figure", names, "name of the published figure", ""};
}

}  // namespace

void add_inputs(NetcdfFile& file, const Scenario& scenario) {
  const std::vector<Input> inputs = inputs_of(scenario);
  if (inputs.empty()) return;
  NetcdfGroup group = file.add_group("inputs");
  std::vector<std::int32_t> numbers(inputs.size());
  std::iota(numbers.begin(), numbers.end(), 0);
  group.add(Scale{"input", numbers, "number of the input, from 0", "1"});
  const auto put = [&](const char* name, const char* long_name, auto read) {
    add(group, "input", inputs, name, long_name, read);
  };
  put("key", "where it stands in the scenario",
      [](const Input& one) { return one.key; });
  put("value", "value; missing for a list",
      [](const Input& one) { return one.value; });
  put("low", "lower end of the 95 % interval of the value",
      [](const Input& one) { return one.bounds.low; });
  put("high", "upper end of the 95 % interval of the value",
      [](const Input& one) { return one.bounds.high; });
  put("form", "how its certainty is stated",
      [](const Input& one) { return one.form; });
  put("stated", "its certainty as stated, or what is in a list",
      [](const Input& one) { return one.stated; });
  put("unit", "unit of value, low and high",
      [](const Input& one) { return one.unit; });
  put("source", "where it comes from",
      [](const Input& one) { return one.source; });
  put("note", "what else is said of it",
      [](const Input& one) { return one.note; });
}

void add_published(NetcdfFile& file, const Scenario& scenario,
                   const Tally& tally) {
  if (scenario.published.empty()) return;
  const std::vector<Row> rows = rows_of(scenario, tally);
  NetcdfGroup group = file.add_group("published");
  group.add(figure_scale(scenario));
  const auto put = [&](const char* name, const char* long_name, auto read,
                       const char* units = "") {
    add(group, "figure", rows, name, long_name, read, units);
  };
  put("figure_label", "label of the figure",
      [](const Row& row) { return row.said.label; });
  put("quantity", "what of the results it is held against",
      [](const Row& row) { return std::string(name_of(row.said.what)); });
  put("pathway", "name of the pathway", [&](const Row& row) {
    return scenario.pathways.at(row.said.pathway).name;
  });
  put("estimand", "name of the question that it answers", [](const Row& row) {
    return std::string(name_of(static_cast<Estimand>(row.said.estimand)));
  });
  put(
      "step", "position of the step in the pathway",
      [](const Row& row) { return place(row.said.step); }, "1");
  put(
      "arm", "position of the arm in the step",
      [](const Row& row) { return place(row.said.arm); }, "1");
  put(
      "week", "week since entry, or since entering follow-up",
      [](const Row& row) {
        return row.said.week ? static_cast<std::int16_t>(*row.said.week)
                             : missing_place;
      },
      "weeks");
  put("measure", "name of the outcome measure",
      [](const Row& row) { return row.said.measure; });
  put("unit", "unit of the figure",
      [](const Row& row) { return row.beside.unit; });
  put("published", "published figure",
      [](const Row& row) { return row.beside.published; });
  put("published_low", "lower end of its 95 % interval",
      [](const Row& row) { return row.beside.published_low; });
  put("published_high", "upper end of its 95 % interval",
      [](const Row& row) { return row.beside.published_high; });
  put("rounding", "half a unit of its last printed digit",
      [](const Row& row) { return row.said.rounding; });
  put("simulated", "figure of this run",
      [](const Row& row) { return row.beside.simulated; });
  put("simulated_se", "standard error of simulated",
      [](const Row& row) { return row.beside.simulated_se; });
  put(
      "z",
      "what simulated less published is beyond the rounding, in standard "
      "errors of both",
      [](const Row& row) { return row.beside.z; }, "1");
  put(
      "agrees", "1: z is within 1.96, 0: it is not",
      [](const Row& row) { return std::uint8_t{row.beside.agrees}; }, "1");
  put(
      "is_input", "1: the scenario was made from this figure, 0: it was not",
      [](const Row& row) { return std::uint8_t{row.said.is_input}; }, "1");
  put("source", "where the figure comes from",
      [](const Row& row) { return row.said.figure.source; });
  put("note", "what else is said of it",
      [](const Row& row) { return row.said.figure.note; });
}

}  // namespace stardsim
