// One work, its items numbered, shared among ranks in rounds: each rank does a
// part of what is left, then all tell rank 0 what they did. What is left is
// known after every round, so that a run can be stopped, kept and gone on with,
// by any number of ranks.
#pragma once

#include "sim/core/bytes.hpp"
#include "sim/core/ranks.hpp"
#include "sim/core/spans.hpp"

#include <cstdint>
#include <functional>
#include <span>

namespace stardsim {

class SharedWork {
 public:
  virtual ~SharedWork() = default;
  /// Parts are of whole pieces of so many items.
  virtual std::uint64_t piece() const = 0;
  /// Does these items in their order until all are done or pause() says so;
  /// returns how many of them, the first ones, are done. At rank 0 with
  /// everything that belongs to it.
  virtual std::uint64_t work(const Spans&,
                             const std::function<bool()>& pause) = 0;
  /// At other ranks: what was done since this was last asked.
  virtual Bytes report() = 0;
  /// At rank 0: the report of another.
  virtual void take(std::span<const std::byte>) = 0;
};

struct Rounds {
  /// Whether to end; asked often, at every rank, and one that says so ends all.
  std::function<bool()> stop;
  /// At rank 0, asked often: whether `between` is due.
  std::function<bool()> due;
  /// At rank 0, between rounds where it is due: with what is left.
  std::function<void(const Spans& left)> between;
  /// Of a round of several ranks, who wait for each other at its end.
  double seconds = 2;
};

/// Called by all ranks with the same items; returns at all of them what is
/// left: nothing, unless somebody said stop. A failure at one rank is one
/// everywhere, as in together().
Spans share(Ranks&, Spans items, SharedWork&, const Rounds&);

}  // namespace stardsim
