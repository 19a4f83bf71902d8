#include "sim/io/covariate_name.hpp"

#include "sim/io/eligibility_reader.hpp"

#include <vector>

namespace stardsim {

std::optional<std::size_t> find_number(Section& section, const std::string& key,
                                       const Cohort& cohort,
                                       Problems& problems) {
  const auto value = section.find(key);
  if (!value) return std::nullopt;
  const std::size_t problems_before = problems.count();
  const std::string name = as_text(*value, problems);
  if (problems.count() > problems_before) return std::nullopt;
  std::vector<std::string> names;
  for (const Covariate& covariate : cohort.covariates)
    names.push_back(covariate.name);
  const auto index = index_of_name(
      name, *value, "a covariate of [cohort.covariates]", names, problems);
  if (!index) return std::nullopt;
  const Covariate& covariate = cohort.covariates[*index];
  if (!covariate.levels().empty())
    add_problem(
        problems, *value,
        in_quotes(name) + " has levels; a covariate of numbers is needed");
  else if (std::holds_alternative<Propensity>(covariate.form))
    add_problem(problems, *value,
                in_quotes(name) +
                    " is seen by nobody; a covariate of numbers is needed");
  else
    return index;
  return std::nullopt;
}

std::optional<std::size_t> find_yes_or_no(Section& section,
                                          const std::string& key,
                                          const Cohort& cohort,
                                          Problems& problems) {
  const auto index = find_number(section, key, cohort, problems);
  if (!index || is_yes_or_no(cohort.covariates[*index])) return index;
  add_problem(problems, *section.find(key),
              "a covariate that is 0 or 1 is needed");
  return std::nullopt;
}

}  // namespace stardsim
