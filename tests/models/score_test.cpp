#include "models/score.hpp"

#include <catch2/catch.hpp>

using namespace stardsim;

TEST_CASE("A score sums slopes from the centre and the level that holds",
          "[models]") {
  const Score score{
      {{0, false, 40, -0.25F}, {1, true, 2, 0.5F}, {1, true, 1, 8}}};
  CHECK(value_of(score, {44, 2}) == -0.5F);
  CHECK(value_of(score, {40, 1}) == 8);
  CHECK(value_of(score, {36, 0}) == 1);
  CHECK(value_of(Score{}, {36, 0}) == 0);
}
