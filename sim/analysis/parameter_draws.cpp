#include "sim/analysis/parameter_draws.hpp"

#include "models/spelling.hpp"
#include "sim/analysis/normal_correlation.hpp"
#include "sim/core/words.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>
#include <unordered_map>
#include <utility>

namespace stardsim {
namespace {

using Index = Eigen::Index;

/// FNV-1a (Fowler, Noll & Vo), 64 bits folded to the 40 of a patient.
std::uint64_t hash_of(const std::string& key) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : key) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3;
  }
  constexpr int bits = 40;
  return (hash ^ hash >> bits) & ((std::uint64_t{1} << bits) - 1);
}

/// In the open interval from 0 to 1: the middle of one of 2^52 equal parts.
double uniform_of(Luck luck, std::uint64_t key_hash) {
  const auto words =
      philox(counter_of(luck, key_hash, Purpose::parameter, 0), luck.seed);
  const std::uint64_t bits = (std::uint64_t{words[0]} << 32 | words[1]) >> 12;
  return (static_cast<double>(bits) + 0.5) * 0x1p-52;
}

struct Refusal {
  DrawProblem problem;
};

[[noreturn]] void refuse(const std::string& key, const std::string& why) {
  throw Refusal{{key, why}};
}

const char* const neither_drawn_nor_held =
    "has neither a distribution nor a reason to be held: say how sure it is, "
    "as "
    "in { value = 0.3, of = 100 }, or why it is held, as in { value = 0.3, "
    "fixed "
    "= \"because ...\" } or in [uncertainty.fixed], where a key may have * for "
    "any part (for a first try, \"*\" = \"not looked at yet\")";

// ---- numbers that are drawn together ----

/// Shares of one whole, of which `rest` is stated by nobody: Dirichlet, as
/// gamma numbers over their sum, each from the words of its own key.
struct DirichletGroup {
  std::vector<std::size_t> at;  ///< in drawn
  std::vector<std::uint64_t> hashes;
  std::vector<double> counts;
  double rest = 0;
  std::uint64_t rest_hash = 0;
  double total = 1;  ///< what all of them sum to

  void draw(Luck luck, std::vector<double>& values) const {
    const auto gamma = [&](double count, std::uint64_t hash) {
      return quantile(GammaDistribution{count, 1}, uniform_of(luck, hash));
    };
    double sum = rest > 0 ? gamma(rest, rest_hash) : 0;
    for (std::size_t i = 0; i < at.size(); ++i)
      sum += values[at[i]] = gamma(counts[i], hashes[i]);
    for (const std::size_t i : at) values[i] *= total / sum;
  }
};

/// Numbers whose normal scores are correlated.
struct CorrelatedGroup {
  std::vector<std::size_t> at;
  std::vector<std::uint64_t> hashes;
  std::vector<Distribution> margins;
  Eigen::MatrixXd factor;  ///< Cholesky's, of the correlations of the scores

  void draw(Luck luck, std::vector<double>& values) const {
    Eigen::VectorXd scores(static_cast<Index>(at.size()));
    for (std::size_t i = 0; i < at.size(); ++i)
      scores(static_cast<Index>(i)) =
          quantile(NormalDistribution{0, 1}, uniform_of(luck, hashes[i]));
    scores = factor * scores;
    for (std::size_t i = 0; i < at.size(); ++i)
      values[at[i]] = at_score(margins[i], scores(static_cast<Index>(i)));
  }
};

struct ExternalGroup {
  std::string place;
  std::vector<std::size_t> at;
  std::vector<std::vector<double>> columns;

  void draw(Luck luck, std::vector<double>& values) const {
    for (std::size_t i = 0; i < at.size(); ++i) {
      if (luck.draw > columns[i].size())
        throw std::invalid_argument(
            place + ": " + std::to_string(columns[i].size()) + " rows; draw " +
            std::to_string(luck.draw) + " has none");
      values[at[i]] = columns[i][luck.draw - 1];
    }
  }
};

// ---- what some numbers leave to others ----

/// A number in a sum or an order; a held one has its value alone.
struct Term {
  std::optional<std::size_t> at;
  double value;
  double of(const std::vector<double>& values) const {
    return at ? values[*at] : value;
  }
};

/// Probabilities that sum to at most 1, those first that are cut last.
struct SumRule {
  std::vector<Term> terms;

  void cut(std::vector<double>& values) const {
    double left = 1;
    for (const Term& term : terms)
      if (!term.at) left -= term.value;
    for (const Term& term : terms)
      if (term.at) {
        double& value = values[*term.at];
        value = std::min(value, std::max(left, 0.0));
        left -= value;
      }
  }
};

/// Probabilities by ascending weeks, which must not fall.
struct OrderRule {
  std::vector<Term> terms;

  void cut(std::vector<double>& values) const {
    // None above what is held at a later week, none below an earlier one.
    double lowest = 1;
    for (std::size_t i = terms.size(); i-- > 0;)
      if (!terms[i].at)
        lowest = std::min(lowest, terms[i].value);
      else
        values[*terms[i].at] = std::min(values[*terms[i].at], lowest);
    double highest = 0;
    for (const Term& term : terms) {
      highest = std::max(highest, term.of(values));
      if (term.at) values[*term.at] = highest;
    }
  }
};

/// Correlations of covariates, which may not contradict one another.
struct CorrelationRule {
  struct Entry {
    Index first, second;
    Term term;
  };
  std::vector<Entry> entries;
  Index size = 0;
  bool any_drawn = false;

  bool holds(const std::vector<double>& values) const {
    Eigen::MatrixXd matrix = Eigen::MatrixXd::Identity(size, size);
    for (const Entry& entry : entries)
      matrix(entry.first, entry.second) = matrix(entry.second, entry.first) =
          entry.term.of(values);
    return matrix.llt().info() == Eigen::Success;
  }
  /// Half way back to those stated, which are possible, until they are.
  void cut(std::vector<double>& values) const {
    if (!any_drawn) return;
    constexpr int most_halvings = 100;
    for (int i = 0; i < most_halvings && !holds(values); ++i)
      for (const Entry& entry : entries)
        if (entry.term.at) {
          double& value = values[*entry.term.at];
          value = (value + entry.term.value) / 2;
        }
  }
};

}  // namespace

struct ParameterDraws::Plan {
  Scenario scenario;
  std::vector<DrawnParameter> drawn;
  std::vector<FixedParameter> fixed;
  std::vector<std::uint64_t> hashes;  ///< of the keys of the drawn
  std::vector<bool> alone;            ///< in no group
  std::vector<Range> ranges;
  std::vector<DirichletGroup> dirichlet;
  std::vector<CorrelatedGroup> correlated;
  std::vector<ExternalGroup> external;
  std::vector<SumRule> sums;
  std::vector<OrderRule> orders;
  CorrelationRule correlations;
  std::vector<double> cut(std::vector<double> values) const {
    for (const SumRule& rule : sums) rule.cut(values);
    for (const OrderRule& rule : orders) rule.cut(values);
    correlations.cut(values);
    return values;
  }
};

namespace {

/// What a scenario with Uncertainty says of one number.
struct Say {
  const CorrelatedParameters* correlated = nullptr;
  const ExternalDraws* external = nullptr;
  std::size_t position = 0;  ///< in that group
};

}  // namespace

// Decides how each number is drawn.
class ParameterDraws::Planner {
 public:
  explicit Planner(const Scenario& scenario) : scenario_(scenario) {
    plan_.scenario = scenario;
  }

  /// Half made if there are problems.
  Plan plan() {
    attempt([&] { gather_what_is_said(); });
    for (Parameter& parameter : parameters_of(scenario_))
      attempt([&] { take(parameter); });
    if (problems_.empty()) attempt([&] { refuse_unknown(); });
    if (!problems_.empty()) return std::move(plan_);
    plan_.alone.assign(plan_.drawn.size(), true);
    plan_external();
    plan_correlated();
    plan_dirichlet();
    plan_cuts();
    return std::move(plan_);
  }
  const std::vector<DrawProblem>& problems() const { return problems_; }

 private:
  template <class Work>
  void attempt(const Work& work) {
    try {
      work();
    } catch (const Refusal& refusal) {
      problems_.push_back(refusal.problem);
    }
  }

  // ---- which are drawn ----

  void gather_what_is_said() {
    if (!scenario_.uncertainty) return;
    const auto say = [&](const std::string& key, const Say& what) {
      const auto [known, is_new] = said_.emplace(key, what);
      if (!is_new)
        refuse(place_of(what), in_quotes(key) + " stands in " +
                                   place_of(known->second) + " already");
    };
    for (const auto& group : scenario_.uncertainty->correlated)
      for (std::size_t i = 0; i < group.keys.size(); ++i)
        say(group.keys[i], {&group, nullptr, i});
    for (const auto& group : scenario_.uncertainty->external)
      for (std::size_t i = 0; i < group.keys.size(); ++i)
        say(group.keys[i], {nullptr, &group, i});
  }

  void refuse_unknown() const {
    std::vector<std::string> keys;
    for (const auto& [key, place] : places_) keys.push_back(key);
    for (const auto& [key, say] : said_)
      if (!places_.count(key))
        refuse(place_of(say), in_quotes(key) + " is no number of the scenario" +
                                  suggestion(key, keys));
  }
  static std::string place_of(const Say& say) {
    return say.correlated ? "uncertainty.correlated." + say.correlated->name
                          : "uncertainty.external." + say.external->name;
  }

  static std::size_t said_by(const std::string& pattern) {
    return pattern.size() - static_cast<std::size_t>(std::count(
                                pattern.begin(), pattern.end(), '*'));
  }

  // Why the number is held; "": it is drawn. A pattern with a star holds only
  // what has no distribution; of several the one that says most of the key.
  std::string why_held(const Evidence& evidence, bool has_distribution) const {
    if (!evidence.fixed.empty()) return evidence.fixed;
    const HeldParameters* best = nullptr;
    if (scenario_.uncertainty)
      for (const HeldParameters& held : scenario_.uncertainty->held) {
        const bool is_key = held.pattern.find('*') == std::string::npos;
        if ((is_key || !has_distribution) &&
            matches(held.pattern, evidence.key) &&
            (!best || said_by(held.pattern) > said_by(best->pattern)))
          best = &held;
      }
    if (best) return best->reason;
    if (has_distribution) return "";
    if (const auto* count = std::get_if<Count>(&evidence.certainty))
      return count->events > 0 ? "all had it: no spread of their beta"
                               : "none had it: no spread of their beta";
    if (!std::holds_alternative<Exact>(evidence.certainty))
      return "none or all had it: no spread of their beta";
    if (!scenario_.uncertainty) return "no distribution is stated";
    refuse(evidence.key, neither_drawn_nor_held);
  }

  void take(Parameter& parameter) {
    const Evidence& evidence = parameter.evidence;
    places_[evidence.key] = std::nullopt;
    const auto said = said_.find(evidence.key);
    const bool is_said = said != said_.end();
    Distribution own = PointDistribution{evidence.value};
    std::string why;
    if (is_said && said->second.external) {
      // Whatever is known of it otherwise does not matter.
    } else if (is_said && said->second.correlated->is_covariance) {
      own = margin(*said->second.correlated, said->second.position, evidence);
    } else {
      own = checked_distribution(evidence);
      why = why_held(evidence, !std::holds_alternative<PointDistribution>(own));
      if (is_said && !why.empty())
        refuse(evidence.key, "has no distribution (" + why +
                                 "), and stands in the group " +
                                 in_quotes(said->second.correlated->name) +
                                 ", where each needs its own");
    }
    if (!why.empty()) {
      plan_.fixed.push_back({std::move(parameter), std::move(why)});
      return;
    }
    check_range(evidence, own);
    places_[evidence.key] = plan_.drawn.size();
    plan_.hashes.push_back(hash_of(evidence.key));
    plan_.ranges.push_back(range_of(evidence));
    std::string words = in_words(own);
    plan_.drawn.push_back({std::move(parameter), own, std::move(words)});
  }

  static Distribution checked_distribution(const Evidence& evidence) {
    if (!evidence.fixed.empty()) return PointDistribution{evidence.value};
    try {
      return distribution_of(evidence);
    } catch (const std::invalid_argument& error) {
      refuse(evidence.key, error.what());
    }
  }

  static void check_range(const Evidence& evidence, const Distribution& own) {
    constexpr double rare = 5e-4;
    const Range range = range_of(evidence);
    if (quantile(own, rare) < range.lowest ||
        quantile(own, 1 - rare) > range.highest)
      refuse(evidence.key,
             in_words(own) +
                 " leaves what is possible there more than once in 2,000 "
                 "draws: it must be " +
                 range.allowed + "; name another distribution");
  }

  // ---- groups ----

  std::size_t at(const std::string& key) const { return *places_.at(key); }

  void plan_external() {
    if (!scenario_.uncertainty) return;
    for (const ExternalDraws& external : scenario_.uncertainty->external) {
      ExternalGroup group;
      group.place = "uncertainty.external." + external.name;
      for (std::size_t i = 0; i < external.keys.size(); ++i) {
        const std::size_t place = at(external.keys[i]);
        group.at.push_back(place);
        plan_.alone[place] = false;
        plan_.drawn[place].in_words =
            "column " + external.column_names.at(i) + " of " + external.file;
      }
      group.columns = external.columns;
      plan_.external.push_back(std::move(group));
    }
  }

  static Distribution margin(const CorrelatedParameters& group, std::size_t i,
                             const Evidence& evidence) {
    const double sd = std::sqrt(group.matrix[i * group.keys.size() + i]);
    const double value = evidence.value;
    switch (group.scale) {
      case CorrelatedParameters::Scale::itself:
        return NormalDistribution{value, sd};
      case CorrelatedParameters::Scale::log:
        if (!(value > 0))
          refuse(evidence.key, "has no logarithm, and stands in the group " +
                                   in_quotes(group.name) +
                                   " with scale = \"log\"");
        return LogNormalDistribution{value, sd};
      case CorrelatedParameters::Scale::logit:
        if (!(value > 0 && value < 1))
          refuse(evidence.key, "has no logit, and stands in the group " +
                                   in_quotes(group.name) +
                                   " with scale = \"logit\"");
        return LogitNormalDistribution{value, sd};
    }
    throw std::logic_error("no such scale");
  }

  void plan_correlated() {
    if (!scenario_.uncertainty) return;
    for (const CorrelatedParameters& stated :
         scenario_.uncertainty->correlated) {
      CorrelatedGroup group;
      for (const std::string& key : stated.keys) {
        group.at.push_back(at(key));
        group.hashes.push_back(plan_.hashes[at(key)]);
        group.margins.push_back(plan_.drawn[at(key)].distribution);
        plan_.alone[at(key)] = false;
        plan_.drawn[at(key)].in_words += ", correlated in " + stated.name;
      }
      attempt([&] {
        group.factor = factor(stated, group.margins);
        plan_.correlated.push_back(std::move(group));
      });
    }
  }

  static Eigen::MatrixXd factor(const CorrelatedParameters& stated,
                                const std::vector<Distribution>& margins) {
    const std::string place = "uncertainty.correlated." + stated.name;
    const std::size_t size = stated.keys.size();
    std::vector<HermiteSeries> series;
    if (!stated.is_covariance)
      for (const Distribution& margin : margins) series.emplace_back(margin);
    Eigen::MatrixXd scores = Eigen::MatrixXd::Identity(
        static_cast<Index>(size), static_cast<Index>(size));
    const auto entry = [&](std::size_t i, std::size_t j) {
      return stated.matrix[i * size + j];
    };
    for (std::size_t i = 0; i < size; ++i)
      for (std::size_t j = 0; j < i; ++j) {
        const double correlation =
            entry(i, j) / std::sqrt(entry(i, i) * entry(j, j));
        double of_scores = correlation;
        if (!stated.is_covariance) try {
            of_scores = normal_correlation(series[i], series[j], correlation);
          } catch (const std::invalid_argument& error) {
            refuse(place, "the correlation of " + stated.keys[j] + " and " +
                              stated.keys[i] + ": " + error.what());
          }
        scores(static_cast<Index>(i), static_cast<Index>(j)) =
            scores(static_cast<Index>(j), static_cast<Index>(i)) = of_scores;
      }
    const Eigen::LLT<Eigen::MatrixXd> cholesky(scores);
    if (cholesky.info() != Eigen::Success)
      refuse(place,
             "these correlations cannot be had together with these "
             "distributions: those of the normal scores are not positive "
             "definite");
    return cholesky.matrixL();
  }

  // ---- shares of one whole ----

  // How many of the sample had it, and its size; nothing for any other form,
  // for a number that is held, and for one that is in a group.
  struct OfSample {
    double events, of;
  };
  std::optional<OfSample> of_sample(const Evidence& evidence) const {
    const auto place = places_.find(evidence.key);
    if (place == places_.end() || !place->second ||
        !plan_.alone[*place->second])
      return std::nullopt;
    if (const auto* count = std::get_if<Count>(&evidence.certainty))
      return OfSample{count->events, count->of};
    if (const auto* sample = std::get_if<Sample>(&evidence.certainty))
      return OfSample{evidence.value * sample->of, sample->of};
    return std::nullopt;
  }

  // Those that are of one and the same sample as the first that is of any.
  struct Shares {
    std::vector<const Evidence*> of_one;
    double of = 0, events = 0;
  };
  Shares of_one_sample(const std::vector<const Evidence*>& all) const {
    Shares shares;
    for (const Evidence* one : all) {
      const auto sample = one ? of_sample(*one) : std::nullopt;
      if (!sample) continue;
      if (shares.of_one.empty()) shares.of = sample->of;
      if (sample->of != shares.of) continue;
      shares.of_one.push_back(one);
      shares.events += sample->events;
    }
    return shares;
  }

  void add_dirichlet(const Shares& shares, double rest, double total) {
    if (shares.of_one.size() < 2) return;
    DirichletGroup group;
    for (const Evidence* one : shares.of_one) {
      const std::size_t place = at(one->key);
      group.at.push_back(place);
      group.hashes.push_back(plan_.hashes[place]);
      group.counts.push_back(of_sample(*one)->events);
    }
    group.rest = rest;
    group.rest_hash = hash_of(shares.of_one.front()->key + " and its rest");
    group.total = total;
    for (const Evidence* one : shares.of_one) {
      std::string others;
      constexpr std::size_t most_named = 3;
      for (const Evidence* other : shares.of_one)
        if (other != one && shares.of_one.size() <= most_named + 1)
          others += (others.empty() ? "" : ", ") + other->key;
      if (others.empty())
        others = std::to_string(shares.of_one.size() - 1) + " others of " +
                 shares.of_one.front()->key;
      plan_.alone[at(one->key)] = false;
      plan_.drawn[at(one->key)].in_words += ", Dirichlet with " + others;
    }
    plan_.dirichlet.push_back(std::move(group));
  }

  // Weights of a choice: all that are not held are of one sample.
  void plan_shares(const std::vector<const Evidence*>& all) {
    const Shares shares = of_one_sample(all);
    double total = 0;
    for (const Evidence* one : shares.of_one) total += one->value;
    std::size_t drawn = 0;
    for (const Evidence* one : all) {
      const auto place = places_.find(one->key);
      drawn += place != places_.end() && place->second ? 1 : 0;
    }
    if (shares.of_one.size() == drawn) add_dirichlet(shares, 0, total);
  }

  void plan_outcomes(const Arm& arm) {
    if (arm.competing) return;
    const Shares shares = of_one_sample(outcomes_of(arm));
    // A sample's events are a product, and may be rounded.
    const double rest = shares.of - shares.events;
    constexpr double rounding = 1e-9;
    if (rest < -rounding * shares.of) return;
    add_dirichlet(shares, rest > rounding * shares.of ? rest : 0, 1);
  }

  static const Evidence* pointer(const std::optional<Evidence>& evidence) {
    return evidence ? &*evidence : nullptr;
  }
  std::vector<const Evidence*> outcomes_of(const Arm& arm) const {
    const bool by_first_line =
        scenario_.line_dependence == LineDependence::same ||
        scenario_.line_dependence == LineDependence::ratios;
    return {by_first_line ? pointer(arm.first_line_remission) : &arm.remission,
            pointer(arm.partial_response), pointer(arm.intolerance)};
  }

  void plan_dirichlet() {
    const auto all = [](const std::vector<Evidence>& shares) {
      std::vector<const Evidence*> pointers;
      pointers.reserve(shares.size());
      for (const Evidence& share : shares) pointers.push_back(&share);
      return pointers;
    };
    for (const Covariate& covariate : scenario_.cohort.covariates) {
      if (const auto* levels =
              std::get_if<CategoricalCovariate>(&covariate.form))
        plan_shares(all(levels->shares));
      if (const auto* bands = std::get_if<BandsCovariate>(&covariate.form))
        plan_shares(all(bands->shares));
    }
    for (const Step& step : scenario_.steps) {
      std::vector<const Evidence*> shares;
      for (const Arm& arm : step.arms) shares.push_back(&arm.share);
      plan_shares(shares);
      for (const Arm& arm : step.arms) plan_outcomes(arm);
    }
  }

  // ---- sums and orders ----

  Term term(const Evidence& evidence) const {
    const auto place = places_.find(evidence.key);
    if (place == places_.end()) return {std::nullopt, evidence.value};
    return {place->second, evidence.value};
  }
  template <class Rule>
  void add_rule(const std::vector<const Evidence*>& all,
                std::vector<Rule>& rules) const {
    Rule rule;
    bool any = false;
    for (const Evidence* one : all)
      if (one) {
        rule.terms.push_back(term(*one));
        any = any || rule.terms.back().at;
      }
    if (any && rule.terms.size() > 1) rules.push_back(std::move(rule));
  }
  void add_order(const std::optional<Survival>& survival) {
    const auto* form =
        survival ? std::get_if<Piecewise>(&survival->form) : nullptr;
    if (!form) return;
    std::vector<const Evidence*> all;
    for (const Evidence& one : form->probabilities) all.push_back(&one);
    add_rule(all, plan_.orders);
  }
  void add_rules(const FollowUp& follow_up) {
    add_rule({&follow_up.next_step, &follow_up.same_step, &follow_up.gap},
             plan_.sums);
    add_order(follow_up.relapse);
    add_order(follow_up.drop_out);
    add_order(follow_up.stop);
  }
  void add_rules(const Arm& arm) {
    if (!arm.competing) add_rule(outcomes_of(arm), plan_.sums);
    for (const auto* goes_on :
         {&arm.continue_if_not_remitted, &arm.continue_if_partial_response,
          &arm.continue_if_intolerant})
      add_rule({pointer(*goes_on), pointer(arm.follow_up_if_not_remitted),
                pointer(arm.gap_if_not_remitted)},
               plan_.sums);
    add_rules(arm.follow_up_remitted);
    add_rules(arm.follow_up_not_remitted);
    add_order(arm.gap_return_after_failure);
    add_order(arm.gap_return_after_relapse);
    if (arm.extension) add_order(arm.extension->relapse);
  }
  void plan_cuts() {
    CorrelationRule& rule = plan_.correlations;
    rule.size = static_cast<Index>(scenario_.cohort.covariates.size());
    for (const Correlation& each : scenario_.cohort.correlations) {
      rule.entries.push_back({static_cast<Index>(each.first),
                              static_cast<Index>(each.second),
                              term(each.value)});
      rule.any_drawn = rule.any_drawn || rule.entries.back().term.at;
    }
    for (const Step& step : scenario_.steps) {
      add_order(step.wait);
      for (const Arm& arm : step.arms) add_rules(arm);
    }
    for (const auto* survival :
         {&scenario_.untreated.remission, &scenario_.untreated.relapse,
          &scenario_.untreated.gap_return})
      add_order(*survival);
  }

  const Scenario& scenario_;
  Plan plan_;
  std::vector<DrawProblem> problems_;
  std::unordered_map<std::string, Say> said_;
  /// Of every number: its place among the drawn; nothing: it is held.
  std::unordered_map<std::string, std::optional<std::size_t>> places_;
};

std::vector<DrawProblem> draw_problems(const Scenario& scenario) {
  ParameterDraws::Planner planner(scenario);
  planner.plan();
  return planner.problems();
}

ParameterDraws::ParameterDraws(const Scenario& scenario) {
  Planner planner(scenario);
  plan_ = std::make_unique<Plan>(planner.plan());
  if (planner.problems().empty()) return;
  const auto& [key, what] = planner.problems().front();
  throw std::invalid_argument(key + ": " + what);
}
ParameterDraws::~ParameterDraws() = default;
ParameterDraws::ParameterDraws(ParameterDraws&&) noexcept = default;
ParameterDraws& ParameterDraws::operator=(ParameterDraws&&) noexcept = default;

const std::vector<DrawnParameter>& ParameterDraws::drawn() const {
  return plan_->drawn;
}

const std::vector<FixedParameter>& ParameterDraws::fixed() const {
  return plan_->fixed;
}

std::vector<double> ParameterDraws::values(std::uint64_t seed,
                                           std::uint32_t draw) const {
  std::vector<double> values;
  values.reserve(plan_->drawn.size());
  for (const DrawnParameter& each : plan_->drawn)
    values.push_back(each.parameter.evidence.value);
  if (draw == 0) return values;
  const Luck luck{seed, draw};
  for (std::size_t i = 0; i < values.size(); ++i)
    if (plan_->alone[i])
      values[i] = quantile(plan_->drawn[i].distribution,
                           uniform_of(luck, plan_->hashes[i]));
  for (const auto& group : plan_->dirichlet) group.draw(luck, values);
  for (const auto& group : plan_->correlated) group.draw(luck, values);
  for (const auto& group : plan_->external) group.draw(luck, values);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = std::clamp(values[i], plan_->ranges[i].lowest,
                           plan_->ranges[i].highest);
  return values;
}

Scenario ParameterDraws::scenario(const std::vector<double>& values) const {
  const std::vector<double> possible = plan_->cut(values);
  std::vector<Setting> settings;
  settings.reserve(possible.size());
  for (std::size_t i = 0; i < possible.size(); ++i)
    settings.push_back(
        {plan_->drawn.at(i).parameter.evidence.key, possible[i]});
  return with(plan_->scenario, settings);
}

bool ParameterDraws::had_to_be_cut(const std::vector<double>& values) const {
  // A Dirichlet without a rest sums to 1 but for rounding.
  constexpr double rounding = 1e-9;
  const std::vector<double> cut = plan_->cut(values);
  for (std::size_t i = 0; i < values.size(); ++i)
    if (std::fabs(cut[i] - values[i]) > rounding) return true;
  return false;
}

}  // namespace stardsim
