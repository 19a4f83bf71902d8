#include "sim/core/spans.hpp"

#include <algorithm>

namespace stardsim {
namespace {

std::uint64_t pieces_in(const Span& span, std::uint64_t piece) {
  return (span.end - span.begin + piece - 1) / piece;
}

}  // namespace

std::uint64_t size_of(const Spans& spans) {
  std::uint64_t size = 0;
  for (const Span& span : spans) size += span.end - span.begin;
  return size;
}

Spans joined(Spans spans) {
  std::sort(spans.begin(), spans.end(),
            [](const Span& a, const Span& b) { return a.begin < b.begin; });
  Spans made;
  for (const Span& span : spans) {
    if (span.begin == span.end) continue;
    if (!made.empty() && made.back().end == span.begin)
      made.back().end = span.end;
    else
      made.push_back(span);
  }
  return made;
}

void write(BytesOut& out, const Spans& spans) {
  out.number(spans.size());
  for (const Span& span : spans) {
    out.number(span.begin);
    out.number(span.end);
  }
}

Spans spans_in(BytesIn& in) {
  Spans spans;
  std::uint64_t last = 0;
  for (std::uint64_t count = in.number(); count > 0; --count) {
    const std::uint64_t begin = in.number(), end = in.number();
    if (begin < last || begin >= end) throw BadBytes("they are no spans");
    spans.push_back({begin, end});
    last = end;
  }
  return spans;
}

Spans part_of(const Spans& spans, std::uint64_t from, std::uint64_t to) {
  Spans made;
  std::uint64_t passed = 0;
  for (const Span& span : spans) {
    const std::uint64_t size = span.end - span.begin;
    const std::uint64_t low = std::clamp(from, passed, passed + size),
                        high = std::clamp(to, passed, passed + size);
    if (low < high)
      made.push_back(
          {span.begin + (low - passed), span.begin + (high - passed)});
    passed += size;
  }
  return made;
}

std::uint64_t piece_count(const Spans& spans, std::uint64_t piece) {
  std::uint64_t count = 0;
  for (const Span& span : spans) count += pieces_in(span, piece);
  return count;
}

Span piece_at(const Spans& spans, std::uint64_t piece, std::uint64_t n) {
  for (const Span& span : spans) {
    const std::uint64_t count = pieces_in(span, piece);
    if (n < count) {
      const std::uint64_t begin = span.begin + n * piece;
      return {begin, std::min(begin + piece, span.end)};
    }
    n -= count;
  }
  return {};
}

Spans pieces_of(const Spans& spans, std::uint64_t piece, std::uint64_t from,
                std::uint64_t to) {
  Spans made;
  std::uint64_t passed = 0;
  for (const Span& span : spans) {
    const std::uint64_t count = pieces_in(span, piece);
    const std::uint64_t low = std::clamp(from, passed, passed + count) - passed,
                        high = std::clamp(to, passed, passed + count) - passed;
    if (low < high)
      made.push_back({span.begin + low * piece,
                      std::min(span.begin + high * piece, span.end)});
    passed += count;
  }
  return made;
}

}  // namespace stardsim
