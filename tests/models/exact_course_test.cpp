// The clinical course of the exact twin, on laws written by hand.
#include "models/exact.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

using namespace stardsim;

namespace {

Cut cut(double probability) {
  const double scaled = std::round(probability * 4294967296.0);
  return scaled >= certain ? certain : static_cast<Cut>(scaled);
}

Chance chance(double probability) { return {probability, cut(probability)}; }

Ticks weeks(double w) { return to_ticks(w); }

/// Its distribution function at every `every` ticks, up to `to`.
TimeLaw tabulated(const std::function<double(double)>& cumulative, Ticks every,
                  Ticks to) {
  TimeLaw law;
  for (Ticks tick = every; tick <= to; tick += every) {
    const Cut next = cut(cumulative(to_weeks(tick)));
    if (next == (law.cut.empty() ? impossible : law.cut.back())) continue;
    law.cut.push_back(next);
    law.tick.push_back(tick);
  }
  return law;
}

TimeLaw at(double week) { return {{certain}, {weeks(week)}, 0}; }

TimeLaw sometimes(double probability, double week) {
  return {{cut(probability)}, {weeks(week)}, 0};
}

TimeLaw exponential(double rate, Ticks every, Ticks to) {
  return tabulated([=](double t) { return -std::expm1(-rate * t); }, every, to);
}

struct Hand {
  Law law;

  explicit Hand(std::uint32_t horizon) {
    law.horizon = horizon;
    law.horizon_ticks = horizon * ticks_per_week;
    law.pathways.resize(1);
  }
  std::size_t time(TimeLaw made) {
    law.times.push_back(std::move(made));
    return law.times.size() - 1;
  }
  std::size_t survival(TimeLaw made) {
    law.survivals.push_back(std::move(made));
    return law.survivals.size() - 1;
  }
  /// Adds a step of one arm to the pathway: remission at this time, else no
  /// response at the step's end.
  ArmLaw& step(double length, double remission, TimeLaw remission_time) {
    StepLaw step{};
    step.length = weeks(length);
    ArmLaw arm{};
    arm.chosen_from = impossible;
    arm.chosen_below = certain;
    arm.weight = 1;
    arm.remission = {chance(remission)};
    for (AfterLaw* after : {&arm.after_no_response, &arm.after_partial_response,
                            &arm.after_intolerance})
      after->stay = chance(1);
    arm.remission_time = time(std::move(remission_time));
    arm.no_response_time = arm.intolerance_time = time(at(length));
    step.arms = {arm};
    law.pathways[0].push_back(step);
    return law.pathways[0].back().arms[0];
  }
  PathwayExpectation expected() const { return expect(law).pathways[0]; }
};

double sum(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

double up_to(const std::vector<double>& values, std::size_t week) {
  return std::accumulate(values.begin(),
                         values.begin() + static_cast<long>(week) + 1, 0.0);
}

const std::vector<double>& in(const PathwayExpectation& e, State state) {
  return e.later.occupancy[static_cast<std::size_t>(state)];
}

void check_consistency(const PathwayExpectation& e) {
  const std::size_t count = e.later.first_remission_lost_by_week.size();
  for (std::size_t w = 0; w < count; ++w) {
    double everywhere = 0;
    for (const auto& state : e.later.occupancy) {
      CHECK(state[w] > -1e-12);
      everywhere += state[w];
    }
    CHECK(everywhere == Approx(1).margin(1e-11));
  }
  for (const auto& course : e.course)
    for (const auto& arms : course.arms)
      for (const auto& f : arms)
        CHECK(f.entered == Approx(f.remission + f.partial_response +
                                  f.intolerance + f.no_response + f.unfinished)
                               .margin(1e-11));
  double first = 0, sustained = 0;
  for (std::size_t s = 0; s < e.later.follow_up.size(); ++s)
    for (std::size_t a = 0; a < e.later.follow_up[s].size(); ++a) {
      first += e.course[1].arms[s][a].first_remission;
      sustained += e.course[1].arms[s][a].sustained;
      for (const auto& f : e.later.follow_up[s][a]) {
        CHECK(sum(f.relapse_by_week) == Approx(f.relapsed).margin(1e-11));
        CHECK(sum(f.relapse_by_week) + sum(f.censored_by_week) ==
              Approx(f.entered).margin(1e-11));
      }
    }
  if (e.later.spontaneous_remission == 0) {
    CHECK(first == Approx(sum(e.course[1].remission_by_week)).margin(1e-11));
    CHECK(sustained == Approx(sum(e.course[1].remission_by_week) -
                              sum(e.later.first_remission_lost_by_week))
                           .margin(1e-11));
  }
}

// Four steps with relapse, as the state vector of a weekly model.
struct WeeklyModel {
  std::array<double, 4> remission{.368, .306, .137, .130};
  std::array<double, 4> drop{.209, .297, .423, 0};
  std::array<double, 4> relapse_in_a_year{.335, .474, .429, .500};

  static std::array<double, 15> time() {
    std::array<double, 15> share{};
    double all = 0;
    for (int w = 1; w <= 14; ++w) all += share[w] = w * std::exp(-w / 4.0);
    for (double& s : share) s /= all;
    return share;
  }

  Hand law(std::uint32_t horizon) const {
    Hand hand(horizon);
    const auto share = time();
    for (std::size_t s = 0; s < 4; ++s) {
      TimeLaw when;
      double below = 0;
      for (std::size_t w = 1; w <= 14; ++w) {
        below += share[w];
        when.cut.push_back(w == 14 ? certain : cut(below));
        when.tick.push_back(weeks(static_cast<double>(w)));
      }
      const double yearly = relapse_in_a_year[s];
      const std::size_t relapse = hand.survival(
          tabulated([=](double t) { return 1 - std::pow(1 - yearly, t / 52); },
                    1024, horizon * 1024));
      ArmLaw& arm = hand.step(14, remission[s], when);
      arm.after_no_response.stay = chance(1 - drop[s]);
      arm.follow_up_remitted.relapse = relapse;
    }
    return hand;
  }

  struct Result {
    std::vector<double> remitted;
    std::array<double, 4> entered{}, remissions{}, relapses{};
  };

  // Patients by the week of their step that comes next.
  Result run(std::size_t horizon) const {
    Result result;
    const auto share = time();
    std::vector<std::array<double, 4>> start(horizon + 15);
    std::array<double, 4> remitted{};
    std::vector<std::array<double, 4>> remitting(horizon + 15);
    start[0][0] = 1;
    for (std::size_t t = 0; t <= horizon; ++t) {
      std::array<double, 4> relapsing{};
      double all = 0;
      for (std::size_t s = 0; s < 4; ++s) {
        relapsing[s] =
            remitted[s] * (1 - std::pow(1 - relapse_in_a_year[s], 1 / 52.0));
        remitted[s] += remitting[t][s] - relapsing[s];
        result.remissions[s] += remitting[t][s];
        result.relapses[s] += relapsing[s];
        if (s < 3) start[t][s + 1] += relapsing[s];
        all += remitted[s];
      }
      result.remitted.push_back(all);
      if (t == horizon) break;
      for (std::size_t s = 0; s < 4; ++s) {
        result.entered[s] += start[t][s];
        for (std::size_t w = 1; w <= 14 && t + w <= horizon; ++w)
          remitting[t + w][s] += start[t][s] * remission[s] * share[w];
        if (s < 3 && t + 14 <= horizon)
          start[t + 14][s + 1] +=
              start[t][s] * (1 - remission[s]) * (1 - drop[s]);
      }
    }
    return result;
  }
};

}  // namespace

TEST_CASE("A weekly model of four steps with relapse is met to the digit",
          "[models]") {
  const WeeklyModel model;
  const auto e = model.law(104).expected();
  const auto weekly = model.run(104);
  check_consistency(e);
  for (std::size_t w = 0; w <= 104; ++w)
    CHECK(in(e, State::remitted)[w] == Approx(weekly.remitted[w]).margin(3e-9));
  // The model's own published answers.
  CHECK(in(e, State::remitted)[52] == Approx(0.4365934966).margin(5e-9));
  CHECK(in(e, State::remitted)[104] == Approx(0.3086946673).margin(5e-9));
  for (std::size_t s = 0; s < 4; ++s) {
    CHECK(e.course[1].step(s).entered ==
          Approx(weekly.entered[s]).margin(3e-9));
    CHECK(e.course[1].step(s).remission ==
          Approx(weekly.remissions[s]).margin(3e-9));
    CHECK(e.later.follow_up[s][0][0].relapsed ==
          Approx(weekly.relapses[s]).margin(3e-9));
  }
  // It counts those who relapse in the last week as entrants of the next step.
  const auto first = e.course[1].step(0);
  CHECK(first.no_response - first.left_care +
            e.later.follow_up[0][0][0].relapsed ==
        Approx(0.6966722707).margin(5e-9));
  CHECK(sum(e.course[0].remission_by_week) ==
        Approx(1 - .632 * .694 * .863 * .870).margin(2e-9));
}

TEST_CASE("The grid of one tick and that of a week agree on a weekly model",
          "[models]") {
  const Hand hand = WeeklyModel().law(40);
  CHECK(expect(hand.law).grid_ticks == 1024);
  CHECK(expect(hand.law).grid_is_exact);
  const auto coarse = expect(hand.law).pathways[0];
  const auto fine = expect(hand.law, 1).pathways[0];
  for (std::size_t w = 0; w <= 40; ++w)
    for (std::size_t s = 0; s < state_count; ++s)
      CHECK(coarse.later.occupancy[s][w] ==
            Approx(fine.later.occupancy[s][w]).margin(1e-12));
}

TEST_CASE("Exponential relapse of one remission leaves the exponential curve",
          "[models]") {
  // All remit at week 2; relapse with rate 0.05 a week, seen at the next
  // sixteenth of a week; then out of care.
  Hand hand(50);
  ArmLaw& arm = hand.step(4, 0.8, at(2));
  arm.follow_up_remitted.relapse =
      hand.survival(exponential(0.05, 64, weeks(50)));
  arm.follow_up_remitted.next_step = arm.follow_up_remitted.same_step =
      arm.follow_up_remitted.gap = impossible;
  const auto e = hand.expected();
  check_consistency(e);
  for (std::size_t w = 2; w <= 50; ++w) {
    const double since = static_cast<double>(w) - 2;
    CHECK(in(e, State::remitted)[w] ==
          Approx(0.8 * std::exp(-0.05 * since)).margin(1e-9));
    CHECK(up_to(e.later.first_remission_lost_by_week, w) ==
          Approx(0.8 * -std::expm1(-0.05 * since)).margin(1e-9));
    CHECK(in(e, State::out_of_care)[w] ==
          Approx(0.8 * -std::expm1(-0.05 * since)).margin(1e-9));
  }
  CHECK(in(e, State::untreated)[50] == Approx(0.2).margin(1e-9));
  CHECK(e.course[1].step(0).sustained ==
        Approx(0.8 * std::exp(-0.05 * 48)).margin(1e-9));
  const auto& flow = e.later.follow_up[0][0][0];
  CHECK(flow.censored_by_week[48] ==
        Approx(0.8 * std::exp(-0.05 * 48)).margin(1e-9));
  CHECK(flow.relapse_by_week[10] ==
        Approx(0.8 * (std::exp(-.45) - std::exp(-.5))).margin(1e-9));
}

TEST_CASE("Drop-out and relapse compete, and a tie is a relapse", "[models]") {
  // Relapse at week 1, 2 or 3 with probability 1/4 each, else never; drop-out
  // at week 2 or 3 with 1/2 each. Relapse: week 1 1/4; week 2 1/4 (the tie
  // included); week 3 1/4 * 1/2. Drop-out: week 2 1/2 * 1/2, week 3 1/2 * 1/4.
  Hand hand(10);
  ArmLaw& arm = hand.step(4, 1, at(4));
  arm.follow_up_remitted.relapse = hand.survival(
      {{cut(.25), cut(.5), cut(.75)}, {weeks(1), weeks(2), weeks(3)}, 0});
  arm.follow_up_remitted.drop_out =
      hand.survival({{cut(.5), certain}, {weeks(2), weeks(3)}, 0});
  const auto e = hand.expected();
  check_consistency(e);
  const auto& flow = e.later.follow_up[0][0][0];
  CHECK(flow.entered == Approx(1).margin(1e-9));
  CHECK(flow.relapse_by_week[1] == Approx(.25).margin(1e-9));
  CHECK(flow.relapse_by_week[2] == Approx(.25).margin(1e-9));
  CHECK(flow.relapse_by_week[3] == Approx(.125).margin(1e-9));
  CHECK(flow.censored_by_week[2] == Approx(.25).margin(1e-9));
  CHECK(flow.censored_by_week[3] == Approx(.125).margin(1e-9));
  CHECK(flow.dropped_out == Approx(.375).margin(1e-9));
  CHECK(in(e, State::out_of_care)[10] == Approx(.375).margin(1e-9));
  CHECK(in(e, State::untreated)[10] == Approx(.625).margin(1e-9));
  CHECK(e.course[1].step(0).sustained == Approx(0).margin(1e-9));
}

TEST_CASE("The earliest of two exponential times comes as often as its rate",
          "[models]") {
  // Relapse 0.03 and drop-out 0.02 a week on one fine table: but for ties in a
  // tick, 0.6 of all that ends is relapse.
  Hand hand(100);
  ArmLaw& arm = hand.step(4, 1, at(4));
  arm.follow_up_remitted.relapse =
      hand.survival(exponential(0.03, 1, weeks(100)));
  arm.follow_up_remitted.drop_out =
      hand.survival(exponential(0.02, 1, weeks(100)));
  const auto e = hand.expected();
  check_consistency(e);
  const auto& flow = e.later.follow_up[0][0][0];
  const double ended = -std::expm1(-0.05 * 96);
  CHECK(flow.relapsed == Approx(0.6 * ended).margin(2e-5));
  CHECK(flow.dropped_out == Approx(0.4 * ended).margin(2e-5));
  CHECK(in(e, State::remitted)[52] == Approx(std::exp(-.05 * 48)).margin(1e-8));
}

TEST_CASE("Some pause, and come back to the next step", "[models]") {
  // Nobody remits at week 4: 0.6 stay; of these half go on, a fifth are
  // followed up without remission, the rest pause. Of the paused 0.7 come back
  // after 3 weeks, to a step in which half remit a week later.
  Hand hand(20);
  ArmLaw& first = hand.step(4, 0, at(4));
  first.after_no_response.stay = chance(0.6);
  first.after_no_response.next_of_stay = cut(0.5);
  first.after_no_response.follow_up_of_stay = cut(0.7);
  hand.step(2, 0.5, at(1));
  hand.law.gap_return = hand.survival(sometimes(0.7, 3));
  const auto e = hand.expected();
  check_consistency(e);
  const auto& flow = e.course[1].arms[0][0];
  CHECK(flow.left_care == Approx(.4).margin(1e-9));
  CHECK(flow.follow_up == Approx(.12).margin(1e-9));
  CHECK(flow.gap == Approx(.18).margin(1e-9));
  CHECK(in(e, State::gap)[3] == 0);
  CHECK(in(e, State::gap)[4] == Approx(.18).margin(1e-9));
  CHECK(in(e, State::gap)[7] == Approx(.18 * .3).margin(1e-9));
  CHECK(in(e, State::in_treatment)[7] == Approx(.18 * .7).margin(1e-9));
  CHECK(in(e, State::not_remitted)[20] == Approx(.12).margin(1e-9));
  CHECK(e.course[1].remission_by_week[5] == Approx(.15).margin(1e-9));
  CHECK(e.course[1].remission_by_week[8] == Approx(.18 * .35).margin(1e-9));
  CHECK(e.course[1].step(1).entered == Approx(.3 + .126).margin(1e-9));
  CHECK(e.later.follow_up[0][0][1].entered == Approx(.12).margin(1e-9));
  // If all continue, nobody pauses.
  CHECK(e.course[0].step(1).entered == 1);
  CHECK(e.course[0].remission_by_week[5] == Approx(.5).margin(1e-9));
}

TEST_CASE("Relapse to the same step is a renewal process", "[models]") {
  // Half remit after 1 week (the others stop there), relapse comes 2 weeks
  // later with probability 0.8: round n starts at week 3n with probability
  // 0.4^n.
  Hand hand(30);
  ArmLaw& arm = hand.step(1, 0.5, at(1));
  arm.follow_up_remitted.relapse = hand.survival(sometimes(0.8, 2));
  arm.follow_up_remitted.next_step = impossible;
  const auto e = hand.expected();
  check_consistency(e);
  double entered = 0;
  for (int n = 0; n < 10; ++n) entered += std::pow(0.4, n);
  CHECK(e.course[1].step(0).entered == Approx(entered).margin(1e-9));
  CHECK(e.course[1].step(0).remission == Approx(.5 * entered).margin(1e-9));
  CHECK(e.course[1].step(0).first_remission == Approx(.5).margin(1e-9));
  CHECK(e.course[1].step(0).sustained == Approx(.1).margin(1e-9));
  CHECK(e.course[1].remission_by_week[4] == 0);
  CHECK(in(e, State::in_treatment)[12] == Approx(std::pow(.4, 4)).margin(1e-9));
  CHECK(in(e, State::in_treatment)[13] == Approx(0).margin(1e-12));
}

TEST_CASE("An alternating renewal process tends to its mean times",
          "[models]") {
  // Certain remission after an exponential time of mean 4 weeks, relapse after
  // one of mean 12, and the same step again: in remission 12 of 16 weeks. Both
  // tables round up to the next of 16 ticks of a week: 1/32 week later on
  // average. The occupancy is 3/4 (1 - exp(-t/3)) in continuous time.
  Hand hand(200);
  ArmLaw& arm = hand.step(120, 1, exponential(1. / 4, 64, weeks(120)));
  hand.law.times[0].cut.back() = certain;
  arm.follow_up_remitted.relapse =
      hand.survival(exponential(1. / 12, 64, weeks(200)));
  arm.follow_up_remitted.next_step = impossible;
  const auto e = hand.expected();
  check_consistency(e);
  CHECK(in(e, State::remitted)[150] == Approx(.75).margin(1e-3));
  // In mean times a renewal theorem is exact: (12 + 1/32) / (16 + 1/16).
  CHECK(in(e, State::remitted)[150] ==
        Approx((12 + 1. / 32) / (16 + 1. / 16)).margin(5e-4));
  for (const std::size_t week : {3u, 9u, 20u})
    CHECK(in(e, State::remitted)[week] ==
          Approx(.75 * (1 - std::exp(-static_cast<double>(week) / 3)))
              .margin(0.01));
}

TEST_CASE("A wait keeps from treatment, and some wait for good", "[models]") {
  Hand hand(12);
  hand.step(4, 0.25, at(2));
  hand.step(4, 1, at(1));
  hand.law.pathways[0][0].wait = hand.survival(sometimes(0.5, 3));
  hand.law.pathways[0][1].wait =
      hand.survival({{cut(.5), certain}, {weeks(1), weeks(5)}, 0});
  const auto e = hand.expected();
  check_consistency(e);
  CHECK(in(e, State::waiting)[2] == 1);
  CHECK(in(e, State::waiting)[3] == Approx(.5).margin(1e-9));
  CHECK(in(e, State::in_treatment)[3] == Approx(.5).margin(1e-9));
  // The second wait starts at week 7; the second half would start at week 12,
  // the horizon, and so never does.
  CHECK(in(e, State::waiting)[7] == Approx(.5 + .375).margin(1e-9));
  CHECK(e.course[1].step(1).entered == Approx(.1875).margin(1e-9));
  CHECK(in(e, State::waiting)[12] == Approx(.5 + .1875).margin(1e-9));
  CHECK(e.course[1].remission_by_week[9] == Approx(.1875).margin(1e-9));
  CHECK(e.course[0].remission_by_week[9] == Approx(.1875).margin(1e-9));
}

TEST_CASE("The horizon leaves attempts unfinished", "[models]") {
  // Remission at week 2 or 6 alike; the horizon is 5.
  Hand hand(5);
  hand.step(8, 0.5, {{cut(.5), certain}, {weeks(2), weeks(6)}, 0});
  const auto e = hand.expected();
  check_consistency(e);
  const auto flow = e.course[1].step(0);
  CHECK(flow.remission == Approx(.25).margin(1e-9));
  CHECK(flow.no_response == 0);
  CHECK(flow.unfinished == Approx(.75).margin(1e-9));
  CHECK(to_weeks(flow.treatment_ticks) ==
        Approx(.25 * 2 + .75 * 5).margin(1e-8));
  CHECK(to_weeks(flow.remission_ticks) == Approx(.5).margin(1e-8));
  CHECK(in(e, State::in_treatment)[5] == Approx(.75).margin(1e-9));
  CHECK(flow.sustained == Approx(.25).margin(1e-9));
}

TEST_CASE("Those out of steps remit and relapse by themselves", "[models]") {
  // Exhausted at week 2; remission after 3 weeks with 0.5, relapse 2 weeks
  // later, and so on.
  Hand hand(20);
  hand.step(2, 0, at(1));
  hand.law.spontaneous_remission = hand.survival(sometimes(0.5, 3));
  hand.law.spontaneous_relapse = hand.survival(at(2));
  const auto e = hand.expected();
  check_consistency(e);
  for (const auto& course : e.course) {
    CHECK(course.remission_by_week[5] == Approx(.5).margin(1e-9));
    CHECK(sum(course.remission_by_week) == Approx(.5).margin(1e-9));
  }
  CHECK(in(e, State::untreated_remitted)[6] == Approx(.5).margin(1e-9));
  CHECK(in(e, State::untreated_remitted)[7] == Approx(0).margin(1e-9));
  CHECK(in(e, State::untreated_remitted)[10] == Approx(.25).margin(1e-9));
  CHECK(e.later.first_remission_lost_by_week[7] == Approx(.5).margin(1e-9));
  CHECK(e.later.spontaneous_remission ==
        Approx(.5 + .25 + .125 + .0625).margin(1e-9));
}

TEST_CASE("Those who worsen in follow-up without remission go on", "[models]") {
  // All are followed up without remission from week 2; worsening 3 weeks later
  // in half of them: to the same step, where they fail and are followed again.
  Hand hand(9);
  ArmLaw& arm = hand.step(2, 0, at(1));
  arm.after_no_response.next_of_stay = impossible;
  arm.follow_up_not_remitted.relapse = hand.survival(sometimes(.5, 3));
  arm.follow_up_not_remitted.next_step = impossible;
  arm.follow_up_not_remitted.same_step = cut(.75);
  const auto e = hand.expected();
  check_consistency(e);
  CHECK(in(e, State::not_remitted)[2] == 1);
  CHECK(in(e, State::not_remitted)[5] == Approx(.5).margin(1e-9));
  CHECK(in(e, State::in_treatment)[5] == Approx(.375).margin(1e-9));
  CHECK(in(e, State::gap)[5] == Approx(.125).margin(1e-9));
  CHECK(in(e, State::not_remitted)[7] == Approx(.875).margin(1e-9));
  CHECK(e.course[1].step(0).entered == Approx(1.375).margin(1e-9));
  CHECK(e.later.follow_up[0][0][1].relapsed == Approx(.5).margin(1e-9));
  CHECK(sum(e.later.first_remission_lost_by_week) == 0);
}

TEST_CASE("Early responders and those who stop have other hazards",
          "[models]") {
  // Rate 0.04 a week: halved for those in remission by week 2, tripled after
  // the treatment stops 10 weeks into follow-up for half of the patients.
  Hand hand(44);
  ArmLaw& arm = hand.step(4, 1, {{cut(.25), certain}, {weeks(2), weeks(4)}, 0});
  arm.follow_up_remitted.relapse =
      hand.survival(exponential(.04, 64, weeks(44)));
  arm.follow_up_remitted.early_until = weeks(2);
  arm.follow_up_remitted.early_log_hazard = std::log(.5F);
  arm.follow_up_remitted.stop = hand.survival(sometimes(.5, 10));
  arm.follow_up_remitted.stopped_log_hazard = std::log(3.F);
  const auto e = hand.expected();
  check_consistency(e);
  const auto lasting = [](double rate, double t) {
    const double untouched = std::exp(-rate * t);
    if (t <= 10) return untouched;
    return .5 * untouched + .5 * std::exp(-rate * 10 - 3 * rate * (t - 10));
  };
  for (std::size_t w = 4; w <= 44; ++w) {
    const auto t = static_cast<double>(w);
    CHECK(in(e, State::remitted)[w] ==
          Approx(.25 * lasting(.02, t - 2) + .75 * lasting(.04, t - 4))
              .margin(1e-8));
  }
}

TEST_CASE("Who is given which arm goes by what failed before", "[models]") {
  // Step 1: two arms of one class each, half each; nobody remits. Half of the
  // trials of arm 0 are adequate by dose; arm 1 stops its intolerant half at
  // week 1, which is not adequate. Step 2 offers arm 0 to those in whom class 1
  // failed, arm 1 to those without an adequate trial, first who is eligible.
  Hand hand(30);
  ArmLaw& first = hand.step(4, 0, at(4));
  first.chosen_below = cut(.5);
  first.class_bit = 1;
  first.adequate_ticks = weeks(3);
  first.dose_adequacy = cut(.5);
  ArmLaw other = first;
  other.chosen_from = cut(.5);
  other.chosen_below = certain;
  other.class_bit = 2;
  other.dose_adequacy = certain;
  other.intolerance = chance(.5);
  other.intolerance_time = hand.time(at(1));
  hand.law.pathways[0][0].arms.push_back(other);

  hand.step(4, 1, at(2));
  StepLaw& second = hand.law.pathways[0][1];
  second.selective = second.first_eligible = true;
  second.arms.push_back(second.arms[0]);
  const auto test = [](Condition::Fact fact, float low, float high,
                       std::uint32_t mask = 0) {
    return Test{fact, 0, low, high, mask};
  };
  using Fact = Condition::Fact;
  second.arms[0].eligible = {{test(Fact::failed_class, 0, 0, 1)}};
  second.arms[1].eligible = {{test(Fact::adequate_failed_trials, 0, 0),
                              test(Fact::failed_trials, 1, 64)}};
  // Arm 1 is refused by a fifth.
  second.arms[1].acceptance = cut(.8);
  hand.law.keeps_history = true;
  const auto e = hand.expected();
  check_consistency(e);
  // Class 1 failed: 1/4. Not adequate: 1/4 by dose, 1/4 by time. Class 2: 1/4.
  CHECK(e.course[1].arms[1][0].entered == Approx(.25).margin(1e-9));
  CHECK(e.course[1].arms[1][1].entered == Approx(.5 * .8).margin(1e-9));
  CHECK(e.course[0].arms[1][1].entered == Approx(.5).margin(1e-9));
  CHECK(e.course[1].remission_by_week[3] == Approx(.2).margin(1e-9));
  CHECK(e.course[1].remission_by_week[6] == Approx(.25 + .2).margin(1e-9));
  CHECK(in(e, State::untreated)[30] == Approx(.25 + .1).margin(1e-9));
}

TEST_CASE("Who refuses takes the next arm of the file", "[models]") {
  // Weights 1, 2, 1; acceptance 1/2, 1, 1/2; arm 1 is to be had by 3/4.
  // With it: arm 0 1/4 1/2 (itself) + 1/4 1/2 1/2 * 0 ... : from 0: 1/2 to 0,
  // 1/2 to 1; from 1: all to 1; from 2: 1/2 to 2, 1/4 to 0, 1/4 to 1.
  // Without it weights are 1, 1: from 0: 1/2 to 0, 1/4 to 2; from 2 likewise.
  Hand hand(30);
  hand.step(4, 1, at(2));
  StepLaw& step = hand.law.pathways[0][0];
  step.selective = true;
  step.arms.resize(3, step.arms[0]);
  step.arms[1].weight = 2;
  step.arms[0].acceptance = step.arms[2].acceptance = cut(.5);
  step.arms[1].access = cut(.75);
  const auto e = hand.expected();
  check_consistency(e);
  const auto& arms = e.course[1].arms[0];
  CHECK(arms[0].entered ==
        Approx(.75 * (.125 + .0625) + .25 * .5 * (.5 + .25)).margin(1e-9));
  CHECK(arms[1].entered == Approx(.75 * (.125 + .5 + .0625)).margin(1e-9));
  CHECK(arms[2].entered ==
        Approx(.75 * .125 + .25 * .5 * (.5 + .25)).margin(1e-9));
  CHECK(in(e, State::untreated)[0] == Approx(.25 * .25).margin(1e-9));
  CHECK(e.course[0].arms[0][1].entered == Approx(.5).margin(1e-9));
}

TEST_CASE("A coarser grid is off by little", "[models]") {
  // Remission at every tick, the rest at every 64 ticks; the same on grids of
  // 16 and 32 ticks. Where only the step's times are between the cells, what is
  // left is of the order of the density of starts within a tick of the horizon.
  Hand hand(60);
  const auto erlang = [](double t) {
    const double x = t / 1.3;
    return (1 - std::exp(-x) * (1 + x)) /
           (1 - std::exp(-12 / 1.3) * (1 + 12 / 1.3));
  };
  ArmLaw& arm = hand.step(12, .6, tabulated(erlang, 1, weeks(12)));
  hand.law.times[0].cut.back() = certain;
  arm.follow_up_remitted.relapse =
      hand.survival(exponential(.05, 64, weeks(60)));
  arm.follow_up_remitted.drop_out =
      hand.survival(exponential(.01, 64, weeks(60)));
  arm.follow_up_remitted.next_step = cut(.3);
  arm.follow_up_remitted.same_step = cut(.8);
  arm.follow_up_remitted.gap = cut(.9);
  hand.law.pathways[0].push_back(hand.law.pathways[0][0]);
  hand.law.gap_return = hand.survival(exponential(.1, 64, weeks(60)));
  hand.law.pathways[0][1].wait = hand.survival(exponential(.5, 64, weeks(60)));
  hand.law.spontaneous_remission =
      hand.survival(exponential(.02, 64, weeks(60)));
  hand.law.spontaneous_relapse = hand.survival(exponential(.03, 64, weeks(60)));
  const auto fine = expect(hand.law).pathways[0];
  CHECK(expect(hand.law).grid_ticks == 1);
  check_consistency(fine);
  for (const Ticks grid : {16u, 32u}) {
    const Expectation coarse = expect(hand.law, grid);
    CHECK_FALSE(coarse.grid_is_exact);
    check_consistency(coarse.pathways[0]);
    double worst = 0;
    for (std::size_t s = 0; s < state_count; ++s)
      for (std::size_t w = 0; w <= 60; ++w)
        worst =
            std::max(worst, std::abs(coarse.pathways[0].later.occupancy[s][w] -
                                     fine.later.occupancy[s][w]));
    INFO(grid << " ticks: " << worst);
    CHECK(worst < 5e-6);
  }
}

TEST_CASE("Access is for life", "[models]") {
  // The arm is to be had by 0.3 of the patients in the first step and, the same
  // treatment, by 0.5 in the second: who has the former has the latter. Half
  // remit at each; relapse leads to the same step.
  Hand hand(30);
  for (const double access : {.3, .5}) {
    ArmLaw& arm = hand.step(4, .5, at(2));
    arm.access = cut(access);
    arm.offered = 7;
    arm.follow_up_remitted.relapse = hand.survival(at(3));
    arm.follow_up_remitted.next_step = impossible;
    hand.law.pathways[0].back().selective = true;
  }
  const auto e = hand.expected();
  check_consistency(e);
  // Rounds of 5 weeks: at week 0, 5, ..., 25 the first step is entered by
  // 0.3 / 2^n. The second is entered at week 0 by the 0.2 who have access only
  // to it, and at week 4 + 5n by those who fail in round n of the first, from
  // where each comes back in 0.5 per round until the horizon.
  double first = 0, second = 0;
  for (int n = 0; n < 6; ++n) {
    first += .3 * std::pow(.5, n);
    second += .2 * std::pow(.5, n);
    for (int m = 0; 4 + 5 * (n + m) < 30; ++m)
      second += .3 * std::pow(.5, n + 1) * std::pow(.5, m);
  }
  CHECK(e.course[1].step(0).entered == Approx(first).margin(1e-9));
  CHECK(e.course[1].step(1).entered == Approx(second).margin(1e-9));
  CHECK(in(e, State::untreated)[0] == Approx(.5).margin(1e-9));
  CHECK(e.course[0].step(0).entered == Approx(1).margin(1e-9));
}

TEST_CASE("Remission may depend on how well the treatment was given",
          "[models]") {
  // Log odds 0.4; 1.0 less without adherence (0.7 adhere), 0.5 less at a low
  // dose (0.6 reach an adequate one). Only trials given well count as adequate;
  // who has failed one passes the second step by.
  Hand hand(30);
  ArmLaw& arm = hand.step(4, .5, at(2));
  hand.law.scores.emplace_back();
  arm.remission[0].score = 0;
  arm.remission[0].intercept = .4F;
  arm.adherence = chance(.7);
  arm.non_adherence_log_odds = -1;
  arm.dose_adequacy = cut(.6);
  arm.low_dose_log_odds = -.5F;
  hand.step(4, 1, at(2)).eligible = {
      {Test{Condition::Fact::adequate_failed_trials, 0, 0, 0, 0}}};
  hand.law.pathways[0][1].selective = true;
  const auto e = hand.expected();
  check_consistency(e);
  const auto p = [](double log_odds) { return 1 / (1 + std::exp(-log_odds)); };
  // Cuts of log odds are within 2e-6.
  CHECK(e.course[1].step(0).remission ==
        Approx(.42 * p(.4) + .28 * p(-.1) + .18 * p(-.6) + .12 * p(-1.1))
            .margin(3e-6));
  CHECK(e.course[1].step(1).entered ==
        Approx(.28 * p(.1) + .18 * p(.6) + .12 * p(1.1)).margin(3e-6));
  CHECK(in(e, State::untreated)[4] == Approx(.42 * p(-.4)).margin(3e-6));
}

TEST_CASE("Patients who differ have no exact answer", "[models]") {
  const auto refused = [](const std::function<void(ArmLaw&)>& change,
                          const std::string& reason) {
    Hand hand(10);
    hand.law.scores = {{{{0, false, 40, .5F}}}};
    change(hand.step(4, .5, at(2)));
    hand.law.pathways[0][0].selective = true;
    CHECK_THROWS_WITH(expect(hand.law), Catch::StartsWith(reason));
    CHECK_THROWS_AS(expect(hand.law), std::domain_error);
  };
  refused([](ArmLaw& arm) { arm.remission[0].score = 0; },
          "patients differ in their chance of remission");
  refused([](ArmLaw& arm) { arm.follow_up_remitted.relapse_score = 0; },
          "patients differ in their hazard of relapse");
  refused(
      [](ArmLaw& arm) {
        arm.eligible = {{Test{Condition::Fact::covariate, 0, 0, 1, 0}}};
      },
      "eligibility asks for a covariate");
}
