// The published tables of the staging methods, a case for each row. "Read": as
// printed in the named source; "choice": where the source leaves it open.
#include "models/staging.hpp"

#include <catch2/catch.hpp>

#include <set>
#include <stdexcept>
#include <string>
#include <vector>

using namespace stardsim;

namespace {

TreatmentHistory failed(unsigned adequate_trials, unsigned classes) {
  TreatmentHistory patient;
  patient.failed_trials = patient.adequate_failed_trials = adequate_trials;
  patient.adequate_failed_classes = classes;
  return patient;
}

std::string stage(StagingMethod method, const TreatmentHistory& patient) {
  return level_name(method, level_of(method, patient));
}

std::string thase_rush(unsigned trials, unsigned classes, bool tca, bool maoi,
                       bool ect) {
  TreatmentHistory patient = failed(trials, classes);
  patient.tca_failed = tca;
  patient.maoi_failed = maoi;
  patient.ect_used = patient.ect_failed = ect;
  return stage(StagingMethod::thase_rush, patient);
}

std::string european(unsigned trials, unsigned classes, double weeks,
                     unsigned augmentations = 0) {
  TreatmentHistory patient = failed(trials, classes);
  patient.resistant_weeks = weeks;
  patient.augmentations = augmentations;
  return stage(StagingMethod::european, patient);
}

std::string maudsley(const TreatmentHistory& patient) {
  return stage(StagingMethod::maudsley, patient);
}

}  // namespace

TEST_CASE("FDA and EMA: two adequate trials failed are TRD, of whatever class",
          "[models]") {
  CHECK(stage(StagingMethod::trd, failed(0, 0)) == "not TRD");
  CHECK(stage(StagingMethod::trd, failed(1, 1)) == "not TRD");
  CHECK(stage(StagingMethod::trd, failed(2, 1)) == "TRD");
  CHECK(stage(StagingMethod::trd, failed(2, 2)) == "TRD");
  CHECK(stage(StagingMethod::trd, failed(7, 4)) == "TRD");
}

TEST_CASE("Failed trials that were not adequate raise no level", "[models]") {
  TreatmentHistory patient;
  patient.failed_trials = 12;
  for (std::size_t m = 0; m < staging_method_count; ++m)
    CHECK(level_of(static_cast<StagingMethod>(m), patient) == 0);
}

TEST_CASE("Thase and Rush 1997: stages 0 to V", "[models]") {
  CHECK(thase_rush(0, 0, false, false, false) == "stage 0");
  CHECK(thase_rush(1, 1, false, false, false) == "stage I");
  CHECK(thase_rush(3, 1, false, false, false) == "stage I");
  CHECK(thase_rush(2, 2, false, false, false) == "stage II");
  CHECK(thase_rush(3, 3, true, false, false) == "stage III");
  CHECK(thase_rush(2, 2, true, false, false) == "stage III");
  CHECK(thase_rush(4, 4, true, true, false) == "stage IV");
  CHECK(thase_rush(5, 5, true, true, true) == "stage V");
}

TEST_CASE("A Thase-Rush stage needs the one before it", "[models]") {
  CHECK(thase_rush(1, 1, true, false, false) == "stage I");
  CHECK(thase_rush(2, 2, false, true, false) == "stage II");
  CHECK(thase_rush(4, 4, true, false, true) == "stage III");
}

TEST_CASE("MGH-S: points for trials, optimisation, augmentation and ECT",
          "[models]") {
  const auto score = [](unsigned drugs, unsigned optimised,
                        unsigned augmentations, bool ect) {
    TreatmentHistory patient = failed(drugs + ect, 1);
    patient.optimised_failed_trials = optimised;
    patient.augmentations = augmentations;
    patient.ect_used = patient.ect_failed = ect;
    return stage(StagingMethod::mgh, patient);
  };
  CHECK(score(0, 0, 0, false) == "score 0");
  CHECK(score(1, 0, 0, false) == "score 1");
  CHECK(score(1, 1, 0, false) == "score 1.5");
  CHECK(score(1, 0, 1, false) == "score 1.5");
  CHECK(score(0, 0, 0, true) == "score 3");
  CHECK(score(2, 2, 1, true) == "score 6.5");
  CHECK(score(19, 0, 1, false) == "score 19.5");
  CHECK(score(20, 0, 0, false) == "score 20 or more");
  CHECK(score(63, 63, 63, true) == "score 20 or more");
}

TEST_CASE("Souery 1999: A, TRD 1 to 5 and chronic resistance", "[models]") {
  CHECK(european(0, 0, 0) == "no adequate trial failed");
  CHECK(european(1, 1, 8) == "A: non-responder");
  // First and last week of each row, as far as rows do not overlap.
  CHECK(european(2, 2, 12) == "B: TRD 1");
  CHECK(european(2, 2, 16) == "B: TRD 1");
  CHECK(european(3, 2, 18) == "B: TRD 2");
  CHECK(european(3, 2, 23.9) == "B: TRD 2");
  CHECK(european(4, 2, 24) == "B: TRD 3");
  CHECK(european(4, 2, 29.9) == "B: TRD 3");
  CHECK(european(5, 2, 30) == "B: TRD 4");
  CHECK(european(5, 2, 35.9) == "B: TRD 4");
  CHECK(european(6, 2, 36) == "B: TRD 5");
  CHECK(european(6, 2, 52) == "B: TRD 5");
  CHECK(european(6, 2, 53, 1) == "C: chronic resistant");
}

TEST_CASE("European staging where its table is silent", "[models]") {
  CHECK(european(2, 2, 9) == "B: TRD 1");
  CHECK(european(2, 2, 17) == "B: TRD 1");
  CHECK(european(4, 1, 40) == "A: non-responder");
  CHECK(european(6, 2, 80) == "B: TRD 5");
  CHECK(european(6, 2, 52, 1) == "B: TRD 5");
  CHECK(european(1, 1, 80, 1) == "A: non-responder");
}

TEST_CASE("Maudsley: points for the duration of the episode", "[models]") {
  const auto total = [](double months) {
    TreatmentHistory patient;
    patient.episode_months = months;
    return maudsley(patient);
  };
  CHECK(total(0) == "total 3");
  CHECK(total(12) == "total 3");
  CHECK(total(13) == "total 4");
  CHECK(total(24) == "total 4");
  CHECK(total(25) == "total 5");
}

TEST_CASE("Maudsley: points for severity, by the bands of QIDS-SR16",
          "[models]") {
  const auto total = [](double severity, bool psychotic) {
    TreatmentHistory patient;
    patient.severity = severity;
    patient.psychotic = psychotic;
    return maudsley(patient);
  };
  CHECK(total(0, false) == "total 3");
  CHECK(total(5, false) == "total 3");
  CHECK(total(6, false) == "total 4");
  CHECK(total(10, false) == "total 4");
  CHECK(total(11, false) == "total 5");
  CHECK(total(15, false) == "total 5");
  CHECK(total(16, false) == "total 6");
  CHECK(total(27, false) == "total 6");
  CHECK(total(16, true) == "total 7");
  // Choice: psychosis counts where the depression is severe.
  CHECK(total(12, true) == "total 5");
}

TEST_CASE("Maudsley: points for failed antidepressants, augmentation and ECT",
          "[models]") {
  const auto total = [](unsigned drugs, unsigned augmentations, bool ect) {
    TreatmentHistory patient = failed(drugs, 1);
    patient.augmentations = augmentations;
    patient.ect_used = ect;
    return maudsley(patient);
  };
  CHECK(total(1, 0, false) == "total 3");
  CHECK(total(2, 0, false) == "total 3");
  CHECK(total(3, 0, false) == "total 4");
  CHECK(total(4, 0, false) == "total 4");
  CHECK(total(5, 0, false) == "total 5");
  CHECK(total(6, 0, false) == "total 5");
  CHECK(total(7, 0, false) == "total 6");
  CHECK(total(10, 0, false) == "total 6");
  CHECK(total(11, 0, false) == "total 7");
  CHECK(total(1, 1, false) == "total 4");
  CHECK(total(1, 3, false) == "total 4");
  CHECK(total(1, 0, true) == "total 4");
}

TEST_CASE("The Maudsley total goes from 3 to 15", "[models]") {
  CHECK(maudsley({}) == "total 3");
  TreatmentHistory worst = failed(12, 6);
  worst.augmentations = 2;
  worst.ect_used = worst.ect_failed = true;
  worst.episode_months = 60;
  worst.severity = 24;
  worst.psychotic = true;
  CHECK(maudsley(worst) == "total 15");
}

TEST_CASE("A failed course of ECT is not counted among the drugs", "[models]") {
  TreatmentHistory patient = failed(3, 2);
  patient.ect_used = patient.ect_failed = true;
  // Two drugs and ECT.
  CHECK(maudsley(patient) == "total 4");
  CHECK(stage(StagingMethod::mgh, patient) == "score 5");
}

TEST_CASE("Every level of a method has a name of its own", "[models]") {
  const std::vector<std::size_t> counts{2, 6, 41, 8, 13};
  REQUIRE(counts.size() == staging_method_count);
  std::set<std::string> methods;
  for (std::size_t m = 0; m < counts.size(); ++m) {
    const auto method = static_cast<StagingMethod>(m);
    methods.insert(name_of(method));
    REQUIRE(level_count(method) == counts[m]);
    std::set<std::string> names;
    for (std::size_t level = 0; level < counts[m]; ++level)
      names.insert(level_name(method, level));
    CHECK(names.size() == counts[m]);
    CHECK_THROWS_AS(level_name(method, counts[m]), std::out_of_range);
  }
  CHECK(methods.size() == staging_method_count);
}
