// Every kind of bad scenario, refused by the reader and by the program in the
// same words: exit code 2, the lines on stderr, nothing on stdout, no file.
#include "sim/io/scenario_reader.hpp"
#include "tests/program.hpp"

#include <catch2/catch.hpp>

#include <stdexcept>
#include <string>
#include <vector>

using namespace stardsim;

namespace {

namespace fs = std::filesystem;

const std::string sound = R"([scenario]
title = "Two steps"
reference = "usual"
[pathways]
usual = ["first", "second"]
[steps.first]
weeks = 12
remission = 0.4
[steps.second]
weeks = 14
remission = 0.3
)";

const std::string number_is_allowed =
    "a number or an evidence value such as { value = 0.3, source = \"...\" } "
    "is "
    "allowed";
const std::string remission_is_needed =
    "the probability of remission, in the arm or in its step, is needed";

std::string suggested(const std::string& name) {
  return "; did you mean \"" + name + "\"?";
}

// The sound scenario with one thing changed.
std::string with(const std::string& old, const std::string& changed) {
  std::string text = sound;
  const std::size_t at = text.find(old);
  if (at == std::string::npos) throw std::logic_error("no such text: " + old);
  return text.replace(at, old.size(), changed);
}

std::vector<std::string> lines_of(const fs::path& file) {
  try {
    read_scenario(file);
  } catch (const BadScenario& error) {
    return error.lines();
  }
  return {"no problem found"};
}

void expect_refused_file(const test::Folder& folder, const fs::path& file,
                         const std::vector<std::string>& lines) {
  CHECK(lines_of(file) == lines);

  const fs::path output = folder / "results.h5";
  const auto files_in = [](const fs::path& path) {
    return std::distance(fs::directory_iterator(path),
                         fs::directory_iterator());
  };
  const auto files_before = files_in(folder.path());
  const test::Outcome outcome = test::run("stardsim run '" + file.string() +
                                          "' -o '" + output.string() + "'");
  std::string expected;
  for (const std::string& line : lines) expected += line + "\n";
  CHECK(outcome.code == 2);
  CHECK(outcome.err == expected);
  CHECK(outcome.out.empty());
  CHECK(files_in(folder.path()) == files_before);
}

// `lines` are without the name of the file, which is the same in all.
void expect_refused(const std::string& toml_text,
                    const std::vector<std::string>& lines) {
  const test::Folder folder;
  const fs::path file = folder.write("bad.toml", toml_text);
  std::vector<std::string> full_lines;
  full_lines.reserve(lines.size());
  for (const std::string& line : lines)
    full_lines.push_back(file.string() + ":" + line);
  expect_refused_file(folder, file, full_lines);
}

}  // namespace

TEST_CASE("the scenario that the bad ones are made of is sound", "[io]") {
  const test::Folder folder;
  CHECK_NOTHROW(read_scenario(folder.write("sound.toml", sound)));
}

TEST_CASE("a probability above 1 is refused", "[io]") {
  expect_refused(
      with("remission = 0.4", "remission = 1.3"),
      {"8:13: steps.first.remission: 1.3 is not a probability (0 to 1)"});
}

TEST_CASE("a probability below 0 is refused", "[io]") {
  expect_refused(
      with("remission = 0.4", "remission = { value = -0.1, of = 50 }"),
      {"8:23: steps.first.remission.value: -0.1 is not a probability (0 to "
       "1)"});
}

TEST_CASE("outcomes that sum to more than 1 are refused", "[io]") {
  expect_refused(
      with("remission = 0.4", "remission = 0.7\nintolerance = 0.4"),
      {"6:1: steps.first: remission 0.7 + intolerance 0.4 sum to 1.1; outcome "
       "probabilities may sum to at most 1"});
}

TEST_CASE("shares that sum to 0 are refused", "[io]") {
  expect_refused(with("remission = 0.4", R"(remission = 0.4
[steps.first.arms]
sertraline = { share = 0 }
bupropion = { share = 0 })"),
                 {"9:1: steps.first.arms: the shares of the arms sum to 0; one "
                  "above 0 is needed"});
}

TEST_CASE("a pathway with an unknown step is refused", "[io]") {
  expect_refused(with("\"second\"]", "\"secnd\"]"),
                 {"5:19: pathways.usual: \"secnd\" is not a step of this "
                  "scenario; did you mean \"second\"?"});
}

TEST_CASE("a pathway without steps is refused without a horizon", "[io]") {
  expect_refused(
      with("[\"first\", \"second\"]", "[]"),
      {"1:1: scenario.horizon: missing; since time goes on after the "
       "treatments (pathways.usual), the number of weeks to "
       "simulate is needed"});
}

TEST_CASE("a negative length is refused", "[io]") {
  expect_refused(
      with("weeks = 12", "weeks = -12"),
      {"7:9: steps.first.weeks: -12 is not a length in weeks (1/1024 to 520)"});
}

TEST_CASE("a length of zero is refused", "[io]") {
  expect_refused(
      with("weeks = 12", "weeks = 0"),
      {"7:9: steps.first.weeks: 0 is not a length in weeks (1/1024 to 520)"});
}

TEST_CASE("a length shorter than the engine can tell from 0 is refused",
          "[io]") {
  expect_refused(with("weeks = 12", "weeks = 0.0009"),
                 {"7:9: steps.first.weeks: 0.0009 is not a length in weeks "
                  "(1/1024 to 520)"});
}

TEST_CASE("not-a-number is refused", "[io]") {
  expect_refused(with("remission = 0.4", "remission = nan"),
                 {"8:13: steps.first.remission: nan is not a finite number"});
}

TEST_CASE("infinity is refused", "[io]") {
  expect_refused(with("weeks = 12", "weeks = { value = inf }"),
                 {"7:19: steps.first.weeks.value: inf is not a finite number"});
}

TEST_CASE("a name given twice is refused", "[io]") {
  expect_refused(
      with("[steps.second]", "[steps.first]"),
      {"9:1: not valid TOML: table header: cannot redefine existing table "
       "'steps.first'"});
}

TEST_CASE("a key given twice is refused", "[io]") {
  expect_refused(
      with("weeks = 12", "weeks = 12\nweeks = 14"),
      {"8:9: not valid TOML: key-value pair: cannot redefine existing integer "
       "'weeks'"});
}

TEST_CASE("a cohort of no patients is refused", "[io]") {
  expect_refused("[cohort]\npatients = 0\n" + sound,
                 {"2:12: cohort.patients: 0 is not a number of patients (a "
                  "whole number from 1 to 2^40, e.g. 100000 or 1e6)"});
}

TEST_CASE("a cohort of more than 2^40 patients is refused", "[io]") {
  expect_refused("[cohort]\npatients = 1_099_511_627_777\n" + sound,
                 {"2:12: cohort.patients: 1099511627777 is not a number of "
                  "patients (a whole number from 1 to 2^40, e.g. 100000 or "
                  "1e6)"});
}

TEST_CASE("a seed below 0 is refused", "[io]") {
  expect_refused("[cohort]\nseed = -1\n" + sound,
                 {"2:8: cohort.seed: -1 is not a seed (a whole number from 0 "
                  "to 2^63-1)"});
}

TEST_CASE("a file that is not text is refused", "[io]") {
  expect_refused("[scenario]\ntitle = \"\xff\xfe\"\n",
                 {"2:10: not text: this byte is not UTF-8"});
  expect_refused(std::string("[scenario]\n\0", 12),
                 {"2:1: not text: NUL byte"});
}

TEST_CASE("a file over 1 MB is refused", "[io]") {
  expect_refused(
      sound + std::string(1'000'001 - sound.size(), '#'),
      {"1:1: longer than 1 MB (1,000,000 bytes), so not a scenario"});
}

TEST_CASE("files that extend one another in a loop are refused", "[io]") {
  const test::Folder folder;
  const std::string a =
      folder.write("a.toml", "extends = \"b.toml\"\n").string();
  const std::string b =
      folder.write("b.toml", "# b\nextends = \"a.toml\"\n").string();
  expect_refused_file(folder, a,
                      {b + ":2:11: extends: a file cannot extend itself: " + a +
                       " -> " + b + " -> " + a});
}

TEST_CASE("a file that extends itself is refused", "[io]") {
  const test::Folder folder;
  const std::string a =
      folder.write("a.toml", "extends = \"a.toml\"\n").string();
  expect_refused_file(
      folder, a,
      {a + ":1:11: extends: a file cannot extend itself: " + a + " -> " + a});
}

TEST_CASE("a file that extends a missing one is refused", "[io]") {
  const test::Folder folder;
  const std::string a =
      folder.write("a.toml", "extends = \"none.toml\"\n").string();
  const std::string base = (folder / "none.toml").string();
  expect_refused_file(folder, a,
                      {a + ":1:11: extends: cannot read " + base +
                       ": No such file or directory"});
}

TEST_CASE("removing what a file does not inherit is refused", "[io]") {
  expect_refused(
      sound + "[treatments.placebo]\nremove = true\n",
      {"13:1: treatments.placebo: nothing of this name to remove in what this "
       "file extends"});
}

TEST_CASE("an unknown key is refused, and the nearest known one suggested",
          "[io]") {
  expect_refused(with("remission = 0.4", "remission = 0.4\nintollerance = 0.1"),
                 {"9:1: steps.first: unknown key \"intollerance\"; did you "
                  "mean \"intolerance\"?"});
}

TEST_CASE("an unknown key like no other is refused with all that are known",
          "[io]") {
  expect_refused("[cohort]\nmen = 0.37\n" + sound,
                 {"2:1: cohort: unknown key \"men\"; allowed are patients, "
                  "seed, covariates, correlations, table"});
}

TEST_CASE("attrition among all entrants is refused with what to give instead",
          "[io]") {
  expect_refused(with("remission = 0.4", "remission = 0.4\nattrition = 0.2"),
                 {"9:1: steps.first: unknown key \"attrition\"; use "
                  "continue_if_not_remitted, which is P(entering the next step "
                  "| not remitted), not a share of all who entered"});
}

TEST_CASE("STAR*D's response is refused as an outcome", "[io]") {
  expect_refused(with("remission = 0.4", "remission = 0.4\nresponse = 0.5"),
                 {"9:1: steps.first: unknown key \"response\"; STAR*D's "
                  "response overlaps with remission and is not a competing "
                  "outcome; use partial_response for one that is"});
}

TEST_CASE("a syntax error is reported alone", "[io]") {
  expect_refused(with("weeks = 12\nremission = 0.4", "weeks 12\nremission = 7"),
                 {"7:7: not valid TOML: key-value pair: expected '=', saw "
                  "'1'"});
}

TEST_CASE("several problems are reported at once, in the order of the file",
          "[io]") {
  expect_refused(
      R"([scenario]
title = 4
reference = "usal"
horizon = 20
[pathways]
usual = ["first", "second"]
[steps.first]
weeks = 12
remission = 1.3
[steps.second]
weeks = "14"
remision = 0.3
)",
      {"2:9: scenario.title: is a whole number; a text in quotes is allowed",
       "3:13: scenario.reference: \"usal\" is not a pathway of this scenario" +
           suggested("usual"),
       "9:13: steps.first.remission: 1.3 is not a probability (0 to 1)",
       "10:1: steps.second.remission: missing; " + remission_is_needed,
       "11:9: steps.second.weeks: is a string; " + number_is_allowed +
           "; remove the quotes",
       "12:1: steps.second: unknown key \"remision\"" +
           suggested("remission")});
}

TEST_CASE("an outcome sum that arms inherit is reported once, on the step",
          "[io]") {
  expect_refused(with("remission = 0.4", R"(remission = 0.7
intolerance = 0.4
[steps.first.arms]
sertraline = {}
bupropion = {}
venlafaxine = { remission = 0.8 })"),
                 {"6:1: steps.first: remission 0.7 + intolerance 0.4 sum to "
                  "1.1; outcome probabilities may sum to at most 1",
                  "13:15: steps.first.arms.venlafaxine: remission 0.8 + "
                  "intolerance 0.4 sum to 1.2; outcome probabilities may sum "
                  "to at most 1"});
}

TEST_CASE("a scenario without a reference pathway is refused", "[io]") {
  expect_refused(with("reference = \"usual\"\n", ""),
                 {"1:1: scenario.reference: missing; the name of a pathway is "
                  "needed"});
}

TEST_CASE("an empty file is refused with all that it lacks", "[io]") {
  expect_refused("", {"1:1: steps: missing; at least one step is needed",
                      "1:1: pathways: missing; at least one pathway is needed",
                      "1:1: scenario.title: missing; a title in quotes is "
                      "needed",
                      "1:1: scenario.reference: missing; the name of a pathway "
                      "is needed"});
}

TEST_CASE("a horizon shorter than a pathway is refused", "[io]") {
  expect_refused(with("reference", "horizon = 25\nreference"),
                 {"3:11: scenario.horizon: 25 weeks are shorter than the "
                  "pathway \"usual\", which lasts 26"});
}

TEST_CASE("a pathway longer than can be simulated is refused", "[io]") {
  std::string steps = "\"first\"";
  for (int i = 1; i < 11; ++i) steps += ", \"first\"";
  expect_refused(
      with("usual = [\"first\", \"second\"]\n[steps.first]\nweeks = 12",
           "usual = [" + steps + "]\n[steps.first]\nweeks = 520"),
      {"5:9: pathways.usual: lasts 5720 weeks; at most 5218 can be simulated"});
}

TEST_CASE("more pathways, steps or arms than can be held are refused", "[io]") {
  std::string steps, arms, pathways;
  for (int i = 0; i < 65; ++i) {
    steps += "\"second\", ";
    arms += "a" + std::to_string(i) + " = {}\n";
    pathways += "p" + std::to_string(i) + " = [\"second\"]\n";
  }
  expect_refused(with("[\"first\", \"second\"]", "[" + steps + "]"),
                 {"5:9: pathways.usual: 65 steps; a pathway has at most 64"});
  expect_refused(
      with("remission = 0.4", "remission = 0.4\n[steps.first.arms]\n" + arms),
      {"9:1: steps.first.arms: 65 entries; at most 64 are allowed"});
  expect_refused(with("\"second\"]\n", "\"second\"]\n" + pathways),
                 {"4:1: pathways: 66 entries; at most 64 are allowed"});
}

TEST_CASE("a value of the wrong type is refused", "[io]") {
  expect_refused(
      with("remission = 0.4", "remission = \"40 %\""),
      {"8:13: steps.first.remission: is a string; " + number_is_allowed});
}

TEST_CASE("a mixture of forms of evidence is refused", "[io]") {
  expect_refused(
      with("remission = 0.4", "remission = { value = 0.4, events = 4 }"),
      {"8:13: steps.first.remission: { value, events } is not an evidence "
       "value; allowed are { value }, { events, of }, { value, of }, { value, "
       "low, high }, { value, sd }, { beta = [a, b] } or { uniform = [low, "
       "high] }, each with source and note if known"});
}

TEST_CASE("more events than patients are refused", "[io]") {
  expect_refused(
      with("remission = 0.4", "remission = { events = 5, of = 3 }"),
      {"8:24: steps.first.remission.events: 5 events of 3 are not possible"});
}

TEST_CASE("a value outside its interval is refused", "[io]") {
  expect_refused(
      with("remission = 0.4",
           "remission = { value = 0.4, low = 0.41, high = 0.5 }"),
      {"8:13: steps.first.remission: the value 0.4 lies outside its interval, "
       "0.41 to 0.5"});
}

TEST_CASE("a time that lies wholly beyond the step is refused", "[io]") {
  expect_refused(
      with("remission = 0.4",
           "remission = 0.4\nremission_time = { distribution = \"fixed\", "
           "week = 13 }"),
      {"9:18: steps.first.remission_time: nothing of this distribution lies "
       "within the 12 weeks of the step"});
}

TEST_CASE("parameters of another distribution are refused", "[io]") {
  expect_refused(
      with("remission = 0.4",
           "remission = 0.4\nremission_time = { distribution = \"gamma\", "
           "shape = 3, scale = 2, mean = 6 }"),
      {"9:66: steps.first.remission_time: unknown key \"mean\"; allowed are "
       "distribution, shape, scale, source, note"});
}

TEST_CASE("a bare key with other letters than ASCII is refused", "[io]") {
  expect_refused(with("weeks = 12", "weeks = 12\nl\u00e4nge = 12"),
                 {"8:2: \"\u00e4\" outside quotes; a key with other letters "
                  "than A to Z a to z needs quotes"});
}

TEST_CASE("keys and values nested without end are refused", "[io]") {
  std::string key = "a";
  for (int i = 0; i < 100'000; ++i) key += ".a";
  expect_refused("[" + key + "]", {"1:65: a key has at most 32 parts"});
  expect_refused("a = " + std::string(100'000, '['),
                 {"1:37: not valid TOML: value: exceeded maximum nested value "
                  "depth of 32"});
}

TEST_CASE("a table header that is no key is refused", "[io]") {
  expect_refused("[&", {"1:2: not valid TOML: key: expected bare key starting "
                        "character or string delimiter, saw '&'"});
}

TEST_CASE("a table header without a key is refused", "[io]") {
  expect_refused("[ = 3", {"1:3: not valid TOML: key: expected bare key "
                           "starting character or string delimiter, saw '='"});
}

// ---- arms ----

TEST_CASE("an arm without a share among others with one is refused", "[io]") {
  const std::string no_share =
      ": has no share, while other arms of the step have one; state all or "
      "none";
  expect_refused(with("remission = 0.4", R"(remission = 0.4
[steps.first.arms]
x = { share = 3 }
y = {}
[steps.first.arms.z]
remission = 0.3)"),
                 {"11:5: steps.first.arms.y" + no_share,
                  "12:1: steps.first.arms.z" + no_share});
}

TEST_CASE("keys of the step among its arms are refused, each in one line",
          "[io]") {
  expect_refused(
      with("weeks = 12\nremission = 0.4", R"([steps.first.arms]
x = { share = 3 }
weeks = 12
label = "First"
remission = { value = 0.4, of = 100 }
remission_time = { distribution = "discrete", weeks = [2], weights = [1] }
continue_if_not_remitted = 0.6
share = 4)"),
      {"9:1: steps.first.arms.weeks: weeks is a key of the step; write it "
       "above [steps.first.arms]",
       "10:1: steps.first.arms.label: label is a key of the step; write it "
       "above [steps.first.arms]",
       "11:1: steps.first.arms.remission: remission is a key of the step; "
       "write it above [steps.first.arms]",
       "12:1: steps.first.arms.remission_time: remission_time is a key of the "
       "step; write it above [steps.first.arms]",
       "13:1: steps.first.arms.continue_if_not_remitted: "
       "continue_if_not_remitted is a key of the step; write it above "
       "[steps.first.arms]",
       "14:1: steps.first.arms.share: share is a key of an arm; write it in "
       "[steps.first.arms.NAME]"});
}

TEST_CASE("arms as an array are refused with how to write them", "[io]") {
  expect_refused(
      with("remission = 0.4", "remission = 0.4\narms = [{ share = 1 }]"),
      {"9:8: steps.first.arms: is an array; write each as "
       "[steps.first.arms.NAME]"});
}

TEST_CASE("an arm that is a number is refused with how to write it", "[io]") {
  expect_refused(
      with("remission = 0.4", "remission = 0.4\narms = { sertraline = 0.3 }"),
      {"9:23: steps.first.arms.sertraline: is a number; a table such as { "
       "remission = 0.3 } is allowed"});
}

// ---- costs and effects ----

namespace {

// The sound scenario, whose 11 lines the economics follow.
const std::string valued = sound + R"([economics]
currency = "USD"
price_year = 2021
discount = { costs = 0.03, effects = 0.03 }
[utilities]
no_response = 0.58
remission = 0.85
[costs.care]
rates = { value = 8223, per = "year" }
)";

std::string valued_with(const std::string& old, const std::string& changed) {
  std::string text = valued;
  return text.replace(text.find(old), old.size(), changed);
}

}  // namespace

TEST_CASE("an amount in another currency is refused", "[io]") {
  expect_refused(valued_with("8223", "8223, currency = \"GBP\""),
                 {"20:9: costs.care.rates: is in GBP 2021; the scenario counts "
                  "USD 2021: convert it"});
}

TEST_CASE("an amount of another price year is refused", "[io]") {
  expect_refused(valued_with("8223", "8223, price_year = 2013"),
                 {"20:9: costs.care.rates: is in USD 2013; the scenario counts "
                  "USD 2021: convert it"});
}

TEST_CASE("an unnamed currency or price year is refused", "[io]") {
  expect_refused(valued_with("currency = \"USD\"\n", ""),
                 {"12:1: economics.currency: missing; the currency, such as "
                  "\"USD\", is needed"});
  expect_refused(valued_with("price_year = 2021\n", ""),
                 {"12:1: economics.price_year: missing; the year of all prices "
                  "is needed"});
}

TEST_CASE("a utility above full health is refused", "[io]") {
  expect_refused(valued_with("0.85", "1.85"),
                 {"18:13: utilities.remission: 1.85 is not a utility (-1 to 1; "
                  "1 is full health)"});
}

TEST_CASE("a negative amount that is not allowed is refused", "[io]") {
  expect_refused(
      valued_with("8223", "-8223"),
      {"20:19: costs.care.rates.value: -8223 is not an amount (0 to 1e9; below "
       "0 needs allow_negative = true in [economics])"});
}

TEST_CASE("costs without a currency are refused", "[io]") {
  expect_refused(sound + "[costs.care]\n",
                 {"12:1: costs: needs [economics] with its currency and "
                  "price_year, such as currency = \"USD\", price_year = 2021"});
}

TEST_CASE("a life table with a hole is refused", "[io]") {
  const test::Folder folder;
  const fs::path table =
      folder.write("life.csv", "age,male,female\n0,0.1,0.1\n2,0.2,0.2\n");
  const fs::path file = folder.write("bad.toml", sound + R"([mortality]
life_table = "life.csv"
age = "age"
female_share = 0.6
[cohort.covariates]
age = { distribution = "normal", mean = 41, sd = 13 }
)");
  expect_refused_file(
      folder, file,
      {file.string() + ":13:14: mortality.life_table: " + table.string() +
       ":3: age 1 is missing; every age from 0 on is needed"});
}

// ---- values ----

TEST_CASE("a source that is nearly a key of [sources] is refused", "[io]") {
  const std::string sources = "[sources]\nrush2006 = \"Rush 2006\"\n";
  expect_refused(
      sources + with("remission = 0.4",
                     "remission = { value = 0.4, source = \"rush2060\" }"),
      {"10:37: steps.first.remission.source: \"rush2060\" is no key of "
       "[sources]; did you mean \"rush2006\"?"});
  expect_refused(
      sources + sound + "[treatments.ect]\nsource = \"Rsh2006\"\n",
      {"15:10: treatments.ect.source: \"Rsh2006\" is no key of [sources]; did "
       "you mean \"rush2006\"?"});
}

TEST_CASE("a time that is a number is refused with how to write it", "[io]") {
  expect_refused(
      with("remission = 0.4", "remission = 0.4\nremission_time = 6"),
      {"9:18: steps.first.remission_time: is a whole number; a table such as { "
       "distribution = \"fixed\", week = 6 } is allowed"});
}

TEST_CASE("an interval upside down is refused as such", "[io]") {
  expect_refused(with("remission = 0.4",
                      "remission = { value = 0.4, low = 0.5, high = 0.3 }"),
                 {"8:13: steps.first.remission: low, 0.5, is above high, 0.3"});
}

TEST_CASE("a number in quotes is refused with how to write it", "[io]") {
  expect_refused(with("weeks = 12", "weeks = \"12\""),
                 {"7:9: steps.first.weeks: is a string; " + number_is_allowed +
                  "; remove the quotes"});
  expect_refused("[cohort]\npatients = \"1e6\"\n" + sound,
                 {"2:12: cohort.patients: is a string; a number of patients (a "
                  "whole number from 1 to 2^40, e.g. 100000 or 1e6) is "
                  "allowed; remove the quotes"});
}

TEST_CASE("a key is not suggested for a short word that is only a bit like it",
          "[io]") {
  expect_refused(with("remission = 0.4", "remission = { rate = 0.4 }"),
                 {"8:15: steps.first.remission: unknown key \"rate\"; allowed "
                  "are source, note, value, events, of, low, high, sd, beta, "
                  "uniform, distribution, fixed"});
}

// ---- syntax ----

TEST_CASE("an inline table over several lines is refused with what to do",
          "[io]") {
  const std::string one_line =
      "not valid TOML: { ... } must stand on one line; for more lines, use a "
      "table header such as [steps.first.remission]";
  expect_refused(
      with("remission = 0.4", "remission = { value = 0.4,\n of = 100 }"),
      {"8:27: " + one_line});
  expect_refused(
      with("remission = 0.4", "remission = { value = 0.4, # a\n of = 100 }"),
      {"8:28: " + one_line});
}

TEST_CASE("a decimal comma is refused with the number meant", "[io]") {
  const std::string point =
      "not valid TOML: 0,306: decimals take a point: 0.306";
  expect_refused(with("remission = 0.4", "remission = 0,306"),
                 {"8:14: " + point});
  expect_refused(with("remission = 0.4", "remission = { value = 0,306 }"),
                 {"8:29: " + point});
  expect_refused(
      with("remission = 0.4", "remission = { value = 0,306, of = 9 }"),
      {"8:28: " + point});
  expect_refused(with("weeks = 12", "weeks = 1,439"),
                 {"7:10: not valid TOML: 1,439: decimals take a point: 1.439; "
                  "thousands take nothing: 1439"});
  expect_refused(with("weeks = 12", "weeks = 1,2,3"),
                 {"7:10: not valid TOML: key-value pair: expected a comment or "
                  "whitespace, saw ','"});
}

TEST_CASE("a missing closing quote is refused as such", "[io]") {
  const std::string no_quote = "not valid TOML: the closing quote is missing";
  expect_refused(with("\"Two steps\"", "\"Two steps"), {"2:19: " + no_quote});
  expect_refused(with("\"Two steps\"", "'Two steps\r"), {"2:19: " + no_quote});
  expect_refused("title = \"Two", {"1:13: " + no_quote});
  expect_refused(with("Two steps", "Two\x01steps"),
                 {"2:13: not valid TOML: string: unescaped control characters "
                  "other than TAB (U+0009) are explicitly prohibited"});
}

TEST_CASE("characters of word processors are refused with what to write",
          "[io]") {
  expect_refused(with("\"Two steps\"", "\u201CTwo steps\u201D"),
                 {"2:9: curly quotes; use straight ones, \" or '"});
  expect_refused(with("weeks = 12", "weeks\u00A0= 12"),
                 {"7:6: U+00A0 (no-break space); use a plain space"});
  expect_refused(with("weeks = 12", "weeks = \u200B12"),
                 {"7:9: U+200B (zero-width space); remove it"});
  expect_refused(with("weeks = 12", "weeks = \u221212"),
                 {"7:9: U+2212 (minus sign); use a plain -"});
}

TEST_CASE("an array that is not closed is refused with where it began",
          "[io]") {
  expect_refused(with("\"second\"]", "\"second\""),
                 {"6:1: not valid TOML: array: expected comma or closing ']', "
                  "saw '['; the array opened at 5:9 is not closed before "
                  "this"});
  expect_refused("# [\nusual = [\"a]\", ",
                 {"2:16: not valid TOML: array: encountered end-of-file; the "
                  "array opened at 2:9 is not closed before this"});
}
