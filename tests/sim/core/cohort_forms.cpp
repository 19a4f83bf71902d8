#include "tests/sim/core/cohort_forms.hpp"

// foreach_target includes this file once more for each instruction set, and
// must come before all that depends on one.
// clang-format off
#include "sim/core/targets.hpp"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tests/sim/core/cohort_forms.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// clang-format on

#include "sim/core/cohort-inl.hpp"
#include "sim/core/lanes-inl.hpp"
#include "sim/core/lanes.hpp"
#include "sim/core/smooth_tables-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace stardsim {
namespace HWY_NAMESPACE {

template <class L>
void enter_and_score(const CohortLaw& law, const std::vector<Score>& scores,
                     const Workspace& work, CohortRows& rows) {
  enter_covariates<L>(law, work, rows);
  score_rows<L>(scores, rows);
}

template <class L>
void normal_scores(const std::vector<std::uint32_t>& words,
                   std::vector<float>& scores) {
  for (std::size_t i = 0; i < words.size(); i += L::width)
    L::store_real(normal_score<L>(smooth_tables(), L::load(&words[i])),
                  &scores[i]);
}

template <class L>
void cuts(const std::vector<float>& log_odds, std::vector<Cut>& found) {
  for (std::size_t i = 0; i < log_odds.size(); i += L::width)
    L::store(cut_of_log_odds<L>(smooth_tables(), L::load_real(&log_odds[i])),
             &found[i]);
}

template <class L>
void words_with_hazard(const std::vector<std::uint32_t>& words,
                       const std::vector<float>& log_hazards,
                       std::vector<std::uint32_t>& found) {
  for (std::size_t i = 0; i < words.size(); i += L::width)
    L::store(word_with_hazard<L>(smooth_tables(), L::load(&words[i]),
                                 L::load_real(&log_hazards[i])),
             &found[i]);
}

template <class L>
void high_products(const std::vector<std::uint32_t>& a,
                   const std::vector<std::uint32_t>& b,
                   std::vector<std::uint32_t>& products) {
  for (std::size_t i = 0; i < a.size(); i += L::width)
    L::store(L::high_product(L::load(&a[i]), L::load(&b[i])), &products[i]);
}

template <class L>
test::CohortForm form(const char* instruction_set) {
  return {instruction_set, enter_and_score<L>,   normal_scores<L>,
          cuts<L>,         words_with_hazard<L>, high_products<L>};
}

#if STARDSIM_NATIVE_LANES
test::CohortForm native_form(const char* instruction_set) {
  return form<NativeLanes>(instruction_set);
}
#endif
#if HWY_TARGET == HWY_STATIC_TARGET
test::CohortForm one_lane_form(const char* instruction_set) {
  return form<OneLane>(instruction_set);
}
#endif

}  // namespace HWY_NAMESPACE
}  // namespace stardsim
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace stardsim::test {

std::vector<CohortForm> cohort_forms() {
  std::vector<CohortForm> forms;
  [[maybe_unused]] const auto supported = hwy::SupportedTargets();
#if HWY_TARGETS & HWY_AVX3
  if (supported & HWY_AVX3) forms.push_back(N_AVX3::native_form("avx512"));
#endif
#if HWY_TARGETS & HWY_AVX2
  if (supported & HWY_AVX2) forms.push_back(N_AVX2::native_form("avx2"));
#endif
#if HWY_TARGETS & HWY_SSE4
  if (supported & HWY_SSE4) forms.push_back(N_SSE4::native_form("sse4"));
#endif
#if HWY_TARGETS & HWY_NEON
  if (supported & HWY_NEON) forms.push_back(N_NEON::native_form("neon"));
#endif
  forms.push_back(HWY_STATIC_DISPATCH(one_lane_form)("one-lane"));
  return forms;
}

}  // namespace stardsim::test

#endif
