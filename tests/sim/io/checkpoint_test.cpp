#include "sim/io/checkpoint.hpp"

#include "sim/core/simulate.hpp"
#include "sim/io/atomic_file.hpp"
#include "tests/equal.hpp"
#include "tests/program.hpp"
#include "tests/scenarios.hpp"

#include <catch2/catch.hpp>

#include <fstream>

using namespace stardsim;
using namespace stardsim::test;

namespace {

Checkpoint some() {
  Checkpoint made;
  made.identity = {{"scenario", "abc"}, {"seed", "7"}};
  made.start_time = "2020-01-01T00:00:00Z";
  made.tally = Bytes(1000, std::byte{3});
  made.patients_left = {{5, 9}, {20, 100}};
  made.patients_goal = 100;
  made.draws_left = {{1, 4}};
  return made;
}

}  // namespace

TEST_CASE("A checkpoint is read as it was written", "[checkpoint]") {
  const Folder folder;
  const auto path = checkpoint_of(folder / "x.h5");
  CHECK(path.filename() == "x.h5.checkpoint");
  write_checkpoint(path, some());
  CHECK(read_checkpoint(path) == some());
}

TEST_CASE("A damaged checkpoint is refused wherever it is damaged",
          "[checkpoint]") {
  const Folder folder;
  const auto path = folder / "c";
  write_checkpoint(path, some());
  const std::string whole = read_text(path);
  REQUIRE(whole.size() > 1000);
  for (std::size_t at = 0; at < whole.size(); at += 13) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 4);
    std::ofstream(path, std::ios::binary) << damaged;
    CHECK_THROWS_AS(read_checkpoint(path), BadCheckpoint);
    std::ofstream(path, std::ios::binary) << whole.substr(0, at);
    CHECK_THROWS_AS(read_checkpoint(path), BadCheckpoint);
  }
}

TEST_CASE("Runs that differ are told apart by what differs", "[checkpoint]") {
  const Identity there{{"scenario", "abc"}, {"seed", "7"}},
      here{{"scenario", "abc"}, {"seed", "8"}, {"draws", "5"}};
  CHECK(difference_of(there, there) == "");
  CHECK(difference_of(there, here) ==
        "seed: 7 there, 8 here; draws: none there, 5 here");
}

TEST_CASE("A tally is the same after being bytes", "[checkpoint]") {
  for (const Scenario& scenario : {one_step(0.3, 8), rich(), clinical()}) {
    const Law law = compile(scenario);
    RunOptions run;
    run.patients = 3000;
    const Tally tally = simulate(law, run);
    const Bytes bytes = bytes_of(tally);
    CHECK(difference(tally_of(law, bytes), tally) == "");
    CHECK(tally_of(law, bytes) == tally);
    CHECK_THROWS_AS(tally_of(law, std::span(bytes).first(bytes.size() - 8)),
                    BadBytes);
    Bytes longer = bytes;
    longer.resize(bytes.size() + 8);
    CHECK_THROWS_AS(tally_of(law, longer), BadBytes);
  }
}
