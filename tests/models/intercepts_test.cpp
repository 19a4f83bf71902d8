// Every solved rate is held against quadrature in double precision that knows
// nothing of the population, the tables or the solver: the trapezoidal rule on
// the normal score, and sums over what has few values.
#include "models/intercepts.hpp"

#include "models/smooth_tables.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <stdexcept>
#include <utility>
#include <vector>

using namespace stardsim;

namespace {

// The bound that the design promises for the solving.
constexpr double bound = 5e-5;

// Rush 2006: remission by step, and going on after each of the first three.
const std::vector<double> stard_rates{0.368, 0.306, 0.137, 0.130};
const std::vector<double> stard_continues{0.619, 0.390, 0.365};

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

// A patient of the quadrature: his normal score, what else he is, his weight.
struct Node {
  double z;
  std::vector<double> others;
  double weight;
};

std::vector<Node> normal_nodes() {
  std::vector<Node> nodes;
  constexpr double step = 0.01;
  for (int k = -900; k <= 900; ++k)
    nodes.push_back({k * step,
                     {},
                     step * std::exp(-k * step * k * step / 2) /
                         std::sqrt(2 * std::acos(-1.0))});
  return nodes;
}

// Each node twice: without and with what has this probability.
std::vector<Node> with_bernoulli(const std::vector<Node>& nodes,
                                 double probability) {
  std::vector<Node> more;
  for (const Node& node : nodes)
    for (const double value : {0.0, 1.0}) {
      more.push_back(node);
      more.back().others.push_back(value);
      more.back().weight *= value == 1 ? probability : 1 - probability;
    }
  return more;
}

using OfNode = std::function<double(const Node&)>;

double mean(const std::vector<Node>& nodes, const OfNode& value) {
  double sum = 0, all = 0;
  for (const Node& node : nodes) {
    sum += node.weight * value(node);
    all += node.weight;
  }
  return sum / all;
}

std::vector<Node> weighted(std::vector<Node> nodes, const OfNode& weight) {
  for (Node& node : nodes) node.weight *= weight(node);
  return nodes;
}

CovariateLaw propensity() { return {CovariateLaw::Kind::propensity, {}, {}}; }

// 1 with this probability: where the score is above its cut.
CovariateLaw bernoulli(double probability) {
  const auto word =
      static_cast<std::uint32_t>((1 - probability) * 4294967296.0);
  return {CovariateLaw::Kind::discrete, {0, 1}, {normal_score(word)}};
}

Score propensity_score(double spread) {
  return {{{0, false, 0, static_cast<float>(spread)}}};
}

Chance chance(double probability, std::size_t score) {
  return {probability, to_cut(probability), score, 0};
}

AfterLaw staying(double probability) {
  AfterLaw after;
  after.stay = chance(probability, nothing);
  return after;
}

ArmLaw arm_with(double remission, std::size_t score, double stay = 1) {
  ArmLaw arm{};
  arm.chosen_from = impossible;
  arm.chosen_below = certain;
  arm.weight = 1;
  arm.remission = {chance(remission, score)};
  arm.after_no_response = arm.after_partial_response = arm.after_intolerance =
      staying(stay);
  arm.remission_time = arm.intolerance_time = arm.no_response_time = 0;
  return arm;
}

StepLaw step_of(std::vector<ArmLaw> arms) {
  StepLaw step{};
  step.length = 14 * ticks_per_week;
  step.arms = std::move(arms);
  return step;
}

// A law in which score 0 is that of the propensity, covariate 0.
Law law_with(double spread) {
  Law law;
  law.horizon = 60;
  law.cohort.covariates = {propensity()};
  law.scores = {propensity_score(spread)};
  law.times = {{{certain}, {14 * ticks_per_week}, 0}};
  return law;
}

// STAR*D's four steps; every score is score 0.
Law stard(double spread) {
  Law law = law_with(spread);
  PathwayLaw pathway;
  for (std::size_t s = 0; s < stard_rates.size(); ++s)
    pathway.push_back(step_of(
        {arm_with(stard_rates[s], 0, s < 3 ? stard_continues[s] : 1.0)}));
  law.pathways = {pathway};
  return law;
}

double intercept(const Law& law, std::size_t pathway, std::size_t step) {
  return law.pathways[pathway][step].arms[0].remission[0].intercept;
}

// Checks the rates of the steps of pathway 0 one after the other, given the log
// odds of a node beside the intercept.
void check_steps(const Law& law, std::vector<Node> nodes,
                 const OfNode& log_odds) {
  for (std::size_t s = 0; s < law.pathways[0].size(); ++s) {
    const Chance& remission = law.pathways[0][s].arms[0].remission[0];
    const auto rate = [&](const Node& node) {
      return logistic(remission.intercept + log_odds(node));
    };
    CHECK(std::abs(mean(nodes, rate) - remission.probability) < bound);
    nodes = weighted(nodes, [&](const Node& node) { return 1 - rate(node); });
  }
}

}  // namespace

TEST_CASE("Each rate is the mean among those who come to its step",
          "[models]") {
  for (const double spread : {0.0, 0.5, 1.46, 3.0}) {
    Law law = stard(spread);
    const InterceptReport report = solve_intercepts(law);
    CHECK(report.solved == 4);
    CHECK(report.population >= 32768);
    CHECK(report.residual < 1e-6);
    CHECK(report.sampling_error < 5e-6);
    check_steps(law, normal_nodes(),
                [&](const Node& node) { return spread * node.z; });
  }
}

TEST_CASE("Without a spread the intercept is the log odds of the rate",
          "[models]") {
  Law law = stard(0);
  solve_intercepts(law);
  for (std::size_t s = 0; s < 4; ++s) {
    const double p = stard_rates[s];
    CHECK(intercept(law, 0, s) == Approx(std::log(p / (1 - p))).margin(1e-5));
  }
}

TEST_CASE("A covariate with an odds ratio counts beside the propensity",
          "[models]") {
  for (const double spread : {0.5, 1.46, 3.0}) {
    Law law = stard(spread);
    law.cohort.covariates.push_back(bernoulli(0.53));
    const double log_ratio = std::log(0.60);  // anxious features
    law.scores[0].terms.push_back({1, false, 0, static_cast<float>(log_ratio)});
    solve_intercepts(law);
    check_steps(law, with_bernoulli(normal_nodes(), 0.53),
                [&](const Node& node) {
                  return spread * node.z + log_ratio * node.others[0];
                });
  }
}

TEST_CASE("Ten covariates are solved as well as one", "[models]") {
  // The propensity, four normal covariates and five of two values. Normal
  // terms add up to a normal one.
  Law law = stard(2.4);
  const double normal_effect = 0.9;
  const std::vector<double> shares{0.5, 0.2, 0.35, 0.08, 0.63};
  const std::vector<double> effects{-0.51, 0.4, -0.3, 0.9, 0.25};
  for (std::size_t c = 0; c < 4; ++c) {
    law.cohort.covariates.push_back(propensity());  // standard normal
    law.scores[0].terms.push_back(
        {1 + c, false, 0, static_cast<float>(normal_effect)});
  }
  std::vector<Node> nodes = normal_nodes();
  for (std::size_t b = 0; b < shares.size(); ++b) {
    law.cohort.covariates.push_back(bernoulli(shares[b]));
    law.scores[0].terms.push_back(
        {5 + b, true, 1, static_cast<float>(effects[b])});
    nodes = with_bernoulli(nodes, shares[b]);
  }
  const InterceptReport report = solve_intercepts(law);
  CHECK(report.sampling_error < bound);
  const double spread =
      std::sqrt(2.4 * 2.4 + 4 * normal_effect * normal_effect);
  check_steps(law, nodes, [&](const Node& node) {
    double sum = spread * node.z;
    for (std::size_t b = 0; b < effects.size(); ++b)
      sum += effects[b] * node.others[b];
    return sum;
  });
}

TEST_CASE("Covariates from a table count by the weights of its rows",
          "[models]") {
  // Three patients, one of them given twice the weight; their log odds.
  const std::vector<double> log_odds{-2, 0.5, 1};
  Law law = stard(0.7);
  law.cohort.covariates.push_back(
      {CovariateLaw::Kind::table, {-2, 0.5F, 1}, {}});
  law.cohort.rows = 3;
  law.cohort.row_cuts = {to_cut(0.25L), to_cut(0.75L), certain};
  law.scores[0].terms.push_back({1, false, 0, 1});
  solve_intercepts(law);
  std::vector<Node> nodes;
  for (const Node& node : normal_nodes())
    for (std::size_t r = 0; r < 3; ++r)
      nodes.push_back(
          {node.z, {log_odds[r]}, node.weight * (r == 1 ? 0.5 : 0.25)});
  check_steps(law, nodes,
              [&](const Node& node) { return 0.7 * node.z + node.others[0]; });
}

TEST_CASE("Given intercepts are the log odds of the rates", "[models]") {
  Law law = stard(1.46);
  law.solves_intercepts = false;
  law.pathways[0][0].arms[0].after_no_response.stay = chance(0.619, 0);
  const InterceptReport report = solve_intercepts(law);
  CHECK(report.solved == 0);
  CHECK(report.population == 0);
  for (std::size_t s = 0; s < 4; ++s) {
    const double p = stard_rates[s];
    CHECK(intercept(law, 0, s) == Approx(std::log(p / (1 - p))).epsilon(1e-6));
  }
  // Attrition: the log odds of leaving.
  CHECK(law.pathways[0][0].arms[0].after_no_response.stay.intercept ==
        Approx(std::log(0.381 / 0.619)).epsilon(1e-6));
}

TEST_CASE("Where patients are alike nothing is solved", "[models]") {
  Law law = stard(1);
  for (StepLaw& step : law.pathways[0])
    step.arms[0].remission[0].score = nothing;
  CHECK(solve_intercepts(law).solved == 0);
  CHECK(law.pathways[0][0].arms[0].remission[0].cut == to_cut(0.368));
}

TEST_CASE("ECT measured in those with two failures does better at line 1",
          "[models]") {
  for (const double spread : {0.0, 0.5, 1.46, 3.0}) {
    Law law = stard(spread);
    for (std::size_t s = 0; s < 4; ++s)
      law.pathways[0][s].arms[0].anchor = s + 1;
    ArmLaw ect = arm_with(0.48, 0);
    ect.anchor = 3;
    law.pathways.push_back({step_of({ect})});
    solve_intercepts(law);
    // Those who failed twice, by quadrature.
    std::vector<Node> third = normal_nodes();
    for (std::size_t s = 0; s < 2; ++s) {
      const double a = intercept(law, 0, s);
      third = weighted(third, [&](const Node& node) {
        return 1 - logistic(a + spread * node.z);
      });
    }
    const auto rate = [&](double a) {
      return [a, spread](const Node& node) {
        return logistic(a + spread * node.z);
      };
    };
    CHECK(std::abs(mean(third, rate(intercept(law, 1, 0))) - 0.48) < bound);
    // Its rate at line 1, by an intercept found by bisection.
    double low = -10, high = 10;
    for (int k = 0; k < 60; ++k) {
      const double middle = (low + high) / 2;
      (mean(third, rate(middle)) < 0.48 ? low : high) = middle;
    }
    const double at_line_1 = mean(normal_nodes(), rate(intercept(law, 1, 0)));
    CHECK(std::abs(at_line_1 - mean(normal_nodes(), rate(low))) < bound);
    if (spread == 0) CHECK(at_line_1 == Approx(0.48).margin(bound));
    if (spread > 0) CHECK(at_line_1 > 0.48);
  }
}

TEST_CASE("An arm of an early line may be anchored at a later one of its own",
          "[models]") {
  // Line 2 gives half ECT, whose rate was measured in the entrants of line 3,
  // which depend on it.
  Law law = stard(1.46);
  ArmLaw drug = law.pathways[0][1].arms[0];
  ArmLaw ect = arm_with(0.48, 0, 0.39);
  ect.anchor = 3;
  drug.anchor = 2;
  drug.chosen_below = ect.chosen_from = to_cut(0.5L);
  ect.chosen_below = certain;
  law.pathways[0][1].arms = {drug, ect};
  solve_intercepts(law);
  const auto rate = [&](std::size_t s, std::size_t a) {
    const double of = law.pathways[0][s].arms[a].remission[0].intercept;
    return [of](const Node& node) { return logistic(of + 1.46 * node.z); };
  };
  std::vector<Node> nodes = normal_nodes();
  nodes =
      weighted(nodes, [&](const Node& node) { return 1 - rate(0, 0)(node); });
  CHECK(std::abs(mean(nodes, rate(1, 0)) - 0.306) < bound);
  nodes = weighted(nodes, [&](const Node& node) {
    return 1 - (rate(1, 0)(node) + rate(1, 1)(node)) / 2;
  });
  CHECK(std::abs(mean(nodes, rate(1, 1)) - 0.48) < bound);
  CHECK(std::abs(mean(nodes, rate(2, 0)) - 0.137) < bound);
}

TEST_CASE("Anchors beyond the reference pathway are refused", "[models]") {
  Law law = stard(1);
  law.pathways.push_back({step_of({arm_with(0.48, 0)})});
  law.pathways[1][0].arms[0].anchor = 5;
  CHECK_THROWS_AS(solve_intercepts(law), std::invalid_argument);
}

TEST_CASE("Rates of 0 and 1 are impossible and certain for everybody",
          "[models]") {
  Law law = stard(3);
  law.pathways[0] = {step_of({arm_with(0, 0)}), step_of({arm_with(1, 0)})};
  solve_intercepts(law);
  const auto& steps = law.pathways[0];
  CHECK_FALSE(steps[0].arms[0].remission[0].differs());
  CHECK(steps[0].arms[0].remission[0].cut == impossible);
  CHECK_FALSE(steps[1].arms[0].remission[0].differs());
  CHECK(steps[1].arms[0].remission[0].cut == certain);
}

TEST_CASE("Each line's rate is solved over those who come to the place",
          "[models]") {
  Law law = stard(1.46);
  ArmLaw& arm = law.pathways[0][1].arms[0];
  arm.remission = {chance(0.306, 0), chance(0.285, 0), chance(0.236, 0)};
  solve_intercepts(law);
  const double first = intercept(law, 0, 0);
  std::vector<Node> second = weighted(normal_nodes(), [&](const Node& node) {
    return 1 - logistic(first + 1.46 * node.z);
  });
  for (const Chance& remission : arm.remission)
    CHECK(std::abs(mean(second,
                        [&](const Node& node) {
                          return logistic(remission.intercept + 1.46 * node.z);
                        }) -
                   remission.probability) < bound);
  // The second of them counts at the second place.
  const double acting = arm.remission[1].intercept;
  const std::vector<Node> third = weighted(second, [&](const Node& node) {
    return 1 - logistic(acting + 1.46 * node.z);
  });
  const double after = intercept(law, 0, 2);
  CHECK(std::abs(mean(third,
                      [&](const Node& node) {
                        return logistic(after + 1.46 * node.z);
                      }) -
                 0.137) < bound);
}

TEST_CASE("Partial response and intolerance hold as far as there is room",
          "[models]") {
  // A spread at which remission leaves many less room than they would need.
  Law law = stard(3);
  ArmLaw& arm = law.pathways[0][0].arms[0];
  arm.partial_response = chance(0.25, 0);
  arm.intolerance = chance(0.15, 0);
  const InterceptReport report = solve_intercepts(law);
  CHECK(report.residual < 1e-6);
  const auto p = [](const Chance& of, const Node& node) {
    return logistic(of.intercept + 3 * node.z);
  };
  const auto partial = [&](const Node& node) {
    return std::min(p(arm.partial_response, node),
                    1 - p(arm.remission[0], node));
  };
  const auto nodes = normal_nodes();
  CHECK(std::abs(mean(nodes, partial) - 0.25) < bound);
  CHECK(std::abs(mean(nodes,
                      [&](const Node& node) {
                        return std::min(
                            p(arm.intolerance, node),
                            1 - p(arm.remission[0], node) - partial(node));
                      }) -
                 0.15) < bound);
}

TEST_CASE("Who remits in an extension does not come to the next step",
          "[models]") {
  // A quarter responds in part. Half of them lose it after 2 weeks, of whom
  // half go on; of the others 60 % remit after 4 weeks, and the rest goes on.
  constexpr double partial = 0.25, spread = 1.46, goes_on = 0.5 * 0.5 + 0.2;
  const Ticks week = ticks_per_week;
  Law law = law_with(spread);
  law.survivals = {{{to_cut(0.6)}, {4 * week}, 0},
                   {{to_cut(0.5)}, {2 * week}, 0}};
  ArmLaw arm = arm_with(0.3, 0);
  arm.partial_response = {partial, to_cut(partial)};
  arm.extension = ExtensionLaw{8 * week, {0}, {}, 1};
  arm.follow_up_remitted.next_step = to_cut(0.5);
  law.pathways = {{step_of({arm}), step_of({arm_with(0.2, 0)})}};
  solve_intercepts(law);
  const auto rate_at = [&](std::size_t step) {
    return [=, at = intercept(law, 0, step)](const Node& node) {
      return logistic(at + spread * node.z);
    };
  };
  const auto nodes = normal_nodes();
  CHECK(std::abs(mean(nodes, rate_at(0)) - 0.3) < bound);
  const auto second = weighted(nodes, [&](const Node& node) {
    const double room = 1 - rate_at(0)(node);
    const double responds = std::min(partial, room);
    return room - responds * (1 - goes_on);
  });
  CHECK(std::abs(mean(second, rate_at(1)) - 0.2) < bound);
}

TEST_CASE("A rate that takes all the room is certain", "[models]") {
  Law law = stard(1.46);
  ArmLaw& arm = law.pathways[0][0].arms[0];
  arm.intolerance = chance(1 - 0.368, 0);
  const InterceptReport report = solve_intercepts(law);
  CHECK(report.residual < 1e-6);
  CHECK_FALSE(arm.intolerance.differs());
  CHECK(arm.intolerance.cut == certain);
}

TEST_CASE("Leaving is solved among those who ended so, and thins them",
          "[models]") {
  const double spread = 1.46, on_leaving = -0.4;
  Law law = stard(spread);
  law.scores.push_back(propensity_score(on_leaving));
  ArmLaw& arm = law.pathways[0][0].arms[0];
  arm.partial_response = chance(0.2, nothing);
  arm.after_no_response.stay = chance(0.619, 1);
  arm.after_partial_response = staying(0.8);
  arm.after_partial_response.next_of_stay = to_cut(0.75L);
  solve_intercepts(law);
  const double a = intercept(law, 0, 0),
               b = arm.after_no_response.stay.intercept;
  const auto remitted = [&](const Node& node) {
    return logistic(a + spread * node.z);
  };
  const auto partial = [&](const Node& node) {
    return std::min(0.2, 1 - remitted(node));
  };
  const auto none = [&](const Node& node) {
    return 1 - remitted(node) - partial(node);
  };
  const auto leaving = [&](const Node& node) {
    return logistic(b + on_leaving * node.z);
  };
  CHECK(std::abs(mean(weighted(normal_nodes(), none), leaving) - 0.381) <
        bound);
  const std::vector<Node> second =
      weighted(normal_nodes(), [&](const Node& node) {
        return none(node) * (1 - leaving(node)) + partial(node) * 0.8 * 0.75;
      });
  const double next = intercept(law, 0, 1);
  CHECK(std::abs(mean(second,
                      [&](const Node& node) {
                        return logistic(next + spread * node.z);
                      }) -
                 0.306) < bound);
}

TEST_CASE("A rate holds over those who adhere and those who do not",
          "[models]") {
  const double spread = 1.46, on_adherence = 0.5;
  for (const bool differs : {true, false}) {
    Law law = stard(spread);
    law.scores.push_back(propensity_score(on_adherence));
    law.scores.push_back({});
    ArmLaw& arm = law.pathways[0][0].arms[0];
    if (!differs) arm.remission[0].score = 2;
    arm.adherence = chance(0.7, differs ? 1 : nothing);
    arm.non_adherence_log_odds = -1.1F;
    arm.dose_adequacy = to_cut(0.8L);
    arm.low_dose_log_odds = -0.6F;
    solve_intercepts(law);
    const double a = intercept(law, 0, 0), b = arm.adherence.intercept;
    const auto adherent = [&](const Node& node) {
      return differs ? logistic(b + on_adherence * node.z) : 0.7;
    };
    const auto rate = [&](const Node& node) {
      const double own = a + (differs ? spread * node.z : 0);
      const auto at = [&](double more) {
        return 0.8 * logistic(own + more) + 0.2 * logistic(own + more - 0.6);
      };
      return adherent(node) * at(0) + (1 - adherent(node)) * at(-1.1);
    };
    CHECK(std::abs(mean(normal_nodes(), adherent) - 0.7) < bound);
    CHECK(std::abs(mean(normal_nodes(), rate) - 0.368) < bound);
    const std::vector<Node> second = weighted(
        normal_nodes(), [&](const Node& node) { return 1 - rate(node); });
    const double next = intercept(law, 0, 1);
    CHECK(std::abs(mean(second,
                        [&](const Node& node) {
                          return logistic(next + spread * node.z);
                        }) -
                   0.306) < bound);
  }
}

TEST_CASE("Those who are given an arm by their history are its anchor",
          "[models]") {
  // Partial responders are offered an augmentation, the others a switch; the
  // propensity works on both outcomes of the first step.
  const double spread = 1.46;
  Law law = stard(spread);
  law.keeps_history = true;
  ArmLaw& first = law.pathways[0][0].arms[0];
  first.partial_response = chance(0.2, 0);
  first.after_partial_response = staying(0.9);
  ArmLaw augment = arm_with(0.35, 0, 0.39), other = arm_with(0.25, 0, 0.39);
  const auto partial_bit = 1u
                           << static_cast<int>(LastOutcome::partial_response);
  augment.eligible = {{{Condition::Fact::last_outcome, 0, 0, 0, partial_bit}}};
  other.eligible = {{{Condition::Fact::last_outcome, 0, 0, 0, ~partial_bit}}};
  law.pathways[0][1].arms = {augment, other};
  law.pathways[0][1].selective = true;
  const InterceptReport report = solve_intercepts(law);
  CHECK(report.sampling_error < 3e-4);
  const double a = intercept(law, 0, 0), b = first.partial_response.intercept;
  const auto remitted = [&](const Node& node) {
    return logistic(a + spread * node.z);
  };
  const auto partial = [&](const Node& node) {
    return std::min(logistic(b + spread * node.z), 1 - remitted(node));
  };
  const auto none = [&](const Node& node) {
    return 1 - remitted(node) - partial(node);
  };
  const auto second = [&](std::size_t arm) {
    const double of = law.pathways[0][1].arms[arm].remission[0].intercept;
    return [of, spread](const Node& node) {
      return logistic(of + spread * node.z);
    };
  };
  const auto nodes = normal_nodes();
  // One history is drawn for each member: a sample of 2^16, better than one of
  // random words, whose standard error would be 0.4 / sqrt(9000) = 4e-3.
  constexpr double sampled = 5e-4;
  CHECK(std::abs(mean(weighted(nodes, partial), second(0)) - 0.35) < sampled);
  CHECK(std::abs(mean(weighted(nodes, none), second(1)) - 0.25) < sampled);
  // And those who failed on the one they were given stand before the third.
  const std::vector<Node> third = weighted(nodes, [&](const Node& node) {
    return partial(node) * 0.9 * (1 - second(0)(node)) +
           none(node) * 0.619 * (1 - second(1)(node));
  });
  const double of = intercept(law, 0, 2);
  CHECK(std::abs(mean(third,
                      [&](const Node& node) {
                        return logistic(of + spread * node.z);
                      }) -
                 0.137) < sampled);
}

TEST_CASE("Who is offered nothing stands before the next step as he is",
          "[models]") {
  // Step 2 is for those with a covariate; the others go to step 3 as if it were
  // their second line.
  const double spread = 1.46;
  Law law = stard(spread);
  law.cohort.covariates.push_back(bernoulli(0.3));
  ArmLaw& second = law.pathways[0][1].arms[0];
  second.eligible = {{{Condition::Fact::covariate, 1, 1, 1, 0}}};
  law.pathways[0][1].selective = true;
  // Those who passed are at their second line.
  ArmLaw& third = law.pathways[0][2].arms[0];
  third.remission = {chance(0.3, 0), chance(0.2, 0), chance(0.1, 0)};
  solve_intercepts(law);
  const auto rate = [&](std::size_t s, std::size_t line) {
    const double of = law.pathways[0][s].arms[0].remission[line].intercept;
    return [of, spread](const Node& node) {
      return logistic(of + spread * node.z);
    };
  };
  const auto has_it = [](const Node& node) { return node.others[0] == 1; };
  std::vector<Node> nodes = with_bernoulli(normal_nodes(), 0.3);
  nodes = weighted(
      nodes, [&](const Node& node) { return 0.619 * (1 - rate(0, 0)(node)); });
  CHECK(std::abs(mean(weighted(nodes, has_it), rate(1, 0)) - 0.306) < bound);
  nodes = weighted(nodes, [&](const Node& node) {
    return has_it(node) ? 0.390 * (1 - rate(1, 0)(node)) : 1;
  });
  for (std::size_t line = 0; line < 3; ++line)
    CHECK(std::abs(mean(nodes, rate(2, line)) -
                   third.remission[line].probability) < 5e-4);
  nodes = weighted(nodes, [&](const Node& node) {
    return 1 - rate(2, has_it(node) ? 2 : 1)(node);
  });
  CHECK(std::abs(mean(nodes, rate(3, 0)) - 0.130) < 5e-4);
}

TEST_CASE("Only adequate trials count as such in eligibility", "[models]") {
  // Half the trials are long enough; two failed adequate ones open step 3's
  // second arm. Patients are alike but for a propensity that does nothing here,
  // so that the parts are known: a quarter.
  Law law = stard(1);
  law.keeps_history = true;
  law.times.push_back(
      {{to_cut(0.5L), certain}, {2 * ticks_per_week, 8 * ticks_per_week}, 0});
  for (std::size_t s = 0; s < 2; ++s) {
    ArmLaw& arm = law.pathways[0][s].arms[0];
    arm.remission[0].score = nothing;
    arm.adequate_ticks = 4 * ticks_per_week;
    arm.no_response_time = 1;
    arm.class_bit = 1;
  }
  // The propensity of those who pass differs from that of those who do not by
  // the remission on step 3 alone.
  ArmLaw& third = law.pathways[0][2].arms[0];
  third.eligible = {{{Condition::Fact::adequate_failed_trials, 0, 2, 64, 0}}};
  law.pathways[0][2].selective = true;
  solve_intercepts(law);
  const auto rate = [&](std::size_t s) {
    const double of = intercept(law, 0, s);
    return [of](const Node& node) { return logistic(of + node.z); };
  };
  const auto nodes = normal_nodes();
  CHECK(std::abs(mean(nodes, rate(2)) - 0.137) < 1e-3);
  const std::vector<Node> fourth = weighted(nodes, [&](const Node& node) {
    return 0.75 + 0.25 * 0.365 * (1 - rate(2)(node));
  });
  CHECK(std::abs(mean(fourth, rate(3)) - 0.130) < 1e-3);
}
