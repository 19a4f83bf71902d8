#include "sim/app/console.hpp"

#include "sim/app/sheet.hpp"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace stardsim {
namespace {

constexpr std::size_t usual_columns = 80;

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

/// 0 if it is no terminal.
std::size_t columns_of(int descriptor) {
  if (isatty(descriptor) != 1) return 0;
  winsize size{};
  const bool told =
      ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return told ? size.ws_col : usual_columns;
}

std::string value_of(const Environment& environment, const char* name) {
  const char* value = environment(name);
  return value ? value : "";
}

bool is_utf8(const Environment& environment) {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    std::string locale = value_of(environment, name);
    if (locale.empty()) continue;
    std::transform(locale.begin(), locale.end(), locale.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    return locale.find("utf-8") != std::string::npos ||
           locale.find("utf8") != std::string::npos;
  }
  return false;
}

/// Whether escape sequences do what they should.
bool is_able(const Environment& environment) {
  const std::string kind = value_of(environment, "TERM");
  return !kind.empty() && kind != "dumb";
}

const char* of_process(const char* name) { return std::getenv(name); }

std::string duration_text(double seconds) {
  if (seconds < 99.5) return fmt::format("{:.0f} s", seconds);
  const auto minutes = static_cast<std::uint64_t>(std::lround(seconds / 60));
  return minutes < 100 ? fmt::format("{} min", minutes)
                       : fmt::format("{} h {} min", minutes / 60, minutes % 60);
}

/// Two figures are enough of a rate that is not steady.
std::string rate_text(double rate) {
  const double unit =
      std::pow(10, std::max(std::floor(std::log10(rate)) - 1, 0.0));
  return with_decimals(std::round(rate / unit) * unit, rate < 9.95 ? 1 : 0) +
         " patients/s";
}

}  // namespace

std::string Screen::bold(const std::string& text) const {
  return styled ? "\033[1m" + text + "\033[0m" : text;
}

std::string Screen::dim(const std::string& text) const {
  return styled ? "\033[2m" + text + "\033[0m" : text;
}

Screen screen_for(std::size_t columns, const Environment& environment) {
  return {columns, is_utf8(environment),
          columns > 0 && is_able(environment) &&
              value_of(environment, "NO_COLOR").empty()};
}

Screen standard_output() {
  return screen_for(columns_of(STDOUT_FILENO), of_process);
}

InterruptWatch::InterruptWatch() {
  signal_came = 0;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1}) {
    before_.push_back({signal, {}});
    catch_signal(signal, before_.back().action);
  }
}

InterruptWatch::~InterruptWatch() {
  for (const Before& before : before_)
    sigaction(before.signal, &before.action, nullptr);
}

bool InterruptWatch::interrupted() const { return signal_came != 0; }

std::string progress_text(const Progress& progress, std::size_t columns) {
  const auto done = static_cast<double>(progress.done);
  const double rate = progress.seconds > 0 ? done / progress.seconds : 0;
  std::string parts[5];
  parts[0] = progress.what;
  if (progress.all > 0) {
    const auto all = static_cast<double>(progress.all);
    const double share = std::min(done / all, 1.0);
    parts[1] = fmt::format("{:3.0f} %", std::floor(100 * share));
    if (rate > 0)
      parts[3] = duration_text(std::max(all - done, 0.0) / rate) + " left";
  }
  if (rate > 0) parts[2] = rate_text(rate);
  parts[4] = progress.note;
  std::string text;
  for (const std::string& part : parts) {
    if (part.empty()) continue;
    const std::string more = (text.empty() ? "" : "  ") + part;
    if (text.size() + more.size() > columns) break;
    text += more;
  }
  return text;
}

ProgressLine::ProgressLine(std::uint64_t patients, std::string what)
    : visible_(isatty(STDERR_FILENO) == 1 && is_able(of_process)),
      progress_{0, patients, 0, std::move(what)},
      start_(Clock::now()),
      last_(start_) {}

ProgressLine::~ProgressLine() {
  if (drawn_) fmt::print(stderr, "\r\033[K");
}

// The last column stays free: some terminals go on to the next line with it.
void ProgressLine::show(std::uint64_t done) {
  const auto now = Clock::now();
  if (!visible_ || done == 0 || now - last_ < std::chrono::milliseconds(200))
    return;
  last_ = now;
  drawn_ = true;
  progress_.done = done;
  progress_.seconds = std::chrono::duration<double>(now - start_).count();
  // Asked for each time: it may have been resized.
  fmt::print(stderr, "\r\033[K{}",
             progress_text(progress_, columns_of(STDERR_FILENO) - 1));
  std::fflush(stderr);
}

void ProgressLine::expect(std::uint64_t patients, std::string note) {
  progress_.all = patients;
  progress_.note = std::move(note);
}

}  // namespace stardsim
