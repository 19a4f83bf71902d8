#include "sim/io/later_tables.hpp"

#include "models/staging.hpp"
#include "sim/analysis/rates.hpp"
#include "sim/io/flow_tables.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace stardsim {
namespace {

using Names = std::vector<std::string>;
using Counts = std::vector<std::int64_t>;
using FollowUpCounts = FollowUpFlow<std::uint64_t>;

std::int64_t count_of(std::uint64_t number) {
  return static_cast<std::int64_t>(number);
}

/// Rates and their errors, as two variables.
class RateVariables {
 public:
  void add(const Rate& rate) {
    values_.push_back(rate.value);
    errors_.push_back(rate.se);
  }
  void add_missing(std::size_t how_many = 1) {
    values_.resize(values_.size() + how_many, missing_number);
    errors_.resize(errors_.size() + how_many, missing_number);
  }
  void put_into(std::vector<Variable>& variables, const std::string& name,
                const Names& dimensions, const std::string& long_name) {
    const std::string error_name = name + "_se";
    variables.push_back(
        with_attribute({name, dimensions, std::move(values_), long_name, "1"},
                       {"ancillary_variables", error_name}));
    variables.push_back({error_name, dimensions, std::move(errors_),
                         "standard error of " + name, "1"});
  }

 private:
  std::vector<double> values_, errors_;
};

std::size_t weeks_of(const Scenario& scenario) {
  return std::size_t{scenario.horizon} + 1;
}

/// Calls with each pathway, step, arm and status in turn, and with the flow
/// there or, where there is no such step or arm, null.
template <class Visit>
void for_each_arm(const Scenario& scenario, const Tally& tally, Visit visit) {
  for (std::size_t p = 0; p < scenario.pathways.size(); ++p)
    for (std::size_t s = 0; s < most_steps(scenario); ++s)
      for (std::size_t a = 0; a < arms_of_widest_step(scenario); ++a)
        for (std::size_t status = 0; status < 2; ++status)
          visit(arm_at(scenario, p, s, a)
                    ? &tally.pathways[p].later.follow_up[s][a][status]
                    : nullptr);
}

Variable follow_up_counts(const Scenario& scenario, const Tally& tally,
                          const char* name, const char* long_name,
                          std::uint64_t FollowUpCounts::*part) {
  Counts counts;
  for_each_arm(scenario, tally, [&](const FollowUpCounts* flow) {
    counts.push_back(flow ? count_of(flow->*part) : missing_count);
  });
  return {name, {"pathway", "step", "arm", "status"}, counts, long_name, "1"};
}

Variable counts_by_week(const Scenario& scenario, const Tally& tally,
                        const char* name, const char* long_name,
                        std::vector<std::uint64_t> FollowUpCounts::*part) {
  Counts counts;
  for_each_arm(scenario, tally, [&](const FollowUpCounts* flow) {
    for (std::size_t w = 0; w < weeks_of(scenario); ++w)
      counts.push_back(flow && !(flow->*part).empty()
                           ? count_of((flow->*part)[w])
                           : missing_count);
  });
  return {name,
          {"pathway", "step", "arm", "status", "week"},
          counts,
          long_name,
          "1"};
}

void add_curve(const Scenario& scenario, RateVariables& rates,
               const FollowUpCounts& flow) {
  if (flow.relapse_by_week.empty())
    return rates.add_missing(weeks_of(scenario));
  for (const Rate& rate : relapse_free(flow)) rates.add(rate);
}

void add_step_curves(const Scenario& scenario, const Tally& tally,
                     std::vector<Variable>& variables) {
  RateVariables rates;
  for (std::size_t p = 0; p < scenario.pathways.size(); ++p)
    for (std::size_t s = 0; s < most_steps(scenario); ++s)
      for (std::size_t status = 0; status < 2; ++status) {
        if (step_at(scenario, p, s)) {
          add_curve(scenario, rates,
                    follow_up_of_step(tally.pathways[p].later, s, status));
        } else {
          rates.add_missing(weeks_of(scenario));
        }
      }
  rates.put_into(variables, "relapse_free",
                 {"pathway", "step", "status", "week"},
                 "probability of no relapse by the end of the week, if nobody "
                 "dropped out (life table)");
}

void add_arm_curves(const Scenario& scenario, const Tally& tally,
                    std::vector<Variable>& variables) {
  RateVariables rates;
  for_each_arm(scenario, tally, [&](const FollowUpCounts* flow) {
    if (flow) {
      add_curve(scenario, rates, *flow);
    } else {
      rates.add_missing(weeks_of(scenario));
    }
  });
  rates.put_into(variables, "relapse_free_of_arm",
                 {"pathway", "step", "arm", "status", "week"},
                 "probability of no relapse by the end of the week after this "
                 "arm, if nobody dropped out (life table)");
  variables.push_back(counts_by_week(scenario, tally, "relapse_by_week",
                                     "patients who relapsed in the week",
                                     &FollowUpCounts::relapse_by_week));
  variables.push_back(counts_by_week(
      scenario, tally, "censored_by_week",
      "patients last seen in the week: they dropped out, or the horizon came",
      &FollowUpCounts::censored_by_week));
  variables.push_back(counts_by_week(
      scenario, tally, "unseen_ticks_by_week",
      "sum over these of the time to the end of that week, in 1/1024 week",
      &FollowUpCounts::unseen_ticks_by_week));
}

constexpr std::array<StagingMethod, staging_method_count> methods = {
    StagingMethod::trd, StagingMethod::thase_rush, StagingMethod::mgh,
    StagingMethod::european, StagingMethod::maudsley};

Variable level_names() {
  Names names;
  for (const StagingMethod method : methods)
    for (std::size_t level = 0; level < most_levels(); ++level)
      names.push_back(level < level_count(method) ? level_name(method, level)
                                                  : "");
  return {"level_name", {"method", "level"}, names, "name of the level", ""};
}

/// Calls with each pathway, step, method and level in turn: who entered there
/// and who of them remitted, or two nulls.
template <class Visit>
void for_each_level(const Scenario& scenario, const Tally& tally, Visit visit) {
  for (std::size_t p = 0; p < scenario.pathways.size(); ++p)
    for (std::size_t s = 0; s < most_steps(scenario); ++s)
      for (std::size_t m = 0; m < staging_method_count; ++m)
        for (std::size_t level = 0; level < most_levels(); ++level) {
          if (step_at(scenario, p, s) && level < level_count(methods[m])) {
            const StageTally& stage = tally.pathways[p].stages[s];
            visit(&stage.entered[m][level], &stage.remission[m][level]);
          } else {
            visit(nullptr, nullptr);
          }
        }
}

void add_stages_at_entry(const Scenario& scenario, const Tally& tally,
                         std::vector<Variable>& variables) {
  Counts entered, remitted;
  RateVariables rates;
  for_each_level(
      scenario, tally,
      [&](const std::uint64_t* of, const std::uint64_t* remission) {
        entered.push_back(of ? count_of(*of) : missing_count);
        remitted.push_back(of ? count_of(*remission) : missing_count);
        if (of) {
          rates.add(rate(*remission, *of));
        } else {
          rates.add_missing();
        }
      });
  const Names dimensions{"pathway", "step", "method", "level"};
  variables.push_back({"entered", dimensions, entered,
                       "patients who entered the step at this level", "1"});
  variables.push_back({"remission", dimensions, remitted,
                       "patients of them who remitted in the step", "1"});
  rates.put_into(variables, "remission_rate", dimensions,
                 "fraction of those who entered at this level that remitted");
}

void add_resistance(const Scenario& scenario, const Tally& tally,
                    std::vector<Variable>& variables) {
  Counts apparent, truly;
  for (std::size_t p = 0; p < tally.pathways.size(); ++p)
    for (std::size_t s = 0; s < most_steps(scenario); ++s) {
      const bool there = step_at(scenario, p, s) != nullptr;
      const StageTally none,
          &stage = there ? tally.pathways[p].stages[s] : none;
      apparent.push_back(there ? count_of(stage.apparently_resistant)
                               : missing_count);
      truly.push_back(there ? count_of(stage.truly_resistant) : missing_count);
    }
  const Names dimensions{"pathway", "step"};
  variables.push_back({"apparently_resistant", dimensions, apparent,
                       "patients who entered after two failed trials", "1"});
  variables.push_back({"truly_resistant", dimensions, truly,
                       "those of them with two adequate failed trials and the "
                       "right diagnosis",
                       "1"});
}

void add_shares_by_week(const Scenario& scenario, const Tally& tally,
                        std::vector<Variable>& variables) {
  RateVariables rates;
  for (const PathwayTally& pathway : tally.pathways)
    for (std::size_t m = 0; m < staging_method_count; ++m)
      for (std::size_t level = 0; level < most_levels(); ++level) {
        if (level >= level_count(methods[m])) {
          rates.add_missing(weeks_of(scenario));
          continue;
        }
        for (const std::uint64_t count : pathway.stage_by_week[m][level])
          rates.add(rate(count, tally.patients));
      }
  rates.put_into(variables, "share_of_cohort",
                 {"pathway", "method", "level", "week"},
                 "fraction of the cohort in care and at this level at the end "
                 "of the week");
}

}  // namespace

std::vector<std::string> follow_up_statuses() {
  return {"remitted", "not_remitted"};
}

std::vector<Variable> follow_up_variables(const Scenario& scenario,
                                          const Tally& tally,
                                          std::size_t most_cells) {
  std::vector<Variable> variables{
      follow_up_counts(scenario, tally, "entered",
                       "patients who entered follow-up after this arm",
                       &FollowUpCounts::entered),
      follow_up_counts(scenario, tally, "relapsed",
                       "patients who relapsed in follow-up",
                       &FollowUpCounts::relapsed),
      follow_up_counts(scenario, tally, "dropped_out",
                       "patients who dropped out of follow-up",
                       &FollowUpCounts::dropped_out)};
  add_step_curves(scenario, tally, variables);
  const std::size_t cells = scenario.pathways.size() * most_steps(scenario) *
                            arms_of_widest_step(scenario) * 2 *
                            weeks_of(scenario);
  if (cells <= most_cells) add_arm_curves(scenario, tally, variables);
  return variables;
}

std::vector<Variable> subgroup_variables(const Scenario& scenario,
                                         const Tally& tally) {
  Names labels;
  for (const Subgroup& subgroup : scenario.subgroups)
    labels.push_back(subgroup.label);
  Counts patients;
  RateVariables rates;
  for (const PathwayTally& pathway : tally.pathways)
    for (const SubgroupTally& subgroup : pathway.subgroups) {
      patients.push_back(count_of(subgroup.patients));
      for (const Estimand estimand : estimands)
        for (const Rate& rate : cumulative_remission(subgroup, estimand))
          rates.add(rate);
    }
  std::vector<Variable> variables{
      {"subgroup_label", {"subgroup"}, labels, "label of the subgroup", ""},
      {"patients",
       {"pathway", "subgroup"},
       patients,
       "patients of the subgroup",
       "1"}};
  rates.put_into(variables, "cumulative_remission",
                 {"pathway", "subgroup", "estimand", "week"},
                 "fraction of the subgroup in remission by the end of the week "
                 "in the sense of the estimand");
  return variables;
}

std::size_t most_levels() {
  std::size_t most = 0;
  for (const StagingMethod method : methods)
    most = std::max(most, level_count(method));
  return most;
}

std::vector<Variable> staging_variables(const Scenario& scenario,
                                        const Tally& tally) {
  std::vector<Variable> variables{level_names()};
  add_stages_at_entry(scenario, tally, variables);
  add_resistance(scenario, tally, variables);
  add_shares_by_week(scenario, tally, variables);
  return variables;
}

}  // namespace stardsim
