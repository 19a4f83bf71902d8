#include "models/inputs.hpp"

#include "models/each_number.hpp"
#include "models/number_text.hpp"

#include <boost/math/distributions/beta.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <unordered_set>
#include <utility>
#include <variant>

namespace stardsim {
namespace {

constexpr double not_known = std::numeric_limits<double>::quiet_NaN();
constexpr double tail = 0.025;
constexpr double errors_of_95 = 1.96;  // on either side

/// As few digits as give the same number back; thousands in groups.
std::string as_written(double number) {
  if (std::isnan(number)) return "";
  constexpr double smallest = 1e-6, largest = 1e15;
  const double size = std::fabs(number);
  const bool plain = size == 0 || (size >= smallest && size < largest);
  std::array<char, 64> digits{};
  const auto written = std::to_chars(
      digits.data(), digits.data() + digits.size(), number,
      plain ? std::chars_format::fixed : std::chars_format::general);
  std::string text(digits.data(), written.ptr);
  if (!plain) return text;
  const std::size_t first = text[0] == '-' ? 1 : 0;
  for (std::size_t at = std::min(text.find('.'), text.size()); at > first + 3;
       at -= 3)
    text.insert(at - 3, ",");
  return text;
}

Bounds quantiles(double a, double b) {
  const double of = a + b;
  if (!(of > 0)) return {not_known, not_known};
  if (!(a > 0)) return {0, -std::expm1(std::log(tail) / of)};
  if (!(b > 0)) return {std::exp(std::log(tail) / of), 1};
  const boost::math::beta_distribution<double> law(a, b);
  return {boost::math::quantile(law, tail),
          boost::math::quantile(boost::math::complement(law, tail))};
}

struct BoundsOf {
  double value;
  Bounds operator()(const Exact&) const { return {not_known, not_known}; }
  Bounds operator()(const Count& count) const {
    return quantiles(count.events, count.of - count.events);
  }
  Bounds operator()(const Sample& sample) const {
    return quantiles(value * sample.of, (1 - value) * sample.of);
  }
  Bounds operator()(const Interval& interval) const {
    return {interval.low, interval.high};
  }
  Bounds operator()(const Spread& spread) const {
    return {value - errors_of_95 * spread.sd, value + errors_of_95 * spread.sd};
  }
  Bounds operator()(const Beta& beta) const {
    return quantiles(beta.a, beta.b);
  }
  Bounds operator()(const Uniform& uniform) const {
    const double width = uniform.high - uniform.low;
    return {uniform.low + tail * width, uniform.high - tail * width};
  }
};

struct ErrorOf {
  double value;
  double binomial(double of) const {
    return std::sqrt(value * (1 - value) / of);
  }
  double operator()(const Exact&) const { return 0; }
  double operator()(const Count& count) const { return binomial(count.of); }
  double operator()(const Sample& sample) const { return binomial(sample.of); }
  double operator()(const Interval& interval) const {
    return (interval.high - interval.low) / (2 * errors_of_95);
  }
  double operator()(const Spread& spread) const { return spread.sd; }
  double operator()(const Beta& beta) const {
    return std::sqrt(value * (1 - value) / (beta.a + beta.b + 1));
  }
  double operator()(const Uniform& uniform) const {
    return (uniform.high - uniform.low) / std::sqrt(12.0);
  }
};

struct FormOf {
  const char* operator()(const Exact&) const { return "exact"; }
  const char* operator()(const Count&) const { return "count"; }
  const char* operator()(const Sample&) const { return "sample"; }
  const char* operator()(const Interval&) const { return "interval"; }
  const char* operator()(const Spread&) const { return "sd"; }
  const char* operator()(const Beta&) const { return "beta"; }
  const char* operator()(const Uniform&) const { return "uniform"; }
};

struct StatedAs {
  double value;
  std::string operator()(const Exact&) const { return ""; }
  std::string operator()(const Count& count) const {
    return as_written(count.events) + " of " + as_written(count.of);
  }
  std::string operator()(const Sample& sample) const {
    return as_written(value) + " of " + as_written(sample.of);
  }
  std::string operator()(const Interval& interval) const {
    return as_written(interval.low) + " to " + as_written(interval.high);
  }
  std::string operator()(const Spread& spread) const {
    return "sd " + as_written(spread.sd);
  }
  std::string operator()(const Beta& beta) const {
    return "beta " + as_written(beta.a) + ", " + as_written(beta.b);
  }
  std::string operator()(const Uniform& uniform) const {
    return "uniform " + as_written(uniform.low) + " to " +
           as_written(uniform.high);
  }
};

/// "a, b, c", or so many from the first to the last.
std::string listed(const std::vector<double>& numbers) {
  constexpr std::size_t most = 12;
  if (numbers.size() > most)
    return std::to_string(numbers.size()) + " from " +
           in_short(numbers.front()) + " to " + in_short(numbers.back());
  std::string text;
  for (const double number : numbers)
    text += (text.empty() ? "" : ", ") + in_short(number);
  return text;
}

std::string in_words(const DiscreteTime& form) {
  return listed(form.weeks) + ", weighted";
}
std::string in_words(const EmpiricalCovariate& form) {
  return listed(form.values) + ", weighted";
}
std::string in_words(const TableCovariate& form) {
  return "table of " + as_written(static_cast<double>(form.column.size())) +
         " rows";
}

/// Gathers what a scenario states. A source or note that covers several numbers
/// is handed down to those without one of their own.
class Collector {
 public:
  explicit Collector(std::vector<Input>& inputs) : inputs_(inputs) {}

  void number(const Evidence& evidence, const std::string& unit,
              const Cover& cover) {
    if (!is_new(evidence.key)) return;
    Input input{evidence.key,      evidence.value,   bounds_of_95(evidence),
                form_of(evidence), stated(evidence), unit,
                evidence.source,   evidence.note};
    add(std::move(input), cover);
  }
  // Numbers that have no certainty of their own.
  template <class Form>
  void list(const std::string& key, const Form& form, const std::string& unit,
            const Cover& cover) {
    if (!is_new(key)) return;
    add({key,
         not_known,
         {not_known, not_known},
         "list",
         in_words(form),
         unit,
         "",
         ""},
        cover);
  }

 private:
  // A default has no key; what several arms share comes more than once.
  bool is_new(const std::string& key) {
    return !key.empty() && seen_.insert(key).second;
  }
  void add(Input input, const Cover& cover) {
    if (input.source.empty() && cover.source) input.source = *cover.source;
    if (input.note.empty() && cover.note) input.note = *cover.note;
    if (cover.by_week)
      input.note = "by week " + as_written(*cover.by_week) +
                   (input.note.empty() ? "" : "; " + input.note);
    inputs_.push_back(std::move(input));
  }

  std::vector<Input>& inputs_;
  std::unordered_set<std::string> seen_;
};

}  // namespace

Bounds bounds_of_95(const Evidence& evidence) {
  return std::visit(BoundsOf{evidence.value}, evidence.certainty);
}

double standard_error(const Evidence& evidence) {
  const bool is_counted = std::holds_alternative<Count>(evidence.certainty) ||
                          std::holds_alternative<Sample>(evidence.certainty);
  if (is_counted && (evidence.value == 0 || evidence.value == 1)) {
    const Bounds bounds = bounds_of_95(evidence);
    return (bounds.high - bounds.low) / errors_of_95;
  }
  return std::visit(ErrorOf{evidence.value}, evidence.certainty);
}

const char* form_of(const Evidence& evidence) {
  return std::visit(FormOf{}, evidence.certainty);
}

std::string stated(const Evidence& evidence) {
  return std::visit(StatedAs{evidence.value}, evidence.certainty);
}

std::vector<Input> inputs_of(const Scenario& scenario) {
  std::vector<Input> inputs;
  Collector collector(inputs);
  each_number(scenario, collector);
  return inputs;
}

}  // namespace stardsim
