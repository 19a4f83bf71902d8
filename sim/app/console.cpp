#include "sim/app/console.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <cstdio>

namespace stardsim {
namespace {

// A signal handler can reach nothing but a global.
volatile std::sig_atomic_t signal_came = 0;

void remember(int) { signal_came = 1; }

// An ignored signal stays ignored: whoever started the program wants it so.
void catch_signal(int signal, struct sigaction& before) {
  struct sigaction action {};
  action.sa_handler = remember;
  sigemptyset(&action.sa_mask);
  sigaction(signal, nullptr, &before);
  if (before.sa_handler != SIG_IGN) sigaction(signal, &action, nullptr);
}

}  // namespace

InterruptWatch::InterruptWatch() {
  signal_came = 0;
  catch_signal(SIGINT, interrupt_before_);
  catch_signal(SIGTERM, terminate_before_);
}

InterruptWatch::~InterruptWatch() {
  sigaction(SIGINT, &interrupt_before_, nullptr);
  sigaction(SIGTERM, &terminate_before_, nullptr);
}

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
