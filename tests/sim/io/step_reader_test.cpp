#include "sim/io/step_reader.hpp"

#include "sim/io/scenario_reader.hpp"
#include "tests/program.hpp"

#include <catch2/catch.hpp>

#include <limits>
#include <numeric>
#include <string>
#include <vector>

using namespace stardsim;

namespace {

using Lines = std::vector<std::string>;
using Indices = std::vector<std::size_t>;

const std::string head = R"([scenario]
title = "Steps"
reference = "usual"
horizon = 104
)";

const std::string cohort = R"([pathways]
usual = ["first", "second"]
[cohort.covariates]
age = { distribution = "normal", mean = 41, sd = 13 }
anxious = { distribution = "bernoulli", probability = 0.53 }
race = { distribution = "categorical", levels = { white = 7, black = 2, other = 1 } }
[treatments.citalopram]
class = "SSRI"
[treatments.sertraline]
class = "SSRI"
[treatments.ect]
class = "ECT"
[steps.second]
weeks = 12
remission = 0.3
first_line_remission = 0.35
)";

// A scenario whose step `first` has these keys; `before` continues [scenario].
std::string with_step(const std::string& keys, const std::string& before = "") {
  return head + before + cohort + "[steps.first]\nweeks = 12\n" + keys;
}

Scenario read(const std::string& text) {
  const test::Folder folder;
  return read_scenario(folder.write("a.toml", text)).scenario;
}

const Step& first_of(const Scenario& scenario) { return scenario.steps.at(1); }

Arm read_arm(const std::string& keys) {
  return first_of(read(with_step(keys))).arms.at(0);
}

// Without file, line and column.
Lines problems_of(const std::string& text) {
  const test::Folder folder;
  const std::string file = folder.write("a.toml", text).string();
  try {
    read_scenario(file);
  } catch (const BadScenario& error) {
    Lines lines;
    for (const std::string& line : error.lines())
      lines.push_back(line.substr(line.find(' ', file.size()) + 1));
    return lines;
  }
  return {};
}

Lines problems_of_step(const std::string& keys,
                       const std::string& before = "") {
  return problems_of(with_step(keys, before));
}

std::string frailty() {
  return "line_dependence = \"frailty\"\n[propensity]\nspread = 1\nsource = "
         "\"assumed\"\n";
}

}  // namespace

// ---- what arms say ----

TEST_CASE("all that an arm says of its patients' ways is read", "[io]") {
  const Arm arm = read_arm(R"(
remission = 0.4
access = 0.5
acceptance = 0.8
adherence = 0.7
non_adherence_odds_ratio = 0.5
dose_adequacy = 0.9
low_dose_odds_ratio = 0.6
no_response_time = { distribution = "fixed", week = 6 }
continue_if_not_remitted = 0.5
follow_up_if_not_remitted = 0.3
gap_if_not_remitted = 0.2
follow_up_if_remitted = 0.95
[gap]
return = { after = 8 }
)");
  CHECK(arm.access.value().value == 0.5);
  CHECK(arm.acceptance.value().value == 0.8);
  CHECK(arm.adherence.value().value == 0.7);
  CHECK(arm.non_adherence_odds_ratio.value().value == 0.5);
  CHECK(arm.dose_adequacy.value().value == 0.9);
  CHECK(arm.low_dose_odds_ratio.value().value == 0.6);
  CHECK(std::get<FixedTime>(arm.no_response_time.form).week.value == 6);
  CHECK(arm.follow_up_if_not_remitted.value().value == 0.3);
  CHECK(arm.gap_if_not_remitted.value().value == 0.2);
  CHECK(arm.follow_up_if_remitted.value().value == 0.95);
}

TEST_CASE("a step says how its arms are chosen, and how long it waits",
          "[io]") {
  const Step step = first_of(read(with_step(
      "remission = 0.4\nchoice = \"first_eligible\"\nwait = { after = 3 }")));
  CHECK(step.choice == Choice::first_eligible);
  CHECK(std::get<After>(step.wait.value().form).weeks.value == 3);
}

TEST_CASE("exits that sum to more than 1 are refused in each variant", "[io]") {
  CHECK(problems_of_step(R"(
remission = 0.4
continue_if_not_remitted = 0.5
continue_if_intolerant = 0.9
follow_up_if_not_remitted = 0.3
)") == Lines{"steps.first: continue_if_intolerant 0.9 + "
             "follow_up_if_not_remitted 0.3 sum to 1.2; what follows may sum "
             "to at most 1"});
}

TEST_CASE("a ratio without what it is the ratio of is refused", "[io]") {
  CHECK(problems_of_step("remission = 0.4\nnon_adherence_odds_ratio = 0.5") ==
        Lines{"steps.first.non_adherence_odds_ratio: needs adherence"});
}

// ---- sessions ----

TEST_CASE(
    "times in sessions keep the published shares, at a constant hazard "
    "within a stretch",
    "[io]") {
  const Arm arm = read_arm(R"(
remission = 0.48
sessions_per_week = 3
remission_time = { distribution = "sessions", sessions = [2, 4], cumulative = [0.36, 1] }
)");
  const auto& time = std::get<DiscreteTime>(arm.remission_time.form);
  REQUIRE(time.weeks.size() == 4);
  CHECK(time.weeks[0] == Approx(1 / 3.0));
  CHECK(time.weeks[3] == Approx(4 / 3.0));
  // 1 - sqrt(0.64) = 0.2 of those left, twice; then 0.64 in halves.
  CHECK(time.weights[0] == Approx(0.2));
  CHECK(time.weights[1] == Approx(0.8 * 0.2));
  CHECK(time.weights[2] == Approx(0.32));
  CHECK(time.weights[3] == Approx(0.32));
}

TEST_CASE("an arm has its own number of sessions a week", "[io]") {
  const Scenario scenario = read(with_step(R"(
remission = 0.48
remission_time = { distribution = "sessions", sessions = [6], cumulative = [1] }
[steps.first.arms]
twice = { sessions_per_week = 2 }
thrice = { sessions_per_week = 3 }
)"));
  const auto last_week = [&](std::size_t arm) {
    return std::get<DiscreteTime>(
               first_of(scenario).arms.at(arm).remission_time.form)
        .weeks.back();
  };
  CHECK(last_week(0) == 3);
  CHECK(last_week(1) == 2);
}

TEST_CASE("sessions without their number a week are refused once", "[io]") {
  CHECK(problems_of_step(R"(
remission = 0.48
remission_time = { distribution = "sessions", sessions = [6], cumulative = [1] }
[steps.first.arms]
a = {}
b = {}
)") == Lines{"steps.first.remission_time: sessions_per_week is needed, in the "
             "same arm or step"});
}

TEST_CASE("shares by session that fall or do not reach 1 are refused", "[io]") {
  const std::string rises =
      "steps.first.remission_time.cumulative: shares must not fall, and reach "
      "1 at the last session and not before";
  for (const char* shares : {"[0.5, 0.4]", "[0.5, 0.9]", "[1, 1]"})
    CHECK(problems_of_step(
              "remission = 0.4\nsessions_per_week = 3\nremission_time = { "
              "distribution = \"sessions\", sessions = [6, 8], cumulative = " +
              std::string(shares) + " }") == Lines{rises});
}

// ---- eligibility ----

TEST_CASE("conditions of eligibility are read", "[io]") {
  using Fact = Condition::Fact;
  const Arm arm = read_arm(R"(
remission = 0.4
eligible = [{ failed_trials = 2, line = { high = 3 }, relapsed = false, last_outcome = ["intolerance", "none"] }, { anxious = true, age = { low = 60 }, race = "black", failed_class = ["ECT", "SSRI"] }]
)");
  REQUIRE(arm.eligible.size() == 2);
  const std::vector<Condition>& trials = arm.eligible[0];
  REQUIRE(trials.size() == 4);
  constexpr double unlimited = std::numeric_limits<double>::infinity();
  CHECK(trials[0].fact == Fact::failed_trials);
  CHECK(trials[0].low == 2);
  CHECK(trials[0].high == unlimited);
  CHECK(trials[1].fact == Fact::line);
  CHECK(trials[1].low == -unlimited);
  CHECK(trials[1].high == 3);
  CHECK(trials[2].fact == Fact::last_outcome);
  CHECK(trials[2].any_of == Indices{0, 3});
  CHECK(trials[3].fact == Fact::relapsed);
  CHECK(trials[3].high == 0);
  const std::vector<Condition>& patient = arm.eligible[1];
  REQUIRE(patient.size() == 4);
  CHECK(patient[0].fact == Fact::failed_class);
  CHECK(patient[0].any_of == Indices{0, 1});
  CHECK(patient[1].covariate == 0);
  CHECK(patient[1].low == 60);
  CHECK(patient[2].covariate == 1);
  CHECK(patient[2].low == 1);
  CHECK(patient[3].covariate == 2);
  CHECK(patient[3].any_of == Indices{1});
}

TEST_CASE("classes are those of the treatments, each once", "[io]") {
  CHECK(read(with_step("remission = 0.4")).classes == Lines{"SSRI", "ECT"});
}

TEST_CASE("more than 32 classes are refused", "[io]") {
  std::string treatments;
  for (int i = 0; i < 31; ++i)
    treatments += "[treatments.t" + std::to_string(i) + "]\nclass = \"c" +
                  std::to_string(i) + "\"\n";
  CHECK(problems_of_step("remission = 0.4\n" + treatments) ==
        Lines{"treatments.t30: \"c30\" is one class more than the 32 that are "
              "allowed"});
}

TEST_CASE("conditions on what is unknown are refused with what is known",
          "[io]") {
  const auto refused = [](const std::string& conditions) {
    return problems_of_step("remission = 0.4\neligible = " + conditions);
  };
  CHECK(refused("{ race = \"blue\" }") ==
        Lines{"steps.first.eligible.race: \"blue\" is not a level of \"race\"; "
              "known are white, black, other"});
  CHECK(refused("{ failed_class = \"TCA\" }") ==
        Lines{"steps.first.eligible.failed_class: \"TCA\" is not a class of a "
              "treatment of this scenario; known are SSRI, ECT"});
  CHECK(refused("{ psychosis = true }") ==
        Lines{"steps.first.eligible: unknown key \"psychosis\"; allowed are "
              "failed_trials, adequate_failed_trials, line, last_outcome, "
              "relapsed, failed_class, age, anxious, race"});
  CHECK(refused("{ anxious = 1, age = true }") ==
        Lines{"steps.first.eligible.anxious: is a whole number; true or false "
              "is allowed",
              "steps.first.eligible.age: is a boolean; a number between -1e9 "
              "and 1e9 is allowed"});
  CHECK(refused("[]") ==
        Lines{"steps.first.eligible: 0 entries; 1 to 64 are allowed"});
}

// ---- effects ----

TEST_CASE(
    "effects of the scenario are replaced by step and arm, by covariate "
    "and level",
    "[io]") {
  const Scenario scenario = read(with_step(R"(
remission = 0.4
[effects.remission]
anxious = 0.6
race = { black = 0.5, other = 0.7 }
[effects.relapse]
age = { value = 1.2, low = 1.1, high = 1.3, per = 10 }
[steps.first.effects.remission]
race = { other = 0.8 }
[steps.first.arms.plain]
[steps.first.arms.own.effects.remission]
anxious = 0.9
)"));
  const auto ratios = [](const Arm& arm) {
    std::vector<double> all;
    for (const Effect& effect : arm.effects.remission)
      all.push_back(effect.ratio.value);
    return all;
  };
  const std::vector<Arm>& arms = first_of(scenario).arms;
  CHECK(ratios(arms.at(0)) == std::vector<double>{0.6, 0.5, 0.8});
  CHECK(ratios(arms.at(1)) == std::vector<double>{0.9, 0.5, 0.8});
  CHECK(ratios(scenario.steps[0].arms[0]) ==
        std::vector<double>{0.6, 0.5, 0.7});
  CHECK(arms[0].effects.remission[1].level == 1u);
  CHECK(arms[0].effects.remission[2].ratio.key ==
        "steps.first.effects.remission.race.other");
  const Effect& relapse = arms[0].effects.relapse.at(0);
  CHECK(relapse.per == 10);
  CHECK(std::get<Interval>(relapse.ratio.certainty).high == 1.3);
}

TEST_CASE("effects that cannot be are refused", "[io]") {
  const auto refused = [](const std::string& effects) {
    return problems_of_step("remission = 0.4\n[effects.remission]\n" + effects);
  };
  CHECK(refused("anxous = 0.6") ==
        Lines{"effects.remission.anxous: \"anxous\" is not a covariate of "
              "[cohort.covariates]; did you mean \"anxious\"?"});
  CHECK(refused("age = { black = 0.6 }") ==
        Lines{"effects.remission.age: \"age\" has no levels; a ratio such as "
              "1.2 or { value = 1.2, source = \"...\" } is allowed"});
  CHECK(refused("race = 0.6") ==
        Lines{"effects.remission.race: is a number; a table with a ratio for "
              "each level but one, such as { other = 1.2 }, is allowed"});
  CHECK(refused("age = { value = 0, per = 0 }") ==
        Lines{"effects.remission.age.value: 0 is not a ratio (0.000001 to "
              "1,000,000)",
              "effects.remission.age.per: 0 is not a number of units (0.000001 "
              "to 1,000,000)"});
}

// ---- follow-up ----

TEST_CASE("follow-up is that of the scenario but for what a step or arm says",
          "[io]") {
  const Scenario scenario = read(with_step(R"(
remission = 0.4
[follow_up.remitted]
relapse = { probability = 0.335, by = 52.18, source = "Rush 2006" }
early_response = { within = 4, hazard_ratio = 0.67 }
after_relapse = { next_step = 0.7, same_step = 0.1 }
[follow_up.not_remitted]
drop_out = { distribution = "piecewise", weeks = [26, 52], probabilities = [0.2, 0.3], weekly = true }
[steps.first.arms.a]
[steps.first.arms.b.follow_up.remitted]
relapse = { distribution = "weibull", shape = 0.6, scale = 91 }
treatment_stop = { probability = 0.3, by = 26, hazard_ratio = 2.06 }
)"));
  const FollowUp& a = first_of(scenario).arms.at(0).follow_up_remitted;
  const auto& form = std::get<ByProbability>(a.relapse.value().form);
  CHECK(form.probability.value == 0.335);
  CHECK(form.by == 52.18);
  CHECK(a.relapse->key == "follow_up.remitted.relapse");
  CHECK(a.relapse->source == "Rush 2006");
  CHECK(a.early_weeks.value().value == 4);
  CHECK(a.early_hazard_ratio.value().value == 0.67);
  CHECK(a.next_step.value == 0.7);
  CHECK(a.same_step.value == 0.1);
  CHECK(a.gap.value == 0);
  CHECK_FALSE(a.stop);
  const FollowUp& b = first_of(scenario).arms.at(1).follow_up_remitted;
  CHECK(std::holds_alternative<WeibullSurvival>(b.relapse.value().form));
  CHECK(b.early_weeks.value().value == 4);
  CHECK(std::get<ByProbability>(b.stop.value().form).by == 26);
  CHECK(b.stopped_hazard_ratio.value().value == 2.06);
  const Survival& leaving =
      first_of(scenario).arms[0].follow_up_not_remitted.drop_out.value();
  CHECK(leaving.weekly);
  CHECK(std::get<Piecewise>(leaving.form).probabilities.at(1).value == 0.3);
}

TEST_CASE("without a table after_relapse everybody goes to the next step",
          "[io]") {
  const FollowUp follow_up = read_arm("remission = 0.4").follow_up_remitted;
  CHECK(follow_up.next_step.value == 1);
  CHECK_FALSE(follow_up.relapse);
}

TEST_CASE("follow-up that cannot be is refused", "[io]") {
  const auto refused = [](const std::string& keys) {
    return problems_of_step("remission = 0.4\n[follow_up.remitted]\n" + keys);
  };
  CHECK(refused("early_response = { within = 4, hazard_ratio = 0.67 }") ==
        Lines{"follow_up.remitted.early_response: says something of relapse, "
              "and there is no relapse in follow_up.remitted"});
  CHECK(refused("relapse = { probability = 1, by = 52 }") ==
        Lines{"follow_up.remitted.relapse.probability: 1 is not a probability "
              "below 1 (of all at the same time say { after = WEEKS })"});
  CHECK(refused("relapse = { probability = 0.3, by = 52 }\nafter_relapse = { "
                "next_step = 0.7, gap = 0.4 }") ==
        Lines{"gap.return: missing; how long until those in a gap come back is "
              "needed (follow_up.remitted.after_relapse.gap)",
              "follow_up.remitted.after_relapse: next_step 0.7 + same_step 0 + "
              "gap 0.4 sum to 1.1; they may sum to at most 1"});
  CHECK(refused("relapse = { distribution = \"piecewise\", weeks = [52, 26], "
                "probabilities = [0.2, 0.1] }") ==
        Lines{"follow_up.remitted.relapse.weeks: 52 before 26; weeks must "
              "ascend",
              "follow_up.remitted.relapse.probabilities: 0.2 before 0.1; "
              "probabilities by a week must not fall"});
}

TEST_CASE("the horizon must be stated where time goes on after the treatments",
          "[io]") {
  std::string text = with_step("remission = 0.4\nwait = { after = 2 }");
  text.erase(text.find("horizon = 104\n"), 14);
  CHECK(problems_of(text) ==
        Lines{"scenario.horizon: missing; since time goes on after the "
              "treatments (steps.first.wait), the number of weeks to simulate "
              "is needed"});
}

// ---- horizon and time ----

TEST_CASE("horizon and horizon_years exclude one another", "[io]") {
  CHECK(problems_of_step("remission = 0.4", "horizon_years = 5\n") ==
        Lines{"scenario.horizon_years: stands beside horizon; one of them is "
              "allowed"});
  std::string text = with_step("remission = 0.4", "horizon_years = 0.1\n");
  text.erase(text.find("horizon = 104\n"), 14);
  CHECK(problems_of(text) ==
        Lines{"scenario.horizon_years: 6 weeks are shorter than the pathway "
              "\"usual\", which lasts 24"});
  text.replace(text.find("0.1"), 3, "0.0");
  CHECK(problems_of(text) ==
        Lines{"scenario.horizon_years: 0 is not a number of years (0.001 to "
              "100)"});
}

TEST_CASE("weekly accrual needs a horizon of whole weeks", "[io]") {
  const auto with_years = [](const std::string& weeks_per_year) {
    std::string text = with_step(
        "remission = 0.4\n[time]\nweeks_per_year = " + weeks_per_year +
            "\n[economics]\ncurrency = \"USD\"\nprice_year = 2021\ndiscount = "
            "\"none\"\naccrual = \"weekly\"\n",
        "horizon_years = 4\n");
    text.erase(text.find("horizon = 104\n"), 14);
    return text;
  };
  CHECK(problems_of(with_years("52.2")) ==
        Lines{"scenario.horizon_years: are 208.8 weeks; with accrual = "
              "\"weekly\" the horizon needs whole weeks"});
  CHECK(read(with_years("52")).horizon == 208);
}

TEST_CASE("a year has 50 to 54 weeks", "[io]") {
  CHECK(problems_of_step("remission = 0.4\n[time]\nweeks_per_year = "
                         "365.25\nlasting_remission_weeks = 0\nweek = 1") ==
        Lines{"time.weeks_per_year: 365.25 is not a number of weeks (50 to 54)",
              "time.lasting_remission_weeks: 0 is not a number of weeks (above "
              "0, at most 520)",
              "time: unknown key \"week\"; allowed are weeks_per_year, "
              "lasting_remission_weeks"});
}

TEST_CASE("remission in gaps needs spontaneous remission", "[io]") {
  CHECK(problems_of_step("remission = 0.4\n[untreated]\nin_gaps = true") ==
        Lines{"untreated.in_gaps: is about spontaneous remission, and there is "
              "no untreated.remission"});
}

// ---- decision models ----

TEST_CASE("competing outcomes, extensions and returns from gaps are read",
          "[io]") {
  const Arm arm = read_arm(R"(
outcomes = "competing"
remission = 0.7
partial_response = 0.6
remission_ratio = { value = 2.35, source = "s" }
follow_up_from = "end_of_step"
gap_if_not_remitted = 0.3
extension = { weeks = 8, remission = 0.38, relapse = { probability = 0.5, by = 52 } }
gap_return = { after_failure = { after = 12 }, after_relapse = { after = 8 } }
)");
  CHECK(arm.competing);
  CHECK(arm.remission_ratio.value().value == 2.35);
  CHECK(arm.follow_up_from_end_of_step);
  CHECK(arm.extension.value().weeks.value == 8);
  CHECK(arm.extension->remission.value == 0.38);
  CHECK(arm.extension->remission.key == "steps.first.extension.remission");
  CHECK(std::get<ByProbability>(arm.extension->relapse.value().form).by == 52);
  CHECK(
      std::get<After>(arm.gap_return_after_failure.value().form).weeks.value ==
      12);
  CHECK(
      std::get<After>(arm.gap_return_after_relapse.value().form).weeks.value ==
      8);
  const Arm plain = read_arm("remission = 0.4");
  CHECK(!plain.competing);
  CHECK(!plain.follow_up_from_end_of_step);
  CHECK(!plain.extension.has_value());
}

TEST_CASE("what has no meaning beside competing outcomes is refused", "[io]") {
  const std::string no_meaning =
      ": has no meaning with outcomes = \"competing\", where remission and "
      "partial response compete at constant hazards over the step";
  CHECK(problems_of_step(R"(
remission = 0.7
outcomes = "competing"
intolerance = 0.1
adherence = 0.8
remission_time = { distribution = "fixed", week = 6 }
)") == Lines{"steps.first.intolerance" + no_meaning,
             "steps.first.adherence" + no_meaning,
             "steps.first.remission_time" + no_meaning});
  CHECK(problems_of_step(R"(
outcomes = "competing"
[steps.first.arms]
a = { remission = 0.5, dose_adequacy = 0.5 }
b = { remission = 0.5, outcomes = "cumulative", intolerance = 0.3 }
)") == Lines{"steps.first.arms.a.dose_adequacy" + no_meaning});
  CHECK(problems_of_step(R"(
remission = 0.7
outcomes = "competing"
[effects.remission]
age = 0.9
)") == Lines{"steps.first.outcomes: \"competing\" allows no effects on "
             "remission or partial response (effects.remission.age)"});
  CHECK(problems_of_step("remission = 0.7\noutcomes = \"competin\"") ==
        Lines{"steps.first.outcomes: \"competin\" is not one of cumulative, "
              "competing"});
}

TEST_CASE("an extension is for partial responders", "[io]") {
  CHECK(problems_of_step("remission = 0.4\nextension = { weeks = 8, remission "
                         "= 0.4 }") ==
        Lines{"steps.first.extension: is for partial responders, and there is "
              "no partial_response"});
  CHECK(problems_of_step("remission = 0.4\npartial_response = 0.2\nextension "
                         "= { week = 8 }") ==
        Lines{"steps.first.extension.weeks: missing; a length in weeks (1/1024 "
              "to 520) is needed",
              "steps.first.extension.remission: missing; a probability (0 to "
              "1) is needed",
              "steps.first.extension: unknown key \"week\"; did you mean "
              "\"weeks\"?"});
}

TEST_CASE("an extension counts as time of the pathway", "[io]") {
  std::string text = with_step(
      "remission = 0.4\npartial_response = 0.2\nextension = { weeks "
      "= 8.5, remission = 0.4 }");
  text.erase(text.find("horizon = 104\n"), 14);
  CHECK(read(text).horizon == 33);  // 12 + 8.5 + 12 weeks
}

TEST_CASE("an arm that says how its gaps end needs no general word of it",
          "[io]") {
  const std::string gap = "remission = 0.4\ngap_if_not_remitted = 0.3\n";
  const std::string general =
      "gap.return: missing; how long until those in a gap come back is needed "
      "(steps.first.gap_if_not_remitted)";
  CHECK(problems_of_step(gap) == Lines{general});
  CHECK(problems_of_step(gap + "gap_return = { after_relapse = { after = 8 } "
                               "}") == Lines{general});
  CHECK(problems_of_step(gap + "gap_return = { after_failure = { after = 8 } "
                               "}") == Lines{});
  CHECK(problems_of_step(gap + "gap_return = {}\n[gap]\nreturn = { after = 8 "
                               "}") ==
        Lines{"steps.first.gap_return: empty; after_failure or after_relapse "
              "is needed"});
}

TEST_CASE("ratios by line may hold only if the class repeats", "[io]") {
  const std::string ratios = "line_dependence = \"ratios\"\n";
  const auto with_repeats = [](const std::string& lines) {
    return "first_line_remission = 0.4\n[line_ratios]\nremission = [1, "
           "0.83]\nif_class_repeats = " +
           lines + "\n";
  };
  CHECK(read(with_step(with_repeats("[2]"), ratios))
            .line_ratio_if_class_repeats == std::vector<std::uint32_t>{2});
  CHECK(problems_of_step(with_repeats("[1]"), ratios) ==
        Lines{"line_ratios.if_class_repeats: 1 is not the number of a later "
              "line (2 to 64)"});
  CHECK(problems_of_step(with_repeats("[2]") + "[effects.remission]\nage = 0.9",
                         ratios) ==
        Lines{"line_ratios.if_class_repeats: is not possible together with "
              "what changes remission from patient to patient "
              "(effects.remission.age)"});
}

TEST_CASE("frailty needs steps in the reference pathway", "[io]") {
  std::string text = with_step("remission = 0.4", frailty());
  const std::string steps = "usual = [\"first\", \"second\"]";
  text.replace(text.find(steps), steps.size(), "usual = []");
  CHECK(problems_of(text) ==
        Lines{"scenario.reference: has no steps, in whose entrants "
              "line_dependence = \"frailty\" reads the rates"});
}

// ---- what treatments cost ----

namespace {

const std::string economics = R"(
[economics]
currency = "USD"
price_year = 2021
discount = "none"
[utilities]
no_response = 0.6
remission = 0.85
[costs.drug]
[costs.care]
[adverse_events.mild]
[adverse_events.serious]
)";

}  // namespace

TEST_CASE("costs and harms of treatment, step and arm are merged by name",
          "[io]") {
  const auto arms = first_of(read(with_step(R"(
remission = 0.4
sessions_per_week = 3
[steps.first.costs]
care = { value = 2, per = "week", phase = "follow_up" }
[steps.first.adverse_events]
serious = 0.2
[steps.first.arms]
drug = { treatment = "one" }
both = { treatment = "one", costs = { drug = { value = 3, per = "start" } }, utility_decrement = 0.3, adverse_events = { mild = 0.4 } }
none = {}
[treatments.one]
costs = { drug = [{ value = 1, per = "session" }, { value = 9, per = "year", health = "remission" }], care = { value = 7, per = "year" } }
utility_decrement = { value = 0.1, phase = ["acute", "extension"] }
death_per_session = 2e-5
adverse_events = { mild = 0.1 }
[mortality]
gompertz = { male_alpha = 1e-5, male_beta = 0.1, female_alpha = 1e-5, female_beta = 0.1 }
age = "age"
female_share = 0.6
)" + economics)))
                        .arms;
  REQUIRE(arms.size() == 3);
  const TreatmentEconomics& drug = arms[0].economics;
  REQUIRE(drug.costs.size() == 3);
  CHECK(drug.costs[0].per == Per::session);
  CHECK(drug.costs[0].when.phase == std::vector<Phase>{Phase::acute});
  CHECK(drug.costs[0].amount.key == "treatments.one.costs.drug.1");
  CHECK(drug.costs[1].when.phase ==
        std::vector<Phase>{Phase::acute, Phase::extension, Phase::follow_up});
  CHECK(drug.costs[1].when.health == std::vector<Health>{Health::remission});
  CHECK(drug.costs[2].kind == 1);
  CHECK(drug.costs[2].amount.value == 2);
  CHECK(drug.costs[2].when.phase == std::vector<Phase>{Phase::follow_up});
  CHECK(drug.utility_decrement.value().value == 0.1);
  CHECK(drug.decrement_when.phase ==
        std::vector<Phase>{Phase::acute, Phase::extension});
  CHECK(drug.death_per_session.value().value == 2e-5);
  CHECK(drug.adverse_events.at(0).value().value == 0.1);
  CHECK(drug.adverse_events.at(1).value().value == 0.2);

  const TreatmentEconomics& both = arms[1].economics;
  REQUIRE(both.costs.size() == 2);
  CHECK(both.costs[0].kind == 1);
  CHECK(both.costs[1].per == Per::start);
  CHECK(both.costs[1].when == When{});
  CHECK(both.utility_decrement.value().value == 0.3);
  CHECK(both.decrement_when.phase == std::vector<Phase>{Phase::acute});
  CHECK(both.adverse_events.at(0).value().value == 0.4);

  const TreatmentEconomics& none = arms[2].economics;
  CHECK(none.costs.size() == 1);
  CHECK(!none.death_per_session.has_value());
  CHECK(!none.adverse_events.at(0).has_value());
  CHECK(none.adverse_events.at(1).value().value == 0.2);
}

TEST_CASE("costs of treatments that cannot be are refused", "[io]") {
  const auto refused = [](const std::string& keys) {
    return problems_of_step("remission = 0.4\n" + keys + economics);
  };
  CHECK(refused("costs = { drgu = { value = 1, per = \"week\" } }") ==
        Lines{"steps.first.costs.drgu: \"drgu\" is not a kind of [costs]; did "
              "you mean \"drug\"?"});
  CHECK(refused("costs = { work = { value = 1, per = \"week\" } }") ==
        Lines{"steps.first.costs.work: \"work\" is not a kind of [costs]; "
              "known are drug, care"});
  CHECK(refused("costs = { drug = { value = 1, per = \"session\" } }") ==
        Lines{"steps.first.sessions_per_week: missing; since "
              "steps.first.costs.drug is counted by session, the number of "
              "sessions a week is needed"});
  CHECK(refused("death_per_session = 1e-5") ==
        Lines{"mortality: missing; since patients may die "
              "(steps.first.death_per_session), of what else they die is "
              "needed",
              "steps.first.sessions_per_week: missing; since "
              "steps.first.death_per_session is counted by session, the number "
              "of sessions a week is needed"});
  CHECK(refused("costs = { drug = { value = 1, per = \"start\", phase = "
                "\"acute\", health = \"remission\" } }") ==
        Lines{"steps.first.costs.drug.phase: has no meaning with per = "
              "\"start\": it is paid once, at the start of the attempt",
              "steps.first.costs.drug.health: has no meaning with per = "
              "\"start\": it is paid once, at the start of the attempt"});
  CHECK(refused("costs = { drug = { value = 1, per = \"week\", phase = "
                "\"gap\" } }") ==
        Lines{"steps.first.costs.drug.phase: \"gap\" is not a phase of "
              "treatment; known are acute, extension, follow_up"});
  CHECK(refused("costs = { drug = { share_of_earnings = 0.1 } }") ==
        Lines{"steps.first.costs.drug: share_of_earnings is for rates of "
              "[costs.KIND], not for what a treatment costs"});
  CHECK(refused("costs = { drug = { value = -1, per = \"week\" } }") ==
        Lines{"steps.first.costs.drug.value: -1 is not an amount (0 to 1e9; "
              "below 0 needs allow_negative = true in [economics])"});
  CHECK(refused("adverse_events = { seriuos = 0.1, mild = 2 }") ==
        Lines{"steps.first.adverse_events.seriuos: \"seriuos\" is not one of "
              "[adverse_events]; did you mean \"serious\"?",
              "steps.first.adverse_events.mild: 2 is not a probability (0 to "
              "1)"});
  CHECK(refused("utility_decrement = 1.5") ==
        Lines{"steps.first.utility_decrement: 1.5 is not a utility decrement "
              "(0 to 1)"});
}

TEST_CASE("a decrement needs utilities", "[io]") {
  CHECK(problems_of_step("remission = 0.4\nutility_decrement = "
                         "0.1\n[economics]\ncurrency = \"USD\"\nprice_year = "
                         "2021\ndiscount = \"none\"") ==
        Lines{"steps.first.utility_decrement: lowers a utility, and there is "
              "no [utilities]"});
}

// ---- dependence on the line ----

TEST_CASE("first-line rates are required where effects rest on them", "[io]") {
  const std::string needed =
      "steps.first.first_line_remission: missing; the probability of remission "
      "as a first treatment, in the arm or in its step, on which this "
      "line_dependence rests, is needed";
  CHECK(problems_of_step("remission = 0.4", "line_dependence = \"same\"\n") ==
        Lines{needed});
  const Scenario scenario =
      read(with_step("first_line_remission = 0.37\n[line_ratios]\nremission = "
                     "[1, { value = 0.93, source = \"own\" }]\nsource = "
                     "\"their\"",
                     "line_dependence = \"ratios\"\n"));
  CHECK(first_of(scenario).arms.at(0).remission.value == 0.37);
  REQUIRE(scenario.line_ratios.size() == 2);
  CHECK(scenario.line_ratios[0].source == "their");
  CHECK(scenario.line_ratios[1].source == "own");
  CHECK(scenario.line_ratios[1].key == "line_ratios.remission.2");
}

TEST_CASE("ratios by line are required, above 0 and at most 1", "[io]") {
  const std::string ratios = "line_dependence = \"ratios\"\n";
  CHECK(problems_of_step("first_line_remission = 0.4", ratios) ==
        Lines{"line_ratios: missing; with line_dependence = \"ratios\" a "
              "section with the key remission is needed"});
  CHECK(problems_of_step(
            "first_line_remission = 0.4\n[line_ratios]\nremission = [1.1, 0]",
            ratios) ==
        Lines{"line_ratios.remission.1: 1.1 is not a ratio (above 0, at most "
              "1)",
              "line_ratios.remission.2: 0 is not a ratio (above 0, at most "
              "1)"});
}

TEST_CASE("under frailty an arm outside the reference pathway needs an anchor",
          "[io]") {
  const std::string other =
      "remission = 0.4\n[pathways.early]\nsteps = "
      "[\"ect\"]\n[steps.ect]\nweeks "
      "= 4\nremission = 0.48\n";
  CHECK(problems_of_step(other, frailty()) ==
        Lines{"steps.ect.anchor: missing; since the step is not in the "
              "reference pathway, the line of that pathway in whose entrants "
              "the arm's rates were measured is needed"});
  CHECK(problems_of_step(other + "anchor = 3", frailty()) ==
        Lines{"steps.ect.anchor: 3 is beyond the 2 steps of the reference "
              "pathway"});
  const Scenario scenario = read(with_step(other + "anchor = 2", frailty()));
  CHECK(scenario.line_dependence == LineDependence::frailty);
  CHECK(scenario.steps.at(2).arms.at(0).anchor == 2u);
}

TEST_CASE("frailty needs the spread of the propensity", "[io]") {
  CHECK(
      problems_of_step("remission = 0.4", "line_dependence = \"frailty\"\n") ==
      Lines{"propensity: missing; with line_dependence = \"frailty\" its "
            "spread is needed"});
}

// ---- staging and subgroups ----

TEST_CASE("staging and subgroups name covariates", "[io]") {
  const Scenario scenario = read(with_step(R"(
remission = 0.4
[staging]
severity = "age"
psychotic = "anxious"
[subgroups]
anxious = { anxious = true }
older = { age = { low = 60 }, race = ["black", "other"], label = "60 and older" }
)"));
  REQUIRE(scenario.staging);
  CHECK_FALSE(scenario.staging->episode_months);
  CHECK(scenario.staging->severity == 0u);
  CHECK(scenario.staging->psychotic == 1u);
  REQUIRE(scenario.subgroups.size() == 2);
  CHECK(scenario.subgroups[0].label == "anxious");
  CHECK(scenario.subgroups[1].label == "60 and older");
  CHECK(scenario.subgroups[1].all_of.size() == 2);
  CHECK_FALSE(read(with_step("remission = 0.4")).staging);
  CHECK(read(with_step("remission = 0.4\n[staging]")).staging);
}

TEST_CASE("subgroups by the course, or by nothing, are refused", "[io]") {
  CHECK(problems_of_step("remission = 0.4\n[subgroups]\nlate = { line = 2 }\n"
                         "all = {}\n") ==
        Lines{"subgroups.late: unknown key \"line\"; allowed are label, age, "
              "anxious, race",
              "subgroups.all: no condition; at least one on a covariate is "
              "needed"});
}
