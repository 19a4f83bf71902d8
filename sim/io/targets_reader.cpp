#include "sim/io/targets_reader.hpp"

#include "models/inputs.hpp"
#include "sim/io/extends.hpp"
#include "sim/io/published_reader.hpp"
#include "sim/io/value_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <variant>

namespace stardsim {
namespace {

constexpr std::size_t most_parameters = 50;
constexpr std::size_t most_sources = 1000;

constexpr const char* prior_allowed =
    "a prior is needed: { low, high } (uniform), \"evidence\" (its own "
    "distribution in the scenario), or an evidence value with its uncertainty";

bool merges(const std::vector<std::string>& path) {
  return path.size() == 1 || (path.size() == 2 && path[0] == "targets");
}

class Reader {
 public:
  Reader(const Table& root, const Scenario& scenario, Problems& problems)
      : root_(root, Position{}, "", problems),
        scenario_(scenario),
        problems_(problems),
        sources_(scenario.sources),
        values_(sources_, problems),
        known_(parameters_of(scenario)) {
    for (const Parameter& one : known_) keys_.push_back(one.evidence.key);
  }

  TargetsFile read() {
    for (const NamedValue& entry :
         named_values(root_.find("sources"), most_sources, problems_))
      add_source(entry);
    const auto parameters = root_.require(
        "parameters", "which numbers of the scenario are free, with a prior");
    for (const NamedValue& entry :
         named_values(parameters, most_parameters, problems_))
      read_parameter(entry);
    if (parameters && is_empty_table(*parameters))
      add_problem(problems_, *parameters,
                  "empty; at least one free parameter is needed");
    read_targets(root_.require("targets", "at least one published figure"));
    root_.finish();
    return std::move(file_);
  }

 private:
  void add_source(const NamedValue& entry) {
    const std::string text = as_text(entry.value, problems_);
    const auto old =
        std::find_if(sources_.begin(), sources_.end(),
                     [&](const Source& one) { return one.key == entry.name; });
    if (old != sources_.end())
      old->text = text;
    else
      sources_.push_back({entry.name, text});
  }

  // ---- parameters ----

  void read_parameter(const NamedValue& entry) {
    const auto found = std::find(keys_.begin(), keys_.end(), entry.name);
    if (found == keys_.end())
      return add_problem(problems_, entry.value,
                         in_quotes(entry.name) +
                             " is the key of no number of the scenario" +
                             suggestion(entry.name, keys_));
    FreeParameter free;
    free.parameter = known_[static_cast<std::size_t>(found - keys_.begin())];
    const std::size_t problems_before = problems_.count();
    const auto certainty = prior(entry.value, free.parameter.evidence);
    if (!certainty || problems_.count() > problems_before) return;
    try {
      free.prior = distribution_of(*certainty);
    } catch (const std::invalid_argument& impossible) {
      return add_problem(problems_, entry.value, impossible.what());
    }
    if (std::holds_alternative<PointDistribution>(free.prior))
      return add_problem(problems_, entry.value,
                         without_distribution(*certainty));
    file_.parameters.push_back(std::move(free));
  }

  static std::string without_distribution(const Evidence& evidence) {
    return std::holds_alternative<Exact>(evidence.certainty)
               ? std::string("has no uncertainty there; ") + prior_allowed
               : "none or all of a sample had the event, which has no "
                 "distribution; give { low, high }";
  }

  /// A number with the distribution that is meant.
  std::optional<Evidence> prior(const Value& value, const Evidence& own) {
    if (std::holds_alternative<std::string>(value.node.value)) {
      if (as_text(value, problems_) == "evidence") return own;
      add_problem(problems_, value,
                  in_quotes(as_text(value, problems_)) + " is no prior; " +
                      prior_allowed);
      return std::nullopt;
    }
    const Table* table = as_table(value, problems_,
                                  "{ low, high }, \"evidence\" or an evidence "
                                  "value");
    if (!table) return std::nullopt;
    const Range range = range_of(own);
    Quantity quantity{range.allowed, range.lowest, range.highest};
    quantity.kind = own.kind;
    Evidence prior = own;
    prior.shape = Shape::by_kind;
    prior.fixed.clear();
    if (table->find("low") && table->find("high") && !table->find("value")) {
      Section section(*table, value, problems_);
      const Uniform between{values_.number(*section.find("low"), quantity),
                            values_.number(*section.find("high"), quantity)};
      section.find("source");
      section.find("note");
      section.finish();
      prior.certainty = between;
      prior.value = (between.low + between.high) / 2;
      if (between.low >= between.high)
        add_problem(problems_, value,
                    fmt::format("low, {}, is not below high, {}", between.low,
                                between.high));
      return prior;
    }
    const Evidence stated = values_.evidence(value, quantity);
    prior.value = stated.value;
    prior.certainty = stated.certainty;
    prior.shape = stated.shape;
    return prior;
  }

  // ---- targets ----

  void read_targets(const std::optional<Value>& section) {
    const std::size_t problems_before = problems_.count();
    const auto figures =
        read_published(section, scenario_, values_, {"held_out"});
    const Table* table =
        section ? std::get_if<Table>(&section->node.value) : nullptr;
    if (!table) return;
    for (const Published& figure : figures) {
      const Entry* entry = table->find(figure.name);
      const Value value{entry->node, join_key(section->path, figure.name)};
      file_.targets.push_back({figure, is_held_out(value)});
      if (!file_.targets.back().held_out) check_uncertainty(value, figure);
    }
    if (problems_.count() > problems_before) return;
    const auto fitted = static_cast<std::size_t>(
        std::count_if(file_.targets.begin(), file_.targets.end(),
                      [](const Target& one) { return !one.held_out; }));
    if (fitted == 0)
      add_problem(problems_, *section,
                  file_.targets.empty()
                      ? "empty; at least one published figure is needed"
                      : "all are held out; at least one to be met is needed");
    else if (file_.parameters.size() > fitted)
      file_.warnings.push_back(fmt::format(
          "{} free parameters for {} targets: what the targets leave open, "
          "the priors decide",
          file_.parameters.size(), fitted));
  }

  bool is_held_out(const Value& value) const {
    const auto* table = std::get_if<Table>(&value.node.value);
    const Entry* entry = table ? table->find("held_out") : nullptr;
    if (!entry) return false;
    return as_boolean({entry->node, join_key(value.path, "held_out")},
                      problems_)
        .value_or(false);
  }

  void check_uncertainty(const Value& value, const Published& published) {
    const auto* table = std::get_if<Table>(&value.node.value);
    const Entry* entry = table ? table->find("figure") : nullptr;
    const Evidence& figure = published.figure;
    if (!entry || std::isnan(figure.value)) return;  // said already
    const bool of_sample = std::holds_alternative<Count>(figure.certainty) ||
                           std::holds_alternative<Sample>(figure.certainty);
    if (of_sample || standard_error(figure) > 0) return;
    add_problem(problems_, {entry->node, join_key(value.path, "figure")},
                "has no uncertainty, without which it would outweigh all other "
                "targets; give { value, of }, { events, of }, { value, low, "
                "high } or { value, sd }");
  }

  Section root_;
  const Scenario& scenario_;
  Problems& problems_;
  std::vector<Source> sources_;  ///< the scenario's and the file's own
  ValueReader values_;
  std::vector<Parameter> known_;
  std::vector<std::string> keys_;
  TargetsFile file_;
};

}  // namespace

TargetsFile read_targets(const std::filesystem::path& path,
                         const Scenario& scenario) {
  Problems problems;
  const Document document = read_document(path, merges, problems);
  TargetsFile file = Reader(document.root, scenario, problems).read();
  problems.throw_if_any();
  file.files = document.files;
  return file;
}

}  // namespace stardsim
