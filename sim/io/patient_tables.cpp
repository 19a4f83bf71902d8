#include "sim/io/patient_tables.hpp"

#include "models/units.hpp"
#include "sim/core/offer.hpp"
#include "sim/core/simulate.hpp"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace stardsim {
namespace {

constexpr std::size_t happening_count =
    static_cast<std::size_t>(Happening::horizon) + 1;

/// Rows that are gathered before they are compressed.
constexpr std::size_t most_rows = 64 << 10;
constexpr std::uint64_t patients_between_questions = 256;

/// One word, as `flag_meanings` has them.
std::string as_word(std::string text) {
  std::replace_if(
      text.begin(), text.end(),
      [](char c) { return static_cast<unsigned char>(c) <= ' '; }, '_');
  return text.empty() ? "_" : text;
}

/// What the numbers 0, 1, 2, ... of a column stand for.
template <class Number>
std::vector<Attribute> flags(const std::vector<std::string>& meanings) {
  std::vector<Number> values(meanings.size());
  std::iota(values.begin(), values.end(), Number{});
  std::string words;
  for (const std::string& meaning : meanings)
    words += (words.empty() ? "" : " ") + as_word(meaning);
  // One by one: from a list GCC 12 makes a wrong clean-up after bad_alloc.
  std::vector<Attribute> attributes;
  attributes.push_back({"flag_values", std::move(values)});
  attributes.push_back({"flag_meanings", std::move(words)});
  return attributes;
}

std::vector<std::string> pathway_names(const Scenario& scenario) {
  std::vector<std::string> names;
  for (const Pathway& pathway : scenario.pathways)
    names.push_back(pathway.name);
  return names;
}

std::vector<std::string> happening_names() {
  std::vector<std::string> names;
  for (std::size_t what = 0; what < happening_count; ++what)
    names.emplace_back(name_of(static_cast<Happening>(what)));
  return names;
}

/// A place counted from 1, as in the other groups.
std::int16_t place(bool is_named, std::uint32_t index) {
  return is_named ? static_cast<std::int16_t>(index + 1) : missing_place;
}

class EventTable {
 public:
  EventTable(NetcdfFile& file, const Scenario& scenario)
      : group_(file.add_group("patients")) {
    const std::vector<std::string> along{"event_number"};
    group_.add_growing(
        Scale{"event_number", number_, "number of the row, from 0", "1"});
    group_.add_growing(
        Variable{"patient", along, patient_, "number of the patient", "1"});
    group_.add_growing(Variable{"pathway", along, pathway_,
                                "pathway, by its place in the scenario", "1",
                                flags<std::uint16_t>(pathway_names(scenario))});
    group_.add_growing(
        Variable{"week", along, week_, "time since entry", "weeks"});
    group_.add_growing(Variable{"event", along, event_, "what happened", "1",
                                flags<std::uint8_t>(happening_names())});
    group_.add_growing(Variable{"step", along, step_,
                                "position of the step in the pathway", "1"});
    group_.add_growing(
        Variable{"arm", along, arm_, "position of the arm in the step", "1"});
    group_.add_growing(
        Variable{"visit", along, visit_, "attempts made before this one", "1"});
  }

  void add(const Life& life, std::size_t pathway, std::size_t steps) {
    for (const Event& event : life.events) {
      // After the last step there is none, whatever happens.
      const bool in_step = names_step(event.what) && event.position < steps;
      number_.push_back(rows_++);
      patient_.push_back(life.patient);
      pathway_.push_back(static_cast<std::uint16_t>(pathway));
      week_.push_back(to_weeks(event.tick));
      event_.push_back(static_cast<std::uint8_t>(event.what));
      step_.push_back(place(in_step, event.position));
      arm_.push_back(place(in_step && names_arm(event.what), event.arm));
      visit_.push_back(static_cast<std::uint16_t>(event.visit));
    }
    if (number_.size() >= most_rows) flush();
  }

  void flush() {
    group_.append("event_number", std::exchange(number_, {}));
    group_.append("patient", std::exchange(patient_, {}));
    group_.append("pathway", std::exchange(pathway_, {}));
    group_.append("week", std::exchange(week_, {}));
    group_.append("event", std::exchange(event_, {}));
    group_.append("step", std::exchange(step_, {}));
    group_.append("arm", std::exchange(arm_, {}));
    group_.append("visit", std::exchange(visit_, {}));
  }

 private:
  NetcdfGroup group_;
  std::uint64_t rows_ = 0;
  std::vector<std::uint64_t> number_, patient_;
  std::vector<std::uint16_t> pathway_, visit_;
  std::vector<double> week_;
  std::vector<std::uint8_t> event_;
  std::vector<std::int16_t> step_, arm_;
};

/// The covariates' names, but for what a file has another use for.
std::vector<std::string> column_names(const Cohort& cohort) {
  std::vector<std::string> names{"patient"};
  for (const Covariate& covariate : cohort.covariates) {
    std::string name = covariate.name;
    std::replace(name.begin(), name.end(), '/', '_');
    while (name == "." || std::count(names.begin(), names.end(), name) > 0)
      name += "_";
    names.push_back(name);
  }
  names.erase(names.begin());
  return names;
}

class CovariateTable {
 public:
  CovariateTable(NetcdfFile& file, const Scenario& scenario)
      : group_(file.add_group("patients/covariates")),
        names_(column_names(scenario.cohort)),
        columns_(names_.size()) {
    group_.add_growing(
        Scale{"patient", patient_, "number of the patient", "1"});
    for (std::size_t c = 0; c < names_.size(); ++c) {
      const Covariate& covariate = scenario.cohort.covariates[c];
      group_.add_growing(Variable{
          names_[c],
          {"patient"},
          std::vector<float>{},
          covariate.label.empty() ? covariate.name : covariate.label,
          covariate.unit.empty() ? "1" : covariate.unit,
          covariate.levels().empty() ? std::vector<Attribute>{}
                                     : flags<float>(covariate.levels())});
    }
  }

  void add(const Life& life) {
    patient_.push_back(life.patient);
    for (std::size_t c = 0; c < columns_.size(); ++c)
      columns_[c].push_back(life.covariates[c]);
    if (patient_.size() >= most_rows) flush();
  }

  void flush() {
    group_.append("patient", std::exchange(patient_, {}));
    for (std::size_t c = 0; c < columns_.size(); ++c)
      group_.append(names_[c], std::exchange(columns_[c], {}));
  }

 private:
  NetcdfGroup group_;
  std::vector<std::string> names_;
  std::vector<std::uint64_t> patient_;
  std::vector<std::vector<float>> columns_;
};

bool belongs(const Engine& engine, const Life& life,
             const std::optional<std::size_t>& subgroup) {
  const History none;
  return !subgroup || all_hold(engine.law.subgroups[*subgroup],
                               {none, 0, life.covariates.data(), 1});
}

void look_up(const Trace& trace, std::uint64_t done) {
  if (done % patients_between_questions != 0) return;
  if (trace.stop && trace.stop()) throw Interrupted();
  if (trace.progress) trace.progress(done);
}

}  // namespace

bool names_step(Happening what) {
  return what != Happening::entry && what != Happening::exhausted &&
         what != Happening::spontaneous_remission &&
         what != Happening::spontaneous_relapse && what != Happening::death;
}

bool names_arm(Happening what) {
  return names_step(what) && what != Happening::passed_on &&
         what != Happening::waiting;
}

void add_patients(NetcdfFile& file, const Scenario& scenario,
                  const Engine& engine, const Trace& trace) {
  EventTable events(file, scenario);
  CovariateTable covariates(file, scenario);
  for (std::uint64_t i = 0; i < trace.patients; ++i) {
    look_up(trace, i);
    for (std::size_t p = 0; p < engine.law.pathways.size(); ++p) {
      const Life life = live(engine, trace.luck, i, p, false);
      if (p == 0) {
        if (!belongs(engine, life, trace.subgroup)) break;
        covariates.add(life);
      }
      events.add(life, p, engine.law.pathways[p].size());
    }
  }
  events.flush();
  covariates.flush();
}

}  // namespace stardsim
