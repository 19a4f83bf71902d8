#include "sim/app/tables.hpp"

#include "models/staging.hpp"
#include "models/units.hpp"
#include "sim/analysis/agreement.hpp"
#include "sim/analysis/in_use.hpp"
#include "sim/analysis/rates.hpp"
#include "sim/app/sheet.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace stardsim {
namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t label_width = 34;
constexpr std::size_t usual_abreast = 3;
constexpr int simulated_width = 9 + 7 + 8 + 6;  ///< of one figure's cells
constexpr int alone_width = 28;  ///< of one figure without its counterpart
/// Relapse is told by the first of these at whose start somebody is seen.
constexpr std::uint32_t relapse_weeks[] = {52, 26, 12, 4, 1};

constexpr const char* z_meaning =
    "\nz: from simulated to exact in standard errors of the exact figure; rows "
    "share patients,\nso that neighbours stray together, and one in twenty "
    "exceeds 2. For relapse the errors are those of the simulated figure.";

/// Which sides of the figures are at hand.
enum class Sides { both, simulated, exact };

/// One figure: simulated with its error, exact, and how far apart.
struct Figure {
  double simulated = none, se = none, exact = none, z = none;
};

struct Column {
  std::string title;
  std::vector<Figure> figures;  ///< one a row
};

/// A step, or an arm of it.
struct Row {
  std::string label;
  Flow<std::uint64_t> counted;
  Flow<double> expected;
  const Step* step;
  const Arm* arm;  ///< null: the whole step
};

/// One pathway under one estimand; counted is null for exact figures alone,
/// expected for simulated ones alone.
struct CourseFigures {
  const Scenario& scenario;
  std::size_t pathway;
  Estimand estimand;
  const PathwayTally* counted;
  const PathwayExpectation* expected;
  std::uint64_t patients;
  const Screen& screen;

  const Pathway& path() const { return scenario.pathways[pathway]; }
  const Step& step(std::size_t s) const {
    return scenario.steps[path().steps[s]];
  }
  Sides sides() const {
    if (!counted) return Sides::exact;
    return expected ? Sides::both : Sides::simulated;
  }
  Flow<std::uint64_t> counted_step(std::size_t s) const {
    return counted ? counted->course[course_of(estimand)].step(s)
                   : Flow<std::uint64_t>{};
  }
  Flow<double> expected_step(std::size_t s) const {
    return expected ? expected->course[course_of(estimand)].step(s)
                    : Flow<double>{};
  }
  Flow<std::uint64_t> counted_arm(std::size_t s, std::size_t a) const {
    return counted ? counted->course[course_of(estimand)].arms[s][a]
                   : Flow<std::uint64_t>{};
  }
  Flow<double> expected_arm(std::size_t s, std::size_t a) const {
    return expected ? expected->course[course_of(estimand)].arms[s][a]
                    : Flow<double>{};
  }
};

/// The text in exactly label_width characters of UTF-8.
std::string fitted(const std::string& text) {
  const std::string cut = shortened(text, label_width);
  return cut + std::string(label_width - width_of(cut), ' ');
}

Row step_row(const CourseFigures& course, std::size_t s) {
  const Step& step = course.step(s);
  return {fitted(fmt::format("{} {}", s + 1, step.label)),
          course.counted_step(s), course.expected_step(s), &step, nullptr};
}

Row arm_row(const CourseFigures& course, std::size_t s, std::size_t a) {
  const Step& step = course.step(s);
  return {fitted("    " + step.arms[a].label), course.counted_arm(s, a),
          course.expected_arm(s, a), &step, &step.arms[a]};
}

std::vector<Row> rows_of(const CourseFigures& course) {
  std::vector<Row> rows;
  for (std::size_t s = 0; s < course.path().steps.size(); ++s) {
    rows.push_back(step_row(course, s));
    const std::size_t arms = course.step(s).arms.size();
    for (std::size_t a = 0; a < arms && arms > 1; ++a)
      rows.push_back(arm_row(course, s, a));
  }
  return rows;
}

/// Events among `of`, in per cent. How far numbers lie apart is not judged
/// where a patient may be counted more than once.
Figure percentage(const CourseFigures& course, std::uint64_t events,
                  std::uint64_t of, double expected, double expected_of) {
  Figure figure;
  if (expected_of > 0) figure.exact = 100 * expected / expected_of;
  if (!course.counted || of == 0) return figure;
  const Rate simulated = rate(events, of);
  figure.simulated = 100 * simulated.value;
  figure.se = 100 * simulated.se;
  if (expected_of > 0 && events <= of && expected < expected_of * (1 + 1e-9))
    figure.z =
        z_score(events, of, std::clamp(expected / expected_of, 0.0, 1.0));
  return figure;
}

using Outcome =
    std::pair<std::uint64_t Flow<std::uint64_t>::*, double Flow<double>::*>;

Figure of_entered(const CourseFigures& course, const Row& row,
                  Outcome outcome) {
  return percentage(course, row.counted.*outcome.first, row.counted.entered,
                    row.expected.*outcome.second, row.expected.entered);
}

Figure weeks_to_remission(const CourseFigures& course, const Row& row) {
  Figure figure;
  if (row.expected.remission > 0)
    figure.exact =
        to_weeks(row.expected.remission_ticks / row.expected.remission);
  if (!course.counted) return figure;
  const MeanTime simulated = mean_weeks(row.counted);
  figure.simulated = simulated.weeks;
  figure.se = simulated.se;
  figure.z = mean_weeks_z(row.counted, row.expected);
  return figure;
}

/// Whether the scenario states this outcome for all of the row's patients.
bool stated(const Row& row, std::optional<Evidence> Arm::*outcome) {
  return row.arm ? (row.arm->*outcome).has_value()
                 : every_arm_states(*row.step, outcome);
}

template <class FigureOf>
Column column(const std::string& title, const std::vector<Row>& rows,
              FigureOf figure_of) {
  Column made{title, {}};
  for (const Row& row : rows) made.figures.push_back(figure_of(row));
  return made;
}

Column cumulative_column(const CourseFigures& course,
                         const std::vector<Row>& rows) {
  std::uint64_t events = 0;
  double expected = 0;
  return column("ever in remission, % of c.", rows, [&](const Row& row) {
    if (row.arm) return Figure{};
    events += first_remissions(course.estimand, row.counted);
    expected += first_remissions(course.estimand, row.expected);
    return percentage(course, events, course.patients, expected, 1);
  });
}

std::vector<Column> main_columns(const CourseFigures& course,
                                 const std::vector<Row>& rows) {
  std::vector<Column> columns;
  columns.push_back(column("entered, % of cohort", rows, [&](const Row& row) {
    Figure figure = percentage(course, row.counted.entered, course.patients,
                               row.expected.entered, 1);
    if (course.estimand == Estimand::observed && may_be_repeated(*row.step))
      figure.se = figure.z = none;
    return figure;
  }));
  columns.push_back(
      column("remission, % of entered", rows, [&](const Row& row) {
        return of_entered(
            course, row,
            {&Flow<std::uint64_t>::remission, &Flow<double>::remission});
      }));
  columns.push_back(cumulative_column(course, rows));
  return columns;
}

std::vector<Column> other_columns(const CourseFigures& course,
                                  const std::vector<Row>& rows) {
  std::vector<Column> columns;
  const auto add_stated = [&](const std::string& title, Outcome outcome,
                              std::optional<Evidence> Arm::*evidence) {
    if (std::any_of(rows.begin(), rows.end(),
                    [&](const Row& row) { return stated(row, evidence); }))
      columns.push_back(column(title, rows, [&](const Row& row) {
        return stated(row, evidence) ? of_entered(course, row, outcome)
                                     : Figure{};
      }));
  };
  add_stated("intolerance, % of entered",
             {&Flow<std::uint64_t>::intolerance, &Flow<double>::intolerance},
             &Arm::intolerance);
  add_stated(
      "partial response, % of e.",
      {&Flow<std::uint64_t>::partial_response, &Flow<double>::partial_response},
      &Arm::partial_response);
  const auto add = [&](const std::string& title, Outcome outcome) {
    columns.push_back(column(title, rows, [&](const Row& row) {
      return of_entered(course, row, outcome);
    }));
  };
  const auto happens = [&](Outcome outcome) {
    return std::any_of(rows.begin(), rows.end(), [&](const Row& row) {
      return row.counted.*outcome.first > 0 || row.expected.*outcome.second > 0;
    });
  };
  const Outcome follow_up{&Flow<std::uint64_t>::follow_up,
                          &Flow<double>::follow_up},
      gap{&Flow<std::uint64_t>::gap, &Flow<double>::gap};
  if (course.estimand == Estimand::observed) {
    add("left care, % of entered",
        {&Flow<std::uint64_t>::left_care, &Flow<double>::left_care});
    if (happens(follow_up)) add("to follow-up, % of entered", follow_up);
    if (happens(gap)) add("to a gap, % of entered", gap);
  }
  columns.push_back(column("weeks to remission", rows, [&](const Row& row) {
    return weeks_to_remission(course, row);
  }));
  return columns;
}

std::string number(double value, int width, int decimals) {
  if (std::isnan(value)) return fmt::format("{:>{}}", "-", width);
  return fmt::format("{:{}.{}f}", value, width, decimals);
}

std::string z_text(double z) {
  if (std::isnan(z) || std::abs(z) < 0.05) return number(std::abs(z), 6, 1);
  return fmt::format("{:>+6.1f}", z);
}

std::string cells(const Figure& figure, Sides sides) {
  if (sides == Sides::exact) return number(figure.exact, alone_width, 4);
  if (sides == Sides::simulated)
    return number(figure.simulated, alone_width - 8, 3) +
           number(figure.se, 8, 3);
  return number(figure.simulated, 9, 3) + number(figure.se, 7, 3) +
         number(figure.exact, 8, 3) + z_text(figure.z);
}

std::string heading_of_cells(Sides sides) {
  if (sides == Sides::simulated)
    return fmt::format("{:>{}}{:>8}", "sim.", alone_width - 8, "s.e.");
  return fmt::format("{:>9}{:>7}{:>8}{:>6}", "sim.", "s.e.", "exact", "z");
}

std::string block(const std::vector<std::string>& labels,
                  const std::vector<Column>& columns, std::size_t from,
                  std::size_t to, Sides sides) {
  std::string text = std::string(label_width, ' ');
  for (std::size_t c = from; c < to; ++c)
    text += fmt::format("{:>{}}", columns[c].title,
                        sides == Sides::both ? simulated_width : alone_width);
  if (sides != Sides::exact) {
    text += "\n" + std::string(label_width, ' ');
    for (std::size_t c = from; c < to; ++c) text += heading_of_cells(sides);
  }
  for (std::size_t r = 0; r < labels.size(); ++r) {
    text += "\n" + labels[r];
    for (std::size_t c = from; c < to; ++c)
      text += cells(columns[c].figures[r], sides);
  }
  return text + "\n";
}

std::size_t figures_abreast(const Screen& screen, Sides sides) {
  if (screen.columns == 0) return usual_abreast;
  const std::size_t width =
      sides == Sides::both ? simulated_width : alone_width;
  return screen.columns < label_width + width
             ? 1
             : (screen.columns - label_width) / width;
}

std::string blocks(const std::vector<std::string>& labels,
                   const std::vector<Column>& columns, Sides sides,
                   const Screen& screen) {
  const std::size_t abreast = figures_abreast(screen, sides);
  std::string text;
  for (std::size_t c = 0; c < columns.size(); c += abreast)
    text +=
        block(labels, columns, c, std::min(c + abreast, columns.size()), sides);
  return text;
}

const char* meaning(Estimand estimand) {
  return estimand == Estimand::if_all_continue
             ? "if all continue: everybody not in remission goes on"
             : "observed: ever in remission before leaving care";
}

std::string titled(const CourseFigures& course, const std::string& what) {
  return "\n" +
         course.screen.bold(fmt::format(
             "Pathway {}{}, {}", course.path().name,
             course.pathway == course.scenario.reference ? " (reference)" : "",
             what)) +
         "\n";
}

std::string course_tables(const CourseFigures& course) {
  const auto rows = rows_of(course);
  std::vector<std::string> labels;
  labels.reserve(rows.size());
  for (const Row& row : rows) labels.push_back(row.label);
  return titled(course, meaning(course.estimand)) +
         blocks(labels, main_columns(course, rows), course.sides(),
                course.screen) +
         blocks(labels, other_columns(course, rows), course.sides(),
                course.screen);
}

/// Those who entered follow-up after a step, in one state.
struct FollowUpRow {
  std::string label;
  FollowUpFlow<std::uint64_t> counted;
  FollowUpFlow<double> expected;
  bool repeated;  ///< a patient may enter it more than once
};

std::vector<FollowUpRow> follow_up_rows(const CourseFigures& course) {
  const char* const statuses[] = {"in remission", "not in remission"};
  std::vector<FollowUpRow> rows;
  for (std::size_t s = 0; s < course.path().steps.size(); ++s)
    for (std::size_t status = 0; status < 2; ++status) {
      FollowUpRow row{{}, {}, {}, may_be_repeated(course.step(s))};
      row.label = fitted(fmt::format("{} {}", s + 1, statuses[status]));
      if (course.counted)
        row.counted = follow_up_of_step(course.counted->later, s, status);
      if (course.expected)
        row.expected = follow_up_of_step(course.expected->later, s, status);
      if (row.counted.entered > 0 || row.expected.entered > 0)
        rows.push_back(row);
    }
  return rows;
}

/// 1 - the relapse-free curve at a week; its distance from the exact one in its
/// own standard errors.
Figure relapsed_by(std::uint32_t week, const FollowUpRow& row) {
  Figure figure;
  if (row.expected.entered > 0)
    figure.exact = 100 * (1 - relapse_free(row.expected)[week].value);
  if (row.counted.entered == 0) return figure;
  const Rate free = relapse_free(row.counted)[week];
  figure.simulated = 100 * (1 - free.value);
  figure.se = 100 * free.se;
  if (figure.se > 0) figure.z = (figure.simulated - figure.exact) / figure.se;
  return figure;
}

std::uint32_t week_of_relapse(const CourseFigures& course,
                              const std::vector<FollowUpRow>& rows) {
  const auto is_seen = [](std::uint32_t week) {
    return [week](const FollowUpRow& row) {
      const Figure figure = relapsed_by(week, row);
      return !std::isnan(figure.simulated) || !std::isnan(figure.exact);
    };
  };
  for (const std::uint32_t week : relapse_weeks)
    if (week <= course.scenario.horizon &&
        std::any_of(rows.begin(), rows.end(), is_seen(week)))
      return week;
  return 0;
}

std::string follow_up_table(const CourseFigures& course) {
  const auto rows = follow_up_rows(course);
  if (rows.empty()) return "";
  const std::uint32_t week = week_of_relapse(course, rows);
  std::vector<Column> columns{{"entered, % of cohort", {}},
                              {fmt::format("relapse by week {}, %", week), {}},
                              {"dropped out, % of entered", {}}};
  std::vector<std::string> labels;
  for (const FollowUpRow& row : rows) {
    labels.push_back(row.label);
    columns[0].figures.push_back(percentage(
        course, row.counted.entered, course.patients, row.expected.entered, 1));
    if (row.repeated)
      columns[0].figures.back().se = columns[0].figures.back().z = none;
    columns[1].figures.push_back(relapsed_by(week, row));
    columns[2].figures.push_back(
        percentage(course, row.counted.dropped_out, row.counted.entered,
                   row.expected.dropped_out, row.expected.entered));
  }
  return titled(course,
                "follow-up, by step and state at its start (relapse if nobody "
                "dropped out)") +
         blocks(labels, columns, course.sides(), course.screen);
}

const char* words_for(State state) {
  switch (state) {
    case State::in_treatment:
      return "in an acute step";
    case State::waiting:
      return "waiting for a step";
    case State::remitted:
      return "in remission, in follow-up";
    case State::not_remitted:
      return "in follow-up, not in remission";
    case State::gap:
      return "in a gap";
    case State::untreated:
      return "untreated, steps exhausted";
    case State::untreated_remitted:
      return "in spontaneous remission";
    case State::out_of_care:
      return "out of care";
    case State::dead:
      return "dead";
  }
  return "";
}

template <class Number>
Number at_horizon(const LaterCourse<Number>& later, std::size_t state) {
  const auto& weeks = later.occupancy[state];
  return weeks.empty() ? Number{} : weeks.back();
}

Figure remitted_at_horizon(const CourseFigures& course, Estimand estimand) {
  const std::uint64_t counted =
      course.counted ? remitted_by_week(estimand, course.counted->course,
                                        course.counted->later)
                           .back()
                     : 0;
  const double expected =
      course.expected ? remitted_by_week(estimand, course.expected->course,
                                         course.expected->later)
                            .back()
                      : 0;
  return percentage(course, counted, course.patients, expected, 1);
}

/// Remission by the horizon, spontaneous ones and all, and where patients are
/// then, of the states in which somebody is.
std::string horizon_table(const CourseFigures& course) {
  const std::pair<const char*, Estimand> questions[] = {
      {"ever in remission, if all continue", Estimand::if_all_continue},
      {"ever in remission, observed", Estimand::observed},
      {"sustained: still in the first one", Estimand::sustained}};
  std::vector<std::string> labels;
  Column column{"% of cohort", {}};
  for (const auto& [label, estimand] : questions) {
    labels.push_back(fitted(label));
    column.figures.push_back(remitted_at_horizon(course, estimand));
  }
  for (std::size_t state = 0; state < state_count; ++state) {
    const std::uint64_t counted =
        course.counted ? at_horizon(course.counted->later, state) : 0;
    const double expected =
        course.expected ? at_horizon(course.expected->later, state) : 0;
    if (counted == 0 && expected < 1e-9) continue;
    labels.push_back(fitted(words_for(static_cast<State>(state))));
    column.figures.push_back(
        percentage(course, counted, course.patients, expected, 1));
  }
  return titled(course, "at week " + horizon_text(course.scenario) +
                            ": remission, and where patients are (observed)") +
         blocks(labels, {column}, course.sides(), course.screen);
}

Figure simulated_only(const Rate& rate) {
  return {100 * rate.value, 100 * rate.se, none, none};
}

std::string subgroup_table(const CourseFigures& course) {
  if (!course.counted || course.counted->subgroups.empty()) return "";
  const Estimand questions[] = {Estimand::if_all_continue, Estimand::observed,
                                Estimand::sustained};
  const bool relapses = has_later_course(course.scenario);
  std::vector<Column> columns{{"if all continue, %", {}}, {"observed, %", {}}};
  if (relapses) columns.push_back({"sustained, %", {}});
  std::vector<std::string> labels;
  for (std::size_t g = 0; g < course.scenario.subgroups.size(); ++g) {
    const SubgroupTally& members = course.counted->subgroups[g];
    labels.push_back(
        fitted(fmt::format("{} ({})", course.scenario.subgroups[g].label,
                           grouped(members.patients))));
    for (std::size_t c = 0; c < columns.size(); ++c)
      columns[c].figures.push_back(
          simulated_only(cumulative_remission(members, questions[c]).back()));
  }
  return titled(course, "subgroups (patients): in remission by week " +
                            horizon_text(course.scenario)) +
         blocks(labels, columns, Sides::simulated, course.screen);
}

/// TRD where the staging method of that name has its only level above 0.
std::string staging_table(const CourseFigures& course) {
  if (!course.counted || course.counted->stages.empty()) return "";
  constexpr auto trd = static_cast<std::size_t>(StagingMethod::trd);
  std::vector<Column> columns{{"TRD, % of entered", {}},
                              {"remission, % of TRD", {}},
                              {"remission, % of others", {}},
                              {"two failed, % of entered", {}},
                              {"pseudo-resistant, %", {}}};
  std::vector<std::string> labels;
  for (std::size_t s = 0; s < course.path().steps.size(); ++s) {
    const auto& entered = course.counted->stages[s].entered[trd];
    const auto& remission = course.counted->stages[s].remission[trd];
    labels.push_back(fitted(fmt::format("{} {}", s + 1, course.step(s).label)));
    columns[0].figures.push_back(
        simulated_only(rate(entered[1], entered[0] + entered[1])));
    columns[1].figures.push_back(
        simulated_only(rate(remission[1], entered[1])));
    columns[2].figures.push_back(
        simulated_only(rate(remission[0], entered[0])));
    const StageTally& stage = course.counted->stages[s];
    columns[3].figures.push_back(simulated_only(
        rate(stage.apparently_resistant, entered[0] + entered[1])));
    columns[4].figures.push_back(
        simulated_only(rate(stage.apparently_resistant - stage.truly_resistant,
                            stage.apparently_resistant)));
  }
  return titled(course,
                "resistance at entry (TRD: two adequate trials failed; "
                "pseudo-resistant: two failed,\nbut not two adequate ones, or "
                "a wrong diagnosis)") +
         blocks(labels, columns, Sides::simulated, course.screen);
}

std::string later_tables(const CourseFigures& course) {
  std::string text;
  if (has_follow_up(course.scenario)) text += follow_up_table(course);
  if (has_later_course(course.scenario)) text += horizon_table(course);
  return text + subgroup_table(course) + staging_table(course);
}

/// The courses, the one that is reported first in front; `sustained` is read
/// from the observed one.
std::array<Estimand, course_count> in_order(const Scenario& scenario) {
  return scenario.estimand == Estimand::if_all_continue
             ? std::array{Estimand::if_all_continue, Estimand::observed}
             : std::array{Estimand::observed, Estimand::if_all_continue};
}

std::string tables(const Scenario& scenario, const Tally* tally,
                   const Expectation* expectation, const Screen& screen) {
  std::string text;
  for (std::size_t p = 0; p < scenario.pathways.size(); ++p) {
    CourseFigures course{scenario,
                         p,
                         Estimand::observed,
                         tally ? &tally->pathways[p] : nullptr,
                         expectation ? &expectation->pathways[p] : nullptr,
                         tally ? tally->patients : 0,
                         screen};
    for (const Estimand estimand : in_order(scenario)) {
      course.estimand = estimand;
      text += course_tables(course);
    }
    course.estimand = Estimand::observed;
    text += later_tables(course);
  }
  return text;
}

}  // namespace

const char* const error_meaning =
    "s.e.: the chance of a finite cohort alone, not the uncertainty of the "
    "scenario's numbers.";

std::string run_tables(const Scenario& scenario, const Tally& tally,
                       const Expectation* expectation, const Screen& screen) {
  return tables(scenario, &tally, expectation, screen) + "\n" +
         screen.dim(expectation ? std::string(error_meaning) + z_meaning
                                : error_meaning) +
         "\n";
}

std::string exact_tables(const Scenario& scenario,
                         const Expectation& expectation, const Screen& screen) {
  return tables(scenario, nullptr, &expectation, screen);
}

std::string exact_weeks(const Scenario& scenario,
                        const Expectation& expectation) {
  std::string text =
      "\nCumulative remission, fraction of the cohort, by the end of the week\n"
      "week";
  std::vector<Estimand> shown;
  for (const Estimand estimand : in_order(scenario)) shown.push_back(estimand);
  if (has_later_course(scenario)) shown.push_back(Estimand::sustained);
  std::vector<std::vector<double>> curves;
  std::vector<std::size_t> widths;
  for (std::size_t p = 0; p < scenario.pathways.size(); ++p)
    for (const Estimand estimand : shown) {
      const std::string title =
          fmt::format("  {} {}", scenario.pathways[p].name, name_of(estimand));
      text += title;
      widths.push_back(title.size());
      const PathwayExpectation& expected = expectation.pathways[p];
      curves.push_back(
          remitted_by_week(estimand, expected.course, expected.later));
    }
  for (std::size_t week = 0; week <= scenario.horizon; ++week) {
    text += fmt::format("\n{:4}", week);
    for (std::size_t c = 0; c < curves.size(); ++c)
      text += fmt::format("{:>{}.6f}", curves[c][week], widths[c]);
  }
  return text + "\n";
}

std::string horizon_text(const Scenario& scenario) {
  return fmt::format("{:.6g}", scenario.horizon_weeks > 0
                                   ? scenario.horizon_weeks
                                   : scenario.horizon);
}

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3; at -= 3)
    digits.insert(at - 3, ",");
  return digits;
}

}  // namespace stardsim
