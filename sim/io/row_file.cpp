#include "sim/io/row_file.hpp"

#include "sim/io/locked_file.hpp"
#include "sim/io/problems.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>

namespace stardsim {
namespace {

namespace fs = std::filesystem;

constexpr mode_t new_file = 0666;

struct Header {
  std::array<char, 16> format{'s', 't', 'a', 'r', 'd', 's', 'i', 'm',
                              ' ', 'r', 'o', 'w', 's', ' ', '1', '\n'};
  std::uint64_t row_size = 0, checksum = 0;
};
static_assert(sizeof(Header) == 32);

/// Each step maps the state one to one for a given word, and words to states
/// one to one for a given state, so that no single changed word goes unnoticed.
/// The number of the draw makes a row that is at another's place a wrong one,
/// and zeros where nothing was written as well.
std::uint64_t checksum(std::uint32_t draw, std::span<const std::byte> bytes) {
  constexpr std::uint64_t odd = 0x9e3779b97f4a7c15;
  std::uint64_t state = odd ^ draw;
  const auto mix = [&](std::uint64_t word) {
    state = (state ^ word) * odd;
    state ^= state >> 32;
  };
  while (!bytes.empty()) {
    std::uint64_t word = 0;
    const std::size_t size = std::min(bytes.size(), sizeof word);
    std::memcpy(&word, bytes.data(), size);
    mix(word);
    bytes = bytes.subspan(size);
  }
  return state;
}

std::uint64_t checksum_of(const Header& header) {
  return checksum(
      0,
      std::as_bytes(std::span(&header, 1)).first(offsetof(Header, checksum)));
}

bool is_of_rows(const Header& header) {
  return header.format == Header{}.format &&
         header.checksum == checksum_of(header);
}

[[noreturn]] void cannot_open(const fs::path& path) {
  throw CannotRead("cannot read " + path.string() + ": " +
                   std::generic_category().message(errno));
}

}  // namespace

RowFile::RowFile(OpenFile file, std::size_t row_size, std::uint32_t draws)
    : file_(std::move(file)), size_(row_size), checked_(draws) {}

RowFile RowFile::temporary(const fs::path& folder, std::size_t row_size,
                           std::uint32_t draws) {
  constexpr unsigned mine_alone = 0600;
  NewFile made = new_file_beside(folder / "rows", mine_alone,
                                 folder / "(rows of draws, temporary)");
  ::unlink(made.name.c_str());
  RowFile rows(std::move(made.file), row_size, draws);
  rows.write_header();
  return rows;
}

RowFile RowFile::create(const fs::path& path, std::size_t row_size,
                        std::uint32_t draws) {
  RowFile rows(
      OpenFile(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC,
                      new_file),
               path),
      row_size, draws);
  rows.write_header();
  return rows;
}

bool RowFile::is_there(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 && errno == ENOENT) return false;
  if (descriptor < 0) cannot_open(path);
  Header header;
  return OpenFile(descriptor, path)
                 .read_at(0, std::as_writable_bytes(std::span(&header, 1))) ==
             sizeof header &&
         is_of_rows(header);
}

RowFile RowFile::open(const fs::path& path, std::size_t row_size,
                      std::uint32_t draws) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0) cannot_open(path);
  RowFile rows(OpenFile(descriptor, path), row_size, draws);
  rows.require_header();
  return rows;
}

void RowFile::write_header() {
  Header header;
  header.row_size = size_;
  header.checksum = checksum_of(header);
  file_.write_at(0, std::as_bytes(std::span(&header, 1)));
}

void RowFile::require_header() const {
  Header header;
  const std::string name = "cannot read " + file_.path().string() + ": ";
  if (file_.read_at(0, std::as_writable_bytes(std::span(&header, 1))) !=
          sizeof header ||
      !is_of_rows(header))
    throw CannotRead(name + "it has no rows of draws, or is damaged");
  if (header.row_size != size_)
    throw CannotRead(name + "its rows are those of another scenario");
}

std::uint64_t RowFile::place(std::uint32_t draw) const {
  return sizeof(Header) +
         (draw - std::uint64_t{1}) * (size_ + sizeof(std::uint64_t));
}

void RowFile::write(std::uint32_t draw, std::span<const std::byte> row) {
  const std::uint64_t sum = checksum(draw, row);
  std::vector<std::byte> bytes(row.begin(), row.end());
  const auto behind = std::as_bytes(std::span(&sum, 1));
  bytes.insert(bytes.end(), behind.begin(), behind.end());
  file_.write_at(place(draw), bytes);
  checked_[draw - 1] = 0;
}

bool RowFile::has(std::uint32_t draw) const {
  if (draw < 1 || draw > checked_.size()) return false;
  if (checked_[draw - 1] == 1) return true;
  std::uint64_t sum = 0;
  std::vector<std::byte> bytes(size_ + sizeof sum);
  if (file_.read_at(place(draw), bytes) != bytes.size()) return false;
  std::memcpy(&sum, bytes.data() + size_, sizeof sum);
  if (sum != checksum(draw, std::span(bytes).first(size_))) return false;
  checked_[draw - 1] = 1;
  return true;
}

void RowFile::read(std::uint32_t draw, std::size_t offset,
                   std::span<std::byte> part) const {
  if (!has(draw))
    throw CannotRead("cannot read " + file_.path().string() + ": draw " +
                     std::to_string(draw) + " is missing or damaged");
  if (file_.read_at(place(draw) + offset, part) != part.size())
    throw CannotRead("cannot read " + file_.path().string() +
                     ": it ends early");
}

void RowFile::sync() { file_.sync(); }

double bytes_of_row_file(std::size_t row_size, std::uint32_t draws) {
  return sizeof(Header) +
         static_cast<double>(draws) *
             static_cast<double>(row_size + sizeof(std::uint64_t));
}

fs::path folder_for_rows(const std::optional<fs::path>& output) {
  std::error_code none;
  if (!output ||
      (fs::exists(*output, none) && !fs::is_regular_file(*output, none)))
    return fs::temp_directory_path();
  return folder_of(follow_links(*output));
}

void require_room(const fs::path& folder, double bytes,
                  const std::string& what) {
  struct statvfs disk;
  if (::statvfs(folder.c_str(), &disk) != 0) cannot_write(folder, errno);
  const double free =
      static_cast<double>(disk.f_bavail) * static_cast<double>(disk.f_frsize);
  if (bytes > free)
    throw CannotWrite(
        fmt::format("cannot write {}: {} takes {:.1f} GB there, and {:.1f} GB "
                    "are free",
                    folder.string(), what, bytes / 1e9, free / 1e9));
}

}  // namespace stardsim
