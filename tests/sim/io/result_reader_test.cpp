#include "sim/io/result_reader.hpp"

#include "sim/io/atomic_file.hpp"
#include "sim/io/outcome_tables.hpp"
#include "sim/io/problems.hpp"
#include "tests/hand_made_run.hpp"
#include "tests/program.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <functional>
#include <string>
#include <vector>

using namespace stardsim;
using stardsim::test::Folder;
using stardsim::test::hand_made_run;
using stardsim::test::result_attributes;
using stardsim::test::write_result;

namespace {

using Attributes = std::vector<Attribute>;

/// Why the file cannot be read; "" if it can.
std::string refusal(const std::filesystem::path& path) {
  try {
    read_outcomes(path);
    return "";
  } catch (const BadResult& bad) {
    return bad.what();
  }
}

std::string refusal_of(const RunOutcomes& run, const Attributes& attributes) {
  const Folder folder;
  write_result(folder / "x.h5", run, attributes);
  return refusal(folder / "x.h5");
}

Attributes with(Attributes attributes, const Attribute& changed) {
  for (Attribute& attribute : attributes)
    if (attribute.name == changed.name) attribute = changed;
  return attributes;
}

Attributes without(Attributes attributes, const std::string& name) {
  std::erase_if(attributes, [&](const Attribute& attribute) {
    return attribute.name == name;
  });
  return attributes;
}

}  // namespace

TEST_CASE("What was written of a run is read back", "[io][result_reader]") {
  RunOutcomes run = hand_made_run();
  // Costs below zero, and beyond 64 bits.
  run.outcomes.by_batch[5 * batch_count] -= 1'000'000;
  run.outcomes.sum[5] -= 1'000'000;
  run.outcomes.product[8] = (SignedWide{1} << 80) + 3;
  run.outcomes.cost_effect[1] = -(SignedWide{1} << 70) + 5;
  const Folder folder;
  write_result(folder / "x.h5", run, result_attributes(run));
  const RunOutcomes read = read_outcomes(folder / "x.h5");
  CHECK(read.name == "x");
  CHECK(read.pathways == run.pathways);
  CHECK(read.reference == run.reference);
  CHECK(read.decision.effect == run.decision.effect);
  CHECK(read.decision.costs == run.decision.costs);
  CHECK(read.perspectives == run.perspectives);
  CHECK(read.perspective == run.perspective);
  CHECK(read.thresholds == run.thresholds);
  CHECK(read.patients == run.patients);
  CHECK(read.seed == run.seed);
  CHECK(read.cohort_sha256 == run.cohort_sha256);
  CHECK(read.currency == run.currency);
  CHECK(read.price_year == run.price_year);
  CHECK(read.outcomes == run.outcomes);
  REQUIRE(read.measures.size() == run.measures.size());
  for (std::size_t m = 0; m < read.measures.size(); ++m) {
    CHECK(read.measures[m].what == run.measures[m].what);
    CHECK(read.measures[m].name == run.measures[m].name);
    CHECK(read.measures[m].long_name == run.measures[m].long_name);
    CHECK(read.measures[m].unit == run.measures[m].unit);
    CHECK(read.measures[m].discounted == run.measures[m].discounted);
    CHECK(read.measures[m].quantum == run.measures[m].quantum);
    CHECK(read.measures[m].better == run.measures[m].better);
  }
}

TEST_CASE("Without economics the batches of the remitted are read",
          "[io][result_reader]") {
  const RunOutcomes run = hand_made_run();
  std::vector<std::uint64_t> counts(2 * 3 * batch_count, 0);
  counts[0] = 1;
  counts[3 * batch_count + 7] = 1;
  NetcdfFile file;
  for (const Attribute& attribute : result_attributes(run)) file.add(attribute);
  NetcdfGroup group = file.add_group("accumulators");
  group.add(Scale{"pathway", run.pathways, "name", ""});
  group.add(Scale{
      "estimand",
      std::vector<std::string>{"if_all_continue", "observed", "sustained"},
      "question", ""});
  group.add(Scale{"batch", std::vector<std::int32_t>(batch_count), "", "1"});
  group.add({"remission_by_batch",
             {"pathway", "estimand", "batch"},
             counts,
             "patients",
             "1"});
  const Folder folder;
  write_atomically(folder / "x.h5", file.bytes());
  const RunOutcomes read = read_outcomes(folder / "x.h5");
  CHECK(read.currency == "");
  REQUIRE(read.measures.size() == 3);
  CHECK(read.measures[0].name == "remission_if_all_continue");
  CHECK(read.measures[2].name == "sustained_remission");
  CHECK(read.outcomes.sum == std::vector<SignedWide>{1, 0, 0, 1, 0, 0});
  CHECK(read.outcomes.by_batch[3 * batch_count + 7] == 1);
  CHECK(read.outcomes.product.empty());
  CHECK(read.decision.effect == no_measure);
}

TEST_CASE("Who does not say who the patients are is paired with nobody",
          "[io][result_reader]") {
  const RunOutcomes run = hand_made_run();
  const Attributes all = result_attributes(run);
  const Folder folder;
  write_result(folder / "a.h5", run, without(all, "cohort_sha256"));
  write_result(folder / "b.h5", run, without(all, "cohort_sha256"));
  write_result(folder / "c.h5", run,
               with(all, {"word_layout_version", std::int32_t{1000}}));
  const std::string a = read_outcomes(folder / "a.h5").cohort_sha256,
                    b = read_outcomes(folder / "b.h5").cohort_sha256,
                    c = read_outcomes(folder / "c.h5").cohort_sha256;
  CHECK(a != b);
  CHECK(a != "");
  CHECK(c != run.cohort_sha256);
}

TEST_CASE("A file that is not there, or a folder, cannot be read",
          "[io][result_reader]") {
  const Folder folder;
  CHECK_THROWS_AS(read_outcomes(folder / "none.h5"), CannotRead);
  CHECK_THROWS_AS(read_outcomes(folder.path()), CannotRead);
}

TEST_CASE("What is no result is refused in one line that says why",
          "[io][result_reader]") {
  const RunOutcomes run = hand_made_run();
  const Attributes all = result_attributes(run);
  const auto contains = [](const std::string& text, const std::string& part) {
    INFO(text);
    CHECK(text.find(part) != std::string::npos);
    CHECK(text.find('\n') == std::string::npos);
  };
  const Folder folder;
  contains(refusal(folder.write("text.h5", "not HDF5")), "it is not HDF5");
  contains(refusal(folder.write("empty.h5", "")), "it is not HDF5");
  contains(refusal_of(run, {}), "attribute format is missing");
  contains(refusal_of(run, with(all, {"format", "netCDF"})),
           "its format is \"netCDF\"");
  contains(refusal_of(run, with(all, {"format", std::int32_t{3}})),
           "format has values of the wrong type");
  contains(refusal_of(run, with(all, {"format", "stardsim comparison"})),
           "name the files that it is from");
  contains(refusal_of(run, with(all, {"format_version", std::int32_t{9}})),
           "format_version is 9; this program reads 1");
  contains(refusal_of(run, with(all, {"patients", std::uint64_t{0}})),
           "number of patients, 0");
  contains(refusal_of(run, with(all, {"patients", ~std::uint64_t{0}})),
           "number of patients");
  contains(refusal_of(run, with(all, {"seed", "one"})), "seed has values of");
  contains(refusal_of(run, without(all, "seed")), "seed is missing");
  contains(refusal_of(run, with(all, {"reference_pathway", "old"})),
           "reference_pathway \"old\" is not in the file");
  contains(refusal_of(run, with(all, {"perspective", "patient"})),
           "perspective \"patient\"");
  contains(refusal_of(run, with(all, {"effect_measure", "joy"})),
           "effect_measure \"joy\"");
  contains(refusal_of(run, with(all, {"currency", ""})), "currency");
}

TEST_CASE("Sums that no patients can have are refused", "[io][result_reader]") {
  const auto refused = [](const std::function<void(RunOutcomes&)>& damage) {
    RunOutcomes run = hand_made_run();
    const Attributes all = result_attributes(run);
    damage(run);
    return refusal_of(run, all);
  };
  CHECK(refused([](RunOutcomes&) {}) == "");
  CHECK(refused([](RunOutcomes& run) { ++run.outcomes.sum[0]; }) != "");
  CHECK(refused([](RunOutcomes& run) { ++run.outcomes.by_batch[9]; }) != "");
  CHECK(refused([](RunOutcomes& run) { run.outcomes.product[0] = 1; }) != "");
  CHECK(refused([](RunOutcomes& run) { run.outcomes.differing[1] = 401; }) !=
        "");
  CHECK(refused([](RunOutcomes& run) {
          run.outcomes.by_batch[0] = std::int64_t{1} << 62;
        }) != "");
  CHECK(refused([](RunOutcomes& run) { run.measures[1].quantum = 0; }) != "");
  CHECK(refused([](RunOutcomes& run) { run.pathways[1] = "usual"; }) != "");
  CHECK(refused([](RunOutcomes& run) { run.thresholds = {5, 1}; }) != "");
}

TEST_CASE("A file that was cut short anywhere is refused",
          "[io][result_reader]") {
  const RunOutcomes run = hand_made_run();
  const Folder folder;
  write_result(folder / "x.h5", run, result_attributes(run));
  const std::string whole = stardsim::test::read_text(folder / "x.h5");
  for (std::size_t size = 0; size < whole.size(); size += whole.size() / 23) {
    const auto path = folder.write("cut.h5", whole.substr(0, size));
    INFO(size);
    CHECK(refusal(path) != "");
  }
}
