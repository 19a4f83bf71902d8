#include "sim/app/report_tables.hpp"

#include "sim/app/report_words.hpp"
#include "sim/app/tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace stardsim {
namespace {

using Row = std::vector<std::string>;

/// Relapse is told by the first of these at whose start somebody is seen.
constexpr std::size_t relapse_weeks[] = {52, 26, 12, 4, 1};

std::string count(std::int64_t number) {
  return number < 0 ? "-" : grouped(static_cast<std::uint64_t>(number));
}

/// In per cent, where the column says so.
std::string share(const Reported& figure) {
  if (std::isnan(figure.value)) return "-";
  if (std::isnan(figure.se)) return with_decimals(100 * figure.value, 2);
  return with_error(100 * figure.value, 100 * figure.se);
}

std::string mean(const Reported& figure) {
  if (std::isnan(figure.value)) return "-";
  if (std::isnan(figure.se)) return with_decimals(figure.value, 2);
  return with_error(figure.value, figure.se);
}

std::string range(double low, double high) {
  return std::isnan(low) || std::isnan(high)
             ? "-"
             : number_text(low, 4) + " to " + number_text(high, 4);
}

std::string z_text(double z) {
  if (std::isnan(z)) return "-";
  return std::fabs(z) < 0.05 ? "0.0" : fmt::format("{:+.1f}", z);
}

const std::string& pathway_name(const ReportedRun& run, std::size_t p) {
  return run.pathways[p].label;
}

std::string with_mark(const ReportedRun& run, std::size_t p) {
  const bool is_marked = p == run.reference && run.pathways.size() > 1;
  return pathway_name(run, p) + (is_marked ? " (reference)" : "");
}

bool is_share(const ReportedPublished& figure) {
  return figure.quantity != "icer" && figure.quantity != "outcome" &&
         figure.quantity != "difference";
}

/// Numbers as papers print them, without trailing zeros.
std::string short_number(double number) {
  if (std::fabs(number) >= 1000) return with_decimals(number, 0);
  return fmt::format("{:.4g}", number);
}

/// In per cent where it is a share; "-" for NaN.
std::string published_number(const ReportedPublished& figure, double value) {
  if (std::isnan(value)) return "-";
  return short_number(is_share(figure) ? 100 * value : value);
}

std::string unit_of(const ReportedPublished& figure) {
  if (is_share(figure)) return "%";
  return figure.unit == "1" ? "" : figure.unit;
}

std::string published_text(const ReportedPublished& figure) {
  const std::string unit = unit_of(figure);
  return published_number(figure, figure.published) +
         (unit.empty() ? "" : " " + unit);
}

const char* quantity_label(const ReportedPublished& figure) {
  if (figure.quantity == "entered") return "entered";
  if (figure.quantity == "remission") return "remission";
  if (figure.quantity == "intolerance") return "intolerance";
  if (figure.quantity == "cumulative_remission") return "ever in remission";
  if (figure.quantity == "relapse") return "relapse";
  if (figure.quantity == "icer") return "cost per QALY";
  return figure.quantity.c_str();
}

/// Of a step (arm -1) or an arm, by position from 1.
std::string published_of(const ReportedRun& run, std::size_t pathway,
                         std::size_t estimand, std::size_t step,
                         std::int64_t arm) {
  std::string text;
  for (const ReportedPublished& figure : run.published)
    if (figure.pathway == run.pathways[pathway].name &&
        figure.estimand == run.estimands[estimand] &&
        figure.step == static_cast<std::int64_t>(step) && figure.arm == arm)
      text += (text.empty() ? "" : "; ") + std::string(quantity_label(figure)) +
              " " + published_text(figure);
  return text.empty() ? "-" : text;
}

/// What a table of steps has columns for.
struct StepColumns {
  bool partial_response = false, intolerance = false, left_care = false,
       published = false;
};

StepColumns columns_of(const ReportedRun& run, std::size_t pathway,
                       std::size_t estimand) {
  StepColumns columns;
  const auto look = [&](const Flows& flows) {
    columns.partial_response |= flows.partial_response >= 0;
    columns.intolerance |= flows.intolerance >= 0;
    columns.left_care |= flows.left_care > 0;
  };
  for (const ReportedStep& step : run.pathways[pathway].steps) {
    look(step.flows[estimand]);
    for (const ReportedArm& arm : step.arms) look(arm.flows[estimand]);
  }
  for (const ReportedPublished& figure : run.published)
    columns.published |= figure.pathway == run.pathways[pathway].name &&
                         figure.estimand == run.estimands[estimand] &&
                         figure.step > 0;
  return columns;
}

Row step_header(const StepColumns& columns) {
  Row header{"Step or arm"};
  if (columns.published) header.push_back("Published");
  for (const char* const title :
       {"Entered, patients", "Entered, % of cohort", "Remission, % of entered"})
    header.push_back(title);
  if (columns.partial_response)
    header.push_back("Partial response, % of entered");
  if (columns.intolerance) header.push_back("Intolerance, % of entered");
  if (columns.left_care) header.push_back("Left care, % of entered");
  for (const char* const title :
       {"Ever in remission by its end, % of cohort",
        "Weeks to remission, of the remitted", "Weeks in the step, mean"})
    header.push_back(title);
  return header;
}

Row flow_cells(const StepColumns& columns, const Flows& flows, bool is_arm) {
  Row cells{count(flows.entered), share(flows.entered_fraction),
            share(flows.remission_rate)};
  if (columns.partial_response)
    cells.push_back(share(flows.partial_response_rate));
  if (columns.intolerance) cells.push_back(share(flows.intolerance_rate));
  if (columns.left_care) cells.push_back(share(flows.left_care_rate));
  cells.push_back(is_arm ? "-" : share(flows.cumulative_remission));
  cells.push_back(mean(flows.weeks_to_remission));
  cells.push_back(with_decimals(flows.weeks_in_treatment, 2));
  return cells;
}

/// The last week up to the one asked for at which the curve is known.
std::size_t relapse_week(const ReportedFollowUp& follow_up) {
  for (const std::size_t week : relapse_weeks)
    if (week < follow_up.relapse_free.size() &&
        !std::isnan(follow_up.relapse_free[week].value))
      return week;
  return 0;
}

std::string status_label(const std::string& name) {
  return name == "remitted"       ? "in remission"
         : name == "not_remitted" ? "not in remission"
                                  : name;
}

std::string style_of(const Sheet& sheet, CellClass class_of,
                     const std::string& text, std::size_t column) {
  std::string style = class_of ? class_of(text, column) : "";
  if (!style.empty()) return style;
  return column < sheet.words ? "words" : "number";
}

void put_rows(Html& html, const Sheet& sheet, CellClass class_of) {
  const auto body = html.open("tbody");
  for (const Row& row : sheet.rows) {
    const auto line = html.open("tr");
    html.put("th", row[0], {{"scope", "row"}});
    for (std::size_t c = 1; c < row.size(); ++c)
      html.put("td", row[c], {{"class", style_of(sheet, class_of, row[c], c)}});
  }
}

}  // namespace

void put_sheet(Html& html, const Sheet& sheet, CellClass class_of) {
  {
    const auto region = html.open("div", {{"class", "scroll"},
                                          {"tabindex", "0"},
                                          {"role", "region"},
                                          {"aria-label", sheet.title}});
    const auto table = html.open("table");
    html.put("caption", sheet.title);
    {
      const auto head = html.open("thead");
      const auto line = html.open("tr");
      for (std::size_t c = 0; c < sheet.header.size(); ++c)
        html.put("th", sheet.header[c],
                 {{"scope", "col"},
                  {"class", style_of(sheet, class_of, sheet.header[c], c)}});
    }
    put_rows(html, sheet, class_of);
  }
  if (!sheet.note.empty()) html.put("p", sheet.note, {{"class", "note"}});
}

Sheet remission_sheet(const ReportedRun& run) {
  Sheet sheet{
      "Remission by the horizon, % of the cohort: ever (if all continue, "
      "observed), or still in the first one (sustained) (standard error)",
      {"Pathway"},
      {}};
  for (const std::string& name : run.estimands)
    sheet.header.push_back(estimand_label(name));
  for (std::size_t p = 0; p < run.pathways.size(); ++p) {
    Row row{with_mark(run, p)};
    for (const auto& curve : run.pathways[p].curves)
      row.push_back(share(curve.back()));
    sheet.rows.push_back(row);
  }
  return sheet;
}

Sheet subgroup_sheet(const ReportedRun& run, std::size_t estimand) {
  Sheet sheet{
      fmt::format("{}: {}, % of the members of a subgroup (standard error)",
                  estimand_label(run.estimands[estimand]),
                  run.estimands[estimand] == "sustained"
                      ? "still in the first remission at the horizon"
                      : "ever in remission by the horizon"),
      {"Subgroup", "Patients"},
      {}};
  for (std::size_t p = 0; p < run.pathways.size(); ++p)
    sheet.header.push_back(with_mark(run, p));
  for (const ReportedSubgroup& group : run.subgroups) {
    Row row{group.label, count(group.patients)};
    for (const auto& remission : group.remission)
      row.push_back(share(remission[estimand]));
    sheet.rows.push_back(row);
  }
  return sheet;
}

Sheet step_sheet(const ReportedRun& run, std::size_t pathway,
                 std::size_t estimand) {
  const StepColumns columns = columns_of(run, pathway, estimand);
  Sheet sheet{
      fmt::format("{}, {}: what became of those who entered each step",
                  pathway_name(run, pathway),
                  estimand_label(run.estimands[estimand])),
      step_header(columns),
      {},
      columns.published ? std::size_t{2} : 1,
      "Standard errors in brackets. A dash: the scenario does not state "
      "it, or nobody is there."};
  const auto add = [&](const std::string& label, const Flows& flows,
                       std::size_t step, std::int64_t arm) {
    Row row{label};
    if (columns.published)
      row.push_back(published_of(run, pathway, estimand, step + 1, arm));
    for (std::string& cell : flow_cells(columns, flows, arm > 0))
      row.push_back(std::move(cell));
    sheet.rows.push_back(std::move(row));
  };
  const auto& steps = run.pathways[pathway].steps;
  for (std::size_t s = 0; s < steps.size(); ++s) {
    const auto& arms = steps[s].arms;
    add(fmt::format("{} {}", s + 1, steps[s].label), steps[s].flows[estimand],
        s, -1);
    for (std::size_t a = 0; a < arms.size() && arms.size() > 1; ++a)
      add("\xE2\x80\x93 " + arms[a].label, arms[a].flows[estimand], s,
          static_cast<std::int64_t>(a) + 1);
  }
  return sheet;
}

Sheet follow_up_sheet(const ReportedRun& run, std::size_t pathway) {
  Sheet sheet{
      pathway_name(run, pathway) +
          ": follow-up after each step, by state at its start",
      {"Step", "Entered as", "Entered, patients", "Relapse by the week, %",
       "Week of follow-up", "Relapsed, patients", "Dropped out, patients"},
      {},
      2};
  const auto& steps = run.pathways[pathway].steps;
  for (std::size_t s = 0; s < steps.size(); ++s)
    for (std::size_t t = 0; t < steps[s].follow_up.size(); ++t) {
      const ReportedFollowUp& of = steps[s].follow_up[t];
      if (of.entered == 0) continue;
      const std::size_t week = relapse_week(of);
      const Reported free = week > 0 ? of.relapse_free[week]
                                     : Reported{std::nan(""), std::nan("")};
      sheet.rows.push_back({fmt::format("{} {}", s + 1, steps[s].label),
                            status_label(run.statuses[t]), count(of.entered),
                            share({1 - free.value, free.se}),
                            week > 0 ? std::to_string(week) : "-",
                            count(of.relapsed), count(of.dropped_out)});
    }
  sheet.note =
      "Relapse by that week if nobody dropped out (life table), with its "
      "standard error; patients relapsed and dropped out are those by the "
      "horizon.";
  return sheet;
}

Sheet horizon_sheet(const ReportedRun& run) {
  Sheet sheet{
      "Where patients are at the horizon, % of the cohort",
      {"Pathway"},
      {},
      1,
      "On the observed course. Shares of a row add up to 100\xC2\xA0%."};
  std::vector<std::size_t> seen;
  for (std::size_t s = 0; s < run.states.size(); ++s) {
    const bool is_seen = std::any_of(
        run.pathways.begin(), run.pathways.end(),
        [&](const auto& pathway) { return pathway.occupancy[s].back() > 0; });
    if (is_seen) seen.push_back(s);
  }
  for (const std::size_t s : seen)
    sheet.header.push_back(state_label(run.states[s]));
  const double patients = static_cast<double>(run.outcomes.patients);
  for (std::size_t p = 0; p < run.pathways.size(); ++p) {
    Row row{with_mark(run, p)};
    for (const std::size_t s : seen) {
      const double value = run.pathways[p].occupancy[s].back();
      row.push_back(share({value, std::sqrt(value * (1 - value) / patients)}));
    }
    sheet.rows.push_back(row);
  }
  return sheet;
}

Sheet published_sheet(const ReportedRun& run, const std::string& quantity) {
  Sheet sheet{
      quantity == "cumulative_remission"
          ? "Published shares ever in remission beside those simulated"
          : "Published figures beside those simulated",
      {"Figure", "Agreement", "Published", "Range",
       "Simulated (standard error)", "z", "Source"},
      {},
      2,
      "Range: as published, or 95\xC2\xA0% where it follows from counts. z: "
      "the distance in standard errors of both. \"Input\": the "
      "scenario was made from this figure, so that agreement shows "
      "only that the program does as it was told."};
  for (const ReportedPublished& figure : run.published) {
    if (!quantity.empty() && figure.quantity != quantity) continue;
    const double scale = is_share(figure) ? 100 : 1;
    const std::string unit = unit_of(figure);
    sheet.rows.push_back(
        {(figure.label.empty() ? figure.name : figure.label) +
             (unit.empty() ? "" : ", " + unit),
         std::string(std::isnan(figure.simulated) ? "cannot be told"
                     : figure.agrees              ? "agrees"
                                                  : "does not agree") +
             (figure.is_input ? " (input)" : ""),
         published_number(figure, figure.published),
         std::isnan(figure.low) || std::isnan(figure.high)
             ? "-"
             : published_number(figure, figure.low) + " to " +
                   published_number(figure, figure.high),
         mean({scale * figure.simulated, scale * figure.simulated_se}),
         z_text(figure.z), figure.source.empty() ? no_source : figure.source});
  }
  return sheet;
}

Sheet input_sheet(const ReportedRun& run) {
  Sheet sheet{"Every number that may carry a source",
              {"Value of", "As stated", "95\xC2\xA0% interval", "Value",
               "Source", "Note"},
              {},
              6};
  for (const ReportedInput& one : run.inputs)
    sheet.rows.push_back(
        {one.key, one.stated.empty() ? "-" : one.stated,
         range(one.low, one.high), number_with_unit(one.value, one.unit),
         one.source.empty() ? no_source : one.source, one.note});
  return sheet;
}

}  // namespace stardsim
