// The terminal: what it can show, progress, and the wish to stop.
#pragma once

#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace stardsim {

/// What standard output can show.
struct Screen {
  std::size_t columns = 0;  ///< 0: no terminal, so that lines end where they do
  bool utf8 = false;
  bool styled = false;  ///< bold and dim

  std::string bold(const std::string&) const;
  std::string dim(const std::string&) const;
};

/// A variable of the environment; null if it is not set.
using Environment = std::function<const char*(const char* name)>;

/// UTF-8 where the locale of the environment says so (LC_ALL, LC_CTYPE, LANG).
/// Bold and dim on terminals alone, and not where NO_COLOR is set and not empty
/// (no-color.org) or TERM is "dumb" or missing. `columns` is 0 without a
/// terminal.
Screen screen_for(std::size_t columns, const Environment&);

/// Of standard output as it is now.
Screen standard_output();

/// From construction on, SIGINT, SIGTERM, SIGHUP and SIGUSR1 (which batch
/// systems send before the time is up) no longer end the program but are kept
/// until somebody asks. At most one at a time.
class InterruptWatch {
 public:
  InterruptWatch();
  ~InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;
  bool interrupted() const;

 private:
  struct Before {
    int signal;
    struct sigaction action;
  };
  std::vector<Before> before_;
};

/// How far something is.
struct Progress {
  std::uint64_t done, all;  ///< patients; all is 0 where nobody knows
  double seconds;           ///< since the start
  std::string what{};       ///< stands in front: of several things, which one
  std::string note{};       ///< stands behind
};

/// "42 %  2,100,000 patients/s  3 s left", with what stands in front and
/// behind. What has no room in so many columns is left out, from the end.
std::string progress_text(const Progress&, std::size_t columns);

/// A line on stderr with the share done, the rate and the time left, drawn at
/// most five times a second; nothing where stderr is no terminal that can wipe
/// a line.
class ProgressLine {
 public:
  explicit ProgressLine(std::uint64_t patients, std::string what = "");
  ~ProgressLine();  ///< wipes the line
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  void show(std::uint64_t done);
  /// So many it will be after all, because of `note`.
  void expect(std::uint64_t patients, std::string note);

 private:
  using Clock = std::chrono::steady_clock;
  bool visible_;
  bool drawn_ = false;
  Progress progress_;
  Clock::time_point start_, last_;
};

}  // namespace stardsim
