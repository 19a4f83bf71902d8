// The expected course of patients alike along one pathway.
#pragma once

#include "models/course_table.hpp"
#include "models/exact_choice.hpp"
#include "models/exact_times.hpp"

#include <map>
#include <optional>
#include <tuple>
#include <vector>

namespace stardsim {

/// By whether they have ever been in remission.
struct Group {
  Timing fresh, again;

  void add(const Group& other, double factor = 1) {
    fresh.add(other.fresh, factor);
    again.add(other.again, factor);
  }
  double sum() const { return fresh.sum() + again.sum(); }
  Timing together() const {
    Timing all = fresh;
    all.add(again);
    return all;
  }
};

class ExactCourse {
 public:
  /// Estimand::observed, or else Estimand::if_all_continue, where nobody
  /// leaves, refuses or pauses and the first remission ends the course.
  ExactCourse(TimesOnGrid&, Convolver&, const PathwayLaw& shape, bool observed);

  /// Sends so many patients along the pathway; may be called again with others.
  /// Throws std::domain_error if patients come back more often than the
  /// engine lets them.
  void run(const PathwayLaw&, double patients);

  /// Makes the tables of all runs; once, at the end.
  void finish();

  CourseTable<double> table;
  LaterCourse<double> later;  ///< of the observed course

 private:
  struct Start;    // those who start a step at one place
  struct Attempt;  // those of them who are given one arm

  // What becomes of those who ...
  void stand_before(const Place&, State from, const Group&, double share);
  void attempt(const Place&, Group);
  void end(Attempt&);
  void remit(Attempt&, double probability);
  void fail(Attempt&, LastOutcome, double probability);
  void go_on(Attempt&, const AfterLaw&, const Place&, const Group&,
             double share, bool early);
  void follow(Attempt&, bool remitted, bool early, const Place&, const Group&,
              double share);
  void end_follow_ups();
  void take_up_gaps(std::size_t step);
  void stay_untreated();

  // Whoever goes on elsewhere.
  void move(State from, State to, const Group&, double share);
  void move(State from, State to, const std::vector<double>& by_week);

  Timing after(const Timing&, const Kernel&);
  Group after(const Group&, const Kernel&);
  // Adds to the weeks in which the moments fall.
  void add_by_week(const Timing&, double share, std::vector<double>&) const;
  // By week, the sum of the moment and an independent time.
  std::vector<double> by_week(const Timing&, const Kernel&) const;

  TimesOnGrid& times_;
  Convolver& convolve_;
  const bool observed_;
  const Eigen::Index horizon_;

  const PathwayLaw* steps_ = nullptr;             // of the present run
  std::optional<Memory> memory_;                  // of its pathway
  std::vector<std::map<Place, Group>> standing_;  // by step
  std::map<Place, Group> gaps_;                   // by where they come back to
  Group untreated_;
  // Follow-ups of one attempt that go on alike: the number of how it ends, what
  // follows a relapse, in remission or not, and where they stand then.
  using Going = std::tuple<std::size_t, Cut, Cut, Cut, bool, Place>;
  struct FollowUps {
    const Ending* ending;
    Group group;
  };
  std::map<Going, FollowUps> follow_ups_;
};

}  // namespace stardsim
