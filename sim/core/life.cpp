#include "sim/core/life.hpp"

#include "models/score.hpp"
#include "models/smooth_tables.hpp"
#include "sim/core/offer.hpp"

#include <algorithm>

namespace stardsim {
namespace {

class Patient {
 public:
  Patient(const Engine& engine, Luck luck, std::uint64_t id,
          const PathwayLaw& steps, bool everybody_continues)
      : engine_(engine),
        law_(engine.law),
        steps_(steps),
        luck_(luck),
        everybody_continues_(everybody_continues) {
    life_.patient = id;
    draw_covariates();
    for (const Score& score : law_.scores)
      scores_.push_back(value_of(score, life_.covariates));
    history_ = {entry_trials(law_, life_.covariates), 0};
    life_.entry = standing();
  }

  Life live() && {
    tell(Happening::entry);
    while (going_ && position_ < steps_.size() && visit_ < max_visits) {
      const std::size_t arm = choose_arm();
      if (arm == nothing) {
        tell(Happening::passed_on);
        ++position_;
        continue;
      }
      if (!wait_for_start()) break;
      attempt(steps_[position_].arms[arm], arm);
      ++visit_;
    }
    if (going_) go_untreated();
    return std::move(life_);
  }

 private:
  // ---- at entry ----

  void draw_covariates() {
    const CohortLaw& cohort = law_.cohort;
    std::vector<float> scores;
    for (std::uint32_t c = 0; c < cohort.covariates.size(); ++c) {
      const auto kind = cohort.covariates[c].kind;
      scores.push_back(kind == CovariateLaw::Kind::table
                           ? 0  // of no account: it is correlated with none
                       : kind == CovariateLaw::Kind::propensity
                           ? normal_score(draw(Purpose::propensity, 0))
                           : normal_score(draw(Purpose::covariate, c)));
    }
    std::size_t row = 0;
    if (cohort.rows > 0)
      row = cohort.row_of(life_.patient, cohort.row_cuts.empty()
                                             ? 0
                                             : draw(Purpose::table_row, 0));
    life_.covariates = cohort.values(scores, row);
  }

  // ---- before the step ----

  std::size_t choose_arm() {
    const StepLaw& step = steps_[position_];
    const bool one = step.arms.size() == 1;
    const std::uint32_t word =
        one && !step.selective ? 0 : draw(Purpose::arm, visit_);
    if (!step.selective) {
      std::size_t arm = 0;
      while (word >= step.arms[arm].chosen_below) ++arm;
      return arm;
    }
    const Candidate candidate{history_, visit_, life_.covariates.data(), 1};
    return chosen_arm(
        step, candidate, word, everybody_continues_,
        [&](const ArmLaw& arm) {
          return agrees(Purpose::access, arm, arm.offered, arm.access);
        },
        [&](const ArmLaw& arm, std::size_t place) {
          return agrees(Purpose::acceptance, arm, visit_, arm.acceptance,
                        offer_number(position_, place));
        });
  }

  bool agrees(Purpose purpose, const ArmLaw& arm, std::uint32_t visit, Cut cut,
              std::uint32_t sub_draw = 0) {
    const std::uint32_t word = draw(purpose, visit, cut, sub_draw);
    life_.draws.back().arm =
        static_cast<std::uint32_t>(&arm - steps_[position_].arms.data());
    return word < cut;
  }

  // Whether the step starts before the horizon.
  bool wait_for_start() {
    const std::size_t wait = steps_[position_].wait;
    if (wait != nothing) {
      const Ticks time = draw_time(engine_.survivals[wait], Purpose::wait);
      if (time > 0) tell(Happening::waiting);
      clock_ += time;
    }
    going_ = clock_ < engine_.horizon;
    return going_;
  }

  // ---- the attempt ----

  void attempt(const ArmLaw& arm, std::size_t place) {
    arm_ = place;
    life_.trials.push_back({standing(), standing()});
    tell(Happening::start);
    start_ = clock_;
    const bool adherent = is_adherent(arm), dosed = is_dosed(arm);
    const Happening outcome = respond(arm, adherent, dosed);
    const std::size_t time =
        outcome == Happening::remission     ? arm.remission_time
        : outcome == Happening::intolerance ? arm.intolerance_time
                                            : arm.no_response_time;
    clock_ += law_.times[time].tick.front() == steps_[position_].length
                  ? steps_[position_].length
                  : draw_time(engine_.times[time], Purpose::outcome_time);
    if (clock_ > engine_.horizon) {
      clock_ = engine_.horizon;
      tell(Happening::unfinished);
      going_ = false;
      return;
    }
    tell(outcome);
    const bool remitted = outcome == Happening::remission;
    const bool adequate =
        adherent && dosed && clock_ - start_ >= arm.adequate_ticks;
    remember(arm, remitted ? LastOutcome::none : last_outcome(outcome),
             adequate, history_);
    if (!remitted) resistant_since_ = std::min(resistant_since_, start_);
    life_.trials.back().at_end = standing();
    if (remitted)
      after_remission(arm);
    else
      after_failure(arm, outcome);
  }

  Standing standing() const {
    return {history_.trials, history_.classes, resistant_since_};
  }

  bool is_adherent(const ArmLaw& arm) {
    const Chance& chance = arm.adherence;
    if (!chance.differs() && chance.cut == certain) return true;
    const Cut cut = cut_of(chance, 0);
    return draw(Purpose::adherence, visit_, cut) < cut;
  }

  bool is_dosed(const ArmLaw& arm) {
    return arm.dose_adequacy == certain ||
           draw(Purpose::dose, visit_, arm.dose_adequacy) < arm.dose_adequacy;
  }

  Happening respond(const ArmLaw& arm, bool adherent, bool dosed) {
    const Chance& chance = arm.remission_at(visit_);
    float shift = 0;
    const Cut remission =
        !chance.differs()
            ? chance.cut
            : cut_of_log_odds(
                  ((chance.intercept + scores_[chance.score]) +
                   (adherent ? shift : arm.non_adherence_log_odds)) +
                  (dosed ? shift : arm.low_dose_log_odds));
    const Cut partial =
        up_to_partial_response(remission, cut_of(arm.partial_response, 0));
    const Cut intolerance = from_intolerance(cut_of(arm.intolerance, 0));
    const std::uint32_t word = draw(Purpose::outcome, visit_, remission);
    life_.draws.back().further = {partial, intolerance};
    if (word < remission) return Happening::remission;
    if (word < partial) return Happening::partial_response;
    return word >= intolerance ? Happening::intolerance
                               : Happening::no_response;
  }

  Cut cut_of(const Chance& chance, float shift) const {
    return chance.differs() ? cut_of_log_odds(chance.intercept +
                                              scores_[chance.score] + shift)
                            : chance.cut;
  }

  static LastOutcome last_outcome(Happening outcome) {
    if (outcome == Happening::partial_response)
      return LastOutcome::partial_response;
    return outcome == Happening::intolerance ? LastOutcome::intolerance
                                             : LastOutcome::no_response;
  }

  // ---- what follows it ----

  void after_failure(const ArmLaw& arm, Happening outcome) {
    const AfterLaw& after =
        outcome == Happening::partial_response ? arm.after_partial_response
        : outcome == Happening::intolerance    ? arm.after_intolerance
                                               : arm.after_no_response;
    if (everybody_continues_ || after.everybody_continues())
      return go_to(position_ + 1);
    const Cut stay = after.stay.differs()
                         ? 0 - cut_of_log_odds(after.stay.intercept +
                                               scores_[after.stay.score])
                         : after.stay.cut;
    const Cut next_step = part_of(stay, after.next_of_stay);
    const Cut to_follow_up = part_of(stay, after.follow_up_of_stay);
    const std::uint32_t word = draw(Purpose::attrition, visit_, stay);
    life_.draws.back().further = {next_step, to_follow_up};
    if (word >= stay)
      leave(Happening::left_care);
    else if (word < next_step)
      go_to(position_ + 1);
    else if (word < to_follow_up)
      follow_up(arm.follow_up_not_remitted, false);
    else
      stay_away();
  }

  void after_remission(const ArmLaw& arm) {
    if (everybody_continues_) {
      going_ = false;
      return;
    }
    const Cut enters = arm.follow_up_if_remitted;
    if (enters < certain && draw(Purpose::follow_up, visit_, enters) >= enters)
      return leave(Happening::left_care);
    follow_up(arm.follow_up_remitted, true);
  }

  void follow_up(const FollowUpLaw& law, bool remitted) {
    tell(Happening::follow_up);
    const Ticks relapse = time_of_relapse(law);
    const Ticks drop_out =
        law.drop_out == nothing
            ? never
            : draw_time(engine_.survivals[law.drop_out], Purpose::drop_out);
    clock_ += std::min(relapse, drop_out);
    if (clock_ > engine_.horizon) return reach_horizon();
    if (drop_out < relapse) return leave(Happening::drop_out);
    tell(Happening::relapse);
    if (remitted) history_.trials |= history::relapsed;
    std::uint32_t word = 0;
    if (law.next_step < certain) {
      word = draw(Purpose::after_relapse, visit_, law.next_step);
      life_.draws.back().further = {law.same_step, law.gap};
    }
    if (word < law.next_step)
      go_to(position_ + 1);
    else if (word < law.same_step)
      go_to(position_);
    else if (word < law.gap)
      stay_away();
    else
      leave(Happening::left_care);
  }

  Ticks time_of_relapse(const FollowUpLaw& law) {
    if (law.relapse == nothing) return never;
    std::uint32_t word = word_at(Purpose::relapse, visit_);
    const std::uint32_t drawn = word;
    if (changes_hazard(law)) {
      float log_hazard =
          law.relapse_score == nothing ? 0 : scores_[law.relapse_score];
      if (law.early_until > 0 && clock_ - start_ <= law.early_until)
        log_hazard += law.early_log_hazard;
      word = word_with_hazard(word, log_hazard);
      if (law.stop != nothing) {
        const Ticks stop =
            draw_time(engine_.survivals[law.stop], Purpose::treatment_stop);
        word = word_after_stop(word, engine_.survivals[law.relapse].by(stop),
                               law.stopped_log_hazard);
      }
      word = std::min(word, highest_word);
    }
    const Ticks time = engine_.survivals[law.relapse].at(word);
    note(Purpose::relapse, visit_, drawn, time);
    return time;
  }

  void stay_away() {
    tell(Happening::gap);
    clock_ += law_.gap_return == nothing
                  ? never
                  : draw_time(engine_.survivals[law_.gap_return],
                              Purpose::gap_return);
    if (clock_ > engine_.horizon) return reach_horizon();
    tell(Happening::gap_return);
    go_to(position_ + 1);
  }

  void go_to(std::uint32_t position) {
    position_ = position;
    if (position < steps_.size() && clock_ >= engine_.horizon) going_ = false;
  }

  void leave(Happening how) {
    tell(how);
    going_ = false;
  }

  void reach_horizon() {
    clock_ = engine_.horizon;
    tell(Happening::horizon);
    going_ = false;
  }

  void go_untreated() {
    tell(Happening::exhausted);
    if (law_.spontaneous_remission == nothing) return;
    for (std::uint32_t n = 0; n < max_visits; ++n) {
      clock_ += draw_time(engine_.survivals[law_.spontaneous_remission],
                          Purpose::spontaneous_remission, n);
      if (clock_ > engine_.horizon) return reach_horizon();
      tell(Happening::spontaneous_remission);
      if (everybody_continues_ || law_.spontaneous_relapse == nothing) return;
      clock_ += draw_time(engine_.survivals[law_.spontaneous_relapse],
                          Purpose::spontaneous_relapse, n);
      if (clock_ > engine_.horizon) return reach_horizon();
      tell(Happening::spontaneous_relapse);
    }
  }

  // ---- words ----

  std::uint32_t word_at(Purpose purpose, std::uint32_t visit,
                        std::uint32_t sub_draw = 0) const {
    return word_as_compared(luck_, life_.patient, purpose, visit, sub_draw);
  }

  std::uint32_t draw(Purpose purpose, std::uint32_t visit, Cut cut = impossible,
                     std::uint32_t sub_draw = 0) {
    const std::uint32_t word = word_at(purpose, visit, sub_draw);
    life_.draws.push_back({life_.events.size(), purpose, visit, word, cut});
    return word;
  }

  void note(Purpose purpose, std::uint32_t visit, std::uint32_t word,
            Ticks time) {
    life_.draws.push_back(
        {life_.events.size(), purpose, visit, word, impossible, time});
  }

  Ticks draw_time(const TimeSearch& search, Purpose purpose) {
    return draw_time(search, purpose, visit_);
  }
  Ticks draw_time(const TimeSearch& search, Purpose purpose,
                  std::uint32_t visit) {
    const std::uint32_t word = word_at(purpose, visit);
    const Ticks time = search.at(word);
    note(purpose, visit, word, time);
    return time;
  }

  void tell(Happening what) {
    life_.events.push_back(
        {clock_, what, visit_, position_, static_cast<std::uint32_t>(arm_)});
  }

  const Engine& engine_;
  const Law& law_;
  const PathwayLaw& steps_;
  const Luck luck_;
  const bool everybody_continues_;
  std::vector<float> scores_;
  History history_{};
  Ticks clock_ = 0, start_ = 0, resistant_since_ = never;
  std::uint32_t visit_ = 0, position_ = 0;
  std::size_t arm_ = 0;
  bool going_ = true;
  Life life_;
};

}  // namespace

Life live(const Engine& engine, Luck luck, std::uint64_t patient,
          std::size_t pathway, bool everybody_continues) {
  return Patient(engine, luck, patient, engine.law.pathways[pathway],
                 everybody_continues)
      .live();
}

const char* name_of(Happening what) {
  switch (what) {
    case Happening::entry:
      return "entry";
    case Happening::passed_on:
      return "passed_on";
    case Happening::waiting:
      return "waiting";
    case Happening::start:
      return "start";
    case Happening::remission:
      return "remission";
    case Happening::partial_response:
      return "partial_response";
    case Happening::intolerance:
      return "intolerance";
    case Happening::no_response:
      return "no_response";
    case Happening::unfinished:
      return "unfinished";
    case Happening::left_care:
      return "left_care";
    case Happening::follow_up:
      return "follow_up";
    case Happening::relapse:
      return "relapse";
    case Happening::drop_out:
      return "drop_out";
    case Happening::gap:
      return "gap";
    case Happening::gap_return:
      return "gap_return";
    case Happening::exhausted:
      return "exhausted";
    case Happening::spontaneous_remission:
      return "spontaneous_remission";
    case Happening::spontaneous_relapse:
      return "spontaneous_relapse";
    case Happening::horizon:
      return "horizon";
  }
  return "";
}

}  // namespace stardsim
