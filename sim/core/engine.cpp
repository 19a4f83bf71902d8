#include "sim/core/engine.hpp"

#include <algorithm>
#include <stdexcept>

namespace stardsim {
namespace {

std::uint32_t cuts_up_to(const TimeLaw& time, std::uint32_t word) {
  return static_cast<std::uint32_t>(
      std::upper_bound(time.cut.begin(), time.cut.end(), word) -
      time.cut.begin());
}

}  // namespace

TimeSearch::TimeSearch(const TimeLaw& time)
    : few(time.cut.size() <= few_cuts.size()), cut(time.cut), tick(time.tick) {
  few_cuts.fill(certain);
  few_ticks.fill(tick.back());
  if (few) {
    std::copy(cut.begin(), cut.end(), few_cuts.begin());
    std::copy(tick.begin(), tick.end(), few_ticks.begin());
  }
  for (std::uint64_t high = 0; high < 1u << guide_bits; ++high)
    guide.push_back(cuts_up_to(
        time, static_cast<std::uint32_t>(high << (32 - guide_bits))));
  guide.push_back(cuts_up_to(time, highest_word));
}

Engine::Engine(Law the_law) : law(std::move(the_law)) {
  for (const TimeLaw& time : law.times) times.emplace_back(time);
  for (const PathwayLaw& pathway : law.pathways) {
    if (pathway.size() > max_steps)
      throw std::invalid_argument("a pathway has more than 64 steps");
    visits = std::max(visits, static_cast<std::uint32_t>(pathway.size()));
    anybody_leaves.push_back(can_lose_patients(pathway));
    draws_attrition = draws_attrition || anybody_leaves.back();
    for (const StepLaw& step : pathway)
      draws_arm = draws_arm || step.arms.size() > 1;
  }
}

Workspace::Workspace(const Engine& engine, Luck the_luck) : luck(the_luck) {
  // The key schedule of Philox: Weyl sequences (Salmon et al. 2011).
  auto low = static_cast<std::uint32_t>(luck.seed);
  auto high = static_cast<std::uint32_t>(luck.seed >> 32);
  for (std::size_t round = 0; round < key[0].size(); ++round) {
    key[0][round] = low;
    key[1][round] = high;
    low += 0x9E3779B9;
    high += 0xBB67AE85;
  }
  const std::size_t pathways = engine.law.pathways.size();
  const std::vector<std::uint32_t> cells(2 * (engine.law.horizon + 1));
  remission_cells.resize(pathways, {cells, cells, cells, cells});
  remission_by_batch.resize(pathways);
}

void Workspace::flush(Tally& tally) {
  for (std::size_t p = 0; p < tally.pathways.size(); ++p) {
    auto& [all, observed] = tally.pathways[p].course;
    for (auto& cells : remission_cells[p]) {
      for (std::size_t week = 0; 2 * week < cells.size(); ++week) {
        all.remission_by_week[week] += cells[2 * week] + cells[2 * week + 1];
        observed.remission_by_week[week] += cells[2 * week];
      }
      std::fill(cells.begin(), cells.end(), 0);
    }
    for (std::size_t e = 0; e < estimand_count; ++e) {
      auto& counts = remission_by_batch[p][e];
      for (std::size_t b = 0; b < batch_count; ++b)
        tally.pathways[p].remission_by_batch[e][b] += counts[b];
      counts.fill(0);
    }
  }
}

}  // namespace stardsim
