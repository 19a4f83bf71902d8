#include "sim/core/ranks.hpp"

#include <utility>

namespace stardsim {
namespace {

Bytes bytes_of(const ExitReason& reason) {
  BytesOut out;
  out.number(static_cast<std::uint64_t>(reason.code));
  out.text(reason.text);
  return out.made();
}

ExitReason exit_reason_in(std::span<const std::byte> bytes) {
  BytesIn in(bytes);
  const auto code = static_cast<int>(in.number());
  return {code, in.text()};
}

/// Of the lowest rank that failed; of rank 0 if none did.
std::size_t first_failed(const std::vector<Bytes>& all) {
  for (std::size_t r = 0; r < all.size(); ++r)
    if (exit_reason_in(all[r]).code != 0) return r;
  return 0;
}

}  // namespace

std::vector<Bytes> OneRank::gather(std::span<const std::byte> bytes) {
  return {Bytes(bytes.begin(), bytes.end())};
}

Bytes OneRank::broadcast(std::span<const std::byte> bytes) {
  return {bytes.begin(), bytes.end()};
}

void Ranks::set_exit_reasons(
    std::function<ExitReason(const std::exception_ptr&)> reasons) {
  exit_reasons_ = std::move(reasons);
}

ExitReason Ranks::exit_reason_of(const std::exception_ptr& thrown) const {
  if (exit_reasons_) return exit_reasons_(thrown);
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& error) {
    return {1, error.what()};
  }
}

RankFailed::RankFailed(const ExitReason& reason, std::size_t rank)
    : std::runtime_error("rank " + std::to_string(rank) + ": " + reason.text),
      code_(reason.code) {}

void together(Ranks& ranks, const std::function<void()>& work) {
  if (ranks.size() == 1) return work();
  std::exception_ptr thrown;
  try {
    work();
  } catch (...) {
    thrown = std::current_exception();
  }
  const std::vector<Bytes> all = ranks.gather(
      bytes_of(thrown ? ranks.exit_reason_of(thrown) : ExitReason{}));
  const std::size_t failed = first_failed(all);
  const Bytes said = ranks.is_first() ? all[failed] : Bytes();
  const ExitReason told = exit_reason_in(ranks.broadcast(said));
  ranks.set_agreed(told.code != 0);
  if (told.code == 0) return;
  if (!ranks.is_first())
    throw OtherRankFailed("the run has failed at another rank");
  if (thrown) std::rethrow_exception(thrown);
  throw RankFailed(told, failed);
}

}  // namespace stardsim
