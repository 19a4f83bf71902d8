#include "sim/io/uncertainty_report_reader.hpp"

#include "sim/io/decision_tables.hpp"
#include "sim/io/problems.hpp"
#include "sim/io/result_file.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace stardsim {
namespace {

using Texts = ResultFile::Texts;

/// On average over draws; zero where luck is common.
std::vector<Eigen::MatrixXd> read_noise(const ResultFile& file,
                                        const ReportedDraws& of) {
  const std::size_t perspectives = of.cost.size(),
                    size = 2 * of.pathways.size();
  std::vector<Eigen::MatrixXd> noise(
      perspectives, Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(size),
                                          static_cast<Eigen::Index>(size)));
  if (perspectives == 0 || of.luck == "common") return noise;
  const auto values = file.numbers<double>(
      "/draws/decision_covariance", {of.draws, perspectives, size, size});
  const double weight = 1 / static_cast<double>(of.draws);
  std::size_t at = 0;
  for (std::uint64_t draw = 0; draw < of.draws; ++draw)
    for (Eigen::MatrixXd& sum : noise)
      for (Eigen::Index i = 0; i < sum.rows(); ++i)
        for (Eigen::Index j = 0; j < sum.cols(); ++j)
          sum(i, j) += weight * values[at++];
  return noise;
}

/// The files of sensitivity and alternatives.
void require_kind(const ResultFile& file, const std::string& kind) {
  if (!file.has_attribute("kind") || file.text_attribute("kind") != kind)
    file.refuse("no file of stardsim " + kind);
  const std::uint64_t version = file.number_attribute("format_version");
  if (version != 1)
    file.refuse("format_version is " + std::to_string(version) +
                "; this program reads 1: run stardsim " + kind + " again");
}

void read_provenance(const ResultFile& file, const std::filesystem::path& path,
                     ReportedAnalysis& analysis) {
  analysis.file = path;
  analysis.scenario_file = file.text_attribute("scenario_file");
  analysis.scenario_sha256 = file.text_attribute("scenario_sha256");
  analysis.command_line = file.text_attribute("command_line");
  analysis.patients = file.number_attribute("patients");
}

void read_pathways(const ResultFile& file, const std::string& group,
                   ReportedAnalysis& analysis) {
  analysis.pathways = file.names(group + "/pathway");
  analysis.pathway_labels =
      file.texts(group + "/pathway_label", {analysis.pathways.size()});
}

/// At the ends of ranges, along the swings.
void read_swings(const ResultFile& file, ReportedSensitivity& read) {
  const std::string group = "/sensitivity/";
  const Texts keys = file.names(group + "parameter");
  const auto texts = [&](const char* name) {
    return file.texts(group + name, {keys.size()});
  };
  const auto numbers = [&](const char* name) {
    return file.numbers<double>(group + name, {keys.size()});
  };
  const Texts labels = texts("label"), units = texts("unit"),
              best_at_low = texts("best_at_low"),
              best_at_high = texts("best_at_high");
  const auto base = numbers("base"), low = numbers("low"),
             high = numbers("high"), at_low = numbers("difference_at_low"),
             at_high = numbers("difference_at_high"),
             switches_at = numbers("switches_at");
  for (std::size_t i = 0; i < keys.size(); ++i)
    read.swings.push_back({keys[i], labels[i], units[i], base[i], low[i],
                           high[i], at_low[i], at_high[i], best_at_low[i],
                           best_at_high[i], switches_at[i]});
  const auto width = [&](const ReportedSwing& swing) {
    const auto [least, most] =
        std::minmax({swing.at_low, swing.at_high, read.base});
    return most - least;
  };
  std::stable_sort(read.swings.begin(), read.swings.end(),
                   [&](const ReportedSwing& one, const ReportedSwing& other) {
                     return width(one) > width(other);
                   });
}

ReportedTwoWay read_two_way(const ResultFile& file) {
  ReportedTwoWay read;
  read.first = file.text_attribute("/two_way", "first_parameter");
  read.second = file.text_attribute("/two_way", "second_parameter");
  read.first_label = file.text_attribute("/two_way", "first_label");
  read.second_label = file.text_attribute("/two_way", "second_label");
  read.first_values = file.list("/two_way/first");
  read.second_values = file.list("/two_way/second");
  const ResultFile::Shape shape{read.first_values.size(),
                                read.second_values.size()};
  read.difference = file.numbers<double>("/two_way/difference", shape);
  read.best = file.texts("/two_way/best", shape);
  return read;
}

/// Labels and units of measures, or their names where the file has none.
Texts texts_or(const ResultFile& file, const std::string& name,
               const Texts& otherwise) {
  return file.has(name) ? file.texts(name, {otherwise.size()}) : otherwise;
}

}  // namespace

DecisionDraws ReportedUncertainty::plane(std::size_t perspective,
                                         std::size_t reference) const {
  DecisionDraws plane;
  plane.strategies = draws.pathways;
  plane.reference = reference;
  plane.patients = draws.patients;
  const auto rows = static_cast<Eigen::Index>(draws.draws);
  const auto columns = static_cast<Eigen::Index>(draws.pathways.size());
  plane.cost.resize(rows, columns);
  plane.effect.resize(rows, columns);
  for (Eigen::Index p = 0; p < columns; ++p) {
    const auto pathway = static_cast<std::size_t>(p);
    plane.cost.col(p) =
        Eigen::VectorXd::Map(draws.cost[perspective][pathway].data(), rows);
    plane.effect.col(p) =
        Eigen::VectorXd::Map(draws.effect[pathway].data(), rows);
  }
  plane.noise = noise[perspective];
  return plane;
}

std::optional<ReportedUncertainty> read_uncertainty(
    const ResultFile& file, const std::vector<std::string>& pathways,
    std::size_t weeks) {
  if (!has_draws(file)) return std::nullopt;
  ReportedUncertainty read;
  read.draws = read_draws(file);
  if (read.draws.pathways != pathways)
    file.refuse("damaged: /draws and /curves are of other pathways");
  for (const auto& bands : read.draws.bands)
    for (const ReportedBand& band : bands)
      if (band.mean.size() != weeks)
        file.refuse(
            "damaged: /uncertainty/curves has other weeks than /curves");
  read.noise = read_noise(file, read.draws);
  if (read.draws.cost.empty()) return read;
  read.decisions = read_decision(file);
  for (const PerspectiveDecision& decision : read.decisions)
    if (decision.strategies != pathways)
      file.refuse("damaged: /uncertainty/decision is of other pathways");
  return read;
}

ReportedKind kind_of_report(const std::filesystem::path& path) {
  ReportedKind kind = ReportedKind::result;
  read_safely(path, [&](const ResultFile& file) {
    const std::string name =
        file.has_attribute("kind") ? file.text_attribute("kind") : "";
    kind = name == "sensitivity"    ? ReportedKind::sensitivity
           : name == "alternatives" ? ReportedKind::alternatives
                                    : ReportedKind::result;
  });
  return kind;
}

ReportedSensitivity read_sensitivity(const std::filesystem::path& path) {
  ReportedSensitivity read;
  read_safely(path, [&](const ResultFile& file) {
    read = ReportedSensitivity{};
    require_kind(file, "sensitivity");
    read_provenance(file, path, read);
    const std::string group = "/sensitivity";
    read_pathways(file, group, read);
    read.measure = file.text_attribute(group, "measure");
    read.long_name = file.text_attribute(group, "long_name");
    read.unit = file.text_attribute(group, "unit");
    read.pathway = file.text_attribute(group, "pathway");
    read.against = file.text_attribute(group, "against");
    read.base = file.numbers<double>(group + "/difference_at_base", {}).at(0);
    if (file.has(group + "/parameter")) read_swings(file, read);
    if (file.has("/two_way/difference")) read.two_way = read_two_way(file);
  });
  return read;
}

ReportedAlternatives read_alternatives(const std::filesystem::path& path) {
  ReportedAlternatives read;
  read_safely(path, [&](const ResultFile& file) {
    read = ReportedAlternatives{};
    require_kind(file, "alternatives");
    read_provenance(file, path, read);
    const std::string group = "/alternatives/";
    read.long_name = file.text_attribute("/alternatives", "long_name");
    read.names = file.names(group + "alternative");
    read.labels = file.texts(group + "label", {read.names.size()});
    read_pathways(file, "/alternatives", read);
    read.measures = file.names(group + "measure");
    read.measure_labels =
        texts_or(file, group + "measure_label", read.measures);
    read.measure_units =
        texts_or(file, group + "measure_unit", Texts(read.measures.size()));
    const ResultFile::Shape shape{read.names.size(), read.pathways.size(),
                                  read.measures.size()};
    read.mean = file.numbers<double>(group + "mean", shape);
    read.se = file.numbers<double>(group + "se", shape);
    read.difference = file.numbers<double>(group + "difference_mean", shape);
    read.difference_se = file.numbers<double>(group + "difference_se", shape);
    read.chosen = file.texts(group + "chosen", {read.names.size()});
    if (!file.has(group + "best")) return;
    read.perspectives = file.names(group + "perspective");
    read.thresholds = file.list(group + "threshold");
    const ResultFile::Shape decisions{
        read.names.size(), read.perspectives.size(), read.thresholds.size()};
    read.best = file.texts(group + "best", decisions);
    read.loss = file.numbers<double>(group + "loss", decisions);
  });
  return read;
}

}  // namespace stardsim
