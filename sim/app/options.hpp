// What the command line asks for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace stardsim {

enum class Command {
  run,
  compare,
  report,
  calibrate,
  check,
  validate,
  describe,
  exact,
  sensitivity,
  alternatives,
  replay
};

enum class TableFormat { text, csv, markdown, json };

struct Options {
  Command command = Command::run;
  std::vector<std::filesystem::path> scenarios;  ///< to compare: results too
  std::optional<std::filesystem::path> output;
  std::optional<std::uint64_t> patients, seed;  ///< instead of the file's
  int threads = 0;                              ///< 0: one for each core
  std::string instruction_set;                  ///< "": the fastest
  std::optional<std::string> until;             ///< run to this precision
  std::uint64_t max_patients = 100'000'000;     ///< of `until`
  /// Uncertainty draws: so many; without a number, as the scenario says.
  std::optional<std::optional<std::uint32_t>> draws;
  std::optional<std::uint64_t>
      draw_patients;             ///< of each; none: the scenario's
  double checkpoint_every = 60;  ///< seconds
  bool resume = false;           ///< from the checkpoint beside the output
  bool extend = false;           ///< the finished output
  bool timing = false;
  bool weeks = false;
  std::optional<std::uint64_t> trace;    ///< patients whose histories are kept
  std::optional<std::string> trace_if;   ///< subgroup: of them its members
  std::uint64_t patient = 0;             ///< to replay
  std::optional<std::string> pathway;    ///< to replay, or to look at
  bool if_all_continue = false;          ///< replay that course
  std::optional<std::string> reference;  ///< to compare with
  std::optional<std::string> perspective;  ///< of costs; none: the files'
  std::vector<double> thresholds;  ///< ascending, >= 0; none: the files'
  // sensitivity
  std::vector<std::string> parameters;  ///< keys, patterns, ranges; none: all
  std::optional<std::string> measure;   ///< none: by the scenario
  std::optional<std::string> against;   ///< pathway
  bool two_way = false;
  bool recalibrate = false;  ///< solve all intercepts anew in each variant
  // calibrate
  std::filesystem::path targets;  ///< to calibrate to
  bool at_mode = false;           ///< write the mode, not the posterior means
  TableFormat format = TableFormat::text;
  bool all = false;   ///< every table of a run, every outcome compared
  bool json = false;  ///< one JSON document on standard output
};

/// The command line cannot be used; the message is one line that says why.
class BadUsage : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Help or the version was asked for; the message is the text.
class HelpAsked : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws BadUsage or HelpAsked.
Options parse_options(int argc, const char* const* argv);

}  // namespace stardsim
