// Loaded before a program (LD_PRELOAD), makes one of its calls fail, as a full
// disk or a machine without memory would. tests/faults/faults.py drives it by
// these variables of the environment:
//
// FAULT_KIND    which calls: write, sync, rename, open (for writing), close (of
//               what was open for writing), read, print (to standard output),
//               thread or memory; none: nothing fails
// FAULT_AT      which one of them, from 1
// FAULT_HOW     what is wrong with it: ENOSPC (the disk stays full from then
//               on), short (half is written, then the disk is full), or EIO,
//               EMFILE, EAGAIN, ENOMEM (once)
//               or apart: every one of them from FAULT_AT on fails, each in a
//               copy of the process, which writes no files; the process itself
//               goes on. For programs of one thread.
// FAULT_EVERY   of those that fail apart, only every so many-th
// FAULT_REPORT  a file to which is added "fired" where the call failed, and at
//               the end of the program a line "KIND COUNT" for each kind; of
//               those that failed apart a line "apart NUMBER STATUS TEXT": how
//               waitpid() tells its end, and the start of what it said on
//               stderr
//
// Counted from the start of main() on, in the program and all its libraries;
// memory is what C++ allocates anywhere, and malloc of the program itself, not
// of HDF5, OpenMP or the C library. A forked process meets no faults.

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
}

namespace {

enum Kind {
  write_,
  sync_,
  rename_,
  open_,
  close_,
  read_,
  print_,
  thread_,
  memory_,
  kinds
};

constexpr std::array<const char*, kinds> names{"write", "sync",   "rename",
                                               "open",  "close",  "read",
                                               "print", "thread", "memory"};

struct Error {
  const char* name;
  int number;
};

constexpr std::array<Error, 6> errors{{{"ENOSPC", ENOSPC},
                                       {"short", ENOSPC},
                                       {"EIO", EIO},

                                       {"EMFILE", EMFILE},
                                       {"EAGAIN", EAGAIN},
                                       {"ENOMEM", ENOMEM}}};

const char* setting(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// What is to fail. Made before main() starts, and then only read, except for
// the counts.
struct Plan {
  Kind kind = kinds;
  long at = 0, every = 1;
  int error = EIO;
  bool is_short = false, is_apart = false;
  bool is_copy = false;  ///< made to fail apart
  char report[4096] = "";
  std::uintptr_t program_begin = 0, program_end = 0;
  pid_t process = 0;
  std::atomic<bool> armed{false};
  std::array<std::atomic<long>, kinds> counts{};
};

// Nobody can hand it to the functions of the C library.
Plan& plan() {
  static Plan one;
  return one;
}

/// Adds to the report without a call that is counted.
void tell(const char* text) {
  if (plan().report[0] == '\0') return;
  const long file = syscall(SYS_openat, AT_FDCWD, plan().report,
                            O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (file < 0) return;
  syscall(SYS_write, file, text, std::strlen(text));
  syscall(SYS_close, file);
}

/// The copy that is to fail; what it says goes into the file.
void become_copy(int said) {
  constexpr unsigned longest = 60;  // seconds
  plan().armed = false;
  plan().is_copy = true;
  alarm(longest);
  dup2(said, STDERR_FILENO);
  dup2(said, STDOUT_FILENO);
}

void tell_of_copy(long number, int status, int said) {
  char text[200] = "", line[300];
  const ssize_t size = pread(said, text, sizeof text - 1, 0);
  text[std::max<ssize_t>(size, 0)] = '\0';
  std::replace(text, text + std::strlen(text), '\n', '|');
  std::snprintf(line, sizeof line, "apart %ld %d %s\n", number, status, text);
  tell(line);
}

/// True in a copy of the process, false in itself, after the copy has ended.
bool fails_apart(long number) {
  const int said = memfd_create("said", MFD_CLOEXEC);
  const pid_t copy = fork();
  if (copy == 0) {
    become_copy(said);
    return true;
  }
  int status = -1;
  while (copy > 0 && waitpid(copy, &status, 0) < 0 && errno == EINTR) {
  }
  tell_of_copy(number, status, said);
  syscall(SYS_close, said);
  return false;
}

/// Counts the call; whether it is the one to fail, or comes after it on a disk
/// that is full.
bool fails(Kind kind) {
  if (!plan().armed || getpid() != plan().process) return false;
  const long number = ++plan().counts[kind];
  if (kind != plan().kind || number < plan().at) return false;
  if (plan().is_apart)
    return (number - plan().at) % plan().every == 0 && fails_apart(number);
  if (number == plan().at) tell("fired\n");
  if (number > plan().at && (kind != write_ || plan().error != ENOSPC))
    return false;
  errno = plan().error;
  return true;
}

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

bool is_regular(int file) {
  struct stat status;
  const int before = errno;
  const bool regular = ::fstat(file, &status) == 0 && S_ISREG(status.st_mode);
  errno = before;
  return regular;
}

bool is_open_for_writing(int file) {
  const int before = errno;
  const int flags = ::fcntl(file, F_GETFL);
  errno = before;
  return flags >= 0 && (flags & O_ACCMODE) != O_RDONLY && is_regular(file);
}

/// How much of so many bytes is written before the disk is full: half, and
/// something; -1 if nothing is.
ssize_t written_before_failure(std::size_t size) {
  const bool first = plan().counts[write_] == plan().at;
  return plan().is_short && first && size > 1 ? static_cast<ssize_t>(size / 2)
                                              : -1;
}

bool is_of_program(const void* address) {
  const auto place = reinterpret_cast<std::uintptr_t>(address);
  return place >= plan().program_begin && place < plan().program_end;
}

void* allocate(std::size_t size, std::size_t alignment = 0) {
  if (fails(memory_)) throw std::bad_alloc();
  void* memory = nullptr;
  if (alignment == 0)
    memory = __libc_malloc(std::max<std::size_t>(size, 1));
  else if (posix_memalign(&memory, alignment, std::max<std::size_t>(size, 1)))
    memory = nullptr;
  if (!memory) throw std::bad_alloc();
  return memory;
}

void find_program(const void* main_function) {
  const auto look = [](dl_phdr_info* info, std::size_t, void* wanted) {
    const auto place = reinterpret_cast<std::uintptr_t>(wanted);
    std::uintptr_t begin = UINTPTR_MAX, end = 0;
    for (int i = 0; i < info->dlpi_phnum; ++i) {
      const auto& part = info->dlpi_phdr[i];
      if (part.p_type != PT_LOAD) continue;
      begin = std::min(begin, info->dlpi_addr + part.p_vaddr);
      end = std::max(end, info->dlpi_addr + part.p_vaddr + part.p_memsz);
    }
    if (place < begin || place >= end) return 0;
    plan().program_begin = begin;
    plan().program_end = end;
    return 1;
  };
  dl_iterate_phdr(look, const_cast<void*>(main_function));
}

void make_plan() {
  Plan& made = plan();
  for (int i = 0; i < kinds; ++i)
    if (std::strcmp(names[i], setting("FAULT_KIND")) == 0)
      made.kind = static_cast<Kind>(i);
  for (const Error& error : errors)
    if (std::strcmp(error.name, setting("FAULT_HOW")) == 0)
      made.error = error.number;
  made.at = std::atol(setting("FAULT_AT"));
  made.every = std::max(std::atol(setting("FAULT_EVERY")), 1L);
  made.is_short = std::strcmp(setting("FAULT_HOW"), "short") == 0;
  made.is_apart = std::strcmp(setting("FAULT_HOW"), "apart") == 0;
  std::strncpy(made.report, setting("FAULT_REPORT"), sizeof made.report - 1);
}

void tell_counts() {
  if (plan().is_copy) return;
  plan().armed = false;
  char line[64];
  for (int i = 0; i < kinds; ++i) {
    std::snprintf(line, sizeof line, "%s %ld\n", names[i],
                  plan().counts[i].load());
    tell(line);
  }
}

using Main = int (*)(int, char**, char**);

// Where the program's own main() is kept for the one that stands in for it.
Main& main_of_program() {
  static Main function;
  return function;
}

int counting_main(int argc, char** argv, char** environment) {
  std::atexit(tell_counts);
  plan().process = getpid();
  plan().armed = true;
  return main_of_program()(argc, argv, environment);
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size); }

void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}

void operator delete(void* memory) noexcept { std::free(memory); }

void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}

void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}

extern "C" {

int __libc_start_main(Main function, int argc, char** argv, void (*init)(),
                      void (*fini)(), void (*rtld_fini)(), void* stack_end) {
  using Start =
      int (*)(Main, int, char**, void (*)(), void (*)(), void (*)(), void*);
  make_plan();
  find_program(reinterpret_cast<const void*>(function));
  main_of_program() = function;
  return next<Start>("__libc_start_main")(counting_main, argc, argv, init, fini,
                                          rtld_fini, stack_end);
}

void* malloc(std::size_t size) {
  if (is_of_program(__builtin_return_address(0)) && fails(memory_))
    return nullptr;
  return __libc_malloc(size);
}

void* calloc(std::size_t count, std::size_t size) {
  if (is_of_program(__builtin_return_address(0)) && fails(memory_))
    return nullptr;
  return __libc_calloc(count, size);
}

void* realloc(void* memory, std::size_t size) {
  if (is_of_program(__builtin_return_address(0)) && fails(memory_))
    return nullptr;
  return __libc_realloc(memory, size);
}

ssize_t write(int file, const void* bytes, std::size_t size) {
  static const auto real = next<decltype(&write)>("write");
  if (plan().is_copy && file > STDERR_FILENO) return static_cast<ssize_t>(size);
  if (is_regular(file) && fails(write_)) {
    const ssize_t part = written_before_failure(size);
    return part < 0 ? -1 : real(file, bytes, static_cast<std::size_t>(part));
  }
  return real(file, bytes, size);
}

ssize_t pwrite(int file, const void* bytes, std::size_t size, off_t offset) {
  static const auto real = next<decltype(&pwrite)>("pwrite");
  if (plan().is_copy) return static_cast<ssize_t>(size);
  if (is_regular(file) && fails(write_)) {
    const ssize_t part = written_before_failure(size);
    return part < 0 ? -1
                    : real(file, bytes, static_cast<std::size_t>(part), offset);
  }
  return real(file, bytes, size, offset);
}

ssize_t pwrite64(int file, const void* bytes, std::size_t size,
                 off64_t offset) {
  return pwrite(file, bytes, size, offset);
}

ssize_t writev(int file, const iovec* parts, int count) {
  static const auto real = next<decltype(&writev)>("writev");
  if (is_regular(file) && fails(write_)) return -1;
  return real(file, parts, count);
}

int ftruncate(int file, off_t size) noexcept {
  static const auto real = next<int (*)(int, off_t)>("ftruncate");
  return fails(write_) ? -1 : real(file, size);
}

int ftruncate64(int file, off64_t size) noexcept {
  return ftruncate(file, size);
}

ssize_t read(int file, void* bytes, std::size_t size) {
  static const auto real = next<decltype(&read)>("read");
  return is_regular(file) && fails(read_) ? -1 : real(file, bytes, size);
}

ssize_t pread(int file, void* bytes, std::size_t size, off_t offset) {
  static const auto real = next<decltype(&pread)>("pread");
  return is_regular(file) && fails(read_) ? -1
                                          : real(file, bytes, size, offset);
}

ssize_t pread64(int file, void* bytes, std::size_t size, off64_t offset) {
  return pread(file, bytes, size, offset);
}

int fsync(int file) {
  static const auto real = next<decltype(&fsync)>("fsync");
  return fails(sync_) ? -1 : real(file);
}

int fdatasync(int file) {
  static const auto real = next<decltype(&fdatasync)>("fdatasync");
  return fails(sync_) ? -1 : real(file);
}

int rename(const char* from, const char* to) noexcept {
  static const auto real = next<int (*)(const char*, const char*)>("rename");
  if (plan().is_copy) return 0;
  return fails(rename_) ? -1 : real(from, to);
}

int unlink(const char* path) noexcept {
  static const auto real = next<int (*)(const char*)>("unlink");
  return plan().is_copy ? 0 : real(path);
}

int renameat(int from_folder, const char* from, int to_folder,
             const char* to) noexcept {
  static const auto real =
      next<int (*)(int, const char*, int, const char*)>("renameat");
  return fails(rename_) ? -1 : real(from_folder, from, to_folder, to);
}

int open(const char* path, int flags, ...) {
  static const auto real = next<decltype(&open)>("open");
  va_list more;
  va_start(more, flags);
  const auto mode = va_arg(more, mode_t);
  va_end(more);
  const bool counts =
      (flags & O_ACCMODE) != O_RDONLY || (flags & O_DIRECTORY) != 0;
  return counts && fails(open_) ? -1 : real(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const auto mode = va_arg(more, mode_t);
  va_end(more);
  return open(path, flags, mode);
}

std::FILE* fopen(const char* path, const char* mode) {
  static const auto real = next<decltype(&fopen)>("fopen");
  const bool writes = std::strpbrk(mode, "wa+") != nullptr;
  return writes && fails(open_) ? nullptr : real(path, mode);
}

std::FILE* fopen64(const char* path, const char* mode) {
  return fopen(path, mode);
}

int mkstemp(char* name) {
  static const auto real = next<decltype(&mkstemp)>("mkstemp");
  return fails(open_) ? -1 : real(name);
}

int mkstemp64(char* name) { return mkstemp(name); }

int mkostemp(char* name, int flags) {
  static const auto real = next<decltype(&mkostemp)>("mkostemp");
  return fails(open_) ? -1 : real(name, flags);
}

int mkostemp64(char* name, int flags) { return mkostemp(name, flags); }

// The file is closed even where closing fails, as Linux has it.
int close(int file) {
  static const auto real = next<decltype(&close)>("close");
  const bool failing = is_open_for_writing(file) && fails(close_);
  const int error = errno;
  const int result = real(file);
  if (!failing) return result;
  errno = error;
  return -1;
}

std::size_t fwrite(const void* bytes, std::size_t size, std::size_t count,
                   std::FILE* stream) {
  static const auto real = next<decltype(&fwrite)>("fwrite");
  if (stream == stdout && fails(print_)) return 0;
  return real(bytes, size, count, stream);
}

int fflush(std::FILE* stream) {
  static const auto real = next<decltype(&fflush)>("fflush");
  if (stream == stdout && fails(print_)) return EOF;
  return real(stream);
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                   void* (*start)(void*), void* argument) {
  static const auto real = next<decltype(&pthread_create)>("pthread_create");
  return fails(thread_) ? plan().error
                        : real(thread, attributes, start, argument);
}

}  // extern "C"
