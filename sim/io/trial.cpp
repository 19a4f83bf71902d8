#include "sim/io/trial.hpp"

#include "sim/io/problems.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <exception>
#include <fstream>
#include <new>

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define STARDSIM_ADDRESS_SANITIZER
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define STARDSIM_ADDRESS_SANITIZER
#endif

namespace stardsim {
namespace {

constexpr std::size_t longest_message = 1 << 16;
/// The first byte of what the process tells; one that is killed tells nothing.
constexpr char is_done = 'd', no_reading = 'r', has_thrown = 't';

void set_limit(__rlimit_resource_t resource, rlim_t most) {
  rlimit limit{};
  getrlimit(resource, &limit);
  limit.rlim_cur = std::min(most, limit.rlim_max);
  setrlimit(resource, &limit);
}

void limit_memory() {
#ifndef STARDSIM_ADDRESS_SANITIZER
  constexpr rlim_t more = rlim_t{2} << 30;
  rlim_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  if (pages > 0)
    set_limit(RLIMIT_AS,
              pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE)) + more);
#endif
}

void write_all(int to, const std::string& text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const ssize_t count = ::write(to, text.data() + at, text.size() - at);
    if (count < 0 && errno != EINTR) return;
    if (count > 0) at += static_cast<std::size_t>(count);
  }
}

/// Runs no handlers at the exit: they are this process's.
[[noreturn]] void act_and_exit(const std::function<void()>& act, int told) {
  constexpr unsigned seconds_in_all = 120;
  constexpr rlim_t seconds_of_processor = 30;
  set_limit(RLIMIT_CORE, 0);
  set_limit(RLIMIT_CPU, seconds_of_processor);
  limit_memory();
  alarm(seconds_in_all);
  const int nowhere = ::open("/dev/null", O_WRONLY);
  if (nowhere >= 0) dup2(nowhere, STDERR_FILENO);
  const auto tell = [&](char end, const std::string& what) {
    write_all(told, end + what.substr(0, longest_message));
  };
  try {
    act();
    tell(is_done, "");
  } catch (const std::bad_alloc&) {
  } catch (const CannotRead& error) {
    tell(no_reading, error.what());
  } catch (const std::exception& error) {
    tell(has_thrown, error.what());
  }
  _exit(0);
}

std::string read_all(int from) {
  std::string text;
  std::array<char, 4096> part{};
  for (;;) {
    const ssize_t count = ::read(from, part.data(), part.size());
    if (count == 0 || (count < 0 && errno != EINTR)) return text;
    if (count > 0) text.append(part.data(), static_cast<std::size_t>(count));
  }
}

TrialOutcome trial_told(const std::string& text) {
  if (text.empty()) return {TrialOutcome::End::killed, ""};
  using End = TrialOutcome::End;
  if (text.front() == is_done) return {};
  return {text.front() == no_reading ? End::could_not_read : End::threw,
          text.substr(1)};
}

}  // namespace

TrialOutcome try_apart(const std::function<void()>& act) {
  int ends[2] = {-1, -1};
  if (pipe2(ends, O_CLOEXEC) != 0) return {};
  const pid_t process = fork();
  if (process == 0) {
    ::close(ends[0]);
    act_and_exit(act, ends[1]);
  }
  ::close(ends[1]);
  TrialOutcome trial;
  if (process > 0) {
    trial = trial_told(read_all(ends[0]));
    while (waitpid(process, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  ::close(ends[0]);
  return trial;
}

}  // namespace stardsim
