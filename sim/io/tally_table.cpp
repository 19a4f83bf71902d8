#include "sim/io/tally_table.hpp"

#include "sim/io/netcdf_file.hpp"
#include "sim/io/result_file.hpp"

#include <cstring>
#include <numeric>
#include <vector>

namespace stardsim {

void write_tally(NetcdfFile& file, const Tally& tally) {
  const Bytes bytes = bytes_of(tally);
  std::vector<std::uint64_t> words(bytes.size() / sizeof(std::uint64_t));
  std::memcpy(words.data(), bytes.data(), bytes.size());
  std::vector<std::int32_t> places(words.size());
  std::iota(places.begin(), places.end(), 0);
  NetcdfGroup group = file.add_group("tally");
  group.add(Attribute{"words", std::uint64_t{words.size()}});
  group.add(Scale{"place", places, "place of the word", "1"});
  group.add({"word",
             {"place"},
             words,
             "every count of the run, in an order of the program's own, from "
             "which --extend goes on",
             "1"});
}

Bytes read_tally_bytes(const ResultFile& file) {
  constexpr std::uint64_t most = 1 << 28;
  const std::uint64_t size = file.number_attribute("tally", "words");
  if (size > most) file.refuse("tally/word is longer than any tally");
  const auto words = file.numbers<std::uint64_t>("tally/word", {size});
  Bytes bytes(size * sizeof(std::uint64_t));
  std::memcpy(bytes.data(), words.data(), bytes.size());
  return bytes;
}

}  // namespace stardsim
