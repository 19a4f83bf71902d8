#include "sim/io/checkpoint.hpp"

#include "sim/io/atomic_file.hpp"
#include "sim/io/input_file.hpp"
#include "sim/io/problems.hpp"
#include "sim/io/sha256.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <system_error>

namespace stardsim {
namespace {

namespace fs = std::filesystem;

constexpr const char* magic = "stardsim checkpoint 1";

Bytes body_of(const Checkpoint& checkpoint) {
  BytesOut out;
  out.text(magic);
  write(out, checkpoint.identity);
  out.text(checkpoint.start_time);
  out.bytes(checkpoint.tally);
  write(out, checkpoint.patients_left);
  out.number(checkpoint.patients_goal);
  write(out, checkpoint.draws_left);
  return out.made();
}

Checkpoint checkpoint_in(std::span<const std::byte> body) {
  BytesIn in(body);
  Checkpoint made;
  in.text();  // the magic
  made.identity = identity_in(in);
  made.start_time = in.text();
  const auto tally = in.bytes();
  made.tally.assign(tally.begin(), tally.end());
  made.patients_left = spans_in(in);
  made.patients_goal = in.number();
  made.draws_left = spans_in(in);
  if (!in.at_end()) throw BadBytes("they are too many");
  return made;
}

// At most `most` of them, and one.
Bytes bytes_of_file(const fs::path& path, std::size_t most) {
  try {
    const std::string text = read_input(path, most);
    const auto bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
  } catch (const std::system_error& error) {
    throw CannotRead("cannot read " + path.string() + ": " +
                     error.code().message());
  }
}

bool begins_as_checkpoint(std::span<const std::byte> bytes) {
  try {
    return BytesIn(bytes).text() == magic;
  } catch (const BadBytes&) {
    return false;
  }
}

const std::string* value_of(const Identity& identity, const std::string& name) {
  const auto found =
      std::find_if(identity.begin(), identity.end(),
                   [&](const auto& one) { return one.first == name; });
  return found == identity.end() ? nullptr : &found->second;
}

}  // namespace

std::string difference_of(const Identity& there, const Identity& here) {
  constexpr std::size_t most_read_by_people = 60;  // a SHA-256 is longer
  std::string differences;
  for (const auto& [name, value] : here) {
    const std::string* other = value_of(there, name);
    if (other && *other == value) continue;
    differences += differences.empty() ? "" : "; ";
    differences += name + ": ";
    if (value.size() > most_read_by_people)
      differences += "not the same";
    else
      differences += (other ? *other : "none") + " there, " + value + " here";
  }
  return differences;
}

void write(BytesOut& out, const Identity& identity) {
  out.number(identity.size());
  for (const auto& [name, value] : identity) {
    out.text(name);
    out.text(value);
  }
}

Identity identity_in(BytesIn& in) {
  Identity identity;
  for (std::uint64_t count = in.number(); count > 0; --count) {
    std::string name = in.text();
    identity.emplace_back(std::move(name), in.text());
  }
  return identity;
}

fs::path checkpoint_of(const fs::path& output) {
  return output.string() + ".checkpoint";
}

fs::path rows_of(const fs::path& output) { return output.string() + ".rows"; }

void write_checkpoint(const fs::path& path, const Checkpoint& checkpoint) {
  Bytes bytes = body_of(checkpoint);
  for (const char digit : sha256(bytes))
    bytes.push_back(static_cast<std::byte>(digit));
  write_atomically(path, bytes);
}

Checkpoint read_checkpoint(const fs::path& path) {
  constexpr std::size_t digits = 64, for_magic = 64;
  std::error_code none;
  if (!fs::is_regular_file(path, none) ||
      !begins_as_checkpoint(bytes_of_file(path, for_magic)))
    throw BadCheckpoint(path.string() +
                        " is no checkpoint of this version of stardsim");
  const Bytes bytes = bytes_of_file(path, fs::file_size(path));
  const auto body =
      std::span(bytes).first(bytes.size() < digits ? 0 : bytes.size() - digits);
  std::string sum;
  for (const std::byte digit : std::span(bytes).subspan(body.size()))
    sum += static_cast<char>(digit);
  if (sum != sha256(body))
    throw BadCheckpoint(path.string() +
                        " is damaged: its checksum is not right");
  try {
    return checkpoint_in(body);
  } catch (const BadBytes& bad) {
    throw BadCheckpoint(path.string() + " is damaged: " + bad.what());
  }
}

}  // namespace stardsim
