#include "sim/core/tally.hpp"

#include "sim/core/tally_numbers.hpp"

#include <type_traits>

namespace stardsim {
namespace {

using Counts = std::vector<std::uint64_t>;

void add(const Counts& counts, Counts& sums) {
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += counts[i];
}

template <class Many>
void add_each(const Many& many, Many& sums) {
  for (std::size_t i = 0; i < sums.size(); ++i) add(many[i], sums[i]);
}

LaterCourse<std::uint64_t> no_later_course(const Law& law,
                                           const PathwayLaw& steps) {
  const Counts weeks(law.horizon + 1);
  LaterCourse<std::uint64_t> later;
  later.first_remission_lost_by_week = weeks;
  later.occupancy.fill(weeks);
  // Weeks are kept only where something can happen in them.
  const auto flow = [&](const FollowUpLaw& follow_up) {
    FollowUpFlow<std::uint64_t> made;
    if (follow_up.is_watched())
      made.relapse_by_week = made.censored_by_week = made.unseen_ticks_by_week =
          weeks;
    return made;
  };
  for (const StepLaw& step : steps) {
    later.follow_up.emplace_back();
    for (const ArmLaw& arm : step.arms)
      later.follow_up.back().push_back(
          {flow(arm.follow_up_remitted), flow(arm.follow_up_not_remitted)});
  }
  return later;
}

void add(const LaterCourse<std::uint64_t>& later,
         LaterCourse<std::uint64_t>& sums) {
  add(later.first_remission_lost_by_week, sums.first_remission_lost_by_week);
  add_each(later.occupancy, sums.occupancy);
  for (std::size_t s = 0; s < sums.follow_up.size(); ++s)
    for (std::size_t a = 0; a < sums.follow_up[s].size(); ++a)
      for (std::size_t e = 0; e < 2; ++e)
        sums.follow_up[s][a][e] += later.follow_up[s][a][e];
  sums.spontaneous_remission += later.spontaneous_remission;
}

void add(const CourseTable<std::uint64_t>& course,
         CourseTable<std::uint64_t>& sums) {
  add(course.remission_by_week, sums.remission_by_week);
  for (std::size_t s = 0; s < sums.arms.size(); ++s)
    for (std::size_t a = 0; a < sums.arms[s].size(); ++a)
      sums.arms[s][a] += course.arms[s][a];
}

void add(const PathwayTally& pathway, PathwayTally& sums) {
  for (std::size_t c = 0; c < course_count; ++c)
    add(pathway.course[c], sums.course[c]);
  add(pathway.later, sums.later);
  for (std::size_t sum = 0; sum < batch_sum_count; ++sum)
    for (std::size_t b = 0; b < batch_count; ++b)
      sums.by_batch[sum][b] += pathway.by_batch[sum][b];
  for (std::size_t g = 0; g < sums.subgroups.size(); ++g) {
    SubgroupTally& subgroup = sums.subgroups[g];
    subgroup.patients += pathway.subgroups[g].patients;
    add_each(pathway.subgroups[g].remission_by_week,
             subgroup.remission_by_week);
    add(pathway.subgroups[g].first_remission_lost_by_week,
        subgroup.first_remission_lost_by_week);
  }
  for (std::size_t s = 0; s < sums.stages.size(); ++s) {
    add_each(pathway.stages[s].entered, sums.stages[s].entered);
    add_each(pathway.stages[s].remission, sums.stages[s].remission);
    sums.stages[s].apparently_resistant +=
        pathway.stages[s].apparently_resistant;
    sums.stages[s].truly_resistant += pathway.stages[s].truly_resistant;
  }
  for (std::size_t m = 0; m < staging_method_count; ++m)
    add_each(pathway.stage_by_week[m], sums.stage_by_week[m]);
}

}  // namespace

Tally::Tally(const Law& law) {
  const Counts weeks(law.horizon + 1);
  for (const PathwayLaw& steps : law.pathways) {
    CourseTable<std::uint64_t> empty;
    empty.remission_by_week = weeks;
    for (const StepLaw& step : steps) empty.arms.emplace_back(step.arms.size());
    PathwayTally pathway;
    pathway.course.fill(empty);
    pathway.later = no_later_course(law, steps);
    for (std::size_t g = 0; g < law.subgroups.size(); ++g) {
      SubgroupTally subgroup;
      subgroup.remission_by_week.fill(weeks);
      subgroup.first_remission_lost_by_week = weeks;
      pathway.subgroups.push_back(subgroup);
    }
    if (law.staging) {
      StageTally stages;
      for (std::size_t m = 0; m < staging_method_count; ++m) {
        const std::size_t levels = level_count(static_cast<StagingMethod>(m));
        stages.entered[m] = stages.remission[m] = Counts(levels);
        pathway.stage_by_week[m].resize(levels, weeks);
      }
      pathway.stages.resize(steps.size(), stages);
    }
    pathways.push_back(std::move(pathway));
  }
  if (law.accrual)
    outcomes = Outcomes(law.pathways.size(), law.accrual->measures.size(),
                        law.accrual->decision);
}

Tally& Tally::operator+=(const Tally& other) {
  patients += other.patients;
  for (std::size_t p = 0; p < pathways.size(); ++p)
    add(other.pathways[p], pathways[p]);
  outcomes += other.outcomes;
  return *this;
}

Tally& Tally::operator-=(const Tally& other) {
  Tally less = other;
  // What, added to a number, gives 0.
  const auto negate = [](auto& number) { number = 0 - number; };
  for (PathwayTally& pathway : less.pathways) each_number(pathway, negate);
  patients -= less.patients;
  for (std::size_t p = 0; p < pathways.size(); ++p)
    add(less.pathways[p], pathways[p]);
  outcomes -= less.outcomes;
  return *this;
}

Bytes bytes_of(const Tally& tally) {
  BytesOut out;
  const auto write = [&](auto& number) {
    const auto wide = static_cast<Wide>(number);
    out.number(static_cast<std::uint64_t>(wide));
    if constexpr (sizeof number > sizeof(std::uint64_t))
      out.number(static_cast<std::uint64_t>(wide >> 64));
  };
  Tally copy = tally;
  each_number(copy, write);
  return out.made();
}

Tally tally_of(const Law& law, std::span<const std::byte> bytes) {
  BytesIn in(bytes);
  const auto read = [&](auto& number) {
    Wide wide = in.number();
    if constexpr (sizeof number > sizeof(std::uint64_t))
      wide |= Wide{in.number()} << 64;
    number = static_cast<std::remove_reference_t<decltype(number)>>(wide);
  };
  Tally tally(law);
  each_number(tally, read);
  if (!in.at_end()) throw BadBytes("they are too many for this scenario");
  return tally;
}

}  // namespace stardsim
