#include "sim/app/console.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

namespace stardsim {
namespace {

// A signal handler can reach nothing but a global.
volatile std::sig_atomic_t signal_came = 0;

void remember(int) { signal_came = 1; }

void set_handler(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

}  // namespace

InterruptWatch::InterruptWatch() {
  signal_came = 0;
  set_handler(remember);
}

InterruptWatch::~InterruptWatch() { set_handler(SIG_DFL); }

bool InterruptWatch::interrupted() const { return signal_came != 0; }

ProgressLine::ProgressLine(std::uint64_t patients)
    : visible_(isatty(STDERR_FILENO) == 1),
      patients_(patients),
      start_(Clock::now()),
      last_(start_) {}

ProgressLine::~ProgressLine() {
  if (drawn_) fmt::print(stderr, "\r\033[K");
}

void ProgressLine::show(std::uint64_t done) {
  const auto now = Clock::now();
  if (!visible_ || done == 0 || now - last_ < std::chrono::milliseconds(200))
    return;
  last_ = now;
  drawn_ = true;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const double rate = static_cast<double>(done) / seconds;
  fmt::print(stderr, "\r\033[K{:3.0f} %  {:.2g} patients/s  {:.0f} s left",
             100.0 * static_cast<double>(done) / static_cast<double>(patients_),
             rate, static_cast<double>(patients_ - done) / rate);
  std::fflush(stderr);
}

}  // namespace stardsim
