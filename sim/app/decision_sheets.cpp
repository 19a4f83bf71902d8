#include "sim/app/decision_sheets.hpp"

#include "sim/app/tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace stardsim {
namespace {

using Row = std::vector<std::string>;

constexpr std::size_t most_parameters = 10;

/// Of amounts of money, however small the error; whole if it is not told.
int decimals_of_amount(double error) {
  constexpr int most = 2;
  return std::isnan(error) ? 0 : std::min(decimals_worth(error), most);
}

std::string like(double number, double error) {
  return with_decimals(number, decimals_of_amount(error));
}

std::string amount(double number, double error) {
  std::string told = like(number, error);
  if (std::isnan(error)) return told;
  const std::string with = like(error, error);
  return told == "0.00" && with == "0.00" ? "0" : told + " (" + with + ")";
}

/// In per cent: "62.3 (1.4)".
std::string percentage(double share, double error) {
  return std::isnan(error) ? with_decimals(100 * share, 1)
                           : with_error(100 * share, 100 * error);
}

std::string worth(double threshold, const std::string& money) {
  return with_decimals(threshold, 0) + " " + money + " per QALY";
}

const DecisionAtThreshold* find_at(const PerspectiveDecision& decision,
                                   double threshold) {
  for (const DecisionAtThreshold& at : decision.at)
    if (at.threshold == threshold) return &at;
  return nullptr;
}

std::string evpi_note(const PerspectiveDecision& decision,
                      const InformationValue& evpi) {
  std::string note = fmt::format(
      "*: the highest expected net benefit. EVPI: {} {} per patient",
      amount(evpi.value, evpi.se), decision.money);
  if (decision.is_corrected)
    note += fmt::format("; with luck and all {}", like(evpi.naive, evpi.se));
  return note + ".";
}

Sheet standing_sheet(const PerspectiveDecision& decision,
                     const DecisionAtThreshold& at) {
  Sheet sheet{
      fmt::format("Decision under uncertainty of parameters, perspective {}, "
                  "at {}",
                  decision.perspective, worth(at.threshold, decision.money)),
      {"strategy", "expected net benefit (s.e.)", "probability best, % (s.e.)"},
      {}};
  if (decision.is_corrected) sheet.header.emplace_back("with luck, %");
  sheet.header.emplace_back("expected loss");
  if (decision.is_corrected) sheet.header.emplace_back("with luck");
  for (std::size_t s = 0; s < decision.strategies.size(); ++s) {
    const StrategyStanding& of = at.strategies.at(s);
    Row row{decision.strategies[s] + (s == decision.reference ? " (ref.)" : ""),
            (of.on_frontier ? "* " : "") +
                amount(of.net_benefit, of.net_benefit_se),
            percentage(of.probability_best, of.probability_best_se)};
    if (decision.is_corrected)
      row.push_back(with_decimals(100 * of.probability_best_naive, 1));
    row.push_back(like(of.expected_loss, at.evpi.se));
    if (decision.is_corrected)
      row.push_back(like(of.expected_loss_naive, at.evpi.se));
    sheet.rows.push_back(row);
  }
  sheet.note = evpi_note(decision, at.evpi);
  return sheet;
}

/// At the threshold where it is told to be worth most.
double most_of(const PartialInformation& information) {
  double most = 0;
  for (const InformationValue& at : information.at)
    if (at.value > most) most = at.value;
  return most;
}

bool is_clear(const PartialInformation& information) {
  return std::any_of(information.at.begin(), information.at.end(),
                     [](const InformationValue& at) {
                       constexpr double errors_of_95 = 1.96;
                       return at.value > errors_of_95 * at.se;
                     });
}

/// Groups as the scenario has them, then parameters, those worth most first.
std::vector<const PartialInformation*> in_order(
    const PerspectiveDecision& decision, bool all) {
  std::vector<const PartialInformation*> groups, parameters;
  for (const PartialInformation& one : decision.information)
    if (one.is_group)
      groups.push_back(&one);
    else if (all || is_clear(one))
      parameters.push_back(&one);
  std::stable_sort(
      parameters.begin(), parameters.end(),
      [](const auto* a, const auto* b) { return most_of(*a) > most_of(*b); });
  if (!all && parameters.size() > most_parameters)
    parameters.resize(most_parameters);
  groups.insert(groups.end(), parameters.begin(), parameters.end());
  return groups;
}

std::size_t parameters_of(const PerspectiveDecision& decision) {
  return static_cast<std::size_t>(std::count_if(
      decision.information.begin(), decision.information.end(),
      [](const PartialInformation& one) { return !one.is_group; }));
}

Sheet information_sheet(const PerspectiveDecision& decision, bool all) {
  Sheet sheet{
      fmt::format("What perfect information about parameters is worth (EVPPI), "
                  "perspective {}, {} per patient: value (s.e.)",
                  decision.perspective, decision.money),
      {"parameters", "number"},
      {}};
  for (const double threshold : decision.stated)
    sheet.header.emplace_back("at " + with_decimals(threshold, 0));
  const auto shown = in_order(decision, all);
  std::size_t singles = 0;
  for (const PartialInformation* one : shown) {
    Row row{one->label, std::to_string(one->parameters)};
    for (const InformationValue& at : one->at)
      row.push_back(amount(at.value, at.se));
    sheet.rows.push_back(row);
    if (!one->is_group) ++singles;
  }
  const std::size_t parameters = parameters_of(decision);
  if (singles < parameters)
    sheet.note = fmt::format(
        "Of {} parameters {} {} shown: those with the highest value, and more "
        "than 1.96 standard errors of it.",
        parameters, singles, singles == 1 ? "is" : "are");
  return sheet;
}

std::string whole(double number) {
  if (std::isinf(number)) return "no number is enough";
  return std::isnan(number) ? "-" : with_decimals(std::ceil(number), 0);
}

Sheet design_sheet(const PerspectiveDecision& decision) {
  const bool times_known = std::any_of(
      decision.design.begin(), decision.design.end(),
      [](const DrawDesign& one) { return !std::isnan(one.best_patients); });
  Sheet sheet{
      fmt::format("Luck between draws, perspective {}: {} draws of {} patients",
                  decision.perspective, grouped(decision.draws),
                  grouped(decision.patients)),
      {"worth of a QALY", "best, and next", "luck, % of variance",
       "patients for 5 %"},
      {},
      2,
      "Variance of the difference in net benefit between the two, from draw to "
      "draw."};
  if (times_known) {
    sheet.header.insert(sheet.header.end(), {"best patients", "draws then"});
    sheet.note +=
        " Best patients: so many of each draw, and as\nmany draws as the same "
        "time allows, tell its mean most surely (O'Hagan, Stevenson & Madan "
        "2007).";
  }
  for (const DrawDesign& design : decision.design) {
    Row row{with_decimals(design.threshold, 0),
            decision.strategies.at(design.best) + ", " +
                decision.strategies.at(design.next),
            with_decimals(100 * design.luck_share, 1),
            whole(design.patients_for_5_percent)};
    if (times_known) {
      row.push_back(whole(design.best_patients));
      row.push_back(whole(design.draws_in_same_time));
    }
    sheet.rows.push_back(row);
  }
  return sheet;
}

const char* const luck_note =
    "Standard errors are of the number of draws alone. ";

std::string correction_note(const PerspectiveDecision& decision) {
  return decision.is_corrected
             ? "\nCorrected for the luck of patients; \"with luck\": as read "
               "off the draws, too uncertain."
             : "\nLuck is common to all draws: it cannot be told from them, "
               "and nothing is corrected.";
}

std::vector<Sheet> sheets_of(const PerspectiveDecision& decision, bool all) {
  std::vector<Sheet> sheets;
  for (const double threshold : decision.stated)
    if (const DecisionAtThreshold* at = find_at(decision, threshold))
      sheets.push_back(standing_sheet(decision, *at));
  if (!sheets.empty())
    sheets.back().note +=
        std::string("\n") + luck_note + correction_note(decision).substr(1);
  if (!decision.stated.empty() && !decision.information.empty())
    if (Sheet sheet = information_sheet(decision, all); !sheet.rows.empty())
      sheets.push_back(std::move(sheet));
  if (!decision.design.empty()) sheets.push_back(design_sheet(decision));
  return sheets;
}

// ---- CSV

struct Line {
  std::string table, perspective;
  double threshold;
  std::string about;  ///< strategy, or parameters
  std::string figure, unit;
  double estimate, se, naive;
};

std::string csv(const Line& line) {
  const auto number = [](double value) {
    return std::isnan(value) ? std::string() : fmt::format("{}", value);
  };
  return csv_line({line.table, line.perspective, number(line.threshold),
                   line.about, line.figure, line.unit, number(line.estimate),
                   number(line.se), number(line.naive)});
}

std::string standing_lines(const PerspectiveDecision& decision) {
  const double none = std::nan("");
  std::string text;
  for (const DecisionAtThreshold& at : decision.at) {
    Line line{"decision", decision.perspective, at.threshold, "", "", "", 0, 0,
              0};
    const auto add = [&](const char* figure, const std::string& unit,
                         const InformationValue& value) {
      line.figure = figure;
      line.unit = unit;
      line.estimate = value.value;
      line.se = value.se;
      line.naive = value.naive;
      text += csv(line);
    };
    for (std::size_t s = 0; s < decision.strategies.size(); ++s) {
      const StrategyStanding& of = at.strategies.at(s);
      line.about = decision.strategies[s];
      add("expected_net_benefit", decision.money,
          {of.net_benefit, of.net_benefit_se, of.net_benefit});
      add("probability_best", "1",
          {of.probability_best, of.probability_best_se,
           of.probability_best_naive});
      add("expected_loss", decision.money,
          {of.expected_loss, none, of.expected_loss_naive});
      add("on_frontier", "1", {of.on_frontier ? 1.0 : 0.0, none, none});
    }
    line.about = "";
    add("evpi", decision.money, at.evpi);
  }
  return text;
}

std::string information_lines(const PerspectiveDecision& decision) {
  std::string text;
  for (const PartialInformation& one : decision.information)
    for (std::size_t t = 0; t < one.at.size(); ++t)
      text += csv({"evppi", decision.perspective, decision.stated.at(t),
                   one.name, "evppi", decision.money, one.at[t].value,
                   one.at[t].se, one.at[t].naive});
  return text;
}

std::string design_lines(const PerspectiveDecision& decision) {
  const double none = std::nan("");
  std::string text;
  for (const DrawDesign& design : decision.design) {
    const std::string pair = decision.strategies.at(design.best) + ", " +
                             decision.strategies.at(design.next);
    text += csv({"design", decision.perspective, design.threshold, pair,
                 "noise_share", "1", design.luck_share, none, none});
    text += csv({"design", decision.perspective, design.threshold, pair,
                 "patients_for_5_percent", "1", design.patients_for_5_percent,
                 none, none});
  }
  return text;
}

}  // namespace

std::vector<Sheet> decision_sheets(
    const std::vector<PerspectiveDecision>& decisions, bool all) {
  std::vector<Sheet> sheets;
  for (const PerspectiveDecision& decision : decisions)
    for (Sheet& sheet : sheets_of(decision, all))
      sheets.push_back(std::move(sheet));
  return sheets;
}

std::string decision_csv(const std::vector<PerspectiveDecision>& decisions) {
  std::string text =
      csv_line({"table", "perspective", "threshold", "about", "figure", "unit",
                "estimate", "standard_error", "naive"});
  for (const PerspectiveDecision& decision : decisions)
    text += standing_lines(decision) + information_lines(decision) +
            design_lines(decision);
  return text;
}

}  // namespace stardsim
