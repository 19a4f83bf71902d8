// A small writer of HTML in which text and attributes are always escaped.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace stardsim {

/// The name of an element or an attribute: a literal of the program, checked
/// while it is compiled, so that no text of a user can become one. Names of
/// event handlers are none.
class HtmlName {
 public:
  consteval HtmlName(const char* name) : name_(name) {
    if (name_.empty()) throw "a name is empty";
    for (const char c : name_)
      if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
        throw "a name has a character that names do not have";
    if (name_.substr(0, 2) == "on") throw "no handlers of events";
  }
  constexpr std::string_view text() const { return name_; }

 private:
  std::string_view name_;
};

struct HtmlAttribute {
  HtmlName name;
  std::string value;  ///< "": the name alone
};
using HtmlAttributes = std::initializer_list<HtmlAttribute>;

/// As it may stand between tags and in quotes. What is no UTF-8, and control
/// characters but for line feed and tab, become U+FFFD; characters that turn
/// the direction of writing round are named instead, as in [U+202E].
std::string html_escaped(std::string_view text);

class Html {
 public:
  /// An element that ends with its scope. Scopes must nest.
  class Scope {
   public:
    Scope(Scope&& other) noexcept
        : html_(std::exchange(other.html_, nullptr)), name_(other.name_) {}
    Scope& operator=(Scope&&) = delete;
    ~Scope();

   private:
    friend class Html;
    Scope(Html& html, HtmlName name) : html_(&html), name_(name) {}
    Html* html_;
    HtmlName name_;
  };

  [[nodiscard]] Scope open(HtmlName, HtmlAttributes = {});
  void text(std::string_view);
  /// An element with nothing but text in it.
  void put(HtmlName, std::string_view text, HtmlAttributes = {});
  /// An element without an end, such as meta.
  void put_void(HtmlName, HtmlAttributes);

  /// Of the program, not of a user: written as it is. Throws std::logic_error
  /// if it could end its element.
  void style(std::string_view css);
  void script(std::string_view code);
  /// JSON in which `<` stands in no form but \u003c. Likewise.
  void data(HtmlName id, std::string_view json);

  /// The document so far, headed by its type.
  std::string document() const { return "<!DOCTYPE html>\n" + text_; }

 private:
  void start(HtmlName, HtmlAttributes);
  void end(HtmlName);
  std::string text_;
};

/// The JSON with <, >, &, U+2028 and U+2029 as \uXXXX, so that it may stand in
/// a script element.
std::string json_for_html(std::string_view json);

}  // namespace stardsim
