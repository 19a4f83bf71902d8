// The minimally different world: a small change of one probability changes
// those whom it decides, and no other draw of anybody. One patient at a time.
#include "sim/core/life.hpp"
#include "tests/scenarios.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using namespace stardsim;
using namespace stardsim::test;

namespace {

constexpr Luck luck{20061101, 3};
constexpr std::uint64_t patients = 3000;
constexpr double rise = 0.01;

struct Place {
  std::size_t step, arm;  // of the scenario
};

double log_odds(double probability) {
  return std::log(probability / (1 - probability));
}

// The chances of remission of one arm of the scenario, wherever it is used.
std::vector<Chance*> chances_of(const Scenario& scenario, Place place,
                                Law& law) {
  std::vector<Chance*> chances;
  for (std::size_t p = 0; p < law.pathways.size(); ++p)
    for (std::size_t s = 0; s < law.pathways[p].size(); ++s)
      if (scenario.pathways[p].steps[s] == place.step)
        for (Chance& chance : law.pathways[p][s].arms[place.arm].remission)
          chances.push_back(&chance);
  return chances;
}

// All other tables, all intercepts among them, stay as they are.
Law with_higher_remission(const Scenario& scenario, Place place, Law law) {
  for (Chance* chance : chances_of(scenario, place, law)) {
    const double before = chance->probability;
    chance->probability = before + rise;
    if (chance->differs())
      chance->intercept +=
          static_cast<float>(log_odds(before + rise) - log_odds(before));
    else
      chance->cut = to_cut(static_cast<long double>(before) + rise);
  }
  return law;
}

// The arms whose remission leaves something to raise.
std::vector<Place> arms_to_raise(const Scenario& scenario) {
  std::vector<Place> places;
  for (std::size_t s = 0; s < scenario.steps.size(); ++s)
    for (std::size_t a = 0; a < scenario.steps[s].arms.size(); ++a) {
      const double rate = scenario.steps[s].arms[a].remission.value;
      if (rate > 0 && rate < 1 - rise) places.push_back({s, a});
    }
  return places;
}

auto all_of(const Draw& draw) {
  return std::tuple(draw.before_event, draw.purpose, draw.visit, draw.word,
                    draw.cut, draw.time);
}

bool is_failure(Happening what) {
  return what == Happening::partial_response ||
         what == Happening::intolerance || what == Happening::no_response;
}

// Two lives of one patient, in the old world and in the one where remission
// with one arm is likelier.
class TwoLives {
 public:
  TwoLives(const Scenario& scenario, std::size_t pathway, Place place,
           const Life& old_life, const Life& new_life)
      : steps_(scenario.pathways[pathway].steps),
        place_(place),
        old_(old_life),
        new_(new_life) {}

  /// "" if the two differ as they may, else what is wrong.
  std::string fault() {
    if (old_.covariates != new_.covariates) return "covariates";
    if (const std::string what = words_fault(); !what.empty()) return what;
    const auto [a, b] = std::mismatch(old_.events.begin(), old_.events.end(),
                                      new_.events.begin(), new_.events.end());
    changed_ = a != old_.events.end() || b != new_.events.end();
    const auto first = static_cast<std::size_t>(a - old_.events.begin());
    const std::size_t last_draw = changed_ ? first : old_.events.size();
    if (const std::string what = draws_fault(last_draw); !what.empty())
      return what;
    return changed_ ? change_fault(first) : "";
  }

  bool changed() const { return changed_; }
  /// Now in remission at the attempt where the lives part.
  bool gained() const { return gained_; }
  /// Over the attempts that both lives share: P(remission only now).
  double expected_gain() const { return expected_gain_; }

 private:
  // The start of the attempt in which the draw was made is the event before.
  bool is_of_arm(const Life& life, const Draw& draw) const {
    const Event& start = life.events[draw.before_event - 1];
    return start.what == Happening::start &&
           steps_[start.position] == place_.step && start.arm == place_.arm;
  }

  // What is drawn in both worlds is the same word.
  std::string words_fault() const {
    std::map<std::pair<Purpose, std::uint32_t>, std::uint32_t> words;
    for (const Life* life : {&old_, &new_})
      for (const Draw& draw : life->draws) {
        const auto [known, added] =
            words.try_emplace({draw.purpose, draw.visit}, draw.word);
        if (known->second != draw.word) return "another word";
      }
    return "";
  }

  // Until the lives part, all draws are the same, but that the arm's outcome is
  // compared with a higher cut.
  std::string draws_fault(std::size_t last_event) {
    for (std::size_t i = 0;; ++i) {
      if (i == old_.draws.size() || i == new_.draws.size())
        return old_.draws.size() == new_.draws.size()
                   ? ""
                   : "another number of draws";
      const Draw& before = old_.draws[i];
      Draw after = new_.draws[i];
      const bool decides =
          before.purpose == Purpose::outcome && is_of_arm(old_, before);
      if (decides) {
        if (after.cut <= before.cut) return "the cut is not higher";
        deciding_ = {before, after};
        expected_gain_ += (static_cast<double>(after.cut) - before.cut) *
                          std::ldexp(1.0, -32);
        after.cut = before.cut;
      }
      if (all_of(before) != all_of(after))
        return "draw " + std::to_string(i) + " differs before the lives part";
      if (!decides) continue;
      gained_ = lies_between(deciding_);
      // From here on times are those of another outcome, even if the horizon
      // comes before either.
      if (changed_ && before.before_event == last_event) return "";
      if (gained_)
        return old_.events[before.before_event].what == Happening::unfinished
                   ? ""
                   : "the word lies between the cuts and changes nothing";
    }
  }

  static bool lies_between(const std::pair<Draw, Draw>& draws) {
    const std::uint32_t word = draws.first.word;
    return word >= draws.first.cut && word < draws.second.cut;
  }

  // The lives part where the arm's outcome word lies between the cuts, or, with
  // partial response above remission, so with those of both.
  std::string change_fault(std::size_t first) const {
    if (first >= old_.events.size() || first >= new_.events.size())
      return "one life only ends earlier";
    if (deciding_.first.before_event != first ||
        deciding_.first.purpose != Purpose::outcome)
      return "the lives part where the arm decides nothing";
    const Event &before = old_.events[first], &after = new_.events[first];
    if (!gained_)
      return moved_to_partial(before, after)
                 ? ""
                 : "the word lies not between the cuts";
    // The horizon may come before or after either.
    const bool was_failure =
        is_failure(before.what) || before.what == Happening::unfinished;
    const bool is_remission = after.what == Happening::remission ||
                              after.what == Happening::unfinished;
    return was_failure && is_remission ? "" : "no failure turned to remission";
  }

  static bool moved_to_partial(const Event& before, const Event& after) {
    return (before.what == Happening::no_response ||
            before.what == Happening::intolerance ||
            before.what == Happening::unfinished) &&
           after.what == Happening::partial_response;
  }

  const std::vector<std::size_t>& steps_;
  const Place place_;
  const Life &old_, &new_;
  std::pair<Draw, Draw> deciding_;
  bool changed_ = false, gained_ = false;
  double expected_gain_ = 0;
};

bool reaches(const Scenario& scenario, std::size_t pathway, Place place,
             const Life& life) {
  return std::any_of(
      life.events.begin(), life.events.end(), [&](const Event& event) {
        return event.what == Happening::start && event.arm == place.arm &&
               scenario.pathways[pathway].steps[event.position] == place.step;
      });
}

struct Change {
  std::uint64_t reached = 0, changed = 0, gained = 0;
  double expected_gain = 0;
};

// All lives of one course of one pathway in both worlds; a failure stops it.
Change changes(const Scenario& scenario, const Engine& before,
               const Engine& after, Place place, std::size_t pathway,
               bool everybody_continues) {
  Change change;
  for (std::uint64_t i = 0; i < patients; ++i) {
    const Life old_life = live(before, luck, i, pathway, everybody_continues);
    const Life new_life = live(after, luck, i, pathway, everybody_continues);
    TwoLives lives(scenario, pathway, place, old_life, new_life);
    const std::string fault = lives.fault();
    if (!fault.empty()) FAIL("patient " << i << ": " << fault);
    const bool reached = reaches(scenario, pathway, place, old_life);
    if (lives.changed() && !reached) FAIL("patient " << i << " had no reason");
    change.reached += reached;
    change.changed += lives.changed();
    change.gained += lives.gained();
    change.expected_gain += lives.expected_gain();
  }
  return change;
}

void check_small_changes(const Scenario& scenario) {
  const Law law = compile(scenario);
  const Engine before(law);
  for (const Place place : arms_to_raise(scenario)) {
    INFO(scenario.title << ", " << scenario.steps[place.step].name << ", "
                        << scenario.steps[place.step].arms[place.arm].name);
    const Engine after(with_higher_remission(scenario, place, law));
    Change all;
    for (std::size_t p = 0; p < scenario.pathways.size(); ++p)
      for (const bool everybody_continues : {true, false}) {
        INFO(scenario.pathways[p].name
             << (everybody_continues ? ", if all continue" : ", observed"));
        const Change change =
            changes(scenario, before, after, place, p, everybody_continues);
        CHECK(change.changed <= change.reached);
        // Attempt by attempt, the next to be gained is so with the width
        // between the cuts: the sum of the widths is the mean and, at most, the
        // variance. 5 standard errors, for 30 such checks.
        CHECK(std::abs(static_cast<double>(change.gained) -
                       change.expected_gain) <=
              5 * std::sqrt(std::max(change.expected_gain, 1.0)));
        all.reached += change.reached;
        all.gained += change.gained;
      }
    CHECK(all.reached > 500);
    CHECK(all.gained > 0);
    // Somebody who is given the arm is as he was.
    CHECK(all.gained < all.reached);
  }
}

}  // namespace

TEST_CASE(
    "Patients alike: remission likelier by 0.01 in one arm changes those whose "
    "word lies between the cuts, and no other draw of anybody",
    "[laws]") {
  check_small_changes(rich());
}

TEST_CASE(
    "Patients who differ: remission likelier by 0.01 in one arm changes those "
    "whose word lies between the cuts, and no other draw of anybody",
    "[laws]") {
  check_small_changes(clinical());
}

TEST_CASE("A rate written higher raises that cut, and no other table changes",
          "[laws]") {
  const Scenario scenario = rich();
  for (const Place place : arms_to_raise(scenario)) {
    Scenario changed = scenario;
    Arm& arm = changed.steps[place.step].arms[place.arm];
    // Its outcomes sum to 1: there is no room.
    const double partial =
        arm.partial_response ? arm.partial_response->value : 0;
    if (arm.remission.value + partial + rise > 1) continue;
    arm.remission.value += rise;
    CHECK(bytes_of(compile(changed)) ==
          bytes_of(with_higher_remission(scenario, place, compile(scenario))));
  }
}

TEST_CASE(
    "With intercepts given, a rate written higher raises that intercept, and "
    "no other table changes",
    "[laws]") {
  Scenario scenario = clinical();
  scenario.solve_intercepts = false;
  for (const Place place : arms_to_raise(scenario)) {
    Scenario changed = scenario;
    Evidence& rate = changed.steps[place.step].arms[place.arm].remission;
    rate.value += rise;
    Law expected = compile(scenario), found = compile(changed);
    const auto raised = chances_of(changed, place, found);
    const auto old = chances_of(scenario, place, expected);
    REQUIRE(raised.size() == old.size());
    REQUIRE(raised.size() > 0);
    for (std::size_t i = 0; i < raised.size(); ++i) {
      CHECK(raised[i]->intercept == Approx(log_odds(rate.value)).epsilon(1e-6));
      *old[i] = *raised[i];
    }
    CHECK(bytes_of(found) == bytes_of(expected));
  }
}
