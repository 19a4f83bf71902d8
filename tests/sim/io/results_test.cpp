#include "sim/io/results.hpp"

#include "models/units.hpp"
#include "sim/analysis/rates.hpp"
#include "sim/io/netcdf_file.hpp"
#include "sim/io/sha256.hpp"

#include <catch2/catch.hpp>
#include <hdf5.h>
#include <hdf5_hl.h>

#include <cmath>
#include <limits>
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

/// `short` is the step first; `long` is first and second. Intolerance is
/// configured in first, partial response on arm x of second.
Scenario two_pathways() {
  Arm alone = arm_named("alone"), x = arm_named("x"), y = arm_named("y");
  alone.intolerance = plain(0.1);
  alone.strategy = "initial";
  alone.treatment = 0;
  x.partial_response = plain(0.2);
  Step first{"first", "First: één", plain(8), {alone}};
  Step second{"second", "Second", plain(4), {x, y}};
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

/// 10 remitted after 2 weeks and 15 after 4: mean 3.2, variance
/// (10 * 4 + 15 * 16 - 25 * 3.2^2) / 24 = 1.
Flow<std::uint64_t> flow_of_arm_x() {
  Flow<std::uint64_t> flow{100, 25, 20, 0, 55, 0, 0, 0};
  flow.remission_ticks = (10 * 2 + 15 * 4) * ticks_per_week;
  flow.remission_ticks_squared =
      (10 * 4 + 15 * 16) * (Wide{ticks_per_week} * ticks_per_week);
  return flow;
}

/// 300 patients, the same on both estimands but that 60 leave care after the
/// first step of `long` in the observed course.
Tally hand_made_tally() {
  const Flow<std::uint64_t> first{300, 120, 0, 30, 150, 0, 0, 0};
  const Flow<std::uint64_t> y{80, 20, 0, 0, 60, 0, 0, 0};
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
  tally.pathways[1].course = {of_long, of_long};
  auto& observed = tally.pathways[1].course[1];
  observed.arms[0][0].left_care = 60;
  observed.arms[1] = {flow_of_arm_x(), {20, 5, 0, 0, 15, 0, 0, 0}};
  observed.remission_by_week[12] = 30;
  tally.pathways[1].remission_by_batch[1][255] = 7;
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

TEST_CASE("A rate comes with its binomial standard error", "[analysis]") {
  CHECK(rate(1, 4).value == 0.25);
  CHECK(rate(1, 4).se == Approx(std::sqrt(0.25 * 0.75 / 4)));
  CHECK(rate(4, 4).se == 0);
  CHECK(rate(0, 4).se == 0);
  CHECK(std::isnan(rate(0, 0).value));
  CHECK(std::isnan(rate(0, 0).se));
}

TEST_CASE("The spread of times needs two patients, their mean one",
          "[analysis]") {
  Flow<std::uint64_t> flow{};
  CHECK(std::isnan(mean_weeks(flow).weeks));
  flow.remission = 1;
  flow.remission_ticks = 3 * ticks_per_week;
  CHECK(mean_weeks(flow).weeks == 3);
  CHECK(std::isnan(mean_weeks(flow).se));
}

TEST_CASE("The variance of times survives the largest cohort", "[analysis]") {
  const std::uint64_t half = std::uint64_t{1} << 39, long_ago = 10'000'000;
  Flow<std::uint64_t> flow{};
  flow.remission = 2 * half;
  flow.remission_ticks = half * (2 * long_ago + 2);
  flow.remission_ticks_squared =
      Wide{half} * (long_ago * long_ago + (long_ago + 2) * (long_ago + 2));
  CHECK(mean_weeks(flow).sd == Approx(to_weeks(1)).epsilon(1e-11));
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
        Texts{"if_all_continue", "observed"});
  CHECK(image.counts("/curves/week").back() == 12);
  CHECK(image.dimensions("/curves/cumulative_remission") ==
        Texts{"pathway", "estimand", "week"});
  const Numbers curve = image.numbers("/curves/cumulative_remission");
  const Numbers errors = image.numbers("/curves/cumulative_remission_se");
  const std::size_t observed_long = 3 * 13;
  CHECK(curve[observed_long + 7] == 0);
  CHECK(curve[observed_long + 8] == Approx(0.4));
  CHECK(curve[observed_long + 12] == Approx(0.5));
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
        Counts{300, -1, 300, -1, 300, 180, 300, 120});
  CHECK(image.counts("/steps/left_care") == Counts{0, -1, 0, -1, 0, 0, 60, 0});
  check_numbers(image.numbers("/steps/remission_rate"),
                {0.4, nan, 0.4, nan, 0.4, 0.25, 0.4, 0.25});
  check_numbers(image.numbers("/steps/cumulative_remission"),
                {0.4, nan, 0.4, nan, 0.4, 0.55, 0.4, 0.5});
  check_numbers(image.numbers("/steps/entered_fraction"),
                {1, nan, 1, nan, 1, 0.6, 1, 0.4});
}

TEST_CASE(
    "An outcome that an arm leaves out is missing, not zero, there and "
    "in its step",
    "[io]") {
  const Image image(hand_made_image());
  CHECK(image.counts("/steps/intolerance") ==
        Counts{30, -1, 30, -1, 30, -1, 30, -1});
  CHECK(image.counts("/steps/partial_response") ==
        Counts{-1, -1, -1, -1, -1, -1, -1, -1});
  CHECK(image.counts("/arms/partial_response") ==
        Counts{-1, -1, -1, -1, -1, -1, -1, -1,  //
               -1, -1, 20, -1, -1, -1, 20, -1});
  const Numbers rates = image.numbers("/steps/intolerance_rate");
  check_numbers(rates, {0.1, nan, 0.1, nan, 0.1, nan, 0.1, nan});
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
  check_numbers({shares.begin() + 8, shares.end()},
                {1, nan, 100. / 180, 80. / 180, 1, nan, 100. / 120, 20. / 120});
  const Numbers fractions = image.numbers("/arms/entered_fraction");
  CHECK(fractions[10] == Approx(100. / 300));
}

TEST_CASE("Times to remission come from exact sums", "[io]") {
  const Image image(hand_made_image());
  const std::size_t arm_x = 10;
  CHECK(image.numbers("/arms/mean_weeks_to_remission")[arm_x] == Approx(3.2));
  CHECK(image.numbers("/arms/sd_weeks_to_remission")[arm_x] == Approx(1));
  CHECK(image.numbers("/arms/mean_weeks_to_remission_se")[arm_x] ==
        Approx(0.2));
  CHECK(image.sums("/accumulators/remission_ticks")[arm_x] == 80 * 1024);
  CHECK(image.number_attribute("/accumulators/remission_ticks",
                               "ticks_per_week") == 1024);
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
  CHECK(image.sums("/accumulators/remission_by_batch").back() == 7);
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
  CHECK(image.names_in("/") ==
        Texts{"curves", "steps", "arms", "accumulators"});
  CHECK(image.names_in("/curves") ==
        Texts{"pathway", "estimand", "week", "pathway_label",
              "cumulative_remission", "cumulative_remission_se"});
}

TEST_CASE("Only large datasets are compressed", "[io]") {
  Scenario scenario = two_pathways();
  Tally tally = hand_made_tally();
  scenario.horizon = 3999;
  for (auto& pathway : tally.pathways)
    for (auto& course : pathway.course) course.remission_by_week.resize(4000);
  const Image image(results_image(scenario, tally, hand_made_provenance()));
  CHECK(image.layout("/curves/cumulative_remission") == H5D_CHUNKED);
  CHECK(image.layout("/steps/entered") == H5D_CONTIGUOUS);
  CHECK(image.numbers("/curves/cumulative_remission").back() == Approx(0.5));
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

}  // namespace
}  // namespace stardsim
