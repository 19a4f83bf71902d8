// Simulation-based calibration (Talts et al. 2018, arXiv 1804.06788): if truths
// are drawn from the prior and figures are made from each by the engine, the
// rank of a truth among independent draws of its posterior is uniform.
#include "models/variant_law.hpp"
#include "sim/analysis/calibration.hpp"
#include "sim/analysis/published.hpp"
#include "sim/core/simulate.hpp"
#include "sim/io/scenario_reader.hpp"
#include "sim/io/targets_reader.hpp"
#include "tests/program.hpp"

#include <boost/math/distributions/chi_squared.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

using namespace stardsim;
using namespace stardsim::test;

namespace {

constexpr std::size_t truths = 50, draws = 99, bins = 10;
constexpr std::uint64_t patients = 4000;  // of each simulation in the search

const std::string scenario_text = R"([scenario]
title = "Two steps and relapse"
reference = "usual"
estimand = "observed"
horizon = 80
[pathways]
usual = ["first", "second"]
[steps.first]
weeks = 14
remission = 0.35
remission_time = { distribution = "gamma", shape = 3, scale = 2.554 }
continue_if_not_remitted = 0.6
[steps.first.follow_up.remitted]
relapse = { probability = { beta = [4, 6] }, by = 52.18 }
after_relapse = { next_step = 0 }
[steps.second]
weeks = 14
remission = 0.25
)";
// The figures are put in from trials, each of patients of its own.
const std::string targets_text = R"([parameters]
"steps.first.remission" = { low = 0.1, high = 0.7 }
"steps.second.remission" = { low = 0.05, high = 0.6 }
"steps.first.continue_if_not_remitted" = { low = 0.2, high = 0.95 }
"steps.first.follow_up.remitted.relapse.probability" = "evidence"
[targets]
first = { quantity = "remission", step = "first", figure = { value = 0, of = 150 } }
second = { quantity = "remission", step = "second", figure = { value = 0, of = 400 } }
goes_on = { quantity = "entered", step = "second", figure = { value = 0, of = 200 } }
relapse = { quantity = "relapse", step = "first", week = 52, figure = { value = 0, of = 200 } }
ever = { quantity = "cumulative_remission", step = "second", figure = { value = 0, of = 120 } }
)";

class Study {
 public:
  Study() {
    const Folder folder;
    scenario_ =
        read_scenario(folder.write("scenario.toml", scenario_text)).scenario;
    file_ = read_targets(folder.write("targets.toml", targets_text), scenario_);
    for (const Target& target : file_.targets)
      scenario_.published.push_back(target.figure);
    laws_ = std::make_unique<VariantLaws>(scenario_);
  }

  /// Ranks of the truths, by parameter; with the errors of figures and of
  /// simulations made smaller by this factor, which is a fault.
  std::vector<std::vector<std::size_t>> ranks(double error_factor) const {
    std::vector<std::vector<std::size_t>> all(file_.parameters.size(),
                                              std::vector<std::size_t>(truths));
    class Calibrations : public Worker {
     public:
      explicit Calibrations(std::function<void(std::uint64_t)> one)
          : one_(std::move(one)) {}
      void work(std::uint64_t truth) override { one_(truth); }

     private:
      std::function<void(std::uint64_t)> one_;
    };
    in_parallel(truths, {}, [&] {
      return std::make_unique<Calibrations>([&](std::uint64_t truth) {
        const auto found = ranks_of(truth, error_factor);
        for (std::size_t p = 0; p < found.size(); ++p) all[p][truth] = found[p];
      });
    });
    return all;
  }

 private:
  std::vector<std::size_t> ranks_of(std::uint64_t truth, double factor) const {
    const std::vector<double> values = truth_of(truth);
    std::vector<Target> targets = seen_in_trials(values, truth);
    for (Target& target : targets)
      std::get<Sample>(target.figure.figure.certainty).of /= factor * factor;
    CalibrationOptions options;
    options.draws = draws;
    options.seed = truth;
    options.starts = 2;
    options.first = 400;
    options.each = 200;
    const Calibration found = calibrate(
        file_.parameters, targets,
        [&](const std::vector<std::vector<double>>& rows) {
          std::vector<std::vector<SimulatedTarget>> all;
          for (const auto& row : rows) {
            all.emplace_back();
            for (const BesidePublished& one : beside_published(
                     scenario_, tally(row, search_seed + truth, patients)))
              all.back().push_back({one.simulated, factor * one.simulated_se});
          }
          return all;
        },
        options);
    std::vector<std::size_t> ranks;
    for (std::size_t p = 0; p < values.size(); ++p)
      ranks.push_back(static_cast<std::size_t>(std::count_if(
          found.draws.begin(), found.draws.end(),
          [&](const auto& draw) { return draw[p] < values[p]; })));
    return ranks;
  }

  /// From the prior.
  std::vector<double> truth_of(std::uint64_t truth) const {
    WordEngine words({truth_seed, 0}, truth, Purpose::test);
    std::vector<double> values;
    for (const FreeParameter& free : file_.parameters)
      values.push_back(quantile(
          free.prior, (static_cast<double>(words()) + 0.5) / 4294967296.0));
    return values;
  }

  /// Each figure is that of a trial of its own: so many patients whom the
  /// engine treats with the true values, with another luck.
  std::vector<Target> seen_in_trials(const std::vector<double>& values,
                                     std::uint64_t truth) const {
    std::vector<Target> targets = file_.targets;
    for (std::size_t t = 0; t < targets.size(); ++t) {
      Evidence& figure = targets[t].figure.figure;
      auto& of = std::get<Sample>(figure.certainty).of;
      const Tally trial = tally(values, trial_seed + truth * targets.size() + t,
                                static_cast<std::uint64_t>(of));
      figure.value = beside_published(scenario_, trial).at(t).simulated;
      of = sample_of(trial, targets[t].figure);
    }
    return targets;
  }

  /// Those among whom the figure is a share.
  static double sample_of(const Tally& trial, const Published& figure) {
    const auto& course = trial.pathways[0].course[1];
    using What = Published::What;
    if (figure.what == What::remission)
      return static_cast<double>(course.step(*figure.step).entered);
    if (figure.what == What::relapse)  // all who remitted are followed
      return static_cast<double>(course.step(*figure.step).remission);
    return static_cast<double>(trial.patients);
  }

  Tally tally(const std::vector<double>& values, std::uint64_t seed,
              std::uint64_t of_patients) const {
    std::vector<Setting> settings;
    for (std::size_t p = 0; p < values.size(); ++p)
      settings.push_back(
          {file_.parameters[p].parameter.evidence.key, values[p]});
    RunOptions run;
    run.patients = of_patients;
    run.luck.seed = seed;
    run.threads = 1;
    return simulate(
        laws_->compile(with(scenario_, settings), Intercepts::solved), run);
  }

  static constexpr std::uint64_t truth_seed = 1804, trial_seed = 1'000'000,
                                 search_seed = 2'000'000;
  Scenario scenario_;
  TargetsFile file_;
  std::unique_ptr<VariantLaws> laws_;
};

double chi_square(const std::vector<std::size_t>& ranks) {
  std::array<double, bins> counts{};
  for (const std::size_t rank : ranks) ++counts[rank * bins / (draws + 1)];
  const double expected = static_cast<double>(truths) / bins;
  double sum = 0;
  for (const double count : counts)
    sum += (count - expected) * (count - expected) / expected;
  return sum;
}

}  // namespace

TEST_CASE("Ranks of known truths in their posteriors are uniform",
          "[calibration][slow]") {
  const Study study;
  const auto honest = study.ranks(1);
  // 50 ranks of 0 to 99 in ten bins, five expected in each: chi-square with 9
  // degrees of freedom. One of the parameters fails by chance in 1 % of such
  // studies (Bonferroni).
  const boost::math::chi_squared law(bins - 1);
  const double limit = boost::math::quantile(
      boost::math::complement(law, 0.01 / static_cast<double>(honest.size())));
  const auto mean = [](const std::vector<std::size_t>& ranks) {
    return std::accumulate(ranks.begin(), ranks.end(), 0.0) / truths;
  };
  for (const auto& ranks : honest) CHECK(chi_square(ranks) < limit);
  // The same with errors of half their size, the variance a quarter: found.
  const auto faulty = study.ranks(0.5);
  double worst = 0;
  for (std::size_t p = 0; p < faulty.size(); ++p) {
    WARN("parameter " << p + 1 << ": chi-square " << chi_square(honest[p])
                      << " (limit " << limit << "), mean rank "
                      << mean(honest[p]) << "; with a quarter of the variance "
                      << chi_square(faulty[p]));
    worst = std::max(worst, chi_square(faulty[p]));
  }
  CHECK(worst > limit);
}
