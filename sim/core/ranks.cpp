#include "sim/core/ranks.hpp"

#include "sim/core/parallel.hpp"

#include <exception>
#include <new>
#include <system_error>

namespace stardsim {
namespace {

enum class Failure : std::uint64_t {
  none,
  invalid_argument,
  system_error,
  bad_alloc,
  interrupted,
  other
};

struct Said {
  Failure failure = Failure::none;
  std::string why;
};

Bytes bytes_of(const Said& said) {
  BytesOut out;
  out.number(static_cast<std::uint64_t>(said.failure));
  out.text(said.why);
  return out.made();
}

Said said_in(std::span<const std::byte> bytes) {
  BytesIn in(bytes);
  const auto failure = static_cast<Failure>(in.number());
  return {failure, in.text()};
}

Said said_of(const std::exception_ptr& thrown) {
  if (!thrown) return {};
  try {
    std::rethrow_exception(thrown);
  } catch (const std::invalid_argument& error) {
    return {Failure::invalid_argument, error.what()};
  } catch (const std::bad_alloc& error) {
    return {Failure::bad_alloc, error.what()};
  } catch (const Interrupted& error) {
    return {Failure::interrupted, error.what()};
  } catch (const std::system_error& error) {
    return {Failure::system_error, error.what()};
  } catch (const std::exception& error) {
    return {Failure::other, error.what()};
  }
}

[[noreturn]] void fail_as(const Said& said, std::size_t rank) {
  const std::string why = "rank " + std::to_string(rank) + ": " + said.why;
  switch (said.failure) {
    case Failure::invalid_argument:
      throw std::invalid_argument(said.why);
    case Failure::bad_alloc:
      throw std::bad_alloc();
    case Failure::interrupted:
      throw Interrupted(why);
    case Failure::system_error:
      throw std::system_error(std::error_code(), why);
    default:
      throw std::runtime_error(why);
  }
}

}  // namespace

std::vector<Bytes> OneRank::gather(std::span<const std::byte> bytes) {
  return {Bytes(bytes.begin(), bytes.end())};
}

Bytes OneRank::broadcast(std::span<const std::byte> bytes) {
  return {bytes.begin(), bytes.end()};
}

void together(Ranks& ranks, const std::function<void()>& work) {
  std::exception_ptr thrown;
  try {
    work();
  } catch (...) {
    if (ranks.size() == 1) throw;
    thrown = std::current_exception();
  }
  if (ranks.size() == 1) return;
  const std::vector<Bytes> all = ranks.gather(bytes_of(said_of(thrown)));
  Said first;
  std::size_t failed = 0;
  for (std::size_t r = 0; r < all.size() && first.failure == Failure::none;
       ++r) {
    first = said_in(all[r]);
    failed = r;
  }
  const Said told = said_in(ranks.broadcast(bytes_of(first)));
  ranks.set_agreed(told.failure != Failure::none);
  if (told.failure == Failure::none) return;
  if (!ranks.is_first())
    throw OtherRankFailed("the run has failed at another rank");
  if (failed == 0) std::rethrow_exception(thrown);
  fail_as(first, failed);
}

}  // namespace stardsim
