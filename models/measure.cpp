#include "models/measure.hpp"

#include <utility>

namespace stardsim {
namespace {

using What = Measure::What;

constexpr double quantum_of_years = 0x1p-20, quantum_of_weeks = 0x1p-10,
                 quantum_of_currency = 0x1p-8;

struct Named {
  What what;
  const char* name;
  const char* long_name;
  int better;
};

constexpr Named by_course[] = {
    {What::remission_if_all_continue, "remission_if_all_continue",
     "Ever in remission if everybody continued", 1},
    {What::remission, "remission", "Ever in remission", 1},
    {What::sustained_remission, "sustained_remission",
     "Still in the first remission at the horizon", 1}};

constexpr Named zero_or_one[] = {
    {What::partial_response, "partial_response", "Ever in partial response", 0},
    {What::response, "response", "Ever in remission or partial response", 1},
    {What::lasting_remission, "lasting_remission",
     "Ever in a lasting remission", 1},
    {What::resistant, "resistant", "Ever treatment-resistant", -1},
    {What::adverse_event, "adverse_event", "Ever with an adverse event", -1},
    {What::died, "died", "Died before the horizon", -1},
    {What::suicide, "suicide", "Died of suicide", -1},
    {What::procedure_death, "procedure_death", "Died of a treatment", -1}};

// More treatments or remissions are neither better nor worse: a patient who
// relapses has more of both.
constexpr Named numbers[] = {
    {What::lines, "lines", "Treatments started", 0},
    {What::remissions, "remissions", "Remissions", 0},
    {What::lasting_remissions, "lasting_remissions", "Lasting remissions", 0},
    {What::relapses, "relapses", "Relapses", -1},
    {What::failures, "failures", "Attempts ended without remission", -1}};

constexpr Named weeks[] = {
    {What::weeks_on_treatment, "weeks_on_treatment", "Time on treatment", 0},
    {What::weeks_in_no_response, "weeks_in_no_response",
     "Time without response", -1},
    {What::weeks_in_partial_response, "weeks_in_partial_response",
     "Time in partial response", 0},
    {What::weeks_in_remission, "weeks_in_remission", "Time in remission", 1},
    {What::weeks_in_lasting_remission, "weeks_in_lasting_remission",
     "Time in lasting remission", 1},
    {What::weeks_resistant, "weeks_resistant", "Time treatment-resistant", -1}};

class Builder {
 public:
  explicit Builder(bool discounts) : discounts_(discounts) {}

  template <std::size_t n>
  void add(const Named (&all)[n], const std::string& unit, double quantum) {
    for (const Named& one : all)
      measures_.push_back({one.what, 0, false, one.name, one.long_name, unit,
                           quantum, one.better});
  }

  // Undiscounted, then discounted where that is meant.
  void add_with_discount(Measure measure) {
    measures_.push_back(measure);
    if (!discounts_) return;
    measure.discounted = true;
    measure.name += "_discounted";
    measure.long_name += ", discounted";
    measures_.push_back(std::move(measure));
  }

  std::vector<Measure> measures() && { return std::move(measures_); }

 private:
  bool discounts_;
  std::vector<Measure> measures_;
};

template <class Thing>
const std::string& label_of(const Thing& thing) {
  return thing.label.empty() ? thing.name : thing.label;
}

}  // namespace

std::vector<Measure> measures_of(const Scenario& scenario) {
  const bool counts = scenario.economics.has_value();
  Builder builder(counts &&
                  scenario.economics->discount.form != DiscountForm::none);
  builder.add(by_course, "1", 1);
  if (!counts) return std::move(builder).measures();

  const Economics& economics = *scenario.economics;
  builder.add(zero_or_one, "1", 1);
  builder.add(numbers, "1", 1);
  builder.add(weeks, "weeks", quantum_of_weeks);
  builder.add_with_discount({What::life_years, 0, false, "life_years",
                             "Life-years", "years", quantum_of_years, 1});
  if (economics.utilities)
    builder.add_with_discount({What::qalys, 0, false, "qalys", "QALYs", "years",
                               quantum_of_years, 1});
  const std::string unit =
      economics.currency + " " + std::to_string(economics.price_year);
  for (std::size_t k = 0; k < economics.kinds.size(); ++k)
    builder.add_with_discount({What::cost, k, false,
                               "cost_" + economics.kinds[k].name,
                               "Cost: " + label_of(economics.kinds[k]), unit,
                               quantum_of_currency, -1});
  for (std::size_t p = 0; p < economics.perspectives.size(); ++p)
    builder.add_with_discount(
        {What::perspective_cost, p, false,
         "total_" + economics.perspectives[p].name,
         "Total cost: " + label_of(economics.perspectives[p]), unit,
         quantum_of_currency, -1});
  return std::move(builder).measures();
}

std::size_t find_measure(const std::vector<Measure>& measures, What what,
                         std::size_t index, bool discounted) {
  for (std::size_t m = 0; m < measures.size(); ++m)
    if (measures[m].what == what && measures[m].index == index &&
        measures[m].discounted == discounted)
      return m;
  return no_measure;
}

std::size_t find_measure(const std::vector<Measure>& measures,
                         const std::string& name) {
  for (std::size_t m = 0; m < measures.size(); ++m)
    if (measures[m].name == name) return m;
  return no_measure;
}

DecisionMeasures decision_measures(const Scenario& scenario,
                                   const std::vector<Measure>& measures) {
  DecisionMeasures decision;
  if (!scenario.economics) return decision;
  const Economics& economics = *scenario.economics;
  const bool discounted = economics.discount.form != DiscountForm::none;
  decision.effect = find_measure(measures, What::qalys, 0, discounted);
  for (std::size_t p = 0; p < economics.perspectives.size(); ++p)
    decision.costs.push_back(
        find_measure(measures, What::perspective_cost, p, discounted));
  return decision;
}

}  // namespace stardsim
