#include "sim/app/tables.hpp"

#include "models/units.hpp"
#include "sim/analysis/agreement.hpp"
#include "sim/analysis/rates.hpp"

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
constexpr std::size_t figures_abreast = 3;
constexpr int simulated_width = 9 + 7 + 8 + 6;  ///< of one figure's cells
constexpr int exact_width = 28;

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

/// One pathway under one estimand; counted is null for exact figures alone.
struct CourseFigures {
  const Scenario& scenario;
  std::size_t pathway;
  Estimand estimand;
  const CourseTable<std::uint64_t>* counted;
  const CourseTable<double>& expected;
  std::uint64_t patients;
};

bool starts_character(char byte) { return (byte & 0xC0) != 0x80; }

/// The text in exactly label_width characters of UTF-8.
std::string fitted(const std::string& text) {
  std::size_t characters = 0, cut = 0;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (starts_character(text[i]) && ++characters == label_width) cut = i;
  if (characters <= label_width)
    return text + std::string(label_width - characters, ' ');
  return text.substr(0, cut) + "~";
}

Row step_row(const CourseFigures& course, std::size_t s) {
  const Step& step =
      course.scenario.steps[course.scenario.pathways[course.pathway].steps[s]];
  return {fitted(fmt::format("{} {}", s + 1, step.label)),
          course.counted ? course.counted->step(s) : Flow<std::uint64_t>{},
          course.expected.step(s), &step, nullptr};
}

Row arm_row(const CourseFigures& course, std::size_t s, std::size_t a,
            const Step& step) {
  return {fitted("    " + step.arms[a].label),
          course.counted ? course.counted->arms[s][a] : Flow<std::uint64_t>{},
          course.expected.arms[s][a], &step, &step.arms[a]};
}

std::vector<Row> rows_of(const CourseFigures& course) {
  std::vector<Row> rows;
  for (std::size_t s = 0; s < course.expected.arms.size(); ++s) {
    rows.push_back(step_row(course, s));
    const Step& step = *rows.back().step;
    for (std::size_t a = 0; a < step.arms.size() && step.arms.size() > 1; ++a)
      rows.push_back(arm_row(course, s, a, step));
  }
  return rows;
}

/// Events among `of`, in per cent.
Figure percentage(const CourseFigures& course, std::uint64_t events,
                  std::uint64_t of, double expected, double expected_of) {
  Figure figure;
  if (expected_of > 0) figure.exact = 100 * expected / expected_of;
  if (!course.counted || of == 0) return figure;
  const Rate simulated = rate(events, of);
  figure.simulated = 100 * simulated.value;
  figure.se = 100 * simulated.se;
  if (expected_of > 0)
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
    events += row.counted.remission;
    expected += row.expected.remission;
    return percentage(course, events, course.patients, expected, 1);
  });
}

std::vector<Column> main_columns(const CourseFigures& course,
                                 const std::vector<Row>& rows) {
  std::vector<Column> columns;
  columns.push_back(column("entered, % of cohort", rows, [&](const Row& row) {
    return percentage(course, row.counted.entered, course.patients,
                      row.expected.entered, 1);
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
  if (course.estimand == Estimand::observed)
    columns.push_back(
        column("left care, % of entered", rows, [&](const Row& row) {
          return of_entered(
              course, row,
              {&Flow<std::uint64_t>::left_care, &Flow<double>::left_care});
        }));
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

std::string cells(const Figure& figure, bool simulated) {
  if (!simulated) return number(figure.exact, exact_width, 4);
  return number(figure.simulated, 9, 3) + number(figure.se, 7, 3) +
         number(figure.exact, 8, 3) + z_text(figure.z);
}

std::string block(const std::vector<Row>& rows,
                  const std::vector<Column>& columns, std::size_t from,
                  std::size_t to, bool simulated) {
  std::string text = std::string(label_width, ' ');
  for (std::size_t c = from; c < to; ++c)
    text += fmt::format("{:>{}}", columns[c].title,
                        simulated ? simulated_width : exact_width);
  if (simulated) {
    text += "\n" + std::string(label_width, ' ');
    for (std::size_t c = from; c < to; ++c)
      text += fmt::format("{:>9}{:>7}{:>8}{:>6}", "sim.", "s.e.", "exact", "z");
  }
  for (std::size_t r = 0; r < rows.size(); ++r) {
    text += "\n" + rows[r].label;
    for (std::size_t c = from; c < to; ++c)
      text += cells(columns[c].figures[r], simulated);
  }
  return text + "\n";
}

const char* meaning(Estimand estimand) {
  return estimand == Estimand::if_all_continue
             ? "if all continue: everybody not in remission goes on"
             : "observed: ever in remission before leaving care";
}

std::string course_tables(const CourseFigures& course) {
  const Pathway& pathway = course.scenario.pathways[course.pathway];
  const auto rows = rows_of(course);
  const bool simulated = course.counted != nullptr;
  std::string text = fmt::format(
      "\nPathway {}{}, {}\n", pathway.name,
      course.pathway == course.scenario.reference ? " (reference)" : "",
      meaning(course.estimand));
  for (const auto& columns :
       {main_columns(course, rows), other_columns(course, rows)})
    for (std::size_t c = 0; c < columns.size(); c += figures_abreast)
      text += block(rows, columns, c,
                    std::min(c + figures_abreast, columns.size()), simulated);
  return text;
}

std::array<Estimand, estimand_count> in_order(const Scenario& scenario) {
  return scenario.estimand == Estimand::if_all_continue
             ? std::array{Estimand::if_all_continue, Estimand::observed}
             : std::array{Estimand::observed, Estimand::if_all_continue};
}

std::string tables(const Scenario& scenario, const Tally* tally,
                   const Expectation& expectation) {
  std::string text;
  for (std::size_t p = 0; p < scenario.pathways.size(); ++p)
    for (const Estimand estimand : in_order(scenario)) {
      const auto e = static_cast<std::size_t>(estimand);
      text += course_tables({scenario, p, estimand,
                             tally ? &tally->pathways[p].course[e] : nullptr,
                             expectation.pathways[p].course[e],
                             tally ? tally->patients : 0});
    }
  return text;
}

}  // namespace

std::string run_tables(const Scenario& scenario, const Tally& tally,
                       const Expectation& expectation) {
  return tables(scenario, &tally, expectation) +
         "\ns.e.: the chance of a finite cohort alone, not the uncertainty of "
         "the "
         "scenario's numbers.\nz: from simulated to exact in standard errors "
         "of "
         "the exact figure; rows share patients,\nso that neighbours stray "
         "together, and one in twenty exceeds 2.\n";
}

std::string exact_tables(const Scenario& scenario,
                         const Expectation& expectation) {
  return tables(scenario, nullptr, expectation);
}

std::string exact_weeks(const Scenario& scenario,
                        const Expectation& expectation) {
  std::string text =
      "\nCumulative remission, fraction of the cohort, by the end of the week\n"
      "week";
  std::vector<double> sums;
  for (const Pathway& pathway : scenario.pathways)
    for (const Estimand estimand : in_order(scenario)) {
      text += fmt::format("  {} {}", pathway.name, name_of(estimand));
      sums.push_back(0);
    }
  for (std::size_t week = 0; week <= scenario.horizon; ++week) {
    text += fmt::format("\n{:4}", week);
    std::size_t column = 0;
    for (std::size_t p = 0; p < scenario.pathways.size(); ++p)
      for (const Estimand estimand : in_order(scenario)) {
        const std::string title =
            fmt::format("{} {}", scenario.pathways[p].name, name_of(estimand));
        sums[column] += expectation.pathways[p]
                            .course[static_cast<std::size_t>(estimand)]
                            .remission_by_week[week];
        text += fmt::format("{:>{}.6f}", sums[column++], title.size() + 2);
      }
  }
  return text + "\n";
}

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3; at -= 3)
    digits.insert(at - 3, ",");
  return digits;
}

}  // namespace stardsim
