// The forms of the course: one for each instruction set that Highway offers
// here, and the one-lane form.
#include "sim/core/engine.hpp"

// foreach_target includes this file once more for each instruction set, and
// must come before all that depends on one.
// clang-format off
#include "sim/core/targets.hpp"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sim/core/course.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// clang-format on

#include "sim/core/course-inl.hpp"
#include "sim/core/lanes-inl.hpp"
#include "sim/core/lanes.hpp"

HWY_BEFORE_NAMESPACE();
namespace stardsim {
namespace HWY_NAMESPACE {

#if STARDSIM_NATIVE_LANES
void run_native(const Engine& engine, std::uint64_t first, std::size_t count,
                Workspace& work, Tally& tally) {
  run<NativeLanes>(engine, first, count, work, tally);
}

void walk_native(const Engine& engine, const std::vector<WalkPlace>& places,
                 bool anew, Workspace& work, Tally& tally) {
  walk_scattered<NativeLanes>(engine, places, anew, work, tally);
}
#endif
#if HWY_TARGET == HWY_STATIC_TARGET
void run_one_lane(const Engine& engine, std::uint64_t first, std::size_t count,
                  Workspace& work, Tally& tally) {
  run<OneLane>(engine, first, count, work, tally);
}

void walk_one_lane(const Engine& engine, const std::vector<WalkPlace>& places,
                   bool anew, Workspace& work, Tally& tally) {
  walk_scattered<OneLane>(engine, places, anew, work, tally);
}
#endif

}  // namespace HWY_NAMESPACE
}  // namespace stardsim
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace stardsim {

std::vector<CourseForm> course_forms() {
  std::vector<CourseForm> forms;
  [[maybe_unused]] const auto supported = hwy::SupportedTargets();
#if HWY_TARGETS & HWY_AVX3
  if (supported & HWY_AVX3)
    forms.push_back({"avx512", N_AVX3::run_native, N_AVX3::walk_native});
#endif
#if HWY_TARGETS & HWY_AVX2
  if (supported & HWY_AVX2)
    forms.push_back({"avx2", N_AVX2::run_native, N_AVX2::walk_native});
#endif
#if HWY_TARGETS & HWY_SSE4
  if (supported & HWY_SSE4)
    forms.push_back({"sse4", N_SSE4::run_native, N_SSE4::walk_native});
#endif
#if HWY_TARGETS & HWY_NEON
  if (supported & HWY_NEON)
    forms.push_back({"neon", N_NEON::run_native, N_NEON::walk_native});
#endif
  forms.push_back({"one-lane", HWY_STATIC_DISPATCH(run_one_lane),
                   HWY_STATIC_DISPATCH(walk_one_lane)});
  return forms;
}

}  // namespace stardsim

#endif
