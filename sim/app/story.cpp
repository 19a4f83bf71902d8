#include "sim/app/story.hpp"

#include "models/logarithm.hpp"
#include "models/units.hpp"
#include "sim/app/tables.hpp"
#include "sim/core/offer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <variant>
#include <vector>

namespace stardsim {
namespace {

constexpr int usual_decimals = 4, most_decimals = 10;
constexpr const char* indent = "           ";
const std::string row_label = "Row of the table";

double number_of(std::uint32_t word) { return word / 4294967296.0; }

/// Cut short, not rounded: a word is never 1.
std::string word_text(std::uint32_t word, int decimals = usual_decimals) {
  const double power = std::pow(10, decimals);
  return fmt::format("{:.{}f}", std::floor(number_of(word) * power) / power,
                     decimals);
}

std::string cut_text(Cut cut, int decimals) {
  return fmt::format("{:.{}f}", probability_below(cut), decimals);
}

/// As many decimals as show on which side of each cut the word lies.
int decimals_for(std::uint32_t word, const std::vector<Cut>& cuts) {
  int decimals = usual_decimals;
  const auto is_shown = [&](Cut cut) {
    const std::string one = word_text(word, decimals),
                      other = cut_text(cut, decimals);
    return word < cut ? one < other : one >= other;
  };
  while (decimals < most_decimals &&
         !std::all_of(cuts.begin(), cuts.end(), is_shown))
    ++decimals;
  return decimals;
}

std::string after_weeks(Ticks time) {
  if (time >= never) return "not before the horizon";
  return fmt::format("after {:.2f} weeks", to_weeks(time));
}

const char* words_for(Purpose purpose) {
  switch (purpose) {
    case Purpose::arm:
      return "choice of the arm";
    case Purpose::outcome:
      return "outcome";
    case Purpose::outcome_time:
      return "its time";
    case Purpose::attrition:
      return "what follows";
    case Purpose::propensity:
    case Purpose::covariate:
      return "covariate";
    case Purpose::table_row:
      return "row of the table";
    case Purpose::adherence:
      return "takes the treatment as prescribed";
    case Purpose::dose:
      return "reaches an adequate dose";
    case Purpose::acceptance:
      return "accepts";
    case Purpose::access:
      return "can have";
    case Purpose::wait:
      return "wait";
    case Purpose::relapse:
      return "relapse";
    case Purpose::drop_out:
      return "drop-out";
    case Purpose::treatment_stop:
      return "treatment stopped";
    case Purpose::after_relapse:
      return "what follows the relapse";
    case Purpose::gap_return:
      return "return to care";
    case Purpose::follow_up:
      return "enters follow-up";
    case Purpose::spontaneous_remission:
      return "spontaneous remission";
    case Purpose::spontaneous_relapse:
      return "its relapse";
    case Purpose::extension_remission:
      return "remission in the extension";
    case Purpose::extension_relapse:
      return "loss of the partial response";
    case Purpose::adverse_event:
      return "adverse event";
    case Purpose::remission_in_gap:
      return "spontaneous remission in the gap";
    case Purpose::relapse_in_gap:
      return "its relapse";
    case Purpose::death:
      return "death";
    case Purpose::cause_of_death:
      return "its cause";
    case Purpose::parameter:
    case Purpose::test:
      break;
  }
  return "";
}

class Story {
 public:
  Story(const Scenario& scenario, const Engine& engine, const Life& life,
        std::size_t pathway, bool everybody_continues)
      : scenario_(scenario),
        law_(engine.law),
        life_(life),
        pathway_(pathway),
        everybody_continues_(everybody_continues) {}

  std::string text() const {
    std::string text = patient();
    text += "\n   week\n";
    for (std::size_t e = 0; e < life_.events.size(); ++e)
      text += draws_before(e) + fmt::format("{:7.2f}  {}\n",
                                            to_weeks(life_.events[e].tick),
                                            happening(e));
    return text + draws_before(life_.events.size()) + "\n" + summary() + "\n";
  }

 private:
  // ---- who the patient is ----

  std::string value(std::size_t c) const {
    const Covariate& covariate = scenario_.cohort.covariates[c];
    const float number = life_.covariates[c];
    if (!covariate.levels().empty())
      return covariate.levels()[static_cast<std::size_t>(number)];
    if (std::holds_alternative<BernoulliCovariate>(covariate.form))
      return number > 0 ? "yes" : "no";
    if (std::holds_alternative<Propensity>(covariate.form))
      return fmt::format("{:+.3f} standard deviations", number);
    return fmt::format("{:.4g}{}", number,
                       covariate.unit.empty() ? "" : " " + covariate.unit);
  }

  const Draw* entry_draw(Purpose purpose, std::size_t visit) const {
    const auto found = std::find_if(
        life_.draws.begin(), life_.draws.end(), [&](const Draw& draw) {
          return draw.purpose == purpose && draw.visit == visit;
        });
    return found == life_.draws.end() ? nullptr : &*found;
  }

  std::string entry_row(const std::string& label, const std::string& value,
                        const Draw* draw) const {
    std::string row =
        fmt::format("  {:<{}}  {:<26}", label, label_width(), value);
    if (draw) row += "  word " + word_text(draw->word);
    row.erase(row.find_last_not_of(' ') + 1);
    return row + "\n";
  }

  std::string label(std::size_t c) const {
    const Covariate& covariate = scenario_.cohort.covariates[c];
    return covariate.label.empty() ? covariate.name : covariate.label;
  }
  std::size_t label_width() const {
    std::size_t width = law_.cohort.rows > 0 ? row_label.size() : 0;
    for (std::size_t c = 0; c < life_.covariates.size(); ++c)
      width = std::max(width, label(c).size());
    return width;
  }

  std::string patient() const {
    std::string text;
    for (std::size_t c = 0; c < life_.covariates.size(); ++c)
      text += entry_row(
          label(c), value(c),
          law_.cohort.covariates[c].kind == CovariateLaw::Kind::propensity
              ? entry_draw(Purpose::propensity, 0)
              : entry_draw(Purpose::covariate, c));
    if (const Draw* row = entry_draw(Purpose::table_row, 0))
      text += entry_row(row_label, "", row);
    if (const std::string groups = subgroups(); !groups.empty())
      text += "  Belongs to: " + groups + "\n";
    return text.empty() ? "" : "\nThe patient\n" + text;
  }

  std::string subgroups() const {
    const History none;
    std::string text;
    for (std::size_t g = 0; g < law_.subgroups.size(); ++g)
      if (all_hold(law_.subgroups[g], {none, 0, life_.covariates.data(), 1}))
        text += (text.empty() ? "" : ", ") + scenario_.subgroups[g].label;
    return text;
  }

  // ---- what decided it ----

  std::string draws_before(std::size_t event) const {
    std::string text;
    for (const Draw& draw : life_.draws)
      if (draw.before_event == event && draw.purpose != Purpose::covariate &&
          draw.purpose != Purpose::propensity &&
          draw.purpose != Purpose::table_row)
        text += indent + line(draw, event) + "\n";
    return text;
  }

  /// Where the patient stands when a draw before this event is made. That of
  /// an event after a failed attempt is the next step already.
  std::size_t position_before(std::size_t event) const {
    return life_.events[std::min(event, life_.events.size() - 1)].position;
  }
  const StepLaw& step_law(std::size_t position) const {
    return law_.pathways[pathway_][position];
  }

  /// "outcome 0.4312: remission below 0.3680, ...".
  static std::string compared(
      const Draw& draw, const std::string& what,
      const std::vector<std::pair<std::string, Cut>>& cuts) {
    std::vector<Cut> all;
    all.reserve(cuts.size());
    for (const auto& [meaning, cut] : cuts) all.push_back(cut);
    const int decimals = decimals_for(draw.word, all);
    std::string text =
        fmt::format("{} {}", what, word_text(draw.word, decimals));
    const char* between = ": ";
    for (const auto& [meaning, cut] : cuts) {
      text += between + meaning + " " + cut_text(cut, decimals);
      between = ", ";
    }
    return text;
  }

  std::string line(const Draw& draw, std::size_t event) const {
    const std::string what = words_for(draw.purpose);
    switch (draw.purpose) {
      case Purpose::arm:
        return choice(draw, position_before(event));
      case Purpose::access:
      case Purpose::acceptance:
        return compared(
            draw, what + " " + arm_label(position_before(event), draw.arm),
            {{"below", draw.cut}});
      case Purpose::adherence:
      case Purpose::dose:
      case Purpose::adverse_event:
      case Purpose::follow_up:
        return compared(draw, what, {{"below", draw.cut}});
      case Purpose::outcome:
        return outcome(draw);
      case Purpose::attrition:
        return after_failure(draw);
      case Purpose::after_relapse:
        return after_relapse(draw);
      case Purpose::death:
        return fmt::format(
            "{} {}: when the hazards lived through add up to {:.4g}", what,
            word_text(draw.word), cumulative_hazard_at(draw.word));
      case Purpose::cause_of_death:
        return fmt::format("{} {}: in proportion to the hazards", what,
                           word_text(draw.word));
      default:
        return fmt::format("{} {}: {}", what, word_text(draw.word),
                           after_weeks(draw.time));
    }
  }

  std::string choice(const Draw& draw, std::size_t position) const {
    const StepLaw& step = step_law(position);
    const std::string what = words_for(draw.purpose);
    if (step.selective)
      return fmt::format("{} {}: {}", what, word_text(draw.word),
                         step.first_eligible
                             ? "not asked: the first that may be given"
                             : "by share among those that may be given");
    std::vector<std::pair<std::string, Cut>> cuts;
    for (std::size_t a = 0; a < step.arms.size(); ++a)
      cuts.emplace_back(arm_label(position, a) + " below",
                        step.arms[a].chosen_below);
    return compared(draw, what, cuts);
  }

  static std::string outcome(const Draw& draw) {
    const Cut partial = draw.further[0], intolerance = draw.further[1];
    std::vector<std::pair<std::string, Cut>> cuts{
        {"remission below", draw.cut}};
    if (partial > draw.cut)
      cuts.emplace_back("partial response below", partial);
    if (intolerance < certain)
      cuts.emplace_back("intolerance from", std::max(intolerance, partial));
    return compared(draw, words_for(draw.purpose), cuts);
  }

  static std::string after_failure(const Draw& draw) {
    const Cut next = draw.further[0], follow_up = draw.further[1];
    std::vector<std::pair<std::string, Cut>> cuts;
    if (next > 0) cuts.emplace_back("next step below", next);
    if (follow_up > next) cuts.emplace_back("follow-up below", follow_up);
    if (draw.cut > follow_up) cuts.emplace_back("gap below", draw.cut);
    if (draw.cut < certain) cuts.emplace_back("out of care from", draw.cut);
    return compared(draw, words_for(draw.purpose), cuts);
  }

  static std::string after_relapse(const Draw& draw) {
    const Cut same = draw.further[0], gap = draw.further[1];
    std::vector<std::pair<std::string, Cut>> cuts;
    if (draw.cut > 0) cuts.emplace_back("next step below", draw.cut);
    if (same > draw.cut) cuts.emplace_back("same step below", same);
    if (gap > same) cuts.emplace_back("gap below", gap);
    if (gap < certain) cuts.emplace_back("out of care from", gap);
    return compared(draw, words_for(draw.purpose), cuts);
  }

  // ---- what happened ----

  const Step& step(std::size_t position) const {
    return scenario_.steps[scenario_.pathways[pathway_].steps[position]];
  }
  std::string step_label(const Event& event) const {
    return fmt::format("step {} ({})", event.position + 1,
                       step(event.position).label);
  }
  std::string arm_label(std::size_t position, std::size_t arm) const {
    return step(position).arms[arm].label;
  }
  std::string arm_label(const Event& event) const {
    return arm_label(event.position, event.arm);
  }

  std::string started(const Event& event) const {
    const Arm& arm = step(event.position).arms[event.arm];
    std::string how;
    if (arm.treatment) {
      const Treatment& treatment = scenario_.treatments[*arm.treatment];
      if (treatment.label != arm.label) how = treatment.label;
      if (!treatment.treatment_class.empty())
        how += (how.empty() ? "" : ", ") + treatment.treatment_class;
    }
    if (!arm.strategy.empty()) how += (how.empty() ? "" : ", ") + arm.strategy;
    return fmt::format("line {} starts: {}{}, in {}", event.visit + 1,
                       arm.label, how.empty() ? "" : " (" + how + ")",
                       arm.label == step(event.position).label
                           ? fmt::format("step {}", event.position + 1)
                           : step_label(event));
  }

  /// Whether the follow-up that begins with this event follows a remission.
  bool follows_remission(std::size_t event) const {
    return event > 0 && life_.events[event - 1].what == Happening::remission;
  }

  std::string happening(std::size_t e) const {
    const Event& event = life_.events[e];
    switch (event.what) {
      case Happening::entry:
        return "enters";
      case Happening::passed_on:
        return "no arm can be given of " + step_label(event) + ": passed on";
      case Happening::waiting:
        return "waits for " + step_label(event);
      case Happening::start:
        return started(event);
      case Happening::adverse_event:
        return "adverse event: " + adverse_event(e);
      case Happening::extension:
        return "partial response: the step is extended";
      case Happening::remission:
        return "remission with " + arm_label(event);
      case Happening::partial_response:
        return "partial response to " + arm_label(event);
      case Happening::intolerance:
        return "does not tolerate " + arm_label(event);
      case Happening::no_response:
        return "no response to " + arm_label(event);
      case Happening::partial_response_lost:
        return "relapse of the partial response to " + arm_label(event);
      case Happening::unfinished:
        return (died() ? "the end of " : "the horizon, still in ") +
               step_label(event);
      case Happening::left_care:
        return "leaves care";
      case Happening::follow_up:
        return follows_remission(e) ? "follow-up, in remission"
                                    : "follow-up, not in remission";
      case Happening::relapse:
        return "relapse";
      case Happening::drop_out:
        return "drops out of follow-up";
      case Happening::gap:
        return "a gap: off treatment for a time";
      case Happening::gap_return:
        return "comes back from the gap";
      case Happening::exhausted:
        return "no step is left: untreated";
      case Happening::spontaneous_remission:
        return "spontaneous remission";
      case Happening::spontaneous_relapse:
        return "relapse of the spontaneous remission";
      case Happening::death:
        return "dies" + cause();
      case Happening::horizon:
        return "the horizon";
    }
    return "";
  }

  // The adverse event that this event tells.
  std::string adverse_event(std::size_t e) const {
    const auto before =
        std::count_if(life_.events.begin(),
                      life_.events.begin() + static_cast<std::ptrdiff_t>(e),
                      [](const Event& event) {
                        return event.what == Happening::adverse_event;
                      });
    const std::size_t number =
        life_.adverse_events[static_cast<std::size_t>(before)];
    if (!scenario_.economics ||
        number >= scenario_.economics->adverse_events.size())
      return "number " + std::to_string(number + 1);
    return scenario_.economics->adverse_events[number].label;
  }

  bool died() const { return life_.cause_of_death != CauseOfDeath::none; }
  std::string cause() const {
    switch (life_.cause_of_death) {
      case CauseOfDeath::suicide:
        return ", by suicide";
      case CauseOfDeath::procedure:
        return ", of the treatment";
      default:
        return "";
    }
  }

  // ---- the whole in one line ----

  std::size_t count(std::initializer_list<Happening> kinds) const {
    return static_cast<std::size_t>(std::count_if(
        life_.events.begin(), life_.events.end(), [&](const Event& event) {
          return std::count(kinds.begin(), kinds.end(), event.what) > 0;
        }));
  }

  std::string first_remission() const {
    for (const Event& event : life_.events)
      if (event.what == Happening::remission ||
          event.what == Happening::spontaneous_remission)
        return fmt::format("first remission in week {:.2f}",
                           to_weeks(event.tick));
    return "no remission";
  }

  std::string last_state() const {
    if (died()) return "dead";
    std::size_t last = life_.events.size() - 1;
    if (life_.events[last].what == Happening::horizon && last > 0) --last;
    switch (life_.events[last].what) {
      case Happening::remission:
      case Happening::spontaneous_remission:
        return life_.events[last].what == Happening::remission
                   ? "in remission"
                   : "in spontaneous remission";
      case Happening::unfinished:
        return "in an acute step";
      case Happening::left_care:
      case Happening::drop_out:
        return "out of care";
      case Happening::follow_up:
        return follows_remission(last) ? "in follow-up, in remission"
                                       : "in follow-up, not in remission";
      case Happening::gap:
        return "in a gap";
      case Happening::waiting:
        return "waiting for a step";
      case Happening::exhausted:
      case Happening::spontaneous_relapse:
        return "untreated";
      default:
        return "about to start the next step";
    }
  }

  std::string summary() const {
    const std::size_t relapses =
        count({Happening::relapse, Happening::partial_response_lost,
               Happening::spontaneous_relapse});
    const std::size_t lines = count({Happening::start});
    const bool ends_with_remission =
        everybody_continues_ && first_remission() != "no remission";
    return fmt::format(
        "Summary: {}; {} relapse{}; {} line{} started; {}.", first_remission(),
        relapses, relapses == 1 ? "" : "s", lines, lines == 1 ? "" : "s",
        ends_with_remission ? "the course if all continue ends there"
                            : last_state() + " at the horizon, week " +
                                  horizon_text(scenario_));
  }

  const Scenario& scenario_;
  const Law& law_;
  const Life& life_;
  const std::size_t pathway_;
  const bool everybody_continues_;
};

}  // namespace

std::string story(const Scenario& scenario, const Engine& engine,
                  const Life& life, std::size_t pathway,
                  bool everybody_continues) {
  return Story(scenario, engine, life, pathway, everybody_continues).text();
}

}  // namespace stardsim
