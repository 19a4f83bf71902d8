#include "sim/io/report_reader.hpp"

#include "sim/io/problems.hpp"
#include "sim/io/result_file.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

namespace stardsim {
namespace {

using Texts = ResultFile::Texts;
using Shape = ResultFile::Shape;
using Counts = std::vector<std::int64_t>;

/// Values and errors in one.
struct FigureTable {
  std::vector<double> values, errors;
  Reported operator[](std::size_t i) const { return {values[i], errors[i]}; }
};

FigureTable figures(const ResultFile& file, const std::string& name,
                    const Shape& shape) {
  return {file.numbers<double>(name, shape),
          file.numbers<double>(name + "_se", shape)};
}

std::string text_or_none(const ResultFile& file, const char* attribute) {
  return file.has_attribute(attribute) ? file.text_attribute(attribute) : "";
}

/// How the run went, and of what.
void read_attributes(const ResultFile& file, ReportedRun& run) {
  run.title = file.text_attribute("title");
  run.description = text_or_none(file, "description");
  run.in_words = text_or_none(file, "in_words");
  run.scenario_file = file.text_attribute("scenario_file");
  run.scenario = file.text_attribute("scenario");
  run.reported_first = file.text_attribute("reported_first");
  run.line_dependence = file.text_attribute("line_dependence");
  run.mortality = file.text_attribute("mortality");
  run.data_files = text_or_none(file, "data_files");
  run.scenario_sha256 = file.text_attribute("scenario_sha256");
  run.law_sha256 = file.text_attribute("law_sha256");
  run.program_version = file.text_attribute("program_version");
  run.commit = file.text_attribute("commit");
  run.compiler = file.text_attribute("compiler");
  run.command_line = file.text_attribute("command_line");
  run.instruction_set = file.text_attribute("instruction_set");
  run.start_time = file.text_attribute("start_time");
  run.threads = file.number_attribute("threads");
  run.accrual = text_or_none(file, "accrual");
}

void read_curves(const ResultFile& file, ReportedRun& run) {
  const Texts names = file.names("/curves/pathway");
  require_distinct(names, file, "a pathway");
  run.reference = place_of(names, file.text_attribute("reference_pathway"),
                           file, "reference_pathway");
  run.estimands = file.names("/curves/estimand");
  if (run.estimands.size() != report_estimands)
    file.refuse("/curves/estimand has other estimands than this program");
  place_of(run.estimands, run.reported_first, file, "reported_first");
  run.states = file.names("/curves/state");
  const std::size_t paths = names.size(), states = run.states.size(),
                    weeks = file.length("/curves/week");
  if (weeks == 0) file.refuse("/curves/week is empty");
  run.horizon_weeks = file.has_attribute("horizon_weeks")
                          ? file.real_attribute("horizon_weeks")
                          : static_cast<double>(weeks - 1);
  const Texts labels = file.texts("/curves/pathway_label", {paths});
  const FigureTable remission = figures(file, "/curves/cumulative_remission",
                                        {paths, report_estimands, weeks});
  const auto occupancy =
      file.numbers<double>("/curves/occupancy", {paths, states, weeks});
  for (std::size_t p = 0; p < paths; ++p) {
    ReportedPathway pathway{names[p], labels[p], {}, {}, {}};
    for (std::size_t e = 0; e < report_estimands; ++e)
      for (std::size_t w = 0; w < weeks; ++w)
        pathway.curves[e].push_back(
            remission[(p * report_estimands + e) * weeks + w]);
    for (std::size_t s = 0; s < states; ++s) {
      const auto first = occupancy.begin() +
                         static_cast<std::ptrdiff_t>((p * states + s) * weeks);
      pathway.occupancy.emplace_back(
          first, first + static_cast<std::ptrdiff_t>(weeks));
    }
    run.pathways.push_back(pathway);
  }
}

/// All of /steps or /arms that is by estimand, in the order of the file.
std::vector<Flows> read_flows(const ResultFile& file, const std::string& group,
                              const Shape& shape) {
  const auto count = [&](const char* name) {
    return file.numbers<std::int64_t>(group + name, shape);
  };
  const auto figure = [&](const char* name) {
    return figures(file, group + name, shape);
  };
  const Counts entered = count("entered"), remission = count("remission"),
               partial = count("partial_response"),
               intolerance = count("intolerance"), none = count("no_response"),
               left = count("left_care"), unfinished = count("unfinished"),
               follow_up = count("follow_up"), gap = count("gap");
  const FigureTable fraction = figure("entered_fraction"),
                    remission_rate = figure("remission_rate"),
                    partial_rate = figure("partial_response_rate"),
                    intolerance_rate = figure("intolerance_rate"),
                    left_rate = figure("left_care_rate"),
                    weeks = figure("mean_weeks_to_remission");
  const auto in_treatment =
      file.numbers<double>(group + "mean_weeks_in_treatment", shape);
  std::vector<Flows> flows;
  for (std::size_t i = 0; i < entered.size(); ++i)
    flows.push_back({entered[i], remission[i], partial[i], intolerance[i],
                     none[i], left[i], unfinished[i], follow_up[i], gap[i],
                     fraction[i], remission_rate[i], partial_rate[i],
                     intolerance_rate[i], left_rate[i], weeks[i],
                     in_treatment[i]});
  return flows;
}

/// A flow cannot be drawn of counts that do not fit together.
void check_flows(const ResultFile& file, const Flows& flows) {
  const std::int64_t ways[] = {flows.remission, flows.left_care,
                               flows.unfinished, flows.follow_up, flows.gap};
  std::int64_t rest = flows.entered;
  for (const std::int64_t way : ways) {
    if (way < 0 || way > rest)
      file.refuse("damaged: the counts of a step in /steps do not add up");
    rest -= way;
  }
}

/// Steps that a pathway does not have are of no length.
void read_steps(const ResultFile& file, ReportedRun& run) {
  const std::size_t paths = run.pathways.size(),
                    steps = file.length("/steps/step");
  const Texts names = file.texts("/steps/step_name", {paths, steps}),
              labels = file.texts("/steps/step_label", {paths, steps});
  const auto weeks = file.numbers<double>("/steps/step_weeks", {paths, steps});
  const Shape shape{paths, report_estimands, steps};
  const auto flows = read_flows(file, "/steps/", shape);
  const FigureTable cumulative =
      figures(file, "/steps/cumulative_remission", shape);
  for (std::size_t p = 0; p < paths; ++p)
    for (std::size_t s = 0; s < steps; ++s) {
      const std::size_t i = p * steps + s;
      if (std::isnan(weeks[i])) continue;
      ReportedStep step{names[i], labels[i], weeks[i], {}, {}, {}};
      for (std::size_t e = 0; e < report_estimands; ++e) {
        const std::size_t at = (p * report_estimands + e) * steps + s;
        check_flows(file, flows[at]);
        step.flows[e] = flows[at];
        step.flows[e].cumulative_remission = cumulative[at];
      }
      run.pathways[p].steps.push_back(step);
    }
}

void read_arms(const ResultFile& file, ReportedRun& run) {
  const std::size_t paths = run.pathways.size(),
                    steps = file.length("/arms/step"),
                    arms = file.length("/arms/arm");
  const Shape of_arm{paths, steps, arms},
      by_estimand{paths, report_estimands, steps, arms};
  const auto texts = [&](const char* name) {
    return file.texts(std::string("/arms/") + name, of_arm);
  };
  const Texts names = texts("arm_name"), labels = texts("arm_label"),
              treatments = texts("treatment"), strategies = texts("strategy");
  const auto flows = read_flows(file, "/arms/", by_estimand);
  const FigureTable shares = figures(file, "/arms/share_of_step", by_estimand);
  for (std::size_t p = 0; p < paths; ++p) {
    if (run.pathways[p].steps.size() > steps)
      file.refuse("/arms has fewer steps than /steps");
    for (std::size_t s = 0; s < run.pathways[p].steps.size(); ++s)
      for (std::size_t a = 0; a < arms; ++a) {
        const std::size_t i = (p * steps + s) * arms + a;
        if (names[i].empty()) continue;
        ReportedArm arm{names[i], labels[i], treatments[i], strategies[i], {}};
        for (std::size_t e = 0; e < report_estimands; ++e) {
          const std::size_t at =
              ((p * report_estimands + e) * steps + s) * arms + a;
          arm.flows[e] = flows[at];
          arm.flows[e].share_of_step = shares[at];
        }
        run.pathways[p].steps[s].arms.push_back(arm);
      }
  }
}

void read_follow_up(const ResultFile& file, ReportedRun& run) {
  if (!file.has("/follow_up")) return;
  run.statuses = file.names("/follow_up/status");
  const std::size_t paths = run.pathways.size(),
                    steps = file.length("/follow_up/step"),
                    arms = file.length("/follow_up/arm"),
                    statuses = run.statuses.size(),
                    weeks = file.length("/follow_up/week");
  const Shape by_arm{paths, steps, arms, statuses};
  const auto count = [&](const char* name) {
    return file.numbers<std::int64_t>(std::string("/follow_up/") + name,
                                      by_arm);
  };
  const Counts entered = count("entered"), relapsed = count("relapsed"),
               dropped_out = count("dropped_out");
  const FigureTable relapse_free =
      figures(file, "/follow_up/relapse_free", {paths, steps, statuses, weeks});
  for (std::size_t p = 0; p < paths; ++p) {
    if (run.pathways[p].steps.size() > steps)
      file.refuse("/follow_up has fewer steps than /steps");
    for (std::size_t s = 0; s < run.pathways[p].steps.size(); ++s)
      for (std::size_t t = 0; t < statuses; ++t) {
        ReportedFollowUp made{0, 0, 0, {}};
        for (std::size_t a = 0; a < arms; ++a) {
          const std::size_t i = ((p * steps + s) * arms + a) * statuses + t;
          made.entered += std::max(entered[i], std::int64_t{0});
          made.relapsed += std::max(relapsed[i], std::int64_t{0});
          made.dropped_out += std::max(dropped_out[i], std::int64_t{0});
        }
        for (std::size_t w = 0; w < weeks; ++w)
          made.relapse_free.push_back(
              relapse_free[((p * steps + s) * statuses + t) * weeks + w]);
        run.pathways[p].steps[s].follow_up.push_back(made);
      }
  }
}

void read_subgroups(const ResultFile& file, ReportedRun& run) {
  if (!file.has("/subgroups")) return;
  const Texts names = file.names("/subgroups/subgroup");
  const std::size_t groups = names.size(), paths = run.pathways.size(),
                    weeks = file.length("/subgroups/week");
  if (weeks == 0) file.refuse("/subgroups/week is empty");
  const Texts labels = file.texts("/subgroups/subgroup_label", {groups});
  const auto patients =
      file.numbers<std::int64_t>("/subgroups/patients", {paths, groups});
  const FigureTable remission =
      figures(file, "/subgroups/cumulative_remission",
              {paths, groups, report_estimands, weeks});
  for (std::size_t g = 0; g < groups; ++g) {
    ReportedSubgroup group{names[g], labels[g], patients[g], {}};
    group.remission.resize(paths);
    for (std::size_t p = 0; p < paths; ++p)
      for (std::size_t e = 0; e < report_estimands; ++e)
        group.remission[p][e] =
            remission[((p * groups + g) * report_estimands + e) * weeks +
                      weeks - 1];
    run.subgroups.push_back(group);
  }
}

void read_inputs(const ResultFile& file, ReportedRun& run) {
  run.tells_inputs = file.has("/inputs/key");
  if (!run.tells_inputs) return;
  const std::size_t size = file.length("/inputs/key");
  const auto texts = [&](const char* name) {
    return file.texts(std::string("/inputs/") + name, {size});
  };
  const auto numbers = [&](const char* name) {
    return file.numbers<double>(std::string("/inputs/") + name, {size});
  };
  const Texts keys = texts("key"), forms = texts("form"),
              stated = texts("stated"), sources = texts("source"),
              notes = texts("note");
  const Texts units = file.has("/inputs/unit") ? texts("unit") : Texts(size);
  const auto values = numbers("value"), lows = numbers("low"),
             highs = numbers("high");
  for (std::size_t i = 0; i < size; ++i)
    run.inputs.push_back({keys[i], values[i], lows[i], highs[i], units[i],
                          forms[i], stated[i], sources[i], notes[i]});
}

void read_published(const ResultFile& file, ReportedRun& run) {
  if (!file.has("/published/figure")) return;
  const Texts names = file.names("/published/figure");
  const std::size_t size = names.size();
  const auto path = [](const char* name) {
    return std::string("/published/") + name;
  };
  const auto texts = [&](const char* name) {
    return file.texts(path(name), {size});
  };
  const auto numbers = [&](const char* name) {
    return file.numbers<double>(path(name), {size});
  };
  const auto places = [&](const char* name) {
    return file.numbers<std::int64_t>(path(name), {size});
  };
  const Texts labels = texts("figure_label"), quantities = texts("quantity"),
              pathways = texts("pathway"), estimands = texts("estimand"),
              measures = texts("measure"), units = texts("unit"),
              sources = texts("source"), notes = texts("note");
  const Counts steps = places("step"), arms = places("arm"),
               weeks = places("week"), agree = places("agrees"),
               inputs = places("is_input");
  const auto published = numbers("published"), low = numbers("published_low"),
             high = numbers("published_high"), rounding = numbers("rounding"),
             simulated = numbers("simulated"), se = numbers("simulated_se"),
             z = numbers("z");
  for (std::size_t i = 0; i < size; ++i)
    run.published.push_back(
        {names[i],     labels[i], quantities[i], pathways[i],    estimands[i],
         steps[i],     arms[i],   weeks[i],      measures[i],    units[i],
         published[i], low[i],    high[i],       rounding[i],    simulated[i],
         se[i],        z[i],      agree[i] != 0, inputs[i] != 0, sources[i],
         notes[i]});
}

}  // namespace

ReportedRun read_for_report(const std::filesystem::path& path) {
  const RunOutcomes outcomes = read_outcomes(path);
  ReportedRun run;
  read_safely(path, [&](const ResultFile& file) {
    run = ReportedRun{};
    run.file = path;
    run.outcomes = outcomes;
    require_result(file);
    read_attributes(file, run);
    read_curves(file, run);
    read_steps(file, run);
    read_arms(file, run);
    read_follow_up(file, run);
    read_subgroups(file, run);
    read_inputs(file, run);
    read_published(file, run);
    Texts names;
    for (const ReportedPathway& pathway : run.pathways)
      names.push_back(pathway.name);
    if (names != outcomes.pathways)
      file.refuse("damaged: /curves and /accumulators are of other pathways");
    run.uncertainty = read_uncertainty(file, names, run.weeks());
  });
  return run;
}

}  // namespace stardsim
