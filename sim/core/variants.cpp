#include "sim/core/variants.hpp"

#include "sim/core/account.hpp"
#include "sim/core/block.hpp"
#include "sim/core/book.hpp"
#include "sim/core/engine.hpp"
#include "sim/core/life.hpp"
#include "sim/core/variant_changes.hpp"
#include "sim/core/watch.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

namespace stardsim {
namespace {

// Patients of whom those who change are kept in mind until they are simulated
// again.
constexpr std::uint64_t first_round = 16 * block_size,
                        later_rounds = 64 * block_size;

// Where more of the first round change, the variant is run in full: each is
// simulated twice.
constexpr double most_changed = 0.4;

// Base and variant as they count some patients.
struct Counted {
  Tally before, after;

  explicit Counted(const Law& law) : before(law), after(law) {}
};

// What all threads share, and what they come to.
struct Common {
  const Law& base;
  const Engine& engine;
  const CourseForm form;
  const std::vector<ChangedPathway>& changes;
  const RunOptions& options;
  VariantTallies& result;
  std::vector<std::vector<std::uint32_t>> lists;

  bool is_plain() const { return form.walk == nullptr; }
  bool is_in_full(std::size_t variant) const { return result.in_full[variant]; }
  std::size_t variants() const { return result.variants.size(); }
};

// ---- the base, with a watch ----

struct Range {
  std::uint64_t first, count;
};

class VectorWatcher : public Worker {
 public:
  VectorWatcher(Common& common, Range range)
      : common_(common),
        range_(range),
        work_(common.engine, common.options.luck),
        watch_(common.engine, common.changes, common.result.in_full),
        tally_(common.base) {
    work_.watch = &watch_;
  }

  void work(std::uint64_t block) override {
    const std::uint64_t begin = block * block_size;
    simulate_block(common_.engine, common_.form, range_.first + begin,
                   std::min<std::uint64_t>(block_size, range_.count - begin),
                   work_, tally_);
  }

  void finish() override {
    common_.result.base += tally_;
    common_.lists.resize(watch_.lists.size());
    for (std::size_t i = 0; i < watch_.lists.size(); ++i)
      common_.lists[i].insert(common_.lists[i].end(), watch_.lists[i].begin(),
                              watch_.lists[i].end());
    for (std::size_t v = 0; v < common_.variants(); ++v)
      common_.result.simulated_again[v] += 2 * watch_.changed[v];
  }

 private:
  Common& common_;
  const Range range_;
  Workspace work_;
  Watch watch_;
  Tally tally_;
};

// In the plain course those who change are lived again at once.
class PlainWatcher : public Worker {
 public:
  PlainWatcher(Common& common, Range range)
      : common_(common),
        range_(range),
        pathways_(common.engine.pathways),
        measures_(common.base.accrual ? common.base.accrual->measures.size()
                                      : 0),
        watch_(common.engine, common.changes, common.result.in_full),
        lives_(common.engine, common.options.luck),
        words_(common.options.luck),
        tally_(common.base),
        kept_(common.variants()),
        changed_(pathways_),
        values_(pathways_ * measures_) {
    rows_.resize(values_.size(), std::vector<std::int64_t>(gathered));
    for (const auto& row : rows_) starts_.push_back(row.data());
  }

  void work(std::uint64_t block) override {
    const std::uint64_t begin = block * block_size;
    const std::uint64_t end =
        std::min<std::uint64_t>(begin + block_size, range_.count);
    for (std::uint64_t at = begin; at < end; at += gathered) {
      const auto some =
          static_cast<std::size_t>(std::min<std::uint64_t>(gathered, end - at));
      for (std::size_t i = 0; i < some; ++i) {
        live(range_.first + at + i);
        for (std::size_t r = 0; r < values_.size(); ++r)
          rows_[r][i] = values_[r];
      }
      if (measures_ > 0) tally_.outcomes.add(range_.first + at, some, starts_);
    }
    tally_.patients += end - begin;
  }

  void finish() override {
    common_.result.base += tally_;
    for (std::size_t v = 0; v < common_.variants(); ++v) {
      common_.result.simulated_again[v] += 2 * watch_.changed[v];
      live_again(v);
      if (!kept_[v].counted) continue;
      common_.result.variants[v] += kept_[v].counted->after;
      common_.result.variants[v] -= kept_[v].counted->before;
    }
  }

 private:
  static constexpr std::size_t gathered = 256;

  // One course of a pathway of the engine's law: counted, and told of.
  template <class Look>
  void live(std::size_t pathway, PathwayTally& tally, std::int64_t* values,
            const Look& look) {
    const Life& all = lives_.live(pathway, true);
    const bool ever = count_life(common_.engine, pathway, 0, all, tally);
    look(all, true);
    const Life& observed = lives_.live(pathway, false);
    count_life(common_.engine, pathway, 1, observed, tally);
    look(observed, false);
    if (measures_ > 0)
      account(*common_.base.accrual, common_.engine.law.pathways[pathway],
              observed, ever, values);
  }

  void live(std::uint64_t patient) {
    lives_.enter(patient);
    words_.enter(patient);
    all_changed_.clear();
    for (std::size_t p = 0; p < pathways_; ++p) {
      changed_[p].clear();
      live(p, tally_.pathways[p], values_.data() + p * measures_,
           [&](const Life& life, bool everybody_continues) {
             watch_life(common_.engine, watch_, p, everybody_continues, life,
                        lives_.scores(), words_, changed_[p]);
           });
      all_changed_.insert(all_changed_.end(), changed_[p].begin(),
                          changed_[p].end());
    }
    std::sort(all_changed_.begin(), all_changed_.end());
    for (auto from = all_changed_.begin(); from != all_changed_.end();) {
      const std::size_t variant = common_.changes[*from].variant;
      const auto to =
          std::find_if(from, all_changed_.end(), [&](std::size_t change) {
            return common_.changes[change].variant != variant;
          });
      keep(patient, variant, from, to);
      from = to;
    }
  }

  // He is lived again with others whom the same variant changes, so that what
  // they are counted in is still in cache.
  template <class Iterator>
  void keep(std::uint64_t patient, std::size_t variant, Iterator from,
            Iterator to) {
    ++watch_.changed[variant];
    Kept& kept = kept_[variant];
    if (kept.size == kept.patients.size()) kept.patients.emplace_back();
    KeptPatient& mine = kept.patients[kept.size++];
    mine.patient = patient;
    mine.changes.assign(from, to);
    mine.values = values_;
    if (kept.size == most_kept) live_again(variant);
  }

  void live_again(std::size_t variant) {
    Kept& kept = kept_[variant];
    if (kept.size == 0) return;
    if (!kept.counted) kept.counted.emplace(common_.base);
    Tally &before = kept.counted->before, &after = kept.counted->after;
    const auto nobody = [](const Life&, bool) {};
    for (std::size_t i = 0; i < kept.size; ++i) {
      const KeptPatient& one = kept.patients[i];
      values_after_ = one.values;
      lives_.enter(one.patient);
      for (const std::size_t c : one.changes) {
        const ChangedPathway& change = common_.changes[c];
        std::int64_t* const values =
            values_after_.data() + change.row * measures_;
        live(change.row, before.pathways[change.row], values, nobody);
        live(change.pathway, after.pathways[change.row], values, nobody);
      }
      if (measures_ > 0)
        after.outcomes.replace(one.patient, one.values, values_after_);
    }
    kept.size = 0;
  }

  static constexpr std::size_t most_kept = 64;
  struct KeptPatient {
    std::uint64_t patient;
    std::vector<std::size_t> changes;
    std::vector<std::int64_t> values;  // under the base
  };
  struct Kept {
    std::vector<KeptPatient> patients;  // the first `size` of them
    std::size_t size = 0;
    std::optional<Counted> counted;
  };

  Common& common_;
  const Range range_;
  const std::size_t pathways_, measures_;
  Watch watch_;
  Lives lives_;
  PatientWords words_;
  Tally tally_;
  std::vector<Kept> kept_;                         // by variant
  std::vector<std::vector<std::size_t>> changed_;  // by pathway
  std::vector<std::size_t> all_changed_;
  std::vector<std::int64_t> values_, values_after_;  // [pathway][measure]
  std::vector<std::vector<std::int64_t>> rows_;
  std::vector<const std::int64_t*> starts_;
};

// ---- those who change, in vectors ----

// The lists of a variant, or a part of each.
struct Part {
  std::size_t variant;
  std::size_t number, of;
};

class Changer : public Worker {
 public:
  Changer(const Common& common, std::uint64_t first,
          const std::vector<Part>& parts,
          std::vector<std::unique_ptr<Counted>>& counted)
      : common_(common),
        parts_(parts),
        counted_(counted),
        work_(common.engine, common.options.luck, 3),
        unwanted_(common.base) {
    work_.first = first >> 32 << 32;
    work_.scattered = true;
    unwanted_.outcomes = {};
  }

  void work(std::uint64_t number) override {
    const Part& part = parts_[number];
    counted_[number] = std::make_unique<Counted>(common_.base);
    Counted& counted = *counted_[number];
    std::vector<std::size_t> all;
    for (std::size_t c = 0; c < common_.changes.size(); ++c) {
      if (common_.changes[c].variant != part.variant) continue;
      all.push_back(c);
      change({c}, common_.lists[c], part, counted);
    }
    if (common_.engine.accruals)
      change(all, common_.lists[common_.changes.size() + part.variant], part,
             counted);
  }

 private:
  // Those of a list, on these changed pathways.
  void change(const std::vector<std::size_t>& changes,
              const std::vector<std::uint32_t>& list, const Part& part,
              Counted& counted) {
    const std::size_t begin = list.size() * part.number / part.of,
                      end = list.size() * (part.number + 1) / part.of;
    if (begin == end) return;
    const std::size_t pathways = common_.engine.pathways;
    std::vector<WalkPlace> before, after, others;
    for (const std::size_t c : changes) {
      const ChangedPathway& one = common_.changes[c];
      before.push_back({one.row, one.row, one.row});
      after.push_back({one.pathway, one.row, pathways + one.row});
    }
    // The outcomes on the other pathways go together with them.
    for (std::size_t p = 0; p < pathways && common_.engine.accruals; ++p)
      if (std::none_of(before.begin(), before.end(),
                       [&](const WalkPlace& place) { return place.row == p; }))
        others.push_back({p, p, 2 * pathways + p});
    for (std::size_t at = begin; at < end; at += tile_size) {
      work_.begin = 0;
      work_.end = std::min(tile_size, end - at);
      std::copy_n(list.data() + at, work_.end, work_.member.begin());
      std::fill(work_.member.begin() + work_.end, work_.member.end(),
                work_.member[0]);
      if (!others.empty())
        common_.form.walk(common_.engine, others, true, work_, unwanted_);
      common_.form.walk(common_.engine, before, others.empty(), work_,
                        counted.before);
      common_.form.walk(common_.engine, after, false, work_, counted.after);
    }
    for (const WalkPlace& place : before)
      work_.flush(common_.engine, place.pathway, place.counter, end - begin,
                  counted.before.pathways[place.row]);
    for (const WalkPlace& place : after)
      work_.flush(common_.engine, place.pathway, place.counter, end - begin,
                  counted.after.pathways[place.row]);
  }

  const Common& common_;
  const std::vector<Part>& parts_;
  std::vector<std::unique_ptr<Counted>>& counted_;
  Workspace work_;
  Tally unwanted_;
};

// Simulates those of the lists again, and empties these.
void change_listed(Common& common, std::uint64_t first, int threads,
                   const ParallelOptions& parallel) {
  std::vector<std::size_t> variants;
  for (std::size_t v = 0; v < common.variants(); ++v)
    if (!common.is_in_full(v)) variants.push_back(v);
  if (variants.empty()) return;
  const std::size_t of =
      (2 * static_cast<std::size_t>(threads) + variants.size() - 1) /
      variants.size();
  std::vector<Part> parts;
  for (const std::size_t v : variants)
    for (std::size_t n = 0; n < of; ++n) parts.push_back({v, n, of});
  std::vector<std::unique_ptr<Counted>> counted(parts.size());
  in_parallel(parts.size(), parallel, [&] {
    return std::make_unique<Changer>(common, first, parts, counted);
  });
  for (std::size_t i = 0; i < parts.size(); ++i) {
    Tally& tally = common.result.variants[parts[i].variant];
    tally += counted[i]->after;
    tally -= counted[i]->before;
  }
  for (auto& list : common.lists) list.clear();
}

// ---- all ----

void run_round(Common& common, Range range, RunFacts& facts) {
  const RunOptions& options = common.options;
  ParallelOptions parallel{options.threads, options.stop, {}};
  if (options.progress)
    parallel.progress = [&](std::uint64_t blocks) {
      options.progress(range.first - options.first_patient +
                       std::min(blocks * block_size, range.count));
    };
  const std::uint64_t blocks = (range.count + block_size - 1) / block_size;
  const int threads =
      in_parallel(blocks, parallel, [&]() -> std::unique_ptr<Worker> {
        if (common.is_plain())
          return std::make_unique<PlainWatcher>(common, range);
        return std::make_unique<VectorWatcher>(common, range);
      });
  facts.threads = std::max(facts.threads, threads);
  parallel.progress = {};
  // That of the base is known now: those in whom too much changes are left.
  if (range.first == options.first_patient)
    for (std::size_t v = 0; v < common.variants(); ++v)
      if (static_cast<double>(common.result.simulated_again[v]) >
          2 * most_changed * static_cast<double>(range.count))
        common.result.in_full[v] = true;
  if (!common.is_plain()) change_listed(common, range.first, threads, parallel);
}

// The law of the base and those variants that need not be run in full.
LawOfVariants law_of_variants(const Law& base, const std::vector<Law>& variants,
                              std::vector<bool>& in_full) {
  LawOfVariants law(base);
  for (std::size_t v = 0; v < variants.size(); ++v)
    if (!in_full[v]) in_full[v] = !law.add(variants[v], v);
  return law;
}

}  // namespace

VariantTallies simulate_variants(const Law& base,
                                 const std::vector<Law>& variants,
                                 const RunOptions& options, RunFacts* facts) {
  require_possible(options);
  VariantTallies result{Tally(base), {}, {}, {}};
  result.variants.assign(variants.size(), result.base);
  result.simulated_again.assign(variants.size(), 0);
  result.in_full.assign(variants.size(), false);
  const std::size_t pathways = base.pathways.size();
  std::optional<LawOfVariants> law(
      law_of_variants(base, variants, result.in_full));
  std::optional<Engine> engine(std::in_place, law->law(), pathways);
  // All must take the same form of the course.
  bool dropped = false;
  const bool base_in_vectors =
      std::all_of(engine->facts.begin(),
                  engine->facts.begin() + static_cast<std::ptrdiff_t>(pathways),
                  [](const PathwayFacts& one) { return one.in_vectors; });
  for (const ChangedPathway& change : law->changes())
    if (base.accrual && base_in_vectors &&
        !engine->facts[change.pathway].in_vectors)
      dropped = result.in_full[change.variant] = true;
  if (dropped) {
    law.emplace(law_of_variants(base, variants, result.in_full));
    engine.emplace(law->law(), pathways);
  }
  Common common{base,
                *engine,
                form_for(*engine, options.instruction_set),
                law->changes(),
                options,
                result,
                {}};
  RunFacts done{1, common.form.instruction_set};
  const std::uint64_t end = options.first_patient + options.patients;
  for (std::uint64_t first = options.first_patient; first < end;) {
    const std::uint64_t most =
        first == options.first_patient ? first_round : later_rounds;
    // Whole tiles, and none with numbers of which the upper halves differ.
    const std::uint64_t whole = (first + most) / tile_size * tile_size;
    const std::uint64_t stop =
        std::min({end, whole, ((first >> 32) + 1) << 32});
    run_round(common, {first, stop - first}, done);
    first = stop;
  }
  for (std::size_t v = 0; v < variants.size(); ++v)
    if (result.in_full[v]) {
      result.variants[v] = simulate(variants[v], options);
      result.simulated_again[v] = options.patients;
    } else {
      result.variants[v] += result.base;
    }
  if (facts) *facts = done;
  return result;
}

}  // namespace stardsim
