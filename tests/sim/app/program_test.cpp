// The program as its users meet it.
#include "tests/program.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>

using namespace stardsim::test;

namespace {

const std::string smoke =
    "'" + source_file("configs/smoke.toml").string() + "'";

std::size_t lines(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("run prints simulated, standard error, exact and z for each step",
          "[app]") {
  const Outcome run = stardsim::test::run(
      "stardsim run '" + source_file("configs/stard.toml").string() + "'");
  CHECK(run.code == 0);
  CHECK(run.err == "");
  CHECK(contains(run.out, "1,000,000 patients, seed 2006"));
  CHECK(contains(run.out, "67.069"));  // exact, if all continue
  CHECK(contains(run.out, "50.655"));  // exact, observed
  CHECK(contains(run.out, "s.e.   exact     z"));
  CHECK(contains(run.out, "Not saved"));
}

TEST_CASE("A title cannot steer the terminal", "[app]") {
  const Folder folder;
  std::string text = read_text(source_file("configs/smoke.toml"));
  const auto title = text.find("title = ");
  REQUIRE(title != std::string::npos);
  text.replace(title, text.find('\n', title) - title,
               R"(title = "a\u001b[2Jb\u0007\u202Ec")");
  const auto file = folder.write("steering.toml", text).string();
  for (const std::string command : {"run", "describe", "exact"}) {
    const Outcome told = run("stardsim " + command + " '" + file + "'");
    CHECK(told.code == 0);
    CHECK(contains(told.out, "a\xEF\xBF\xBD[2Jb\xEF\xBF\xBD[U+202E]c"));
    CHECK_FALSE(contains(told.out, "\x1B"));
  }
}

TEST_CASE(
    "Of more than two pathways run tells a few lines each, and all if asked",
    "[app]") {
  const std::string command = "stardsim run --patients 2000 '" +
                              source_file("configs/ect_timing.toml").string() +
                              "'";
  const Outcome summary = run(command);
  CHECK(summary.code == 0);
  CHECK(lines(summary.out) < 70);
  CHECK(contains(summary.out, "\n  ect3   ECT at line 3\n"));
  CHECK(contains(summary.out, "Ever in remission, % of the cohort"));
  CHECK(contains(summary.out, "cost, discounted, USD 2013"));
  CHECK(contains(summary.out, "Time in remission, weeks"));
  CHECK(contains(summary.out, "Steps and arms of each pathway: --all"));
  CHECK_FALSE(contains(summary.out, "Pathway ect3, "));
  const Outcome all = run(command + " --all");
  CHECK(all.code == 0);
  CHECK(contains(all.out, "Ever in remission, % of the cohort"));
  CHECK(contains(all.out, "Pathway ect3, observed: "));
  CHECK_FALSE(contains(all.out, "--all"));
  CHECK(contains(run("stardsim run " + smoke).out, ", observed: "));
}

TEST_CASE("run saves HDF5 and nothing that looks like another kind", "[app]") {
  for (const std::string name : {"x.csv", "x.json", "x.md", "x.png"}) {
    const Folder folder;
    const Outcome refused =
        run("stardsim run " + smoke + " -o '" + (folder / name).string() + "'");
    INFO(refused.err);
    CHECK(refused.code == 2);
    CHECK(refused.out == "");
    CHECK(lines(refused.err) == 1);
    CHECK(contains(refused.err, "would be HDF5: name a file .h5"));
    CHECK(contains(refused.err, "--json > ") == (name == "x.json"));
    CHECK(std::filesystem::is_empty(folder.path()));
  }
}

TEST_CASE("An unknown measure gets the nearest, or some and where all are",
          "[app]") {
  const std::string command = "stardsim run '" +
                              source_file("configs/ect_timing.toml").string() +
                              "' --until ";
  const Outcome near = run(command + "'se(relapsess) < 1'");
  CHECK(near.code == 2);
  CHECK(contains(near.err, "did you mean \"relapses\"?"));
  const Outcome far = run(command + "'se(happiness) < 1'");
  CHECK(far.code == 2);
  CHECK(lines(far.err) == 1);
  CHECK(far.err.size() < 350);
  CHECK(contains(far.err, "there are qaly, cost, "));
  CHECK(contains(far.err, "`stardsim compare FILE --format csv`"));
}

TEST_CASE("The estimand that the file reports first comes first", "[app]") {
  const Outcome run = stardsim::test::run(
      "stardsim run '" + source_file("configs/stard_hrsd.toml").string() + "'");
  CHECK(run.code == 0);
  CHECK(run.out.find("observed: ever") < run.out.find("if all continue:"));
}

TEST_CASE("Counts are read as people write them", "[app]") {
  for (const std::string count : {"1e4", "10000", "10_000"}) {
    const Outcome run =
        stardsim::test::run("stardsim run " + smoke + " --patients " + count);
    CHECK(run.code == 0);
    CHECK(contains(run.out, "10,000 patients"));
  }
  const Outcome million =
      stardsim::test::run("stardsim run " + smoke + " --patients 1e6");
  CHECK(million.code == 0);
  CHECK(contains(million.out, "1,000,000 patients"));
}

TEST_CASE("Counts that make no sense are refused in one line", "[app]") {
  for (const std::string count :
       {"-5", "0", "abc", "1.5", "99999999999999999999", "1e13", "''", "nan"}) {
    const Folder folder;
    INFO(count);
    const Outcome run = stardsim::test::run("stardsim run " + smoke + " -o '" +
                                            (folder / "x.h5").string() +
                                            "' --patients " + count);
    CHECK(run.code == 2);
    CHECK(run.out == "");
    CHECK(lines(run.err) == 1);
    CHECK(contains(run.err, "stardsim: --patients: \""));
    CHECK(contains(run.err, "a whole number from 1 to 2^40"));
    CHECK_FALSE(std::filesystem::exists(folder / "x.h5"));
  }
}

TEST_CASE("Wrong options are refused in one line with exit code 2", "[app]") {
  for (const std::string& command :
       {std::string("stardsim"), std::string("stardsim fly"),
        std::string("stardsim run"), "stardsim run " + smoke + " --speed 9",
        "stardsim run " + smoke + " --threads 0",
        "stardsim run " + smoke + " --threads many",
        "stardsim run " + smoke + " --seed -1",
        "stardsim run " + smoke + " --instructions abacus",
        "stardsim run " + smoke + " " + smoke + " -o /tmp/both.h5"}) {
    INFO(command);
    const Outcome run = stardsim::test::run(command);
    CHECK(run.code == 2);
    CHECK(run.out == "");
    CHECK(lines(run.err) == 1);
    CHECK(contains(run.err, "stardsim: "));
  }
}

TEST_CASE("Every command has help with an example", "[app]") {
  CHECK(contains(run("stardsim --help").out, "Exit codes"));
  CHECK(contains(run("stardsim --version").out, "stardsim 0."));
  for (const std::string command :
       {"run", "validate", "describe", "exact", "replay"}) {
    const Outcome help = run("stardsim " + command + " --help");
    CHECK(help.code == 0);
    CHECK(help.err == "");
    CHECK(contains(help.out, "Example: stardsim " + command));
  }
}

TEST_CASE(
    "Seed, threads and instruction set can be given; only the seed "
    "changes the result",
    "[app]") {
  const std::string command = "stardsim run " + smoke;
  const std::string reference = run(command).out;
  CHECK(run(command + " --threads 3").out == reference);
  CHECK(run(command + " --instructions one-lane").out == reference);
  CHECK(run(command + " --seed 42").out == reference);  // the file's own
  CHECK(run(command + " --seed 43").out != reference);
}

TEST_CASE("exact prints the twin's figures, week by week when asked", "[app]") {
  const Outcome exact = run("stardsim exact --weeks '" +
                            source_file("configs/stard.toml").string() + "'");
  CHECK(exact.code == 0);
  CHECK(contains(exact.out, "67.0689"));
  CHECK(contains(exact.out, "50.6552"));
  CHECK(contains(exact.out, "\n  56"));
  CHECK(contains(exact.out, "0.670689"));
}

TEST_CASE("validate passes every scenario here and lists unsourced numbers",
          "[app]") {
  for (const std::string name :
       {"stard", "stard_arms", "stard_hrsd", "smoke"}) {
    const Outcome valid =
        run("stardsim validate '" +
            source_file("configs/" + name + ".toml").string() + "'");
    CHECK(valid.code == 0);
    CHECK(contains(valid.out, ": valid, "));
    CHECK(contains(valid.out, "without a source") == (name == "smoke"));
  }
}

TEST_CASE("describe says the assumption on lines, the pathway and the sources",
          "[app]") {
  const Outcome described =
      run("stardsim describe '" +
          source_file("configs/stard_arms.toml").string() + "'");
  CHECK(described.code == 0);
  CHECK(contains(described.out, "Line dependence, as_observed"));
  CHECK(contains(described.out, "Add T3"));
  CHECK(contains(described.out, "24.7 % remit"));
  CHECK(contains(described.out, "Rush et al. 2006"));
}

TEST_CASE("All problems of all files are told, and nothing is run", "[app]") {
  const Folder folder;
  const auto a = folder.write("a.toml", "[scenario]\ntitle = 1\n");
  const auto b = folder.write("b.toml", "[cohort]\npatients = 0\n");
  const Outcome run = stardsim::test::run(
      "stardsim run " + smoke + " '" + a.string() + "' '" + b.string() + "'");
  CHECK(run.code == 2);
  CHECK(run.out == "");
  CHECK(contains(run.err, a.string() + ":2:9: scenario.title: "));
  CHECK(contains(run.err, b.string() + ":2:12: cohort.patients: "));
}

TEST_CASE("A scenario that cannot be read is exit code 3", "[app]") {
  const Folder folder;
  for (const auto& path : {folder / "missing.toml", folder.path()}) {
    const Outcome run =
        stardsim::test::run("stardsim run '" + path.string() + "'");
    CHECK(run.code == 3);
    CHECK(lines(run.err) == 1);
    CHECK(contains(run.err, "cannot read " + path.string()));
  }
}

TEST_CASE("An interrupted run says so, exits with 4 and leaves no result",
          "[app]") {
  for (const std::string signal : {"INT", "TERM"}) {
    const Folder folder;
    const std::string command = "timeout --preserve-status --signal=" + signal +
                                " 2 \"$STARDSIM\" run " + smoke +
                                " --patients 1e12";
    const Outcome unsaved = stardsim::test::run(command);
    CHECK(unsaved.code == 4);
    CHECK(unsaved.out == "");
    CHECK(unsaved.err == "stardsim: interrupted; nothing was saved\n");
    const std::string output = (folder / "x.h5").string();
    const Outcome kept = stardsim::test::run(command + " -o '" + output + "'");
    CHECK(kept.code == 4);
    CHECK(kept.out == "");
    CHECK(kept.err == "stardsim: interrupted; " + output +
                          ".checkpoint keeps what is done: the same command "
                          "with --resume goes on\n");
    CHECK(std::filesystem::exists(output + ".checkpoint"));
    CHECK_FALSE(std::filesystem::exists(output));
  }
}
