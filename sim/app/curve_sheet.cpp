#include "sim/app/curve_sheet.hpp"

#include "sim/analysis/agreement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace stardsim {
namespace {

constexpr std::size_t levels = 8;
const char* const blocks[levels] = {"\u2581", "\u2582", "\u2583", "\u2584",
                                    "\u2585", "\u2586", "\u2587", "\u2588"};
const char* const signs[levels] = {"_", ".", ":", "-", "=", "+", "*", "#"};
constexpr std::size_t least_curve = 10, most_curve = 40;

const char* meaning(Estimand estimand) {
  switch (estimand) {
    case Estimand::if_all_continue:
      return "if all continue: ever, had nobody left care between steps";
    case Estimand::observed:
      return "observed: ever, before leaving care";
    case Estimand::sustained:
      return "sustained: in the first one since it began";
  }
  return "";
}

/// All three, the one that is reported first in front.
std::vector<Estimand> questions(const Scenario& scenario) {
  std::vector<Estimand> asked{Estimand::if_all_continue, Estimand::observed,
                              Estimand::sustained};
  const auto first = std::find(asked.begin(), asked.end(), scenario.estimand);
  std::rotate(asked.begin(), first, first + 1);
  return asked;
}

void hold_against(const PathwayExpectation& expected, std::uint64_t patients,
                  RemissionCurve& curve) {
  const double last =
      remitted_by_week(curve.estimand, expected.course, expected.later).back();
  const auto events = static_cast<std::uint64_t>(
      std::llround(curve.by_week.back().value * static_cast<double>(patients)));
  curve.exact = last;
  curve.z = z_score(events, patients, std::clamp(last, 0.0, 1.0));
}

std::string z_text(double z) {
  if (std::isnan(z)) return "-";
  return std::abs(z) < 0.05 ? "0.0" : fmt::format("{:+.1f}", z);
}

std::string in_per_cent(const Rate& rate) {
  return with_error(100 * rate.value, 100 * rate.se);
}

bool are_equal(const RemissionCurve& one, const RemissionCurve& other) {
  return std::equal(
      one.by_week.begin(), one.by_week.end(), other.by_week.begin(),
      other.by_week.end(),
      [](const Rate& a, const Rate& b) { return a.value == b.value; });
}

/// The curves under that estimand, by pathway.
std::vector<const RemissionCurve*> under(
    Estimand estimand, const std::vector<RemissionCurve>& curves) {
  std::vector<const RemissionCurve*> found;
  for (const RemissionCurve& curve : curves)
    if (curve.estimand == estimand) found.push_back(&curve);
  return found;
}

/// An estimand with the one before it of which it has all the curves, if any.
struct Asked {
  Estimand estimand;
  std::optional<Estimand> same_as;
};

std::vector<Asked> asked_of(const std::vector<RemissionCurve>& curves) {
  std::vector<Asked> asked;
  for (const RemissionCurve& curve : curves) {
    const auto is_this = [&](const Asked& one) {
      return one.estimand == curve.estimand;
    };
    if (std::any_of(asked.begin(), asked.end(), is_this)) continue;
    Asked next{curve.estimand, {}};
    const auto mine = under(curve.estimand, curves);
    for (const Asked& before : asked) {
      const auto others = under(before.estimand, curves);
      if (!before.same_as &&
          std::equal(
              mine.begin(), mine.end(), others.begin(), others.end(),
              [](const auto* a, const auto* b) { return are_equal(*a, *b); }))
        next.same_as = before.estimand;
    }
    asked.push_back(next);
  }
  return asked;
}

std::string note_of(const std::vector<Asked>& asked, double top, bool utf8) {
  constexpr std::size_t longest = 110;
  std::string text =
      fmt::format("Curves: from 0 to {:.1f} %, the highest here{}\n", 100 * top,
                  utf8 ? "" : fmt::format(": {}", fmt::join(signs, " ")));
  std::string line = "In remission";
  for (const Asked& one : asked) {
    const std::string more =
        one.same_as
            ? fmt::format("{}: the same here as {}", words_for(one.estimand),
                          words_for(*one.same_as))
            : meaning(one.estimand);
    const char* const between = &one == &asked.front() ? " " : "; ";
    if (line.size() + more.size() + 2 > longest) {
      text += line + ";\n";
      line = more;
    } else {
      line += between + more;
    }
  }
  return text + line;
}

void erase_columns(Sheet& sheet, std::size_t from, std::size_t to) {
  const auto erase = [&](std::vector<std::string>& cells) {
    cells.erase(cells.begin() + static_cast<std::ptrdiff_t>(from),
                cells.begin() + static_cast<std::ptrdiff_t>(to));
  };
  erase(sheet.header);
  for (auto& row : sheet.rows) erase(row);
}

/// Where rows go on below, so that each says there whose it is.
void name_every_row(Sheet& sheet,
                    const std::vector<const RemissionCurve*>& curves) {
  for (std::size_t r = 0; r < curves.size(); ++r)
    sheet.rows[r][0] =
        curves[r]->pathway + ", " + words_for(curves[r]->estimand);
}

}  // namespace

const char* words_for(Estimand estimand) {
  switch (estimand) {
    case Estimand::if_all_continue:
      return "if all continue";
    case Estimand::observed:
      return "observed";
    case Estimand::sustained:
      return "sustained";
  }
  return "";
}

std::string sparkline(const std::vector<double>& values, double top,
                      std::size_t width, bool utf8) {
  const std::size_t n = std::min(width, values.size());
  std::string text;
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t at =
        n < 2 ? values.size() - 1
              : (2 * i * (values.size() - 1) + (n - 1)) / (2 * (n - 1));
    if (std::isnan(values[at])) {
      text += ' ';
      continue;
    }
    const double share = std::clamp(values[at] / top, 0.0, 1.0);
    const auto level = static_cast<std::size_t>(std::lround(share * 7));
    text += (utf8 ? blocks : signs)[level];
  }
  return text;
}

std::vector<RemissionCurve> remission_curves(const Scenario& scenario,
                                             const Tally& tally,
                                             const Expectation* expectation) {
  std::vector<RemissionCurve> curves;
  for (std::size_t p = 0; p < scenario.pathways.size(); ++p)
    for (const Estimand estimand : questions(scenario)) {
      curves.push_back(
          {scenario.pathways[p].name, estimand,
           cumulative_remission(tally.pathways[p], estimand, tally.patients)});
      if (expectation)
        hold_against(expectation->pathways[p], tally.patients, curves.back());
    }
  return curves;
}

Sheet curve_sheet(const std::vector<RemissionCurve>& curves,
                  const std::string& last_week, const Screen& screen) {
  constexpr std::size_t first = 3, exact = 5;
  std::size_t spark = 2;
  Sheet sheet{"Ever in remission, % of the cohort: simulated (standard error)",
              {"pathway", "question", "weeks 0 to " + last_week, "first, %",
               "last, %", "exact, %", "z"},
              {},
              first};
  const auto asked = asked_of(curves);
  std::vector<const RemissionCurve*> shown;
  double top = 0;
  bool has_exact = false;
  for (const RemissionCurve& curve : curves) {
    const bool is_shown =
        std::any_of(asked.begin(), asked.end(), [&](const Asked& one) {
          return one.estimand == curve.estimand && !one.same_as;
        });
    if (!is_shown) continue;
    const bool again = !shown.empty() && shown.back()->pathway == curve.pathway;
    const Rate& last = curve.by_week.back();
    sheet.rows.push_back(
        {again ? "" : curve.pathway, words_for(curve.estimand), "",
         in_per_cent(curve.by_week.front()), in_per_cent(last),
         with_decimals(100 * curve.exact, decimals_worth(100 * last.se)),
         z_text(curve.z)});
    shown.push_back(&curve);
    has_exact |= !std::isnan(curve.exact);
    for (const Rate& week : curve.by_week) top = std::max(top, week.value);
  }
  // On a narrow screen first what stands in other tables is left out.
  const std::size_t room = room_of(screen);
  if (!has_exact || width_of(sheet) > room)
    erase_columns(sheet, exact, sheet.header.size());
  if (width_of(sheet) > room) erase_columns(sheet, first, first + 1);
  if (width_of(sheet) > room) {
    name_every_row(sheet, shown);
    erase_columns(sheet, 1, 2);
    --spark;
    --sheet.words;
  }
  const std::size_t taken = width_of(sheet) - width_of(sheet.header[spark]);
  const std::size_t width =
      std::clamp(room - std::min(taken, room), least_curve, most_curve);
  for (std::size_t r = 0; r < shown.size(); ++r) {
    std::vector<double> values;
    for (const Rate& week : shown[r]->by_week) values.push_back(week.value);
    sheet.rows[r][spark] =
        sparkline(values, top > 0 ? top : 1, width, screen.utf8);
  }
  sheet.note = note_of(asked, top, screen.utf8);
  return sheet;
}

std::string legend(const std::vector<std::string>& names,
                   const std::vector<std::string>& labels) {
  if (names == labels) return "";
  std::size_t width = 0;
  for (const std::string& name : names) width = std::max(width, width_of(name));
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i)
    text += "  " + names[i] + std::string(width - width_of(names[i]), ' ') +
            "  " + labels[i] + "\n";
  return text;
}

}  // namespace stardsim
