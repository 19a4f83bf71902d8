#include "sim/io/document.hpp"

#include "models/utf8.hpp"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

// toml++ 3.3 asserts (and under clang assumes) what malformed input violates,
// before it reports the error in the ordinary way: its assertions must be
// nothing at all.
#undef NDEBUG
#define TOML_ASSERT(condition) static_assert(true)
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_MAX_NESTED_VALUES 32
#include <toml++/toml.h>

namespace stardsim {
namespace {

// Deeper keys and values than any scenario has would exhaust the stack, since
// trees are walked by recursion.
constexpr std::size_t most_key_parts = 32;

// Line and column (in characters) of a byte of the text.
Position position_of(std::string_view text, std::size_t byte,
                     std::size_t file) {
  const std::string_view before = text.substr(0, byte);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const std::string_view line = before.substr(before.rfind('\n') + 1);
  const auto characters = std::count_if(
      line.begin(), line.end(), [](char c) { return !is_continuation(c); });
  return {file, static_cast<std::uint32_t>(lines + 1),
          static_cast<std::uint32_t>(characters + 1)};
}

// The byte at a position, or the end of its line if that is shorter.
std::size_t byte_of(std::string_view text, Position where) {
  std::size_t byte = 0;
  for (std::uint32_t line = 1; line < where.line && byte < text.size(); ++line)
    byte = std::min(text.find('\n', byte), text.size() - 1) + 1;
  for (std::uint32_t column = 1; column < where.column; ++column) {
    if (byte >= text.size() || text[byte] == '\n') break;
    ++byte;
    while (byte < text.size() && is_continuation(text[byte])) ++byte;
  }
  return byte;
}

// Characters that word processors put in the place of others.
struct Lookalike {
  std::string_view character;
  const char* what;
};

constexpr const char* curly = "curly quotes; use straight ones, \" or '";

constexpr Lookalike lookalikes[] = {
    {"\u201C", curly},
    {"\u201D", curly},
    {"\u201E", curly},
    {"\u2018", curly},
    {"\u2019", curly},
    {"\u201A", curly},
    {"\u00A0", "U+00A0 (no-break space); use a plain space"},
    {"\u2007", "U+2007 (figure space); use a plain space"},
    {"\u2009", "U+2009 (thin space); use a plain space"},
    {"\u202F", "U+202F (narrow no-break space); use a plain space"},
    {"\u200B", "U+200B (zero-width space); remove it"},
    {"\u2060", "U+2060 (word joiner); remove it"},
    {"\uFEFF", "U+FEFF (zero-width no-break space); remove it"},
    {"\u2212", "U+2212 (minus sign); use a plain -"},
    {"\u2013", "U+2013 (dash); use a plain -"},
};

std::string complaint_about(std::string_view character) {
  for (const Lookalike& one : lookalikes)
    if (one.character == character) return one.what;
  return in_quotes(character) +
         " outside quotes; a key with other letters than A to Z a to z needs "
         "quotes";
}

// Refuses what toml++ must not see: anything that is not text, non-ASCII
// characters outside strings and comments, and keys of very many parts.
class Prescan {
 public:
  Prescan(std::string_view text, std::size_t file, const Problems& problems)
      : text_(text), file_(file), problems_(problems) {}

  // The byte of the innermost [ or { that the text leaves open; for text that
  // was checked.
  std::optional<std::size_t> open_bracket() const {
    return open_.empty() ? std::nullopt : std::optional(open_.back());
  }

  void check() {
    check_text();
    while (at_ < text_.size()) {
      switch (text_[at_]) {
        case '#':
          skip_comment();
          break;
        case '"':
        case '\'':
          skip_string();
          break;
        default:
          check_outside_strings(text_[at_]);
          ++at_;
      }
    }
  }

 private:
  void check_text() const {
    for (std::size_t i = 0; i < text_.size();) {
      const std::size_t length = character_length(text_.substr(i));
      if (length == 0) stop(i, "not text: this byte is not UTF-8");
      if (text_[i] == '\0') stop(i, "not text: NUL byte");
      i += length;
    }
  }

  void check_outside_strings(char c) {
    if (static_cast<unsigned char>(c) >= 0x80)
      stop(at_, complaint_about(
                    text_.substr(at_, character_length(text_.substr(at_)))));
    if (c == '[' || c == '{') open_.push_back(at_);
    if ((c == ']' || c == '}') && !open_.empty()) open_.pop_back();
    if (c == '.' && ++key_parts_ > most_key_parts)
      stop(at_, "a key has at most 32 parts");
    constexpr std::string_view not_in_keys = "\n=,[]{}";
    if (not_in_keys.find(c) != std::string_view::npos) key_parts_ = 1;
  }

  void skip_comment() { at_ = std::min(text_.find('\n', at_), text_.size()); }

  // Leaves `at_` behind the string, or behind its line if it does not end.
  void skip_string() {
    const char quote = text_[at_];
    const std::string three(3, quote);
    const bool many_lines = text_.substr(at_, 3) == three;
    at_ += many_lines ? 3 : 1;
    for (; at_ < text_.size(); ++at_) {
      if (!many_lines && text_[at_] == '\n') return;
      if (text_[at_] == '\\' && quote == '"') {
        ++at_;
      } else if (!many_lines && text_[at_] == quote) {
        ++at_;
        return;
      } else if (many_lines && text_.substr(at_, 3) == three) {
        skip_closing_quotes(quote);
        return;
      }
    }
  }

  // Up to two quotes may stand before the three that close the string.
  void skip_closing_quotes(char quote) {
    for (int i = 0; i < 5 && at_ < text_.size() && text_[at_] == quote; ++i)
      ++at_;
  }

  [[noreturn]] void stop(std::size_t byte, const std::string& what) const {
    problems_.stop(position_of(text_, byte, file_), "", what);
  }

  std::string_view text_;
  std::size_t file_;
  const Problems& problems_;
  std::size_t at_ = 0;
  std::size_t key_parts_ = 1;
  std::vector<std::size_t> open_;
};

constexpr const char* not_toml = "not valid TOML: ";

// toml++'s "Error while parsing key-value pair: expected '='" in our words.
std::string tidy(std::string_view description) {
  constexpr std::string_view preamble = "Error while parsing ";
  std::string what = not_toml;
  if (description.substr(0, preamble.size()) == preamble)
    description.remove_prefix(preamble.size());
  for (const char c : description)
    what += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  return what.substr(0, what.find(" (TOML_MAX_NESTED_VALUES)"));
}

// ---- syntax errors in words for those who do not know TOML ----

struct SyntaxHint {
  std::string_view description;  // part of toml++'s
  std::string_view seen;         // any of these stands there; "": anything
  const char* what;
};

constexpr SyntaxHint syntax_hints[] = {
    {"inline table: expected key or closing '}'", "\r\n#",
     "{ ... } must stand on one line; for more lines, use a table header such "
     "as [steps.first.remission]"},
    {"control characters other than TAB", "\r\n",
     "the closing quote is missing"},
    {"string: encountered end-of-file", "", "the closing quote is missing"},
};

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// The number with a comma, such as 0,306, in which or just behind which the
// byte `at` stands; "" if there is none.
std::string_view number_with_comma(std::string_view text, std::size_t at) {
  constexpr std::string_view digits = "0123456789";
  constexpr std::string_view digits_and_comma = "0123456789,";
  const std::string_view before = text.substr(0, at);
  const std::size_t last = before.find_last_not_of(' ');
  const std::size_t begin = before.find_last_not_of(digits_and_comma, last) + 1;
  const std::size_t end =
      std::min(text.find_first_not_of(digits_and_comma, at), text.size());
  std::string_view number = text.substr(begin, end - begin);
  number = number.substr(0, number.find_last_not_of(" ,") + 1);
  const std::size_t comma = number.find_first_not_of(digits);
  const bool is_one =
      comma != 0 && comma < number.size() && number[comma] == ',' &&
      number.find_first_not_of(digits, comma + 1) == std::string_view::npos;
  return is_one ? number : "";
}

// `0,306: decimals take a point: 0.306`
std::string hint_for_comma(std::string_view number) {
  const std::size_t comma = number.find(',');
  const std::string whole(number.substr(0, comma));
  const std::string rest(number.substr(comma + 1));
  std::string hint =
      std::string(number) + ": decimals take a point: " + whole + "." + rest;
  if (rest.size() == 3 && whole.front() != '0')
    hint += "; thousands take nothing: " + whole + rest;
  return hint;
}

// The hint for toml++'s complaint about the byte `at`; "" if there is none.
std::string syntax_hint(std::string_view text, std::size_t at,
                        std::string_view description) {
  for (const SyntaxHint& hint : syntax_hints)
    if (contains(description, hint.description) &&
        (hint.seen.empty() || at >= text.size() ||
         contains(hint.seen, text.substr(at, 1))))
      return hint.what;
  if (!contains(description, "key-value pair")) return "";
  const std::string_view number = number_with_comma(text, at);
  return number.empty() ? "" : hint_for_comma(number);
}

// `; the array opened at 3:9 is not closed before this`, for an error on a
// later line or at the end of the file.
std::string hint_for_array(std::string_view text, Position where,
                           std::string_view description,
                           const Problems& problems) {
  const std::string_view before = text.substr(0, byte_of(text, where));
  Prescan scan(before, where.file, problems);
  scan.check();
  const auto open = scan.open_bracket();
  if (!open || before[*open] != '[') return "";
  const Position opened = position_of(text, *open, where.file);
  if (opened.line == where.line && !contains(description, "end-of-file"))
    return "";
  return "; the array opened at " + std::to_string(opened.line) + ":" +
         std::to_string(opened.column) + " is not closed before this";
}

std::string explained(std::string_view text, Position where,
                      std::string_view description, const Problems& problems) {
  const std::string hint = syntax_hint(text, byte_of(text, where), description);
  if (!hint.empty()) return not_toml + hint;
  return tidy(description) + hint_for_array(text, where, description, problems);
}

// Turns toml++'s tree into ours.
class Converter {
 public:
  Converter(std::size_t file, const Problems& problems)
      : file_(file), problems_(problems) {}

  Table table(const toml::table& source) const {
    Table table;
    for (auto&& [key, node] : source) {
      const Position where = position(key.source());
      table.entries.push_back(
          {text(std::string(key.str()), where), where, converted(node)});
    }
    std::stable_sort(table.entries.begin(), table.entries.end(),
                     [](const Entry& a, const Entry& b) {
                       return std::tie(a.where.line, a.where.column) <
                              std::tie(b.where.line, b.where.column);
                     });
    return table;
  }

 private:
  Node converted(const toml::node& source) const {
    Node node{position(source.source()), Moment{}};
    if (const auto* inner = source.as_table()) {
      node.value = table(*inner);
    } else if (const auto* array = source.as_array()) {
      Array items;
      for (const toml::node& item : *array)
        items.items.push_back(converted(item));
      node.value = std::move(items);
    } else if (const auto* string = source.as_string()) {
      node.value = text(string->get(), node.where);
    } else if (const auto* integer = source.as_integer()) {
      node.value = integer->get();
    } else if (const auto* number = source.as_floating_point()) {
      node.value = number->get();
    } else if (const auto* boolean = source.as_boolean()) {
      node.value = boolean->get();
    }
    return node;
  }

  Position position(const toml::source_region& region) const {
    return {file_, region.begin.line, region.begin.column};
  }

  // Escapes can make a NUL, which ends a string in a result file.
  std::string text(const std::string& text, Position where) const {
    if (text.find('\0') != std::string::npos)
      problems_.stop(where, "", "NUL (\\u0000) in a string");
    return text;
  }

  std::size_t file_;
  const Problems& problems_;
};

}  // namespace

const Entry* Table::find(std::string_view key) const {
  const auto found =
      std::find_if(entries.begin(), entries.end(),
                   [&](const Entry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

Entry* Table::find(std::string_view key) {
  return const_cast<Entry*>(std::as_const(*this).find(key));
}

void Table::erase(std::string_view key) {
  std::erase_if(entries, [&](const Entry& entry) { return entry.key == key; });
}

const char* kind_of(const Node& node) {
  constexpr const char* kinds[] = {"a string",  "a whole number", "a number",
                                   "a boolean", "a date or time", "an array",
                                   "a table"};
  return kinds[node.value.index()];
}

Table parse_document(const std::string& text, std::size_t file,
                     const Problems& problems) {
  if (text.size() > longest_text)
    problems.stop({file, 1, 1}, "",
                  "longer than 1 MB (1,000,000 bytes), so not a scenario");
  std::string_view view = text;
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (view.substr(0, 3) == byte_order_mark) view.remove_prefix(3);
  Prescan(view, file, problems).check();

  const toml::parse_result result = toml::parse(view);
  if (!result) {
    const toml::source_position& where = result.error().source().begin;
    const Position position{file, where.line, where.column};
    problems.stop(
        position, "",
        explained(view, position, result.error().description(), problems));
  }
  return Converter(file, problems).table(result.table());
}

}  // namespace stardsim
