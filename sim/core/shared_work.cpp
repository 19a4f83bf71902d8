#include "sim/core/shared_work.hpp"

#include <atomic>
#include <chrono>
#include <utility>

namespace stardsim {
namespace {

using Clock = std::chrono::steady_clock;

// After a round.
struct State {
  Spans left;
  bool stopped = false;
};

Bytes bytes_of(const State& state) {
  BytesOut out;
  write(out, state.left);
  out.number(state.stopped);
  return out.made();
}

State state_in(std::span<const std::byte> bytes) {
  BytesIn in(bytes);
  State state{spans_in(in), false};
  state.stopped = in.number() != 0;
  return state;
}

// The share of this rank; as even as whole pieces allow.
Spans share_of(const Ranks& ranks, const Spans& left, std::uint64_t piece) {
  const std::uint64_t pieces = piece_count(left, piece);
  const auto rank = static_cast<std::uint64_t>(ranks.rank()),
             size = static_cast<std::uint64_t>(ranks.size());
  // Without the product of two large numbers.
  const auto begin = [&](std::uint64_t r) {
    return pieces / size * r + pieces % size * r / size;
  };
  return pieces_of(left, piece, begin(rank), begin(rank + 1));
}

}  // namespace

Spans share(Ranks& ranks, Spans items, SharedWork& work, const Rounds& rounds) {
  State state{joined(std::move(items)), false};
  while (!state.left.empty() && !state.stopped) {
    State mine;
    const auto begin = Clock::now();
    // However short the rounds, each brings the work on by an item.
    std::atomic<bool> is_begun{false};
    const auto pause = [&] {
      if (rounds.stop && rounds.stop()) return true;
      if (!is_begun.exchange(true)) return false;
      if (ranks.is_first() && rounds.due && rounds.due()) return true;
      return ranks.size() > 1 &&
             Clock::now() - begin >
                 std::chrono::duration<double>(rounds.seconds);
    };
    together(ranks, [&] {
      const Spans part = share_of(ranks, state.left, work.piece());
      mine.left = part_of(part, work.work(part, pause), size_of(part));
      mine.stopped = rounds.stop && rounds.stop();
    });
    BytesOut said;
    said.bytes(bytes_of(mine));
    said.bytes(ranks.is_first() ? Bytes{} : work.report());
    const std::vector<Bytes> all = ranks.gather(said.made());
    together(ranks, [&] {
      if (!ranks.is_first()) return;
      state = {};
      for (std::size_t r = 0; r < all.size(); ++r) {
        BytesIn in(all[r]);
        const State one = state_in(in.bytes());
        state.left.insert(state.left.end(), one.left.begin(), one.left.end());
        state.stopped = state.stopped || one.stopped;
        if (r > 0) work.take(in.bytes());
      }
      state.left = joined(std::move(state.left));
      if (!state.left.empty() && rounds.between &&
          (state.stopped || (rounds.due && rounds.due())))
        rounds.between(state.left);
    });
    state = state_in(ranks.broadcast(bytes_of(state)));
  }
  return state.left;
}

}  // namespace stardsim
