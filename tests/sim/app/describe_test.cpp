#include "sim/app/describe.hpp"

#include <catch2/catch.hpp>

#include <limits>
#include <string>

using namespace stardsim;

namespace {

Evidence plain(double value) {
  Evidence evidence;
  evidence.value = value;
  return evidence;
}

Arm arm_named(const std::string& name, double remission) {
  Arm arm;
  arm.name = arm.label = name;
  arm.remission = plain(remission);
  return arm;
}

Step step_named(const std::string& name, const std::vector<Arm>& arms) {
  Step step;
  step.name = step.label = name;
  step.weeks = plain(14);
  step.arms = arms;
  return step;
}

/// Text without line breaks and indents.
std::string flat(const std::string& text) {
  std::string words;
  for (const char c : text) {
    const char word = c == '\n' ? ' ' : c;
    if (word != ' ' || (!words.empty() && words.back() != ' ')) words += word;
  }
  return words;
}

bool says(const Scenario& scenario, const std::string& part) {
  const std::string text = flat(description(scenario));
  INFO(text);
  return text.find(part) != std::string::npos;
}

Scenario two_steps() {
  Scenario scenario;
  scenario.title = "Two";
  scenario.horizon = 104;
  scenario.steps = {
      step_named("first", {arm_named("drug", 0.368)}),
      step_named("second", {arm_named("ect", 0.48), arm_named("talk", 0.25)})};
  scenario.pathways = {{"usual", "Usual", {0, 1}}};
  return scenario;
}

Covariate covariate(const std::string& name,
                    decltype(Covariate::form) form = BernoulliCovariate{}) {
  Covariate made;
  made.name = name;
  made.form = std::move(form);
  return made;
}

}  // namespace

TEST_CASE("Each assumption on lines is said with what follows from it",
          "[app]") {
  Scenario scenario = two_steps();
  CHECK(says(scenario,
             "Line dependence, as_observed: the rates written on an "
             "arm hold at whatever line it is used. Moving a "
             "treatment earlier changes its place, not its effect."));
  scenario.line_dependence = LineDependence::ratios;
  scenario.line_ratios = {plain(1), plain(0.93)};
  scenario.steps[0].arms[0].first_line_remission = plain(0.4);
  CHECK(
      says(scenario, "a ratio by line: 1 at line 1, 0.93 at line 2 and later"));
  CHECK(says(scenario, "40 % as a first treatment remit"));
  scenario.line_dependence = LineDependence::frailty;
  scenario.steps[1].arms[0].anchor = 3;
  CHECK(says(scenario, "the loss from line to line is read as selection"));
  CHECK(says(scenario, "earlier meets less resistant patients"));
  CHECK(says(scenario,
             "48 % of those who stand at line 3 of the reference "
             "pathway remit"));
}

TEST_CASE("The cohort is told with its distributions and effects", "[app]") {
  Scenario scenario = two_steps();
  Covariate age = covariate("age", NormalCovariate{plain(40.8), plain(13)});
  age.unit = "years";
  age.low = 18;
  age.high = 75;
  age.centre = 40.8;
  scenario.cohort.covariates = {
      age, covariate("anxious", BernoulliCovariate{plain(0.53)}),
      covariate("race", CategoricalCovariate{{"white", "black"},
                                             {plain(3), plain(1)}})};
  scenario.cohort.correlations = {{0, 1, plain(0.1)}};
  for (Step& step : scenario.steps)
    for (Arm& arm : step.arms) arm.effects.remission = {{1, {}, plain(0.6), 1}};
  scenario.steps[0].arms[0].effects.relapse = {{0, {}, plain(1.2), 10},
                                               {2, 1, plain(1.5), 1}};
  CHECK(says(scenario,
             "age: normal, mean 40.8 years, standard deviation 13, "
             "kept within 18 to 75"));
  CHECK(says(scenario, "anxious: true of 53 %"));
  CHECK(says(scenario, "race: white 75 % and black 25 %"));
  CHECK(says(scenario, "age with anxious 0.1"));
  CHECK(says(scenario, "Odds ratios of remission anxious: 0.6 Hazard"));
  CHECK(says(scenario, "age, per 10 years above 40.8: 1.2 (first)"));
  CHECK(says(scenario, "race black: 1.5 (first)"));
  CHECK(says(scenario, "Intercepts solved"));
  scenario.solve_intercepts = false;
  CHECK(says(scenario, "Intercepts as given"));
}

TEST_CASE("Who may have an arm, gets it and takes it is told in words",
          "[app]") {
  Scenario scenario = two_steps();
  scenario.cohort.covariates = {
      covariate("psychotic", BernoulliCovariate{plain(0.1)})};
  constexpr double infinity = std::numeric_limits<double>::infinity();
  Arm& ect = scenario.steps[1].arms[0];
  ect.eligible = {{{Condition::Fact::failed_trials, 0, 2, infinity, {}},
                   {Condition::Fact::last_outcome, 0, 0, 0, {1, 3}}},
                  {{Condition::Fact::covariate, 0, 1, 1, {}}}};
  ect.access = plain(0.7);
  ect.acceptance = plain(0.5);
  ect.adherence = plain(0.9);
  ect.non_adherence_odds_ratio = plain(0.4);
  CHECK(says(scenario,
             "eligible: failed trials at least 2 and last outcome no "
             "response or intolerance; or psychotic |"));
  CHECK(says(scenario, "to be had by 70 %"));
  CHECK(says(scenario, "accepted, when offered, by 50 %"));
  CHECK(says(scenario,
             "taken as prescribed by 90 %; if not, the odds of "
             "remission times 0.4"));
}

TEST_CASE("What follows the steps is told, what all arms share but once",
          "[app]") {
  Scenario scenario = two_steps();
  CHECK_FALSE(says(scenario, "Follow-up"));
  for (Step& step : scenario.steps)
    for (Arm& arm : step.arms) {
      Survival relapse;
      relapse.form = ByProbability{plain(0.335), 52.18};
      arm.follow_up_remitted.relapse = relapse;
      arm.follow_up_remitted.next_step = plain(0.7);
      arm.follow_up_remitted.same_step = plain(0.1);
    }
  Arm& drug = scenario.steps[0].arms[0];
  drug.gap_if_not_remitted = plain(0.2);
  drug.follow_up_remitted.drop_out.emplace();
  drug.follow_up_remitted.drop_out->form = After{plain(30)};
  Survival back;
  back.form = WeibullSurvival{plain(0.6), plain(91)};
  back.weekly = true;
  scenario.untreated.gap_return = back;
  CHECK(says(scenario,
             "Follow-up in remission: relapse, 33.5 % by week 52.18, at a "
             "constant hazard; then 70 % the next step, 10 % the same step "
             "again, 20 % out of care in remission: dropping out, after 30 "
             "weeks (first) Gaps"));
  CHECK(says(scenario, "80 % enter the next step, 20 % a gap"));
  CHECK(says(scenario,
             "back to the next step, Weibull, shape 0.6, scale 91 "
             "weeks, seen at the end of whole weeks"));
}

TEST_CASE("Staging says which covariates it reads, and subgroups who they are",
          "[app]") {
  Scenario scenario = two_steps();
  scenario.cohort.covariates = {
      covariate("months", LogNormalCovariate{plain(8), plain(1)})};
  scenario.staging.emplace();
  scenario.staging->episode_months = 0;
  scenario.subgroups = {{"long",
                         "Long episode",
                         {{Condition::Fact::covariate,
                           0,
                           24,
                           std::numeric_limits<double>::infinity(),
                           {}}}}};
  CHECK(says(scenario,
             "Maudsley; months of the episode: months; not stated, so taken as "
             "the fewest points: severity, psychotic Subgroups"));
  CHECK(says(scenario, "Long episode: months at least 24"));
}

TEST_CASE("The solving of intercepts is reported where it is known", "[app]") {
  Scenario scenario = two_steps();
  scenario.cohort.covariates = {
      covariate("propensity", Propensity{plain(1.5)})};
  scenario.steps[0].arms[0].effects.remission = {{0, {}, plain(4.48), 1}};
  const InterceptReport report{3, 65536, 2e-7, 4e-5};
  const std::string text = flat(description(scenario, &report));
  CHECK(text.find("3 solved over a fixed population of 65,536: off by at most "
                  "2e-07") != std::string::npos);
  CHECK(text.find("rise by 1.5 with each standard deviation") !=
        std::string::npos);
}

TEST_CASE("A pathway without steps is told as one without treatment", "[app]") {
  Scenario scenario = two_steps();
  scenario.pathways.push_back({"none", "None", {}});
  CHECK(says(scenario, "Pathway none no treatment: untreated from the start"));
}

TEST_CASE("What decision models add to a step is told", "[app]") {
  Scenario scenario = two_steps();
  scenario.horizon_weeks = 103.5;
  scenario.line_dependence = LineDependence::ratios;
  scenario.line_ratios = {plain(1), plain(0.83)};
  scenario.line_ratio_if_class_repeats = {2};
  scenario.untreated.remission = Survival{};
  scenario.untreated.remission->form = ByProbability{plain(0.1), 52};
  scenario.untreated.remits_in_gaps = true;
  Arm& drug = scenario.steps[0].arms[0];
  drug.first_line_remission = plain(0.416);
  drug.competing = true;
  drug.partial_response = plain(0.2026);
  drug.remission_ratio = plain(2.35);
  drug.extension = Extension{plain(8), plain(0.38), {}};
  drug.follow_up_from_end_of_step = true;
  drug.gap_return_after_failure = Survival{};
  drug.gap_return_after_failure->form = After{plain(12)};
  CHECK(says(scenario, "The course ends after 103.5 weeks."));
  CHECK(says(scenario,
             "0.83 at line 2 and later, but at line 2 only after an attempt "
             "with the same class"));
  CHECK(says(scenario,
             "competing at constant hazards: 41.6 % as a first treatment would "
             "remit by the end of the step, 20.26 % respond in part, each if "
             "there were no other"));
  CHECK(says(scenario, "probability of remission times 2.35"));
  CHECK(says(scenario, "partial responders go on for 8 weeks: 38 % remit"));
  CHECK(says(scenario,
             "follow-up in remission starts at the end of the step (first)"));
  CHECK(says(scenario,
             "after a failed attempt back to the next step, after 12 weeks "
             "(first)"));
  CHECK(says(scenario,
             "After the last step and in gaps spontaneous remission, 10 % by "
             "week 52"));
}

TEST_CASE("Costs, utilities and harms are told with currency and year",
          "[app]") {
  Scenario scenario = two_steps();
  Economics economics;
  economics.currency = "USD";
  economics.price_year = 2021;
  economics.discount.effects = plain(0.015);
  economics.kinds = {
      {"drug", "Drugs", {}, {}},
      {"work",
       "Work lost",
       {{1, {{Health::remission}, {}, true}, plain(0.07), Per::year, true},
        {1, {{}, {Phase::gap}, {}}, plain(5673), Per::year, false}},
       {{1, CostlyEvent::death, plain(911)}}}};
  economics.perspectives = {{"payer", "Payer", {0}}, {"all", "All", {0, 1}}};
  economics.perspective = 1;
  economics.thresholds = {50000, 100000};
  economics.utilities =
      Utilities{{plain(0.58), plain(0.72), plain(0.85)}, std::nullopt};
  economics.adverse_events = {{"serious", "Serious", plain(0.129), {}}};
  scenario.economics = economics;
  TreatmentEconomics& drug = scenario.steps[0].arms[0].economics;
  drug.costs = {{0,
                 {{}, {Phase::acute, Phase::follow_up}, {}},
                 plain(7.94),
                 Per::week,
                 false},
                {0, {}, plain(200), Per::start, false}};
  drug.utility_decrement = plain(0.05);
  drug.adverse_events = {plain(0.009)};
  drug.death_per_session = plain(2e-5);

  CHECK(says(scenario,
             "Costs, in USD 2021 discounted at 3 % (costs) and "
             "1.5 % (effects) a year, continuously; counted in "
             "continuous time; a year has 52.1786 weeks"));
  CHECK(says(scenario,
             "perspective Payer: Drugs perspective All (reported "
             "first): Drugs and Work lost"));
  CHECK(says(scenario, "a QALY is valued at 50,000 or 100,000"));
  CHECK(
      says(scenario, "Work lost: 7 % of earnings, with remission, resistant"));
  CHECK(says(scenario, "Work lost: 5,673 a year, in a gap"));
  CHECK(says(scenario, "Work lost: 911 at each death"));
  CHECK(says(scenario,
             "Drugs: 7.94 a week, in the step or in follow-up (first)"));
  CHECK(says(scenario, "Drugs: 200 at the start (first)"));
  CHECK(says(scenario,
             "no response 0.58, partial response 0.72 and remission "
             "0.85 less 0.05, in the step (first)"));
  CHECK(says(scenario,
             "Serious: a loss of 0.129 QALYs Serious in 0.9 % "
             "(first)"));
  CHECK(says(scenario, "2 deaths in 100,000 sessions (first)"));
  CHECK(says(scenario,
             "Treatment-resistant, from then on 2 or more adequate "
             "trials have failed"));
  scenario.economics->discount.form = DiscountForm::none;
  scenario.economics->weekly = true;
  CHECK(says(scenario, "not discounted; counted by week"));
}

TEST_CASE("One session a week is one session", "[app]") {
  Scenario scenario = two_steps();
  Arm& arm = scenario.steps[0].arms[0];
  arm.sessions_per_week = plain(1);
  CHECK(says(scenario, "1 session a week"));
  arm.sessions_per_week = plain(3);
  CHECK(says(scenario, "3 sessions a week"));
}

TEST_CASE("Deaths are told with their background and ratios", "[app]") {
  Scenario scenario = two_steps();
  CHECK(!says(scenario, "Death"));
  CHECK(!says(scenario, "resistant"));
  scenario.cohort.covariates = {
      covariate("age", BandsCovariate{{18, 25, 35}, {plain(1), plain(3)}})};
  Mortality mortality;
  mortality.background = LifeTable{{0.1, 1}, {0.1, 1}};
  mortality.age = 0;
  mortality.female_share = plain(0.6);
  mortality.ratio_by_health[0] = plain(2.13);
  mortality.resistant_ratio = {{0, plain(2.03)}, {30, plain(1.49)}};
  mortality.suicide[0] = plain(0.0004);
  scenario.mortality = mortality;
  scenario.resistance.any_of = {{3, {}, 0}, {2, {Phase::untreated}, 0}};
  CHECK(says(scenario,
             "25 % from 18 to 25 and 75 % from 25 to 35, uniform "
             "within each"));
  CHECK(
      says(scenario, "Death a life table, ages 0 to 1; age: age, 60 % women"));
  CHECK(says(scenario, "hazard ratios: no response 2.13"));
  CHECK(says(scenario,
             "hazard ratio of the resistant: 2.03 from age 0 and "
             "1.49 from age 30"));
  CHECK(says(scenario,
             "suicides per person-year, beside these: no response 0.0004"));
  CHECK(says(scenario,
             "3 or more treatments have been started; or 2 or more "
             "treatments have been started and untreated after the "
             "last step"));
}

TEST_CASE("No line of a description is broken later than column 80", "[app]") {
  Scenario scenario = two_steps();
  scenario.line_dependence = LineDependence::frailty;
  const std::string text = description(scenario);
  const std::size_t from = text.find("Line dependence");
  std::size_t at = from;
  while (at < text.find("\nPathway")) {
    const std::size_t end = text.find('\n', at);
    CHECK(end - at <= 80);
    at = end + 1;
  }
}
