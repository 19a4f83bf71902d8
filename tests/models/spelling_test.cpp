#include "models/spelling.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace stardsim;

TEST_CASE("What is quoted stays on one line and can be told from its quotes",
          "[spelling]") {
  CHECK(in_quotes("plain") == "\"plain\"");
  CHECK(in_quotes("a\"b\\c") == "\"a\\\"b\\\\c\"");
  CHECK(in_quotes("a\nb\x7f") == "\"a\\u000ab\\u007f\"");
  CHECK(in_quotes("\x1b[1m") == "\"\\u001b[1m\"");
  CHECK(in_quotes("\x80N\xc3\xa9\xc3") == "\"\\x80N\xc3\xa9\\xc3\"");
  // Not in the middle of the two bytes of a letter.
  const std::string long_text = std::string(79, 'x') + "\u00e9 and more";
  CHECK(in_quotes(long_text) == "\"" + std::string(79, 'x') + "...\"");
}

TEST_CASE("The nearest name is at most as far as the word's length allows",
          "[spelling]") {
  const std::vector<std::string> names{"ect", "sertraline", "switch"};
  CHECK(nearest("etc", names) == "ect");  // two neighbours swapped: one letter
  CHECK(nearest("sertarlin", names) == "sertraline");
  CHECK(nearest("swtch", names) == "switch");
  CHECK_FALSE(nearest("abc", names));
  CHECK_FALSE(nearest("augment", names));
  CHECK(suggestion("swich", names) == "; did you mean \"switch\"?");
  CHECK(suggestion("augment", names) == "");
  CHECK(listed(names) == "ect, sertraline, switch");
  CHECK(listed({}) == "");
}

TEST_CASE("Of names that a file has made up the list stays one line of text",
          "[spelling]") {
  CHECK(listed({"a\rb", "c\"d", "\x1b[1m"}) == "a\\u000db, c\"d, \\u001b[1m");
  CHECK(listed({std::string(1000, 'x')}) == std::string(80, 'x') + "...");
  const std::string text = listed(std::vector<std::string>(102, "x"));
  CHECK(text.substr(text.size() - 12) == "x and 2 more");
}
