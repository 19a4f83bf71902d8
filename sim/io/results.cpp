#include "sim/io/results.hpp"

#include "models/staging.hpp"
#include "sim/analysis/in_use.hpp"
#include "sim/analysis/rates.hpp"
#include "sim/core/words.hpp"
#include "sim/io/atomic_file.hpp"
#include "sim/io/flow_tables.hpp"
#include "sim/io/input_tables.hpp"
#include "sim/io/later_tables.hpp"
#include "sim/io/netcdf_file.hpp"
#include "sim/io/outcome_tables.hpp"
#include "sim/io/patient_tables.hpp"
#include "sim/io/sha256.hpp"

#include <cassert>
#include <numeric>
#include <variant>

namespace stardsim {
namespace {

constexpr std::int32_t format_version = 1;

/// How amounts and effects were counted.
void add_economics(NetcdfFile& file, const Scenario& scenario) {
  const Economics& economics = *scenario.economics;
  file.add({"accrual", economics.weekly ? "weekly" : "continuous"});
  file.add({"discount_form", name_of(economics.discount.form)});
  const bool discounts = economics.discount.form != DiscountForm::none;
  file.add(
      {"discount_costs", discounts ? economics.discount.costs.value : 0.0});
  file.add(
      {"discount_effects", discounts ? economics.discount.effects.value : 0.0});
}

const char* mortality_of(const Scenario& scenario) {
  if (!scenario.mortality) return "none";
  return std::holds_alternative<LifeTable>(scenario.mortality->background)
             ? "life table"
             : "Gompertz";
}

void add_attributes(NetcdfFile& file, const Scenario& scenario,
                    const Tally& tally, const Provenance& provenance,
                    const RunOutcomes& outcomes) {
  file.add({"format", "stardsim results"});
  file.add({"format_version", format_version});
  file.add({"title", scenario.title});
  file.add({"description", scenario.description});
  file.add({"in_words", provenance.in_words});
  file.add({"scenario_file", provenance.scenario_file});
  file.add({"scenario", provenance.scenario_text});
  file.add({"scenario_sha256", sha256(provenance.scenario_text)});
  file.add({"law_sha256", provenance.law_sha256});
  if (!provenance.data_files.empty())
    file.add({"data_files", provenance.data_files});
  if (provenance.intercepts.solved > 0) {
    file.add({"intercepts_solved",
              static_cast<std::uint64_t>(provenance.intercepts.solved)});
    file.add({"intercepts_residual", provenance.intercepts.residual});
    file.add(
        {"intercepts_sampling_error", provenance.intercepts.sampling_error});
  }
  file.add({"word_layout_version", std::int32_t{word_layout_version}});
  file.add({"seed", provenance.seed});
  file.add({"patients", tally.patients});
  file.add({"reference_pathway", scenario.pathways[scenario.reference].name});
  file.add({"horizon_weeks", scenario.horizon_weeks > 0
                                 ? scenario.horizon_weeks
                                 : double(scenario.horizon)});
  file.add({"reported_first", name_of(scenario.estimand)});
  file.add({"line_dependence", name_of(scenario.line_dependence)});
  file.add({"mortality", mortality_of(scenario)});
  add_outcome_attributes(file, outcomes);
  if (scenario.economics) add_economics(file, scenario);
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
  return {"arm", count_from(1, arms_of_widest_step(scenario)),
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

Scale state_scale() {
  std::vector<std::string> names;
  for (std::size_t state = 0; state < state_count; ++state)
    names.emplace_back(name_of(static_cast<State>(state)));
  return {"state", names, "where a patient is", ""};
}

void add_occupancy(NetcdfGroup& group, const Tally& tally) {
  std::vector<double> values, errors;
  for (const PathwayTally& pathway : tally.pathways)
    for (const auto& weeks : pathway.later.occupancy)
      for (const std::uint64_t count : weeks) {
        const Rate share = rate(count, tally.patients);
        values.push_back(share.value);
        errors.push_back(share.se);
      }
  group.add(with_attribute(
      {"occupancy",
       {"pathway", "state", "week"},
       values,
       "fraction of the cohort in the state at the end of the week",
       "1"},
      {"ancillary_variables", "occupancy_se"}));
  group.add({"occupancy_se",
             {"pathway", "state", "week"},
             errors,
             "standard error of occupancy",
             "1"});
}

void add_curves(NetcdfFile& file, const Scenario& scenario,
                const Tally& tally) {
  std::vector<double> values, errors;
  for (const PathwayTally& pathway : tally.pathways)
    for (const Estimand estimand : estimands)
      for (const Rate& rate :
           cumulative_remission(pathway, estimand, tally.patients)) {
        values.push_back(rate.value);
        errors.push_back(rate.se);
      }
  NetcdfGroup group = file.add_group("curves");
  group.add(pathway_scale(scenario));
  group.add(estimand_scale());
  group.add(week_scale(scenario));
  group.add(state_scale());
  group.add(pathway_labels(scenario));
  group.add(with_attribute(
      {"cumulative_remission",
       {"pathway", "estimand", "week"},
       values,
       "fraction of the cohort in remission by the end of the week in "
       "the sense of the estimand",
       "1"},
      {"ancillary_variables", "cumulative_remission_se"}));
  group.add({"cumulative_remission_se",
             {"pathway", "estimand", "week"},
             errors,
             "standard error of cumulative_remission",
             "1"});
  add_occupancy(group, tally);
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

/// Week since entering follow-up.
Scale follow_up_week_scale(const Scenario& scenario) {
  Scale scale = week_scale(scenario);
  scale.long_name = "week since entering follow-up, at its end";
  return scale;
}

void add_follow_up(NetcdfFile& file, const Scenario& scenario,
                   const Tally& tally) {
  NetcdfGroup group = file.add_group("follow_up");
  group.add(pathway_scale(scenario));
  group.add(step_scale(scenario));
  group.add(arm_scale(scenario));
  group.add(Scale{"status", follow_up_statuses(),
                  "state in which follow-up was entered", ""});
  group.add(follow_up_week_scale(scenario));
  for (const Variable& variable : follow_up_variables(scenario, tally)) {
    group.add(variable);
  }
}

Scale subgroup_scale(const Scenario& scenario) {
  std::vector<std::string> names;
  for (const Subgroup& subgroup : scenario.subgroups) {
    names.push_back(subgroup.name);
  }
  return {"subgroup", names, "name of the subgroup", ""};
}

void add_subgroups(NetcdfFile& file, const Scenario& scenario,
                   const Tally& tally) {
  NetcdfGroup group = file.add_group("subgroups");
  group.add(pathway_scale(scenario));
  group.add(subgroup_scale(scenario));
  group.add(estimand_scale());
  group.add(week_scale(scenario));
  for (const Variable& variable : subgroup_variables(scenario, tally)) {
    group.add(variable);
  }
}

Scale method_scale() {
  std::vector<std::string> names;
  for (std::size_t method = 0; method < staging_method_count; ++method) {
    names.emplace_back(name_of(static_cast<StagingMethod>(method)));
  }
  return {"method", names, "name of the staging method", ""};
}

void add_staging(NetcdfFile& file, const Scenario& scenario,
                 const Tally& tally) {
  NetcdfGroup group = file.add_group("staging");
  group.add(pathway_scale(scenario));
  group.add(step_scale(scenario));
  group.add(method_scale());
  group.add(Scale{"level", count_from(0, most_levels()),
                  "level of the method, the least resistant first", "1"});
  group.add(week_scale(scenario));
  for (const Variable& variable : staging_variables(scenario, tally)) {
    group.add(variable);
  }
}

/// Nothing counted at all is nobody in each of `size` weeks.
void append(std::vector<std::uint64_t>& counts,
            const std::vector<std::uint64_t>& weeks, std::size_t size) {
  counts.insert(counts.end(), weeks.begin(), weeks.end());
  counts.resize(counts.size() + size - weeks.size(), 0);
}

Variable remission_by_week(const Tally& tally) {
  std::vector<std::uint64_t> counts;
  for (const PathwayTally& pathway : tally.pathways)
    for (const Estimand estimand : estimands) {
      const auto& weeks = pathway.course[course_of(estimand)].remission_by_week;
      append(counts, weeks, weeks.size());
    }
  return {"remission_by_week",
          {"pathway", "estimand", "week"},
          counts,
          "patients first in remission in the week",
          "1"};
}

Variable remission_lost_by_week(const Scenario& scenario, const Tally& tally) {
  std::vector<std::uint64_t> counts;
  for (const PathwayTally& pathway : tally.pathways)
    append(counts, pathway.later.first_remission_lost_by_week,
           std::size_t{scenario.horizon} + 1);
  return {"remission_lost_by_week",
          {"pathway", "week"},
          counts,
          "patients whose first remission ended in the week",
          "1"};
}

Variable spontaneous_remission(const Tally& tally) {
  std::vector<std::uint64_t> counts;
  for (const PathwayTally& pathway : tally.pathways)
    counts.push_back(pathway.later.spontaneous_remission);
  return {"spontaneous_remission",
          {"pathway"},
          counts,
          "spontaneous remissions after the last step",
          "1"};
}

/// The sums of the batches are in the order of the estimands.
Variable remission_by_batch(const Tally& tally) {
  std::vector<std::uint64_t> counts;
  for (const PathwayTally& pathway : tally.pathways)
    for (const auto& batches : pathway.by_batch) {
      counts.insert(counts.end(), batches.begin(), batches.end());
    }
  return {"remission_by_batch",
          {"pathway", "estimand", "batch"},
          counts,
          "patients of the batch in remission by the horizon in the sense of "
          "the estimand",
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
                      const Tally& tally, const RunOutcomes& outcomes) {
  NetcdfGroup group = file.add_group("accumulators");
  group.add(pathway_scale(scenario));
  group.add(estimand_scale());
  group.add(week_scale(scenario));
  group.add(batch_scale());
  group.add(step_scale(scenario));
  group.add(arm_scale(scenario));
  group.add(remission_by_week(tally));
  group.add(remission_lost_by_week(scenario, tally));
  group.add(spontaneous_remission(tally));
  group.add(remission_by_batch(tally));
  group.add(patients_by_batch(tally));
  for (const Variable& variable : tick_variables(scenario, tally)) {
    group.add(variable);
  }
  if (scenario.economics) add_outcome_sums(group, outcomes);
}

void add_counts(NetcdfFile& file, const Scenario& scenario, const Tally& tally,
                const Provenance& provenance) {
  assert(tally.patients > 0);
  assert(tally.pathways.size() == scenario.pathways.size());
  const RunOutcomes outcomes =
      run_outcomes(scenario, tally, provenance.seed, scenario.title,
                   provenance.cohort_sha256);
  add_attributes(file, scenario, tally, provenance, outcomes);
  add_curves(file, scenario, tally);
  add_steps(file, scenario, tally);
  add_arms(file, scenario, tally);
  if (has_follow_up(scenario)) add_follow_up(file, scenario, tally);
  if (!scenario.subgroups.empty()) add_subgroups(file, scenario, tally);
  if (scenario.staging) add_staging(file, scenario, tally);
  add_comparison(file, Comparison({outcomes}, scenario.reference));
  add_accumulators(file, scenario, tally, outcomes);
  add_inputs(file, scenario);
  add_published(file, scenario, tally);
}

}  // namespace

std::vector<std::byte> results_image(const Scenario& scenario,
                                     const Tally& tally,
                                     const Provenance& provenance,
                                     const AddGroups& more) {
  NetcdfFile file;
  add_counts(file, scenario, tally, provenance);
  if (more) more(file);
  file.close();
  return file.bytes();
}

AddGroups with_histories(const Scenario& scenario, const Engine& engine,
                         const Trace& trace, const AddGroups& more) {
  return [&scenario, &engine, &trace, more](NetcdfFile& file) {
    if (more) more(file);
    add_patients(file, scenario, engine, trace);
  };
}

void write_results(const std::filesystem::path& path, const Scenario& scenario,
                   const Tally& tally, const Provenance& provenance,
                   const AddGroups& more) {
  require_writable(path);
  if (!can_be_replaced(path))
    return write_atomically(path,
                            results_image(scenario, tally, provenance, more));
  AtomicFile whole(path);
  NetcdfFile file(whole.file());
  add_counts(file, scenario, tally, provenance);
  if (more) more(file);
  file.close();
  whole.commit();
}

}  // namespace stardsim
