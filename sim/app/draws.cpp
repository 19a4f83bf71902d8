#include "sim/app/draws.hpp"

#include "models/variant_law.hpp"
#include "sim/app/curve_sheet.hpp"
#include "sim/app/decision_sheets.hpp"
#include "sim/app/sheet.hpp"
#include "sim/core/draws.hpp"
#include "sim/core/shared_work.hpp"
#include "sim/io/decision_tables.hpp"
#include "sim/io/draw_tables.hpp"
#include "sim/io/problems.hpp"
#include "sim/io/row_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <utility>

namespace stardsim {
namespace {

constexpr std::uint32_t usual_draws = 1000;

using Clock = std::chrono::steady_clock;

bool has_common_luck(const Scenario& scenario) {
  return scenario.uncertainty && scenario.uncertainty->luck == DrawLuck::common;
}

ParameterDraws parameters_of_file(const ScenarioFile& file) {
  try {
    return ParameterDraws(file.scenario);
  } catch (const std::invalid_argument& error) {
    throw BadScenario({file.path.string() + ": " + error.what()});
  }
}

void refuse_more_than_external(const ScenarioFile& file, std::uint32_t draws) {
  if (!file.scenario.uncertainty) return;
  for (const ExternalDraws& external : file.scenario.uncertainty->external)
    for (const auto& column : external.columns)
      if (column.size() < draws)
        throw BadUsage(
            fmt::format("--draws {}: {} has {} rows, one for each draw ({}: "
                        "uncertainty.external.{})",
                        draws, external.file, column.size(), file.path.string(),
                        external.name));
}

// The draws' rows may be on the disk, but decisions are weighed in memory.
void refuse_more_than_memory(const ProbabilisticRun& run) {
  const double bytes = bytes_to_decide(run);
  constexpr double most = 8e9;
  if (bytes > most)
    throw BadUsage(fmt::format(
        "--draws {}: to weigh decisions takes {:.1f} GB of memory, and at most "
        "{:.0f} GB are used; {} draws would fit",
        run.draws, bytes / 1e9, most / 1e9,
        static_cast<std::uint64_t>(run.draws * most / bytes)));
}

// Where luck is common the mean of draws is compared with what the same
// patients give with the scenario's own numbers, so that luck falls out.
StatedOutcomes stated_of(const ScenarioFile& file, const Law& law,
                         const Tally& tally, const Expectation* exact,
                         const ProbabilisticRun& run, const Options& options) {
  if (!run.common_luck) return stated_outcomes(file.scenario, tally, exact);
  RunOptions same;
  same.patients = run.patients;
  same.luck.seed = file.scenario.cohort.seed;
  same.threads = options.threads;
  same.instruction_set = options.instruction_set;
  StatedOutcomes stated =
      stated_outcomes(file.scenario, simulate(law, same), nullptr);
  std::fill(stated.se.begin(), stated.se.end(), 0);
  std::fill(stated.difference_se.begin(), stated.difference_se.end(), 0);
  return stated;
}

// Whole draws: their rows stay at rank 0, and are reported elsewhere.
class DrawWork : public SharedWork {
 public:
  using Simulate = std::function<std::uint64_t(
      const Spans&, const std::function<bool()>& pause,
      const std::function<void(std::uint32_t, std::vector<std::byte>)>& take)>;

  DrawWork(Simulate simulate, const Ranks& ranks, DrawRows* rows)
      : simulate_(std::move(simulate)), ranks_(ranks), rows_(rows) {}

  void set_rows(DrawRows* rows) { rows_ = rows; }
  std::uint64_t piece() const override { return 1; }
  std::uint64_t work(const Spans& draws,
                     const std::function<bool()>& pause) override {
    return simulate_(draws, pause,
                     [this](std::uint32_t draw, std::vector<std::byte> row) {
                       if (ranks_.is_first()) return rows_->write(draw, row);
                       const std::lock_guard lock(reporting_);
                       report_.number(draw);
                       report_.bytes(row);
                     });
  }
  Bytes report() override { return std::exchange(report_, {}).made(); }
  void take(std::span<const std::byte> reported) override {
    for (BytesIn in(reported); !in.at_end();) {
      const auto draw = static_cast<std::uint32_t>(in.number());
      rows_->write(draw, in.bytes());
    }
  }

 private:
  const Simulate simulate_;
  const Ranks& ranks_;
  DrawRows* rows_;  // at rank 0
  std::mutex reporting_;
  BytesOut report_;
};

std::vector<PerspectiveDecision> decisions_of(const Scenario& scenario,
                                              const ProbabilisticRun& run,
                                              const DrawRows& rows,
                                              const DrawCost& cost) {
  std::vector<PerspectiveDecision> decisions;
  if (run.pathways.size() < 2 || !scenario.economics) return decisions;
  const Economics& economics = *scenario.economics;
  for (std::size_t v = 0; v < run.perspectives.size(); ++v)
    decisions.push_back(decision_uncertainty(
        decision_draws(run, rows, v), run.perspectives[v],
        fmt::format("{} {}", economics.currency, economics.price_year),
        economics.thresholds,
        scenario.uncertainty ? scenario.uncertainty->groups
                             : std::vector<ParameterGroup>{},
        cost));
  return decisions;
}

// What a draw costs, as those made now did; nothing is known where none was.
DrawCost cost_of(double seconds_of_laws, const DrawsDone& done,
                 std::uint64_t made) {
  if (made == 0) return {};
  const auto draws = static_cast<double>(made);
  DrawCost cost;
  cost.seconds_per_draw = seconds_of_laws / draws;
  cost.seconds_per_patient =
      std::max(
          done.seconds * done.facts.threads / draws - cost.seconds_per_draw,
          0.0) /
      static_cast<double>(done.run.patients);
  return cost;
}

}  // namespace

std::uint32_t draws_asked(const Scenario& scenario, const Options& options) {
  if (!options.draws) return 0;
  if (*options.draws) return **options.draws;
  return scenario.uncertainty ? scenario.uncertainty->draws : usual_draws;
}

std::uint64_t draw_patients_of(const Scenario& scenario,
                               const Options& options) {
  if (options.draw_patients) return *options.draw_patients;
  return scenario.uncertainty ? scenario.uncertainty->patients
                              : Uncertainty{}.patients;
}

DrawPlan plan_draws(const ScenarioFile& file, const Options& options) {
  const Scenario& scenario = file.scenario;
  DrawPlan plan{parameters_of_file(file), {}};
  std::vector<std::string> keys;
  for (const DrawnParameter& one : plan.parameters.drawn())
    keys.push_back(one.parameter.evidence.key);
  const std::uint32_t draws = draws_asked(scenario, options);
  plan.run =
      ProbabilisticRun(scenario, draws, draw_patients_of(scenario, options),
                       has_common_luck(scenario), keys);
  refuse_more_than_external(file, draws);
  refuse_more_than_memory(plan.run);
  return plan;
}

std::optional<DrawsDone> make_draws(const ScenarioFile& file, const Law& law,
                                    DrawPlan plan, const Tally& tally,
                                    const Expectation* exact,
                                    const Options& options,
                                    const InterruptWatch& watch,
                                    DrawSharing sharing) {
  const Scenario& scenario = file.scenario;
  Ranks& ranks = sharing.ranks;
  DrawsDone done{std::move(plan.parameters),
                 std::move(plan.run),
                 std::move(sharing.rows),
                 {},
                 {},
                 {},
                 0};
  const ParameterDraws& parameters = done.parameters;
  DrawOptions draw;
  draw.count = done.run.draws;
  draw.patients = done.run.patients;
  draw.seed = scenario.cohort.seed;
  draw.common_luck = done.run.common_luck;
  draw.threads = options.threads;
  draw.instruction_set = options.instruction_set;
  draw.stop = [&watch] { return watch.interrupted(); };
  const std::uint64_t to_do = size_of(sharing.left);
  std::uint64_t draws_before = draw.count - to_do;
  ProgressLine line(draw.count * draw.patients, "draws");
  draw.progress = [&](std::uint64_t draws) {
    line.show(
        (draws_before + draws * static_cast<std::uint64_t>(ranks.size())) *
        draw.patients);
  };
  const auto begin = Clock::now();
  const VariantLaws laws(scenario);
  std::atomic<std::int64_t> making{0};  // nanoseconds of all threads
  const auto law_of = [&](std::uint32_t number) {
    const auto start = Clock::now();
    Law made =
        laws.compile(parameters.scenario(parameters.values(draw.seed, number)),
                     Intercepts::solved);
    making += std::chrono::nanoseconds(Clock::now() - start).count();
    return made;
  };
  DrawWork work(
      [&](const Spans& draws, const std::function<bool()>& pause,
          const auto& take) {
        const auto count = [&](std::uint32_t number, const Tally& counted) {
          const auto values = parameters.values(draw.seed, number);
          take(number, done.run.row(values, parameters.had_to_be_cut(values),
                                    scenario, counted));
        };
        try {
          return simulate_some_draws(draw, draws, pause, law_of, count,
                                     &done.facts);
        } catch (const std::invalid_argument& error) {
          throw BadScenario({file.path.string() + ": " + error.what()});
        }
      },
      ranks, done.rows.get());
  Rounds rounds;
  rounds.stop = [&watch] { return watch.interrupted(); };
  rounds.due = sharing.due;
  rounds.between = [&](const Spans& left) {
    draws_before = draw.count - size_of(left);
    if (!sharing.keep) return;
    done.rows = sharing.keep(std::move(done.rows), done.run, left);
    work.set_rows(done.rows.get());
  };
  const Spans left = share(ranks, sharing.left, work, rounds);
  together(ranks, [&] {
    if (!left.empty()) throw Interrupted();
  });
  if (!ranks.is_first()) return std::nullopt;
  const std::chrono::duration<double> seconds = Clock::now() - begin;
  done.seconds = seconds.count();
  done.summary =
      summarise(done.run, *done.rows,
                stated_of(file, law, tally, exact, done.run, options));
  done.decisions = decisions_of(
      scenario, done.run, *done.rows,
      cost_of(std::chrono::duration<double>(std::chrono::nanoseconds(making))
                  .count(),
              done, to_do));
  return done;
}

void write_draws(NetcdfFile& file, const DrawsDone& done) {
  write_draws(file, done.run, *done.rows);
  write_uncertainty(file, done);
}

void write_uncertainty(NetcdfFile& file, const DrawsDone& done) {
  write_uncertainty(file, done.run, done.summary, done.parameters.drawn(),
                    done.parameters.fixed());
  write_decision(file, done.decisions);
}

// ---- for people ----

namespace {

std::string interval(double low, double high, int decimals) {
  if (std::isnan(low)) return "-";
  return with_decimals(low, decimals) + " to " + with_decimals(high, decimals);
}

// What is told of one outcome; `scale` makes per cent of shares.
std::vector<std::string> cells(const UncertainOutcome& one, double scale) {
  const CredibleSpread& spread = one.spread;
  const double sd = spread.sd > 0 ? spread.sd : spread.sd_naive;
  constexpr int usual = 3, most = 6;
  const int decimals = sd > 0
                           ? std::clamp(decimals_worth(scale * sd), 0, most)
                           : (std::fabs(scale * one.stated) < 10 ? usual : 1);
  return {with_decimals(scale * one.stated, decimals),
          with_decimals(scale * spread.mean, decimals),
          interval(scale * spread.low, scale * spread.high, decimals),
          with_error(scale * one.gap, scale * one.gap_se)};
}

const std::vector<std::string> columns{"deterministic", "mean of draws",
                                       "95 % interval", "gap (its error)"};

std::string luck_note(const ProbabilisticRun& run,
                      const ProbabilisticSummary& summary) {
  if (run.common_luck)
    return "Luck is common to all draws: what of their spread it moves cannot "
           "be told, and nothing\nis corrected.";
  double least = 1, most = 0;
  bool is_hidden = false;
  for (std::size_t p = 0; p < run.pathways.size(); ++p)
    for (std::size_t e = 0; e < estimand_count; ++e) {
      const CredibleSpread& spread =
          summary.outcomes[p * run.measures.size() + e].spread;
      if (std::isnan(spread.luck_share)) continue;
      least = std::min(least, spread.luck_share);
      most = std::max(most, spread.luck_share);
      is_hidden = is_hidden || std::isnan(spread.sd);
    }
  if (least > most) return "";
  std::string share = fmt::format("{:.0f}", 100 * least);
  if (const auto highest = fmt::format("{:.0f}", 100 * most); highest != share)
    share += " to " + highest;
  std::string note = fmt::format(
      "Luck made {} % of the variance between draws; intervals are corrected "
      "for it.",
      share);
  if (is_hidden)
    note +=
        "\n-: the uncertainty of the numbers cannot be told apart from luck; "
        "more patients a draw\n(--draw-patients) would.";
  return note;
}

Sheet remission_sheet(const Scenario& scenario, const DrawsDone& done) {
  const ProbabilisticRun& run = done.run;
  Sheet sheet;
  sheet.title =
      "Remission under the uncertainty of the numbers, % of the cohort by the "
      "horizon";
  sheet.header = {"pathway", "estimand"};
  sheet.header.insert(sheet.header.end(), columns.begin(), columns.end());
  sheet.words = 2;
  std::vector<std::size_t> order{0, 1, 2};
  const auto first = static_cast<std::size_t>(scenario.estimand);
  std::rotate(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(first),
              order.begin() + static_cast<std::ptrdiff_t>(first) + 1);
  for (std::size_t p = 0; p < run.pathways.size(); ++p)
    for (const std::size_t e : order) {
      std::vector<std::string> row{run.pathways[p],
                                   words_for(static_cast<Estimand>(e))};
      for (std::string& cell :
           cells(done.summary.outcomes[p * run.measures.size() + e], 100))
        row.push_back(std::move(cell));
      sheet.rows.push_back(std::move(row));
    }
  sheet.note = luck_note(run, done.summary);
  return sheet;
}

// Costs of the perspective reported first, and QALYs; of the other pathways
// also the difference from the reference.
Sheet outcome_sheet(const Scenario& scenario, const DrawsDone& done) {
  const ProbabilisticRun& run = done.run;
  Sheet sheet;
  sheet.title = fmt::format(
      "Costs ({} {}) and QALYs under the uncertainty of the numbers, a patient",
      scenario.economics->currency, scenario.economics->price_year);
  sheet.header = {"pathway", "outcome"};
  sheet.header.insert(sheet.header.end(), columns.begin(), columns.end());
  sheet.words = 2;
  const auto add = [&](std::size_t p, std::size_t m, const char* what) {
    const std::size_t at = p * run.measures.size() + m;
    const auto row = [&](const UncertainOutcome& one, std::string name) {
      std::vector<std::string> made{run.pathways[p], std::move(name)};
      for (std::string& cell : cells(one, 1)) made.push_back(std::move(cell));
      sheet.rows.push_back(std::move(made));
    };
    row(done.summary.outcomes[at], what);
    if (p != run.reference)
      row(done.summary.differences[at],
          std::string(what) + ", less " + run.pathways[run.reference]);
  };
  for (std::size_t p = 0; p < run.pathways.size(); ++p) {
    add(p, run.decision.costs[run.perspective], "cost");
    add(p, run.decision.effect, "QALYs");
  }
  return sheet;
}

}  // namespace

std::string draws_text(const Scenario& scenario, const DrawsDone& done,
                       const Options& options, const Screen& screen) {
  const ProbabilisticRun& run = done.run;
  std::string text = fmt::format(
      "\n{}\n{} of {}, {} luck; {} drawn, {} held\n",
      screen.bold("Uncertainty of the scenario's numbers"),
      counted(run.draws, "draw"), counted(run.patients, "patient"),
      run.common_luck ? "common" : "independent",
      counted(run.keys.size(), "parameter"), done.parameters.fixed().size());
  if (run.keys.empty())
    text += "No number has a distribution: draws differ by luck alone.\n";
  if (const std::uint32_t cut = done.summary.cut_draws; cut > 0)
    text += fmt::format(
        "In {} probabilities of one arm summed to more than 1 and were cut.\n",
        counted(cut, "draw"));
  text += as_text(remission_sheet(scenario, done), screen);
  if (!run.perspectives.empty())
    text += as_text(outcome_sheet(scenario, done), screen);
  for (const Sheet& sheet : decision_sheets(done.decisions, options.all))
    text += as_text(sheet, screen);
  return text + "\n" +
         screen.dim(
             "Intervals: 95 %, of the uncertainty of the numbers (credible). "
             "Gap: mean of draws less\ndeterministic, with its Monte Carlo "
             "error in brackets.") +
         "\n";
}

std::string draws_hint(const Scenario& scenario, const Options& options) {
  if (!scenario.uncertainty || options.draws) return "";
  return fmt::format(
      "\nUncertainty of the numbers: --draws makes the scenario's {} of {}\n",
      counted(scenario.uncertainty->draws, "draw"),
      counted(scenario.uncertainty->patients, "patient"));
}

}  // namespace stardsim
