#include "sim/analysis/black_box.hpp"

#include "models/exact.hpp"
#include "models/law.hpp"
#include "sim/analysis/agreement.hpp"
#include "sim/analysis/rates.hpp"
#include "sim/core/account.hpp"
#include "sim/core/book.hpp"
#include "sim/core/life.hpp"

#include <boost/math/distributions/normal.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

namespace stardsim {
namespace {

using What = Measure::What;
using Sum = SignedWide;

// ---- what is found ----

/// Collects comparisons.
class Finder {
 public:
  explicit Finder(std::uint64_t patients) { found_.patients = patients; }

  void holds(bool does, const std::string& what) {
    ++found_.figures;
    if (!does && found_.inequality.empty()) found_.inequality = what;
    found_.is_exact = found_.is_exact && does;
  }
  void equal(const std::string& what, Sum is, Sum expected) {
    holds(is == expected,
          what + ": " + in_digits(is) + ", not " + in_digits(expected));
  }
  /// Within a tolerance for rounding.
  void near(const std::string& what, double is, double expected,
            double tolerance) {
    holds(
        std::abs(is - expected) <= tolerance,
        what + ": " + std::to_string(is) + ", not " + std::to_string(expected));
  }
  void lucky(const std::string& what, double is, double expected, double z) {
    ++found_.figures;
    ++found_.by_luck;
    if (!(std::abs(z) > std::abs(found_.z)) && !std::isnan(z)) return;
    found_.z = std::isnan(z) ? std::numeric_limits<double>::infinity() : z;
    found_.worst = what + ": " + std::to_string(is) + ", expected " +
                   std::to_string(expected);
  }
  void rate(const std::string& what, std::uint64_t events, std::uint64_t of,
            double expected) {
    if (of > 0)
      lucky(what, static_cast<double>(events) / static_cast<double>(of),
            expected, z_score(events, of, expected));
  }
  /// What could not be tested is no finding.
  std::optional<Finding> finding() const {
    if (found_.figures == 0) return {};
    return found_;
  }

 private:
  static std::string in_digits(Sum number) {
    if (number < 0) return "-" + in_digits(-number);
    const std::string last(1, static_cast<char>('0' + number % 10));
    return number < 10 ? last : in_digits(number / 10) + last;
  }

  Finding found_;
};

/// A scenario compiled and run.
struct Run {
  Law law;
  Tally tally;

  Run(const Bench& bench, const Scenario& scenario, std::uint64_t patients)
      : law(compile(scenario)) {
    RunOptions options;
    options.patients = patients;
    options.luck.seed = scenario.cohort.seed;
    tally = bench.simulate(law, options);
  }

  const std::vector<Measure>& measures() const { return law.accrual->measures; }
  std::size_t pathways() const { return law.pathways.size(); }
  Sum sum(std::size_t pathway, std::size_t measure) const {
    return tally.outcomes.sum[pathway * measures().size() + measure];
  }
  Sum sum(std::size_t pathway, What what, std::size_t index = 0,
          bool discounted = false) const {
    return sum(pathway, find_measure(measures(), what, index, discounted));
  }
  /// Over the patients, in the unit of the measure.
  double total(std::size_t pathway, What what, std::size_t index = 0,
               bool discounted = false) const {
    const std::size_t m = find_measure(measures(), what, index, discounted);
    return static_cast<double>(sum(pathway, m)) * measures()[m].quantum;
  }
};

std::string in_pathway(const Scenario& scenario, std::size_t p) {
  return "pathway " + scenario.pathways[p].name + ", ";
}
std::string in_step(const Scenario& scenario, std::size_t p, std::size_t s) {
  return in_pathway(scenario, p) + "step " + std::to_string(s + 1) + ", ";
}

// ---- changes ----

Evidence number(double value) { return {value, {}, {}, {}, {}}; }

template <class Change>
void for_each_arm(Scenario& scenario, const Change& change) {
  for (Step& step : scenario.steps)
    for (Arm& arm : step.arms) change(arm);
}

void set_horizon(Scenario& scenario, double weeks) {
  scenario.horizon_weeks = weeks;
  scenario.horizon = static_cast<std::uint32_t>(std::ceil(weeks));
}

double longest_pathway(const Scenario& scenario) {
  double longest = 0;
  for (const Pathway& pathway : scenario.pathways) {
    double weeks = 0;
    for (const std::size_t s : pathway.steps)
      weeks += scenario.steps[s].weeks.value;
    longest = std::max(longest, weeks);
  }
  return longest;
}

void set_death(Scenario& scenario, double yearly_probability, double ratio) {
  Mortality& mortality = *scenario.mortality;
  mortality.background = LifeTable{{yearly_probability}, {yearly_probability}};
  mortality.ratio_by_health.fill(number(ratio));
  mortality.resistant_ratio.clear();
  mortality.suicide = {};
  mortality.suicide_resistant.reset();
  for_each_arm(scenario,
               [](Arm& arm) { arm.economics.death_per_session.reset(); });
}

/// Patients to whom mortality can be added need an age; nobody dies of it.
void add_immortality(Scenario& scenario) {
  Covariate age;
  age.name = age.label = "age_of_check";
  age.form = EmpiricalCovariate{{40}, {}};
  scenario.cohort.covariates.push_back(age);
  Mortality mortality;
  mortality.age = scenario.cohort.covariates.size() - 1;
  scenario.mortality = mortality;
  set_death(scenario, 0, 1);
}

Cost paid(std::size_t kind, double amount, Per per, When when = {}) {
  Cost cost;
  cost.kind = kind;
  cost.amount = number(amount);
  cost.per = per;
  cost.when = std::move(when);
  return cost;
}

/// Economics without anything that costs.
void clear_economics(Scenario& scenario) {
  Economics economics;
  economics.currency = "USD";
  economics.price_year = 2020;
  economics.thresholds = {50'000};
  economics.utilities = Utilities{{number(0.5), number(0.65), number(0.8)}, {}};
  scenario.economics = economics;
  for_each_arm(scenario, [](Arm& arm) {
    const auto death = arm.economics.death_per_session;
    arm.economics = {};
    arm.economics.death_per_session = death;
  });
}

void add_kind(Economics& economics, const std::string& name) {
  economics.kinds.push_back({name, name, {}, {}});
  economics.perspectives = {{"all", "all", {}}};
  for (std::size_t k = 0; k < economics.kinds.size(); ++k)
    economics.perspectives[0].kinds.push_back(k);
}

/// As it is; made-up costs and utilities where it has none.
Scenario valued(Scenario scenario) {
  if (scenario.economics) return scenario;
  clear_economics(scenario);
  Economics& economics = *scenario.economics;
  add_kind(economics, "care");
  add_kind(economics, "treatment");
  economics.kinds[0].rates = {
      paid(0, 8000, Per::year, {{Health::no_response}, {}, {}}),
      paid(0, 3000, Per::year, {{Health::remission}, {}, {}})};
  for_each_arm(scenario, [](Arm& arm) {
    arm.economics.costs = {
        paid(1, 20, Per::week, {{}, {Phase::acute, Phase::follow_up}, {}})};
  });
  return scenario;
}

/// For checks of costs and effects: a scenario that has none is simplified, so
/// that what is checked is the course in vectors.
Scenario to_be_valued(const Scenario& scenario) {
  return scenario.economics ? scenario : simplified(scenario);
}

bool has_steps(const Scenario& scenario) {
  return longest_pathway(scenario) > 0;
}

// ---- exact twin ----

std::optional<Finding> against_twin(const Bench& bench,
                                    const Scenario& scenario,
                                    const Scenario& of_twin) {
  std::optional<Expectation> twin;
  try {
    twin = expect(compile(of_twin));
  } catch (const std::domain_error&) {
    return {};
  }
  const Run run(bench, scenario, bench.patients);
  Finder finder(bench.patients);
  for (const Agreement& one : compare(run.tally, *twin, &run.law))
    finder.lucky(in_pathway(scenario, one.pathway) + name_of(one.estimand) +
                     ", " + one.figure,
                 one.simulated, one.expected, one.z);
  return finder.finding();
}

std::optional<Finding> as_the_twin(const Bench& bench) {
  return against_twin(bench, bench.scenario, bench.scenario);
}

std::optional<Finding> simplified_as_the_twin(const Bench& bench) {
  Scenario scenario = simplified(bench.scenario);
  // Two of the pathways, since the twin takes its time; it knows none without a
  // step.
  std::vector<Pathway> pathways;
  for (const Pathway& pathway : scenario.pathways)
    if (!pathway.steps.empty()) pathways.push_back(pathway);
  if (pathways.empty()) return {};
  if (pathways.size() > 2) pathways = {pathways.front(), pathways.back()};
  scenario.pathways = pathways;
  scenario.reference = 0;
  Scenario of_twin = scenario;
  of_twin.mortality.reset();
  // Nor of costs and effects, which change nothing.
  of_twin.economics.reset();
  for_each_arm(of_twin, [](Arm& arm) { arm.economics = {}; });
  return against_twin(bench, scenario, of_twin);
}

// ---- rates as stated ----

std::optional<Finding> shares_as_stated(const Bench& bench) {
  const Scenario scenario = simplified(bench.scenario);
  const Run run(bench, scenario, bench.patients);
  Finder finder(bench.patients);
  for (std::size_t p = 0; p < run.pathways(); ++p)
    for (std::size_t s = 0; s < scenario.pathways[p].steps.size(); ++s) {
      const Step& step = scenario.steps[scenario.pathways[p].steps[s]];
      if (step.arms.size() == 1) continue;
      double all = 0;
      for (const Arm& arm : step.arms) all += arm.share.value;
      const auto& course = run.tally.pathways[p].course[1];
      for (std::size_t a = 0; a < step.arms.size(); ++a)
        finder.rate(in_step(scenario, p, s) + step.arms[a].name,
                    course.arms[s][a].entered, course.step(s).entered,
                    step.arms[a].share.value / all);
    }
  return finder.finding();
}

std::optional<Finding> outcomes_as_stated(const Bench& bench) {
  Scenario scenario = simplified(bench.scenario);
  // So that nobody is in a step at the horizon.
  for_each_arm(scenario, [](Arm& arm) { arm.follow_up_remitted = {}; });
  const Run run(bench, scenario, bench.patients);
  Finder finder(bench.patients);
  for (std::size_t p = 0; p < run.pathways(); ++p)
    for (std::size_t s = 0; s < scenario.pathways[p].steps.size(); ++s) {
      const Step& step = scenario.steps[scenario.pathways[p].steps[s]];
      const bool is_last = s + 1 == scenario.pathways[p].steps.size();
      for (std::size_t a = 0; a < step.arms.size(); ++a) {
        const Arm& arm = step.arms[a];
        const auto& flow = run.tally.pathways[p].course[1].arms[s][a];
        const std::string where = in_step(scenario, p, s) + arm.name + ": ";
        const auto value = [](const std::optional<Evidence>& stated) {
          return stated ? stated->value : 0;
        };
        finder.rate(where + "remission", flow.remission, flow.entered,
                    arm.remission.value);
        finder.rate(where + "partial response", flow.partial_response,
                    flow.entered, value(arm.partial_response));
        finder.rate(where + "intolerance", flow.intolerance, flow.entered,
                    value(arm.intolerance));
        if (arm.continue_if_not_remitted && !is_last)
          finder.rate(where + "left care", flow.left_care,
                      flow.entered - flow.remission,
                      1 - arm.continue_if_not_remitted->value);
      }
    }
  return finder.finding();
}

// Everybody remits in every step and relapses by a known law: after a second
// remission as after the first.
std::optional<Finding> relapse_as_stated(const Bench& bench) {
  constexpr double half_life = 26;
  Scenario scenario = simplified(bench.scenario);
  for_each_arm(scenario, [&](Arm& arm) {
    arm.remission = number(1);
    arm.partial_response.reset();
    arm.intolerance.reset();
    arm.follow_up_remitted = {};
    arm.follow_up_remitted.relapse =
        Survival{ByProbability{number(0.5), half_life}, false, {}, {}, {}};
  });
  set_horizon(scenario, longest_pathway(scenario) + 6 * half_life);
  const Run run(bench, scenario, bench.patients);
  Finder finder(bench.patients);
  for (std::size_t p = 0; p < run.pathways(); ++p) {
    const std::size_t steps =
        std::min<std::size_t>(3, scenario.pathways[p].steps.size());
    for (std::size_t s = 0; s < steps; ++s) {
      const auto seen = follow_up_of_step(run.tally.pathways[p].later, s, 0);
      const auto free = relapse_free(seen);
      for (const std::uint32_t week : {4u, 13u, 26u, 52u}) {
        const double expected = std::exp2(-(week / half_life));
        const auto [found, se] = free[week];
        finder.lucky(in_step(scenario, p, s) + "free of relapse for " +
                         std::to_string(week) + " weeks",
                     found, expected, (found - expected) / se);
      }
    }
  }
  return finder.finding();
}

std::optional<Finding> deaths_as_stated(const Bench& bench) {
  if (!bench.scenario.mortality) return {};
  constexpr double probability = 0.02, ratio = 3;
  Scenario scenario = bench.scenario;
  set_death(scenario, probability, ratio);
  const Run run(bench, scenario, bench.patients);
  Finder finder(bench.patients);
  const std::uint32_t last = static_cast<std::uint32_t>(
      scenario.horizon_weeks > 0 ? std::floor(scenario.horizon_weeks)
                                 : scenario.horizon);
  for (std::size_t p = 0; p < run.pathways(); ++p)
    for (const std::uint32_t week : {last / 4, last / 2, last}) {
      const auto& dead =
          run.tally.pathways[p]
              .later.occupancy[static_cast<std::size_t>(State::dead)];
      finder.rate(
          in_pathway(scenario, p) + "dead by week " + std::to_string(week),
          dead[week], run.tally.patients,
          1 - std::pow(1 - probability,
                       ratio * week / scenario.time.weeks_per_year));
    }
  return finder.finding();
}

// ---- counts ----

std::optional<Finding> everybody_is_counted_once(const Bench& bench) {
  const Run run(bench, bench.scenario, bench.few);
  Finder finder(bench.few);
  for (std::size_t p = 0; p < run.pathways(); ++p)
    for (const auto& course : run.tally.pathways[p].course)
      for (std::size_t s = 0; s < course.arms.size(); ++s) {
        const auto flow = course.step(s);
        const std::string where = in_step(bench.scenario, p, s);
        finder.equal(where + "entered", flow.entered,
                     flow.remission + flow.partial_response + flow.intolerance +
                         flow.no_response + flow.unfinished);
        finder.holds(flow.left_care + flow.follow_up + flow.gap <=
                         flow.entered - flow.remission,
                     where + "more left than were not in remission");
      }
  return finder.finding();
}

std::optional<Finding> occupancy_sums_to_one(const Bench& bench) {
  const Run run(bench, bench.scenario, bench.few);
  Finder finder(bench.few);
  for (std::size_t p = 0; p < run.pathways(); ++p)
    for (std::size_t w = 0; w <= run.law.horizon; ++w) {
      Sum all = 0;
      for (const auto& state : run.tally.pathways[p].later.occupancy)
        if (!state.empty()) all += state[w];
      finder.equal(in_pathway(bench.scenario, p) + "in any state in week " +
                       std::to_string(w),
                   all, run.tally.patients);
    }
  return finder.finding();
}

std::optional<Finding> curves_add_up(const Bench& bench) {
  const Run run(bench, bench.scenario, bench.few);
  Finder finder(bench.few);
  for (std::size_t p = 0; p < run.pathways(); ++p) {
    const PathwayTally& tally = run.tally.pathways[p];
    for (std::size_t e = 0; e < estimand_count; ++e) {
      const auto estimand = static_cast<Estimand>(e);
      Sum patients = 0;
      for (const std::uint64_t batch : tally.by_batch[e]) patients += batch;
      const auto curve = remitted_by_week(estimand, tally.course, tally.later);
      finder.equal(in_pathway(bench.scenario, p) + name_of(estimand) +
                       ", in remission at the end",
                   curve.back(), patients);
    }
  }
  return finder.finding();
}

// ---- reproducibility ----

std::optional<Finding> threads_do_not_matter(const Bench& bench) {
  const Law law = compile(bench.scenario);
  RunOptions options;
  // Several blocks of work.
  options.patients = std::max<std::uint64_t>(bench.few, 70'000);
  if (needs_plain_course(law))
    options.patients = std::min<std::uint64_t>(options.patients, 40'000);
  options.luck.seed = bench.scenario.cohort.seed;
  options.threads = 1;
  const Tally one = bench.simulate(law, options);
  options.threads = 2;
  Finder finder(options.patients);
  finder.holds(bench.simulate(law, options) == one, "two threads differ");
  return finder.finding();
}

std::optional<Finding> instruction_sets_do_not_matter(const Bench& bench) {
  const Law law = compile(bench.scenario);
  if (needs_plain_course(law)) return {};
  RunOptions options;
  options.patients = bench.few;
  options.luck.seed = bench.scenario.cohort.seed;
  const Tally fastest = bench.simulate(law, options);
  Finder finder(bench.few);
  for (const std::string& set : instruction_sets()) {
    options.instruction_set = set;
    finder.holds(bench.simulate(law, options) == fastest, set + " differs");
  }
  return finder.finding();
}

// Patients are simulated by tiles of some thousands: so many are several.
constexpr std::uint64_t several_tiles = 5'000;

// A cohort of n is the first n of a larger one.
std::optional<Finding> cohorts_begin_alike(const Bench& bench) {
  const Law law = compile(bench.scenario);
  const std::uint64_t patients = std::max(bench.few, several_tiles);
  RunOptions options;
  options.luck.seed = bench.scenario.cohort.seed;
  options.patients = patients;
  const Tally whole = bench.simulate(law, options);
  Finder finder(patients);
  for (const std::uint64_t first :
       {std::uint64_t{1}, patients / 3, patients / 2}) {
    options.first_patient = 0;
    options.patients = first;
    Tally parts = bench.simulate(law, options);
    options.first_patient = first;
    options.patients = patients - first;
    parts += bench.simulate(law, options);
    finder.holds(parts == whole, "the first " + std::to_string(first) +
                                     " and the rest are not "
                                     "the whole");
  }
  return finder.finding();
}

// Told one by one, each from nothing.
Tally told_one_by_one(const Law& law, Luck luck, std::uint64_t patients) {
  const Engine engine(law);
  Tally tally(law);
  const std::size_t measures = law.accrual ? law.accrual->measures.size() : 0;
  std::vector<std::int64_t> values(law.pathways.size() * measures);
  std::vector<const std::int64_t*> rows;
  rows.reserve(values.size());
  for (const std::int64_t& value : values) rows.push_back(&value);
  for (std::uint64_t i = 0; i < patients; ++i) {
    for (std::size_t p = 0; p < law.pathways.size(); ++p) {
      PathwayTally& counts = tally.pathways[p];
      const bool ever =
          count_life(engine, p, 0, live(engine, luck, i, p, true), counts);
      const Life life = live(engine, luck, i, p, false);
      count_life(engine, p, 1, life, counts);
      if (measures > 0)
        account(*law.accrual, law.pathways[p], life, ever,
                values.data() + p * measures);
    }
    if (measures > 0) tally.outcomes.add(i, 1, rows);
  }
  tally.patients = patients;
  return tally;
}

std::optional<Finding> as_told_one_by_one(const Bench& bench,
                                          const Scenario& scenario) {
  const std::uint64_t patients = several_tiles;
  const Run run(bench, scenario, patients);
  Luck luck;
  luck.seed = scenario.cohort.seed;
  const Tally told = told_one_by_one(run.law, luck, patients);
  Finder finder(patients);
  for (std::size_t p = 0; p < run.pathways(); ++p)
    finder.holds(told.pathways[p] == run.tally.pathways[p],
                 in_pathway(scenario, p) + "counts differ");
  finder.holds(told.outcomes == run.tally.outcomes, "costs or effects differ");
  return finder.finding();
}

std::optional<Finding> cohort_is_its_lives(const Bench& bench) {
  return as_told_one_by_one(bench, bench.scenario);
}

std::optional<Finding> valued_cohort_is_its_lives(const Bench& bench) {
  if (bench.scenario.economics) return {};
  return as_told_one_by_one(bench, valued(simplified(bench.scenario)));
}

// The vectors know neither deaths; so a scenario with deaths of which nobody
// dies is told plainly.
std::optional<Finding> plain_as_in_vectors(const Bench& bench) {
  if (bench.scenario.mortality) return {};
  Finder finder(bench.few);
  for (const Scenario& scenario :
       {bench.scenario, valued(simplified(bench.scenario))}) {
    const Run fast(bench, scenario, bench.few);
    if (needs_plain_course(fast.law)) continue;
    Scenario plain = scenario;
    add_immortality(plain);
    const Run slow(bench, plain, bench.few);
    for (std::size_t p = 0; p < fast.pathways(); ++p)
      finder.holds(fast.tally.pathways[p] == slow.tally.pathways[p],
                   in_pathway(scenario, p) + "counts differ");
    finder.holds(fast.tally.outcomes == slow.tally.outcomes,
                 "costs or effects differ");
  }
  return finder.finding();
}

// ---- extremes ----

std::optional<Finding> nobody_remits(const Bench& bench) {
  Scenario scenario = valued(bench.scenario);
  if (scenario.line_dependence == LineDependence::frailty)
    scenario = simplified(scenario);
  scenario.untreated.remission.reset();
  scenario.untreated.remits_in_gaps = false;
  for_each_arm(scenario, [](Arm& arm) {
    arm.remission = number(0);
    if (arm.first_line_remission) arm.first_line_remission = number(0);
    if (arm.extension) arm.extension->remission = number(0);
    arm.effects.remission.clear();
    arm.non_adherence_odds_ratio.reset();
    arm.low_dose_odds_ratio.reset();
  });
  const Run run(bench, scenario, bench.few);
  Finder finder(bench.few);
  for (std::size_t p = 0; p < run.pathways(); ++p) {
    for (std::size_t c = 0; c < course_count; ++c)
      for (std::size_t s = 0; s < scenario.pathways[p].steps.size(); ++s)
        finder.equal(in_step(scenario, p, s) + "remission",
                     run.tally.pathways[p].course[c].step(s).remission, 0);
    for (const What what : {What::remission_if_all_continue, What::remissions,
                            What::weeks_in_remission})
      finder.equal(in_pathway(scenario, p) + "remissions", run.sum(p, what), 0);
  }
  return finder.finding();
}

// With certain remission that lasts there is no second line.
std::optional<Finding> everybody_remits(const Bench& bench) {
  if (!has_steps(bench.scenario)) return {};
  Scenario scenario = simplified(bench.scenario);
  for_each_arm(scenario, [](Arm& arm) {
    arm.remission = number(1);
    arm.partial_response.reset();
    arm.intolerance.reset();
    arm.follow_up_remitted = {};
  });
  const Run run(bench, scenario, bench.few);
  Finder finder(bench.few);
  for (std::size_t p = 0; p < run.pathways(); ++p)
    for (std::size_t c = 0; c < course_count; ++c)
      for (std::size_t s = 0; s < scenario.pathways[p].steps.size(); ++s) {
        const auto flow = run.tally.pathways[p].course[c].step(s);
        const std::string where = in_step(scenario, p, s);
        finder.equal(where + "entered", flow.entered, s == 0 ? bench.few : 0);
        finder.equal(where + "remission", flow.remission,
                     s == 0 ? bench.few : 0);
      }
  return finder.finding();
}

// With neither there is no other way than through every step.
std::optional<Finding> every_step_is_taken(const Bench& bench) {
  Scenario scenario = simplified(bench.scenario);
  for_each_arm(scenario, [](Arm& arm) {
    arm.remission = number(0);
    arm.continue_if_not_remitted.reset();
  });
  const Run run(bench, scenario, bench.few);
  Finder finder(bench.few);
  for (std::size_t p = 0; p < run.pathways(); ++p)
    for (const auto& course : run.tally.pathways[p].course)
      for (std::size_t s = 0; s < course.arms.size(); ++s)
        finder.equal(in_step(scenario, p, s) + "entered",
                     course.step(s).entered, bench.few);
  return finder.finding();
}

// How many times as high the rates of remission are made, as far as they can
// be: of those stated, the least raised.
double raise_remission(Arm& arm) {
  const double rest =
      arm.competing ? 0
                    : (arm.partial_response ? arm.partial_response->value : 0) +
                          (arm.intolerance ? arm.intolerance->value : 0);
  const auto raise = [&](Evidence& rate) {
    const double before = rate.value;
    rate.value = std::min(before * 1.2, std::max(before, 1 - rest));
    return before > 0 ? rate.value / before : 1;
  };
  const double by = raise(arm.remission);
  return arm.first_line_remission
             ? std::min(by, raise(*arm.first_line_remission))
             : by;
}

// How many more are to be in remission ever, by the raise of one step alone:
// those who remit the more there, so far as they would not later. `raised`: by
// arm of each step of the first pathway.
double expected_gain(const Run& run,
                     const std::vector<std::vector<double>>& raised) {
  const auto& course = run.tally.pathways[0].course[0];
  const double never =
      static_cast<double>(run.tally.patients) -
      static_cast<double>(run.sum(0, What::remission_if_all_continue));
  double most = 0;
  for (std::size_t s = 0; s < raised.size(); ++s) {
    double more = 0;
    for (std::size_t a = 0; a < raised[s].size(); ++a)
      more +=
          static_cast<double>(course.arms[s][a].remission) * (raised[s][a] - 1);
    const auto all = course.step(s);
    const auto failed = static_cast<double>(all.entered - all.remission);
    if (failed > 0)
      most = std::max(most,
                      std::min(more, failed) * std::min(1.0, never / failed));
  }
  return most;
}

// Two pathways, one with higher rates: patient by patient, since the number who
// remit on both is counted. Where rates cannot rise nobody need gain.
std::optional<Finding> better_treatment_harms_nobody(const Bench& bench) {
  // By luck alone nobody gains once in e^25 seeds.
  constexpr double clear_gain = 25;
  if (!has_steps(bench.scenario)) return {};
  // Where outcomes compete or patients die, who would not have responded at all
  // may be kept in a partial response until it is too late: only simplified can
  // nobody lose.
  Scenario scenario = simplified(valued(bench.scenario));
  const auto longest =
      std::max_element(scenario.pathways.begin(), scenario.pathways.end(),
                       [](const Pathway& a, const Pathway& b) {
                         return a.steps.size() < b.steps.size();
                       });
  Pathway better = *longest;
  scenario.pathways = {*longest};
  scenario.reference = 0;
  better.name += "_better";
  std::vector<std::vector<double>> raised;
  for (std::size_t& s : better.steps) {
    Step step = scenario.steps[s];
    raised.emplace_back();
    for (Arm& arm : step.arms) raised.back().push_back(raise_remission(arm));
    s = scenario.steps.size();
    scenario.steps.push_back(step);
  }
  scenario.pathways.push_back(better);
  const Run run(bench, scenario, bench.few);
  Finder finder(bench.few);
  const std::size_t measure =
      find_measure(run.measures(), What::remission_if_all_continue);
  const Outcomes& outcomes = run.tally.outcomes;
  const Sum both =
      outcomes.product[measure * outcomes.pairs() + Outcomes::pair(0, 1)];
  finder.equal("in remission with the better treatments too", both,
               run.sum(0, measure));
  if (expected_gain(run, raised) >= clear_gain)
    finder.holds(run.sum(1, measure) > run.sum(0, measure),
                 "better treatments gain nothing");
  return finder.finding();
}

std::optional<Finding> equal_pathways_differ_in_nobody(const Bench& bench) {
  Scenario scenario = valued(bench.scenario);
  Pathway again = scenario.pathways.back();
  again.name += "_again";
  scenario.pathways = {scenario.pathways.back(), again};
  scenario.reference = 0;
  const Run run(bench, scenario, bench.few);
  Finder finder(bench.few);
  const Outcomes& outcomes = run.tally.outcomes;
  for (std::size_t m = 0; m < outcomes.measures; ++m) {
    const std::string& name = run.measures()[m].name;
    finder.equal(name, run.sum(1, m), run.sum(0, m));
    finder.equal(
        name + ", patients who differ",
        outcomes.differing[m * outcomes.pairs() + Outcomes::pair(0, 1)], 0);
  }
  finder.holds(run.tally.pathways[0] == run.tally.pathways[1], "counts differ");
  return finder.finding();
}

std::optional<Finding> without_leaving_both_courses_are_one(
    const Bench& bench) {
  Scenario scenario = bench.scenario;
  for_each_arm(scenario, [](Arm& arm) {
    arm.access.reset();
    arm.acceptance.reset();
    for (auto* next :
         {&arm.continue_if_not_remitted, &arm.continue_if_partial_response,
          &arm.continue_if_intolerant, &arm.follow_up_if_not_remitted,
          &arm.gap_if_not_remitted})
      next->reset();
    arm.effects.attrition.clear();
    FollowUp& remitted = arm.follow_up_remitted;
    remitted.next_step = number(1);
    remitted.same_step = remitted.gap = number(0);
  });
  const Run run(bench, scenario, bench.few);
  Finder finder(bench.few);
  for (std::size_t p = 0; p < run.pathways(); ++p) {
    const PathwayTally& tally = run.tally.pathways[p];
    const auto& [all, observed] = tally.course;
    for (std::size_t w = 0; w < all.remission_by_week.size(); ++w)
      finder.equal(in_pathway(scenario, p) + "first remissions in week " +
                       std::to_string(w),
                   observed.remission_by_week[w], all.remission_by_week[w]);
    finder.holds(tally.by_batch[0] == tally.by_batch[1],
                 in_pathway(scenario, p) + "batches differ");
  }
  return finder.finding();
}

std::optional<Finding> share_one_is_all(const Bench& bench) {
  Scenario scenario = simplified(bench.scenario);
  for (Step& step : scenario.steps)
    for (Arm& arm : step.arms)
      arm.share = number(&arm == &step.arms.back() ? 1 : 0);
  const Run run(bench, scenario, bench.few);
  Finder finder(bench.few);
  for (std::size_t p = 0; p < run.pathways(); ++p)
    for (const auto& course : run.tally.pathways[p].course)
      for (std::size_t s = 0; s < course.arms.size(); ++s) {
        if (course.arms[s].size() == 1) continue;
        for (std::size_t a = 0; a < course.arms[s].size(); ++a)
          finder.equal(
              in_step(scenario, p, s) + "arm " + std::to_string(a + 1) +
                  ", entered",
              course.arms[s][a].entered,
              a + 1 == course.arms[s].size() ? course.step(s).entered : 0);
      }
  return finder.finding();
}

// ---- time and death ----

std::optional<Finding> time_ends_at_the_horizon(const Bench& bench) {
  Scenario scenario = valued(to_be_valued(bench.scenario));
  if (scenario.mortality) set_death(scenario, 0, 1);
  const Run run(bench, scenario, bench.few);
  Finder finder(bench.few);
  for (std::size_t p = 0; p < run.pathways(); ++p) {
    finder.equal(in_pathway(scenario, p) + "ticks in any health",
                 run.sum(p, What::weeks_in_no_response) +
                     run.sum(p, What::weeks_in_partial_response) +
                     run.sum(p, What::weeks_in_remission),
                 Sum{bench.few} * run.law.horizon_ticks);
    if (scenario.mortality)
      finder.equal(in_pathway(scenario, p) + "died", run.sum(p, What::died), 0);
  }
  return finder.finding();
}

std::optional<Finding> the_dead_cost_nothing(const Bench& bench) {
  if (!bench.scenario.mortality) return {};
  Scenario scenario = bench.scenario;
  clear_economics(scenario);
  add_kind(*scenario.economics, "alive");
  scenario.economics->weekly = false;
  scenario.economics->kinds[0].rates = {paid(0, 1000, Per::year)};
  // Beyond what a life table can say.
  set_death(scenario, 1, 1e6);
  const Run run(bench, scenario, bench.few);
  Finder finder(bench.few);
  const auto n = static_cast<double>(bench.few);
  for (std::size_t p = 0; p < run.pathways(); ++p) {
    const std::string where = in_pathway(scenario, p);
    finder.equal(where + "died", run.sum(p, What::died), Sum{bench.few});
    // Everybody dies within two ticks; a quantum more for rounding.
    const double years = 2 / (scenario.time.weeks_per_year * ticks_per_week);
    finder.near(where + "life-years", run.total(p, What::life_years), 0,
                n * (years + 0x1p-20));
    finder.near(where + "costs", run.total(p, What::cost), 0,
                n * (1000 * years + 0x1p-8));
  }
  return finder.finding();
}

// ---- costs and effects ----

std::optional<Finding> full_health_is_life(const Bench& bench) {
  Scenario scenario = valued(to_be_valued(bench.scenario));
  if (!scenario.economics->utilities) return {};
  Utilities& utilities = *scenario.economics->utilities;
  utilities.by_health.fill(number(1));
  utilities.resistant.reset();
  for (AdverseEvent& event : scenario.economics->adverse_events)
    event.qaly_loss = number(0);
  for_each_arm(scenario,
               [](Arm& arm) { arm.economics.utility_decrement.reset(); });
  const bool discounts =
      scenario.economics->discount.form != DiscountForm::none;
  const Run run(bench, scenario, bench.few);
  Finder finder(bench.few);
  for (std::size_t p = 0; p < run.pathways(); ++p) {
    const std::string where = in_pathway(scenario, p) + "QALYs";
    finder.equal(where, run.sum(p, What::qalys), run.sum(p, What::life_years));
    if (discounts)
      finder.equal(where + ", discounted", run.sum(p, What::qalys, 0, true),
                   run.sum(p, What::life_years, 0, true));
  }
  return finder.finding();
}

std::optional<Finding> nothing_costs_nothing(const Bench& bench) {
  Scenario scenario = valued(to_be_valued(bench.scenario));
  const auto set_free = [](std::vector<Cost>& costs) {
    for (Cost& cost : costs) cost.amount = number(0);
  };
  for (CostKind& kind : scenario.economics->kinds) {
    set_free(kind.rates);
    for (EventCost& event : kind.events) event.amount = number(0);
  }
  for (AdverseEvent& event : scenario.economics->adverse_events)
    set_free(event.costs);
  for_each_arm(scenario, [&](Arm& arm) { set_free(arm.economics.costs); });
  const Run run(bench, scenario, bench.few);
  Finder finder(bench.few);
  for (std::size_t p = 0; p < run.pathways(); ++p)
    for (std::size_t m = 0; m < run.measures().size(); ++m)
      if (run.measures()[m].what == What::cost ||
          run.measures()[m].what == What::perspective_cost)
        finder.equal(in_pathway(scenario, p) + run.measures()[m].name,
                     run.sum(p, m), 0);
  return finder.finding();
}

std::optional<Finding> perspectives_add_up(const Bench& bench) {
  const Scenario scenario = valued(to_be_valued(bench.scenario));
  const Run run(bench, scenario, bench.few);
  Finder finder(bench.few);
  for (std::size_t p = 0; p < run.pathways(); ++p)
    for (std::size_t m = 0; m < run.measures().size(); ++m) {
      const Measure& measure = run.measures()[m];
      if (measure.what != What::perspective_cost) continue;
      Sum kinds = 0;
      for (const std::size_t k :
           scenario.economics->perspectives[measure.index].kinds)
        kinds += run.sum(p, What::cost, k, measure.discounted);
      finder.equal(in_pathway(scenario, p) + measure.name, run.sum(p, m),
                   kinds);
    }
  return finder.finding();
}

// No cost and no effect is below 0.
void set_positive(Scenario& scenario) {
  Economics& economics = *scenario.economics;
  const auto set_costs = [](std::vector<Cost>& costs) {
    for (Cost& cost : costs) cost.amount.value = std::abs(cost.amount.value);
  };
  const auto set_utilities = [](std::array<Evidence, health_count>& values) {
    for (Evidence& utility : values)
      utility.value = std::max(0.0, utility.value);
  };
  for (CostKind& kind : economics.kinds) {
    set_costs(kind.rates);
    for (EventCost& event : kind.events)
      event.amount.value = std::abs(event.amount.value);
  }
  for (AdverseEvent& event : economics.adverse_events) {
    event.qaly_loss = number(0);
    set_costs(event.costs);
  }
  if (economics.utilities) {
    set_utilities(economics.utilities->by_health);
    if (economics.utilities->resistant)
      set_utilities(*economics.utilities->resistant);
  }
  for_each_arm(scenario, [&](Arm& arm) {
    set_costs(arm.economics.costs);
    arm.economics.utility_decrement.reset();
  });
}

// What is paid at time 0 alone stays as it is; life-years beyond a week do not.
std::optional<Finding> discount_lowers(const Bench& bench) {
  // Of a sum, for the rounding of DiscountedTime in short stretches.
  constexpr double rounding = 1e-4;
  Scenario scenario = valued(to_be_valued(bench.scenario));
  set_positive(scenario);
  Discount& discount = scenario.economics->discount;
  discount.form = DiscountForm::continuous;
  Finder finder(bench.few);
  std::vector<Sum> before;
  for (const double rate : {0.0, 0.015, 0.03, 0.05}) {
    discount.costs = discount.effects = number(rate);
    const Run run(bench, scenario, bench.few);
    const bool is_long = to_weeks(run.law.horizon_ticks) > 1;
    std::vector<Sum> now;
    for (std::size_t p = 0; p < run.pathways(); ++p)
      for (const Measure& measure : run.measures()) {
        if (!measure.discounted) continue;
        const std::string what = in_pathway(scenario, p) + measure.name +
                                 " at " + std::to_string(rate);
        const Sum one = run.sum(p, measure.what, measure.index, true);
        if (rate == 0)
          finder.equal(what, one, run.sum(p, measure.what, measure.index));
        else if (const Sum last = before[now.size()];
                 measure.what == What::life_years && is_long && last > 0)
          finder.holds(one < last, what + " is not lower");
        else
          finder.holds(static_cast<double>(one) <=
                           static_cast<double>(last) * (1 + rounding),
                       what + " is higher");
        now.push_back(one);
      }
    before = now;
  }
  return finder.finding();
}

// What 1 a year from now to `years` is worth.
double present_value(DiscountForm form, double rate, double years) {
  if (form == DiscountForm::continuous)
    return (1 - std::pow(1 + rate, -years)) / std::log1p(rate);
  double sum = 0;
  for (double year = 0; year < years; ++year)
    sum += std::min(1.0, years - year) * std::pow(1 + rate, -year);
  return sum;
}

// A cost of 1,000 a year to the horizon, whatever happens; and being alive.
std::optional<Finding> discount_by_hand(const Bench& bench) {
  constexpr double amount = 1000, of_costs = 0.03, of_effects = 0.015;
  Scenario scenario = to_be_valued(bench.scenario);
  if (scenario.mortality) set_death(scenario, 0, 1);
  clear_economics(scenario);
  add_kind(*scenario.economics, "always");
  Economics& economics = *scenario.economics;
  economics.kinds[0].rates = {paid(0, amount, Per::year)};
  economics.discount.costs = number(of_costs);
  economics.discount.effects = number(of_effects);
  Finder finder(bench.few);
  for (const auto form : {DiscountForm::continuous, DiscountForm::by_year}) {
    economics.discount.form = form;
    const Run run(bench, scenario, bench.few);
    const double years =
        to_weeks(run.law.horizon_ticks) / scenario.time.weeks_per_year;
    const auto n = static_cast<double>(bench.few);
    for (std::size_t p = 0; p < run.pathways(); ++p) {
      const std::string where = in_pathway(scenario, p) + name_of(form) + ": ";
      // Errors of DiscountedTime, and a quantum for rounding.
      finder.near(where + "cost of 1,000 a year, discounted",
                  run.total(p, What::cost, 0, true) / n,
                  amount * present_value(form, of_costs, years),
                  amount * 4e-6 + 0x1p-8);
      finder.near(where + "life-years, discounted",
                  run.total(p, What::life_years, 0, true) / n,
                  present_value(form, of_effects, years), 4e-6 + 0x1p-20);
    }
  }
  return finder.finding();
}

// A tick of each health, and of treatment, costs 1; so do things that befall a
// patient.
std::optional<Finding> costs_are_what_was_used(const Bench& bench) {
  const bool plainly = bench.scenario.economics.has_value();
  Scenario scenario = to_be_valued(bench.scenario);
  clear_economics(scenario);
  Economics& economics = *scenario.economics;
  economics.discount.form = DiscountForm::none;
  struct Kind {
    const char* name;
    What amount;
  };
  std::vector<Kind> kinds{{"no_response", What::weeks_in_no_response},
                          {"partial_response", What::weeks_in_partial_response},
                          {"remission", What::weeks_in_remission},
                          {"treatment", What::weeks_on_treatment}};
  if (plainly)
    kinds.insert(kinds.end(), {{"start", What::lines},
                               {"relapse", What::relapses},
                               {"remitting", What::remissions},
                               {"failure", What::failures},
                               {"death", What::died}});
  for (const Kind& kind : kinds) add_kind(economics, kind.name);
  const std::size_t start = 4;
  for (const Health health :
       {Health::no_response, Health::partial_response, Health::remission}) {
    const auto k = static_cast<std::size_t>(health);
    economics.kinds[k].rates = {
        paid(k, ticks_per_week, Per::week, {{health}, {}, {}})};
  }
  if (plainly) {
    std::size_t k = start;
    for (const CostlyEvent event :
         {CostlyEvent::relapse, CostlyEvent::remission, CostlyEvent::failure,
          CostlyEvent::death}) {
      ++k;
      economics.kinds[k].events = {{k, event, number(1)}};
    }
  }
  for_each_arm(scenario, [&](Arm& arm) {
    arm.economics.costs = {
        paid(3, ticks_per_week, Per::week,
             {{}, {Phase::acute, Phase::extension, Phase::follow_up}, {}})};
    if (plainly) arm.economics.costs.push_back(paid(start, 1, Per::start));
  });
  const Run run(bench, scenario, bench.few);
  Finder finder(bench.few);
  for (std::size_t p = 0; p < run.pathways(); ++p)
    for (std::size_t k = 0; k < kinds.size(); ++k)
      finder.equal(in_pathway(scenario, p) + kinds[k].name,
                   run.sum(p, What::cost, k),
                   run.sum(p, kinds[k].amount) * 256);
  return finder.finding();
}

std::optional<Finding> qalys_are_utility_times_time(const Bench& bench) {
  Scenario scenario = to_be_valued(bench.scenario);
  clear_economics(scenario);
  const Run run(bench, scenario, bench.few);
  Finder finder(bench.few);
  const auto& utility = scenario.economics->utilities->by_health;
  const auto n = static_cast<double>(bench.few);
  for (std::size_t p = 0; p < run.pathways(); ++p) {
    const double weeks =
        utility[0].value * run.total(p, What::weeks_in_no_response) +
        utility[1].value * run.total(p, What::weeks_in_partial_response) +
        utility[2].value * run.total(p, What::weeks_in_remission);
    finder.near(in_pathway(scenario, p) + "QALYs of all",
                run.total(p, What::qalys), weeks / scenario.time.weeks_per_year,
                n * 0x1p-20);
  }
  return finder.finding();
}

}  // namespace

Scenario simplified(Scenario scenario) {
  scenario.line_dependence = LineDependence::as_observed;
  scenario.line_ratios.clear();
  scenario.line_ratio_if_class_repeats.clear();
  for (Covariate& covariate : scenario.cohort.covariates)
    if (auto* propensity = std::get_if<Propensity>(&covariate.form))
      propensity->spread = number(0);
  scenario.untreated = {};
  scenario.staging.reset();
  scenario.subgroups.clear();
  // Whole weeks: the exact twin knows no others.
  set_horizon(scenario,
              std::max<double>(scenario.horizon,
                               std::ceil(longest_pathway(scenario)) + 52));
  for (Step& step : scenario.steps) {
    step.choice = Choice::by_share;
    step.wait.reset();
    for (Arm& arm : step.arms) {
      const Arm stated = std::move(arm);
      arm = {};
      arm.name = stated.name;
      arm.label = stated.label;
      arm.treatment = stated.treatment;
      arm.strategy = stated.strategy;
      arm.share = stated.share;
      arm.remission = stated.first_line_remission.value_or(stated.remission);
      arm.remission_time = stated.remission_time;
      const auto rest = [&](const std::optional<Evidence>& rate,
                            double taken) -> std::optional<Evidence> {
        if (!rate) return {};
        return number(std::min(rate->value, 1 - taken));
      };
      arm.partial_response = rest(stated.partial_response, arm.remission.value);
      arm.intolerance =
          rest(stated.intolerance,
               arm.remission.value +
                   (arm.partial_response ? arm.partial_response->value : 0));
      arm.sessions_per_week = stated.sessions_per_week;
      arm.continue_if_not_remitted = stated.continue_if_not_remitted;
      arm.follow_up_remitted.relapse = stated.follow_up_remitted.relapse;
      arm.follow_up_remitted.drop_out = stated.follow_up_remitted.drop_out;
      arm.economics = stated.economics;
    }
    // A step whose arms all have share 0 has no arm by share.
    if (std::all_of(step.arms.begin(), step.arms.end(),
                    [](const Arm& arm) { return arm.share.value == 0; }))
      for (Arm& arm : step.arms) arm.share = number(1);
  }
  if (scenario.mortality) set_death(scenario, 0, 1);
  return scenario;
}

std::vector<std::string> taken_out_of(const Scenario& scenario) {
  const auto any_arm = [&](const auto& has) {
    for (const Step& step : scenario.steps)
      if (std::any_of(step.arms.begin(), step.arms.end(), has)) return true;
    return false;
  };
  const auto& covariates = scenario.cohort.covariates;
  const Untreated& untreated = scenario.untreated;
  std::vector<std::string> out;
  const auto add = [&](bool has, const char* what) {
    if (has) out.emplace_back(what);
  };
  add(scenario.line_dependence == LineDependence::ratios, "ratios by line");
  add(scenario.line_dependence == LineDependence::frailty ||
          std::any_of(covariates.begin(), covariates.end(),
                      [](const Covariate& covariate) {
                        const auto* propensity =
                            std::get_if<Propensity>(&covariate.form);
                        return propensity && propensity->spread.value > 0;
                      }),
      "frailty");
  add(any_arm([](const Arm& arm) {
        const Effects& e = arm.effects;
        return !(e.remission.empty() && e.partial_response.empty() &&
                 e.intolerance.empty() && e.attrition.empty() &&
                 e.adherence.empty() && e.relapse.empty());
      }),
      "effects of covariates");
  add(any_arm([](const Arm& arm) { return !arm.eligible.empty(); }),
      "eligibility");
  add(any_arm([](const Arm& arm) { return arm.access || arm.acceptance; }),
      "access and acceptance");
  add(any_arm([](const Arm& arm) { return arm.adherence.has_value(); }),
      "adherence");
  add(any_arm([](const Arm& arm) { return arm.dose_adequacy.has_value(); }),
      "doses");
  add(any_arm([](const Arm& arm) { return arm.competing; }),
      "competing outcomes");
  add(any_arm([](const Arm& arm) { return arm.remission_ratio.has_value(); }),
      "ratios of remission");
  add(any_arm([](const Arm& arm) { return arm.extension.has_value(); }),
      "extensions");
  add(std::any_of(scenario.steps.begin(), scenario.steps.end(),
                  [](const Step& step) { return step.wait.has_value(); }),
      "waits");
  add(any_arm([](const Arm& arm) {
        return arm.gap_if_not_remitted || arm.follow_up_remitted.gap.value > 0;
      }),
      "gaps");
  add(any_arm([](const Arm& arm) {
        return arm.continue_if_partial_response || arm.continue_if_intolerant;
      }),
      "leaving by outcome");
  add(any_arm([](const Arm& arm) {
        return arm.follow_up_if_not_remitted.has_value();
      }),
      "follow-up without remission");
  add(any_arm([](const Arm& arm) {
        const FollowUp& remitted = arm.follow_up_remitted;
        return arm.follow_up_if_remitted || arm.follow_up_from_end_of_step ||
               remitted.early_hazard_ratio || remitted.stop ||
               remitted.next_step.value < 1 || remitted.same_step.value > 0;
      }),
      "changes of relapse and what follows it");
  add(untreated.remission || untreated.relapse, "spontaneous remission");
  add(!scenario.subgroups.empty(), "subgroups");
  add(scenario.mortality.has_value(), "stated hazards of death");
  return out;
}

double bound_for(std::size_t figures, double false_alarm) {
  const double tail =
      false_alarm /
      (2 * static_cast<double>(std::max<std::size_t>(figures, 1)));
  return boost::math::quantile(
      boost::math::complement(boost::math::normal(), tail));
}

const std::vector<BlackBoxCheck>& black_box_checks() {
  static const std::vector<BlackBoxCheck> checks{
      {"Exact twin", "as the exact twin", as_the_twin},
      {"Exact twin", "simplified, as its exact twin", simplified_as_the_twin},
      {"Rates", "arms by their stated shares", shares_as_stated},
      {"Rates", "outcomes and leaving at stated rates", outcomes_as_stated},
      {"Rates", "relapse by its law, again and again", relapse_as_stated},
      {"Rates", "death at its hazard times its ratio", deaths_as_stated},
      {"Counts", "entered is the sum of outcomes", everybody_is_counted_once},
      {"Counts", "occupancy sums to 1 in every week", occupancy_sums_to_one},
      {"Counts", "curves end with those in remission", curves_add_up},
      {"Reproducibility", "one thread as two", threads_do_not_matter},
      {"Reproducibility", "every instruction set alike",
       instruction_sets_do_not_matter},
      {"Reproducibility", "n patients are the first of more",
       cohorts_begin_alike},
      {"Reproducibility", "a cohort is its single lives", cohort_is_its_lives},
      {"Reproducibility", "simplified, with costs: the same",
       valued_cohort_is_its_lives},
      {"Reproducibility", "told plainly as in vectors", plain_as_in_vectors},
      {"Extremes", "remission 0: nobody remits", nobody_remits},
      {"Extremes", "remission 1: all at line 1", everybody_remits},
      {"Extremes", "no remission, no leaving: all steps", every_step_is_taken},
      {"Extremes", "better treatment harms nobody",
       better_treatment_harms_nobody},
      {"Extremes", "equal pathways: differences 0",
       equal_pathways_differ_in_nobody},
      {"Extremes", "nobody leaves: observed is all",
       without_leaving_both_courses_are_one},
      {"Extremes", "shares 0 and 1: none and all", share_one_is_all},
      {"Extremes", "nothing after the horizon", time_ends_at_the_horizon},
      {"Extremes", "death at once: nothing after", the_dead_cost_nothing},
      {"Costs and effects", "utilities 1: QALYs are life-years",
       full_health_is_life},
      {"Costs and effects", "QALYs are utility times time",
       qalys_are_utility_times_time},
      {"Costs and effects", "costs 0: nothing is paid", nothing_costs_nothing},
      {"Costs and effects", "costs are price times use",
       costs_are_what_was_used},
      {"Costs and effects", "perspectives add up", perspectives_add_up},
      {"Costs and effects", "a higher discount lowers", discount_lowers},
      {"Costs and effects", "a discounted stream by hand", discount_by_hand}};
  return checks;
}

}  // namespace stardsim
