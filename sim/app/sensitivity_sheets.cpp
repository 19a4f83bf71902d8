#include "sim/app/sensitivity_sheets.hpp"

#include "sim/app/curve_sheet.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

namespace stardsim {
namespace {

constexpr std::size_t most_rows = 30;
constexpr std::size_t least_bar = 11, most_bar = 41;

/// Shares are shown in per cent.
double scale_of(const Figure& figure) { return figure.is_share ? 100 : 1; }

/// ", percentage points", ", USD 2021"; of a mean, or of a difference.
std::string unit_of(const Figure& figure, bool is_difference) {
  if (figure.is_share) return is_difference ? "percentage points" : "%";
  return figure.unit == "1" ? "per patient" : figure.unit;
}

std::string name_of(const Scenario& scenario, std::size_t pathway) {
  return scenario.pathways[pathway].name;
}

/// A parameter's value, to as many figures as anybody reads.
std::string value_text(double value) {
  if (std::fabs(value) >= 1000) return with_decimals(value, 0);
  return fmt::format("{:.4g}", value);
}

std::string shown(const Figure& figure, const Mean& mean) {
  return with_error(scale_of(figure) * mean.mean, scale_of(figure) * mean.se);
}

int decimals_of(const Figure& figure, const Mean& mean) {
  return decimals_worth(scale_of(figure) * mean.se);
}

std::string signed_decimals(double number, int decimals) {
  const std::string text = with_decimals(number, decimals);
  return number > 0 ? "+" + text : text;
}

// ---- bars ----

struct Scale {
  double least, most;  ///< changes from the base; 0 lies within
  std::size_t width;   ///< characters

  std::size_t place(double change) const {
    const double span = most - least;
    const double share = span > 0 ? (change - least) / span : 0.5;
    return static_cast<std::size_t>(
        std::lround(share * static_cast<double>(width - 1)));
  }
};

/// From the base, |, to both ends of the number.
std::string bar(const Swing& swing, const Scale& scale, bool utf8) {
  const char* const low_end = utf8 ? "\u2591" : "-";
  const char* const high_end = utf8 ? "\u2588" : "#";
  std::vector<std::string> cells(scale.width, " ");
  const std::size_t base = scale.place(0);
  const auto draw = [&](double change, const char* sign) {
    const std::size_t end = scale.place(change);
    for (std::size_t i = std::min(base, end); i <= std::max(base, end); ++i)
      cells[i] = sign;
  };
  const double low = swing.low_change.mean, high = swing.high_change.mean;
  // Where both lie on one side, the shorter stands in front.
  if (std::fabs(low) > std::fabs(high)) {
    draw(low, low_end);
    draw(high, high_end);
  } else {
    draw(high, high_end);
    draw(low, low_end);
  }
  cells[base] = utf8 ? "\u2502" : "|";
  std::string text;
  for (const std::string& cell : cells) text += cell;
  return text;
}

bool has_effect(const Swing& swing) { return swing.width() > 0; }

const std::string& key_of(const ParameterRange& range) {
  return range.parameter.evidence.key;
}

std::string listed_keys(const std::vector<std::string>& keys) {
  std::string text;
  for (const std::string& key : keys) text += "  " + key + "\n";
  return text;
}

std::string number_of(std::size_t count) {
  return fmt::format("{} number{}", count, count == 1 ? "" : "s");
}

std::string csv_number(double value) {
  return std::isnan(value) ? "" : fmt::format("{}", value);
}

}  // namespace

std::string in_words(const Figure& figure) {
  if (figure.measure != no_measure) return figure.long_name;
  return fmt::format("{}, at {} {} per QALY", figure.long_name,
                     with_decimals(figure.threshold, 0), figure.unit);
}

std::string in_words(const Contrasted& of, const Scenario& scenario) {
  const std::string name = name_of(scenario, of.pathway);
  return of.against ? name + " less " + name_of(scenario, *of.against) : name;
}

std::string base_text(const Scenario& scenario, const Figure& figure,
                      const Contrasted& of, const Reading& base) {
  const auto minus = [&](std::size_t p, std::size_t q) {
    return Reading::sum({{&base, p, 1}, {&base, q, -1}});
  };
  const Mean value =
      of.against ? minus(of.pathway, *of.against) : base.mean(of.pathway);
  std::vector<std::string> names, labels;
  for (const std::size_t p : {of.pathway, of.against.value_or(of.pathway)}) {
    if (!names.empty() && names.front() == name_of(scenario, p)) continue;
    names.push_back(name_of(scenario, p));
    labels.push_back(scenario.pathways[p].label);
  }
  std::string text = legend(names, labels) +
                     fmt::format("As stated: {} {}", shown(figure, value),
                                 unit_of(figure, of.against.has_value()));
  const auto& means = base.means();
  if (figure.better == 0 || means.size() < 2) return text + "\n";
  const std::size_t best = best_pathway(figure, means, scenario.reference);
  std::optional<std::size_t> second;
  for (std::size_t p = 0; p < means.size(); ++p)
    if (p != best &&
        (!second || figure.better * (means[p] - means[*second]) > 0))
      second = p;
  const Mean margin = minus(best, *second);
  constexpr double clear = 1.96;
  return text + fmt::format("; chosen: {}, ahead of {} by {} {}{}\n",
                            name_of(scenario, best), name_of(scenario, *second),
                            shown(figure, margin), unit_of(figure, true),
                            std::fabs(margin.mean) < clear * margin.se
                                ? ", within the error of luck"
                                : "");
}

Sheet tornado_sheet(const Scenario& scenario, const Figure& figure,
                    const OneWay& one, const Screen& screen, bool all) {
  std::vector<const Swing*> rows;
  std::size_t left_out = 0;
  for (const Swing& swing : one.swings) {
    if (!all && !has_effect(swing)) continue;
    if (!all && rows.size() == most_rows)
      ++left_out;
    else
      rows.push_back(&swing);
  }
  Sheet sheet{
      fmt::format("{}: {}, {}", in_words(figure), in_words(one.of, scenario),
                  unit_of(figure, one.of.against.has_value())),
      {"number", "stated", "low", "high", "at low", "at high", "change"},
      {},
      1};
  const double scale = scale_of(figure);
  const int decimals = decimals_of(figure, one.base_difference);
  const auto end = [](double value, bool is_cut) {
    return value_text(value) + (is_cut ? "*" : "");
  };
  bool any_cut = false;
  for (const Swing* swing : rows) {
    const ParameterRange& range = swing->range;
    any_cut = any_cut || range.low_is_cut || range.high_is_cut;
    sheet.rows.push_back(
        {key_of(range), value_text(range.parameter.evidence.value),
         end(range.low, range.low_is_cut), end(range.high, range.high_is_cut),
         with_decimals(scale * swing->low.mean, decimals),
         with_decimals(scale * swing->high.mean, decimals), ""});
  }
  const std::size_t at = 6;
  const std::size_t room = room_of(screen), taken = width_of(sheet);
  Scale bars{0, 0,
             std::clamp(room - std::min(room, taken), least_bar, most_bar)};
  for (const Swing* swing : rows)
    for (const double change :
         {swing->low_change.mean, swing->high_change.mean}) {
      bars.least = std::min(bars.least, change);
      bars.most = std::max(bars.most, change);
    }
  for (std::size_t r = 0; r < rows.size(); ++r)
    sheet.rows[r][at] = bar(*rows[r], bars, screen.utf8);
  sheet.note =
      "Each number alone at the ends of its interval, all else as stated; same "
      "patients, same luck.";
  if (bars.most > bars.least)
    sheet.note += fmt::format(
        "\nBars: from the value as stated to that at the low ({}) and the high "
        "({}) end; scale: {} to {}",
        screen.utf8 ? "\u2591" : "-", screen.utf8 ? "\u2588" : "#",
        signed_decimals(scale * bars.least, decimals),
        signed_decimals(scale * bars.most, decimals));
  if (any_cut)
    sheet.note +=
        "\n* the last possible value: beyond it the scenario contradicts "
        "itself, such as probabilities of one arm that sum to more than 1";
  if (left_out > 0)
    sheet.note += fmt::format("\n{} more with smaller swings: --all",
                              number_of(left_out));
  return sheet;
}

std::optional<Sheet> switch_sheet(const Scenario& scenario, const OneWay& one) {
  Sheet sheet{fmt::format("Values at which another pathway than {} is chosen "
                          "(standard error)",
                          name_of(scenario, one.best)),
              {"number", "stated", "at", "then chosen"},
              {},
              1};
  const auto add = [&](const Swing& swing, const char* side,
                       const std::optional<Switch>& at) {
    if (!at) return;
    const bool has_error = at->se > 0 && std::isfinite(at->se);
    sheet.rows.push_back({key_of(swing.range),
                          value_text(swing.range.parameter.evidence.value),
                          side + (has_error ? with_error(at->value, at->se)
                                            : value_text(at->value)),
                          name_of(scenario, at->to)});
  };
  for (const Swing& swing : one.swings) {
    add(swing, "below ", swing.below);
    add(swing, "above ", swing.above);
  }
  if (sheet.rows.empty()) return std::nullopt;
  return sheet;
}

std::string range_notes(const OneWay& one, const std::vector<Parameter>& held,
                        bool all) {
  std::string text;
  std::size_t without_effect = 0;
  for (const Swing& swing : one.swings) without_effect += !has_effect(swing);
  if (without_effect > 0 && !all)
    text += fmt::format("Without any effect on that: {}; --all lists them\n",
                        number_of(without_effect));
  if (held.empty()) return text;
  text += fmt::format(
      "Held, since no interval is stated: {}; --parameter KEY=LOW:HIGH varies "
      "one{}\n",
      number_of(held.size()), all ? "" : ", --all lists them");
  std::vector<std::string> keys;
  keys.reserve(held.size());
  for (const Parameter& parameter : held)
    keys.push_back(fmt::format("{} = {}", parameter.evidence.key,
                               value_text(parameter.evidence.value)));
  return all ? text + listed_keys(keys) : text;
}

std::vector<Sheet> two_way_sheets(const Scenario& scenario,
                                  const Figure& figure, const TwoWay& two) {
  Sheet differences{
      fmt::format("{}: {}, {}", in_words(figure), in_words(two.of, scenario),
                  unit_of(figure, two.of.against.has_value())),
      {"down \\ across"},
      {},
      1};
  Sheet choices{"Chosen pathway", differences.header, {}, 1};
  for (const double value : two.second_values) {
    differences.header.push_back(value_text(value));
    choices.header.push_back(value_text(value));
  }
  const double scale = scale_of(figure);
  const int decimals = decimals_of(figure, two.base_difference);
  bool any_impossible = false;
  std::set<std::size_t> chosen;
  for (std::size_t i = 0; i < two.first_values.size(); ++i) {
    std::vector<std::string> row{value_text(two.first_values[i])}, best = row;
    for (std::size_t j = 0; j < two.second_values.size(); ++j) {
      const auto& cell = two.cells[i * two.second_values.size() + j];
      any_impossible = any_impossible || !cell;
      row.push_back(
          cell ? with_decimals(scale * cell->difference.mean, decimals) : "-");
      best.push_back(cell ? name_of(scenario, cell->best) : "-");
      if (cell) chosen.insert(cell->best);
    }
    differences.rows.push_back(row);
    choices.rows.push_back(best);
  }
  const auto said = [](const ParameterRange& range) {
    const Parameter& parameter = range.parameter;
    return fmt::format("{} (stated: {})", parameter.evidence.key,
                       value_text(parameter.evidence.value));
  };
  differences.note = fmt::format(
      "Down: {}; across: {}\nSame patients, same luck; as stated: {}{}",
      said(two.first), said(two.second), shown(figure, two.base_difference),
      any_impossible ? "\n-: not possible together" : "");
  if (figure.better == 0 || scenario.pathways.size() < 2) return {differences};
  if (chosen.size() > 1) return {differences, choices};
  differences.note += fmt::format("\nChosen everywhere: {}",
                                  name_of(scenario, *chosen.begin()));
  return {differences};
}

std::string one_way_csv(const Scenario& scenario, const Figure& figure,
                        const OneWay& one) {
  std::string text = csv_line({"parameter",
                               "unit",
                               "base",
                               "low",
                               "high",
                               "measure",
                               "measure_unit",
                               "pathway",
                               "against",
                               "difference_at_base",
                               "difference_at_low",
                               "difference_at_high",
                               "low_change",
                               "low_change_se",
                               "high_change",
                               "high_change_se",
                               "best_at_base",
                               "best_at_low",
                               "best_at_high",
                               "switch_below",
                               "switch_below_se",
                               "switch_above",
                               "switch_above_se"});
  for (const Swing& swing : one.swings) {
    const ParameterRange& range = swing.range;
    const auto value_at = [](const std::optional<Switch>& at) {
      return at ? csv_number(at->value) : "";
    };
    const auto error_at = [](const std::optional<Switch>& at) {
      return at ? csv_number(at->se) : "";
    };
    text += csv_line({key_of(range),
                      range.parameter.unit,
                      csv_number(range.parameter.evidence.value),
                      csv_number(range.low),
                      csv_number(range.high),
                      figure.name,
                      figure.unit,
                      name_of(scenario, one.of.pathway),
                      one.of.against ? name_of(scenario, *one.of.against) : "",
                      csv_number(one.base_difference.mean),
                      csv_number(swing.low.mean),
                      csv_number(swing.high.mean),
                      csv_number(swing.low_change.mean),
                      csv_number(swing.low_change.se),
                      csv_number(swing.high_change.mean),
                      csv_number(swing.high_change.se),
                      name_of(scenario, one.best),
                      name_of(scenario, swing.best_at_low),
                      name_of(scenario, swing.best_at_high),
                      value_at(swing.below),
                      error_at(swing.below),
                      value_at(swing.above),
                      error_at(swing.above)});
  }
  return text;
}

std::string two_way_csv(const Scenario& scenario, const Figure& figure,
                        const TwoWay& two) {
  std::string text = csv_line({key_of(two.first), key_of(two.second), "measure",
                               "measure_unit", "pathway", "against",
                               "difference", "difference_se", "best"});
  for (std::size_t i = 0; i < two.first_values.size(); ++i)
    for (std::size_t j = 0; j < two.second_values.size(); ++j) {
      const auto& cell = two.cells[i * two.second_values.size() + j];
      text += csv_line(
          {csv_number(two.first_values[i]), csv_number(two.second_values[j]),
           figure.name, figure.unit, name_of(scenario, two.of.pathway),
           two.of.against ? name_of(scenario, *two.of.against) : "",
           cell ? csv_number(cell->difference.mean) : "",
           cell ? csv_number(cell->difference.se) : "",
           cell ? name_of(scenario, cell->best) : ""});
    }
  return text;
}

}  // namespace stardsim
