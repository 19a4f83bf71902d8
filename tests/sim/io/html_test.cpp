#include "sim/io/report/html.hpp"

#include <catch2/catch.hpp>

#include <stdexcept>
#include <string>

using namespace stardsim;

namespace {

std::string written(void (*write)(Html&)) {
  Html html;
  write(html);
  const std::string text = html.document(), type = "<!DOCTYPE html>\n";
  REQUIRE(text.substr(0, type.size()) == type);
  return text.substr(type.size());
}

}  // namespace

TEST_CASE("Text becomes no markup", "[io][html]") {
  CHECK(html_escaped("</script><script>alert(1)</script>") ==
        "&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;");
  CHECK(html_escaped("\" onload=\"x") == "&quot; onload=&quot;x");
  CHECK(html_escaped("' onload='x") == "&#39; onload=&#39;x");
  CHECK(html_escaped("<img src=x onerror=alert(1)>") ==
        "&lt;img src=x onerror=alert(1)&gt;");
  CHECK(html_escaped("&lt;b&gt;") == "&amp;lt;b&amp;gt;");
  CHECK(html_escaped("\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80\n\t") ==
        "\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80\n\t");
}

TEST_CASE("Characters that deceive are made to show", "[io][html]") {
  const std::string replaced = "\xEF\xBF\xBD";
  using namespace std::string_literals;
  CHECK(html_escaped("a\0b"s) == "a" + replaced + "b");
  CHECK(html_escaped("a\x1B[31m") == "a" + replaced + "[31m");
  CHECK(html_escaped("\xC2\x85") == replaced);  // next line, C1
  CHECK(html_escaped("a\r\nb\rc") == "a\nb" + replaced + "c");
  CHECK(html_escaped("a\xFF\xFE") == "a" + replaced + replaced);
  CHECK(html_escaped("\xC0\xBC"
                     "script") == replaced + replaced + "script");
  CHECK(html_escaped("\xED\xA0\x80") == replaced + replaced + replaced);
  CHECK(html_escaped("\xE2\x80\xAE"
                     "cba") == "[U+202E]cba");
  CHECK(html_escaped("\xE2\x81\xA6x\xE2\x81\xA9") == "[U+2066]x[U+2069]");
  CHECK(html_escaped("\xD8\x9C\xE2\x80\x8F") == "[U+061C][U+200F]");
}

TEST_CASE("Elements nest and end with their scope", "[io][html]") {
  CHECK(written([](Html& html) {
          const auto list = html.open("ul", {{"class", "a \"b\""}});
          {
            const auto item = html.open("li");
            html.text("1 < 2");
          }
          html.put("li", "3 & 4", {{"hidden", ""}});
        }) ==
        "<ul class=\"a &quot;b&quot;\"><li>1 &lt; 2</li>\n"
        "<li hidden>3 &amp; 4</li>\n</ul>\n");
  CHECK(written([](Html& html) {
          html.put_void("meta", {{"charset", "utf-8"}});
        }) == "<meta charset=\"utf-8\">\n");
}

TEST_CASE("What could end a script or style early is refused", "[io][html]") {
  Html html;
  CHECK_THROWS_AS(html.script("let a = '</SCRIPT >';"), std::logic_error);
  CHECK_THROWS_AS(html.script("x <!-- y"), std::logic_error);
  CHECK_THROWS_AS(html.style("a{}</Style>"), std::logic_error);
  CHECK_THROWS_AS(html.data("data", "{\"a\": \"<\"}"), std::logic_error);
  CHECK(html.document() == "<!DOCTYPE html>\n");
  html.script("if (1 < 2) run();");
  CHECK(html.document() ==
        "<!DOCTYPE html>\n<script>if (1 < 2) run();</script>\n");
}

TEST_CASE("JSON in a page has no character that ends a script", "[io][html]") {
  CHECK(json_for_html("{\"a\":\"</script><!-- &\"}") ==
        "{\"a\":\"\\u003c/script\\u003e\\u003c!-- \\u0026\"}");
  CHECK(json_for_html("\"\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xAA\"") ==
        "\"\\u2028\\u2029\xE2\x80\xAA\"");
}
