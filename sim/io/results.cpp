#include "sim/io/results.hpp"

#include "sim/analysis/rates.hpp"
#include "sim/core/words.hpp"
#include "sim/io/flow_tables.hpp"
#include "sim/io/netcdf_file.hpp"
#include "sim/io/sha256.hpp"

#include <cassert>
#include <numeric>

namespace stardsim {
namespace {

constexpr std::int32_t format_version = 1;
constexpr Estimand estimands[estimand_count] = {Estimand::if_all_continue,
                                                Estimand::observed};

void add_attributes(NetcdfFile& file, const Scenario& scenario,
                    const Tally& tally, const Provenance& provenance) {
  file.add({"format", "stardsim results"});
  file.add({"format_version", format_version});
  file.add({"title", scenario.title});
  file.add({"scenario_file", provenance.scenario_file});
  file.add({"scenario", provenance.scenario_text});
  file.add({"scenario_sha256", sha256(provenance.scenario_text)});
  file.add({"law_sha256", provenance.law_sha256});
  file.add({"word_layout_version", std::int32_t{word_layout_version}});
  file.add({"seed", provenance.seed});
  file.add({"patients", tally.patients});
  file.add({"reference_pathway", scenario.pathways[scenario.reference].name});
  file.add({"reported_first", name_of(scenario.estimand)});
  file.add({"line_dependence", name_of(scenario.line_dependence)});
  file.add({"program_version", provenance.program_version});
  file.add({"commit", provenance.commit});
  file.add({"compiler", provenance.compiler});
  file.add({"command_line", provenance.command_line});
  file.add({"instruction_set", provenance.instruction_set});
  file.add({"threads", std::int32_t{provenance.threads}});
  file.add({"start_time", provenance.start_time});
}

/// `size` whole numbers from `first` on.
std::vector<std::int32_t> count_from(std::int32_t first, std::size_t size) {
  std::vector<std::int32_t> numbers(size);
  std::iota(numbers.begin(), numbers.end(), first);
  return numbers;
}

Scale pathway_scale(const Scenario& scenario) {
  std::vector<std::string> names;
  for (const Pathway& pathway : scenario.pathways) {
    names.push_back(pathway.name);
  }
  return {"pathway", names, "name of the pathway", ""};
}

Scale estimand_scale() {
  std::vector<std::string> names;
  for (const Estimand estimand : estimands)
    names.emplace_back(name_of(estimand));
  return {"estimand", names, "name of the question that a number answers", ""};
}

Scale week_scale(const Scenario& scenario) {
  const std::size_t weeks = std::size_t{scenario.horizon} + 1;
  return {"week", count_from(0, weeks), "week since entry, at its end",
          "weeks"};
}

Scale step_scale(const Scenario& scenario) {
  return {"step", count_from(1, most_steps(scenario)),
          "position of the step in the pathway", "1"};
}

Scale arm_scale(const Scenario& scenario) {
  return {"arm", count_from(1, most_arms(scenario)),
          "position of the arm in the step", "1"};
}

Scale batch_scale() {
  return {"batch", count_from(0, batch_count), "patient number modulo 256",
          "1"};
}

Variable pathway_labels(const Scenario& scenario) {
  std::vector<std::string> labels;
  for (const Pathway& pathway : scenario.pathways) {
    labels.push_back(pathway.label);
  }
  return {"pathway_label", {"pathway"}, labels, "label of the pathway", ""};
}

void add_curves(NetcdfFile& file, const Scenario& scenario,
                const Tally& tally) {
  std::vector<double> values, errors;
  for (const PathwayTally& pathway : tally.pathways)
    for (const auto& course : pathway.course)
      for (const Rate& rate : cumulative_remission(course, tally.patients)) {
        values.push_back(rate.value);
        errors.push_back(rate.se);
      }
  NetcdfGroup group = file.add_group("curves");
  group.add(pathway_scale(scenario));
  group.add(estimand_scale());
  group.add(week_scale(scenario));
  group.add(pathway_labels(scenario));
  group.add({"cumulative_remission",
             {"pathway", "estimand", "week"},
             values,
             "fraction of the cohort ever in remission by the end of the week",
             "1",
             {{"ancillary_variables", "cumulative_remission_se"}}});
  group.add({"cumulative_remission_se",
             {"pathway", "estimand", "week"},
             errors,
             "standard error of cumulative_remission",
             "1"});
}

void add_steps(NetcdfFile& file, const Scenario& scenario, const Tally& tally) {
  NetcdfGroup group = file.add_group("steps");
  group.add(pathway_scale(scenario));
  group.add(estimand_scale());
  group.add(step_scale(scenario));
  for (const Variable& variable : step_variables(scenario, tally)) {
    group.add(variable);
  }
}

void add_arms(NetcdfFile& file, const Scenario& scenario, const Tally& tally) {
  NetcdfGroup group = file.add_group("arms");
  group.add(pathway_scale(scenario));
  group.add(estimand_scale());
  group.add(step_scale(scenario));
  group.add(arm_scale(scenario));
  for (const Variable& variable : arm_variables(scenario, tally)) {
    group.add(variable);
  }
}

Variable remission_by_week(const Tally& tally) {
  std::vector<std::uint64_t> counts;
  for (const PathwayTally& pathway : tally.pathways)
    for (const auto& course : pathway.course) {
      const auto& weeks = course.remission_by_week;
      counts.insert(counts.end(), weeks.begin(), weeks.end());
    }
  return {"remission_by_week",
          {"pathway", "estimand", "week"},
          counts,
          "patients first in remission in the week",
          "1"};
}

Variable remission_by_batch(const Tally& tally) {
  std::vector<std::uint64_t> counts;
  for (const PathwayTally& pathway : tally.pathways)
    for (const auto& batches : pathway.remission_by_batch) {
      counts.insert(counts.end(), batches.begin(), batches.end());
    }
  return {"remission_by_batch",
          {"pathway", "estimand", "batch"},
          counts,
          "patients of the batch ever in remission",
          "1"};
}

/// Patients are numbered from 0, so that the first batches have one more.
Variable patients_by_batch(const Tally& tally) {
  std::vector<std::uint64_t> counts;
  for (std::size_t batch = 0; batch < batch_count; ++batch) {
    const bool one_more = batch < tally.patients % batch_count;
    counts.push_back(tally.patients / batch_count + one_more);
  }
  return {"patients_by_batch", {"batch"}, counts, "patients of the batch", "1"};
}

void add_accumulators(NetcdfFile& file, const Scenario& scenario,
                      const Tally& tally) {
  NetcdfGroup group = file.add_group("accumulators");
  group.add(pathway_scale(scenario));
  group.add(estimand_scale());
  group.add(week_scale(scenario));
  group.add(batch_scale());
  group.add(step_scale(scenario));
  group.add(arm_scale(scenario));
  group.add(remission_by_week(tally));
  group.add(remission_by_batch(tally));
  group.add(patients_by_batch(tally));
  for (const Variable& variable : tick_variables(scenario, tally)) {
    group.add(variable);
  }
}

}  // namespace

std::vector<std::byte> results_image(const Scenario& scenario,
                                     const Tally& tally,
                                     const Provenance& provenance) {
  assert(tally.patients > 0);
  assert(tally.pathways.size() == scenario.pathways.size());
  NetcdfFile file;
  add_attributes(file, scenario, tally, provenance);
  add_curves(file, scenario, tally);
  add_steps(file, scenario, tally);
  add_arms(file, scenario, tally);
  add_accumulators(file, scenario, tally);
  return file.bytes();
}

}  // namespace stardsim
