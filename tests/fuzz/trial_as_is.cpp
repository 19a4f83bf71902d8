// In place of sim/io/trial.cpp where no HDF5 is read: no process of its own.
#include "sim/io/trial.hpp"

stardsim::TrialOutcome stardsim::try_apart(const std::function<void()>&) {
  return {};
}
