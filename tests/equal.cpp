#include "tests/equal.hpp"

#include <array>
#include <utility>

namespace stardsim::test {
namespace {

std::string unlike(const Flow<std::uint64_t>& a, const Flow<std::uint64_t>& b) {
  using Member = std::uint64_t Flow<std::uint64_t>::*;
  const std::pair<const char*, Member> members[] = {
      {"entered", &Flow<std::uint64_t>::entered},
      {"remission", &Flow<std::uint64_t>::remission},
      {"partial response", &Flow<std::uint64_t>::partial_response},
      {"intolerance", &Flow<std::uint64_t>::intolerance},
      {"no response", &Flow<std::uint64_t>::no_response},
      {"left care", &Flow<std::uint64_t>::left_care},
      {"unfinished", &Flow<std::uint64_t>::unfinished},
      {"follow-up", &Flow<std::uint64_t>::follow_up},
      {"gap", &Flow<std::uint64_t>::gap},
      {"first remission", &Flow<std::uint64_t>::first_remission},
      {"sustained", &Flow<std::uint64_t>::sustained},
      {"ticks", &Flow<std::uint64_t>::remission_ticks},
      {"ticks in the step", &Flow<std::uint64_t>::treatment_ticks}};
  for (const auto& [name, member] : members)
    if (a.*member != b.*member)
      return std::string(name) + " " + std::to_string(a.*member) + " and " +
             std::to_string(b.*member);
  if (a.remission_ticks_squared != b.remission_ticks_squared)
    return "squared ticks";
  return "";
}

std::string unlike(const CourseTable<std::uint64_t>& a,
                   const CourseTable<std::uint64_t>& b) {
  if (a.arms.size() != b.arms.size()) return "number of steps";
  for (std::size_t s = 0; s < a.arms.size(); ++s)
    for (std::size_t i = 0; i < a.arms[s].size(); ++i) {
      const std::string what = unlike(a.arms[s][i], b.arms[s][i]);
      if (!what.empty())
        return "step " + std::to_string(s) + " arm " + std::to_string(i) +
               ": " + what;
    }
  if (a.remission_by_week != b.remission_by_week) return "weeks";
  return "";
}

std::string unlike(const LaterCourse<std::uint64_t>& a,
                   const LaterCourse<std::uint64_t>& b) {
  if (a.first_remission_lost_by_week != b.first_remission_lost_by_week)
    return "first remissions lost";
  if (a.spontaneous_remission != b.spontaneous_remission)
    return "spontaneous remissions";
  for (std::size_t s = 0; s < a.follow_up.size(); ++s)
    for (std::size_t i = 0; i < a.follow_up[s].size(); ++i)
      for (std::size_t e = 0; e < 2; ++e) {
        const auto& one = a.follow_up[s][i][e];
        const auto& other = b.follow_up[s][i][e];
        const std::string where =
            "follow-up of step " + std::to_string(s) + " arm " +
            std::to_string(i) + (e == 0 ? ", remitted: " : ", not remitted: ");
        if (one.entered != other.entered)
          return where + "entered " + std::to_string(one.entered) + " and " +
                 std::to_string(other.entered);
        if (one.relapsed != other.relapsed) return where + "relapsed";
        if (one.dropped_out != other.dropped_out) return where + "dropped out";
        if (one.relapse_by_week != other.relapse_by_week)
          return where + "relapses by week";
        if (one.unseen_ticks_by_week != other.unseen_ticks_by_week)
          return where + "unseen ticks";
        if (one.censored_by_week != other.censored_by_week)
          return where + "censored by week";
      }
  for (std::size_t s = 0; s < state_count; ++s)
    for (std::size_t w = 0; w < a.occupancy[s].size(); ++w)
      if (a.occupancy[s][w] != b.occupancy[s][w])
        return "occupancy of state " + std::to_string(s) + " in week " +
               std::to_string(w) + ": " + std::to_string(a.occupancy[s][w]) +
               " and " + std::to_string(b.occupancy[s][w]);
  return "";
}

std::string unlike(const SubgroupTally& a, const SubgroupTally& b) {
  if (a.patients != b.patients) return "patients";
  if (a.remission_by_week != b.remission_by_week) return "weeks";
  if (a.first_remission_lost_by_week != b.first_remission_lost_by_week)
    return "first remissions lost";
  return "";
}

std::string unlike(const PathwayTally& a, const PathwayTally& b) {
  for (std::size_t c = 0; c < course_count; ++c) {
    const std::string what = unlike(a.course[c], b.course[c]);
    if (!what.empty()) return "course " + std::to_string(c) + ": " + what;
  }
  if (const std::string what = unlike(a.later, b.later); !what.empty())
    return what;
  if (a.by_batch != b.by_batch) return "batches";
  for (std::size_t g = 0; g < a.subgroups.size(); ++g) {
    const std::string what = unlike(a.subgroups[g], b.subgroups[g]);
    if (!what.empty()) return "subgroup " + std::to_string(g) + ": " + what;
  }
  for (std::size_t s = 0; s < a.stages.size(); ++s)
    if (a.stages[s].entered != b.stages[s].entered ||
        a.stages[s].remission != b.stages[s].remission ||
        a.stages[s].apparently_resistant != b.stages[s].apparently_resistant ||
        a.stages[s].truly_resistant != b.stages[s].truly_resistant)
      return "stages at step " + std::to_string(s);
  if (a.stage_by_week != b.stage_by_week) return "stages by week";
  return "";
}

}  // namespace

std::string difference(const Tally& a, const Tally& b) {
  if (a.patients != b.patients) return "patients";
  if (a.pathways.size() != b.pathways.size()) return "number of pathways";
  for (std::size_t p = 0; p < a.pathways.size(); ++p) {
    const std::string what = unlike(a.pathways[p], b.pathways[p]);
    if (!what.empty()) return "pathway " + std::to_string(p) + " " + what;
  }
  return "";
}

}  // namespace stardsim::test
