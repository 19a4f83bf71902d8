#include "sim/io/decision_tables.hpp"

#include "sim/io/netcdf_file.hpp"
#include "sim/io/result_file.hpp"

#include <cstdint>
#include <string>
#include <utility>

namespace stardsim {
namespace {

using Decisions = std::vector<PerspectiveDecision>;
using Names = std::vector<std::string>;
using Numbers = std::vector<double>;

/// Of every perspective.
template <class T, class Read>
std::vector<T> of_each(const Decisions& decisions, Read read) {
  std::vector<T> values;
  for (const PerspectiveDecision& one : decisions) values.push_back(read(one));
  return values;
}

Scale perspective_scale(const Decisions& decisions) {
  return {"perspective",
          of_each<std::string>(decisions,
                               [](const auto& one) { return one.perspective; }),
          "name of the perspective", ""};
}

Scale threshold_scale(const Numbers& thresholds, const std::string& money) {
  return {"threshold", thresholds, "worth of a QALY", money + " / year"};
}

/// [perspective][threshold]
template <class T, class Read>
std::vector<T> by_threshold(const Decisions& decisions, Read read) {
  std::vector<T> values;
  for (const PerspectiveDecision& one : decisions)
    for (const DecisionAtThreshold& at : one.at) values.push_back(read(at));
  return values;
}

/// [perspective][threshold][pathway]
template <class T, class Read>
std::vector<T> by_pathway(const Decisions& decisions, Read read) {
  std::vector<T> values;
  for (const PerspectiveDecision& one : decisions)
    for (const DecisionAtThreshold& at : one.at)
      for (const StrategyStanding& strategy : at.strategies)
        values.push_back(read(strategy));
  return values;
}

void add_standings(NetcdfGroup& group, const Decisions& decisions) {
  const std::string& money = decisions.front().money;
  const auto put = [&](const char* name, double StrategyStanding::*figure,
                       const char* long_name, const std::string& unit) {
    group.add({name,
               {"perspective", "threshold", "pathway"},
               by_pathway<double>(decisions,
                                  [&](const auto& one) { return one.*figure; }),
               long_name,
               unit});
  };
  put("expected_net_benefit", &StrategyStanding::net_benefit,
      "mean over draws of threshold times QALYs, less cost", money);
  put("expected_net_benefit_se", &StrategyStanding::net_benefit_se,
      "standard error of expected_net_benefit, of the number of draws", money);
  put("probability_best", &StrategyStanding::probability_best,
      "probability, under the uncertainty of parameters, of the highest net "
      "benefit; corrected for luck",
      "1");
  put("probability_best_se", &StrategyStanding::probability_best_se,
      "standard error of probability_best, of the number of draws", "1");
  put("probability_best_naive", &StrategyStanding::probability_best_naive,
      "share of draws in which net benefit is highest, luck and all", "1");
  put("expected_loss", &StrategyStanding::expected_loss,
      "mean net benefit of the best pathway of each draw, less that of this "
      "one; corrected for luck",
      money);
  put("expected_loss_naive", &StrategyStanding::expected_loss_naive,
      "expected_loss with luck and all", money);
  group.add({"on_frontier",
             {"perspective", "threshold", "pathway"},
             by_pathway<std::uint8_t>(
                 decisions, [](const auto& one) { return one.on_frontier; }),
             "1: has the highest expected net benefit, so that its "
             "probability_best is the acceptability frontier; 0: has not",
             "1"});
}

void add_information_values(NetcdfGroup& group, const Names& dimensions,
                            const std::string& name, const std::string& what,
                            const std::string& money,
                            const std::vector<InformationValue>& values) {
  Numbers value, se, naive;
  for (const InformationValue& one : values) {
    value.push_back(one.value);
    se.push_back(one.se);
    naive.push_back(one.naive);
  }
  group.add({name, dimensions, value, what, money});
  group.add({name + "_se", dimensions, se,
             "standard error of " + name + ", of the number of draws", money});
  group.add({name + "_naive", dimensions, naive,
             name + " with noise and all: too high", money});
}

void write_standings(NetcdfFile& file, const Decisions& decisions) {
  const PerspectiveDecision& first = decisions.front();
  if (first.at.empty()) return;
  Numbers thresholds;
  for (const DecisionAtThreshold& at : first.at)
    thresholds.push_back(at.threshold);
  NetcdfGroup group = file.add_group("uncertainty/decision");
  group.add(perspective_scale(decisions));
  group.add(threshold_scale(thresholds, first.money));
  group.add(Scale{"pathway", first.strategies, "name of the pathway", ""});
  add_standings(group, decisions);
  add_information_values(
      group, {"perspective", "threshold"}, "evpi",
      "expected value of perfect information, per patient; corrected for luck",
      first.money,
      by_threshold<InformationValue>(decisions,
                                     [](const auto& at) { return at.evpi; }));
  group.add({"is_reference",
             {"pathway"},
             [&] {
               std::vector<std::uint8_t> is(first.strategies.size());
               is.at(first.reference) = 1;
               return is;
             }(),
             "1: the reference pathway",
             "1"});
  group.add({"money",
             {"perspective"},
             of_each<std::string>(decisions,
                                  [](const auto& one) { return one.money; }),
             "currency and price year",
             ""});
  group.add({"draws",
             {"perspective"},
             of_each<std::int64_t>(decisions,
                                   [](const auto& one) {
                                     return static_cast<std::int64_t>(
                                         one.draws);
                                   }),
             "draws of the parameters",
             "1"});
  group.add({"patients",
             {"perspective"},
             of_each<std::int64_t>(decisions,
                                   [](const auto& one) {
                                     return static_cast<std::int64_t>(
                                         one.patients);
                                   }),
             "patients of each draw",
             "1"});
  group.add({"is_corrected",
             {"perspective"},
             of_each<std::uint8_t>(
                 decisions, [](const auto& one) { return one.is_corrected; }),
             "1: luck was taken out of the draws; 0: it could not be told, "
             "being common to all",
             "1"});
}

void write_information(NetcdfFile& file, const Decisions& decisions) {
  const PerspectiveDecision& first = decisions.front();
  if (first.information.empty() || first.stated.empty()) return;
  Names names, labels;
  std::vector<std::int32_t> parameters;
  std::vector<std::uint8_t> is_group;
  for (const PartialInformation& one : first.information) {
    names.push_back(one.name);
    labels.push_back(one.label);
    parameters.push_back(static_cast<std::int32_t>(one.parameters));
    is_group.push_back(one.is_group);
  }
  std::vector<InformationValue> values;
  for (const PerspectiveDecision& decision : decisions)
    for (std::size_t t = 0; t < first.stated.size(); ++t)
      for (const PartialInformation& one : decision.information)
        values.push_back(one.at.at(t));
  NetcdfGroup group = file.add_group("uncertainty/evppi");
  group.add(perspective_scale(decisions));
  group.add(threshold_scale(first.stated, first.money));
  group.add(
      Scale{"group", names, "name of the group, or key of the parameter", ""});
  group.add({"group_label", {"group"}, labels, "label of the group", ""});
  group.add({"group_parameters",
             {"group"},
             parameters,
             "parameters of the group that are drawn",
             "1"});
  group.add({"is_group",
             {"group"},
             is_group,
             "1: a group that the scenario names; 0: a single parameter",
             "1"});
  add_information_values(
      group, {"perspective", "threshold", "group"}, "evppi",
      "expected value of perfect information about the group's parameters, "
      "per patient; corrected for luck and for the noise of the regression",
      first.money, values);
}

void write_designs(NetcdfFile& file, const Decisions& decisions) {
  const PerspectiveDecision& first = decisions.front();
  if (first.design.empty()) return;
  Names best, next;
  Numbers parameter, patient, share, enough;
  for (const PerspectiveDecision& decision : decisions)
    for (const DrawDesign& design : decision.design) {
      best.push_back(decision.strategies.at(design.best));
      next.push_back(decision.strategies.at(design.next));
      parameter.push_back(design.parameter_variance);
      patient.push_back(design.patient_variance);
      share.push_back(design.luck_share);
      enough.push_back(design.patients_for_5_percent);
    }
  NetcdfGroup group = file.add_group("uncertainty/design");
  group.add(perspective_scale(decisions));
  group.add(threshold_scale(first.stated, first.money));
  const Names dimensions{"perspective", "threshold"};
  group.add({"best", dimensions, best,
             "pathway with the highest expected net benefit", ""});
  group.add({"next", dimensions, next, "pathway with the next highest", ""});
  group.add({"parameter_variance", dimensions, parameter,
             "variance of their difference in expected net benefit that the "
             "uncertainty of parameters makes",
             "(" + first.money + ")^2"});
  group.add({"patient_variance", dimensions, patient,
             "variance of that difference between patients, within a draw",
             "(" + first.money + ")^2"});
  group.add({"noise_share", dimensions, share,
             "part of the variance between draws that is luck", "1"});
  group.add({"patients_for_5_percent", dimensions, enough,
             "patients of each draw with which noise_share is 0.05", "1"});
}

// ---- Reading

/// Datasets of one group.
struct Group {
  const ResultFile& file;
  std::string name;

  std::string path(const std::string& dataset) const {
    return "/uncertainty/" + name + "/" + dataset;
  }
  bool is_there() const { return file.has("/uncertainty/" + name); }
  Names names(const std::string& dataset) const {
    return file.names(path(dataset));
  }
  Names texts(const std::string& dataset,
              const ResultFile::Shape& shape) const {
    return file.texts(path(dataset), shape);
  }
  Numbers numbers(const std::string& dataset,
                  const ResultFile::Shape& shape) const {
    return file.numbers<double>(path(dataset), shape);
  }
  std::vector<std::int64_t> counts(const std::string& dataset,
                                   const ResultFile::Shape& shape) const {
    return file.numbers<std::int64_t>(path(dataset), shape);
  }
};

std::vector<InformationValue> information_values(
    const Group& group, const std::string& name,
    const ResultFile::Shape& shape) {
  const Numbers value = group.numbers(name, shape),
                se = group.numbers(name + "_se", shape),
                naive = group.numbers(name + "_naive", shape);
  std::vector<InformationValue> values;
  for (std::size_t i = 0; i < value.size(); ++i)
    values.push_back({value[i], se[i], naive[i]});
  return values;
}

Decisions read_standings(const Group& group) {
  const Names perspectives = group.names("perspective"),
              pathways = group.names("pathway");
  const Numbers thresholds = group.file.list(group.path("threshold"));
  const std::size_t perspectives_count = perspectives.size();
  const ResultFile::Shape by_threshold{perspectives_count, thresholds.size()},
      by_pathway{perspectives_count, thresholds.size(), pathways.size()},
      by_perspective{perspectives_count};
  const auto standing = [&](const char* name) {
    return group.numbers(name, by_pathway);
  };
  const Numbers benefit = standing("expected_net_benefit"),
                benefit_se = standing("expected_net_benefit_se"),
                probability = standing("probability_best"),
                probability_se = standing("probability_best_se"),
                probability_naive = standing("probability_best_naive"),
                loss = standing("expected_loss"),
                loss_naive = standing("expected_loss_naive");
  const auto on_frontier = group.counts("on_frontier", by_pathway),
             is_reference = group.counts("is_reference", {pathways.size()}),
             draws = group.counts("draws", by_perspective),
             patients = group.counts("patients", by_perspective),
             is_corrected = group.counts("is_corrected", by_perspective);
  const auto evpi = information_values(group, "evpi", by_threshold);
  const Names money = group.texts("money", by_perspective);
  std::size_t reference = 0;
  while (reference < pathways.size() && is_reference[reference] != 1)
    ++reference;
  if (reference == pathways.size())
    group.file.refuse("damaged: /uncertainty/decision has no reference");
  Decisions decisions;
  std::size_t place = 0, threshold = 0;
  for (std::size_t p = 0; p < perspectives_count; ++p) {
    if (draws[p] < 0 || patients[p] < 0)
      group.file.refuse("damaged: /uncertainty/decision counts below 0");
    PerspectiveDecision decision{perspectives[p],
                                 money[p],
                                 pathways,
                                 reference,
                                 static_cast<std::uint64_t>(draws[p]),
                                 static_cast<std::uint64_t>(patients[p]),
                                 is_corrected[p] != 0,
                                 {},
                                 {},
                                 {},
                                 {}};
    for (const double worth : thresholds) {
      DecisionAtThreshold at{worth, {}, evpi[threshold++]};
      for (std::size_t s = 0; s < pathways.size(); ++s, ++place)
        at.strategies.push_back({benefit[place], benefit_se[place],
                                 probability[place], probability_se[place],
                                 probability_naive[place], loss[place],
                                 loss_naive[place], on_frontier[place] != 0});
      decision.at.push_back(std::move(at));
    }
    decisions.push_back(std::move(decision));
  }
  return decisions;
}

/// Groups with the perspectives of the first one.
void require_perspectives(const Group& group, const Decisions& decisions) {
  if (group.names("perspective") !=
      of_each<std::string>(decisions,
                           [](const auto& one) { return one.perspective; }))
    group.file.refuse("damaged: groups of /uncertainty differ in perspectives");
}

void read_information(const Group& group, Decisions& decisions) {
  if (!group.is_there()) return;
  require_perspectives(group, decisions);
  const Names names = group.names("group");
  const Numbers thresholds = group.file.list(group.path("threshold"));
  const Names labels = group.texts("group_label", {names.size()});
  const auto parameters = group.counts("group_parameters", {names.size()}),
             is_group = group.counts("is_group", {names.size()});
  const auto values = information_values(
      group, "evppi", {decisions.size(), thresholds.size(), names.size()});
  for (std::size_t p = 0; p < decisions.size(); ++p) {
    decisions[p].stated = thresholds;
    for (std::size_t g = 0; g < names.size(); ++g) {
      PartialInformation one{names[g],
                             labels[g],
                             static_cast<std::size_t>(parameters[g]),
                             is_group[g] != 0,
                             {}};
      for (std::size_t t = 0; t < thresholds.size(); ++t)
        one.at.push_back(
            values[(p * thresholds.size() + t) * names.size() + g]);
      decisions[p].information.push_back(std::move(one));
    }
  }
}

void read_designs(const Group& group, Decisions& decisions) {
  if (!group.is_there()) return;
  require_perspectives(group, decisions);
  const Numbers thresholds = group.file.list(group.path("threshold"));
  const ResultFile::Shape shape{decisions.size(), thresholds.size()};
  const Names best = group.texts("best", shape),
              next = group.texts("next", shape);
  const Numbers parameter = group.numbers("parameter_variance", shape),
                patient = group.numbers("patient_variance", shape),
                share = group.numbers("noise_share", shape),
                enough = group.numbers("patients_for_5_percent", shape);
  std::size_t place = 0;
  for (PerspectiveDecision& decision : decisions) {
    decision.stated = thresholds;
    const auto strategy = [&](const std::string& name) {
      return place_of(decision.strategies, name, group.file,
                      "/uncertainty/design");
    };
    for (const double threshold : thresholds) {
      decision.design.push_back({threshold, strategy(best[place]),
                                 strategy(next[place]), parameter[place],
                                 patient[place], share[place], enough[place],
                                 missing_number, missing_number});
      ++place;
    }
  }
}

}  // namespace

void write_decision(NetcdfFile& file, const Decisions& decisions) {
  if (decisions.empty()) return;
  write_standings(file, decisions);
  write_information(file, decisions);
  write_designs(file, decisions);
}

Decisions read_decision(const ResultFile& file) {
  const Group standings{file, "decision"};
  if (!standings.is_there()) return {};
  Decisions decisions = read_standings(standings);
  read_information({file, "evppi"}, decisions);
  read_designs({file, "design"}, decisions);
  return decisions;
}

}  // namespace stardsim
