// How resistant a depression is, by the staging methods of the field.
//
// Sources of the rules: FDA and EMA guidance on trials in treatment-resistant
// depression; Thase & Rush 1997; MGH-S (Petersen et al. 2005); European staging
// (Souery et al. 1999); Maudsley (Fekadu et al. 2009). The tables themselves
// stand as examples in tests/models/staging_test.cpp.
//
// All numbers are those of the present episode. A method that counts drugs
// apart from ECT does not count a failed course of ECT among the drugs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace stardsim {

/// What a patient has behind him when he is staged. A trial has failed when it
/// ended without remission; it was adequate when dose, duration and adherence
/// were.
struct TreatmentHistory {
  /// Adequate or not. No method counts inadequate trials: what lies between
  /// this and the next is pseudo-resistance.
  unsigned failed_trials = 0;
  /// Drugs, procedures and psychotherapies alike, augmenting or not, and those
  /// before entry; a failed course of ECT is one of them.
  unsigned adequate_failed_trials = 0;
  unsigned augmentations = 0;  ///< attempts that augmented or combined
  /// Distinct classes among the adequate failed trials, as the scenario names
  /// them; at most as many.
  unsigned adequate_failed_classes = 0;
  /// Adequate failed trials beyond the least adequate dose or duration. Counted
  /// by `mgh` only; 0 where nobody keeps account of it.
  unsigned optimised_failed_trials = 0;
  bool tca_failed = false, maoi_failed = false;  ///< in adequate trials
  bool ect_used = false, ect_failed = false;     ///< an adequate course failed
  double resistant_weeks = 0;  ///< since the start of the first failed trial
  double episode_months = 0;   ///< of the present episode, so far
  double severity = 0;         ///< QIDS-SR16, 0 to 27
  bool psychotic = false;
};

/// How resistance to treatment is graded.
enum class StagingMethod {
  trd,         ///< FDA, EMA: two adequate trials failed, of any class
  thase_rush,  ///< stages 0 to V
  mgh,         ///< points for failed trials, augmentation and ECT
  european,    ///< non-responder, resistant by duration, chronic
  maudsley     ///< points for duration, severity and treatments; 3 to 15
};
inline constexpr std::size_t staging_method_count = 5;

/// How many levels a method has; levels are numbered from 0, the least
/// resistant.
std::size_t level_count(StagingMethod);
/// "trd", "thase_rush", "mgh", "european", "maudsley".
const char* name_of(StagingMethod);
/// What a level is called: "stage II", "score 3.5", "TRD". Throws
/// std::out_of_range for a level that the method does not have.
std::string level_name(StagingMethod, std::size_t level);

/// The level of a patient; cheap, for the course of every patient.
///
/// `trd`: 0 or 1 (TRD).
///
/// `thase_rush`: 0 to 5. I: an adequate trial failed. II: two, of distinct
/// classes. III: and a TCA. IV: and an MAOI. V: and ECT; that it be bilateral
/// is left to what the scenario calls ECT. A stage needs the one before it: a
/// failed MAOI without a TCA is stage II.
///
/// `mgh`: twice the score, 0 to 40; a score above 20 counts as 20. Score: 1 for
/// each adequate failed trial but ECT, 0.5 for each of them that was optimised,
/// 0.5 for each augmentation or combination, 3 if ECT failed.
///
/// `european`: 0 (no adequate trial failed), 1 (A: non-responder), 2 to 6 (B:
/// TRD 1 to 5), 7 (C: chronic resistant). A has failed adequate trials of one
/// class; B of at least two. The published weeks of TRD 1 to 5 (12-16, 18-24,
/// 24-32, 30-40, 36-52) overlap and leave gaps: the stage is the highest whose
/// first week is reached, TRD 1 where none is. C is a B of more than 12 months
/// with an augmentation among its treatments.
///
/// `maudsley`: the total of 3 to 15 less 3. Duration: up to 12 months 1, up to
/// 24 months 2, longer 3. Severity by the bands of QIDS-SR16, rounded to whole
/// points (to 5 subsyndromal, to 10 mild, to 15 moderate, above severe): 1 to
/// 4, and 5 if severe and psychotic. Failed adequate trials but ECT: none to 2
/// give 1, to 4 2, to 6 3, to 10 4, more 5. Augmentation 1; ECT, failed or not,
/// 1.
std::size_t level_of(StagingMethod, const TreatmentHistory&);

}  // namespace stardsim
