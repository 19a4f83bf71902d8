#include "models/intercepts.hpp"

#include "models/smooth_tables.hpp"

#include <boost/math/tools/roots.hpp>
#include <boost/random/sobol.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace stardsim {
namespace {

// The population is two scrambled Sobol nets, one after the other, of so many
// points each; a small one is the beginnings of the same nets.
constexpr std::size_t points_of_whole = 1 << 16, points_of_small = 1 << 12;

using Numbers = std::vector<float>;   // one for each member
using Weights = std::vector<double>;  // likewise
using Words = std::vector<std::uint32_t>;

template <class Function>
void for_each_arm(Law& law, const Function& function) {
  for (PathwayLaw& pathway : law.pathways)
    for (StepLaw& step : pathway)
      for (ArmLaw& arm : step.arms) function(arm);
}

std::array<AfterLaw*, 3> after_laws(ArmLaw& arm) {
  return {&arm.after_no_response, &arm.after_partial_response,
          &arm.after_intolerance};
}

// Calls function(chance, whether its log odds are those of the opposite).
template <class Function>
void for_each_differing(Law& law, const Function& function) {
  const auto visit = [&](Chance& chance, bool opposite) {
    if (chance.differs()) function(chance, opposite);
  };
  for_each_arm(law, [&](ArmLaw& arm) {
    visit(arm.adherence, false);
    for (Chance& remission : arm.remission) visit(remission, false);
    visit(arm.partial_response, false);
    visit(arm.intolerance, false);
    for (AfterLaw* after : after_laws(arm)) visit(after->stay, true);
  });
}

void settle(Chance& chance, Cut cut) {
  chance.cut = cut;
  chance.score = nothing;
  chance.intercept = 0;
}

void give(Chance& chance, bool opposite) {
  const long double p = chance.probability;
  if (p <= 0) return settle(chance, impossible);
  if (p >= 1) return settle(chance, certain);
  const long double log_odds = std::log(p / (1 - p));
  chance.intercept = static_cast<float>(opposite ? -log_odds : log_odds);
}

std::uint32_t reversed(std::uint32_t bits) {
  bits = (bits >> 16) | (bits << 16);
  bits = ((bits & 0xFF00FF00) >> 8) | ((bits & 0x00FF00FF) << 8);
  bits = ((bits & 0xF0F0F0F0) >> 4) | ((bits & 0x0F0F0F0F) << 4);
  bits = ((bits & 0xCCCCCCCC) >> 2) | ((bits & 0x33333333) << 2);
  return ((bits & 0xAAAAAAAA) >> 1) | ((bits & 0x55555555) << 1);
}

// Owen's nested scrambling by a hash (Burley 2020, "Practical hash-based Owen
// scrambling"): a net stays a net, its points fall at random in their strata.
std::uint32_t scrambled(std::uint32_t word, std::uint32_t key) {
  std::uint32_t x = reversed(word) + key;
  x ^= x * 0x6C50B47C;
  x ^= x * 0xB82F1E52;
  x ^= x * 0xC7AFE638;
  x ^= x * 0x8D22F6E6;
  return reversed(x);
}

std::uint32_t key_of(std::size_t net, std::size_t dimension) {
  // The finaliser of MurmurHash3.
  auto x = static_cast<std::uint32_t>(2 * dimension + net + 1) * 0x9E3779B9u;
  x = (x ^ (x >> 16)) * 0x85EBCA6B;
  x = (x ^ (x >> 13)) * 0xC2B2AE35;
  return x ^ (x >> 16);
}

// [dimension][member]. The first dimensions are spread best.
std::vector<Words> quasi_random(std::size_t dimensions, std::size_t half) {
  using Sobol = boost::random::sobol_engine<std::uint32_t, 32>;
  std::vector<Words> words(dimensions, Words(2 * half));
  if (dimensions == 0) return words;
  for (std::size_t net = 0; net < 2; ++net) {
    Sobol sobol(dimensions);
    for (std::size_t i = 0; i < half; ++i)
      for (std::size_t d = 0; d < dimensions; ++d) {
        // The engine leaves out the first point, which is 0.
        const std::uint32_t word = i == 0 ? 0 : sobol();
        words[d][net * half + i] = scrambled(word, key_of(net, d));
      }
  }
  return words;
}

// Who the members are.
struct Population {
  std::size_t members;
  std::vector<Numbers> covariates;
  std::vector<Words> luck;  ///< [place of a pathway]; for histories
};

bool is_selective(const Law& law) {
  for (const PathwayLaw& pathway : law.pathways)
    for (const StepLaw& step : pathway)
      if (step.selective) return true;
  return false;
}

std::size_t longest_pathway(const Law& law) {
  std::size_t longest = 0;
  for (const PathwayLaw& pathway : law.pathways)
    longest = std::max(longest, pathway.size());
  return longest;
}

bool is_smooth(const CovariateLaw& covariate) {
  return covariate.kind == CovariateLaw::Kind::propensity ||
         covariate.kind == CovariateLaw::Kind::continuous;
}

// The covariates, those first whose points must be spread best: the propensity,
// then what scores depend on, without steps before with steps, then what
// eligibility asks for. The last ones are read by nobody.
struct Importance {
  std::vector<std::size_t> order;
  std::size_t read = 0;
};

Importance by_importance(const Law& law) {
  enum Rank { latent, smooth, stepped, asked, unread };
  const auto& covariates = law.cohort.covariates;
  std::vector<Rank> rank(covariates.size(), unread);
  for (const Score& score : law.scores)
    for (const Score::Term& term : score.terms)
      rank[term.covariate] =
          is_smooth(covariates[term.covariate]) ? smooth : stepped;
  for (const PathwayLaw& pathway : law.pathways)
    for (const StepLaw& step : pathway)
      for (const ArmLaw& arm : step.arms)
        for (const auto& tests : arm.eligible)
          for (const Test& test : tests)
            if (test.fact == Condition::Fact::covariate &&
                rank[test.covariate] == unread)
              rank[test.covariate] = asked;
  if (law.prior_failed_trials != nothing &&
      rank[law.prior_failed_trials] == unread)
    rank[law.prior_failed_trials] = asked;
  for (std::size_t c = 0; c < rank.size(); ++c)
    if (covariates[c].kind == CovariateLaw::Kind::propensity) rank[c] = latent;
  std::vector<std::size_t> order(rank.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(
      order.begin(), order.end(),
      [&](std::size_t a, std::size_t b) { return rank[a] < rank[b]; });
  const auto read = std::count_if(rank.begin(), rank.end(),
                                  [](Rank r) { return r != unread; });
  return {order, static_cast<std::size_t>(read)};
}

// How a score changes with the independent normal score of each covariate, as
// far as it does so smoothly.
std::vector<double> slopes_of(const Score& score, const CohortLaw& cohort) {
  std::vector<double> slopes(cohort.covariates.size(), 0.0);
  const auto add = [&](std::size_t c, double slope) {
    if (is_smooth(cohort.covariates[c])) slopes[c] += slope;
  };
  for (const Score::Term& term : score.terms) {
    const CovariateLaw& covariate = cohort.covariates[term.covariate];
    if (!is_smooth(covariate)) continue;
    const double rise = covariate.value(0.5F) - covariate.value(-0.5F);
    const double slope = term.coefficient * rise;
    if (cohort.factor.empty()) {
      add(term.covariate, slope);
    } else {
      const std::vector<float>& row = cohort.factor[term.covariate];
      for (std::size_t j = 0; j < row.size(); ++j) add(j, row[j] * slope);
    }
  }
  return slopes;
}

// Turns independent normal scores, which so remain, so that the first in order
// runs along the steepest of the scores: there the members are spread best.
class Rotation {
 public:
  Rotation(const Law& law, const std::vector<std::size_t>& order) {
    double steepest = 0;
    std::vector<double> direction(order.size(), 0.0);
    for (const Score& score : law.scores) {
      const auto slopes = slopes_of(score, law.cohort);
      const double squared =
          std::inner_product(slopes.begin(), slopes.end(), slopes.begin(), 0.0);
      if (squared > steepest) {
        steepest = squared;
        direction = slopes;
      }
    }
    if (steepest == 0) return;
    mirror_ = std::move(direction);
    for (double& component : mirror_) component /= std::sqrt(steepest);
    mirror_[order[0]] -= 1;
    squared_ = std::inner_product(mirror_.begin(), mirror_.end(),
                                  mirror_.begin(), 0.0);
  }

  // The reflection (Householder's) that swaps the two directions.
  void turn(std::vector<float>& scores) const {
    if (squared_ == 0) return;
    double along = 0;
    for (std::size_t c = 0; c < scores.size(); ++c)
      along += mirror_[c] * scores[c];
    for (std::size_t c = 0; c < scores.size(); ++c)
      scores[c] =
          static_cast<float>(scores[c] - mirror_[c] * (2 * along / squared_));
  }

 private:
  std::vector<double> mirror_;
  double squared_ = 0;
};

std::size_t row_at(const CohortLaw& cohort, std::uint32_t word) {
  if (cohort.rows == 0) return 0;
  if (cohort.row_cuts.empty())
    return static_cast<std::size_t>((std::uint64_t{word} * cohort.rows) >> 32);
  const auto found =
      std::upper_bound(cohort.row_cuts.begin(), cohort.row_cuts.end(),
                       std::min(word, highest_word));
  return static_cast<std::size_t>(found - cohort.row_cuts.begin());
}

Population make_population(const Law& law, std::size_t half) {
  const CohortLaw& cohort = law.cohort;
  const std::size_t members = 2 * half;
  const auto [order, read] = by_importance(law);
  const std::size_t places = is_selective(law) ? longest_pathway(law) : 0;
  // One dimension for each covariate that is read, one for the row, one for
  // each place; those that are not read come last, so that they change nothing.
  std::vector<Words> words = quasi_random(order.size() + 1 + places, half);
  const Words& row_words = words[read];
  Population population{members, {order.size(), Numbers(members)}, {}};
  const Rotation rotation(law, order);
  std::vector<float> scores(order.size());
  for (std::size_t i = 0; i < members; ++i) {
    for (std::size_t d = 0; d < order.size(); ++d)
      scores[order[d]] = normal_score(words[d < read ? d : d + 1 + places][i]);
    rotation.turn(scores);
    const auto values = cohort.values(scores, row_at(cohort, row_words[i]));
    for (std::size_t c = 0; c < values.size(); ++c)
      population.covariates[c][i] = values[c];
  }
  for (std::size_t s = 0; s < places; ++s)
    population.luck.push_back(std::move(words[read + 1 + s]));
  return population;
}

// Log odds of each member, as the course computes them.
Numbers scores_of(const Population& population, const Score& score) {
  const std::size_t members = population.members;
  Numbers sums(members, 0.0F);
  for (const Score::Term& term : score.terms) {
    const Numbers& values = population.covariates[term.covariate];
    for (std::size_t i = 0; i < members; ++i)
      if (!term.is_level)
        sums[i] += term.coefficient * (values[i] - term.centre_or_level);
      else if (values[i] == term.centre_or_level)
        sums[i] += term.coefficient;
  }
  return sums;
}

// The history of a member, as eligibility sees it.
struct Trials {
  std::uint32_t attempts = 0, failed = 0, adequate = 0, failed_classes = 0;
  LastOutcome last = LastOutcome::none;
};

void count(std::uint32_t& counter) {
  counter = std::min(counter + 1, history::failed_mask);
}

bool allows(const Test& test, float value) {
  if (test.mask == 0) return test.low <= value && value <= test.high;
  return value >= 0 && value < 32 &&
         ((test.mask >> static_cast<int>(value)) & 1) != 0;
}

/// The members who come to a step.
struct Group {
  Weights weight;              ///< expected part of the cohort
  std::vector<Trials> trials;  ///< empty where no step is selective
};

/// One way of taking the treatment of an arm.
struct Taking {
  bool adherent, adequate_dose;
  double dose_share;  ///< P(dose so)
  float log_odds;     ///< added to those of remission
};

enum Outcome { no_response, partial_response, intolerance, outcome_count };

/// P(each outcome) where there is no remission.
using Failures = std::array<double, outcome_count>;

/// What becomes of each member who is given the arm.
struct Prospect {
  std::vector<Taking> takings;
  Numbers adherence;
  std::vector<Numbers> remission;           ///< [taking]
  Numbers partial, intolerance;             ///< as far as there is room
  std::array<Numbers, outcome_count> next;  ///< P(next step at once | outcome)

  double share(std::size_t taking, std::size_t i) const {
    const Taking& way = takings[taking];
    const double adherent = adherence[i];
    return way.dose_share * (way.adherent ? adherent : 1 - adherent);
  }

  Failures failures(std::size_t taking, std::size_t i) const {
    const double room = 1 - static_cast<double>(remission[taking][i]);
    const double p = std::min<double>(partial[i], room);
    const double t = std::min<double>(intolerance[i], room - p);
    return {room - p - t, p, t};
  }

  /// The mean of function(taking) over the ways in which he takes it.
  template <class Function>
  double over_takings(std::size_t i, const Function& function) const {
    if (takings.size() == 1) return function(std::size_t{0});
    double sum = 0;
    for (std::size_t k = 0; k < takings.size(); ++k)
      sum += share(k, i) * function(k);
    return sum;
  }
};

/// Who failed how and goes on, collected over the arms of a step.
class Continuing {
 public:
  Continuing(std::size_t members, const Words* luck) : weight_(members, 0.0) {
    if (luck == nullptr) return;
    for (const std::uint32_t word : *luck)
      drawn_.push_back({(word + 0.5) / 4294967296.0, nothing, 0, no_response});
  }

  bool draws() const { return !drawn_.empty(); }
  void add(std::size_t i, double weight) { weight_[i] += weight; }

  /// As add; the way is drawn in proportion to its weight, with one word for
  /// all, of which what is left stays uniform.
  void add(std::size_t i, double weight, std::size_t arm, std::size_t taking,
           Outcome outcome) {
    if (!(weight > 0)) return;
    weight_[i] += weight;
    const double part = weight / weight_[i];
    Drawn& drawn = drawn_[i];
    if (drawn.left < part) {
      drawn = {drawn.left / part, arm, taking, outcome};
    } else {
      drawn.left = (drawn.left - part) / (1 - part);
    }
  }

  struct Drawn {
    double left;      ///< uniform, whatever was drawn
    std::size_t arm;  ///< `nothing`: he passed the step
    std::size_t taking;
    Outcome outcome;
  };
  const Weights& weight() const { return weight_; }
  const Drawn& drawn(std::size_t i) const { return drawn_[i]; }

 private:
  Weights weight_;
  std::vector<Drawn> drawn_;
};

// Of the two nets, and of both.
struct Mean {
  double first, second, whole;
};

template <class Probability>
Mean mean(const Weights& weights, const Probability& probability) {
  const std::size_t half = weights.size() / 2;
  std::array<double, 2> sum{}, all{};
  for (std::size_t net = 0; net < 2; ++net)
    for (std::size_t i = net * half; i < (net + 1) * half; ++i) {
      if (weights[i] == 0) continue;
      sum[net] += weights[i] * probability(i);
      all[net] += weights[i];
    }
  const auto ratio = [](double part, double of) {
    return of > 0 ? part / of : 0;
  };
  return {ratio(sum[0], all[0]), ratio(sum[1], all[1]),
          ratio(sum[0] + sum[1], all[0] + all[1])};
}

constexpr double furthest_intercept = 64;

// Where the increasing function is 0, or the nearer of the furthest intercepts.
// Looks around the guess first.
template <class Function>
double root(const Function& function, double guess, double width) {
  constexpr double limit = furthest_intercept;
  double from = guess, to = guess;
  double at_from = function(guess), at_to = at_from;
  for (; at_to < 0 && to < limit; width *= 2) {
    from = to;
    at_from = at_to;
    to = std::min(to + width, limit);
    at_to = function(to);
  }
  for (; at_from > 0 && from > -limit; width *= 2) {
    to = from;
    at_to = at_from;
    from = std::max(from - width, -limit);
    at_from = function(from);
  }
  if (at_to <= 0) return to;
  if (at_from >= 0) return from;
  const auto close = [](double a, double b) { return b - a < 1e-7; };
  boost::uintmax_t evaluations = 60;
  const auto bracket = boost::math::tools::toms748_solve(
      function, from, to, at_from, at_to, close, evaluations);
  return (bracket.first + bracket.second) / 2;
}

// Goes from a point near the root to it by secants; false if that does not
// succeed soon.
template <class Function>
bool polish(const Function& function, double& point) {
  constexpr double close = 2e-8;
  double last = point, at_last = function(last);
  double now = last - std::clamp(8 * at_last, -0.1, 0.1);
  for (int k = 0; k < 6; ++k) {
    const double at_now = function(now);
    point = now;
    if (std::abs(at_now) < close) return true;
    const double slope = (at_now - at_last) / (now - last);
    if (!(slope > 1e-4)) return false;
    last = now;
    at_last = at_now;
    now -= at_now / slope;
  }
  return false;
}

class Solver {
 public:
  Solver(Law& law, std::size_t half)
      : law_(law),
        population_(make_population(law, half)),
        members_(population_.members),
        scores_(law.scores.size()),
        everybody_(members_, 1.0 / static_cast<double>(members_)),
        entrants_(law.pathways[law.reference].size()) {}

  InterceptReport solve() {
    PathwayLaw& reference = law_.pathways[law_.reference];
    // An arm that is anchored at a later line than its own makes that line
    // depend on it: again, until nothing moves.
    const bool circular = looks_ahead(reference);
    for (int sweep = 0; sweep < most_sweeps; ++sweep) {
      report_ = {};
      moved_ = 0;
      walk(reference);
      if (!circular || moved_ < 1e-6) break;
    }
    for (PathwayLaw& pathway : law_.pathways)
      if (&pathway != &reference) walk(pathway);
    report_.population = members_;
    return report_;
  }

 private:
  static constexpr int most_sweeps = 50;

  static bool looks_ahead(const PathwayLaw& pathway) {
    for (std::size_t s = 0; s < pathway.size(); ++s)
      for (const ArmLaw& arm : pathway[s].arms)
        if (arm.anchor > s + 1) return true;
    return false;
  }

  void walk(PathwayLaw& pathway) {
    const bool is_reference = &pathway == &law_.pathways[law_.reference];
    Group group = entering();
    for (std::size_t s = 0; s < pathway.size(); ++s) {
      StepLaw& step = pathway[s];
      const std::vector<Numbers> offers = offers_of(step, group);
      Continuing continuing(
          members_, group.trials.empty() ? nullptr : &population_.luck[s]);
      pass(group, offers, continuing);
      if (is_reference) entrants_[s] = given_any(group, offers);
      std::vector<std::vector<Taking>> takings;
      for (std::size_t a = 0; a < step.arms.size(); ++a) {
        ArmLaw& arm = step.arms[a];
        Weights given = group.weight;
        for (std::size_t i = 0; i < members_; ++i) given[i] *= offers[a][i];
        const bool at_home = is_reference && arm.anchor == s + 1;
        if (!is_reference && arm.anchor > 0) take_over(arm);
        const Prospect prospect = solve_arm(
            arm, at_home ? given : anchor(arm, given), group.trials, s);
        attempt(prospect, a, given, continuing);
        takings.push_back(prospect.takings);
      }
      group = next(step, takings, std::move(group.trials), continuing);
    }
  }

  // An arm that stands at its anchor in the reference pathway was solved there,
  // in those given it; it is the same arm elsewhere.
  void take_over(ArmLaw& arm) {
    const PathwayLaw& reference = law_.pathways[law_.reference];
    if (arm.origin == nothing || arm.anchor > reference.size()) return;
    for (const ArmLaw& home : reference[arm.anchor - 1].arms) {
      if (home.origin != arm.origin) continue;
      for (std::size_t l = 0; l < arm.remission.size(); ++l)
        take_over(home.remission[l], arm.remission[l]);
      take_over(home.partial_response, arm.partial_response);
      take_over(home.intolerance, arm.intolerance);
      take_over(home.adherence, arm.adherence);
      for (const auto after :
           {&ArmLaw::after_no_response, &ArmLaw::after_partial_response,
            &ArmLaw::after_intolerance})
        if ((home.*after).stay.differs())
          take_over((home.*after).stay, (arm.*after).stay);
    }
  }

  void take_over(const Chance& home, Chance& chance) {
    if (!chance.differs()) return;
    chance = home;
    taken_over_.insert(&chance);
  }

  Group entering() const {
    Group group{everybody_, {}};
    if (population_.luck.empty()) return group;
    group.trials.resize(members_);
    if (law_.prior_failed_trials == nothing) return group;
    const Numbers& prior = population_.covariates[law_.prior_failed_trials];
    for (std::size_t i = 0; i < members_; ++i) {
      const float most = static_cast<float>(history::failed_mask);
      const auto failed =
          static_cast<std::uint32_t>(std::min(std::max(prior[i], 0.0F), most));
      group.trials[i].failed = group.trials[i].adequate = failed;
    }
    return group;
  }

  bool holds(const Test& test, const Trials& trials, std::size_t i) const {
    using Fact = Condition::Fact;
    switch (test.fact) {
      case Fact::failed_trials:
        return allows(test, static_cast<float>(trials.failed));
      case Fact::adequate_failed_trials:
        return allows(test, static_cast<float>(trials.adequate));
      case Fact::line:
        return allows(test, static_cast<float>(trials.attempts + 1));
      case Fact::last_outcome:
        return allows(test, static_cast<float>(trials.last));
      case Fact::relapsed:
        return allows(test, 0);
      case Fact::failed_class:
        return (trials.failed_classes & test.mask) != 0;
      case Fact::covariate:
        return allows(test, population_.covariates[test.covariate][i]);
    }
    return false;
  }

  bool is_eligible(const ArmLaw& arm, const Trials& trials,
                   std::size_t i) const {
    if (arm.eligible.empty()) return true;
    return std::any_of(
        arm.eligible.begin(), arm.eligible.end(), [&](const auto& tests) {
          return std::all_of(tests.begin(), tests.end(), [&](const Test& test) {
            return holds(test, trials, i);
          });
        });
  }

  // [arm]: P(given | comes to the step).
  std::vector<Numbers> offers_of(const StepLaw& step,
                                 const Group& group) const {
    std::vector<Numbers> offers(step.arms.size(), Numbers(members_, 0.0F));
    if (!step.selective) {
      for (std::size_t a = 0; a < offers.size(); ++a)
        std::fill(
            offers[a].begin(), offers[a].end(),
            static_cast<float>(probability_below(step.arms[a].chosen_below) -
                               probability_below(step.arms[a].chosen_from)));
      return offers;
    }
    for (std::size_t i = 0; i < members_; ++i)
      if (group.weight[i] > 0) offer(step, group.trials[i], i, offers);
    return offers;
  }

  void offer(const StepLaw& step, const Trials& trials, std::size_t i,
             std::vector<Numbers>& offers) const {
    double all = 0, nobody_accepts = 1;
    for (std::size_t a = 0; a < offers.size(); ++a) {
      const ArmLaw& arm = step.arms[a];
      if (!is_eligible(arm, trials, i)) continue;
      const double taken =
          probability_below(arm.access) * probability_below(arm.acceptance);
      const double part =
          step.first_eligible ? nobody_accepts * taken : arm.weight * taken;
      offers[a][i] = static_cast<float>(part);
      all += part;
      nobody_accepts *= 1 - taken;
    }
    if (step.first_eligible || all == 0) return;
    const auto scale = static_cast<float>((1 - nobody_accepts) / all);
    for (Numbers& arm : offers) arm[i] *= scale;
  }

  // Who is given no arm stands before the next step as he is.
  void pass(const Group& group, const std::vector<Numbers>& offers,
            Continuing& continuing) const {
    if (!continuing.draws()) return;
    for (std::size_t i = 0; i < members_; ++i) {
      double none = 1;
      for (const Numbers& arm : offers) none -= arm[i];
      constexpr double rounding = 1e-6;
      if (none > rounding)
        continuing.add(i, group.weight[i] * none, nothing, 0, no_response);
    }
  }

  Weights given_any(const Group& group,
                    const std::vector<Numbers>& offers) const {
    Weights given(members_, 0.0);
    for (std::size_t i = 0; i < members_; ++i)
      for (const Numbers& arm : offers) given[i] += group.weight[i] * arm[i];
    return given;
  }

  const Weights& anchor(const ArmLaw& arm, const Weights& given) const {
    if (arm.anchor == 0) return given;
    if (arm.anchor > entrants_.size())
      throw std::invalid_argument(
          "an arm is anchored at a line that the reference pathway has not");
    // Not yet known in the first sweep.
    const Weights& entrants = entrants_[arm.anchor - 1];
    return entrants.empty() ? given : entrants;
  }

  const Numbers& score(std::size_t index) {
    Numbers& scores = scores_[index];
    if (scores.empty()) scores = scores_of(population_, law_.scores[index]);
    return scores;
  }

  // P of each member; the opposite of log odds that are those of the opposite.
  Numbers probabilities(const Chance& chance, float more_log_odds = 0,
                        bool opposite = false) {
    if (!chance.differs())
      return Numbers(members_,
                     static_cast<float>(probability_below(chance.cut)));
    Numbers all(members_);
    const Numbers& scores = score(chance.score);
    for (std::size_t i = 0; i < members_; ++i) {
      const Cut cut =
          cut_of_log_odds(chance.intercept + scores[i] + more_log_odds);
      all[i] = static_cast<float>(probability_below(opposite ? 0 - cut : cut));
    }
    return all;
  }

  // Solves for the mean of effective(member, log odds) over the weights, which
  // increases with the log odds.
  template <class Effective>
  void solve_chance(Chance& chance, const Weights& weights,
                    const Effective& effective) {
    if (!chance.differs() || taken_over_.count(&chance) > 0) return;
    const double target = chance.probability;
    if (target <= 0) return settle(chance, impossible);
    if (target >= 1) return settle(chance, certain);
    const Numbers& scores = score(chance.score);
    const double whole = std::accumulate(weights.begin(), weights.end(), 0.0);
    const Weights& of = whole > 0 ? weights : everybody_;
    const auto at = [&](std::size_t i, double intercept) {
      return effective(i, static_cast<float>(intercept) + scores[i]);
    };
    const double near = beginning_root(of, target, at);
    Mean found{};
    const auto distance = [&](double intercept) {
      found = mean(of, [&](std::size_t i) { return at(i, intercept); });
      return found.whole - target;
    };
    double intercept = near;
    if (!polish(distance, intercept))
      intercept = root(distance, near, 1.0 / 64);
    intercept = static_cast<float>(intercept);
    const double residual = distance(intercept);
    moved_ = std::max(moved_, std::abs(intercept - chance.intercept));
    chance.intercept = static_cast<float>(intercept);
    note(residual, (found.first - found.second) / 2);
    // A rate that takes all the room others leave, and so would be ever nearer
    // with ever higher log odds.
    constexpr double suspect = 12, enough = 1e-6;
    if (intercept > suspect && distance(furthest_intercept) < enough)
      settle(chance, certain);
  }

  // By the beginning of a net, which tells nearly where; 0 if nobody is there.
  template <class At>
  static double beginning_root(const Weights& weights, double target,
                               const At& at) {
    const auto beginning = static_cast<std::ptrdiff_t>(weights.size() / 64);
    const double all =
        std::accumulate(weights.begin(), weights.begin() + beginning, 0.0);
    if (!(all > 0)) return 0;
    const auto distance = [&](double intercept) {
      double sum = 0;
      for (std::size_t i = 0; i < weights.size() / 64; ++i)
        sum += weights[i] * at(i, intercept);
      return sum / all - target;
    };
    // Rounded, so that no difference between libraries is left.
    const double guess = std::round(64 * std::log(target / (1 - target))) / 64;
    return root(distance, guess, 1);
  }

  void note(double residual, double sampling_error) {
    ++report_.solved;
    report_.residual = std::max(report_.residual, std::abs(residual));
    report_.sampling_error =
        std::max(report_.sampling_error, std::abs(sampling_error));
  }

  static double probability(float log_odds) {
    return probability_below(cut_of_log_odds(log_odds));
  }

  std::vector<Taking> takings_of(const ArmLaw& arm) const {
    const double adequate = probability_below(arm.dose_adequacy);
    const bool adherence_varies =
        arm.adherence.differs() || arm.adherence.cut != certain;
    const bool matters = !population_.luck.empty() ||
                         arm.non_adherence_log_odds != 0 ||
                         arm.low_dose_log_odds != 0;
    if (!matters) return {{true, true, 1, 0}};
    std::vector<Taking> takings;
    for (const bool adherent : {true, false})
      for (const bool dose : {true, false}) {
        if (!adherent && !adherence_varies) continue;
        if (!dose && adequate == 1) continue;
        takings.push_back({adherent, dose, dose ? adequate : 1 - adequate,
                           (adherent ? 0 : arm.non_adherence_log_odds) +
                               (dose ? 0 : arm.low_dose_log_odds)});
      }
    return takings;
  }

  // Solves the chances of an arm one after the other, and says what comes of
  // it for each member who has these trials behind him.
  Prospect solve_arm(ArmLaw& arm, const Weights& anchor,
                     const std::vector<Trials>& trials, std::size_t place) {
    const auto own = [](std::size_t, float x) { return probability(x); };
    Prospect prospect;
    solve_chance(arm.adherence, anchor, own);
    prospect.takings = takings_of(arm);
    prospect.adherence = prospect.takings.size() > 1
                             ? probabilities(arm.adherence)
                             : Numbers(members_, 1.0F);
    for (Chance& remission : arm.remission)
      solve_chance(remission, anchor, [&](std::size_t i, float x) {
        return prospect.over_takings(i, [&](std::size_t k) {
          return probability(x + prospect.takings[k].log_odds);
        });
      });
    for (const Taking& taking : prospect.takings)
      prospect.remission.push_back(
          remission_of(arm, taking.log_odds, trials, place));
    prospect.partial = prospect.intolerance = Numbers(members_, 0.0F);
    const auto within_room = [&](std::size_t i, float x) {
      const double wanted = probability(x);
      return prospect.over_takings(i, [&](std::size_t k) {
        return std::min(wanted, prospect.failures(k, i)[no_response]);
      });
    };
    solve_chance(arm.partial_response, anchor, within_room);
    prospect.partial = probabilities(arm.partial_response);
    solve_chance(arm.intolerance, anchor, within_room);
    prospect.intolerance = probabilities(arm.intolerance);
    const auto after = after_laws(arm);
    for (std::size_t o = 0; o < outcome_count; ++o) {
      solve_staying(after[o]->stay, anchor, prospect, static_cast<Outcome>(o));
      prospect.next[o] = probabilities(after[o]->stay, 0, true);
      const double part = probability_below(after[o]->next_of_stay);
      for (float& next : prospect.next[o])
        next = static_cast<float>(next * part);
    }
    if (arm.extension) extend(arm, place, prospect.next[partial_response]);
    return prospect;
  }

  // Partial responders go on after their extension as they would without it,
  // unless they have remitted in it, or lost the response, which leads where a
  // relapse does.
  void extend(const ArmLaw& arm, std::size_t place, Numbers& next) const {
    const ExtensionLaw& extension = *arm.extension;
    const std::size_t remission =
        at_line(extension.remission, static_cast<std::uint32_t>(place));
    const double kept = beyond(remission, extension.length) *
                        beyond(extension.relapse, extension.length);
    double lost = 0, before = 1;
    if (extension.relapse != nothing)
      for (const Ticks tick : law_.survivals[extension.relapse].tick) {
        if (tick > extension.length) break;
        const double still = beyond(extension.relapse, tick);
        lost += (before - still) * beyond(remission, tick);
        before = still;
      }
    lost *= probability_below(arm.follow_up_remitted.next_step);
    for (float& one : next) one = static_cast<float>(one * kept + lost);
  }

  // P(later than this tick).
  double beyond(std::size_t survival, Ticks tick) const {
    if (survival == nothing) return 1;
    const TimeLaw& time = law_.survivals[survival];
    const auto after =
        std::upper_bound(time.tick.begin(), time.tick.end(), tick) -
        time.tick.begin();
    if (after == 0) return 1;
    return 1 - probability_below(time.cut[static_cast<std::size_t>(after) - 1]);
  }

  void solve_staying(Chance& stay, const Weights& anchor,
                     const Prospect& prospect, Outcome outcome) {
    if (!stay.differs() || taken_over_.count(&stay) > 0) return;
    Weights ended_so(members_);
    for (std::size_t i = 0; i < members_; ++i)
      ended_so[i] = anchor[i] * prospect.over_takings(i, [&](std::size_t k) {
        return prospect.failures(k, i)[outcome];
      });
    Chance leaving = stay;
    leaving.probability = 1 - stay.probability;
    solve_chance(leaving, ended_so,
                 [](std::size_t, float x) { return probability(x); });
    stay.intercept = leaving.intercept;
    stay.score = leaving.score;
    if (!leaving.differs()) stay.cut = ~leaving.cut;
  }

  Numbers remission_of(const ArmLaw& arm, float more_log_odds,
                       const std::vector<Trials>& trials, std::size_t place) {
    if (arm.remission.size() == 1 || trials.empty())
      return probabilities(arm.remission_at(static_cast<std::uint32_t>(place)),
                           more_log_odds);
    std::vector<Numbers> by_line;
    for (const Chance& remission : arm.remission)
      by_line.push_back(probabilities(remission, more_log_odds));
    Numbers own(members_);
    for (std::size_t i = 0; i < members_; ++i)
      own[i] = by_line[std::min<std::size_t>(trials[i].attempts,
                                             by_line.size() - 1)][i];
    return own;
  }

  static void attempt(const Prospect& prospect, std::size_t arm,
                      const Weights& given, Continuing& continuing) {
    for (std::size_t i = 0; i < given.size(); ++i) {
      if (given[i] == 0) continue;
      const auto goes_on = [&](std::size_t k, std::size_t o) {
        return prospect.failures(k, i)[o] * prospect.next[o][i];
      };
      if (!continuing.draws()) {
        continuing.add(
            i, given[i] * prospect.over_takings(i, [&](std::size_t k) {
              return goes_on(k, no_response) + goes_on(k, partial_response) +
                     goes_on(k, intolerance);
            }));
        continue;
      }
      for (std::size_t k = 0; k < prospect.takings.size(); ++k)
        for (std::size_t o = 0; o < outcome_count; ++o)
          continuing.add(i, given[i] * prospect.share(k, i) * goes_on(k, o),
                         arm, k, static_cast<Outcome>(o));
    }
  }

  Group next(const StepLaw& step,
             const std::vector<std::vector<Taking>>& takings,
             std::vector<Trials> trials, const Continuing& continuing) const {
    Group group{continuing.weight(), std::move(trials)};
    for (std::size_t i = 0; i < group.trials.size(); ++i) {
      const Continuing::Drawn& drawn = continuing.drawn(i);
      if (!(group.weight[i] > 0) || drawn.arm == nothing) continue;
      record(step.arms[drawn.arm], takings[drawn.arm][drawn.taking], drawn,
             group.trials[i]);
    }
    return group;
  }

  void record(const ArmLaw& arm, const Taking& taking,
              const Continuing::Drawn& drawn, Trials& trials) const {
    ++trials.attempts;
    count(trials.failed);
    trials.last = static_cast<LastOutcome>(drawn.outcome + 1);
    if (!taking.adherent || !taking.adequate_dose) return;
    if (arm.adequate_ticks > 0) {
      const TimeLaw& time =
          law_.times[drawn.outcome == intolerance ? arm.intolerance_time
                                                  : arm.no_response_time];
      const auto word = std::min(
          static_cast<std::uint32_t>(drawn.left * 4294967295.0), highest_word);
      const auto passed =
          std::upper_bound(time.cut.begin(), time.cut.end(), word);
      if (time.tick[passed - time.cut.begin()] < arm.adequate_ticks) return;
    }
    count(trials.adequate);
    trials.failed_classes |= arm.class_bit;
  }

  Law& law_;
  Population population_;
  const std::size_t members_;
  std::vector<Numbers> scores_;  ///< by index; empty until it is asked for
  Weights everybody_;
  /// Of the lines of the reference pathway; empty until it is known.
  std::vector<Weights> entrants_;
  std::set<const Chance*> taken_over_;
  InterceptReport report_;
  double moved_ = 0;  ///< furthest that an intercept went in this sweep
};

}  // namespace

namespace {

InterceptReport solve(Law& law, std::size_t half) {
  bool any = false;
  for_each_differing(law, [&](Chance&, bool) { any = true; });
  if (!any) return {};
  if (!law.solves_intercepts) {
    for_each_differing(law, give);
    return {};
  }
  return Solver(law, half).solve();
}

}  // namespace

InterceptReport solve_intercepts(Law& law) {
  return solve(law, points_of_whole);
}

InterceptReport solve_intercepts_roughly(Law& law) {
  return solve(law, points_of_small);
}

}  // namespace stardsim
