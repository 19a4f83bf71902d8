#include "sim/core/life.hpp"

#include "models/planted.hpp"
#include "models/score.hpp"
#include "models/smooth_tables.hpp"
#include "sim/core/mortal.hpp"
#include "sim/core/offer.hpp"

#include <algorithm>
#include <optional>

namespace stardsim {
namespace {

class Patient {
 public:
  // With `draws`, every word that decides something is kept in the life.
  Patient(const Engine& engine, Luck luck, const PathwayLaw& steps,
          const std::vector<float>& scores, bool everybody_continues,
          bool draws, Life& life)
      : engine_(engine),
        law_(engine.law),
        steps_(steps),
        luck_(luck),
        scores_(scores),
        everybody_continues_(everybody_continues),
        keeps_draws_(draws),
        life_(life) {
    history_ = {entry_trials(law_, life_.covariates), 0};
    life_.entry = standing();
    if (law_.mortality)
      mortality_.emplace(*law_.mortality, life_.covariates,
                         draw(Purpose::death, 0));
  }

  void live() {
    tell(Happening::entry);
    while (going_ && is_step(position_) && visit_ < max_visits) {
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
  }

 private:
  // ---- before the step ----

  bool is_step(std::uint32_t position) const {
    return UNLESS_PLANTED(last_step_skipped, position < steps_.size(),
                          position + 1 < steps_.size());
  }

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
    if (keeps_draws_)
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
      if (!pass(time, Health::no_response, Phase::waiting)) return false;
    }
    going_ = clock_ < engine_.horizon;
    return going_;
  }

  // ---- the attempt ----

  void attempt(const ArmLaw& arm, std::size_t place) {
    arm_ = place;
    treatment_ = &arm;
    life_.trials.push_back({standing(), standing()});
    tell(Happening::start);
    suffer_adverse_events(arm);
    start_ = clock_;
    const bool adherent = is_adherent(arm), dosed = is_dosed(arm);
    Happening outcome = respond(arm, adherent, dosed);
    if (!pass(time_of(outcome, arm), Health::no_response, Phase::acute))
      return break_off();
    if (outcome == Happening::partial_response) outcome = improve(arm);
    if (outcome == Happening::unfinished) return break_off();
    tell(outcome);
    const bool remitted = outcome == Happening::remission;
    const bool adequate =
        adherent && dosed && clock_ - start_ >= arm.adequate_ticks;
    remember(arm, remitted ? LastOutcome::none : last_outcome(outcome),
             adequate, history_);
    last_class_ = arm.class_bit;
    if (!remitted) resistant_since_ = std::min(resistant_since_, start_);
    life_.trials.back().at_end = standing();
    if (remitted)
      after_remission(arm);
    else if (outcome == Happening::partial_response_lost)
      after_relapse(arm.follow_up_remitted);
    else
      after_failure(arm, outcome);
  }

  // The horizon, or death, has come within the attempt.
  void break_off() {
    const bool died = life_.cause_of_death != CauseOfDeath::none;
    // What ended it is told after it.
    if (died) life_.events.pop_back();
    tell(Happening::unfinished);
    if (died) tell(Happening::death);
  }

  Standing standing() const {
    return {history_.trials, history_.classes, resistant_since_};
  }

  void suffer_adverse_events(const ArmLaw& arm) {
    for (std::uint32_t n = 0; n < arm.adverse_events.size(); ++n) {
      const Cut cut = arm.adverse_events[n];
      if (cut == impossible ||
          draw(Purpose::adverse_event, visit_, cut, n) >= cut)
        continue;
      tell(Happening::adverse_event);
      life_.adverse_events.push_back(n);
    }
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

  // Whether the class of this treatment is not that of the one before.
  bool is_new_class(const ArmLaw& arm) const {
    return visit_ == 0 || arm.class_bit == 0 || arm.class_bit != last_class_;
  }

  // What stands for this line, and for a repeated class or a new one.
  template <class T>
  const T& at_this_line(const ArmLaw& arm, const std::vector<T>& by_line,
                        const std::vector<T>& if_new_class) const {
    return at_line(
        if_new_class.empty() || !is_new_class(arm) ? by_line : if_new_class,
        visit_);
  }

  Happening respond(const ArmLaw& arm, bool adherent, bool dosed) {
    Cut remission, partial, intolerance = certain;
    if (!arm.risks.empty()) {
      const Risks& risks = at_this_line(arm, arm.risks, arm.risks_if_new_class);
      remission = risks.remission;
      partial = risks.up_to_partial_response;
    } else {
      const Chance& chance =
          at_this_line(arm, arm.remission, arm.remission_if_new_class);
      const float shift = 0;
      remission = !chance.differs()
                      ? chance.cut
                      : cut_of_log_odds(
                            ((chance.intercept + scores_[chance.score]) +
                             (adherent ? shift : arm.non_adherence_log_odds)) +
                            (dosed ? shift : arm.low_dose_log_odds));
      partial =
          up_to_partial_response(remission, cut_of(arm.partial_response, 0));
      intolerance = from_intolerance(cut_of(arm.intolerance, 0));
    }
    const std::uint32_t word = draw(Purpose::outcome, visit_, remission);
    if (keeps_draws_) life_.draws.back().further = {partial, intolerance};
    if (word < UNLESS_PLANTED(partial_as_remission, remission, partial))
      return Happening::remission;
    if (word < partial) return Happening::partial_response;
    return word >= intolerance ? Happening::intolerance
                               : Happening::no_response;
  }

  // From the start of the step to the outcome.
  Ticks time_of(Happening outcome, const ArmLaw& arm) {
    const Ticks length = steps_[position_].length;
    std::size_t time = arm.no_response_time;
    if (!arm.risks.empty() && outcome != Happening::no_response)
      time = at_this_line(arm, arm.risks, arm.risks_if_new_class).time;
    else if (outcome == Happening::remission)
      time = arm.remission_time;
    else if (outcome == Happening::intolerance)
      time = arm.intolerance_time;
    return law_.times[time].tick.front() == length
               ? length
               : draw_time(engine_.times[time], Purpose::outcome_time);
  }

  // From partial response to the end of the step, and through its extension.
  Happening improve(const ArmLaw& arm) {
    const Ticks spent = clock_ - start_, length = steps_[position_].length;
    if (!arm.risks.empty() &&
        !pass(length - spent, Health::partial_response, Phase::acute))
      return Happening::unfinished;
    if (!arm.extension) return Happening::partial_response;
    const ExtensionLaw& extension = *arm.extension;
    tell(Happening::extension);
    const std::size_t law = at_this_line(arm, extension.remission,
                                         extension.remission_if_new_class);
    const Ticks remission =
        draw_time(engine_.survivals[law], Purpose::extension_remission);
    const Ticks relapse = extension.relapse == nothing
                              ? never
                              : draw_time(engine_.survivals[extension.relapse],
                                          Purpose::extension_relapse);
    const Ticks until = std::min({remission, relapse, extension.length});
    if (!pass(until, Health::partial_response, Phase::extension))
      return Happening::unfinished;
    if (until == remission) return Happening::remission;
    return until == relapse ? Happening::partial_response_lost
                            : Happening::partial_response;
  }

  Cut cut_of(const Chance& chance, float shift) const {
    return chance.differs() ? cut_of_log_odds(chance.intercept +
                                              scores_[chance.score] + shift)
                            : chance.cut;
  }

  static LastOutcome last_outcome(Happening outcome) {
    if (outcome == Happening::no_response) return LastOutcome::no_response;
    return outcome == Happening::intolerance ? LastOutcome::intolerance
                                             : LastOutcome::partial_response;
  }

  // ---- what follows it ----

  void after_failure(const ArmLaw& arm, Happening outcome) {
    const AfterLaw& after =
        outcome == Happening::partial_response ? arm.after_partial_response
        : outcome == Happening::intolerance    ? arm.after_intolerance
                                               : arm.after_no_response;
    if (everybody_continues_ || after.everybody_continues())
      return go_to(position_ + 1);
    const Cut stay =
        after.stay.differs()
            ? 0 - cut_of_log_odds(after.stay.intercept +
                                  scores_[after.stay.score])
            : UNLESS_PLANTED(attrition_twice, after.stay.cut,
                             part_of(after.stay.cut, after.stay.cut));
    const Cut next_step = part_of(stay, after.next_of_stay);
    const Cut to_follow_up = part_of(stay, after.follow_up_of_stay);
    const std::uint32_t word =
        draw(UNLESS_PLANTED(shared_luck, Purpose::attrition, Purpose::outcome),
             visit_, stay);
    if (keeps_draws_) life_.draws.back().further = {next_step, to_follow_up};
    if (word >= stay)
      leave(Happening::left_care);
    else if (word < next_step)
      go_to(position_ + 1);
    else if (word < to_follow_up)
      follow_up(arm.follow_up_not_remitted,
                outcome == Happening::partial_response
                    ? Health::partial_response
                    : Health::no_response);
    else
      stay_away(arm.gap_return_after_failure);
  }

  void after_remission(const ArmLaw& arm) {
    if (everybody_continues_) {
      going_ = false;
      return;
    }
    const Cut enters = arm.follow_up_if_remitted;
    if (enters < certain && draw(Purpose::follow_up, visit_, enters) >= enters)
      return leave(Happening::left_care);
    follow_up(arm.follow_up_remitted, Health::remission);
  }

  void follow_up(const FollowUpLaw& law, Health health) {
    const Ticks remission = clock_, spent = clock_ - start_;
    tell(Happening::follow_up);
    const bool remitted = health == Health::remission;
    const Ticks length = steps_[position_].length;
    if (remitted && treatment_->follow_up_from_end_of_step && spent < length &&
        !pass(length - spent, health, Phase::follow_up))
      return;
    const Ticks relapse = time_of_relapse(law, remission - start_);
    const Ticks drop_out =
        law.drop_out == nothing
            ? never
            : draw_time(engine_.survivals[law.drop_out], Purpose::drop_out);
    if (!pass(std::min(relapse, drop_out), health, Phase::follow_up)) return;
    if (drop_out < relapse) return leave(Happening::drop_out);
    tell(Happening::relapse);
    if (remitted) history_.trials |= history::relapsed;
    after_relapse(law);
  }

  void after_relapse(const FollowUpLaw& law) {
    // The course if all continue lasts to the first remission: who has lost a
    // partial response goes on to the next step.
    if (everybody_continues_) return go_to(position_ + 1);
    std::uint32_t word = 0;
    if (law.next_step < certain) {
      word = draw(Purpose::after_relapse, visit_, law.next_step);
      if (keeps_draws_) life_.draws.back().further = {law.same_step, law.gap};
    }
    if (word < law.next_step)
      go_to(position_ + 1);
    else if (word < law.same_step)
      go_to(position_);
    else if (word < law.gap)
      stay_away(treatment_->gap_return_after_relapse);
    else
      leave(Happening::left_care);
  }

  Ticks time_of_relapse(const FollowUpLaw& law, Ticks to_remission) {
    if (law.relapse == nothing) return never;
    std::uint32_t word = word_at(Purpose::relapse, visit_);
    const std::uint32_t drawn = word;
    if (changes_hazard(law)) {
      float log_hazard =
          law.relapse_score == nothing ? 0 : scores_[law.relapse_score];
      if (law.early_until > 0 && to_remission <= law.early_until)
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
    return UNLESS_PLANTED(
        relapse_clock, time,
        time - ((history_.trials & history::relapsed) ? std::min(time, clock_)
                                                      : 0));
  }

  void stay_away(std::size_t return_law) {
    tell(Happening::gap);
    const Ticks back =
        return_law == nothing
            ? never
            : draw_time(engine_.survivals[return_law], Purpose::gap_return);
    const Ticks remission =
        law_.remits_in_gaps
            ? draw_time(engine_.survivals[law_.spontaneous_remission],
                        Purpose::remission_in_gap)
            : never;
    if (!pass(std::min(back, remission), Health::no_response, Phase::gap))
      return;
    if (remission < back && !remit_in_gap()) return;
    tell(Happening::gap_return);
    go_to(position_ + 1);
  }

  // Whether it is lost again.
  bool remit_in_gap() {
    tell(Happening::spontaneous_remission);
    const std::size_t law = law_.spontaneous_relapse;
    const Ticks relapse = law == nothing ? never
                                         : draw_time(engine_.survivals[law],
                                                     Purpose::relapse_in_gap);
    if (!pass(relapse, Health::remission, Phase::gap)) return false;
    tell(Happening::spontaneous_relapse);
    return true;
  }

  void go_to(std::uint32_t position) {
    position_ = position;
    if (position < steps_.size() && clock_ >= engine_.horizon) going_ = false;
  }

  void leave(Happening how) {
    tell(how);
    if (!everybody_continues_) rest(Phase::out_of_care);
    going_ = false;
  }

  void go_untreated() {
    tell(Happening::exhausted);
    const std::size_t remission = law_.spontaneous_remission;
    if (remission == nothing) return rest(Phase::untreated);
    for (std::uint32_t n = 0; n < max_visits; ++n) {
      if (!pass(draw_time(engine_.survivals[remission],
                          Purpose::spontaneous_remission, n),
                Health::no_response, Phase::untreated))
        return;
      tell(Happening::spontaneous_remission);
      if (everybody_continues_) return;
      const std::size_t relapse = law_.spontaneous_relapse;
      if (!pass(relapse == nothing ? never
                                   : draw_time(engine_.survivals[relapse],
                                               Purpose::spontaneous_relapse, n),
                Health::remission, Phase::untreated))
        return;
      tell(Happening::spontaneous_relapse);
    }
    rest(Phase::untreated);
  }

  // ---- time ----

  // Lets time go by. If he dies or the horizon comes first, that is told, and
  // the course has ended: false.
  bool pass(Ticks time, Health health, Phase phase) {
    const bool comes = clock_ + time <= engine_.horizon;
    if (!stay_alive(comes ? clock_ + time : engine_.horizon, health, phase))
      return going_ = false;
    if (comes) return true;
    if (phase != Phase::acute && phase != Phase::extension &&
        phase != Phase::waiting)
      tell(Happening::horizon);
    return going_ = false;
  }

  // To the horizon, as nothing more than death is told of him.
  void rest(Phase phase) {
    stay_alive(engine_.horizon, Health::no_response, phase);
  }

  bool stay_alive(Ticks until, Health health, Phase phase) {
    const Ticks from = clock_;
    // For good. What takes no time does not count.
    resistant_ = resistant_ || (from < until && is_resistant(phase));
    const bool resistant = resistant_;
    const bool died =
        mortality_ &&
        mortality_->dies(
            from, until, health, resistant,
            phase == Phase::acute ? treatment_->death_at_procedure : 0);
    clock_ = died ? mortality_->tick() : until;
    if (clock_ > from)
      life_.stretches.push_back(
          {from, clock_, health, phase, resistant,
           is_on_treatment(phase) ? treatment_->origin : nothing});
    if (!died) return true;
    life_.cause_of_death = mortality_->cause(draw(Purpose::cause_of_death, 0));
    tell(Happening::death);
    return false;
  }

  // Whether one of the rules holds.
  bool is_resistant(Phase phase) const {
    const std::uint32_t lines = static_cast<std::uint32_t>(life_.trials.size());
    const std::uint32_t adequate =
        history_.trials >> history::adequate_shift & history::failed_mask;
    for (const ResistanceLaw::Rule& rule : law_.resistance.any_of)
      if (lines >= rule.line && adequate >= rule.adequate_failed_trials &&
          (rule.phases >> static_cast<unsigned>(phase) & 1))
        return true;
    return false;
  }

  // ---- words ----

  std::uint32_t word_at(Purpose purpose, std::uint32_t visit,
                        std::uint32_t sub_draw = 0) const {
    return word_as_compared(luck_, life_.patient, purpose, visit, sub_draw);
  }

  std::uint32_t draw(Purpose purpose, std::uint32_t visit, Cut cut = impossible,
                     std::uint32_t sub_draw = 0) {
    const std::uint32_t word = word_at(purpose, visit, sub_draw);
    if (keeps_draws_)
      life_.draws.push_back({life_.events.size(), purpose, visit, word, cut});
    return word;
  }

  void note(Purpose purpose, std::uint32_t visit, std::uint32_t word,
            Ticks time) {
    if (keeps_draws_)
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
  const std::vector<float>& scores_;
  const bool everybody_continues_, keeps_draws_;
  History history_{};
  std::uint32_t last_class_ = 0;
  std::optional<Mortal> mortality_;
  const ArmLaw* treatment_ = nullptr;
  Ticks clock_ = 0, start_ = 0, resistant_since_ = never;
  std::uint32_t visit_ = 0, position_ = 0;
  std::size_t arm_ = 0;
  bool going_ = true, resistant_ = false;
  Life& life_;
};

void draw_covariates(const Law& law, Luck luck, bool draws, Life& life,
                     std::vector<float>& scores) {
  const CohortLaw& cohort = law.cohort;
  const auto draw = [&](Purpose purpose, std::uint32_t visit) {
    const std::uint32_t word =
        word_as_compared(luck, life.patient, purpose, visit);
    if (draws) life.draws.push_back({0, purpose, visit, word, impossible});
    return word;
  };
  std::vector<float> normal;
  for (std::uint32_t c = 0; c < cohort.covariates.size(); ++c) {
    const auto kind = cohort.covariates[c].kind;
    normal.push_back(kind == CovariateLaw::Kind::table
                         ? 0  // of no account: it is correlated with none
                     : kind == CovariateLaw::Kind::propensity
                         ? normal_score(draw(Purpose::propensity, 0))
                         : normal_score(draw(Purpose::covariate, c)));
  }
  std::size_t row = 0;
  if (cohort.rows > 0)
    row = cohort.row_of(life.patient, cohort.row_cuts.empty()
                                          ? 0
                                          : draw(Purpose::table_row, 0));
  life.covariates = cohort.values(normal, row);
  scores.clear();
  for (const Score& score : law.scores)
    scores.push_back(value_of(score, life.covariates));
}

}  // namespace

Life live(const Engine& engine, Luck luck, std::uint64_t patient,
          std::size_t pathway, bool everybody_continues) {
  Life life;
  life.patient = patient;
  std::vector<float> scores;
  draw_covariates(engine.law, luck, true, life, scores);
  Patient(engine, luck, engine.law.pathways[pathway], scores,
          everybody_continues, true, life)
      .live();
  return life;
}

void Lives::enter(std::uint64_t patient) {
  life_.patient = patient;
  draw_covariates(engine_.law, luck_, false, life_, scores_);
}

const Life& Lives::live(std::size_t pathway, bool everybody_continues) {
  life_.events.clear();
  life_.trials.clear();
  life_.stretches.clear();
  life_.adverse_events.clear();
  life_.cause_of_death =
      UNLESS_PLANTED(state_leak, CauseOfDeath::none, life_.cause_of_death);
  Patient(engine_, luck_, engine_.law.pathways[pathway], scores_,
          everybody_continues, false, life_)
      .live();
  return life_;
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
    case Happening::adverse_event:
      return "adverse_event";
    case Happening::extension:
      return "extension";
    case Happening::remission:
      return "remission";
    case Happening::partial_response:
      return "partial_response";
    case Happening::intolerance:
      return "intolerance";
    case Happening::no_response:
      return "no_response";
    case Happening::partial_response_lost:
      return "partial_response_lost";
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
    case Happening::death:
      return "death";
    case Happening::horizon:
      return "horizon";
  }
  return "";
}

}  // namespace stardsim
