#include "sim/core/tally.hpp"

namespace stardsim {

Tally::Tally(const Law& law) {
  for (const PathwayLaw& steps : law.pathways) {
    CourseTable<std::uint64_t> empty;
    empty.remission_by_week.resize(law.horizon + 1);
    for (const StepLaw& step : steps) empty.arms.emplace_back(step.arms.size());
    pathways.emplace_back();
    pathways.back().course.fill(empty);
  }
}

Tally& Tally::operator+=(const Tally& other) {
  patients += other.patients;
  for (std::size_t p = 0; p < pathways.size(); ++p)
    for (std::size_t e = 0; e < estimand_count; ++e) {
      auto& course = pathways[p].course[e];
      const auto& added = other.pathways[p].course[e];
      for (std::size_t w = 0; w < course.remission_by_week.size(); ++w)
        course.remission_by_week[w] += added.remission_by_week[w];
      for (std::size_t s = 0; s < course.arms.size(); ++s)
        for (std::size_t a = 0; a < course.arms[s].size(); ++a)
          course.arms[s][a] += added.arms[s][a];
      for (std::size_t b = 0; b < batch_count; ++b)
        pathways[p].remission_by_batch[e][b] +=
            other.pathways[p].remission_by_batch[e][b];
    }
  return *this;
}

}  // namespace stardsim
