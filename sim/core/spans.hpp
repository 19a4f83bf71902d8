// Numbers of patients or draws, as ascending spans: what is still to be done.
#pragma once

#include "sim/core/bytes.hpp"

#include <cstdint>
#include <vector>

namespace stardsim {

/// The numbers begin .. end - 1.
struct Span {
  std::uint64_t begin = 0, end = 0;
  bool operator==(const Span&) const = default;
};

/// Ascending, none empty, none meeting the next: equal sets are equal spans.
using Spans = std::vector<Span>;

std::uint64_t size_of(const Spans&);

/// Those of any spans that do not overlap.
Spans joined(Spans);

void write(BytesOut&, const Spans&);
/// Throws BadBytes for what is no Spans.
Spans spans_in(BytesIn&);

/// Of the numbers in their order, those from the from-th to before the to-th.
Spans part_of(const Spans&, std::uint64_t from, std::uint64_t to);

/// Each span cut into pieces of `piece` numbers, the last one being shorter.
/// The n-th of these, without making all of them.
std::uint64_t piece_count(const Spans&, std::uint64_t piece);
Span piece_at(const Spans&, std::uint64_t piece, std::uint64_t n);

/// The pieces from the from-th to before the to-th.
Spans pieces_of(const Spans&, std::uint64_t piece, std::uint64_t from,
                std::uint64_t to);

}  // namespace stardsim
