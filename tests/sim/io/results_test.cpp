#include "sim/io/results.hpp"

#include "models/staging.hpp"
#include "models/units.hpp"
#include "sim/core/parallel.hpp"
#include "sim/io/atomic_file.hpp"
#include "sim/io/later_tables.hpp"
#include "sim/io/netcdf_file.hpp"
#include "sim/io/sha256.hpp"
#include "tests/child.hpp"
#include "tests/program.hpp"

#include <catch2/catch.hpp>
#include <hdf5.h>
#include <hdf5_hl.h>
#include <sys/resource.h>

#include <array>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <iterator>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace stardsim {
namespace {

using Counts = std::vector<std::int64_t>;
using Sums = std::vector<std::uint64_t>;
using Numbers = std::vector<double>;
using Texts = std::vector<std::string>;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// A result file, opened where it lies in memory.
class Image {
 public:
  explicit Image(std::vector<std::byte> bytes)
      : file_(H5LTopen_file_image(bytes.data(), bytes.size(), 0)) {
    REQUIRE(file_ >= 0);
  }
  ~Image() { H5Fclose(file_); }
  Image(const Image&) = delete;
  Image& operator=(const Image&) = delete;

  template <class T>
  std::vector<T> read(const std::string& path, hid_t type) const {
    const hid_t dataset = open(path);
    std::vector<T> values(size_of(dataset));
    REQUIRE(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                    values.data()) >= 0);
    H5Dclose(dataset);
    return values;
  }

  Counts counts(const std::string& path) const {
    return read<std::int64_t>(path, H5T_NATIVE_INT64);
  }
  Sums sums(const std::string& path) const {
    return read<std::uint64_t>(path, H5T_NATIVE_UINT64);
  }
  Numbers numbers(const std::string& path) const {
    return read<double>(path, H5T_NATIVE_DOUBLE);
  }

  Texts texts(const std::string& path) const {
    const hid_t type = text_type();
    Texts texts;
    for (char* text : read<char*>(path, type)) {
      texts.emplace_back(text ? text : "");
      H5free_memory(text);
    }
    H5Tclose(type);
    return texts;
  }

  std::string text_attribute(const std::string& path,
                             const std::string& name) const {
    const hid_t type = text_type();
    char* text = nullptr;
    read_attribute(path, name, type, &text);
    std::string copy = text ? text : "";
    H5free_memory(text);
    H5Tclose(type);
    return copy;
  }

  std::uint64_t number_attribute(const std::string& path,
                                 const std::string& name) const {
    std::uint64_t number = 0;
    read_attribute(path, name, H5T_NATIVE_UINT64, &number);
    return number;
  }

  H5D_layout_t layout(const std::string& path) const {
    const hid_t dataset = open(path);
    const hid_t list = H5Dget_create_plist(dataset);
    const H5D_layout_t layout = H5Pget_layout(list);
    H5Pclose(list);
    H5Dclose(dataset);
    return layout;
  }

  std::vector<hsize_t> chunk(const std::string& path) const {
    const hid_t dataset = open(path);
    const hid_t list = H5Dget_create_plist(dataset);
    std::vector<hsize_t> sizes(H5S_MAX_RANK);
    const int rank = H5Pget_chunk(list, H5S_MAX_RANK, sizes.data());
    sizes.resize(static_cast<std::size_t>(rank));
    H5Pclose(list);
    H5Dclose(dataset);
    return sizes;
  }

  /// The names of the dimension scales, in the order of the dimensions.
  Texts dimensions(const std::string& path) const {
    const hid_t dataset = open(path);
    const hid_t space = H5Dget_space(dataset);
    Texts names(static_cast<std::size_t>(H5Sget_simple_extent_ndims(space)));
    for (std::size_t i = 0; i < names.size(); ++i) {
      H5DSiterate_scales(dataset, static_cast<unsigned>(i), nullptr, keep_name,
                         &names[i]);
    }
    H5Sclose(space);
    H5Dclose(dataset);
    return names;
  }

  /// What a group holds, in the order in which it was written.
  Texts names_in(const std::string& group) const {
    Texts names;
    const hid_t opened = H5Gopen2(file_, group.c_str(), H5P_DEFAULT);
    H5Literate(opened, H5_INDEX_CRT_ORDER, H5_ITER_INC, nullptr, keep_link,
               &names);
    H5Gclose(opened);
    return names;
  }

 private:
  static hid_t text_type() {
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    return type;
  }

  static herr_t keep_name(hid_t, unsigned, hid_t scale, void* name) {
    char buffer[64];
    H5DSget_scale_name(scale, buffer, sizeof buffer);
    *static_cast<std::string*>(name) = buffer;
    return 1;
  }

  static herr_t keep_link(hid_t, const char* name, const H5L_info_t*,
                          void* names) {
    static_cast<Texts*>(names)->emplace_back(name);
    return 0;
  }

  hid_t open(const std::string& path) const {
    const hid_t dataset = H5Dopen2(file_, path.c_str(), H5P_DEFAULT);
    INFO(path);
    REQUIRE(dataset >= 0);
    return dataset;
  }

  static std::size_t size_of(hid_t dataset) {
    const hid_t space = H5Dget_space(dataset);
    const hssize_t size = H5Sget_simple_extent_npoints(space);
    H5Sclose(space);
    return static_cast<std::size_t>(size);
  }

  void read_attribute(const std::string& path, const std::string& name,
                      hid_t type, void* value) const {
    const hid_t attribute = H5Aopen_by_name(file_, path.c_str(), name.c_str(),
                                            H5P_DEFAULT, H5P_DEFAULT);
    INFO(path << " " << name);
    REQUIRE(attribute >= 0);
    CHECK(H5Aread(attribute, type, value) >= 0);
    H5Aclose(attribute);
  }

  hid_t file_;
};

/// Equal numbers, or NaN where NaN is expected.
void check_numbers(const Numbers& found, const Numbers& expected) {
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    INFO("at " << i);
    if (std::isnan(expected[i])) {
      CHECK(std::isnan(found[i]));
    } else {
      CHECK(found[i] == Approx(expected[i]).epsilon(1e-14));
    }
  }
}

Evidence plain(double value) {
  Evidence evidence;
  evidence.value = value;
  return evidence;
}

Arm arm_named(const std::string& name) {
  Arm arm;
  arm.name = name;
  arm.label = "Arm " + name;
  return arm;
}

Step step_named(const std::string& name, const std::string& label, double weeks,
                const std::vector<Arm>& arms) {
  Step step;
  step.name = name;
  step.label = label;
  step.weeks = plain(weeks);
  step.arms = arms;
  return step;
}

/// `short` is the step first; `long` is first and second. Intolerance is
/// configured in first, partial response on arm x of second.
Scenario two_pathways() {
  Arm alone = arm_named("alone"), x = arm_named("x"), y = arm_named("y");
  alone.intolerance = plain(0.1);
  alone.strategy = "initial";
  alone.treatment = 0;
  x.partial_response = plain(0.2);
  const Step first = step_named("first", "First: één", 8, {alone});
  const Step second = step_named("second", "Second", 4, {x, y});
  Scenario scenario;
  scenario.title = "Café ≥ 1";
  scenario.horizon = 12;
  scenario.reference = 1;
  scenario.treatments.resize(1);
  scenario.treatments[0].name = "drug";
  scenario.steps = {first, second};
  scenario.pathways = {{"short", "Short", {0}}, {"long", "Long", {0, 1}}};
  return scenario;
}

/// All remissions are first ones and last.
Flow<std::uint64_t> flow(std::uint64_t entered, std::uint64_t remission,
                         std::uint64_t partial_response,
                         std::uint64_t intolerance, std::uint64_t no_response) {
  Flow<std::uint64_t> made{entered, remission, partial_response, intolerance,
                           no_response};
  made.first_remission = made.sustained = remission;
  return made;
}

/// 10 remitted after 2 weeks and 15 after 4: mean 3.2, variance
/// (10 * 4 + 15 * 16 - 25 * 3.2^2) / 24 = 1.
Flow<std::uint64_t> flow_of_arm_x() {
  auto x = flow(100, 25, 20, 0, 55);
  x.remission_ticks = (10 * 2 + 15 * 4) * ticks_per_week;
  x.remission_ticks_squared =
      (10 * 4 + 15 * 16) * (Wide{ticks_per_week} * ticks_per_week);
  x.treatment_ticks = 350 * ticks_per_week;
  return x;
}

LaterCourse<std::uint64_t> nothing_later(
    const std::vector<std::size_t>& arms_of_steps, std::size_t weeks) {
  LaterCourse<std::uint64_t> later;
  later.first_remission_lost_by_week.resize(weeks);
  later.occupancy.fill(std::vector<std::uint64_t>(weeks));
  FollowUpFlow<std::uint64_t> none;
  none.relapse_by_week.resize(weeks);
  none.censored_by_week.resize(weeks);
  none.unseen_ticks_by_week.resize(weeks);
  for (const std::size_t arms : arms_of_steps)
    later.follow_up.emplace_back(arms, std::array{none, none});
  return later;
}

/// 300 patients, the same on both courses but that 60 leave care after the
/// first step of `long` in the observed one, where 12 of the 120 who remitted
/// in it lose their remission in week 11. Who is not in treatment at week 12
/// is in remission or out of care.
Tally hand_made_tally() {
  const auto first = flow(300, 120, 0, 30, 150), y = flow(80, 20, 0, 0, 60);
  CourseTable<std::uint64_t> of_short{std::vector<std::uint64_t>(13),
                                      {{first}}};
  of_short.remission_by_week[8] = 120;
  CourseTable<std::uint64_t> of_long{of_short.remission_by_week,
                                     {{first}, {flow_of_arm_x(), y}}};
  of_long.remission_by_week[12] = 45;
  Tally tally;
  tally.patients = 300;
  tally.pathways.resize(2);
  tally.pathways[0].course = {of_short, of_short};
  tally.pathways[0].later = nothing_later({1}, 13);
  tally.pathways[1].course = {of_long, of_long};
  auto& observed = tally.pathways[1].course[1];
  observed.arms[0][0].left_care = 60;
  observed.arms[0][0].sustained = 108;
  observed.arms[1] = {flow_of_arm_x(), flow(20, 5, 0, 0, 15)};
  observed.remission_by_week[12] = 30;
  auto& later = tally.pathways[1].later = nothing_later({1, 2}, 13);
  later.first_remission_lost_by_week[11] = 12;
  later.occupancy[2][12] = 138;
  later.occupancy[7][12] = 162;
  tally.pathways[1].by_batch[1][255] = 7;
  return tally;
}

Provenance hand_made_provenance() {
  Provenance provenance;
  provenance.scenario_text = "[scenario] # naïve";
  provenance.seed = 18446744073709551615u;
  provenance.threads = 2;
  return provenance;
}

std::vector<std::byte> hand_made_image() {
  return results_image(two_pathways(), hand_made_tally(),
                       hand_made_provenance());
}

TEST_CASE("SHA-256 gives the published digests", "[io]") {
  CHECK(sha256(std::string("abc")) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256(std::string()) ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("Curves count up the first remissions", "[io]") {
  const Image image(hand_made_image());
  CHECK(image.texts("/curves/pathway") == Texts{"short", "long"});
  CHECK(image.texts("/curves/pathway_label") == Texts{"Short", "Long"});
  CHECK(image.texts("/curves/estimand") ==
        Texts{"if_all_continue", "observed", "sustained"});
  CHECK(image.counts("/curves/week").back() == 12);
  CHECK(image.dimensions("/curves/cumulative_remission") ==
        Texts{"pathway", "estimand", "week"});
  const Numbers curve = image.numbers("/curves/cumulative_remission");
  const Numbers errors = image.numbers("/curves/cumulative_remission_se");
  const std::size_t observed_long = 4 * 13, sustained_long = 5 * 13;
  CHECK(curve[observed_long + 7] == 0);
  CHECK(curve[observed_long + 8] == Approx(0.4));
  CHECK(curve[observed_long + 12] == Approx(0.5));
  CHECK(curve[sustained_long + 10] == Approx(0.4));
  CHECK(curve[sustained_long + 11] == Approx(0.36));
  CHECK(curve[sustained_long + 12] == Approx(0.46));
  CHECK(errors[observed_long + 8] == Approx(std::sqrt(0.4 * 0.6 / 300)));
  CHECK(image.text_attribute("/curves/cumulative_remission",
                             "ancillary_variables") ==
        "cumulative_remission_se");
}

TEST_CASE("Steps that a pathway lacks are missing, not zero", "[io]") {
  const Image image(hand_made_image());
  CHECK(image.texts("/steps/step_name") ==
        Texts{"first", "", "first", "second"});
  CHECK(image.texts("/steps/step_label") ==
        Texts{"First: één", "", "First: één", "Second"});
  check_numbers(image.numbers("/steps/step_weeks"), {8, nan, 8, 4});
  CHECK(image.counts("/steps/entered") ==
        Counts{300, -1, 300, -1, 300, -1, 300, 180, 300, 120, 300, 120});
  CHECK(image.counts("/steps/left_care") ==
        Counts{0, -1, 0, -1, 0, -1, 0, 0, 60, 0, 60, 0});
  CHECK(image.counts("/steps/remission") ==
        Counts{120, -1, 120, -1, 120, -1, 120, 45, 120, 30, 108, 30});
  CHECK(image.counts("/steps/first_remission") ==
        Counts{120, -1, 120, -1, 120, -1, 120, 45, 120, 30, 120, 30});
  check_numbers(
      image.numbers("/steps/remission_rate"),
      {0.4, nan, 0.4, nan, 0.4, nan, 0.4, 0.25, 0.4, 0.25, 0.36, 0.25});
  check_numbers(
      image.numbers("/steps/cumulative_remission"),
      {0.4, nan, 0.4, nan, 0.4, nan, 0.4, 0.55, 0.4, 0.5, 0.36, 0.46});
  check_numbers(image.numbers("/steps/entered_fraction"),
                {1, nan, 1, nan, 1, nan, 1, 0.6, 1, 0.4, 1, 0.4});
}

TEST_CASE(
    "An outcome that an arm leaves out is missing, not zero, there and "
    "in its step",
    "[io]") {
  const Image image(hand_made_image());
  CHECK(image.counts("/steps/intolerance") ==
        Counts{30, -1, 30, -1, 30, -1, 30, -1, 30, -1, 30, -1});
  CHECK(image.counts("/steps/partial_response") == Counts(12, -1));
  CHECK(image.counts("/arms/partial_response") ==
        Counts{-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,  //
               -1, -1, 20, -1, -1, -1, 20, -1, -1, -1, 20, -1});
  const Numbers rates = image.numbers("/steps/intolerance_rate");
  check_numbers(rates,
                {0.1, nan, 0.1, nan, 0.1, nan, 0.1, nan, 0.1, nan, 0.1, nan});
}

TEST_CASE("Arms carry their own names and shares", "[io]") {
  const Image image(hand_made_image());
  CHECK(image.dimensions("/arms/remission_rate") ==
        Texts{"pathway", "estimand", "step", "arm"});
  CHECK(image.texts("/arms/arm_name") ==
        Texts{"alone", "", "", "", "alone", "", "x", "y"});
  CHECK(image.texts("/arms/treatment") ==
        Texts{"drug", "", "", "", "drug", "", "", ""});
  CHECK(image.texts("/arms/strategy")[0] == "initial");
  const Numbers shares = image.numbers("/arms/share_of_step");
  check_numbers({shares.begin() + 12, shares.begin() + 20},
                {1, nan, 100. / 180, 80. / 180, 1, nan, 100. / 120, 20. / 120});
  const Numbers fractions = image.numbers("/arms/entered_fraction");
  CHECK(fractions[14] == Approx(100. / 300));
}

TEST_CASE("Times to remission come from exact sums", "[io]") {
  const Image image(hand_made_image());
  const std::size_t arm_x = 14, sustained_x = 22;
  CHECK(image.numbers("/arms/mean_weeks_to_remission")[arm_x] == Approx(3.2));
  CHECK(image.numbers("/arms/sd_weeks_to_remission")[arm_x] == Approx(1));
  CHECK(image.numbers("/arms/mean_weeks_to_remission_se")[arm_x] ==
        Approx(0.2));
  CHECK(
      std::isnan(image.numbers("/arms/mean_weeks_to_remission")[sustained_x]));
  CHECK(image.sums("/accumulators/remission_ticks")[arm_x] == 80 * 1024);
  CHECK(image.number_attribute("/accumulators/remission_ticks",
                               "ticks_per_week") == 1024);
}

TEST_CASE("Sessions follow from the weeks in treatment", "[io]") {
  Scenario scenario = two_pathways();
  scenario.steps[1].arms[0].sessions_per_week = plain(2.5);
  const Image image(
      results_image(scenario, hand_made_tally(), hand_made_provenance()));
  const std::size_t arm_x = 14;
  CHECK(image.numbers("/arms/mean_weeks_in_treatment")[arm_x] == Approx(3.5));
  CHECK(image.numbers("/arms/mean_sessions")[arm_x] == Approx(8.75));
  CHECK(std::isnan(image.numbers("/arms/mean_sessions")[arm_x + 1]));
  CHECK(image.sums("/accumulators/treatment_ticks")[arm_x] == 350 * 1024);
}

TEST_CASE("Occupancy says where the cohort is, week by week", "[io]") {
  const Image image(hand_made_image());
  CHECK(image.texts("/curves/state") ==
        Texts{"in_treatment", "waiting", "remitted", "not_remitted", "gap",
              "untreated", "untreated_remitted", "out_of_care", "dead"});
  CHECK(image.dimensions("/curves/occupancy") ==
        Texts{"pathway", "state", "week"});
  const Numbers shares = image.numbers("/curves/occupancy");
  CHECK(shares[(state_count + 2) * 13 + 12] == Approx(0.46));
  CHECK(shares[(state_count + 7) * 13 + 12] == Approx(0.54));
}

TEST_CASE("Follow-up is told by arm and state at its start", "[io]") {
  Scenario scenario = two_pathways();
  scenario.steps[1].arms[1].follow_up_remitted.drop_out = Survival{};
  Tally tally = hand_made_tally();
  auto& y = tally.pathways[1].later.follow_up[1][1][0];
  y.entered = 5;
  y.relapsed = 1;
  y.dropped_out = 2;
  y.relapse_by_week[3] = 1;
  y.censored_by_week[1] = 1;
  y.censored_by_week[3] = 3;
  const Image image(results_image(scenario, tally, hand_made_provenance()));
  CHECK(image.names_in("/") == Texts{"curves", "steps", "arms", "follow_up",
                                     "outcomes", "differences", "covariance",
                                     "accumulators"});
  CHECK(image.texts("/follow_up/status") == Texts{"remitted", "not_remitted"});
  CHECK(image.dimensions("/follow_up/entered") ==
        Texts{"pathway", "step", "arm", "status"});
  CHECK(image.counts("/follow_up/relapsed") ==
        Counts{0, 0, -1, -1, -1, -1, -1, -1, 0, 0, -1, -1, 0, 0, 1, 0});
  CHECK(image.dimensions("/follow_up/relapse_free_of_arm") ==
        Texts{"pathway", "step", "arm", "status", "week"});
  const Numbers of_y = image.numbers("/follow_up/relapse_free_of_arm");
  CHECK(of_y[14 * 13 + 2] == 1);
  CHECK(of_y[14 * 13 + 3] == Approx(0.75));
  CHECK(std::isnan(of_y[14 * 13 + 4]));
  CHECK(image.counts("/follow_up/censored_by_week")[14 * 13 + 3] == 3);
  const Numbers of_step = image.numbers("/follow_up/relapse_free");
  CHECK(of_step[6 * 13 + 3] == Approx(0.75));
}

TEST_CASE("Curves by arm are left out where they would be huge", "[io]") {
  const auto names = [](std::size_t most_cells) {
    Texts found;
    for (const Variable& variable :
         follow_up_variables(two_pathways(), hand_made_tally(), most_cells))
      found.push_back(variable.name);
    return found;
  };
  CHECK(names(2 * 2 * 2 * 2 * 13).size() == 10);
  CHECK(names(2 * 2 * 2 * 2 * 13 - 1) == Texts{"entered", "relapsed",
                                               "dropped_out", "relapse_free",
                                               "relapse_free_se"});
}

TEST_CASE("Subgroups have curves of their own", "[io]") {
  Scenario scenario = two_pathways();
  scenario.subgroups = {{"anxious", "Anxious", {}}};
  Tally tally = hand_made_tally();
  for (auto& pathway : tally.pathways) {
    SubgroupTally anxious{50, {}, std::vector<std::uint64_t>(13)};
    anxious.remission_by_week.fill(std::vector<std::uint64_t>(13));
    anxious.remission_by_week[0][8] = anxious.remission_by_week[1][9] = 20;
    anxious.first_remission_lost_by_week[12] = 5;
    pathway.subgroups = {anxious};
  }
  const Image image(results_image(scenario, tally, hand_made_provenance()));
  CHECK(image.texts("/subgroups/subgroup_label") == Texts{"Anxious"});
  CHECK(image.counts("/subgroups/patients") == Counts{50, 50});
  CHECK(image.dimensions("/subgroups/cumulative_remission") ==
        Texts{"pathway", "subgroup", "estimand", "week"});
  const Numbers curve = image.numbers("/subgroups/cumulative_remission");
  CHECK(curve[8] == Approx(0.4));
  CHECK(curve[13 + 8] == 0);
  CHECK(curve[13 + 9] == Approx(0.4));
  CHECK(curve[2 * 13 + 12] == Approx(0.3));
  CHECK(image.numbers("/subgroups/cumulative_remission_se")[2 * 13 + 12] ==
        Approx(std::sqrt(0.3 * 0.7 / 50)));
}

TEST_CASE("Staging tells who entered at which level, and who remitted",
          "[io]") {
  Scenario scenario = two_pathways();
  scenario.staging.emplace();
  Tally tally = hand_made_tally();
  for (auto& pathway : tally.pathways) {
    StageTally none;
    for (std::size_t m = 0; m < staging_method_count; ++m) {
      const std::size_t levels = level_count(static_cast<StagingMethod>(m));
      none.entered[m].resize(levels);
      none.remission[m].resize(levels);
      pathway.stage_by_week[m].assign(levels, std::vector<std::uint64_t>(13));
    }
    pathway.stages.assign(2, none);
  }
  auto& second = tally.pathways[1].stages[1];
  second.entered[0] = {80, 40};
  second.remission[0] = {24, 6};
  tally.pathways[1].stage_by_week[0][1][12] = 30;
  const Image image(results_image(scenario, tally, hand_made_provenance()));
  const std::size_t levels = image.counts("/staging/level").size();
  CHECK(levels == most_levels());
  CHECK(image.texts("/staging/method") ==
        Texts{"trd", "thase_rush", "mgh", "european", "maudsley"});
  CHECK(image.texts("/staging/level_name")[1] == "TRD");
  CHECK(image.texts("/staging/level_name")[2] == "");
  CHECK(image.dimensions("/staging/entered") ==
        Texts{"pathway", "step", "method", "level"});
  const std::size_t at = 3 * 5 * levels;  // the last pathway's second step
  const Counts entered = image.counts("/staging/entered");
  CHECK(entered[at] == 80);
  CHECK(entered[at + 1] == 40);
  CHECK(entered[at + 2] == -1);
  CHECK(entered[5 * levels] == -1);  // `short` has no second step
  CHECK(image.numbers("/staging/remission_rate")[at + 1] == Approx(0.15));
  const Numbers shares = image.numbers("/staging/share_of_cohort");
  CHECK(shares[(5 * levels + 1) * 13 + 12] == Approx(0.1));
}

TEST_CASE("Sums of squares beyond 64 bits are kept in two halves", "[io]") {
  Tally tally = hand_made_tally();
  tally.pathways[0].course[0].arms[0][0].remission_ticks_squared =
      (Wide{5} << 64) + 6;
  const Image image(
      results_image(two_pathways(), tally, hand_made_provenance()));
  CHECK(image.sums("/accumulators/remission_ticks_squared_high")[0] == 5);
  CHECK(image.sums("/accumulators/remission_ticks_squared_low")[0] == 6);
}

TEST_CASE("Batches share out the patients by their number", "[io]") {
  const Image image(hand_made_image());
  const Sums patients = image.sums("/accumulators/patients_by_batch");
  CHECK(patients[43] == 2);
  CHECK(patients[44] == 1);
  CHECK(image.sums("/accumulators/remission_by_batch")[5 * 256 - 1] == 7);
  CHECK(image.sums("/accumulators/remission_lost_by_week")[13 + 11] == 12);
  CHECK(image.sums("/accumulators/remission_by_week")[8] == 120);
}

TEST_CASE("The file says how it came about", "[io]") {
  const Image image(hand_made_image());
  CHECK(image.text_attribute("/", "format") == "stardsim results");
  CHECK(image.number_attribute("/", "format_version") == 1);
  CHECK(image.number_attribute("/", "word_layout_version") == 1);
  CHECK(image.text_attribute("/", "title") == "Café ≥ 1");
  CHECK(image.text_attribute("/", "scenario") == "[scenario] # naïve");
  CHECK(image.text_attribute("/", "scenario_sha256") ==
        sha256(std::string("[scenario] # naïve")));
  CHECK(image.text_attribute("/", "commit").empty());
  CHECK(image.number_attribute("/", "seed") == 18446744073709551615u);
  CHECK(image.number_attribute("/", "patients") == 300);
  CHECK(image.number_attribute("/", "threads") == 2);
  CHECK(image.text_attribute("/", "reference_pathway") == "long");
  CHECK(image.text_attribute("/", "reported_first") == "if_all_continue");
}

TEST_CASE("A scenario longer than 64 KB is kept whole", "[io]") {
  Provenance provenance = hand_made_provenance();
  for (int i = 0; i < 20'000; ++i) provenance.scenario_text += "# été\n";
  const Image image(
      results_image(two_pathways(), hand_made_tally(), provenance));
  CHECK(image.text_attribute("/", "scenario") == provenance.scenario_text);
}

TEST_CASE("Variables keep the order in which they are listed", "[io]") {
  const Image image(hand_made_image());
  CHECK(image.names_in("/") == Texts{"curves", "steps", "arms", "outcomes",
                                     "differences", "covariance",
                                     "accumulators"});
  CHECK(image.names_in("/curves") ==
        Texts{"pathway", "estimand", "week", "state", "pathway_label",
              "cumulative_remission", "cumulative_remission_se", "occupancy",
              "occupancy_se"});
}

TEST_CASE("Only large datasets are compressed", "[io]") {
  Scenario scenario = two_pathways();
  Tally tally = hand_made_tally();
  scenario.horizon = 3999;
  for (auto& pathway : tally.pathways) {
    for (auto& course : pathway.course) course.remission_by_week.resize(4000);
    pathway.later.first_remission_lost_by_week.resize(4000);
    for (auto& weeks : pathway.later.occupancy) weeks.resize(4000);
  }
  const Image image(results_image(scenario, tally, hand_made_provenance()));
  CHECK(image.layout("/curves/cumulative_remission") == H5D_CHUNKED);
  CHECK(image.layout("/steps/entered") == H5D_CONTIGUOUS);
  CHECK(image.numbers("/curves/cumulative_remission").back() == Approx(0.46));
}

TEST_CASE("A chunk has as many whole rows as go into 1 MiB", "[io]") {
  NetcdfFile file;
  NetcdfGroup group = file.add_group("group");
  group.add(Scale{"draw", Numbers(700), "draw", "1"});
  group.add(Scale{"few", Numbers(1000), "few", "1"});
  group.add(Scale{"many", Numbers(200'000), "many", "1"});
  group.add(Variable{"x", {"draw", "few"}, Numbers(700'000), "x", "1"});
  group.add(Variable{"y", {"few"}, Numbers(1000), "y", "1"});
  const Image image(file.bytes());
  constexpr hsize_t most = (1 << 20) / sizeof(double);
  CHECK(image.chunk("/group/x") == std::vector<hsize_t>{most / 1000, 1000});
  CHECK(image.chunk("/group/many") == std::vector<hsize_t>{most});
  CHECK(image.layout("/group/y") == H5D_CONTIGUOUS);
}

TEST_CASE("A failed call of HDF5 is an exception that says why", "[io]") {
  const hdf5::Session quiet;
  CHECK_THROWS_WITH(hdf5::Handle(H5Gopen2(H5I_INVALID_HID, "x", H5P_DEFAULT),
                                 H5Gclose, "open group x"),
                    Catch::StartsWith("HDF5 cannot open group x: ") &&
                        !Catch::EndsWith("no reason given"));
}

TEST_CASE("A variable must fit its dimensions", "[io]") {
  NetcdfFile file;
  NetcdfGroup group = file.add_group("group");
  group.add(Scale{"place", Numbers{1, 2}, "place", "1"});
  const Variable too_short{"x", {"place"}, Numbers{1}, "x", "1"};
  const Variable nowhere{"x", {"elsewhere"}, Numbers{1}, "x", "1"};
  CHECK_THROWS_WITH(group.add(too_short), "wrong number of values for group/x");
  CHECK_THROWS_WITH(group.add(nowhere),
                    "group group has no dimension elsewhere");
}

TEST_CASE("Equal input gives equal bytes", "[io]") {
  CHECK(hand_made_image() == hand_made_image());
}

void write_hand_made(const std::filesystem::path& path,
                     const AddGroups& more = {}) {
  write_results(path, two_pathways(), hand_made_tally(), hand_made_provenance(),
                more);
}

TEST_CASE("A result file has the bytes of the image in memory", "[io]") {
  const test::Folder folder;
  folder.write("x.h5", "earlier");
  write_hand_made(folder / "x.h5");
  const std::string text = test::read_text(folder / "x.h5");
  const auto bytes = std::as_bytes(std::span(text));
  CHECK(std::vector<std::byte>(bytes.begin(), bytes.end()) ==
        hand_made_image());
}

TEST_CASE("Results that cannot be written leave an earlier file untouched",
          "[io]") {
  const test::Folder folder;
  const std::filesystem::path path = folder.write("x.h5", "earlier");
  const auto complaint = [](const std::filesystem::path& to) -> std::string {
    try {
      write_hand_made(to);
    } catch (const CannotWrite& error) {
      return error.what();
    }
    return "";
  };
  CHECK(test::ask_child([&] {
          std::signal(SIGXFSZ, SIG_IGN);
          const rlimit limit{4096, 4096};
          ::setrlimit(RLIMIT_FSIZE, &limit);
          return complaint(path);
        }) == "cannot write " + path.string() + ": File too large");
  // What adds groups may fail too, or be asked to stop.
  CHECK_THROWS_AS(
      write_hand_made(path, [](NetcdfFile&) { throw Interrupted("asked"); }),
      Interrupted);
  CHECK(test::read_text(path) == "earlier");
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) ==
        1);
  CHECK(complaint("/dev/full") ==
        "cannot write /dev/full: No space left on device");
  CHECK(complaint("/dev/null").empty());
}

}  // namespace
}  // namespace stardsim
