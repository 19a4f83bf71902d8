// Which instruction sets there are forms for; included before Highway's
// foreach_target.h.
#pragma once

// The vectors of SVE have no size when the program is compiled, and the course
// keeps vectors in structs: 64-bit ARM has NEON.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)
