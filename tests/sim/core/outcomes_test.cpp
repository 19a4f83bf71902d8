#include "sim/core/outcomes.hpp"

#include <catch2/catch.hpp>
#include <hwy/targets.h>

#include <algorithm>
#include <random>

using namespace stardsim;

namespace {

constexpr std::size_t pathways = 3, measures = 5;
const DecisionMeasures decision{3, {2, 4}};

using Rows = std::vector<std::vector<std::int64_t>>;  // [p * measures + m]

// Flags, counts, and amounts of both signs up to 2^bits; the fourth measure is
// nothing on the first pathway.
Rows random_rows(std::size_t patients, int bits, unsigned seed) {
  std::mt19937_64 random(seed);
  const auto up_to = [&](std::int64_t most) {
    return static_cast<std::int64_t>(random() >> 1) % (most + 1);
  };
  const std::int64_t most = std::int64_t{1} << bits;
  Rows rows(pathways * measures, std::vector<std::int64_t>(patients));
  for (std::size_t i = 0; i < patients; ++i)
    for (std::size_t p = 0; p < pathways; ++p) {
      rows[p * measures][i] = up_to(1);
      rows[p * measures + 1][i] = up_to(7);
      rows[p * measures + 2][i] = up_to(2 * most) - most;
      rows[p * measures + 3][i] = p == 0 ? 0 : up_to(most);
      rows[p * measures + 4][i] = -up_to(most);
    }
  return rows;
}

std::vector<const std::int64_t*> pointers(const Rows& rows, std::size_t from) {
  std::vector<const std::int64_t*> all;
  for (const auto& row : rows) all.push_back(row.data() + from);
  return all;
}

Outcomes added(const Rows& rows, std::uint64_t first) {
  Outcomes outcomes(pathways, measures, decision);
  outcomes.add(first, rows[0].size(), pointers(rows, 0));
  return outcomes;
}

// One patient at a time, as the header says.
Outcomes naive(const Rows& rows, std::uint64_t first) {
  Outcomes sums(pathways, measures, decision);
  for (std::size_t i = 0; i < rows[0].size(); ++i) {
    const auto x = [&](std::size_t p, std::size_t m) {
      return SignedWide{rows[p * measures + m][i]};
    };
    for (std::size_t m = 0; m < measures; ++m)
      for (std::size_t p = 0; p < pathways; ++p) {
        sums.sum[p * measures + m] += x(p, m);
        sums.by_batch[(p * measures + m) * 256 + (first + i) % 256] +=
            rows[p * measures + m][i];
        for (std::size_t q = p; q < pathways; ++q) {
          const std::size_t at = m * sums.pairs() + Outcomes::pair(p, q);
          sums.product[at] += x(p, m) * x(q, m);
          sums.differing[at] += x(p, m) != x(q, m);
        }
      }
    for (std::size_t c = 0; c < 2; ++c)
      for (std::size_t p = 0; p < pathways; ++p)
        for (std::size_t q = 0; q < pathways; ++q)
          sums.cost_effect[(c * pathways + p) * pathways + q] +=
              x(p, decision.costs[c]) * x(q, 3);
  }
  return sums;
}

}  // namespace

TEST_CASE("Pairs of pathways are numbered as the header says", "[core]") {
  CHECK(Outcomes::pair(0, 0) == 0);
  CHECK(Outcomes::pair(0, 1) == 1);
  CHECK(Outcomes::pair(1, 1) == 2);
  CHECK(Outcomes::pair(0, 2) == 3);
  CHECK(Outcomes::pair(2, 0) == 3);
  CHECK(Outcomes::pair(2, 2) == 5);
}

TEST_CASE("Outcomes are the sums over patients, whatever their size",
          "[core]") {
  // On both sides of where products of 1,024 patients leave 32 and 64 bits.
  for (const int bits : {0, 3, 20, 25, 26, 27, 30, 31, 33, 42})
    for (const std::size_t patients : {1, 7, 255, 1024, 1025, 3000}) {
      const Rows rows =
          random_rows(patients, bits, static_cast<unsigned>(bits));
      for (const std::uint64_t first : {std::uint64_t{0}, std::uint64_t{1000},
                                        (std::uint64_t{1} << 40) - 5000}) {
        const bool equal = added(rows, first) == naive(rows, first);
        CHECK(equal);
      }
    }
}

TEST_CASE("Every instruction set gives the same outcomes", "[core]") {
  const Rows rows = random_rows(2048, 24, 3), wide = random_rows(2048, 40, 4);
  const Outcomes expected = naive(rows, 0), expected_wide = naive(wide, 0);
  const auto supported = hwy::SupportedTargets();
  for (auto left = supported; left != 0; left &= left - 1) {
    hwy::SetSupportedTargetsForTest(left & -left);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    CHECK((added(rows, 0) == expected));
    CHECK((added(wide, 0) == expected_wide));
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

TEST_CASE("A row of nulls is a row of zeros", "[core]") {
  Rows rows = random_rows(1500, 20, 8);
  for (const std::size_t i : {1u, 8u, 9u})
    std::fill(rows[i].begin(), rows[i].end(), 0);
  auto some = pointers(rows, 0);
  for (const std::size_t i : {1u, 8u, 9u}) some[i] = nullptr;
  Outcomes outcomes(pathways, measures, decision);
  outcomes.add(42, 1500, some);
  CHECK((outcomes == naive(rows, 42)));
}

TEST_CASE("The largest numbers just below a bound do not overflow", "[core]") {
  for (const int bits : {20, 26, 31, 32, 43})
    for (const std::int64_t sign : {1, -1})
      for (const std::int64_t less : {0, 1}) {
        const Rows rows(pathways * measures,
                        std::vector<std::int64_t>(
                            1024, sign * ((std::int64_t{1} << bits) - less)));
        CHECK((added(rows, 0) == naive(rows, 0)));
      }
}

TEST_CASE("Neither the order nor the pieces of patients can be seen",
          "[core]") {
  const Rows rows = random_rows(5000, 30, 5);
  const Outcomes whole = added(rows, 123);
  std::vector<std::size_t> cuts{0, 1, 17, 256, 1024, 1300, 4000, 4999, 5000};
  std::vector<Outcomes> pieces;
  for (std::size_t c = 0; c + 1 < cuts.size(); ++c) {
    pieces.emplace_back(pathways, measures, decision);
    pieces.back().add(123 + cuts[c], cuts[c + 1] - cuts[c],
                      pointers(rows, cuts[c]));
  }
  Outcomes forwards(pathways, measures, decision), backwards = forwards;
  for (const Outcomes& piece : pieces) forwards += piece;
  std::reverse(pieces.begin(), pieces.end());
  for (const Outcomes& piece : pieces) backwards += piece;
  CHECK((forwards == whole));
  CHECK((backwards == whole));
}

TEST_CASE("Equal pathways do not differ, and batches sum to all", "[core]") {
  Rows rows = random_rows(2000, 20, 9);
  for (std::size_t m = 0; m < measures; ++m) rows[measures + m] = rows[m];
  const Outcomes outcomes = added(rows, 77);
  for (std::size_t m = 0; m < measures; ++m) {
    const auto* products = &outcomes.product[m * outcomes.pairs()];
    CHECK(outcomes.differing[m * outcomes.pairs() + 1] == 0);
    CHECK((products[0] == products[1] && products[1] == products[2]));
    for (std::size_t p = 0; p < pathways; ++p) {
      SignedWide sum = 0;
      for (std::size_t b = 0; b < batch_count; ++b)
        sum += outcomes.by_batch[(p * measures + m) * batch_count + b];
      CHECK((sum == outcomes.sum[p * measures + m]));
    }
  }
}

TEST_CASE("Without decision measures there are no products of cost and effect",
          "[core]") {
  Outcomes outcomes(2, 3, DecisionMeasures{});
  CHECK(outcomes.cost_effect.empty());
  const std::vector<std::int64_t> row{1, 0, 1};
  outcomes.add(0, 3, std::vector<const std::int64_t*>(6, row.data()));
  CHECK((outcomes.sum[5] == 2));
  Outcomes none;
  none += Outcomes();
  none.add(0, 10, {});
  CHECK((none == Outcomes()));
}
