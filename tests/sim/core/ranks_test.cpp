// Ranks are threads here: what they say to each other goes through a table.
#include "sim/core/ranks.hpp"

#include "sim/core/parallel.hpp"
#include "sim/core/shared_work.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <barrier>
#include <map>
#include <mutex>
#include <new>
#include <thread>

using namespace stardsim;

namespace {

struct Table {
  explicit Table(int the_size)
      : size(the_size),
        said(static_cast<std::size_t>(the_size)),
        all(the_size) {}
  int size;
  std::vector<Bytes> said;
  std::barrier<> all;
};

class ThreadRank : public Ranks {
 public:
  ThreadRank(Table& table, int rank) : table_(table), rank_(rank) {}
  int rank() const override { return rank_; }
  int size() const override { return table_.size; }
  std::vector<Bytes> gather(std::span<const std::byte> bytes) override {
    table_.said[static_cast<std::size_t>(rank_)].assign(bytes.begin(),
                                                        bytes.end());
    table_.all.arrive_and_wait();
    std::vector<Bytes> all;
    if (is_first()) all = table_.said;
    table_.all.arrive_and_wait();
    return all;
  }
  Bytes broadcast(std::span<const std::byte> bytes) override {
    if (is_first()) table_.said[0].assign(bytes.begin(), bytes.end());
    table_.all.arrive_and_wait();
    Bytes told = table_.said[0];
    table_.all.arrive_and_wait();
    return told;
  }

 private:
  Table& table_;
  int rank_;
};

/// What each rank threw, by rank; "" for nothing.
std::vector<std::string> with_ranks(int size,
                                    const std::function<void(Ranks&)>& work) {
  Table table(size);
  std::vector<std::string> thrown(static_cast<std::size_t>(size));
  std::vector<std::thread> threads;
  for (int r = 0; r < size; ++r)
    threads.emplace_back([&, r] {
      ThreadRank rank(table, r);
      std::string& what = thrown[static_cast<std::size_t>(r)];
      try {
        work(rank);
      } catch (const OtherRankFailed&) {
        what = "another";
      } catch (const RankFailed& error) {
        what = std::to_string(error.code()) + " " + error.what();
      } catch (const std::exception& error) {
        what = error.what();
      }
    });
  for (std::thread& thread : threads) thread.join();
  return thrown;
}

/// Counts how often each item is done, at all ranks together.
class Counted : public SharedWork {
 public:
  Counted(const Ranks& ranks, std::uint64_t piece, std::uint64_t at_most)
      : ranks_(ranks), piece_(piece), at_most_(at_most) {}
  std::uint64_t piece() const override { return piece_; }
  std::uint64_t work(const Spans& mine,
                     const std::function<bool()>& pause) override {
    const std::uint64_t most = is_slow && ranks_.rank() == 2 ? 1 : at_most_;
    std::uint64_t done = 0;
    for (const Span& span : mine)
      for (std::uint64_t i = span.begin; i < span.end; ++i) {
        if (done == most || pause()) return done;
        ranks_.is_first() ? void(++times[i]) : report_.number(i);
        ++done;
      }
    return done;
  }
  Bytes report() override { return std::exchange(report_, {}).made(); }
  void take(std::span<const std::byte> reported) override {
    for (BytesIn in(reported); !in.at_end();) ++times[in.number()];
  }

  std::map<std::uint64_t, int> times;  // at rank 0
  bool is_slow = false;

 private:
  const Ranks& ranks_;
  std::uint64_t piece_, at_most_;
  BytesOut report_;
};

}  // namespace

TEST_CASE("What fails at one rank fails at all, with the lowest one's reason",
          "[ranks]") {
  const auto fails_at = [](int which, const std::function<void()>& fail) {
    return with_ranks(3, [&](Ranks& ranks) {
      ranks.set_exit_reasons([](const std::exception_ptr& thrown) {
        return ExitReason{thrown ? 3 : 0, "cannot read it"};
      });
      together(ranks, [&] {
        if (ranks.rank() >= which) fail();
      });
    });
  };
  using Thrown = std::vector<std::string>;
  CHECK(fails_at(3, [] {}) == Thrown{"", "", ""});
  CHECK(fails_at(0, [] { throw std::runtime_error("x"); }) ==
        Thrown{"x", "another", "another"});
  CHECK(fails_at(1, [] { throw std::runtime_error("x"); }) ==
        Thrown{"3 rank 1: cannot read it", "another", "another"});
  CHECK(fails_at(2, [] { throw std::bad_alloc(); }) ==
        Thrown{"3 rank 2: cannot read it", "another", "another"});
}

TEST_CASE("Ranks do every item once, however many they are and one slow",
          "[ranks]") {
  for (const int size : {1, 2, 3, 5})
    for (const bool slow : {false, true}) {
      std::map<std::uint64_t, int> times;
      const auto thrown = with_ranks(size, [&](Ranks& ranks) {
        Counted work(ranks, 4, 10);
        work.is_slow = slow;
        const Spans left = share(ranks, {{0, 30}, {50, 93}}, work, {});
        if (!left.empty()) throw std::runtime_error("something is left");
        if (ranks.is_first()) times = work.times;
      });
      CAPTURE(size, slow);
      CHECK(std::count(thrown.begin(), thrown.end(), "") == size);
      CHECK(times.size() == 73);
      CHECK(std::all_of(times.begin(), times.end(),
                        [](const auto& one) { return one.second == 1; }));
      CHECK((times.count(29) == 1 && times.count(30) == 0));
    }
}

TEST_CASE("More ranks than items do them too", "[ranks]") {
  std::map<std::uint64_t, int> times;
  with_ranks(6, [&](Ranks& ranks) {
    Counted work(ranks, 1, 10);
    share(ranks, {{7, 9}}, work, {});
    if (ranks.is_first()) times = work.times;
  });
  CHECK(times == std::map<std::uint64_t, int>{{7, 1}, {8, 1}});
}

TEST_CASE("One rank that is asked to stop stops all, and what is left is known",
          "[ranks]") {
  for (const int who : {0, 1}) {
    std::map<std::uint64_t, int> times;
    std::vector<Spans> left(3), kept;
    with_ranks(3, [&](Ranks& ranks) {
      Counted work(ranks, 1, 5);
      Rounds rounds;
      rounds.stop = [&] { return ranks.rank() == who; };
      rounds.between = [&](const Spans& still) { kept.push_back(still); };
      left[static_cast<std::size_t>(ranks.rank())] =
          share(ranks, {{0, 60}}, work, rounds);
      if (ranks.is_first()) times = work.times;
    });
    CAPTURE(who);
    CHECK(left[0] == left[1]);
    CHECK(left[0] == left[2]);
    CHECK(kept == std::vector<Spans>{left[0]});
    CHECK(times.size() + size_of(left[0]) == 60);
    for (const Span& span : left[0])
      for (std::uint64_t i = span.begin; i < span.end; ++i)
        CHECK(times.count(i) == 0);
  }
}
