#include "models/staging.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace stardsim {
namespace {

constexpr std::size_t mgh_highest = 40;  // half points
constexpr std::size_t maudsley_lowest = 3, maudsley_highest = 15;
constexpr double weeks_of_12_months = 365.25 / 7;

// Failed adequate trials but ECT.
unsigned failed_drugs(const TreatmentHistory& patient) {
  const unsigned ect = patient.ect_failed ? 1 : 0;
  return std::max(patient.adequate_failed_trials, ect) - ect;
}

std::size_t thase_rush(const TreatmentHistory& patient) {
  if (patient.adequate_failed_trials == 0) return 0;
  if (patient.adequate_failed_classes < 2) return 1;
  if (!patient.tca_failed) return 2;
  if (!patient.maoi_failed) return 3;
  return patient.ect_failed ? 5 : 4;
}

std::size_t mgh(const TreatmentHistory& patient) {
  const std::size_t half_points =
      std::size_t{2} * failed_drugs(patient) + patient.optimised_failed_trials +
      patient.augmentations + (patient.ect_failed ? 6 : 0);
  return std::min(half_points, mgh_highest);
}

std::size_t european(const TreatmentHistory& patient) {
  if (patient.adequate_failed_trials == 0) return 0;
  if (patient.adequate_failed_classes < 2) return 1;
  const double weeks = patient.resistant_weeks;
  if (weeks > weeks_of_12_months && patient.augmentations > 0) return 7;
  constexpr std::array first_week{18, 24, 30, 36};  // of TRD 2 to 5
  std::size_t level = 2;
  for (const int first : first_week) level += weeks >= first;
  return level;
}

std::size_t severity_points(const TreatmentHistory& patient) {
  // Halfway between the whole scores of two bands.
  constexpr double mild = 5.5, moderate = 10.5, severe = 15.5;
  if (patient.severity < mild) return 1;
  if (patient.severity < moderate) return 2;
  if (patient.severity < severe) return 3;
  return patient.psychotic ? 5 : 4;
}

std::size_t maudsley(const TreatmentHistory& patient) {
  std::size_t points = 1;
  points += patient.episode_months > 12;
  points += patient.episode_months > 24;
  points += severity_points(patient) + 1;
  for (const unsigned most : {2, 4, 6, 10})
    points += failed_drugs(patient) > most;
  points += patient.augmentations > 0;
  points += patient.ect_used || patient.ect_failed;
  return points - maudsley_lowest;
}

std::string half_points(std::size_t level) {
  return std::to_string(level / 2) + (level % 2 == 1 ? ".5" : "");
}

std::string european_name(std::size_t level) {
  if (level == 0) return "no adequate trial failed";
  if (level == 1) return "A: non-responder";
  if (level == 7) return "C: chronic resistant";
  return "B: TRD " + std::to_string(level - 1);
}

}  // namespace

std::size_t level_count(StagingMethod method) {
  switch (method) {
    case StagingMethod::trd:
      return 2;
    case StagingMethod::thase_rush:
      return 6;
    case StagingMethod::mgh:
      return mgh_highest + 1;
    case StagingMethod::european:
      return 8;
    case StagingMethod::maudsley:
      return maudsley_highest - maudsley_lowest + 1;
  }
  return 0;
}

const char* name_of(StagingMethod method) {
  switch (method) {
    case StagingMethod::trd:
      return "trd";
    case StagingMethod::thase_rush:
      return "thase_rush";
    case StagingMethod::mgh:
      return "mgh";
    case StagingMethod::european:
      return "european";
    case StagingMethod::maudsley:
      return "maudsley";
  }
  return "";
}

std::string level_name(StagingMethod method, std::size_t level) {
  if (level >= level_count(method))
    throw std::out_of_range("a staging method has no such level");
  constexpr std::array roman{"0", "I", "II", "III", "IV", "V"};
  switch (method) {
    case StagingMethod::trd:
      return level == 0 ? "not TRD" : "TRD";
    case StagingMethod::thase_rush:
      return std::string("stage ") + roman[level];
    case StagingMethod::mgh:
      return "score " + half_points(level) +
             (level == mgh_highest ? " or more" : "");
    case StagingMethod::european:
      return european_name(level);
    case StagingMethod::maudsley:
      return "total " + std::to_string(level + maudsley_lowest);
  }
  return "";
}

std::size_t level_of(StagingMethod method, const TreatmentHistory& patient) {
  switch (method) {
    case StagingMethod::trd:
      return patient.adequate_failed_trials >= 2 ? 1 : 0;
    case StagingMethod::thase_rush:
      return thase_rush(patient);
    case StagingMethod::mgh:
      return mgh(patient);
    case StagingMethod::european:
      return european(patient);
    case StagingMethod::maudsley:
      return maudsley(patient);
  }
  return 0;
}

}  // namespace stardsim
