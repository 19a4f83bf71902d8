#include "sim/io/report/html.hpp"

#include "models/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <stdexcept>

namespace stardsim {
namespace {

std::string escaped(std::string_view character) {
  switch (character.front()) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return visible(character);
  }
}

/// Whether `what`, in lower case, is in the text in any case.
bool mentions(std::string_view text, std::string_view what) {
  return std::search(text.begin(), text.end(), what.begin(), what.end(),
                     [](char one, char other) {
                       return std::tolower(static_cast<unsigned char>(one)) ==
                              other;
                     }) != text.end();
}

void require_without(std::string_view text, std::string_view what) {
  if (mentions(text, what))
    throw std::logic_error("what is written into the page has " +
                           std::string(what) + " in it");
}

}  // namespace

std::string html_escaped(std::string_view text) {
  std::string made;
  made.reserve(text.size() + text.size() / 8);
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    if (length == 0) {
      made += replacement_character;
      text.remove_prefix(1);
      continue;
    }
    // The end of a line, as the second character says.
    if (text.substr(0, 2) != "\r\n") made += escaped(text.substr(0, length));
    text.remove_prefix(length);
  }
  return made;
}

Html::Scope::~Scope() {
  if (html_) html_->end(name_);
}

Html::Scope Html::open(HtmlName name, HtmlAttributes attributes) {
  start(name, attributes);
  return Scope(*this, name);
}

void Html::text(std::string_view text) { text_ += html_escaped(text); }

void Html::put(HtmlName name, std::string_view words,
               HtmlAttributes attributes) {
  start(name, attributes);
  text(words);
  end(name);
}

void Html::put_void(HtmlName name, HtmlAttributes attributes) {
  start(name, attributes);
  text_ += '\n';
}

void Html::style(std::string_view css) {
  require_without(css, "</style");
  start("style", {});
  text_ += css;
  end("style");
}

void Html::script(std::string_view code) {
  require_without(code, "</script");
  require_without(code, "<!--");
  start("script", {});
  text_ += code;
  end("script");
}

void Html::data(HtmlName id, std::string_view json) {
  require_without(json, "<");
  start("script",
        {{"type", "application/json"}, {"id", std::string(id.text())}});
  text_ += json;
  end("script");
}

void Html::start(HtmlName name, HtmlAttributes attributes) {
  text_ += '<';
  text_ += name.text();
  for (const HtmlAttribute& attribute : attributes) {
    text_ += ' ';
    text_ += attribute.name.text();
    if (!attribute.value.empty())
      text_ += "=\"" + html_escaped(attribute.value) + "\"";
  }
  text_ += '>';
}

void Html::end(HtmlName name) {
  text_ += "</";
  text_ += name.text();
  text_ += ">";
  const bool is_inline = name.text() == "a" || name.text() == "span" ||
                         name.text() == "b" || name.text() == "code" ||
                         name.text() == "strong" || name.text() == "em";
  if (!is_inline) text_ += '\n';
}

std::string json_for_html(std::string_view json) {
  std::string made;
  made.reserve(json.size());
  for (std::size_t i = 0; i < json.size(); ++i) {
    const std::string_view rest = json.substr(i);
    if (json[i] == '<' || json[i] == '>' || json[i] == '&') {
      made += fmt::format("\\u{:04x}", static_cast<unsigned>(json[i]));
    } else if (rest.substr(0, 3) == "\xE2\x80\xA8" ||
               rest.substr(0, 3) == "\xE2\x80\xA9") {
      made += rest[2] == '\xA8' ? "\\u2028" : "\\u2029";
      i += 2;
    } else {
      made += json[i];
    }
  }
  return made;
}

}  // namespace stardsim
