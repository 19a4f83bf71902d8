#include "tests/equal.hpp"

#include <array>
#include <utility>

namespace stardsim::test {
namespace {

std::string unlike(const Flow<std::uint64_t>& a, const Flow<std::uint64_t>& b) {
  if (a.remission_ticks_squared != b.remission_ticks_squared)
    return "squared ticks";
  using Member = std::uint64_t Flow<std::uint64_t>::*;
  const std::pair<const char*, Member> members[] = {
      {"entered", &Flow<std::uint64_t>::entered},
      {"remission", &Flow<std::uint64_t>::remission},
      {"partial response", &Flow<std::uint64_t>::partial_response},
      {"intolerance", &Flow<std::uint64_t>::intolerance},
      {"no response", &Flow<std::uint64_t>::no_response},
      {"left care", &Flow<std::uint64_t>::left_care},
      {"ticks", &Flow<std::uint64_t>::remission_ticks}};
  for (const auto& [name, member] : members)
    if (a.*member != b.*member)
      return std::string(name) + " " + std::to_string(a.*member) + " and " +
             std::to_string(b.*member);
  return "";
}

std::string unlike(const CourseTable<std::uint64_t>& a,
                   const CourseTable<std::uint64_t>& b) {
  if (a.remission_by_week != b.remission_by_week) return "weeks";
  if (a.arms.size() != b.arms.size()) return "number of steps";
  for (std::size_t s = 0; s < a.arms.size(); ++s)
    for (std::size_t i = 0; i < a.arms[s].size(); ++i) {
      const std::string what = unlike(a.arms[s][i], b.arms[s][i]);
      if (!what.empty())
        return "step " + std::to_string(s) + " arm " + std::to_string(i) +
               ": " + what;
    }
  return "";
}

}  // namespace

std::string difference(const Tally& a, const Tally& b) {
  if (a.patients != b.patients) return "patients";
  if (a.pathways.size() != b.pathways.size()) return "number of pathways";
  for (std::size_t p = 0; p < a.pathways.size(); ++p)
    for (std::size_t e = 0; e < estimand_count; ++e) {
      const std::string where =
          "pathway " + std::to_string(p) + " estimand " + std::to_string(e);
      const std::string what =
          unlike(a.pathways[p].course[e], b.pathways[p].course[e]);
      if (!what.empty()) return where + ": " + what;
      if (a.pathways[p].remission_by_batch[e] !=
          b.pathways[p].remission_by_batch[e])
        return where + ": batches";
    }
  return "";
}

}  // namespace stardsim::test
