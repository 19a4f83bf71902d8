#include "sim/core/words.hpp"

#include "models/cut.hpp"

#include <Random123/philox.h>

#include <algorithm>

namespace stardsim {

std::array<std::uint32_t, 4> philox(Counter counter, std::uint64_t seed) {
  const r123::Philox4x32 generator;
  const r123::Philox4x32::ctr_type block = {
      {counter.word[0], counter.word[1], counter.word[2], counter.word[3]}};
  const r123::Philox4x32::key_type key = {
      {static_cast<std::uint32_t>(seed),
       static_cast<std::uint32_t>(seed >> 32)}};
  const auto words = generator(block, key);
  return {words[0], words[1], words[2], words[3]};
}

std::uint32_t word(Luck luck, std::uint64_t patient, Purpose purpose,
                   std::uint32_t visit) {
  return philox(counter_of(luck, patient, purpose, visit),
                luck.seed)[visit % words_per_block];
}

std::uint32_t word_as_compared(Luck luck, std::uint64_t patient,
                               Purpose purpose, std::uint32_t visit,
                               std::uint32_t sub_draw) {
  const auto words =
      philox(counter_of(luck, patient, purpose, visit, sub_draw), luck.seed);
  return std::min(words[visit % words_per_block], highest_word);
}

WordEngine::result_type WordEngine::operator()() {
  if (used_ == words_per_block) {
    block_ = philox(counter_of(luck_, patient_, purpose_, 0, sub_draw_++),
                    luck_.seed);
    used_ = 0;
  }
  return block_[used_++];
}

}  // namespace stardsim
