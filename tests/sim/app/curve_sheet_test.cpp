#include "sim/app/curve_sheet.hpp"

#include <catch2/catch.hpp>

#include <limits>
#include <sstream>
#include <string>
#include <vector>

using namespace stardsim;

namespace {

RemissionCurve curve(const std::string& pathway, Estimand estimand,
                     const std::vector<double>& values) {
  RemissionCurve made{pathway, estimand, {}};
  for (const double value : values) made.by_week.push_back({value, 0.001});
  return made;
}

std::vector<RemissionCurve> of_two_pathways() {
  using enum Estimand;
  return {curve("usual", observed, {0, 0.2, 0.4}),
          curve("usual", if_all_continue, {0, 0.2, 0.4}),
          curve("usual", sustained, {0, 0.2, 0.1}),
          curve("early", observed, {0, 0.5, 0.8}),
          curve("early", if_all_continue, {0, 0.5, 0.8}),
          curve("early", sustained, {0, 0.5, 0.3})};
}

bool contains(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

std::size_t widest_row(const std::string& text, const Sheet& sheet) {
  std::istringstream lines(text);
  std::size_t widest = 0;
  for (std::string line; std::getline(lines, line);)
    if (line.rfind("usual", 0) == 0 || line.rfind("early", 0) == 0 ||
        line.rfind(sheet.header[0], 0) == 0)
      widest = std::max(widest, width_of(line));
  return widest;
}

}  // namespace

TEST_CASE("A sparkline goes from 0 at the foot to the top in eighths",
          "[app]") {
  const std::vector<double> stairs{0,      1 / 7., 2 / 7., 3 / 7.,
                                   4 / 7., 5 / 7., 6 / 7., 1};
  CHECK(sparkline(stairs, 1, 8, true) == "▁▂▃▄▅▆▇█");
  CHECK(sparkline(stairs, 1, 8, false) == "_.:-=+*#");
  CHECK(sparkline(stairs, 2, 8, false) == "_..::--=");
  CHECK(sparkline({0.5, std::numeric_limits<double>::quiet_NaN(), 1}, 1, 8,
                  false) == "= #");
}

TEST_CASE("A sparkline begins with the first value and ends with the last",
          "[app]") {
  std::vector<double> ramp;
  for (int i = 0; i <= 210; ++i) ramp.push_back(i / 210.0);
  const std::string line = sparkline(ramp, 1, 8, false);
  CHECK(line == "_.:-=+*#");
  CHECK(sparkline(ramp, 1, 40, true).size() == 40 * 3);
  CHECK(sparkline({0.25, 0.5}, 0.5, 40, false) == "=#");
  CHECK(sparkline({0.5}, 0.5, 40, false) == "#");
  CHECK(sparkline({}, 1, 40, false) == "");
}

TEST_CASE("All curves of a sheet are on one scale, with their ends", "[app]") {
  const Sheet sheet = curve_sheet(of_two_pathways(), "2", {});
  REQUIRE(sheet.rows.size() == 4);  // if_all_continue is as observed
  using Row = std::vector<std::string>;
  CHECK(sheet.header ==
        Row{"pathway", "question", "weeks 0 to 2", "first, %", "last, %"});
  // 0.2 / 0.8, 0.4 / 0.8 and 0.5 / 0.8 of seven steps: 1.75, 3.5 and 4.4
  CHECK(sheet.rows[0] ==
        Row{"usual", "observed", "_:=", "0.00 (0.10)", "40.00 (0.10)"});
  CHECK(sheet.rows[1][0] == "");
  CHECK(sheet.rows[1][1] == "sustained");
  CHECK(sheet.rows[2] ==
        Row{"early", "observed", "_=#", "0.00 (0.10)", "80.00 (0.10)"});
  CHECK(contains(sheet.note, "from 0 to 80.0 %"));
  CHECK(contains(sheet.note, "_ . : - = + * #"));
  CHECK(contains(sheet.note, "if all continue: the same here as observed"));
  CHECK_FALSE(contains(
      curve_sheet(of_two_pathways(), "2", {0, true, false}).note, "_ . :"));
}

TEST_CASE("Where there is a twin its figure and z stand beside", "[app]") {
  auto curves = of_two_pathways();
  curves[0].exact = 0.401;
  curves[0].z = -1;
  const Sheet sheet = curve_sheet(curves, "2", {});
  CHECK(sheet.header.back() == "z");
  CHECK(sheet.rows[0][5] == "40.10");
  CHECK(sheet.rows[0][6] == "-1.0");
  CHECK(sheet.rows[1][6] == "-");
}

TEST_CASE("The rows of curves fit the screen, however narrow", "[app]") {
  auto curves = of_two_pathways();
  for (RemissionCurve& one : curves) {
    one.exact = 0.4;
    one.z = 0;
    one.by_week.resize(200, {0.4, 0.001});
  }
  for (std::size_t columns = 40; columns <= 200; columns += 8) {
    const Screen screen{columns, true, false};
    const Sheet sheet = curve_sheet(curves, "199", screen);
    INFO(columns);
    CHECK(widest_row(as_text(sheet, screen), sheet) <= columns);
  }
  // Where rows go on below, they say whose they are.
  const Sheet narrow = curve_sheet(curves, "199", {40, true, false});
  CHECK(narrow.rows[1][0] == "usual, sustained");
}

TEST_CASE("Labels are told where they are not the names", "[app]") {
  CHECK(legend({"a", "b"}, {"a", "b"}) == "");
  CHECK(legend({"ect", "b"}, {"ECT first", "b"}) ==
        "  ect  ECT first\n  b    b\n");
}
