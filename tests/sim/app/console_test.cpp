// What is shown where: decided by the terminal and the environment.
#include "sim/app/console.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <string>

using namespace stardsim;

namespace {

Screen screen(std::size_t columns, std::map<std::string, std::string> set) {
  return screen_for(columns, [&](const char* name) -> const char* {
    const auto found = set.find(name);
    return found == set.end() ? nullptr : found->second.c_str();
  });
}

}  // namespace

TEST_CASE("Bold and dim are for terminals alone, and can be turned off",
          "[app]") {
  CHECK(screen(80, {{"TERM", "xterm"}}).styled);
  CHECK(screen(80, {{"TERM", "xterm"}, {"NO_COLOR", ""}}).styled);
  CHECK_FALSE(screen(80, {{"TERM", "xterm"}, {"NO_COLOR", "1"}}).styled);
  CHECK_FALSE(screen(80, {{"TERM", "xterm"}, {"NO_COLOR", "0"}}).styled);
  CHECK_FALSE(screen(80, {{"TERM", "dumb"}}).styled);
  CHECK_FALSE(screen(80, {}).styled);
  CHECK_FALSE(screen(0, {{"TERM", "xterm"}}).styled);
  const Screen can = screen(80, {{"TERM", "xterm"}});
  CHECK(can.bold("head") == "\033[1mhead\033[0m");
  CHECK(can.dim("note") == "\033[2mnote\033[0m");
  CHECK(Screen{}.bold("head") == "head");
  CHECK(Screen{}.dim("note") == "note");
}

TEST_CASE("The locale says whether there is UTF-8: LC_ALL, LC_CTYPE, LANG",
          "[app]") {
  CHECK(screen(0, {{"LANG", "en_US.UTF-8"}}).utf8);
  CHECK(screen(0, {{"LANG", "C.utf8"}}).utf8);
  CHECK(screen(0, {{"LC_CTYPE", "de_DE.UTF-8"}, {"LANG", "C"}}).utf8);
  CHECK(screen(0, {{"LC_ALL", ""}, {"LANG", "C.UTF-8"}}).utf8);
  CHECK_FALSE(screen(0, {}).utf8);
  CHECK_FALSE(screen(0, {{"LANG", "de_DE.ISO-8859-1"}}).utf8);
  CHECK_FALSE(screen(0, {{"LC_ALL", "C"}, {"LANG", "en_US.UTF-8"}}).utf8);
}

TEST_CASE("Progress tells the share done, the rate and the time left",
          "[app]") {
  // 2 million in 4 s are 500,000 a second; of 10 million 16 s are left.
  CHECK(progress_text({2'000'000, 10'000'000, 4}, 79) ==
        " 20 %  500,000 patients/s  16 s left");
  CHECK(progress_text({1'234'567, 10'000'000, 1}, 79) ==
        " 12 %  1,200,000 patients/s  7 s left");
  // 36 million at 2 a second: 18 million seconds, 5,000 hours
  CHECK(progress_text({2, 36'000'002, 1}, 79) ==
        "  0 %  2.0 patients/s  5000 h 0 min left");
  CHECK(progress_text({100, 1100, 1}, 79) ==
        "  9 %  100 patients/s  10 s left");
  CHECK(progress_text({10, 6010, 1}, 79) ==
        "  0 %  10 patients/s  10 min left");
  // As many as asked for, or more: nothing is left.
  CHECK(progress_text({12, 10, 1}, 79) == "100 %  12 patients/s  0 s left");
  CHECK(
      progress_text({5, 10, 1, "One of two", "se 0.1, to be below 0.05"}, 79) ==
      "One of two   50 %  5.0 patients/s  1 s left  se 0.1, to be below "
      "0.05");
}

TEST_CASE("Without an end in sight progress is the rate alone", "[app]") {
  CHECK(progress_text({500, 0, 1}, 79) == "500 patients/s");
}

TEST_CASE("Progress has no more characters than the terminal has columns",
          "[app]") {
  const Progress progress{2'000'000, 10'000'000, 4, "A title", "and a note"};
  const std::string whole = progress_text(progress, 200);
  for (std::size_t columns = 0; columns < 70; ++columns) {
    const std::string text = progress_text(progress, columns);
    CHECK(text.size() <= columns);
    CHECK(whole.rfind(text, 0) == 0);
  }
  CHECK(progress_text(progress, 40) == "A title   20 %  500,000 patients/s");
}
