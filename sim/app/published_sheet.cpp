#include "sim/app/published_sheet.hpp"

#include "sim/analysis/published.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace stardsim {
namespace {

/// How a figure is shown: fractions in per cent.
struct Shown {
  double scale;
  std::string unit;  ///< after the label
};

Shown shown(const Published& published, const BesidePublished& row) {
  using What = Published::What;
  switch (published.what) {
    case What::outcome:
    case What::difference:
    case What::icer:
      return {1, row.unit == "1" ? "" : ", " + row.unit};
    default:
      return {100, ", %"};
  }
}

/// As printed, where the rounding tells.
int decimals_published(const BesidePublished& row, double scale,
                       double rounding) {
  constexpr int most = 6;
  if (rounding > 0)
    return std::clamp(
        static_cast<int>(std::lround(-std::log10(2 * rounding * scale))), 0,
        most);
  if (row.published_se > 0) return decimals_worth(row.published_se * scale);
  return decimals_worth(std::fabs(row.published) * scale / 10);
}

std::string with_interval(const BesidePublished& row, double scale,
                          int decimals) {
  std::string figure = with_decimals(scale * row.published, decimals);
  if (std::isnan(row.published_low)) return figure;
  return fmt::format("{} ({} to {})", figure,
                     with_decimals(scale * row.published_low, decimals),
                     with_decimals(scale * row.published_high, decimals));
}

std::vector<std::string> cells(const Published& published,
                               const BesidePublished& row) {
  const auto [scale, unit] = shown(published, row);
  const int own = decimals_worth(row.simulated_se * scale);
  return {published.label + unit,
          std::isnan(row.z) ? "cannot be told"
          : row.agrees      ? "agrees"
                            : "outside",
          published.is_input ? "input" : "",
          with_interval(row, scale,
                        decimals_published(row, scale, published.rounding)),
          fmt::format("{} ({})", with_decimals(scale * row.simulated, own),
                      with_decimals(scale * row.simulated_se, own)),
          with_decimals(row.z, 1)};
}

}  // namespace

Sheet published_sheet(const Scenario& scenario, const Tally& tally) {
  const std::vector<BesidePublished> rows = beside_published(scenario, tally);
  Sheet sheet{
      "Beside the published figures",
      {"", "", "", "published (95 %)", "simulated (se)", "z"},
      {},
      3,
      "z: what the two differ beyond the published rounding, in standard "
      "errors of both; outside: beyond 1.96,\nas one in twenty is by chance. "
      "Standard errors simulated are Monte Carlo errors of a finite cohort "
      "alone."};
  for (std::size_t i = 0; i < rows.size(); ++i)
    sheet.rows.push_back(cells(scenario.published[i], rows[i]));
  if (std::any_of(scenario.published.begin(), scenario.published.end(),
                  [](const Published& one) { return one.is_input; }))
    sheet.note +=
        "\ninput: the scenario was made from this figure; that the two agree "
        "shows only that the program does as it was told.";
  return sheet;
}

std::string published_in_brief(const Scenario& scenario, const Tally& tally) {
  const auto rows = beside_published(scenario, tally);
  const auto agree =
      std::count_if(rows.begin(), rows.end(),
                    [](const BesidePublished& row) { return row.agrees; });
  return fmt::format("{} of {} published figures agree (abs z at most 1.96)",
                     agree, rows.size());
}

}  // namespace stardsim
