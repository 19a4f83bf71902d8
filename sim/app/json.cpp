#include "sim/app/json.hpp"

#include "models/units.hpp"
#include "sim/analysis/rates.hpp"
#include "sim/app/version.hpp"
#include "sim/io/hdf5_tree.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace stardsim {
namespace {

using Json = nlohmann::ordered_json;

constexpr int format_version = 1;

/// In one line. Paths may be no UTF-8: what is not becomes U+FFFD.
std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json document(const char* command) {
  const Build build = this_build();
  return {{"format", command},
          {"format_version", format_version},
          {"program_version", build.version},
          {"commit", build.commit}};
}

/// JSON has neither NaN nor infinity.
Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

// ---- files ----

Json value_at(const TreeValues& values, std::size_t i) {
  return std::visit(
      [&](const auto& list) -> Json {
        using Value = typename std::decay_t<decltype(list)>::value_type;
        if constexpr (std::is_same_v<Value, double>)
          return number(list[i]);
        else if constexpr (std::is_same_v<Value, std::int64_t>)
          return values.missing == list[i] ? Json(nullptr) : Json(list[i]);
        else
          return list[i];
      },
      values.values);
}

/// The part of the array from value `from` on, along this dimension and those
/// after it.
Json nested(const TreeValues& values, std::size_t dimension,
            std::size_t& from) {
  if (dimension == values.shape.size()) return value_at(values, from++);
  Json list = Json::array();
  for (std::size_t i = 0; i < values.shape[dimension]; ++i)
    list.push_back(nested(values, dimension + 1, from));
  return list;
}

void add(Json& json, const TreeValues& values) {
  std::size_t from = 0;
  json[values.name] = nested(values, 0, from);
}

/// Without what only another run of the program can use, or nobody will want to
/// look for in here.
Json file_json(const std::vector<std::byte>& image) {
  const Tree tree = read_tree(image, {"scenario", "in_words"},
                              {"accumulators", "patients", "draws"});
  Json json = Json::object();
  for (const TreeValues& attribute : tree.attributes) add(json, attribute);
  for (const TreeGroup& group : tree.groups) {
    const Json::json_pointer place("/" + group.name);
    for (const TreeValues& dataset : group.datasets) add(json[place], dataset);
  }
  return json;
}

// ---- the exact twin ----

constexpr Estimand estimands[] = {Estimand::if_all_continue, Estimand::observed,
                                  Estimand::sustained};

template <class Make>
Json array_of(std::size_t size, Make make) {
  Json list = Json::array();
  for (std::size_t i = 0; i < size; ++i) list.push_back(make(i));
  return list;
}

Json share(double part, double whole) {
  return whole > 0 ? number(part / whole) : Json(nullptr);
}

/// What is told of a step and of an arm alike.
struct FlowFigure {
  const char* name;
  double Flow<double>::*part;
  std::optional<Evidence> Arm::*outcome;  ///< null where it is always stated
};
constexpr FlowFigure flow_figures[] = {
    {"remission_rate", &Flow<double>::remission, nullptr},
    {"partial_response_rate", &Flow<double>::partial_response,
     &Arm::partial_response},
    {"intolerance_rate", &Flow<double>::intolerance, &Arm::intolerance},
    {"left_care_rate", &Flow<double>::left_care, nullptr},
};

/// Arrays over pathway, estimand, step and arm, as in a result file: null, or
/// empty text, where there is no such step or arm.
class ExactTables {
 public:
  ExactTables(const Scenario& scenario, const Expectation& expectation)
      : scenario_(scenario), expectation_(expectation) {
    for (const Pathway& pathway : scenario.pathways) {
      most_steps_ = std::max(most_steps_, pathway.steps.size());
      for (const std::size_t s : pathway.steps)
        most_arms_ = std::max(most_arms_, scenario.steps[s].arms.size());
    }
  }

  Json curves() const {
    Json json = coordinates();
    json["week"] = numbered(0, std::size_t{scenario_.horizon} + 1);
    json["state"] = array_of(state_count, [](std::size_t state) {
      return Json(name_of(static_cast<State>(state)));
    });
    json["pathway_label"] = by_pathway(
        [&](std::size_t p) { return Json(scenario_.pathways[p].label); });
    json["cumulative_remission"] = by_course([&](std::size_t p, Estimand of) {
      const PathwayExpectation& pathway = expectation_.pathways[p];
      return Json(remitted_by_week(of, pathway.course, pathway.later));
    });
    json["occupancy"] = by_pathway([&](std::size_t p) {
      return Json(expectation_.pathways[p].later.occupancy);
    });
    return json;
  }

  Json steps() const {
    Json json = coordinates();
    json["step"] = numbered(1, most_steps_);
    json["step_name"] =
        of_steps([](const Step& step) { return Json(step.name); });
    json["step_label"] =
        of_steps([](const Step& step) { return Json(step.label); });
    const auto each = [&](auto figure) {
      return by_course([&, figure](std::size_t p, Estimand estimand) {
        return over_steps(p, [&](std::size_t s, const Step& step) {
          return figure(step, flow(p, estimand, s), estimand);
        });
      });
    };
    json["entered_fraction"] =
        each([](const Step&, const Flow<double>& flow, Estimand) {
          return number(flow.entered);
        });
    for (const FlowFigure& figure : flow_figures)
      json[figure.name] =
          each([&](const Step& step, const Flow<double>& flow, Estimand) {
            return figure.outcome && !every_arm_states(step, figure.outcome)
                       ? Json(nullptr)
                       : share(flow.*figure.part, flow.entered);
          });
    json["cumulative_remission"] =
        by_course([&](std::size_t p, Estimand estimand) {
          double sum = 0;
          return over_steps(p, [&](std::size_t s, const Step&) {
            sum += first_remissions(estimand, course(p, estimand).step(s));
            return number(sum);
          });
        });
    json["mean_weeks_to_remission"] =
        each([](const Step&, const Flow<double>& flow, Estimand estimand) {
          return weeks_to_remission(flow, estimand);
        });
    return json;
  }

  Json arms() const {
    Json json = coordinates();
    json["step"] = numbered(1, most_steps_);
    json["arm"] = numbered(1, most_arms_);
    json["arm_name"] = of_arms([](const Arm& arm) { return Json(arm.name); });
    json["arm_label"] = of_arms([](const Arm& arm) { return Json(arm.label); });
    const auto each = [&](auto figure) {
      return by_course([&, figure](std::size_t p, Estimand estimand) {
        return over_arms(
            p, nullptr, [&](std::size_t s, std::size_t a, const Arm& arm) {
              return figure(arm,
                            seen_by(estimand, course(p, estimand).arms[s][a]),
                            estimand);
            });
      });
    };
    json["entered_fraction"] =
        each([](const Arm&, const Flow<double>& flow, Estimand) {
          return number(flow.entered);
        });
    for (const FlowFigure& figure : flow_figures)
      json[figure.name] =
          each([&](const Arm& arm, const Flow<double>& flow, Estimand) {
            return figure.outcome && !(arm.*figure.outcome)
                       ? Json(nullptr)
                       : share(flow.*figure.part, flow.entered);
          });
    json["mean_weeks_to_remission"] =
        each([](const Arm&, const Flow<double>& flow, Estimand estimand) {
          return weeks_to_remission(flow, estimand);
        });
    return json;
  }

 private:
  Json coordinates() const {
    Json json = Json::object();
    json["pathway"] = by_pathway(
        [&](std::size_t p) { return Json(scenario_.pathways[p].name); });
    json["estimand"] = array_of(estimand_count, [](std::size_t e) {
      return Json(name_of(estimands[e]));
    });
    return json;
  }

  static Json numbered(std::size_t from, std::size_t size) {
    return array_of(size, [&](std::size_t i) { return Json(from + i); });
  }

  /// Times of remissions that last are not told (results/README.md).
  static Json weeks_to_remission(const Flow<double>& flow, Estimand estimand) {
    return estimand == Estimand::sustained
               ? Json(nullptr)
               : share(to_weeks(flow.remission_ticks), flow.remission);
  }

  const CourseTable<double>& course(std::size_t pathway,
                                    Estimand estimand) const {
    return expectation_.pathways[pathway].course[course_of(estimand)];
  }

  Flow<double> flow(std::size_t pathway, Estimand estimand,
                    std::size_t step) const {
    return seen_by(estimand, course(pathway, estimand).step(step));
  }

  template <class Make>
  Json by_pathway(Make make) const {
    return array_of(scenario_.pathways.size(), make);
  }

  template <class Make>
  Json by_course(Make make) const {
    return by_pathway([&](std::size_t p) {
      return array_of(estimand_count,
                      [&](std::size_t e) { return make(p, estimands[e]); });
    });
  }

  template <class Make>
  Json over_steps(std::size_t pathway, Make make,
                  const Json& none = nullptr) const {
    const auto& steps = scenario_.pathways[pathway].steps;
    return array_of(most_steps_, [&](std::size_t s) {
      return s < steps.size() ? make(s, scenario_.steps[steps[s]]) : none;
    });
  }

  template <class Make>
  Json over_arms(std::size_t pathway, const Json& none, Make make) const {
    const auto& steps = scenario_.pathways[pathway].steps;
    return array_of(most_steps_, [&](std::size_t s) {
      return array_of(most_arms_, [&](std::size_t a) {
        if (s >= steps.size()) return none;
        const auto& arms = scenario_.steps[steps[s]].arms;
        return a < arms.size() ? make(s, a, arms[a]) : none;
      });
    });
  }

  template <class Text>
  Json of_steps(Text text) const {
    return by_pathway([&](std::size_t p) {
      return over_steps(
          p, [&](std::size_t, const Step& step) { return text(step); }, "");
    });
  }

  template <class Text>
  Json of_arms(Text text) const {
    return by_pathway([&](std::size_t p) {
      return over_arms(p, "", [&](std::size_t, std::size_t, const Arm& arm) {
        return text(arm);
      });
    });
  }

  const Scenario& scenario_;
  const Expectation& expectation_;
  std::size_t most_steps_ = 0, most_arms_ = 0;
};

}  // namespace

std::string run_json(const std::vector<RunDocument>& documents) {
  Json json = document("stardsim run");
  json["runs"] = Json::array();
  for (const RunDocument& run : documents) {
    Json one = file_json(run.image);
    one["until"] = nullptr;
    if (run.until)
      one["until"] = {{"goal", run.until->goal},
                      {"reached", run.until->is_reached},
                      {"value", number(run.until->value)}};
    one["saved"] = run.saved.empty() ? Json(nullptr) : Json(run.saved);
    one["unsourced"] = run.unsourced;
    json["runs"].push_back(std::move(one));
  }
  return text_of(json);
}

std::string image_json(const std::vector<std::byte>& image) {
  return text_of(file_json(image));
}

std::string comparison_json(const std::vector<std::byte>& image) {
  return text_of(file_json(image));
}

std::string exact_json(const std::vector<ExactDocument>& documents) {
  Json json = document("stardsim exact");
  json["scenarios"] = Json::array();
  for (const ExactDocument& exact : documents) {
    const Scenario& scenario = *exact.scenario;
    const ExactTables tables(scenario, exact.expectation);
    json["scenarios"].push_back(
        {{"title", scenario.title},
         {"scenario_file", exact.scenario_file},
         {"law_sha256", exact.law_sha256},
         {"reference_pathway", scenario.pathways[scenario.reference].name},
         {"reported_first", name_of(scenario.estimand)},
         {"line_dependence", name_of(scenario.line_dependence)},
         {"time_distance", number(exact.time_distance)},
         {"curves", tables.curves()},
         {"steps", tables.steps()},
         {"arms", tables.arms()}});
  }
  return text_of(json);
}

std::string validate_json(const std::vector<ValidDocument>& documents) {
  Json json = document("stardsim validate");
  json["scenarios"] = Json::array();
  for (const ValidDocument& valid : documents) {
    Json pathways = Json::array(), steps = Json::array();
    for (const Pathway& pathway : valid.scenario->pathways)
      pathways.push_back(pathway.name);
    for (const Step& step : valid.scenario->steps) steps.push_back(step.name);
    json["scenarios"].push_back({{"scenario_file", valid.scenario_file},
                                 {"title", valid.scenario->title},
                                 {"pathways", pathways},
                                 {"steps", steps},
                                 {"unused_steps", valid.unused_steps},
                                 {"unsourced", valid.unsourced}});
  }
  return text_of(json);
}

}  // namespace stardsim
