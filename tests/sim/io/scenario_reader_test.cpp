#include "sim/io/scenario_reader.hpp"

#include "models/unsourced.hpp"
#include "tests/program.hpp"

#include <catch2/catch.hpp>

#include <stdexcept>
#include <string>
#include <vector>

using namespace stardsim;

namespace {

namespace fs = std::filesystem;

// A scenario of one step, with what is to be tested written on the step.
std::string one_step(const std::string& keys) {
  return R"([scenario]
title = "One step"
reference = "only"
[pathways]
only = ["first"]
[sources]
rush2006 = "Rush et al. 2006"
[steps.first]
weeks = 14
)" + keys;
}

Scenario read(const std::string& text) {
  const test::Folder folder;
  return read_scenario(folder.write("scenario.toml", text)).scenario;
}

Arm read_arm(const std::string& keys) {
  return read(one_step(keys)).steps.at(0).arms.at(0);
}

Evidence read_remission(const std::string& value) {
  return read_arm("remission = " + value).remission;
}

TimeDistribution read_time(const std::string& table) {
  return read_arm("remission = 0.4\nremission_time = " + table).remission_time;
}

template <class Named>
std::vector<std::string> names_of(const std::vector<Named>& all) {
  std::vector<std::string> names;
  names.reserve(all.size());
  for (const Named& one : all) names.push_back(one.name);
  return names;
}

using Names = std::vector<std::string>;

}  // namespace

// ---- the scenario as a whole ----

TEST_CASE("a scenario is read as it is written", "[io]") {
  const Scenario scenario = read(R"(
[scenario]
title = "All that can be said"
description = "In more words"
reference = "long"
horizon = 52
estimand = "observed"
line_dependence = "as_observed"
[cohort]
patients = 1e5
seed = 2006
[treatments.citalopram]
label = "Citalopram"
class = "SSRI"
adequate_dose = "20 mg a day or more"
adequate_weeks = 6
source = "rush2006"
[steps.first]
label = "Step 1"
weeks = 14
treatment = "citalopram"
strategy = "initial"
remission = 0.37
partial_response = 0.1
intolerance = 0.16
continue_if_not_remitted = 0.6
continue_if_partial_response = 0.7
continue_if_intolerant = 0.5
[pathways]
short = ["first"]
long = { label = "The same again", steps = ["first", "first"] }
[sources]
rush2006 = "Rush et al. 2006"
)");
  CHECK(scenario.title == "All that can be said");
  CHECK(scenario.description == "In more words");
  CHECK(scenario.horizon == 52);
  CHECK(scenario.estimand == Estimand::observed);
  CHECK(scenario.line_dependence == LineDependence::as_observed);
  CHECK(scenario.reference == 1);
  CHECK(scenario.cohort.patients == 100'000);
  CHECK(scenario.cohort.seed == 2006);
  REQUIRE(scenario.sources.size() == 1);
  CHECK(scenario.sources[0].key == "rush2006");
  CHECK(scenario.sources[0].text == "Rush et al. 2006");

  REQUIRE(scenario.treatments.size() == 1);
  const Treatment& treatment = scenario.treatments[0];
  CHECK(treatment.name == "citalopram");
  CHECK(treatment.label == "Citalopram");
  CHECK(treatment.treatment_class == "SSRI");
  CHECK(treatment.adequate_dose == "20 mg a day or more");
  CHECK(treatment.adequate_weeks.value().value == 6);
  CHECK(treatment.source == "Rush et al. 2006");

  REQUIRE(scenario.steps.size() == 1);
  CHECK(scenario.steps[0].name == "first");
  CHECK(scenario.steps[0].label == "Step 1");
  CHECK(scenario.steps[0].weeks.value == 14);
  REQUIRE(scenario.steps[0].arms.size() == 1);
  const Arm& arm = scenario.steps[0].arms[0];
  CHECK(arm.treatment == 0u);
  CHECK(arm.strategy == "initial");
  CHECK(arm.remission.value == 0.37);
  CHECK(arm.partial_response.value().value == 0.1);
  CHECK(arm.intolerance.value().value == 0.16);
  CHECK(arm.continue_if_not_remitted.value().value == 0.6);
  CHECK(arm.continue_if_partial_response.value().value == 0.7);
  CHECK(arm.continue_if_intolerant.value().value == 0.5);

  REQUIRE(scenario.pathways.size() == 2);
  CHECK(scenario.pathways[0].label == "short");
  CHECK(scenario.pathways[1].name == "long");
  CHECK(scenario.pathways[1].label == "The same again");
  CHECK(scenario.pathways[1].steps == std::vector<std::size_t>{0, 0});
}

TEST_CASE("what a scenario leaves out has the documented default", "[io]") {
  const Scenario scenario = read(one_step("remission = 0.4"));
  CHECK(scenario.cohort.patients == 1'000'000);
  CHECK(scenario.cohort.seed == 1);
  CHECK(scenario.estimand == Estimand::if_all_continue);
  CHECK(scenario.steps[0].label == "first");
  const Arm& arm = scenario.steps[0].arms.at(0);
  CHECK(arm.share.value == 1);
  CHECK_FALSE(arm.treatment);
  CHECK_FALSE(arm.partial_response);
  CHECK_FALSE(arm.intolerance);
  CHECK_FALSE(arm.continue_if_not_remitted);
  CHECK(std::holds_alternative<AtEndOfStep>(arm.remission_time.form));
  CHECK(std::holds_alternative<AtEndOfStep>(arm.intolerance_time.form));
}

TEST_CASE("the horizon is the longest pathway in whole weeks", "[io]") {
  const Scenario scenario = read(R"(
[scenario]
title = "Parts of weeks"
reference = "one"
[steps.a]
weeks = 10.25
remission = 0.4
[pathways]
one = ["a"]
two = ["a", "a"]
)");
  CHECK(scenario.horizon == 21);
}

TEST_CASE("a horizon in years ends within a week, and results at its end",
          "[io]") {
  const auto with_header = [](const std::string& keys,
                              const std::string& rest = "") {
    std::string text = one_step("remission = 0.4\n" + rest);
    return text.insert(text.find("reference"), keys);
  };
  const Scenario five = read(with_header("horizon_years = 5\n"));
  CHECK(five.horizon_weeks == 5 * 365.25 / 7);  // 260.89
  CHECK(five.horizon == 261);
  CHECK(five.time.weeks_per_year == 365.25 / 7);
  CHECK(five.time.lasting_remission_weeks == 365.25 / 7 / 4);
  const Scenario whole =
      read(with_header("horizon_years = 2\n", "[time]\nweeks_per_year = 52\n"));
  CHECK(whole.horizon_weeks == 104);
  CHECK(whole.horizon == 104);
  CHECK(whole.time.lasting_remission_weeks == 13);
  CHECK(read(with_header("", "[time]\nlasting_remission_weeks = 8\n"))
            .time.lasting_remission_weeks == 8);
  const Scenario weeks = read(with_header("horizon = 20\n"));
  CHECK(weeks.horizon == 20);
  CHECK(weeks.horizon_weeks == 20);
}

TEST_CASE("a pathway may have no steps where the horizon is given", "[io]") {
  const Scenario scenario = read(R"([scenario]
title = "None"
reference = "none"
horizon = 52
[pathways]
usual = ["first"]
none = []
[steps.first]
weeks = 14
remission = 0.4
)");
  CHECK(scenario.pathways.at(1).steps.empty());
  CHECK(scenario.reference == 1);
  CHECK(scenario.horizon == 52);
}

TEST_CASE("spontaneous remission may come in gaps", "[io]") {
  const auto untreated = [](const std::string& keys) {
    std::string text = one_step("remission = 0.4\n[untreated]\n" + keys);
    return read(text.insert(text.find("reference"), "horizon = 52\n"))
        .untreated;
  };
  const std::string remission = "remission = { probability = 0.1, by = 52 }\n";
  CHECK(!untreated(remission).remits_in_gaps);
  CHECK(untreated(remission + "in_gaps = true\n").remits_in_gaps);
}

TEST_CASE("everything has the order of the file, not of the alphabet", "[io]") {
  const Scenario scenario = read(R"(
[scenario]
title = "Backwards"
reference = "zeta"
[pathways]
zeta = ["c"]
beta = ["b"]
alpha = ["a"]
[treatments.y]
[treatments.x]
[steps.c]
weeks = 8
remission = 0.4
[steps.c.arms.z]
[steps.c.arms.m]
[steps.c.arms.a]
[steps.b]
weeks = 8
remission = 0.4
[steps.a]
weeks = 8
remission = 0.4
[sources]
q = "Q"
p = "P"
)");
  CHECK(names_of(scenario.pathways) == Names{"zeta", "beta", "alpha"});
  CHECK(names_of(scenario.treatments) == Names{"y", "x"});
  CHECK(names_of(scenario.steps) == Names{"c", "b", "a"});
  CHECK(names_of(scenario.steps[0].arms) == Names{"z", "m", "a"});
  CHECK(scenario.sources.at(0).key == "q");
}

TEST_CASE("the text of a scenario is kept as it is", "[io]") {
  const test::Folder folder;
  const std::string text = "# a comment\n" + one_step("remission = 0.4 # no");
  const ScenarioFile file = read_scenario(folder.write("a.toml", text));
  CHECK(file.text == text);
  CHECK(file.path == folder / "a.toml");
}

TEST_CASE("a byte order mark, tabs and carriage returns do no harm", "[io]") {
  std::string text;
  for (const char c : one_step("remission\t= 0.4\n"))
    text += c == '\n' ? std::string("\r\n") : std::string(1, c);
  CHECK(read("\xEF\xBB\xBF" + text).title == "One step");
}

TEST_CASE("names and texts may have any letters", "[io]") {
  const Scenario scenario =
      read(one_step("remission = 0.4\n[treatments.\"Escitalopr\u00e1m\"]\n"
                    "label = '''\u00c9scitalopram ''10 mg'''''"));
  CHECK(scenario.treatments.at(0).name == "Escitalopr\u00e1m");
  CHECK(scenario.treatments.at(0).label == "\u00c9scitalopram ''10 mg''");
}

// ---- evidence ----

TEST_CASE("a plain number is evidence without uncertainty", "[io]") {
  const Evidence evidence = read_remission("0.306");
  CHECK(evidence.value == 0.306);
  CHECK(std::holds_alternative<Exact>(evidence.certainty));
  CHECK(evidence.source.empty());
  CHECK(evidence.key == "steps.first.remission");
}

TEST_CASE("{ value } carries its source and note", "[io]") {
  const Evidence evidence = read_remission(
      "{ value = 0.306, source = \"Table 2\", note = \"QIDS\" }");
  CHECK(evidence.value == 0.306);
  CHECK(std::holds_alternative<Exact>(evidence.certainty));
  CHECK(evidence.source == "Table 2");
  CHECK(evidence.note == "QIDS");
  CHECK(evidence.key == "steps.first.remission");
}

TEST_CASE("{ events, of } is a count", "[io]") {
  const Evidence evidence = read_remission("{ events = 439, of = 1439 }");
  CHECK(evidence.value == 439.0 / 1439);
  const Count& count = std::get<Count>(evidence.certainty);
  CHECK(count.events == 439);
  CHECK(count.of == 1439);
}

TEST_CASE("{ value, of } is a rate and its sample", "[io]") {
  const Evidence evidence = read_remission("{ value = 0.306, of = 1439 }");
  CHECK(evidence.value == 0.306);
  CHECK(std::get<Sample>(evidence.certainty).of == 1439);
}

TEST_CASE("{ value, low, high } is a value and its interval", "[io]") {
  const Evidence evidence =
      read_remission("{ value = 0.48, low = 0.44, high = 0.52 }");
  CHECK(evidence.value == 0.48);
  const Interval& interval = std::get<Interval>(evidence.certainty);
  CHECK(interval.low == 0.44);
  CHECK(interval.high == 0.52);
}

TEST_CASE("{ value, sd } is a value and its standard deviation", "[io]") {
  const Evidence evidence = read_remission("{ value = 0.48, sd = 0.02 }");
  CHECK(evidence.value == 0.48);
  CHECK(std::get<Spread>(evidence.certainty).sd == 0.02);
}

TEST_CASE("{ beta } has the mean of its law as value", "[io]") {
  const Evidence evidence = read_remission("{ beta = [281, 304] }");
  CHECK(evidence.value == 281.0 / 585);
  const Beta& law = std::get<Beta>(evidence.certainty);
  CHECK(law.a == 281);
  CHECK(law.b == 304);
}

TEST_CASE("evidence may be written as a table of its own", "[io]") {
  const Arm arm = read_arm("[steps.first.remission]\nvalue = 0.3\nof = 100\n");
  CHECK(arm.remission.value == 0.3);
  CHECK(std::get<Sample>(arm.remission.certainty).of == 100);
}

TEST_CASE("a key of [sources] stands for the text of the source", "[io]") {
  CHECK(read_remission("{ value = 0.3, source = \"rush2006\" }").source ==
        "Rush et al. 2006");
  CHECK(read_remission("{ value = 0.3, source = \"Rush 2007\" }").source ==
        "Rush 2007");
}

// ---- time distributions ----

TEST_CASE("a fixed time is read", "[io]") {
  const TimeDistribution time = read_time(
      "{ distribution = \"fixed\", week = 6, source = \"rush2006\", note = "
      "\"a visit\" }");
  CHECK(std::get<FixedTime>(time.form).week.value == 6);
  CHECK(time.source == "Rush et al. 2006");
  CHECK(time.note == "a visit");
}

TEST_CASE("a discrete time is read, and may reach beyond the step", "[io]") {
  const TimeDistribution time = read_time(
      "{ distribution = \"discrete\", weeks = [2, 4.5, 30], weights = [1, 0, "
      "2] }");
  const DiscreteTime& discrete = std::get<DiscreteTime>(time.form);
  CHECK(discrete.weeks == std::vector<double>{2, 4.5, 30});
  CHECK(discrete.weights == std::vector<double>{1, 0, 2});
}

TEST_CASE("a gamma time is read", "[io]") {
  const TimeDistribution time = read_time(
      "{ distribution = \"gamma\", shape = 3, scale = { value = 2.25, source = "
      "\"rush2006\" } }");
  const GammaTime& gamma = std::get<GammaTime>(time.form);
  CHECK(gamma.shape.value == 3);
  CHECK(gamma.scale.value == 2.25);
  CHECK(gamma.scale.source == "Rush et al. 2006");
  CHECK(gamma.scale.key == "steps.first.remission_time.scale");
}

TEST_CASE("a Weibull time is read", "[io]") {
  const TimeDistribution time =
      read_time("{ distribution = \"weibull\", shape = 1.5, scale = 8 }");
  const WeibullTime& weibull = std::get<WeibullTime>(time.form);
  CHECK(weibull.shape.value == 1.5);
  CHECK(weibull.scale.value == 8);
}

TEST_CASE("a log-normal time is read", "[io]") {
  const TimeDistribution time =
      read_time("{ distribution = \"log_normal\", median = 6, sigma = 0.5 }");
  const LogNormalTime& log_normal = std::get<LogNormalTime>(time.form);
  CHECK(log_normal.median.value == 6);
  CHECK(log_normal.sigma.value == 0.5);
}

TEST_CASE("an exponential time is read", "[io]") {
  const TimeDistribution time =
      read_time("{ distribution = \"exponential\", mean = 5 }");
  CHECK(std::get<ExponentialTime>(time.form).mean.value == 5);
}

TEST_CASE("a time distribution without a source is listed as such", "[io]") {
  const Scenario scenario = read(one_step(R"(
remission = { value = 0.4, source = "rush2006" }
remission_time = { distribution = "exponential", mean = 5 }
intolerance_time = { distribution = "fixed", week = 2, source = "rush2006" }
[steps.first.arms]
a = {}
b = { intolerance_time = { distribution = "fixed", week = 2 } }
)"));
  CHECK(unsourced(scenario) ==
        Names{"steps.first.weeks", "steps.first.remission_time.mean",
              "steps.first.arms.b.intolerance_time.week"});
}

// ---- arms ----

TEST_CASE("an arm takes from its step what it does not say itself", "[io]") {
  const Scenario scenario = read(one_step(R"(
strategy = "switch"
remission = { value = 0.25, source = "rush2006" }
intolerance = 0.2
remission_time = { distribution = "exponential", mean = 5 }
continue_if_not_remitted = 0.6
[steps.first.arms]
bupropion = { share = 239, treatment = "bupropion" }
sertraline = { share = 238, remission = 0.27, strategy = "augment" }
[treatments.bupropion]
label = "Bupropion-SR"
)"));
  const std::vector<Arm>& arms = scenario.steps.at(0).arms;
  REQUIRE(names_of(arms) == Names{"bupropion", "sertraline"});
  CHECK(arms[0].label == "Bupropion-SR");
  CHECK(arms[0].treatment == 0u);
  CHECK(arms[0].share.value == 239);
  CHECK(arms[0].strategy == "switch");
  CHECK(arms[0].remission.value == 0.25);
  CHECK(arms[0].remission.source == "Rush et al. 2006");
  CHECK(arms[0].remission.key == "steps.first.remission");
  CHECK(std::holds_alternative<ExponentialTime>(arms[0].remission_time.form));
  CHECK(arms[1].label == "sertraline");
  CHECK_FALSE(arms[1].treatment);
  CHECK(arms[1].strategy == "augment");
  CHECK(arms[1].remission.value == 0.27);
  CHECK(arms[1].remission.source.empty());
  CHECK(arms[1].remission.key == "steps.first.arms.sertraline.remission");
  CHECK(arms[1].intolerance.value().value == 0.2);
  CHECK(arms[1].continue_if_not_remitted.value().value == 0.6);
}

TEST_CASE("an arm may have the name of a key", "[io]") {
  const Scenario scenario = read(one_step(R"(
remission = 0.4
[steps.first.arms]
treatment = { remission = 0.5 }
label = {}
)"));
  CHECK(names_of(scenario.steps.at(0).arms) == Names{"treatment", "label"});
}

TEST_CASE("the only arm is named like its treatment, else like its step",
          "[io]") {
  CHECK(read_arm("remission = 0.4").name == "first");
  const Arm arm = read_arm(
      "remission = 0.4\ntreatment = \"ect\"\n[treatments.ect]\nlabel = "
      "\"Bilateral ECT\"");
  CHECK(arm.name == "ect");
  CHECK(arm.label == "Bilateral ECT");
}

// ---- extends ----

namespace {

const std::string base = R"([scenario]
title = "Base"
reference = "usual"
[sources]
rush2006 = "Rush et al. 2006"
[pathways]
usual = ["first", "second"]
short = ["first"]
[treatments]
citalopram = { label = "Citalopram", class = "SSRI" }
[steps.first]
weeks = 14
treatment = "citalopram"
remission = { value = 0.368, of = 3671, source = "rush2006" }
[steps.second]
weeks = 12
remission = 0.3
intolerance = 0.2
[steps.second.arms]
sertraline = { share = 238, remission = 0.27 }
bupropion = { share = 239 }
venlafaxine = { share = 250 }
)";

Scenario read_extended(const std::string& own) {
  const test::Folder folder;
  folder.write("base.toml", base);
  return read_scenario(
             folder.write("own.toml", "extends = \"base.toml\"\n" + own))
      .scenario;
}

}  // namespace

TEST_CASE("an extending file changes only what it says", "[io]") {
  const Scenario scenario = read_extended(R"(
[scenario]
title = "Own"
[steps.second.arms]
bupropion = { remission = 0.26 }
[treatments.citalopram]
adequate_dose = "20 mg"
)");
  CHECK(scenario.title == "Own");
  CHECK(scenario.steps.at(0).arms.at(0).remission.value == 0.368);
  const Arm& bupropion = scenario.steps.at(1).arms.at(1);
  CHECK(bupropion.share.value == 239);
  CHECK(bupropion.remission.value == 0.26);
  CHECK(scenario.treatments.at(0).treatment_class == "SSRI");
  CHECK(scenario.treatments.at(0).adequate_dose == "20 mg");
}

TEST_CASE("a new value inherits neither source nor sample of the old one",
          "[io]") {
  for (const char* own : {"[steps.first]\nremission = { value = 0.4 }",
                          "[steps.first.remission]\nvalue = 0.4",
                          "[steps.first]\nremission.value = 0.4"}) {
    const Evidence remission =
        read_extended(own).steps.at(0).arms.at(0).remission;
    CHECK(remission.value == 0.4);
    CHECK(remission.source.empty());
    CHECK(std::holds_alternative<Exact>(remission.certainty));
  }
}

TEST_CASE("an array is replaced by that of the extending file", "[io]") {
  const Scenario scenario = read_extended("[pathways]\nusual = [\"second\"]\n");
  CHECK(scenario.pathways.at(0).steps == std::vector<std::size_t>{1});
}

TEST_CASE("what is overridden keeps its place, what is new comes after",
          "[io]") {
  const Scenario scenario = read_extended(R"(
[pathways]
again = ["first", "first"]
short = ["second"]
[steps.zeroth]
weeks = 2
remission = 0.1
[steps.first]
weeks = 10
[steps.second.arms]
ect = { share = 2 }
bupropion = { share = 1 }
)");
  CHECK(names_of(scenario.pathways) == Names{"usual", "short", "again"});
  CHECK(names_of(scenario.steps) == Names{"first", "second", "zeroth"});
  CHECK(names_of(scenario.steps[1].arms) ==
        Names{"sertraline", "bupropion", "venlafaxine", "ect"});
}

TEST_CASE("remove = true deletes a table of the base", "[io]") {
  const Scenario scenario = read_extended(R"(
[steps.second]
intolerance = { remove = true }
[steps.second.arms.sertraline]
remove = true
[steps.second.arms]
venlafaxine = { remove = true }
[pathways]
short = ["second"]
)");
  CHECK(names_of(scenario.steps.at(1).arms) == Names{"bupropion"});
  CHECK_FALSE(scenario.steps[1].arms[0].intolerance);
}

TEST_CASE("a chain of files is merged from its base upwards", "[io]") {
  const test::Folder folder;
  fs::create_directory(folder / "studies");
  folder.write("base.toml", base);
  folder.write("studies/middle.toml",
               "extends = \"../base.toml\"\n[scenario]\ntitle = \"Middle\"\n"
               "[steps.first]\nweeks = 10\n");
  const ScenarioFile file = read_scenario(
      folder.write("own.toml",
                   "extends = \"studies/middle.toml\"\n[scenario]\n"
                   "description = \"Own\"\n"));
  CHECK(file.scenario.title == "Middle");
  CHECK(file.scenario.description == "Own");
  CHECK(file.scenario.steps.at(0).weeks.value == 10);
  CHECK(file.scenario.steps.at(0).arms.at(0).remission.value == 0.368);
}

TEST_CASE("several files are merged in their order, later ones win", "[io]") {
  const test::Folder folder;
  folder.write("base.toml", base);
  folder.write("a.toml", "[cohort]\npatients = 10\nseed = 7\n");
  folder.write("b.toml", "[cohort]\npatients = 20\n");
  const ScenarioFile file = read_scenario(folder.write(
      "own.toml", "extends = [\"base.toml\", \"a.toml\", \"b.toml\"]\n"));
  CHECK(file.scenario.cohort.patients == 20);
  CHECK(file.scenario.cohort.seed == 7);
  CHECK(file.scenario.title == "Base");
  CHECK(file.files ==
        std::vector<fs::path>{folder / "base.toml", folder / "a.toml",
                              folder / "b.toml", folder / "own.toml"});
}

TEST_CASE("a file that two others extend is merged once, before both", "[io]") {
  const test::Folder folder;
  folder.write("base.toml", base);
  folder.write("a.toml", "extends = \"base.toml\"\n[steps.first]\nweeks = 9\n");
  folder.write("b.toml",
               "extends = \"base.toml\"\n[steps.second]\nweeks = 8\n");
  const Scenario scenario =
      read_scenario(
          folder.write("own.toml", "extends = [\"a.toml\", \"b.toml\"]\n"))
          .scenario;
  CHECK(scenario.steps.at(0).weeks.value == 9);
  CHECK(scenario.steps.at(1).weeks.value == 8);
}

TEST_CASE("the text of an extending file has its bases first", "[io]") {
  const test::Folder folder;
  const std::string own = "extends = \"base.toml\"\n";
  folder.write("base.toml", base);
  const fs::path own_path = folder.write("own.toml", own);
  CHECK(read_scenario(own_path).text ==
        "# ---- base.toml ----\n" + base + "# ---- own.toml ----\n" + own);
}

TEST_CASE("a scenario knows the files it was read from, the base first",
          "[io]") {
  const test::Folder folder;
  fs::create_directory(folder / "studies");
  folder.write("base.toml", base);
  const std::string middle = "extends = \"../base.toml\"\n";
  const std::string own = "extends = \"studies/middle.toml\"\n";
  folder.write("studies/middle.toml", middle);
  const ScenarioFile file = read_scenario(folder.write("own.toml", own));
  CHECK(file.files == std::vector<fs::path>{folder / "studies/../base.toml",
                                            folder / "studies/middle.toml",
                                            folder / "own.toml"});
  CHECK(file.text == "# ---- ../base.toml ----\n" + base +
                         "# ---- studies/middle.toml ----\n" + middle +
                         "# ---- own.toml ----\n" + own);
  const fs::path alone = folder / "base.toml";
  CHECK(read_scenario(alone).files == std::vector<fs::path>{alone});
}

TEST_CASE("a problem is reported where its value was set, the base first",
          "[io]") {
  const test::Folder folder;
  const std::string base_path =
      folder.write("base.toml", base + "vilazodone = { share = -1 }\n")
          .string();
  const std::string own_path =
      folder
          .write("own.toml",
                 "extends = \"base.toml\"\n[steps.first]\nremission = 2\n"
                 "[steps.second]\nlabel = { remove = true }\n"
                 "intolerance = { value = 0.1, remove = true }\n")
          .string();
  try {
    read_scenario(own_path);
    FAIL("no problem found");
  } catch (const BadScenario& error) {
    CHECK(error.lines() ==
          std::vector<std::string>{
              base_path + ":23:24: steps.second.arms.vilazodone.share: -1 is "
                          "not a share (0 or more)",
              own_path + ":3:13: steps.first.remission: 2 is not a probability "
                         "(0 to 1)",
              own_path + ":5:11: steps.second.label: nothing of this name to "
                         "remove in what this file extends; the names there "
                         "are weeks, remission, intolerance, arms",
              own_path + ":6:30: steps.second.intolerance.remove: stands alone "
                         "in its table, as remove = true"});
  }
}

TEST_CASE("removing a name that is not there says which are", "[io]") {
  const test::Folder folder;
  folder.write("base.toml", base);
  const std::string own =
      folder
          .write("own.toml",
                 "extends = \"base.toml\"\n[steps.second.arms]\n"
                 "sertaline = { remove = true }\n"
                 "placebo = { remove = true }\n")
          .string();
  const std::string nothing =
      ": nothing of this name to remove in what this file extends; ";
  try {
    read_scenario(own);
    FAIL("no problem found");
  } catch (const BadScenario& error) {
    CHECK(error.lines() ==
          std::vector<std::string>{
              own + ":3:15: steps.second.arms.sertaline" + nothing +
                  "did you mean \"sertraline\"?",
              own + ":4:13: steps.second.arms.placebo" + nothing +
                  "the names there are sertraline, bupropion, venlafaxine"});
  }
}

// ---- files that cannot be read ----

TEST_CASE("a missing file and a folder cannot be read", "[io]") {
  const test::Folder folder;
  const std::string missing = (folder / "none.toml").string();
  CHECK_THROWS_WITH(read_scenario(missing),
                    "cannot read " + missing + ": No such file or directory");
  CHECK_THROWS_AS(read_scenario(missing), CannotRead);
  CHECK_THROWS_WITH(
      read_scenario(folder.path()),
      "cannot read " + folder.path().string() + ": Is a directory");
}

// ---- counts on the command line ----

TEST_CASE("a number of patients is read as people write it", "[io]") {
  CHECK(parse_patients("1") == 1);
  CHECK(parse_patients("100000") == 100'000);
  CHECK(parse_patients("1_000_000") == 1'000'000);
  CHECK(parse_patients("1e6") == 1'000'000);
  CHECK(parse_patients("2.5E+3") == 2'500);
  CHECK(parse_patients("1099511627776") == 1'099'511'627'776);
}

TEST_CASE("what is no number of patients is refused, saying what is", "[io]") {
  for (const std::string text :
       {"", "-5", "0", "+5", "abc", "1.5", "1.55e1", "1e", "1_", "0x10", "nan",
        "1099511627777", "99999999999999999999", "1e99", " 1"})
    CHECK_THROWS_WITH(parse_patients(text),
                      "\"" + text +
                          "\" is not a number of patients (a whole number from "
                          "1 to 2^40, e.g. 100000 or 1e6)");
  CHECK_THROWS_AS(parse_patients(std::string(100'000, '1')),
                  std::invalid_argument);
}

TEST_CASE("a seed is a whole number that may be 0", "[io]") {
  CHECK(parse_seed("0") == 0);
  CHECK(parse_seed("9223372036854775807") == 9'223'372'036'854'775'807u);
  CHECK_THROWS_WITH(parse_seed("9223372036854775808"),
                    "\"9223372036854775808\" is not a seed (a whole number "
                    "from 0 to 2^63-1)");
  CHECK_THROWS_AS(parse_seed("-1"), std::invalid_argument);
}
