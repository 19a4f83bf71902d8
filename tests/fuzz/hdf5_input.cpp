#include "tests/fuzz/hdf5_input.hpp"

#include "sim/io/trial.hpp"

#include <sanitizer/common_interface_defs.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <string_view>

// Of the address sanitizer and of libFuzzer; the first is called by it.
extern "C" const char* __asan_default_options();
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t*, std::size_t,
                                        std::size_t);
// Of HDF5, in none of its headers.
extern "C" std::uint32_t H5_checksum_metadata(const void*, std::size_t,
                                              std::uint32_t);

// Names of functions take seconds to look up, and are not needed to tell
// whether HDF5 is at fault. HDF5 does not free everything when it fails. What a
// damaged file has it allocate takes time; no file of a fuzzer needs so much.
extern "C" const char* __asan_default_options() {
  return "symbolize=0:detect_leaks=0:allocator_may_return_null=1:"
         "max_allocation_size_mb=400:quarantine_size_mb=16";
}

stardsim::TrialOutcome stardsim::try_apart(const std::function<void()>&) {
  return {};
}

namespace stardsim::fuzz {
namespace {

// ---- whose fault a death is ----

void tell_where(int signal) {
  std::fprintf(stderr, "ERROR: signal %d\n", signal);
  __sanitizer_print_stack_trace();
  std::fputs("\n\n", stderr);
  _exit(1);
}

[[noreturn]] void read_and_exit(const std::function<void()>& read, int report) {
  const itimerval processor_time{{0, 0}, {20, 0}};
  __sanitizer_set_death_callback(
      nullptr);  // libFuzzer's, which saves the input
  std::signal(SIGABRT, tell_where);
  std::signal(SIGPROF, tell_where);
  dup2(report, STDERR_FILENO);
  setitimer(ITIMER_PROF, &processor_time, nullptr);
  read();
  _exit(0);
}

std::string text_of(int file) {
  std::string text(1 << 16, '\0');
  const ssize_t size = ::pread(file, text.data(), text.size(), 0);
  text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return text;
}

/// From the words up to the next empty line; "" if they are not there.
std::string_view paragraph(std::string_view text, std::string_view words) {
  const std::size_t begin = text.find(words);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find("\n\n", begin) - begin);
}

/// HDF5 calls nothing of ours: a stack with HDF5 in it ends there. If what it
/// writes to is ours, it may have been told wrong.
bool is_fault_of_hdf5(std::string_view report) {
  constexpr std::string_view library = "libhdf5";
  const auto has_library = [&](std::string_view part) {
    return part.find(library) != std::string_view::npos;
  };
  const std::string_view allocated = paragraph(report, "allocated by");
  return has_library(paragraph(report, "ERROR: ")) &&
         (allocated.empty() || has_library(allocated));
}

// ---- mutations that HDF5 does not see through at once ----

/// Writes the checksum of the bytes from `begin` to `end` behind them.
void sign(std::uint8_t* data, std::size_t size, std::size_t begin,
          std::size_t end) {
  if (end > size || size - end < 4 || begin >= end) return;
  const std::uint32_t sum = H5_checksum_metadata(data + begin, end - begin, 0);
  std::memcpy(data + end, &sum, sizeof sum);
}

/// Where the first part of an object header ends (HDF5 File Format
/// Specification 3.0, IV.A.1.b).
std::size_t end_of_header(const std::uint8_t* data, std::size_t size,
                          std::size_t at) {
  if (size - at < 40) return size;
  const unsigned flags = data[at + 5];
  std::size_t end =
      at + 6 + ((flags & 0x20) ? 16 : 0) + ((flags & 0x10) ? 4 : 0);
  const std::size_t width = std::size_t{1} << (flags & 3);
  std::uint64_t length = 0;
  std::memcpy(&length, data + end, width);
  end += width;
  return length > size - end ? size : end + length;
}

void sign_metadata(std::uint8_t* data, std::size_t size) {
  constexpr std::size_t superblock = 44;
  if (size > 8 && data[8] >= 2) sign(data, size, 0, superblock);
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (std::size_t at = bytes.find("OHDR"); at != std::string_view::npos;
       at = bytes.find("OHDR", at + 1))
    sign(data, size, at, end_of_header(data, size, at));
}

/// Changes up to 64 bytes somewhere, so that all else stays in its place.
void mutate_within(std::uint8_t* data, std::size_t size,
                   std::minstd_rand& any) {
  constexpr std::size_t longest = 64;
  const std::size_t at = any() % size;
  const std::size_t room = std::min(longest, size - at);
  LLVMFuzzerMutate(data + at, 1 + any() % room, room);
}

}  // namespace

void call_unless_hdf5_dies(const std::function<void()>& read) {
  static const int report = memfd_create("report", MFD_CLOEXEC);
  if (ftruncate(report, 0) != 0 || lseek(report, 0, SEEK_SET) != 0)
    std::abort();
  const pid_t process = fork();
  if (process < 0) std::abort();
  if (process == 0) read_and_exit(read, report);
  int status = 0;
  while (waitpid(process, &status, 0) < 0)  // libFuzzer's clock interrupts it
    if (errno != EINTR) std::abort();
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return read();
  const std::string text = text_of(report);
  if (is_fault_of_hdf5(text)) return;
  std::fprintf(stderr, "died with status %d\n%s\n", status, text.c_str());
  std::abort();
}

}  // namespace stardsim::fuzz

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data,
                                               std::size_t size,
                                               std::size_t most,
                                               unsigned seed) {
  using namespace stardsim::fuzz;
  std::minstd_rand any(seed + 1);
  if (size == 0 || any() % 8 == 0) return LLVMFuzzerMutate(data, size, most);
  mutate_within(data, size, any);
  if (any() % 4 != 0) sign_metadata(data, size);
  return size;
}
