#include "sim/io/report_reader.hpp"

#include "sim/io/hdf5_handles.hpp"
#include "tests/columns.hpp"
#include "tests/program.hpp"

#include <catch2/catch.hpp>
#include <hdf5.h>
#include <hdf5_hl.h>

#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

using namespace stardsim;
using stardsim::test::Columns;
using stardsim::test::contains;
using stardsim::test::Folder;

namespace {

/// The result of a small run of a scenario of the source tree.
std::filesystem::path result_of(const Folder& folder, const std::string& name) {
  const auto path = folder / (name + ".h5");
  REQUIRE(
      stardsim::test::run(
          "stardsim run '" +
          stardsim::test::source_file("configs/" + name + ".toml").string() +
          "' --patients 500 -o '" + path.string() + "'")
          .code == 0);
  return path;
}

/// Opens the file to change it; closed at the end of scope.
class Changed {
 public:
  explicit Changed(const std::filesystem::path& path)
      : file_(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT)) {
    REQUIRE(file_ >= 0);
  }
  ~Changed() { H5Fclose(file_); }
  Changed(const Changed&) = delete;
  Changed& operator=(const Changed&) = delete;

  void remove(const std::string& name) const {
    REQUIRE(H5Ldelete(file_, name.c_str(), H5P_DEFAULT) >= 0);
  }
  void remove_if_there(const std::string& name) const {
    if (H5Lexists(file_, name.c_str(), H5P_DEFAULT) > 0) remove(name);
  }
  void remove_attribute(const char* name) const {
    REQUIRE(H5Adelete(file_, name) >= 0);
  }
  void set_all(const std::string& name, long long value) const {
    const hid_t dataset = H5Dopen2(file_, name.c_str(), H5P_DEFAULT);
    const hid_t space = H5Dget_space(dataset);
    const std::vector<long long> values(
        static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)), value);
    REQUIRE(H5Dwrite(dataset, H5T_NATIVE_LLONG, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                     values.data()) >= 0);
    H5Sclose(space);
    H5Dclose(dataset);
  }
  void add_group(const std::string& name) const {
    H5Gclose(
        H5Gcreate2(file_, name.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  }
  void add(const std::string& name, const std::vector<double>& values) const {
    const hsize_t size = values.size();
    REQUIRE(H5LTmake_dataset_double(file_, name.c_str(), 1, &size,
                                    values.data()) >= 0);
  }
  void add(const std::string& name, const std::vector<int>& values) const {
    const hsize_t size = values.size();
    REQUIRE(H5LTmake_dataset_int(file_, name.c_str(), 1, &size,
                                 values.data()) >= 0);
  }
  void add(const std::string& name,
           const std::vector<std::string>& values) const {
    const hsize_t size = values.size();
    std::vector<const char*> texts;
    for (const std::string& value : values) texts.push_back(value.c_str());
    const hdf5::Handle type = hdf5::type_of<std::string>();
    const hid_t space = H5Screate_simple(1, &size, nullptr);
    const hid_t dataset = H5Dcreate2(file_, name.c_str(), type.id(), space,
                                     H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    REQUIRE(H5Dwrite(dataset, type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT,
                     texts.data()) >= 0);
    H5Dclose(dataset);
    H5Sclose(space);
  }

 private:
  hid_t file_;
};

/// Why the file cannot be read; "" if it can.
std::string refusal(const std::filesystem::path& path) {
  try {
    read_for_report(path);
    return "";
  } catch (const BadResult& bad) {
    return bad.what();
  }
}

void add_inputs(const Changed& file) {
  using Texts = std::vector<std::string>;
  file.add_group("/inputs");
  file.add("/inputs/key", Texts{"steps.a.remission", "steps.a.weeks"});
  file.add("/inputs/value", std::vector<double>{0.3, 8});
  file.add("/inputs/low", std::vector<double>{0.25, std::nan("")});
  file.add("/inputs/high", std::vector<double>{0.35, std::nan("")});
  file.add("/inputs/unit", Texts{"1", "weeks"});
  file.add("/inputs/form", Texts{"sample", "exact"});
  file.add("/inputs/stated", Texts{"0.3 of 325", ""});
  file.add("/inputs/source", Texts{"Made up 2006", ""});
  file.add("/inputs/note", Texts{"a note", ""});
}

/// Of the first step of smoke.toml's reference pathway, as observed.
void add_published(const Changed& file) {
  using Texts = std::vector<std::string>;
  using Numbers = std::vector<double>;
  file.add_group("/published");
  const auto add = [&](const std::string& name, const auto& values) {
    file.add("/published/" + name, values);
  };
  add("figure", Texts{"first"});
  add("figure_label", Texts{"Remission in the first step"});
  add("quantity", Texts{"remission"});
  add("pathway", Texts{"short"});
  add("estimand", Texts{"observed"});
  for (const char* const name : {"step", "agrees", "is_input"})
    add(name, std::vector<int>{1});
  for (const char* const name : {"arm", "week"})
    add(name, std::vector<int>{-1});
  for (const char* const name : {"measure", "unit", "note"})
    add(name, Texts{""});
  add("source", Texts{"Somebody 2006"});
  add("published", Numbers{0.3125});
  for (const char* const name : {"published_low", "published_high"})
    add(name, Numbers{std::nan("")});
  add("rounding", Numbers{0.0005});
  add("simulated", Numbers{0.3});
  add("simulated_se", Numbers{0.02});
  add("z", Numbers{-0.6});
}

}  // namespace

TEST_CASE("A report reads what the file has", "[io][report_reader]") {
  const Folder folder;
  const auto path = result_of(folder, "ect_timing");
  const ReportedRun run = read_for_report(path);
  const Columns file(path);
  CHECK(run.title == file.text_attribute("/", "title"));
  CHECK(run.in_words == file.text_attribute("/", "in_words"));
  CHECK(contains(run.in_words, "Pathway never (reference)"));
  CHECK(run.horizon_weeks == Approx(4 * 365.25 / 7));
  CHECK(run.outcomes.patients == 500);
  CHECK(run.pathways.size() == 7);
  CHECK(run.pathways[run.reference].name == "never");
  const auto entered = file.numbers("/steps/entered"),
             rate = file.numbers("/arms/remission_rate"),
             relapsed = file.numbers("/follow_up/relapsed"),
             free = file.numbers("/follow_up/relapse_free");
  REQUIRE(entered.size() == 7 * 3 * 8);
  REQUIRE(rate.size() == entered.size());  // one arm a step
  REQUIRE(relapsed.size() == 7 * 8 * 2);
  const std::size_t weeks = free.size() / relapsed.size();
  for (std::size_t p = 0; p < 7; ++p)
    for (std::size_t s = 0; s < 8; ++s) {
      const ReportedStep& step = run.pathways[p].steps[s];
      for (std::size_t e = 0; e < 3; ++e) {
        const std::size_t at = (p * 3 + e) * 8 + s;
        CHECK(static_cast<double>(step.flows[e].entered) == entered[at]);
        CHECK(step.arms.at(0).flows[e].remission_rate.value == rate[at]);
      }
      for (std::size_t t = 0; t < 2; ++t) {
        const std::size_t at = (p * 8 + s) * 2 + t;
        CHECK(static_cast<double>(step.follow_up[t].relapsed) == relapsed[at]);
        const double week_52 = step.follow_up[t].relapse_free[52].value;
        const double expected = free[at * weeks + 52];
        CHECK((week_52 == expected ||
               (std::isnan(week_52) && std::isnan(expected))));
      }
    }
}

TEST_CASE("Steps that a pathway does not have are not there",
          "[io][report_reader]") {
  const Folder folder;
  const ReportedRun run = read_for_report(result_of(folder, "smoke"));
  REQUIRE(run.pathways.size() == 2);
  CHECK(run.pathways[0].steps.size() == 2);
  CHECK(run.pathways[1].steps.size() == 4);
  CHECK(run.pathways[0].steps[0].arms.size() == 1);
  CHECK(run.pathways[0].steps[1].arms.size() == 3);
  CHECK(run.pathways[0].steps[0].follow_up.empty());
  CHECK(run.subgroups.empty());
  CHECK(run.accrual.empty());
}

TEST_CASE("Inputs and published figures are shown beside the results",
          "[io][report_reader][report]") {
  const Folder folder;
  const auto path = result_of(folder, "smoke");
  {
    const Changed file(path);
    file.remove_if_there("/inputs");
    file.remove_if_there("/published");
    add_inputs(file);
    add_published(file);
  }
  const ReportedRun run = read_for_report(path);
  REQUIRE(run.inputs.size() == 2);
  CHECK(run.inputs[0].stated == "0.3 of 325");
  CHECK(run.inputs[0].low == 0.25);
  CHECK(std::isnan(run.inputs[1].high));
  REQUIRE(run.published.size() == 1);
  CHECK(run.published[0].agrees);
  CHECK(run.published[0].step == 1);
  CHECK(run.published[0].week == -1);
  CHECK(run.published[0].z == -0.6);
  REQUIRE(stardsim::test::run("stardsim report '" + path.string() + "'").code ==
          0);
  const std::string page = stardsim::test::read_text(folder / "smoke.html");
  CHECK(contains(page, "2 values, 1 of them without a source."));
  CHECK(contains(page, ">0.25 to 0.35<"));
  CHECK(contains(page, ">8 weeks<"));
  CHECK(contains(page, ">No source given<"));
  CHECK(contains(page, ">remission 31.25 %<"));  // in the table of steps
  CHECK(contains(page, ">agrees (input)<"));
  CHECK(contains(page, "\"value\":0.3125"));  // beside the curves
}

TEST_CASE("A file without what a report needs gets one line",
          "[io][report_reader]") {
  const Folder folder;
  const auto whole = result_of(folder, "smoke"), path = folder / "part.h5";
  const auto refusal_after = [&](auto change) {
    std::filesystem::copy_file(
        whole, path, std::filesystem::copy_options::overwrite_existing);
    {
      const Changed file(path);
      change(file);
    }
    const std::string message = refusal(path);
    CHECK(!contains(message, "\n"));
    return message;
  };
  CHECK(refusal(whole) == "");
  for (const std::string name :
       {"/curves/cumulative_remission", "/curves/cumulative_remission_se",
        "/curves/occupancy", "/steps/entered", "/steps/step_label",
        "/arms/arm_label", "/arms/share_of_step"})
    CHECK(refusal_after([&](const Changed& file) { file.remove(name); }) ==
          path.string() + ": " + name + " is missing");
  CHECK(contains(refusal_after([](const Changed& file) {
                   file.remove_attribute("law_sha256");
                 }),
                 "attribute law_sha256 is missing"));
  CHECK(contains(refusal_after([](const Changed& file) {
                   file.set_all("/steps/remission", 10'000);
                 }),
                 "do not add up"));
  // A file of before: without words and horizon it is read all the same.
  CHECK(refusal_after([](const Changed& file) {
          for (const char* const name :
               {"in_words", "description", "horizon_weeks"})
            file.remove_attribute(name);
        }) == "");
}

TEST_CASE("Draws that are damaged or of something else are refused",
          "[io][report_reader]") {
  const Folder folder;
  const auto path = folder / "whole.h5";
  REQUIRE(stardsim::test::run(
              "stardsim run '" +
              stardsim::test::source_file("configs/ect_timing.toml").string() +
              "' --patients 500 --draws 10 --draw-patients 100 -o '" +
              path.string() + "'")
              .code == 0);
  REQUIRE(refusal(path).empty());
  const ReportedRun run = read_for_report(path);
  REQUIRE(run.uncertainty);
  CHECK(run.uncertainty->draws.draws == 10);
  CHECK(run.uncertainty->noise.size() == 1);
  CHECK(run.uncertainty->noise[0].diagonal().minCoeff() > 0);
  for (const std::string name :
       {"/uncertainty/curves/cumulative_remission_low",
        "/uncertainty/outcomes/difference_gap",
        "/uncertainty/decision/on_frontier", "/draws/decision_covariance"}) {
    const auto copy = folder / "copy.h5";
    std::filesystem::copy_file(
        path, copy, std::filesystem::copy_options::overwrite_existing);
    Changed(copy).remove(name);
    INFO(name);
    const std::string why = refusal(copy);
    CHECK(contains(why, "copy.h5: "));
    CHECK(contains(why, name.substr(name.find('/', 1) + 1)));
    CHECK(!contains(why, "\n"));
  }
  const auto scenario_alone = result_of(folder, "ect_timing");
  CHECK(!read_for_report(scenario_alone).uncertainty);
  CHECK(kind_of_report(path) == ReportedKind::result);
  CHECK_THROWS_AS(read_sensitivity(path), BadResult);
  CHECK_THROWS_AS(read_alternatives(path), BadResult);
}
