#include "sim/io/staging_reader.hpp"

#include "sim/io/eligibility_reader.hpp"

namespace stardsim {

std::optional<Staging> read_staging(const std::optional<Value>& value,
                                    const Cohort& cohort, Problems& problems) {
  const Table* table = value ? as_table(*value, problems) : nullptr;
  if (!table) return std::nullopt;
  Section section(*table, *value, problems);
  std::vector<std::string> names;
  for (const Covariate& covariate : cohort.covariates)
    if (!std::holds_alternative<Propensity>(covariate.form))
      names.push_back(covariate.name);
  const auto read = [&](const char* key) -> std::optional<std::size_t> {
    const auto name = section.find(key);
    if (!name) return std::nullopt;
    const std::size_t problems_before = problems.count();
    const std::string text = as_text(*name, problems);
    if (problems.count() > problems_before) return std::nullopt;
    const auto index = index_of_name(
        text, *name, "a covariate of [cohort.covariates]", names, problems);
    if (index && !cohort.covariates[*index].levels().empty())
      add_problem(problems, *name,
                  in_quotes(text) +
                      " has levels; a covariate of numbers is "
                      "needed");
    return index;
  };
  Staging staging;
  staging.episode_months = read("episode_months");
  staging.severity = read("severity");
  staging.psychotic = read("psychotic");
  if (staging.psychotic &&
      cohort.covariates[*staging.psychotic].levels().empty() &&
      !is_yes_or_no(cohort.covariates[*staging.psychotic]))
    add_problem(problems, *section.find("psychotic"),
                "a covariate that is 0 or 1 is needed");
  section.finish();
  return staging;
}

}  // namespace stardsim
