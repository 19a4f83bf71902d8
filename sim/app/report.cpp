#include "sim/app/report.hpp"

#include "sim/app/compare.hpp"
#include "sim/app/outcome_sheets.hpp"
#include "sim/app/report_cheers.hpp"
#include "sim/app/report_data.hpp"
#include "sim/app/report_tables.hpp"
#include "sim/app/report_uncertainty.hpp"
#include "sim/app/report_words.hpp"
#include "sim/app/runner.hpp"
#include "sim/app/tables.hpp"
#include "sim/app/version.hpp"
#include "sim/io/atomic_file.hpp"
#include "sim/io/embedded.hpp"
#include "sim/io/report/html.hpp"
#include "sim/io/sha256.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <span>
#include <string>
#include <vector>

namespace stardsim {
namespace {

/// Credible intervals of further measures are folded.
constexpr std::size_t most_measures_unfolded = 5;
/// More pathways than this are folded, but for the reference.
constexpr std::size_t most_unfolded = 3;

struct Section {
  const char *id, *title;
};
constexpr Section sections[] = {{"answer", "The answer in short"},
                                {"pathways", "Pathways"},
                                {"remission", "Remission"},
                                {"flow", "Flow through the steps"},
                                {"steps", "Steps and arms"},
                                {"occupancy", "Where patients are"},
                                {"differences", "Differences"},
                                {"economics", "Economics"},
                                {"uncertainty", "Uncertainty"},
                                {"sensitivity", "Sensitivity"},
                                {"alternatives", "Alternatives"},
                                {"inputs", "Inputs"},
                                {"run", "The run"},
                                {"cheers", "CHEERS 2022"}};

// How cells are told apart beside their words.

std::string input_class(const std::string& text, std::size_t column) {
  return column == 4 && text == no_source ? "words unsourced" : "";
}

std::string drawn_class(const std::string& text, std::size_t column) {
  return column == 2 && text == no_source ? "words unsourced" : "";
}

std::string published_class(const std::string& text, std::size_t column) {
  if (column == 6) return text == no_source ? "words unsourced" : "words";
  if (text.rfind("agrees", 0) == 0) return column == 1 ? "words agrees" : "";
  return column == 1 && text.rfind("does not", 0) == 0 ? "words disagrees" : "";
}

std::string cheers_class(const std::string& text, std::size_t column) {
  return column == 2 && text == not_reported ? "words not-reported" : "";
}

class Page {
 public:
  explicit Page(const ReportInput& input) : input_(input) {}

  std::string document() {
    {
      const auto root = html_.open("html", {{"lang", "en"}});
      head();
      body();
    }
    return html_.document();
  }

 private:
  using Scope = Html::Scope;

  const std::vector<ReportedRun>& runs() const { return input_.runs; }
  bool has_several() const { return runs().size() > 1; }
  /// Sections that are not of every page.
  bool has(const std::string& id) const {
    if (id == "uncertainty")
      return std::any_of(runs().begin(), runs().end(),
                         [](auto& run) { return run.uncertainty; });
    if (id == "sensitivity") return !input_.sensitivities.empty();
    if (id == "alternatives") return !input_.alternatives.empty();
    return true;
  }
  std::string title() const {
    return has_several() ? fmt::format("{} results compared", runs().size())
                         : runs().front().title;
  }

  void paragraphs(const std::vector<std::string>& texts,
                  const std::string& style = "") {
    for (const std::string& text : texts)
      style.empty() ? html_.put("p", text)
                    : html_.put("p", text, {{"class", style}});
  }

  /// What follows scripts are allowed to do nothing but what these two do.
  void head() {
    const auto head = html_.open("head");
    html_.put_void("meta", {{"charset", "utf-8"}});
    html_.put_void(
        "meta",
        {{"http-equiv", "Content-Security-Policy"},
         {"content",
          fmt::format("default-src 'none'; base-uri 'none'; form-action "
                      "'none'; style-src 'unsafe-inline'; img-src data:; "
                      "script-src 'sha256-{}' 'sha256-{}'",
                      sha256_base64(embedded::library().text),
                      sha256_base64(embedded::script().text))}});
    html_.put_void("meta",
                   {{"name", "viewport"},
                    {"content", "width=device-width, initial-scale=1"}});
    html_.put_void("meta",
                   {{"name", "color-scheme"}, {"content", "light dark"}});
    html_.put_void("meta",
                   {{"name", "generator"}, {"content", version_line()}});
    html_.put("title", title());
    html_.style(embedded::style().text);
  }

  void body() {
    const auto body = html_.open("body");
    html_.put("a", "Skip to the answer",
              {{"class", "skip"}, {"href", "#answer"}});
    header();
    navigation();
    {
      const auto main = html_.open("main");
      answer();
      pathways();
      remission();
      flow();
      steps();
      occupancy();
      differences();
      economics();
      if (has("uncertainty")) uncertainty();
      if (has("sensitivity")) sensitivity();
      if (has("alternatives")) alternatives();
      inputs();
      how_it_was_run();
      cheers();
    }
    html_.put("footer", "Made by " + version_line() + " with stardsim report.");
    html_.data("data", report_data(input_));
    html_.script(embedded::library().text);
    html_.script(embedded::script().text);
  }

  void header() {
    const auto header = html_.open("header");
    html_.put("h1", title());
    for (std::size_t r = 0; r < runs().size(); ++r) {
      const ReportedRun& run = runs()[r];
      html_.put(
          "p",
          fmt::format(
              "{}{}, simulated over {}; stardsim {}, {}",
              has_several() ? input_.names[r] + " (" + run.title + "): " : "",
              counted(run.outcomes.patients, "patient"),
              horizon_text(run.horizon_weeks), run.program_version,
              run.start_time.substr(0, 10)),
          {{"class", "byline"}});
    }
    const auto lead = html_.open("div", {{"class", "answer"}});
    const Answer answer = answer_of(input_);
    if (!answer.headline.empty()) html_.put("p", answer.headline);
    paragraphs(answer.best);
    paragraphs(answer.decision);
    html_.put("p",
              has("uncertainty")
                  ? "Credible intervals and probabilities are of the "
                    "uncertainty of the scenario's numbers; other errors in "
                    "brackets, and what is called clear, are of the chance of "
                    "the simulation alone."
                  : "Errors in brackets, and what is called clear, are of the "
                    "chance of the simulation alone: how uncertain the "
                    "scenario's numbers are is not in them.",
              {{"class", "note"}});
  }

  void navigation() {
    const auto nav = html_.open("nav", {{"aria-label", "Sections"}});
    const auto list = html_.open("ul");
    for (const Section& section : sections) {
      if (!has(section.id)) continue;
      const auto item = html_.open("li");
      html_.put("a", section.title, {{"href", std::string("#") + section.id}});
    }
  }

  Scope section(const char* id) {
    Scope scope = html_.open(
        "section",
        {{"id", id}, {"aria-labelledby", std::string(id) + "-title"}});
    const auto found = std::find_if(
        std::begin(sections), std::end(sections),
        [&](const Section& one) { return one.id == std::string(id); });
    html_.put("h2", found->title, {{"id", std::string(id) + "-title"}});
    return scope;
  }

  void run_heading(std::size_t r) {
    if (has_several()) html_.put("h3", "Result " + input_.names[r]);
  }

  void list(const std::vector<std::string>& texts, const std::string& style) {
    const auto list = html_.open("ul", {{"class", style}});
    for (const std::string& text : texts) html_.put("li", text);
  }

  /// A chart that the script fills.
  void chart(const std::string& kind, std::size_t r,
             const std::string& caption) {
    const auto figure =
        html_.open("figure", {{"class", "chart"},
                              {"id", kind + "-" + std::to_string(r)},
                              {"data-chart", kind},
                              {"data-run", std::to_string(r)}});
    html_.put("figcaption", caption);
    html_.put("div", "", {{"class", "controls"}});
    html_.put("div", "", {{"class", "plot"}});
    const auto values = html_.open("details", {{"class", "values"}});
    html_.put("summary", "Values as a table");
  }

  void answer() {
    const auto scope = section("answer");
    const Answer answer = answer_of(input_);
    html_.put("h3", "What was asked");
    paragraphs(answer.asked);
    for (std::size_t r = 0; r < runs().size(); ++r)
      if (!runs()[r].description.empty())
        html_.put("p", runs()[r].description, {{"class", "description"}});
    html_.put("h3", "What came out");
    paragraphs(answer.remission);
    if (!answer.economics.empty()) {
      html_.put("h3", "What it costs");
      paragraphs(answer.economics);
    }
    html_.put("h3", "How certain it is");
    paragraphs(answer.decision);
    paragraphs(answer.certainty);
    if (!answer.cautions.empty()) {
      const auto box =
          html_.open("div", {{"class", "caution"}, {"role", "note"}});
      html_.put("p", "Mind:");
      list(answer.cautions, "cautions");
    }
  }

  static bool is_same_word(const std::string& one, const std::string& other) {
    return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                      [](unsigned char a, unsigned char b) {
                        return std::tolower(a) == std::tolower(b);
                      });
  }

  static std::string strategy_label(const std::string& name) {
    return name == "initial"   ? "first treatment"
           : name == "augment" ? "augmentation"
           : name == "combine" ? "combination"
                               : name;
  }

  std::string arm_text(const ReportedStep& step, const ReportedArm& arm,
                       std::size_t observed) const {
    std::string text = arm.label;
    std::vector<std::string> more;
    if (step.arms.size() > 1)
      more.push_back("given to " +
                     percentage(arm.flows[observed].share_of_step));
    const std::string strategy = strategy_label(arm.strategy);
    if (!strategy.empty() && !is_same_word(strategy, arm.label))
      more.push_back(strategy);
    for (std::size_t i = 0; i < more.size(); ++i)
      text += (i == 0 ? ": " : ", ") + more[i];
    return text;
  }

  /// A single arm that is called as its step tells nothing more.
  void arm_list(const ReportedStep& step, std::size_t observed) {
    if (step.arms.size() == 1 && step.arms.front().label == step.label &&
        step.arms.front().strategy.empty())
      return;
    const auto arms = html_.open("ul", {{"class", "arms"}});
    for (const ReportedArm& arm : step.arms)
      html_.put("li", arm_text(step, arm, observed));
  }

  /// What happens between steps and after them, as it was counted.
  std::string afterwards(const ReportedPathway& pathway,
                         std::size_t observed) const {
    bool follow_up = false, gap = false, left_care = false, relapse = false;
    for (const ReportedStep& step : pathway.steps) {
      const Flows& flows = step.flows[observed];
      follow_up |= flows.follow_up > 0;
      gap |= flows.gap > 0;
      left_care |= flows.left_care > 0;
      for (const ReportedFollowUp& after : step.follow_up)
        relapse |= after.relapsed > 0;
    }
    const bool has_follow_up = std::any_of(
        pathway.steps.begin(), pathway.steps.end(),
        [](const ReportedStep& step) { return !step.follow_up.empty(); });
    std::string text =
        "Who is not in remission after a step goes on to the next one";
    if (left_care) text += ", or leaves care";
    if (gap) text += ", or is off treatment for a time";
    if (follow_up) text += ", or goes into follow-up without remission";
    text += ". Who is in remission ";
    text += has_follow_up ? "goes into follow-up" : "stays so";
    if (relapse) text += ", where some relapse";
    return text + ".";
  }

  void pathway_diagram(const ReportedPathway& pathway, std::size_t observed) {
    if (pathway.steps.empty()) {
      html_.put("p", "No steps: patients stay without acute treatment.",
                {{"class", "after"}});
      return;
    }
    {
      const auto list = html_.open("ol", {{"class", "pathway"}});
      for (std::size_t s = 0; s < pathway.steps.size(); ++s) {
        const ReportedStep& step = pathway.steps[s];
        const auto item = html_.open("li", {{"class", "step"}});
        html_.put("h4", step.label);
        html_.put("p", fmt::format("up to {:g} weeks", step.weeks),
                  {{"class", "weeks"}});
        arm_list(step, observed);
        const Flows& flows = step.flows[observed];
        html_.put("p",
                  flows.entered > 0
                      ? percentage(flows.remission_rate) + " remit"
                      : "nobody entered",
                  {{"class", "rate"}});
      }
    }
    html_.put("p", afterwards(pathway, observed), {{"class", "after"}});
  }

  std::string pathway_heading(std::size_t r, std::size_t p) const {
    const bool is_marked =
        p == runs()[r].reference && runs()[r].pathways.size() > 1;
    return input_.pathway_label(r, p) + (is_marked ? " (reference)" : "");
  }

  /// Shown at once if there are few, or for the reference; else folded.
  template <class Put>
  void by_pathway(std::size_t r, Put put) {
    const ReportedRun& run = runs()[r];
    for (std::size_t p = 0; p < run.pathways.size(); ++p) {
      const std::string heading = pathway_heading(r, p);
      if (run.pathways.size() <= most_unfolded || p == run.reference) {
        html_.put("h3", heading);
        put(p);
        continue;
      }
      const auto fold = html_.open("details", {{"class", "fold"}});
      {
        const auto summary = html_.open("summary");
        html_.put("h3", heading);
      }
      put(p);
    }
  }

  void pathways() {
    const auto scope = section("pathways");
    html_.put("p",
              "Steps from the first on; each says how long it may last, what "
              "is given, and how many of those who enter it remit as observed "
              "(standard error).");
    for (std::size_t r = 0; r < runs().size(); ++r) {
      const ReportedRun& run = runs()[r];
      by_pathway(r, [&](std::size_t p) {
        pathway_diagram(run.pathways[p], observed_place(run));
      });
      if (run.in_words.empty()) continue;
      const auto words = html_.open("details", {{"class", "words"}});
      html_.put("summary", "The scenario in words" +
                               (has_several() ? ": " + input_.names[r] : ""));
      html_.put("pre", run.in_words, {{"tabindex", "0"}});
    }
  }

  void estimands(const ReportedRun& run) {
    const auto list = html_.open("dl", {{"class", "estimands"}});
    for (const std::string& name : run.estimands) {
      html_.put("dt", estimand_label(name) +
                          (name == run.reported_first ? " (asked first)" : ""));
      html_.put("dd", estimand_explanation(name));
    }
  }

  void remission() {
    const auto scope = section("remission");
    html_.put("p",
              "Three questions are answered, of the same patients with the "
              "same luck:");
    estimands(runs().front());
    for (std::size_t r = 0; r < runs().size(); ++r) {
      const ReportedRun& run = runs()[r];
      run_heading(r);
      chart("curves", r,
            "Share of patients ever in remission by the end of each week "
            "(sustained: still in the first remission). Bands are 95\xC2\xA0% "
            "Monte Carlo intervals (1.96 standard errors)" +
                std::string(run.uncertainty
                                ? "; wider ones with dotted edges are 95\xC2"
                                  "\xA0% credible bands, of the uncertainty of "
                                  "the scenario's numbers."
                                : "."));
      put_sheet(html_, remission_sheet(run));
      const Sheet published = published_sheet(run, "cumulative_remission");
      if (!published.rows.empty()) put_sheet(html_, published, published_class);
      if (run.subgroups.empty()) continue;
      html_.put(has_several() ? HtmlName("h4") : HtmlName("h3"), "Subgroups");
      html_.put("p",
                "By what patients are at entry; a patient may belong to "
                "several subgroups or to none.");
      for (std::size_t e = 0; e < run.estimands.size(); ++e)
        put_sheet(html_, subgroup_sheet(run, e));
    }
  }

  void flow() {
    const auto scope = section("flow");
    html_.put("p",
              "Who goes where on the observed course. It is drawn from the "
              "counts of each step, which do not follow single patients: who "
              "enters a step beyond those who came on from earlier steps is "
              "shown as back after a relapse or a gap, and may be counted more "
              "than once. Where some are passed over a step (not eligible, "
              "refused, still waiting) while others come back to it, only the "
              "balance shows. Remission is where patients leave the steps; "
              "a relapse brings them back from there. Unfinished: the horizon, "
              "or death, came within the step.",
              {{"class", "note"}});
    for (std::size_t r = 0; r < runs().size(); ++r) {
      run_heading(r);
      chart("flow", r, "Patients by step, and what became of them.");
    }
  }

  void steps() {
    const auto scope = section("steps");
    for (std::size_t r = 0; r < runs().size(); ++r) {
      const ReportedRun& run = runs()[r];
      const std::size_t observed = observed_place(run);
      by_pathway(r, [&](std::size_t p) {
        put_sheet(html_, step_sheet(run, p, observed));
        for (std::size_t e = 0; e < run.estimands.size(); ++e)
          if (run.estimands[e] == "if_all_continue")
            put_sheet(html_, step_sheet(run, p, e));
        const Sheet follow_up = follow_up_sheet(run, p);
        if (!follow_up.rows.empty()) put_sheet(html_, follow_up);
      });
      if (run.published.empty()) continue;
      html_.put("h3", has_several() ? "Published figures: " + input_.names[r]
                                    : "Published figures");
      put_sheet(html_, published_sheet(run), published_class);
    }
  }

  void occupancy() {
    const auto scope = section("occupancy");
    html_.put("p",
              "At the end of every week each patient of the observed course is "
              "in one of these states.");
    for (std::size_t r = 0; r < runs().size(); ++r) {
      run_heading(r);
      chart("occupancy", r,
            "Share of the cohort in each state, by week since entry.");
      put_sheet(html_, horizon_sheet(runs()[r]));
    }
  }

  void folded(const std::string& summary, const std::vector<Sheet>& sheets) {
    const auto fold = html_.open("details", {{"class", "fold"}});
    html_.put("summary", summary);
    for (const Sheet& sheet : sheets) put_sheet(html_, sheet);
  }

  void differences() {
    const auto scope = section("differences");
    const Comparison& comparison = input_.comparison;
    if (comparison.strategies().size() == 1) {
      html_.put("p",
                "There is one pathway, so that there is nothing to compare.");
    } else {
      html_.put(
          "p",
          "Every pathway against " +
              in_double_quotes(input_.strategy_label(comparison.reference())) +
              ", the reference. Pathways of one result have the same "
              "patients with the same luck, which makes differences more "
              "precise than the errors of their means suggest.");
      chart("differences", 0,
            "Differences from the reference, with 95\xC2\xA0% Monte Carlo "
            "intervals "
            "(1.96 standard errors). They tell nothing of the uncertainty of "
            "the scenario's numbers.");
    }
    for (const Sheet& sheet : short_sheets(comparison)) put_sheet(html_, sheet);
    if (comparison.strategies().size() > 1 || input_.has_economics())
      folded("All outcomes", outcome_sheets(comparison, true));
  }

  static std::string what_lacks(const DecisionMeasures& decision) {
    const bool has_costs = !decision.costs.empty(),
               has_utilities = decision.effect != no_measure;
    return fmt::format("The scenario {}: nothing can be weighed.",
                       has_costs       ? "lacks utilities"
                       : has_utilities ? "lacks costs"
                                       : "has no costs and utilities");
  }

  void economics() {
    const auto scope = section("economics");
    const Comparison& comparison = input_.comparison;
    if (!input_.has_economics()) {
      html_.put("p", has_several()
                         ? "Not all results have costs and QALYs of one "
                           "perspective: nothing can be weighed between them."
                         : what_lacks(runs().front().outcomes.decision));
      return;
    }
    if (has_several())
      html_.put("p",
                "Pathways of different results are options beside each other "
                "only if all else in the scenarios is equal (prices, rates, "
                "horizon). If not, read each result by itself, as The answer "
                "in short does.");
    if (comparison.strategies().size() > 1)
      chart("plane", 0,
            "Cost-effectiveness plane: cost and QALYs a patient less those of "
            "the reference, with 95\xC2\xA0% Monte Carlo ellipses, and the "
            "efficiency "
            "frontier. They tell nothing of the uncertainty of the scenario's "
            "numbers.");
    for (std::size_t i = 0; i < comparison.perspectives().size(); ++i) {
      html_.put("h3", "Perspective: " + perspective_label(comparison, i));
      for (const Sheet& sheet :
           decision_sheets(comparison, i, comparison.runs().front().thresholds))
        put_sheet(html_, sheet);
    }
  }

  void folded_sheet(const std::string& summary, const Sheet& sheet,
                    CellClass class_of = nullptr) {
    const auto fold = html_.open("details", {{"class", "fold"}});
    html_.put("summary", summary);
    put_sheet(html_, sheet, class_of);
  }

  void intervals(std::size_t r) {
    std::vector<Sheet> more;
    const auto measures = measures_of_draws(input_, r);
    for (std::size_t m = 0; m < measures.size(); ++m) {
      Sheet sheet = interval_sheet(runs()[r], measures[m]);
      if (m < most_measures_unfolded)
        put_sheet(html_, sheet);
      else
        more.push_back(std::move(sheet));
    }
    html_.put("p",
              "As stated: with the scenario's own numbers. Where outcomes are "
              "not linear in uncertain numbers, the mean of the draws is "
              "another (Jensen's inequality).",
              {{"class", "note"}});
    if (!more.empty()) folded("Credible intervals of all outcomes", more);
  }

  void decisions(std::size_t r) {
    const ReportedRun& run = runs()[r];
    if (run.uncertainty->decisions.empty() || run.pathways.size() < 2) return;
    html_.put(sub_heading(), "Costs and QALYs");
    chart("cloud", r,
          "Cost-effectiveness plane under the uncertainty of the numbers: "
          "each small dot is a draw, freed of the luck of its patients; "
          "ellipses hold 95\xC2\xA0% of them (as if normal).");
    html_.put(sub_heading(), "Which pathway is best, and how surely");
    chart("acceptability", r,
          "Probability that a pathway has the highest net benefit, by what a "
          "QALY is worth (acceptability curves). The thick grey line is the "
          "frontier: the pathway with the highest expected net benefit, which "
          "need not be the most probable.");
    chart("loss", r,
          "Expected loss: what choosing a pathway loses on average against "
          "choosing the best of each draw. The lowest of them is the expected "
          "value of perfect information (EVPI).");
    chart("information", r,
          "What it would be worth to know numbers for certain: all of them "
          "(EVPI), or some (EVPPI). A hollow mark is the naive figure, which "
          "takes luck for uncertainty.");
    if (const std::string text = design_text(run); !text.empty())
      html_.put("p", text);
  }

  HtmlName sub_heading() const {
    return has_several() ? HtmlName("h4") : HtmlName("h3");
  }

  void uncertainty() {
    const auto scope = section("uncertainty");
    for (std::size_t r = 0; r < runs().size(); ++r) {
      const ReportedRun& run = runs()[r];
      if (!run.uncertainty) {
        if (has_several()) {
          run_heading(r);
          html_.put("p", "This result has no draws.");
        }
        continue;
      }
      run_heading(r);
      paragraphs(draws_texts(run));
      html_.put(sub_heading(), "Outcomes");
      intervals(r);
      decisions(r);
      html_.put(sub_heading(), "Numbers drawn and held");
      const ReportedDraws& draws = run.uncertainty->draws;
      if (!draws.parameters.empty())
        folded_sheet(counted(draws.parameters.size(), "number") + " drawn",
                     drawn_sheet(run), drawn_class);
      if (!draws.fixed.empty())
        folded_sheet(counted(draws.fixed.size(), "number") + " held, and why",
                     held_sheet(run));
    }
  }

  void sensitivity() {
    const auto scope = section("sensitivity");
    for (std::size_t i = 0; i < input_.sensitivities.size(); ++i) {
      const ReportedSensitivity& one = input_.sensitivities[i];
      html_.put("p", sensitivity_text(input_, one));
      if (!one.swings.empty())
        chart("tornado", i,
              "Tornado: the numbers that move the result most, at the low "
              "and the high end of their ranges.");
      if (one.two_way)
        chart("two-way", i,
              "Two numbers at once: which pathway is best, and the "
              "result.");
    }
  }

  void alternatives() {
    const auto scope = section("alternatives");
    for (std::size_t i = 0; i < input_.alternatives.size(); ++i) {
      const ReportedAlternatives& one = input_.alternatives[i];
      html_.put("p", alternatives_text(input_, one));
      chart("alternatives", i,
            "What comes out on each pathway under each alternative.");
      put_sheet(html_, alternatives_sheet(input_, one));
    }
  }

  void differing() {
    const auto inputs = differing_inputs(input_);
    if (inputs.empty()) return;
    Sheet sheet{"Inputs that differ between the results",
                {"Value of"},
                {},
                1,
                "Of the numbers that may carry a source. A dash: the scenario "
                "does not have it. Scenarios may also differ in their "
                "structure: see The run."};
    for (const std::string& name : input_.names) sheet.header.push_back(name);
    for (const DifferingInput& one : inputs) {
      sheet.rows.push_back({one.key});
      sheet.rows.back().insert(sheet.rows.back().end(), one.values.begin(),
                               one.values.end());
    }
    put_sheet(html_, sheet);
  }

  void inputs() {
    const auto scope = section("inputs");
    differing();
    for (std::size_t r = 0; r < runs().size(); ++r) {
      const ReportedRun& run = runs()[r];
      run_heading(r);
      if (!run.tells_inputs) {
        html_.put("p",
                  "This result does not list its inputs; run the scenario "
                  "again. They are in the scenario's text, under The run.");
        continue;
      }
      const auto unsourced = std::count_if(
          run.inputs.begin(), run.inputs.end(),
          [](const ReportedInput& one) { return one.source.empty(); });
      html_.put("p", fmt::format(
                         "{}, {} of them without a source.",
                         counted(run.inputs.size(), "value"),
                         unsourced == 0 ? "none" : std::to_string(unsourced)));
      put_sheet(html_, input_sheet(run), input_class);
    }
  }

  void fact(const char* what, const std::string& value) {
    if (value.empty()) return;
    html_.put("dt", what);
    html_.put("dd", value);
  }

  static std::string reached(const ReportedRun& run) {
    double smallest = 1, largest = 0;
    const std::size_t e = static_cast<std::size_t>(
        std::find(run.estimands.begin(), run.estimands.end(),
                  run.reported_first) -
        run.estimands.begin());
    for (const ReportedPathway& pathway : run.pathways) {
      smallest = std::min(smallest, pathway.curves[e].back().se);
      largest = std::max(largest, pathway.curves[e].back().se);
    }
    const auto points = [](double se) {
      return with_decimals(100 * se, decimals_worth(100 * se));
    };
    return fmt::format(
        "{}{} percentage points: the standard error of the share in remission "
        "by the horizon ({})",
        points(smallest), largest > smallest ? " to " + points(largest) : "",
        estimand_label(run.reported_first));
  }

  void facts(const ReportedRun& run) {
    const auto list = html_.open("dl", {{"class", "facts"}});
    fact("Program", "stardsim " + run.program_version);
    fact("Commit", run.commit);
    fact("Compiler", run.compiler);
    fact("Started", run.start_time);
    fact("Patients", grouped(run.outcomes.patients));
    fact("Seed", std::to_string(run.outcomes.seed));
    fact("Threads", std::to_string(run.threads));
    fact("Instruction set", run.instruction_set);
    fact("Precision reached", reached(run));
    fact("Scenario file", run.scenario_file);
    fact("Scenario SHA-256", run.scenario_sha256);
    fact("Law SHA-256 (equal: equal results)", run.law_sha256);
    fact("Data files", run.data_files);
    fact("As typed", run.command_line);
  }

  static std::string commands(const ReportedRun& run) {
    return fmt::format(
        "stardsim run {} --patients {} --seed {} -o {}\nstardsim report {}\n",
        quoted(run.scenario_file), run.outcomes.patients, run.outcomes.seed,
        quoted(run.file.string()), quoted(run.file.string()));
  }

  void how_it_was_run() {
    const auto scope = section("run");
    for (std::size_t r = 0; r < runs().size(); ++r) {
      const ReportedRun& run = runs()[r];
      run_heading(r);
      facts(run);
      html_.put("p",
                "To run it again: the same scenario, seed, patients and "
                "program version give the same numbers to the last digit, for "
                "any number of threads.");
      html_.put("pre", commands(run), {{"tabindex", "0"}});
      const auto text = html_.open("details", {{"class", "scenario"}});
      html_.put("summary", "The whole scenario, with all that it extends");
      html_.put("pre", run.scenario, {{"tabindex", "0"}});
    }
  }

  void cheers() {
    const auto scope = section("cheers");
    html_.put("p",
              "Reporting items for health economic evaluations, as far as the "
              "scenario and the run answer them.");
    for (std::size_t r = 0; r < runs().size(); ++r)
      put_sheet(html_, cheers_sheet(input_, r), cheers_class);
  }

  const ReportInput& input_;
  Html html_;
};

std::filesystem::path output_of(const Options& options,
                                const std::filesystem::path& result) {
  if (options.output) return *options.output;
  return std::filesystem::path(result).replace_extension(".html");
}

/// What was named, by kind.
struct Named {
  std::vector<std::filesystem::path> results;
  std::vector<ReportedSensitivity> sensitivities;
  std::vector<ReportedAlternatives> alternatives;

  explicit Named(const std::vector<std::filesystem::path>& paths) {
    for (const auto& path : paths) switch (kind_of_report(path)) {
        case ReportedKind::result:
          results.push_back(path);
          break;
        case ReportedKind::sensitivity:
          sensitivities.push_back(read_sensitivity(path));
          break;
        case ReportedKind::alternatives:
          alternatives.push_back(read_alternatives(path));
          break;
      }
    if (results.empty())
      throw BadUsage(fmt::format(
          "report: {} is shown in the page of a result; name one too: "
          "stardsim report RESULT.h5 {}",
          paths.front().string(), quoted(paths.front().string())));
  }
};

void refuse_scenarios(const std::vector<std::filesystem::path>& paths) {
  for (const auto& path : paths)
    if (path.extension() == ".toml")
      throw BadUsage(fmt::format(
          "report: {} is a scenario; run it first: stardsim run {} -o "
          "results/{}.h5",
          path.string(), quoted(path.string()), quoted(path.stem().string())));
}

}  // namespace

void report(const Options& options) {
  refuse_scenarios(options.scenarios);
  Named named(options.scenarios);
  const auto output = output_of(options, named.results.front());
  refuse_to_overwrite(output, options.scenarios, "one of the results", ".html");
  std::vector<ReportedRun> runs;
  for (const auto& path : named.results) runs.push_back(read_for_report(path));
  require_writable(output);
  ReportInput input = report_input(std::move(runs), run_names(named.results));
  input.sensitivities = std::move(named.sensitivities);
  input.alternatives = std::move(named.alternatives);
  const std::string text = Page(input).document();
  write_atomically(output, std::as_bytes(std::span(text)));
  print(fmt::format("Saved in {} ({:.1f} MB); open it in a browser\n",
                    output.string(), static_cast<double>(text.size()) / 1e6));
}

}  // namespace stardsim
