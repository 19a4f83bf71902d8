// `stardsim report` as its users meet it, and what stands in the page.
#include "sim/app/report.hpp"

#include "sim/app/report_data.hpp"
#include "sim/app/report_flow.hpp"
#include "sim/app/report_tables.hpp"
#include "sim/app/report_words.hpp"
#include "sim/io/result_reader.hpp"
#include "sim/io/sha256.hpp"
#include "tests/columns.hpp"
#include "tests/hand_made_run.hpp"
#include "tests/program.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

using namespace stardsim;
using stardsim::test::Columns;
using stardsim::test::contains;
using stardsim::test::Folder;
using stardsim::test::Outcome;
using stardsim::test::read_text;
using Json = nlohmann::json;

namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos;
       at = text.find(part, at + part.size()))
    ++found;
  return found;
}

std::string in_quotes_of_shell(const std::filesystem::path& path) {
  return "'" + path.string() + "'";
}

/// Runs the scenario and makes its page beside the result.
std::string page_of(const Folder& folder, const std::filesystem::path& scenario,
                    std::uint64_t patients) {
  const auto result = folder / (scenario.stem().string() + ".h5");
  const Outcome run = stardsim::test::run(
      fmt::format("stardsim run {} --patients {} -o {} && stardsim report {}",
                  in_quotes_of_shell(scenario), patients,
                  in_quotes_of_shell(result), in_quotes_of_shell(result)));
  INFO(run.err);
  REQUIRE(run.code == 0);
  return read_text(folder / (scenario.stem().string() + ".html"));
}

std::string page_of_config(const Folder& folder, const std::string& name,
                           std::uint64_t patients) {
  return page_of(folder,
                 stardsim::test::source_file("configs/" + name + ".toml"),
                 patients);
}

/// Between the first `from` and the next `to`.
std::string between(const std::string& text, const std::string& from,
                    const std::string& to) {
  const auto begin = text.find(from);
  REQUIRE(begin != std::string::npos);
  const auto end = text.find(to, begin + from.size());
  REQUIRE(end != std::string::npos);
  return text.substr(begin + from.size(), end - begin - from.size());
}

Json data_of(const std::string& page) {
  return Json::parse(between(
      page, "<script type=\"application/json\" id=\"data\">", "</script>"));
}

/// What is no script and no style.
std::string words_of(const std::string& page) {
  static const std::regex apart("<(script|style)[^>]*>");
  std::string words, rest = page;
  std::smatch found;
  while (std::regex_search(rest, found, apart)) {
    words += found.prefix().str() + found.str();
    const std::string end = "</" + found[1].str() + ">";
    const std::string after = found.suffix().str();
    rest = after.substr(after.find(end) + end.size());
  }
  return words + rest;
}

std::string section_of(const std::string& page, const std::string& id) {
  return between(page, "<section id=\"" + id + "\"", "</section>");
}

/// A number or null, as a double.
double number(const Json& json) {
  return json.is_null() ? std::nan("") : json.get<double>();
}

bool is_same(double one, double other) {
  return one == other || (std::isnan(one) && std::isnan(other));
}

/// Patients who come into each node, less those who go out.
std::map<std::string, std::int64_t> balance_of(const Json& flow) {
  std::map<std::string, std::int64_t> balance;
  for (const Json& node : flow["nodes"]) balance[node["id"]] = 0;
  for (const Json& link : flow["links"]) {
    REQUIRE(link["patients"].get<std::int64_t>() > 0);
    REQUIRE(balance.count(link["source"]) == 1);
    REQUIRE(balance.count(link["target"]) == 1);
    balance[link["source"]] -= link["patients"].get<std::int64_t>();
    balance[link["target"]] += link["patients"].get<std::int64_t>();
  }
  return balance;
}

/// One step for each pathway; made up.
std::string scenario_of(const std::vector<double>& remission,
                        const std::string& title = "Made up",
                        std::uint32_t horizon = 10) {
  std::string pathways, steps;
  for (std::size_t p = 0; p < remission.size(); ++p) {
    pathways += fmt::format("p{0} = [\"s{0}\"]\n", p);
    steps += fmt::format(
        "[steps.s{0}]\nlabel = \"Step {0}\"\nweeks = 8\nremission = {1}\n", p,
        remission[p]);
  }
  return fmt::format(
      "[scenario]\ntitle = \"{}\"\nreference = \"p0\"\nhorizon = {}\n"
      "estimand = \"observed\"\nline_dependence = \"as_observed\"\n"
      "[cohort]\npatients = 1000\nseed = 1\n[pathways]\n{}{}",
      title, horizon, pathways, steps);
}

std::string page_of_text(const Folder& folder, const std::string& text,
                         std::uint64_t patients) {
  return page_of(folder, folder.write("made_up.toml", text), patients);
}

Flows flows(std::int64_t entered, std::int64_t remission,
            std::int64_t left_care) {
  Flows made{};
  made.entered = entered;
  made.remission = remission;
  made.left_care = left_care;
  return made;
}

ReportedPathway made_up_pathway(const std::vector<Flows>& steps) {
  ReportedPathway pathway{};
  for (const Flows& of : steps) {
    ReportedStep step{};
    step.label = "step";
    step.flows[1] = of;
    pathway.steps.push_back(step);
  }
  return pathway;
}

/// "source > target": patients.
std::map<std::string, std::int64_t> links_of(const FlowGraph& graph) {
  std::map<std::string, std::int64_t> links;
  for (const FlowLink& link : graph.links)
    links[graph.nodes[link.source].id + " > " + graph.nodes[link.target].id] +=
        link.patients;
  return links;
}

using Links = std::map<std::string, std::int64_t>;

/// The run made up by hand, in which every patient costs so much more on `new`.
RunOutcomes made_up_outcomes(std::int64_t dearer) {
  constexpr std::int64_t usual[] = {10, 20, 30, 40}, made[] = {30, 40, 30, 60},
                         effect[2][4] = {{1, 2, 1, 2}, {2, 2, 1, 3}};
  constexpr std::size_t measures = 3, cost = 2;
  RunOutcomes run = stardsim::test::hand_made_run();
  Outcomes& outcomes = run.outcomes;
  std::int64_t sum = 0, with_usual = 0, squares = 0, differing = 0,
               with_effect[2] = {0, 0};
  for (std::size_t kind = 0; kind < 4; ++kind) {
    const std::int64_t now = made[kind] + dearer;
    sum += 100 * now;
    with_usual += 100 * now * usual[kind];
    squares += 100 * now * now;
    differing += now != usual[kind] ? 100 : 0;
    for (std::size_t q = 0; q < 2; ++q)
      with_effect[q] += 100 * now * effect[q][kind];
  }
  const std::size_t at = cost * outcomes.pairs();
  outcomes.sum[measures + cost] = sum;
  outcomes.product[at + Outcomes::pair(0, 1)] = with_usual;
  outcomes.product[at + Outcomes::pair(1, 1)] = squares;
  outcomes.differing[at + Outcomes::pair(0, 1)] =
      static_cast<std::uint64_t>(differing);
  for (std::size_t q = 0; q < 2; ++q)
    outcomes.cost_effect[2 + q] = with_effect[q];
  for (std::size_t patient = 0; patient < 400; ++patient)
    outcomes
        .by_batch[(measures + cost) * batch_count + patient % batch_count] +=
        dearer;
  return run;
}

ReportedRun made_up_run(std::int64_t dearer) {
  ReportedRun run{};
  run.outcomes = made_up_outcomes(dearer);
  run.reported_first = "observed";
  run.horizon_weeks = 104;
  for (const std::string& name : run.outcomes.pathways) {
    ReportedPathway pathway{};
    pathway.name = name;
    pathway.label = "Care as " + name;
    run.pathways.push_back(pathway);
  }
  return run;
}

ReportedInput made_up_input(const std::string& key, double value) {
  ReportedInput input{};
  input.key = key;
  input.value = value;
  input.low = input.high = std::nan("");
  input.unit = "USD";
  return input;
}

ReportedPublished made_up_figure(const std::string& name, bool agrees,
                                 bool is_input, double simulated) {
  ReportedPublished figure{};
  figure.name = name;
  figure.quantity = "remission";
  figure.published = 0.3;
  figure.low = figure.high = std::nan("");
  figure.simulated = simulated;
  figure.agrees = agrees;
  figure.is_input = is_input;
  return figure;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += text + "\n";
  return all;
}

}  // namespace

TEST_CASE("Numbers of the page's charts are those of the file",
          "[app][report]") {
  const Folder folder;
  for (const std::string name : {"ect_timing", "stard_arms"}) {
    const Json run = data_of(page_of_config(folder, name, 2000))["runs"][0];
    const Columns file(folder / (name + ".h5"));
    const auto means = file.numbers("/curves/cumulative_remission"),
               errors = file.numbers("/curves/cumulative_remission_se"),
               occupancy = file.numbers("/curves/occupancy"),
               weeks = file.numbers("/curves/week");
    CHECK(run["weeks"].get<std::vector<double>>() == weeks);
    std::size_t at = 0;
    for (std::size_t p = 0; p < run["pathways"].size(); ++p)
      for (std::size_t e = 0; e < 3; ++e)
        for (std::size_t w = 0; w < weeks.size(); ++w, ++at) {
          REQUIRE(is_same(number(run["curves"]["mean"][p][e][w]), means[at]));
          REQUIRE(number(run["curves"]["se"][p][e][w]) ==
                  Approx(errors[at]).epsilon(5e-4));
        }
    CHECK(at == means.size());
    at = 0;
    for (const Json& pathway : run["occupancy"])
      for (const Json& state : pathway)
        for (const Json& share : state)
          REQUIRE(is_same(number(share), occupancy[at++]));
    CHECK(at == occupancy.size());
  }
}

TEST_CASE("Differences and the plane are those of the file", "[app][report]") {
  const Folder folder;
  const Json data = data_of(page_of_config(folder, "ect_timing", 2000));
  const Columns file(folder / "ect_timing.h5");
  const auto differences = file.numbers("/differences/mean"),
             se = file.numbers("/differences/se"),
             costs = file.numbers("/cost_effectiveness/cost_difference"),
             qalys = file.numbers("/cost_effectiveness/qaly_difference"),
             covariance = file.numbers("/cost_effectiveness/covariance"),
             thresholds = file.numbers("/cost_effectiveness/threshold");
  const std::size_t pathways = costs.size(),
                    measures = differences.size() / pathways;
  CHECK(data["economics"]["thresholds"].get<std::vector<double>>() ==
        thresholds);
  std::size_t found = 0;
  for (const Json& point : data["economics"]["perspectives"][0]["points"]) {
    const auto p = point["strategy"].get<std::size_t>();
    CHECK(number(point["cost"]) == costs[p]);
    CHECK(number(point["effect"]) == qalys[p]);
    CHECK(number(point["covariance"]) == Approx(covariance[p]).epsilon(5e-4));
    ++found;
  }
  CHECK(found == pathways);
  // What is decided on comes first.
  CHECK(data["differences"][0]["measure"] == "qalys_discounted");
  CHECK(data["differences"][1]["measure"] == "total_health_care_discounted");
  const auto all = read_outcomes(folder / "ect_timing.h5").measures;
  for (const Json& one : data["differences"]) {
    const auto m = find_measure(all, one["measure"].get<std::string>());
    REQUIRE(m != no_measure);
    for (const Json& row : one["rows"]) {
      const auto p = row["strategy"].get<std::size_t>();
      CHECK(number(row["mean"]) == differences[p * measures + m]);
      CHECK(number(row["se"]) == Approx(se[p * measures + m]).epsilon(5e-4));
    }
  }
}

TEST_CASE("The flow balances at every node and starts with the cohort",
          "[app][report]") {
  const Folder folder;
  // With relapse; with attrition; with access, refusal and waits; of one of
  // everything. 997 patients, so that nothing is round.
  for (const std::string name :
       {"ect_timing", "stard_arms", "trd_third_line", "smoke", "ivi_mdd"}) {
    INFO(name);
    const Json run = data_of(page_of_config(folder, name, 997))["runs"][0];
    const Columns file(folder / (name + ".h5"));
    const auto entered = file.numbers("/steps/entered"),
               remission = file.numbers("/steps/remission");
    const std::size_t pathways = run["flow"].size(),
                      steps = entered.size() / pathways / 3;
    for (std::size_t p = 0; p < pathways; ++p) {
      const Json& flow = run["flow"][p];
      const auto balance = balance_of(flow);
      CHECK(balance.at("cohort") == -997);
      for (const Json& node : flow["nodes"])
        if (node["kind"] == "step") CHECK(balance.at(node["id"]) == 0);
      std::map<std::string, std::int64_t> in;
      for (const Json& link : flow["links"])
        in[link["target"]] += link["patients"].get<std::int64_t>();
      for (std::size_t s = 0; s < steps; ++s) {
        const std::size_t at = (p * 3 + 1) * steps + s;
        const std::string number = std::to_string(s + 1);
        if (entered[at] >= 0) {
          CHECK(static_cast<double>(in["step" + number]) == entered[at]);
          CHECK(static_cast<double>(in["remission" + number]) == remission[at]);
        }
      }
    }
  }
}

TEST_CASE("A flow on the side of the counts is told in words of its own",
          "[app][report]") {
  // 100 enter, 40 remit, 10 leave; 50 go on, of whom 20 are passed over the
  // second step and enter the third; none is left after it but 5.
  const FlowGraph passed = flow_graph(
      made_up_pathway({flows(100, 40, 10), flows(30, 30, 0), flows(20, 15, 0)}),
      1, 100);
  CHECK(links_of(passed) == Links{{"cohort > step1", 100},
                                  {"step1 > remission1", 40},
                                  {"step1 > left_care1", 10},
                                  {"step1 > step2", 30},
                                  {"step1 > step3", 20},
                                  {"step2 > remission2", 30},
                                  {"step3 > remission3", 15},
                                  {"step3 > exhausted", 5}});
  // 25 of the 40 remitted relapse into the second step.
  const FlowGraph back =
      flow_graph(made_up_pathway({flows(100, 40, 0), flows(85, 0, 0)}), 1, 100);
  CHECK(links_of(back) == Links{{"cohort > step1", 100},
                                {"step1 > remission1", 40},
                                {"step1 > step2", 60},
                                {"again > step2", 25},
                                {"step2 > exhausted", 85}});
  // Without steps everybody stays where he is.
  CHECK(links_of(flow_graph(made_up_pathway({}), 1, 7)) ==
        Links{{"cohort > exhausted", 7}});
}

TEST_CASE("Every section is there, in order, and named for all readers",
          "[app][report]") {
  const Folder folder;
  for (const std::string name : {"ect_timing", "stard_arms"}) {
    const std::string page = words_of(page_of_config(folder, name, 500));
    std::size_t last = 0;
    for (const std::string id :
         {"answer", "pathways", "remission", "flow", "steps", "occupancy",
          "differences", "economics", "inputs", "run", "cheers"}) {
      INFO(id);
      const auto at = page.find("<section id=\"" + id +
                                "\" aria-labelledby=\"" + id + "-title\"");
      REQUIRE(at != std::string::npos);
      CHECK(at > last);
      last = at;
      CHECK(contains(page, "href=\"#" + id + "\""));
    }
    CHECK(count(page, "<h1>") == 1);
    CHECK(contains(page, "<html lang=\"en\">"));
    CHECK(contains(page, "name=\"viewport\""));
    CHECK(count(page, "<table>") == count(page, "<caption>"));
    CHECK(count(page, "<th>") == 0);  // each has a scope
    // No heading is more than one level below the one before.
    static const std::regex heading("<h([1-6])");
    int level = 0;
    for (std::sregex_iterator h(page.begin(), page.end(), heading), end;
         h != end; ++h) {
      const int next = std::stoi((*h)[1]);
      CHECK(next <= level + 1);
      level = next;
    }
    // 28 items and no "not conducted".
    CHECK(count(section_of(page, "cheers"), "<tr>") == 29);
    CHECK(!contains(page, "not conducted"));
    // Ids are each apart.
    static const std::regex id_of(" id=\"([^\"]*)\"");
    std::set<std::string> ids;
    for (std::sregex_iterator i(page.begin(), page.end(), id_of), end; i != end;
         ++i)
      CHECK(ids.insert((*i)[1]).second);
  }
}

TEST_CASE("The page may run its own two scripts and fetch nothing",
          "[app][report]") {
  const Folder folder;
  const std::string page = page_of_config(folder, "smoke", 100);
  const std::string policy =
      between(page, "http-equiv=\"Content-Security-Policy\" content=\"", "\"");
  CHECK(contains(policy, "default-src &#39;none&#39;"));
  CHECK(!contains(policy, "unsafe-eval"));
  static const std::regex script("<script>");
  std::string rest = page;
  int scripts = 0;
  for (std::smatch found; std::regex_search(rest, found, script); ++scripts) {
    rest = found.suffix();
    const std::string code = rest.substr(0, rest.find("</script>"));
    CHECK(contains(policy, "&#39;sha256-" + sha256_base64(code) + "&#39;"));
  }
  CHECK(scripts == 2);
  CHECK(count(page, "<script") == 3);
  static const std::regex outside("(src|href)=\"[^#]");
  CHECK(!std::regex_search(words_of(page), outside));
}

TEST_CASE("A digest in base64 is that of RFC 6234's example", "[app][report]") {
  // SHA-256 of "abc" is ba7816bf 8f01cfea 414140de 5dae2223 b00361a3 96177a9c
  // b410ff61 f20015ad.
  CHECK(sha256_base64("abc") == "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
}

TEST_CASE("A scenario that tries to be markup shows as text", "[app][report]") {
  const Folder folder;
  const std::string evil =
      "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
      "\\\" onload=\\\"alert(1) \\u2028 \\u202E";
  const std::string text = fmt::format(
      "[scenario]\ntitle = \"{0}\"\ndescription = \"{0}\"\n"
      "reference = \"usual\"\nhorizon = 20\nestimand = \"observed\"\n"
      "line_dependence = \"as_observed\"\n"
      "[cohort]\npatients = 100\nseed = 1\n"
      "[sources]\nbad = \"{0}\"\n"
      "[pathways]\nusual = {{ label = \"{0}\", steps = [\"a\"] }}\n"
      "other = {{ label = \"other {0}\", steps = [\"a\", \"a\"] }}\n"
      "[treatments.t]\nlabel = \"{0}\"\n"
      "[steps.a]\nlabel = \"{0}\"\nweeks = 8\n"
      "[steps.a.arms.one]\nlabel = \"{0}\"\ntreatment = \"t\"\n"
      "remission = {{ value = 0.3, source = \"bad\", note = \"{0}\" }}\n",
      evil);
  const std::string page = page_of_text(folder, text, 100);
  CHECK(count(page, "<script") == 3);
  CHECK(count(page, "</script>") == 3);
  CHECK(contains(words_of(page), "&lt;img src=x onerror=alert(1)&gt;"));
  CHECK(contains(words_of(page), "[U+202E]"));
  CHECK(!contains(words_of(page), "\xE2\x80\xAE"));
  // All tags outside of scripts are of the program's own kinds.
  static const std::regex tag("<([^>]*)>"),
      known(
          "/?(html|head|meta|title|style|body|a|header|h[1-4]|p|div|nav|ul|ol|"
          "li|"
          "main|section|dl|dt|dd|figure|figcaption|details|summary|table|"
          "caption|"
          "thead|tbody|tr|th|td|pre|footer|script)"
          "( [a-z-]+(=\"[^\"]*\")?)*|!DOCTYPE html"),
      handler(" on[a-z]+=");
  const std::string words = words_of(page);
  for (std::sregex_iterator t(words.begin(), words.end(), tag), end; t != end;
       ++t) {
    const std::string inside = (*t)[1];
    INFO(inside);
    CHECK(std::regex_match(inside, known));
    static const std::regex quoted("\"[^\"]*\"");
    CHECK(!std::regex_search(std::regex_replace(inside, quoted, "\"\""),
                             handler));
  }
  // In the data it is the very text again.
  CHECK(data_of(page)["runs"][0]["title"] ==
        "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
        "\" onload=\"alert(1) \xE2\x80\xA8 \xE2\x80\xAE");
}

TEST_CASE("A report of twelve pathways over ten years stays small",
          "[app][report]") {
  const Folder folder;
  std::vector<double> remission;
  for (int p = 0; p < 12; ++p) remission.push_back(0.2 + 0.03 * p);
  const std::string page = page_of_text(
      folder, scenario_of(remission, "Twelve pathways", 521), 1234);
  CHECK(page.size() < 5'000'000);
  const Json run = data_of(page)["runs"][0];
  CHECK(run["pathways"].size() == 12);
  CHECK(run["weeks"].size() == 522);
  CHECK(contains(page, "on each of 12 pathways"));
  CHECK(contains(section_of(page, "answer"), "The lowest share is that of"));
}

TEST_CASE("The answer fits what there is to answer", "[app][report]") {
  const Folder folder;
  SECTION("one pathway, without costs") {
    const std::string page = page_of_text(folder, scenario_of({0.5}), 1000);
    const std::string answer = section_of(page, "answer");
    CHECK(contains(answer, "on the pathway"));
    CHECK(!contains(answer, "reference"));
    CHECK(!contains(answer, "highest"));
    CHECK(!contains(answer, "What it costs"));
    CHECK(contains(section_of(page, "differences"), "There is one pathway"));
    CHECK(contains(section_of(page, "economics"), "no costs and utilities"));
  }
  SECTION("pathways that are the same") {
    const std::string answer = section_of(
        page_of_text(folder, scenario_of({0.5, 0.5}), 1000), "answer");
    CHECK(contains(answer, "the same on both pathways"));
    CHECK(!contains(answer, "highest"));
  }
  SECTION("clearly apart") {
    const std::string answer = section_of(
        page_of_text(folder, scenario_of({0.2, 0.8}), 1000), "answer");
    CHECK(contains(answer, "has the highest share"));
    CHECK(contains(answer, "clearly more than the next"));
    CHECK(!contains(answer, "does not tell all pathways apart"));
  }
  SECTION("not clearly apart, of few patients") {
    const std::string answer = section_of(
        page_of_text(folder, scenario_of({0.50, 0.55, 0.2}), 20), "answer");
    CHECK(contains(answer, "but not clearly more than"));
    CHECK(contains(answer, "does not tell all pathways apart"));
    CHECK(contains(answer, "Few patients were simulated"));
  }
  SECTION("one patient, without a standard error worth the name") {
    const std::string answer =
        section_of(page_of_text(folder, scenario_of({0.5}), 1), "answer");
    CHECK(contains(answer, "no standard error, which is not certainty"));
    CHECK(contains(answer, "What becomes of 1 simulated patient within"));
  }
  SECTION("nobody remits") {
    const std::string answer =
        section_of(page_of_text(folder, scenario_of({0, 0}), 100), "answer");
    CHECK(contains(answer, "0\xC2\xA0% (0) of patients, the same on both"));
  }
}

TEST_CASE("Costs and QALYs are weighed in words", "[app][report]") {
  const Folder folder;
  const std::string page = page_of_config(folder, "ect_timing", 20'000);
  const std::string answer = section_of(page, "answer");
  CHECK(contains(answer, "On the efficiency frontier, by the means"));
  CHECK(contains(answer, "USD 2013 per QALY gained over"));
  CHECK(contains(answer, "has the highest net benefit"));
  CHECK(contains(answer, "How uncertain the scenario"));
}

TEST_CASE("Results are reported together where they can be compared",
          "[app][report]") {
  const Folder folder;
  const auto one = folder.write("one.toml", scenario_of({0.3})),
             two = folder.write("two.toml", scenario_of({0.6}));
  for (const auto& path : {one, two})
    REQUIRE(stardsim::test::run(
                "stardsim run " + in_quotes_of_shell(path) + " -o " +
                in_quotes_of_shell(folder / (path.stem().string() + ".h5")))
                .code == 0);
  const Outcome both = stardsim::test::run(
      "stardsim report " + in_quotes_of_shell(folder / "one.h5") + " " +
      in_quotes_of_shell(folder / "two.h5") + " -o " +
      in_quotes_of_shell(folder / "both.html"));
  REQUIRE(both.code == 0);
  const std::string page = read_text(folder / "both.html");
  const Json data = data_of(page);
  CHECK(data["runs"].size() == 2);
  CHECK(data["strategies"].size() == 2);
  CHECK(data["strategies"][1]["name"] == "two/p0");
  CHECK(contains(page, "id=\"curves-1\""));
  CHECK(contains(section_of(page, "answer"), "two: p0"));
}

TEST_CASE("Each of several results is weighed by itself", "[app][report]") {
  // New gains 0.25 QALYs at 15 USD, and at 55 USD where it is 40 dearer.
  std::vector<ReportedRun> runs{made_up_run(0), made_up_run(40)};
  for (ReportedRun& run : runs) {
    run.tells_inputs = true;
    run.inputs = {made_up_input("costs.usual", 25)};
  }
  runs[0].inputs.push_back(made_up_input("costs.new", 40));
  runs[1].inputs.push_back(made_up_input("costs.new", 80));
  const ReportInput input = report_input(runs, {"cheap", "dear"});
  const Answer answer = answer_of(input);
  for (const std::string& text : answer.economics) {
    INFO(text);
    const bool is_cheap = text.rfind("cheap: ", 0) == 0;
    CHECK(is_cheap != (text.rfind("dear: ", 0) == 0));
    CHECK(!contains(text.substr(5), is_cheap ? "dear" : "cheap"));
    if (contains(text, "Against"))
      CHECK(contains(text, is_cheap ? " 60 USD 2021 per QALY gained"
                                    : " 220 USD 2021 per QALY gained"));
  }
  CHECK(count(joined(answer.economics), "Against") == 2);
  CHECK(answer.best.size() == 2);
  const auto differing = differing_inputs(input);
  REQUIRE(differing.size() == 1);
  CHECK(differing[0].key == "costs.new");
  CHECK(differing[0].values == std::vector<std::string>{"40 USD", "80 USD"});
  CHECK(contains(joined(answer.asked),
                 "The results differ in 1 input: costs.new (cheap 40 USD, dear "
                 "80 USD)."));
}

TEST_CASE("Dominance is told only where costs are clearly apart",
          "[app][report]") {
  // By kind, new costs 20, 20, 0 and 20 more, less what it is made cheaper by:
  // the standard error of the mean of 400 is sqrt(75 / 399) = 0.434.
  const auto told = [](std::int64_t dearer) {
    return joined(
        answer_of(report_input({made_up_run(dearer)}, {"x"})).economics);
  };
  CHECK(contains(told(-15), "it is better, and costs are not clearly apart"));
  CHECK(!contains(told(-15), "dominates"));
  CHECK(contains(told(-16), "it dominates, being better and no dearer"));
  CHECK(!contains(told(-16), "clearly apart"));
}

TEST_CASE("Published figures that do not agree are named in the answer",
          "[app][report]") {
  ReportedRun run = made_up_run(0);
  run.published = {made_up_figure("made of", true, true, 0.3),
                   made_up_figure("found", true, false, 0.3),
                   made_up_figure("nobody", false, false, std::nan(""))};
  Answer answer = answer_of(report_input({run}, {"x"}));
  CHECK(contains(joined(answer.certainty),
                 "1 of 2 published figures that the scenario was not made from "
                 "agrees; for 1 it cannot be told."));
  CHECK(!contains(joined(answer.cautions), "published"));
  const Sheet sheet = published_sheet(run);
  REQUIRE(sheet.rows.size() == 3);
  CHECK(sheet.rows[0][1] == "agrees (input)");
  CHECK(sheet.rows[2][1] == "cannot be told");

  for (const std::string name : {"a", "b", "c", "d", "e"})
    run.published.push_back(made_up_figure(name, false, false, 0.9));
  answer = answer_of(report_input({run}, {"x"}));
  CHECK(!contains(joined(answer.certainty), "published"));
  CHECK(contains(joined(answer.cautions), "1 of 7 published figures"));
  CHECK(contains(joined(answer.cautions), "; and 2 more."));
  CHECK(contains(joined(answer.cautions), in_double_quotes("c")));
  CHECK(!contains(joined(answer.cautions), in_double_quotes("d")));
}

TEST_CASE("Without a standard error only many patients make a share clear",
          "[app][report]") {
  const Folder folder, other;
  const std::string few =
      section_of(page_of_text(folder, scenario_of({0, 1}), 5), "answer");
  CHECK(contains(few, "the patients are too few to tell"));
  CHECK(contains(few, "Few patients were simulated (5)"));
  CHECK(contains(few, "a probability of up to 60\xC2\xA0%"));  // 3 / 5
  const std::string many =
      section_of(page_of_text(other, scenario_of({0, 1}), 3000), "answer");
  CHECK(contains(many, "clearly more than the next"));
  CHECK(!contains(many, "Few patients"));
  CHECK(contains(many, "a probability of up to 0.1\xC2\xA0%"));
}

TEST_CASE("Pathways that are labelled alike are told by their names",
          "[app][report]") {
  ReportedRun run = made_up_run(0);
  for (ReportedPathway& pathway : run.pathways) pathway.label = "Care";
  const Answer answer = answer_of(report_input({run}, {"x"}));
  CHECK(contains(answer.headline, in_double_quotes("new")));
  for (const auto& texts : {answer.asked, answer.remission, answer.economics}) {
    CHECK(contains(joined(texts), in_double_quotes("usual")));
    CHECK(!contains(joined(texts), in_double_quotes("Care")));
  }
}

TEST_CASE("Horizons and inputs are in fixed notation", "[app][report]") {
  CHECK(horizon_text(104) == "104 weeks (2 years)");
  CHECK(horizon_text(652) == "652 weeks (12.5 years)");
  CHECK(horizon_text(5218) == "5,218 weeks (100 years)");
  CHECK(horizon_text(1) == "1 week");
  CHECK(number_text(0.001, 4) == "0.001");
  CHECK(number_text(1234567) == "1234567");
  CHECK(number_text(999'999'999, 4) == "999999999");
  CHECK(number_text(0.35) == "0.35");
  CHECK(number_text(std::nan("")) == "-");
}

TEST_CASE("Results in different currencies are not put together",
          "[app][report]") {
  const Folder folder;
  std::string files;
  for (const std::string name : {"ect_timing", "ivi_mdd"}) {
    page_of_config(folder, name, 50);
    files += " " + in_quotes_of_shell(folder / (name + ".h5"));
  }
  const Outcome both =
      stardsim::test::run("stardsim report" + files + " -o " +
                          in_quotes_of_shell(folder / "x.html"));
  CHECK(both.code == 2);
  CHECK(count(both.err, "\n") == 1);
  CHECK(contains(both.err, "USD 2013"));
  CHECK(contains(both.err, "USD 2021"));
  CHECK(!std::filesystem::exists(folder / "x.html"));
}

TEST_CASE("What cannot be reported gets one line", "[app][report]") {
  const Folder folder;
  const auto refused = [&](const std::string& arguments, int code) {
    const Outcome outcome =
        stardsim::test::run("cd " + in_quotes_of_shell(folder.path()) +
                            " && stardsim report " + arguments);
    CHECK(outcome.code == code);
    CHECK(outcome.out == "");
    CHECK(count(outcome.err, "\n") == 1);
    return outcome.err;
  };
  folder.write("scenario.toml", scenario_of({0.5}));
  folder.write("words.h5", "not HDF5");
  CHECK(contains(refused("scenario.toml", 2),
                 "run it first: stardsim run scenario.toml -o "
                 "results/scenario.h5"));
  CHECK(contains(refused("words.h5", 2), "not HDF5"));
  CHECK(contains(refused("nowhere.h5", 3), "cannot read nowhere.h5"));
  CHECK(contains(refused("", 2), "RESULT is required"));
  CHECK(!std::filesystem::exists(folder / "words.html"));

  REQUIRE(stardsim::test::run("cd " + in_quotes_of_shell(folder.path()) +
                              " && stardsim run scenario.toml -o x.h5")
              .code == 0);
  const std::string before = read_text(folder / "x.h5");
  CHECK(contains(refused("x.h5 -o x.h5", 2), "x.html"));
  CHECK(contains(refused("x.h5 -o nowhere/x.html", 3), "cannot write"));
  CHECK(contains(refused("x.h5 words.h5", 2), "words.h5"));
  CHECK(!std::filesystem::exists(folder / "x.html"));
  CHECK(read_text(folder / "x.h5") == before);

  // A result cut short, and one of outcomes alone.
  folder.write("cut.h5", before.substr(0, before.size() / 2));
  CHECK(contains(refused("cut.h5", 2), "cut.h5"));
  const RunOutcomes made_up = stardsim::test::hand_made_run();
  stardsim::test::write_result(folder / "bare.h5", made_up,
                               stardsim::test::result_attributes(made_up));
  CHECK(contains(refused("bare.h5", 2), "is missing"));
}

TEST_CASE("The page says how to run it again", "[app][report]") {
  const Folder folder;
  const auto scenario = folder.write("a scenario's.toml", scenario_of({0.5}));
  const auto result = folder / "it's.h5";
  REQUIRE(stardsim::test::run("cd " + in_quotes_of_shell(folder.path()) +
                              " && stardsim run \"a scenario's.toml\" "
                              "--patients 77 --seed 5 -o \"it's.h5\" && "
                              "stardsim report \"it's.h5\"")
              .code == 0);
  const std::string run = section_of(read_text(folder / "it's.html"), "run");
  const std::string first = between(run, "<pre tabindex=\"0\">", "\n");
  CHECK(first ==
        "stardsim run &#39;a scenario&#39;\\&#39;&#39;s.toml&#39; --patients "
        "77 --seed 5 -o &#39;it&#39;\\&#39;&#39;s.h5&#39;");
  CHECK(contains(run, "reference = &quot;p0&quot;"));  // the scenario's text
}

namespace {

/// A result with draws and its page; of few patients, so that luck is seen.
std::string page_of_draws(const Folder& folder, const std::string& name) {
  const auto result = folder / (name + ".h5");
  const Outcome run = stardsim::test::run(fmt::format(
      "stardsim run {} --patients 2000 --draws 50 --draw-patients 500 -o {} && "
      "stardsim report {}",
      in_quotes_of_shell(
          stardsim::test::source_file("configs/" + name + ".toml")),
      in_quotes_of_shell(result), in_quotes_of_shell(result)));
  INFO(run.err);
  REQUIRE(run.code == 0);
  return read_text(folder / (name + ".html"));
}

/// Numbers of nested arrays, in their order.
void flatten(const Json& json, std::vector<double>& numbers) {
  if (!json.is_array()) {
    numbers.push_back(number(json));
    return;
  }
  for (const Json& one : json) flatten(one, numbers);
}

/// Printed with so many figures.
void check_near(const Json& shown, const std::vector<double>& file,
                double relative) {
  std::vector<double> numbers;
  flatten(shown, numbers);
  REQUIRE(numbers.size() == file.size());
  for (std::size_t i = 0; i < file.size(); ++i)
    REQUIRE((is_same(numbers[i], file[i]) ||
             std::fabs(numbers[i] - file[i]) <=
                 relative * std::fabs(file[i]) + 1e-300));
}

/// Of [perspective][outer][inner], the first perspective as [inner][outer].
std::vector<double> turned(const std::vector<double>& values, std::size_t outer,
                           std::size_t inner) {
  std::vector<double> made;
  for (std::size_t i = 0; i < inner; ++i)
    for (std::size_t o = 0; o < outer; ++o)
      made.push_back(values[o * inner + i]);
  return made;
}

}  // namespace

TEST_CASE("Credible bands and decisions of the page are those of the file",
          "[app][report]") {
  const Folder folder;
  const std::string page = page_of_draws(folder, "ect_timing");
  const Json of = data_of(page)["runs"][0]["uncertainty"];
  const Columns file(folder / "ect_timing.h5");
  CHECK(of["draws"] == 50);
  CHECK(of["patients"] == 500);
  const std::string curves = "/uncertainty/curves/cumulative_remission_";
  // Ends of bands have four figures, means six.
  check_near(of["curves"]["low"], file.numbers(curves + "low"), 5.1e-4);
  check_near(of["curves"]["high"], file.numbers(curves + "high"), 5.1e-4);
  check_near(of["curves"]["mean"], file.numbers(curves + "mean"), 5.1e-6);

  const Json& decision = of["decisions"][0];
  const std::string group = "/uncertainty/decision/";
  const auto thresholds = file.numbers(group + "threshold"),
             frontier = file.numbers(group + "on_frontier");
  check_near(decision["thresholds"], thresholds, 0);
  const std::size_t pathways = decision["probability_best"].size(),
                    size = thresholds.size();
  for (const std::string name : {"probability_best", "probability_best_naive",
                                 "expected_loss", "expected_net_benefit"})
    check_near(decision[name],
               turned(file.numbers(group + name), size, pathways), 0);
  check_near(decision["evpi"], file.numbers(group + "evpi"), 0);
  check_near(decision["evpi_naive"], file.numbers(group + "evpi_naive"), 0);
  for (std::size_t t = 0; t < size; ++t) {
    double sum = 0, least_loss = INFINITY;
    for (std::size_t p = 0; p < pathways; ++p) {
      sum += number(decision["probability_best"][p][t]);
      least_loss =
          std::min(least_loss, number(decision["expected_loss"][p][t]));
    }
    CHECK(sum == Approx(1).margin(1e-9));
    // EVPI is the lower envelope of the losses.
    CHECK(number(decision["evpi"][t]) == Approx(least_loss).margin(1e-6));
    CHECK(frontier[t * pathways + decision["frontier"][t].get<std::size_t>()] ==
          1);
  }
}

TEST_CASE("The cloud of draws has the means of the file and no luck",
          "[app][report]") {
  const Folder folder;
  const Json run = data_of(page_of_draws(folder, "ect_timing"))["runs"][0];
  const Columns file(folder / "ect_timing.h5");
  const auto measures = read_outcomes(folder / "ect_timing.h5").measures;
  const std::size_t cost =
                        find_measure(measures, "total_health_care_discounted"),
                    effect = find_measure(measures, "qalys_discounted");
  const auto mean = file.numbers("/uncertainty/outcomes/difference_mean"),
             sd = file.numbers("/uncertainty/outcomes/difference_sd_naive");
  const Json& clouds = run["uncertainty"]["planes"][0]["clouds"];
  const auto reference = run["reference"].get<std::size_t>();
  for (std::size_t p = 0; p < clouds.size(); ++p) {
    const Json& cloud = clouds[p];
    CHECK(cloud["cost"].size() == 50);
    const std::size_t at = p * measures.size();
    CHECK(number(cloud["mean_cost"]) == Approx(mean[at + cost]).margin(1e-6));
    CHECK(number(cloud["mean_effect"]) ==
          Approx(mean[at + effect]).margin(1e-9));
    if (p == reference) continue;
    CHECK(number(cloud["cost_sd"]) < sd[at + cost]);
    CHECK(number(cloud["effect_sd"]) < sd[at + effect]);
  }
}

TEST_CASE("The answer has its credible interval, and CHEERS says so",
          "[app][report]") {
  const Folder folder;
  const std::string page = page_of_draws(folder, "stard");
  const Columns file(folder / "stard.h5");
  // Measures 0 and 1 are remission if all continue, and as observed.
  const double low = file.numbers("/uncertainty/outcomes/low")[0],
               high = file.numbers("/uncertainty/outcomes/high")[0];
  const std::string interval =
      fmt::format("(95\xC2\xA0% credible interval {:.1f} to {:.1f})", 100 * low,
                  100 * high);
  CHECK(contains(between(page, "<header>", "</header>"), interval));
  const std::string uncertainty = section_of(page, "uncertainty");
  CHECK(contains(uncertainty, "50 draws of "));
  CHECK(contains(uncertainty, "each with 500 simulated patients"));
  CHECK(contains(uncertainty, "beta("));
  CHECK(contains(page, "There are few draws (50)"));
  // No costs: nothing of decisions.
  CHECK(!contains(uncertainty, "data-chart=\"acceptability\""));
  const std::string cheers = section_of(page, "cheers");
  CHECK(contains(cheers, "probabilistic analysis, 50 draws of "));
  CHECK(contains(cheers, "Credible intervals: see Uncertainty."));
}

TEST_CASE("Without draws there is nothing of them", "[app][report]") {
  const Folder folder;
  const std::string page =
      words_of(page_of_text(folder, scenario_of({0.4, 0.5}), 500));
  for (const std::string word :
       {"credible", "id=\"uncertainty\"", "#uncertainty", "id=\"sensitivity\"",
        "id=\"alternatives\""})
    CHECK(!contains(page, word));
  CHECK(contains(page, "Uncertainty of the inputs: not reported."));
}

TEST_CASE("Sensitivity and alternatives are shown beside their result",
          "[app][report]") {
  const Folder folder;
  const Outcome made = stardsim::test::run(
      fmt::format("cd {0} && stardsim run {1} --patients 1000 -o r.h5 && "
                  "stardsim sensitivity {1} --patients 1000 --parameter "
                  "'steps.*.remission' -o s.h5 && "
                  "stardsim alternatives {1} --patients 1000 -o a.h5 && "
                  "stardsim report a.h5 s.h5 r.h5",
                  in_quotes_of_shell(folder.path()),
                  in_quotes_of_shell(
                      stardsim::test::source_file("configs/ect_timing.toml"))));
  INFO(made.err);
  REQUIRE(made.code == 0);
  const std::string page = read_text(folder / "r.html");
  const Json data = data_of(page);
  const Columns file(folder / "s.h5");
  const Json& one = data["sensitivities"][0];
  CHECK(number(one["base"]) ==
        file.numbers("/sensitivity/difference_at_base")[0]);
  const auto low = file.numbers("/sensitivity/difference_at_low"),
             high = file.numbers("/sensitivity/difference_at_high");
  REQUIRE(one["swings"].size() == low.size());
  double before = INFINITY;
  for (std::size_t i = 0; i < low.size(); ++i) {
    const Json& swing = one["swings"][i];
    CHECK(number(swing["at_low"]) == low[i]);
    CHECK(number(swing["at_high"]) == high[i]);
    const double base = number(one["base"]),
                 width = std::max({low[i], high[i], base}) -
                         std::min({low[i], high[i], base});
    CHECK(width <= before);
    before = width;
  }
  const auto mean = Columns(folder / "a.h5").numbers("/alternatives/mean");
  const Json& alternatives = data["alternatives"][0];
  std::set<double> shown;
  for (const Json& measure : alternatives["measures"])
    for (const Json& means : measure["mean"])
      for (const Json& value : means) shown.insert(number(value));
  for (const double value : mean)
    if (!std::isnan(value)) CHECK(shown.count(value) == 1);
  CHECK(contains(section_of(page, "cheers"), "one-way sensitivity analysis"));

  const Outcome alone = stardsim::test::run(
      "cd " + in_quotes_of_shell(folder.path()) + " && stardsim report s.h5");
  CHECK(alone.code == 2);
  CHECK(contains(alone.err, "stardsim report RESULT.h5 s.h5"));
}
