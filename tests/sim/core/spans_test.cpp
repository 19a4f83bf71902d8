#include "sim/core/spans.hpp"

#include <catch2/catch.hpp>

using namespace stardsim;

TEST_CASE("Spans that meet are joined, and empty ones dropped", "[core]") {
  CHECK(joined({{5, 7}, {0, 2}, {2, 3}, {4, 4}}) == Spans{{0, 3}, {5, 7}});
  CHECK(joined({}).empty());
  CHECK(size_of({{0, 3}, {5, 7}}) == 5);
}

TEST_CASE("A part of spans is that of their numbers in order", "[core]") {
  const Spans spans{{0, 3}, {5, 7}, {10, 20}};
  CHECK(part_of(spans, 0, 15) == spans);
  CHECK(part_of(spans, 2, 6) == Spans{{2, 3}, {5, 7}, {10, 11}});
  CHECK(part_of(spans, 14, 99) == Spans{{19, 20}});
  CHECK(part_of(spans, 15, 99).empty());
}

TEST_CASE("Pieces are whole but for the last of each span", "[core]") {
  const Spans spans{{0, 10}, {20, 24}};
  REQUIRE(piece_count(spans, 4) == 4);
  CHECK(piece_at(spans, 4, 0) == Span{0, 4});
  CHECK(piece_at(spans, 4, 2) == Span{8, 10});
  CHECK(piece_at(spans, 4, 3) == Span{20, 24});
  CHECK(pieces_of(spans, 4, 0, 4) == spans);
  CHECK(pieces_of(spans, 4, 1, 3) == Spans{{4, 10}});
  CHECK(pieces_of(spans, 4, 2, 4) == Spans{{8, 10}, {20, 24}});
  CHECK(pieces_of(spans, 4, 3, 3).empty());
}

TEST_CASE("Spans are the same after being bytes, and others are refused",
          "[core]") {
  const Spans spans{{0, 10}, {20, std::uint64_t{1} << 40}};
  BytesOut out;
  write(out, spans);
  BytesIn in(out.made());
  CHECK(spans_in(in) == spans);
  CHECK(in.at_end());
  for (const Spans& wrong : {Spans{{5, 5}}, Spans{{5, 7}, {6, 8}}}) {
    BytesOut bad;
    write(bad, wrong);
    BytesIn again(bad.made());
    CHECK_THROWS_AS(spans_in(again), BadBytes);
  }
  BytesIn cut(std::span(out.made()).first(20));
  CHECK_THROWS_AS(spans_in(cut), BadBytes);
}
