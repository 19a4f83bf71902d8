#include "models/planted.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

// Part of stardsim_faulty alone.
namespace stardsim {
namespace {

PlantedFault fault_from_environment() {
  constexpr std::array names{
      "none",           "state_leak",           "last_step_skipped",
      "rate_as_hazard", "attrition_twice",      "relapse_clock",
      "shares_ignored", "partial_as_remission", "death_ratio_ignored",
      "previous_state", "shared_luck"};
  const char* const asked = std::getenv("STARDSIM_PLANT");
  if (asked == nullptr) return PlantedFault::none;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (std::string(asked) == names[i]) return static_cast<PlantedFault>(i);
  std::fprintf(stderr, "STARDSIM_PLANT: \"%s\" is no fault:", asked);
  for (const char* const name : names) std::fprintf(stderr, " %s", name);
  std::fprintf(stderr, "\n");
  std::exit(2);
}

}  // namespace

const PlantedFault planted_fault = fault_from_environment();

}  // namespace stardsim
