// Every number of a tally, one after the other. Bindings name every member: a
// new one does not go unseen.
#pragma once

#include "sim/core/tally.hpp"

#include <array>
#include <cstddef>
#include <vector>

namespace stardsim {

template <class Visit, class Number>
void each_number(Number& number, Visit& visit) {
  visit(number);
}
template <class Visit, class Number>
void each_number(std::vector<Number>& numbers, Visit& visit) {
  for (Number& number : numbers) each_number(number, visit);
}
template <class Visit, class Number, std::size_t size>
void each_number(std::array<Number, size>& numbers, Visit& visit) {
  for (Number& number : numbers) each_number(number, visit);
}
template <class Visit, class... Numbers>
void each_number_of(Visit& visit, Numbers&... numbers) {
  (each_number(numbers, visit), ...);
}

template <class Visit>
void each_number(Flow<std::uint64_t>& flow, Visit& visit) {
  auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n] = flow;
  each_number_of(visit, a, b, c, d, e, f, g, h, i, j, k, l, m, n);
}
template <class Visit>
void each_number(FollowUpFlow<std::uint64_t>& flow, Visit& visit) {
  auto& [a, b, c, d, e, f] = flow;
  each_number_of(visit, a, b, c, d, e, f);
}
template <class Visit>
void each_number(CourseTable<std::uint64_t>& course, Visit& visit) {
  auto& [weeks, arms] = course;
  each_number_of(visit, weeks, arms);
}
template <class Visit>
void each_number(LaterCourse<std::uint64_t>& later, Visit& visit) {
  auto& [lost, occupancy, follow_up, spontaneous] = later;
  each_number_of(visit, lost, occupancy, follow_up, spontaneous);
}
template <class Visit>
void each_number(SubgroupTally& subgroup, Visit& visit) {
  auto& [a, b, c] = subgroup;
  each_number_of(visit, a, b, c);
}
template <class Visit>
void each_number(StageTally& stages, Visit& visit) {
  auto& [a, b, c, d] = stages;
  each_number_of(visit, a, b, c, d);
}
template <class Visit>
void each_number(PathwayTally& pathway, Visit& visit) {
  auto& [courses, later, batches, subgroups, stages, by_week] = pathway;
  each_number_of(visit, courses, later, batches, subgroups, stages, by_week);
}
template <class Visit>
void each_number(Outcomes& outcomes, Visit& visit) {
  auto& [pathways, measures, effect, costs, sum, product, cost_effect,
         differing, by_batch] = outcomes;
  each_number_of(visit, sum, product, cost_effect, differing, by_batch);
}
template <class Visit>
void each_number(Tally& tally, Visit& visit) {
  auto& [patients, pathways, outcomes] = tally;
  each_number_of(visit, patients, pathways, outcomes);
}

}  // namespace stardsim
