#include "sim/io/finished_run.hpp"

#include "sim/io/result_file.hpp"
#include "sim/io/tally_table.hpp"
#include "sim/io/uncertainty_reader.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

namespace stardsim {
namespace {

// Puts the values of some draws into their rows, at `part`.
template <class Value>
void put(const std::vector<Value>& values, std::size_t part,
         std::vector<std::vector<std::byte>>& rows) {
  const std::size_t count = values.size() / rows.size();
  for (std::size_t d = 0; d < rows.size() && count > 0; ++d)
    std::memcpy(rows[d].data() + part, &values[d * count],
                count * sizeof(Value));
}

// Draws are read a few at a time: [first, first + rows.size()) from 0.
void read_some(const ResultFile& file, const ProbabilisticRun& run,
               std::uint64_t draws, std::uint64_t first,
               std::vector<std::vector<std::byte>>& rows) {
  const RowLayout& layout = run.layout;
  const std::size_t pathways = run.pathways.size(),
                    measures = run.measures.size(), all = run.quantities();
  const auto part = [&](const char* name, ResultFile::Shape shape, auto zero) {
    shape.insert(shape.begin(), draws);
    return file.part_of_numbers<decltype(zero)>(std::string("draws/") + name,
                                                shape, first, rows.size());
  };
  const ResultFile::Shape figures{pathways, measures};
  put(part("mean", figures, double{}), layout.mean, rows);
  put(part("se", figures, double{}), layout.se, rows);
  put(part("difference_se", figures, double{}), layout.difference_se, rows);
  if (!run.perspectives.empty())
    put(part("decision_covariance", {run.perspectives.size(), all, all},
             double{}),
        layout.decision_covariance, rows);
  if (!run.keys.empty())
    put(part("parameter_value", {run.keys.size()}, double{}), layout.parameters,
        rows);
  std::vector<std::uint32_t> remitted;
  for (const double share :
       part("cumulative_remission", {pathways, estimand_count, run.weeks},
            double{}))
    remitted.push_back(static_cast<std::uint32_t>(
        std::llround(share * static_cast<double>(run.patients))));
  put(remitted, layout.remitted, rows);
  std::vector<std::uint32_t> was_cut;
  for (const std::uint16_t cut : part("was_cut", {}, std::uint16_t{}))
    was_cut.push_back(cut);
  put(was_cut, layout.was_cut, rows);
}

}  // namespace

FinishedRun read_finished(const std::filesystem::path& path) {
  FinishedRun made;
  read_safely(path, [&](const ResultFile& file) {
    require_result(file);
    made = {};
    made.identity = {
        {"scenario", file.text_attribute("scenario_sha256") +
                         (file.has_attribute("data_files")
                              ? " " + file.text_attribute("data_files")
                              : "")},
        {"compiled tables", file.text_attribute("law_sha256")},
        {"version", file.text_attribute("program_version") + " " +
                        file.text_attribute("commit")},
        {"seed", std::to_string(file.number_attribute("seed"))}};
    made.patients = file.number_attribute("patients");
    if (!file.has("tally"))
      file.refuse(
          "it does not have the counts that a run can be extended from: an "
          "earlier version made it");
    made.tally = read_tally_bytes(file);
    made.has_histories = file.has("patients");
    if (!file.has("draws")) return;
    const std::uint64_t draws = file.number_attribute("draws", "draws");
    made.draw_patients = file.number_attribute("draws", "patients");
    if (draws == 0 || draws > max_draws ||
        made.draw_patients < fewest_draw_patients ||
        made.draw_patients > most_draw_patients)
      file.refuse(
          "the number of draws, or of their patients, is none of a run");
    made.draws = static_cast<std::uint32_t>(draws);
  });
  return made;
}

void read_draw_rows(const std::filesystem::path& path,
                    const ProbabilisticRun& run, std::uint32_t draws,
                    DrawRows& to) {
  const auto at_once = static_cast<std::uint32_t>(
      std::max<std::size_t>(most_read_at_once / run.layout.size, 1));
  for (std::uint32_t first = 0; first < draws; first += at_once) {
    std::vector<std::vector<std::byte>> rows(
        std::min(at_once, draws - first),
        std::vector<std::byte>(run.layout.size));
    read_safely(path, [&](const ResultFile& file) {
      read_some(file, run, draws, first, rows);
    });
    for (std::uint32_t d = 0; d < rows.size(); ++d)
      to.write(first + d + 1, rows[d]);
  }
}

}  // namespace stardsim
