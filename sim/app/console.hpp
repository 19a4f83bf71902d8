// The terminal: progress, and the wish to stop.
#pragma once

#include <chrono>
#include <csignal>
#include <cstdint>

namespace stardsim {

/// From construction on, SIGINT and SIGTERM no longer end the program but are
/// kept until somebody asks. At most one at a time.
class InterruptWatch {
 public:
  InterruptWatch();
  ~InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;
  bool interrupted() const;

 private:
  struct sigaction interrupt_before_ {
  }, terminate_before_{};
};

/// A line on stderr with the share done, the rate and the time left, drawn at
/// most five times a second; nothing where stderr is no terminal.
class ProgressLine {
 public:
  explicit ProgressLine(std::uint64_t patients);
  ~ProgressLine();  ///< wipes the line
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  void show(std::uint64_t done);

 private:
  using Clock = std::chrono::steady_clock;
  bool visible_;
  bool drawn_ = false;
  std::uint64_t patients_;
  Clock::time_point start_, last_;
};

}  // namespace stardsim
