#include "sim/io/trial.hpp"

#include "sim/io/problems.hpp"

#include <catch2/catch.hpp>

#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <string>

using stardsim::TrialOutcome;
using stardsim::try_apart;

TEST_CASE("A trial changes nothing here", "[io][trial]") {
  int changed = 0;
  const TrialOutcome trial = try_apart([&] { changed = 1; });
  CHECK(trial.end == TrialOutcome::End::done);
  CHECK(trial.what.empty());
  CHECK(changed == 0);
}

TEST_CASE("What a trial throws is told, up to 64 kB", "[io][trial]") {
  const TrialOutcome trial =
      try_apart([] { throw std::runtime_error("two\nlines"); });
  CHECK(trial.end == TrialOutcome::End::threw);
  CHECK(trial.what == "two\nlines");
  const TrialOutcome long_one =
      try_apart([] { throw std::runtime_error(std::string(1 << 20, 'x')); });
  CHECK(long_one.end == TrialOutcome::End::threw);
  CHECK(long_one.what == std::string(1 << 16, 'x'));
}

TEST_CASE("What a trial could not read is told as such", "[io][trial]") {
  const TrialOutcome trial =
      try_apart([] { throw stardsim::CannotRead("cannot read x: why"); });
  CHECK(trial.end == TrialOutcome::End::could_not_read);
  CHECK(trial.what == "cannot read x: why");
}

TEST_CASE("A trial that crashes or ends is called killed", "[io][trial]") {
  CHECK(try_apart([] { std::raise(SIGKILL); }).end ==
        TrialOutcome::End::killed);
  CHECK(try_apart([] { std::_Exit(0); }).end == TrialOutcome::End::killed);
}

TEST_CASE("A trial gets no more than 2 GB of memory", "[io][trial]") {
#if defined(__SANITIZE_ADDRESS__)
  WARN("the address sanitizer has no such limit: not tested");
  SUCCEED();
#else
  const auto reserve = [](std::size_t gigabytes) {
    return try_apart([&] {
             std::string text;
             text.reserve(gigabytes << 30);
             if (text.capacity() < gigabytes) throw std::logic_error("small");
           })
        .end;
  };
  CHECK(reserve(1) == TrialOutcome::End::done);
  CHECK(reserve(3) == TrialOutcome::End::killed);
#endif
}
