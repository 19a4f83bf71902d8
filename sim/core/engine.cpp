#include "sim/core/engine.hpp"

#include <algorithm>
#include <numeric>
#include <stdexcept>

namespace stardsim {
namespace {

std::uint32_t cuts_up_to(const TimeLaw& time, std::uint32_t word) {
  return static_cast<std::uint32_t>(
      std::upper_bound(time.cut.begin(), time.cut.end(), word) -
      time.cut.begin());
}

// Failed attempts end with the step and lead to the next one or out of care;
// so does a relapse, and nothing waits.
bool goes_straight_on(const Law& law, const PathwayLaw& pathway) {
  if (law.spontaneous_remission != nothing || law.staging) return false;
  for (const StepLaw& step : pathway) {
    if (step.wait != nothing || step.selective) return false;
    for (const ArmLaw& arm : step.arms) {
      for (const AfterLaw* after :
           {&arm.after_no_response, &arm.after_partial_response,
            &arm.after_intolerance})
        if (after->next_of_stay < certain) return false;
      for (const std::size_t exit :
           {arm.intolerance_time, arm.no_response_time})
        if (law.times[exit].tick.front() < step.length) return false;
      const FollowUpLaw& remitted = arm.follow_up_remitted;
      if (arm.follow_up_if_remitted < certain ||
          (remitted.relapse != nothing && remitted.next_step < certain))
        return false;
    }
  }
  return true;
}

PathwayFacts facts_of(const Law& law, const PathwayLaw& pathway) {
  PathwayFacts facts;
  facts.parts = can_part(pathway);
  facts.comes_back = law.spontaneous_remission != nothing;
  facts.is_plain = !law.keeps_history && law.subgroups.empty();
  bool waits = false;
  std::uint64_t length = 0;
  for (const StepLaw& step : pathway) {
    length += step.length;
    waits = waits || step.wait != nothing;
    facts.is_plain = facts.is_plain && !step.selective;
    for (const ArmLaw& arm : step.arms) {
      const FollowUpLaw& remitted = arm.follow_up_remitted;
      facts.comes_back = facts.comes_back || remitted.relapse != nothing ||
                         remitted.drop_out != nothing ||
                         arm.follow_up_if_remitted < certain;
      for (const AfterLaw* after :
           {&arm.after_no_response, &arm.after_partial_response,
            &arm.after_intolerance})
        waits = waits || after->next_of_stay < certain;
      const TimeLaw& exit = law.times[arm.no_response_time];
      facts.is_plain = facts.is_plain && remitted.early_until == 0 &&
                       arm.follow_up_not_remitted.early_until == 0 &&
                       exit.tick.front() == step.length;
    }
  }
  facts.may_outlast = facts.comes_back || waits ||
                      length > std::uint64_t{law.horizon} * ticks_per_week;
  facts.in_vectors = facts.is_plain && goes_straight_on(law, pathway);
  return facts;
}

// As small as may be: a guide shares the nearest cache with much else.
constexpr int fewest_bits = 4, most_bits = 12;

// Between which cuts words lie, by their highest bits: as many as may be.
std::vector<std::uint32_t> finest_guide(const TimeLaw& time) {
  std::vector<std::uint32_t> guide;
  guide.reserve((1u << most_bits) + 1);
  std::uint32_t cuts = 0;
  for (std::uint32_t high = 0; high < 1u << most_bits; ++high) {
    const std::uint32_t word = high << (32 - most_bits);
    while (cuts < time.cut.size() && time.cut[cuts] <= word) ++cuts;
    guide.push_back(cuts);
  }
  guide.push_back(cuts_up_to(time, highest_word));
  return guide;
}

// Of so many bits.
std::vector<std::uint32_t> coarser_guide(
    const std::vector<std::uint32_t>& finest, int bits) {
  std::vector<std::uint32_t> guide;
  for (std::size_t h = 0; h < finest.size(); h += 1u << (most_bits - bits))
    guide.push_back(finest[h]);
  return guide;
}

bool has_one_cut_at_most(const std::vector<std::uint32_t>& guide) {
  for (std::size_t h = 1; h < guide.size(); ++h)
    if (guide[h] > guide[h - 1] + 1) return false;
  return true;
}

}  // namespace

TimeSearch::TimeSearch(const TimeLaw& time) : cut(time.cut), tick(time.tick) {
  const bool always_comes = !cut.empty() && cut.back() == certain;
  few = cut.size() + (always_comes ? 0 : 1) <= few_cuts.size();
  // A word that is below none of the cuts is below this one: never.
  cut.push_back(certain);
  tick.push_back(never);
  few_cuts.fill(certain);
  few_ticks.fill(never);
  if (few) {
    std::copy(time.cut.begin(), time.cut.end(), few_cuts.begin());
    std::copy(time.tick.begin(), time.tick.end(), few_ticks.begin());
  }
  const std::vector<std::uint32_t> finest = finest_guide(time);
  for (int bits = fewest_bits; bits <= most_bits; ++bits) {
    guide_shift = 32 - bits;
    guide = coarser_guide(finest, bits);
    one_probe = has_one_cut_at_most(guide);
    if (one_probe) break;
  }
  tick_step = tick.front();
  for (std::size_t i = 0; i < time.tick.size(); ++i)
    if (time.tick[i] != tick_step * (i + 1)) tick_step = 0;
}

Ticks TimeSearch::at(std::uint32_t word) const {
  return tick[static_cast<std::size_t>(
      std::upper_bound(cut.begin(), cut.end(), word) - cut.begin())];
}

Cut TimeSearch::by(Ticks the_tick) const {
  const auto after = std::upper_bound(tick.begin(), tick.end(), the_tick);
  if (after == tick.begin()) return impossible;
  const auto index = static_cast<std::size_t>(after - tick.begin()) - 1;
  return cut[index];
}

Engine::Engine(Law the_law) : Engine(std::move(the_law), nothing) {}

Engine::Engine(Law the_law, std::size_t simulated)
    : law(std::move(the_law)),
      horizon(law.horizon_ticks),
      pathways(std::min(simulated, law.pathways.size())) {
  for (const TimeLaw& time : law.times) times.emplace_back(time);
  for (const TimeLaw& survival : law.survivals)
    survivals.emplace_back(survival);
  for (const PathwayLaw& pathway : law.pathways) {
    if (pathway.size() > max_steps)
      throw std::invalid_argument("a pathway has more than 64 steps");
    facts.push_back(facts_of(law, pathway));
  }
  accruals = accruals_of(law, facts);
}

Workspace::Workspace(const Engine& engine, Luck the_luck,
                     std::size_t counter_sets)
    : luck(the_luck), cohort(engine.law.cohort, engine.law.scores.size()) {
  std::iota(member.begin(), member.end(), 0u);
  // The key schedule of Philox: Weyl sequences (Salmon et al. 2011).
  auto low = static_cast<std::uint32_t>(luck.seed);
  auto high = static_cast<std::uint32_t>(luck.seed >> 32);
  for (std::size_t round = 0; round < key[0].size(); ++round) {
    key[0][round] = low;
    key[1][round] = high;
    low += 0x9E3779B9;
    high += 0xBB67AE85;
  }
  const std::size_t counters = engine.pathways * counter_sets;
  const std::vector<std::uint32_t> none(cell_kinds * (engine.law.horizon + 1));
  cells.resize(counters, {none, none, none, none});
  by_batch.resize(counters);
  if (engine.accruals)
    accounts = Accounts(engine.law, *engine.accruals, engine.pathways);
  if (!engine.law.staging) return;
  growth.resize(counters);
  for (auto& methods : growth)
    for (std::size_t m = 0; m < staging_method_count; ++m)
      methods[m].resize(level_count(static_cast<StagingMethod>(m)),
                        std::vector<std::int64_t>(engine.law.horizon + 1));
}

namespace {

// Sums of the four copies of one kind, by week.
std::vector<std::uint64_t> by_week(const Cells& cells, std::size_t kind,
                                   std::size_t weeks) {
  std::vector<std::uint64_t> sums(weeks);
  for (const auto& copy : cells)
    for (std::size_t w = 0; w < weeks; ++w) sums[w] += copy[kind * weeks + w];
  return sums;
}

void add(const std::vector<std::uint64_t>& counts,
         std::vector<std::uint64_t>& sums) {
  for (std::size_t w = 0; w < sums.size(); ++w) sums[w] += counts[w];
}

void add_occupancy(const Cells& cells, std::size_t weeks,
                   std::uint64_t patients, LaterCourse<std::uint64_t>& later) {
  std::vector<std::uint64_t> in_treatment(weeks, patients);
  for (std::size_t s = 1; s < state_count; ++s) {
    auto entered = by_week(cells, first_state_cell + 2 * s, weeks);
    auto left = by_week(cells, first_state_cell + 2 * s + 1, weeks);
    if (static_cast<State>(s) == State::remitted) {
      add(by_week(cells, first_remission_ended, weeks), left);
      for (const auto kind :
           {remission_of_both, remission_observed, remission_again})
        add(by_week(cells, kind, weeks), entered);
    }
    std::uint64_t present = 0;
    for (std::size_t w = 0; w < weeks; ++w) {
      present += entered[w] - left[w];
      later.occupancy[s][w] += present;
      in_treatment[w] -= present;
    }
  }
  add(in_treatment, later.occupancy[0]);
}

// Empties the growth.
void add_growth(std::vector<std::int64_t>& growth,
                std::vector<std::uint64_t>& sums) {
  std::int64_t present = 0;
  for (std::size_t w = 0; w < sums.size(); ++w) {
    present += growth[w];
    sums[w] += static_cast<std::uint64_t>(present);
    growth[w] = 0;
  }
}

}  // namespace

void Workspace::flush(const Engine& engine, std::uint64_t patients,
                      Tally& tally) {
  for (std::size_t p = 0; p < engine.pathways; ++p)
    flush(engine, p, p, patients, tally.pathways[p]);
}

void Workspace::flush(const Engine& engine, std::size_t pathway,
                      std::size_t counter, std::uint64_t patients,
                      PathwayTally& tally) {
  const std::size_t weeks = engine.law.horizon + 1;
  Cells& mine = cells[counter];
  auto& [all, observed] = tally.course;
  // Where remission is for good, each is a first and lasting one.
  if (!engine.facts[pathway].comes_back)
    for (auto& arms : observed.arms)
      for (auto& flow : arms)
        flow.first_remission = flow.sustained = flow.remission;
  const auto counts = [&](CellKind kind) { return by_week(mine, kind, weeks); };
  add(counts(remission_of_both), all.remission_by_week);
  add(counts(remission_if_all_continue), all.remission_by_week);
  add(counts(remission_of_both), observed.remission_by_week);
  add(counts(remission_observed), observed.remission_by_week);
  for (const CellKind kind : {first_remission_lost, first_remission_ended})
    add(counts(kind), tally.later.first_remission_lost_by_week);
  add_occupancy(mine, weeks, patients, tally.later);
  if (engine.law.staging)
    for (std::size_t m = 0; m < staging_method_count; ++m)
      for (std::size_t l = 0; l < growth[counter][m].size(); ++l)
        add_growth(growth[counter][m][l], tally.stage_by_week[m][l]);
  for (auto& copy : mine) std::fill(copy.begin(), copy.end(), 0);
  for (std::size_t sum = 0; sum < batch_sum_count; ++sum) {
    auto& batches = by_batch[counter][sum];
    for (std::size_t b = 0; b < batch_count; ++b)
      tally.by_batch[sum][b] += batches[b];
    batches.fill(0);
  }
}

}  // namespace stardsim
