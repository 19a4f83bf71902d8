#include "sim/io/outcome_tables.hpp"

#include "sim/io/measure_axis.hpp"
#include "sim/io/netcdf_file.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace stardsim {
namespace {

using Numbers = std::vector<double>;
using Texts = std::vector<std::string>;
using Names = std::vector<std::string>;

constexpr std::int32_t comparison_format_version = 1;

Scale pathway_scale(const Comparison& comparison, const char* name) {
  Texts names;
  for (const Strategy& strategy : comparison.strategies())
    names.push_back(strategy.name);
  return {name, names,
          comparison.runs().size() > 1 ? "name of the run and the pathway"
                                       : "name of the pathway",
          ""};
}

Scale perspective_scale(const std::vector<std::string>& names) {
  return {"perspective", names, "name of the perspective", ""};
}

void add_outcomes(NetcdfFile& file, const Comparison& comparison) {
  Numbers mean, sd, se;
  for (std::size_t s = 0; s < comparison.strategies().size(); ++s)
    for (std::size_t m = 0; m < comparison.measures().size(); ++m) {
      const Estimate estimate = comparison.outcome(s, m);
      mean.push_back(estimate.mean);
      sd.push_back(estimate.sd);
      se.push_back(estimate.se);
    }
  NetcdfGroup group = file.add_group("outcomes");
  group.add(pathway_scale(comparison, "pathway"));
  group.add(measure_scale(comparison.measures()));
  add_measure_coordinates(group, comparison.measures());
  const Names dimensions{"pathway", "measure"};
  group.add(
      of_measures("mean", dimensions, "mean of the patients' outcomes", mean));
  group.add(
      of_measures("sd", dimensions, "standard deviation between patients", sd));
  group.add(of_measures("se", dimensions, "standard error of mean", se));
}

void add_differences(NetcdfFile& file, const Comparison& comparison) {
  Numbers mean, se, unpaired_se, removed;
  std::vector<std::int64_t> differing;
  std::vector<std::uint8_t> paired;
  const std::size_t reference = comparison.reference();
  for (std::size_t s = 0; s < comparison.strategies().size(); ++s) {
    paired.push_back(comparison.is_paired(s, reference));
    for (std::size_t m = 0; m < comparison.measures().size(); ++m) {
      const Difference difference = comparison.difference(s, reference, m);
      mean.push_back(difference.mean);
      se.push_back(difference.se);
      unpaired_se.push_back(difference.unpaired_se);
      removed.push_back(difference.variance_removed);
      differing.push_back(difference.differing
                              ? static_cast<std::int64_t>(*difference.differing)
                              : missing_count);
    }
  }
  NetcdfGroup group = file.add_group("differences");
  group.add(pathway_scale(comparison, "pathway"));
  group.add(measure_scale(comparison.measures()));
  add_measure_coordinates(group, comparison.measures());
  const Names dimensions{"pathway", "measure"};
  group.add(of_measures("mean", dimensions,
                        "mean outcome less that of the reference pathway",
                        mean));
  group.add(of_measures("se", dimensions, "standard error of mean", se));
  group.add(of_measures("unpaired_se", dimensions,
                        "standard error of mean, had the two been simulated "
                        "on different patients",
                        unpaired_se));
  group.add({"variance_removed", dimensions, removed,
             "part of the variance that pairing removed", "1"});
  group.add({"patients_differing", dimensions, differing,
             "patients whose outcome differs from that on the reference", "1"});
  group.add({"paired",
             {"pathway"},
             paired,
             "1: on the patients and with the luck of the reference; 0: apart",
             "1"});
}

/// Such that var + var - 2 cov is the variance of the difference: where that
/// comes from the sums of batches, it is not that of the covariances.
double covariance_of_means(const Comparison& comparison, std::size_t measure,
                           std::size_t s, std::size_t t) {
  const Strategy &one = comparison.strategies()[s],
                 &other = comparison.strategies()[t];
  const Outcomes& outcomes = comparison.runs()[one.run].outcomes;
  if (s == t || (one.run == other.run && !outcomes.product.empty()))
    return comparison.covariance(s, measure, t, measure);
  const auto square = [](double x) { return x * x; };
  return (square(comparison.outcome(s, measure).se) +
          square(comparison.outcome(t, measure).se) -
          square(comparison.difference(s, t, measure).se)) /
         2;
}

void add_covariance(NetcdfFile& file, const Comparison& comparison) {
  const std::size_t count = comparison.strategies().size();
  const std::size_t perspectives = decision_perspectives(comparison);
  Numbers means, cost_effect;
  for (std::size_t m = 0; m < comparison.measures().size(); ++m)
    for (std::size_t s = 0; s < count; ++s)
      for (std::size_t t = 0; t < count; ++t)
        means.push_back(covariance_of_means(comparison, m, s, t));
  for (std::size_t p = 0; p < perspectives; ++p)
    for (std::size_t s = 0; s < count; ++s)
      for (std::size_t t = 0; t < count; ++t)
        cost_effect.push_back(
            comparison.covariance(s, comparison.decision().costs[p], t,
                                  comparison.decision().effect));
  NetcdfGroup group = file.add_group("covariance");
  group.add(measure_scale(comparison.measures()));
  group.add(pathway_scale(comparison, "pathway"));
  group.add(pathway_scale(comparison, "other_pathway"));
  if (perspectives > 0) group.add(perspective_scale(comparison.perspectives()));
  add_measure_coordinates(group, comparison.measures());
  group.add(of_measures("of_means", {"measure", "pathway", "other_pathway"},
                        "covariance of the means of the measure on two "
                        "pathways, in the square of its unit",
                        means));
  if (perspectives > 0)
    group.add({"cost_with_effect",
               {"perspective", "pathway", "other_pathway"},
               cost_effect,
               "covariance of the mean cost on the pathway with the mean "
               "QALYs on the other",
               money_of(comparison.runs().front()) + " years"});
}

/// Numbers by [perspective][pathway] and perhaps [threshold], told of one
/// strategy at a time.
class CostEffectiveness {
 public:
  explicit CostEffectiveness(const Comparison& comparison)
      : comparison_(comparison),
        thresholds_(comparison.runs().front().thresholds) {
    for (std::size_t p = 0; p < decision_perspectives(comparison); ++p) {
      const auto points = frontier(comparison, p);
      for (std::size_t s = 0; s < comparison.strategies().size(); ++s) {
        tell_increment(increment(comparison, s, comparison.reference(), p));
        tell_net_benefit(net_benefits(comparison, s, p, thresholds_));
        for (const FrontierPoint& point : points)
          if (point.strategy == s) tell_place(point);
      }
    }
  }

  void write(NetcdfFile& file) const {
    NetcdfGroup group = file.add_group("cost_effectiveness");
    group.add(perspective_scale(comparison_.perspectives()));
    group.add(pathway_scale(comparison_, "pathway"));
    const std::string money = money_of(comparison_.runs().front());
    if (!thresholds_.empty())
      group.add(Scale{"threshold", thresholds_, "worth of a QALY",
                      money + " / year"});
    write_increments(group, money);
    write_places(group, money);
    if (!thresholds_.empty()) write_net_benefit(group, money);
  }

 private:
  struct Ratios {
    Numbers icer, low, high;
    Texts form;

    void add(const Increment* increment) {
      const bool has_set = increment && increment->set;
      icer.push_back(increment && increment->icer ? *increment->icer
                                                  : missing_number);
      form.emplace_back(has_set ? name_of(increment->set->form) : "");
      const bool has_ends =
          has_set && increment->set->form != FiellerSet::Form::everything;
      low.push_back(has_ends ? increment->set->low : missing_number);
      high.push_back(has_ends ? increment->set->high : missing_number);
    }
  };

  void tell_increment(const Increment& increment) {
    cost_.push_back(increment.cost.mean);
    cost_se_.push_back(increment.cost.se);
    effect_.push_back(increment.effect.mean);
    effect_se_.push_back(increment.effect.se);
    covariance_.push_back(increment.covariance);
    quadrant_.emplace_back(name_of(increment.quadrant));
    from_reference_.add(&increment);
  }

  void tell_net_benefit(const std::vector<NetBenefit>& benefits) {
    for (const NetBenefit& one : benefits) {
      benefit_.push_back(one.benefit.mean);
      benefit_se_.push_back(one.benefit.se);
      gain_.push_back(one.difference.mean);
      gain_se_.push_back(one.difference.se);
    }
  }

  void tell_place(const FrontierPoint& point) {
    const auto& neighbour = point.from_neighbour;
    status_.emplace_back(name_of(point.status));
    neighbour_.push_back(
        neighbour ? comparison_.strategies()[neighbour->from].name : "");
    std::string dominating;
    for (const std::size_t by : point.dominated_by)
      dominating += (dominating.empty() ? "" : " and ") +
                    comparison_.strategies()[by].name;
    dominated_by_.push_back(dominating);
    from_neighbour_.add(neighbour ? &*neighbour : nullptr);
  }

  void write_ratios(NetcdfGroup& group, const Ratios& ratios,
                    const std::string& prefix, const std::string& from,
                    const std::string& money) const {
    const Names dimensions{"perspective", "pathway"};
    const std::string unit = money + " / year";
    group.add({prefix + "icer", dimensions, ratios.icer,
               "cost of a QALY gained " + from +
                   "; missing where the difference in QALYs is unclear",
               unit});
    group.add({prefix + "icer_set", dimensions, ratios.form,
               "form of the 95 % Fieller set of " + prefix +
                   "icer, of Monte Carlo error only: interval (low to high), "
                   "two_rays (up to low, and from high on) or everything",
               ""});
    group.add({prefix + "icer_low", dimensions, ratios.low,
               "lower end of the set", unit});
    group.add({prefix + "icer_high", dimensions, ratios.high,
               "upper end of the set", unit});
  }

  void write_increments(NetcdfGroup& group, const std::string& money) const {
    const Names dimensions{"perspective", "pathway"};
    group.add({"cost_difference", dimensions, cost_,
               "mean cost less that of the reference pathway", money});
    group.add({"cost_difference_se", dimensions, cost_se_,
               "standard error of cost_difference", money});
    group.add({"qaly_difference", dimensions, effect_,
               "mean QALYs less those of the reference pathway", "years"});
    group.add({"qaly_difference_se", dimensions, effect_se_,
               "standard error of qaly_difference", "years"});
    group.add({"covariance", dimensions, covariance_,
               "covariance of cost_difference and qaly_difference",
               money + " years"});
    group.add({"quadrant", dimensions, quadrant_,
               "how the pathway stands to the reference", ""});
    write_ratios(group, from_reference_, "", "over the reference pathway",
                 money);
  }

  void write_places(NetcdfGroup& group, const std::string& money) const {
    const Names dimensions{"perspective", "pathway"};
    group.add({"frontier_status", dimensions, status_,
               "whether the pathway is on the efficiency frontier", ""});
    group.add({"frontier_neighbour", dimensions, neighbour_,
               "the next cheaper pathway on the frontier", ""});
    group.add({"frontier_dominated_by", dimensions, dominated_by_,
               "off the frontier: by which pathway, or mixture of two", ""});
    write_ratios(group, from_neighbour_, "frontier_", "over that neighbour",
                 money);
  }

  void write_net_benefit(NetcdfGroup& group, const std::string& money) const {
    const Names dimensions{"perspective", "pathway", "threshold"};
    group.add({"net_benefit", dimensions, benefit_,
               "threshold times QALYs, less cost", money});
    group.add({"net_benefit_se", dimensions, benefit_se_,
               "standard error of net_benefit", money});
    group.add({"net_benefit_difference", dimensions, gain_,
               "net benefit less that of the reference pathway", money});
    group.add({"net_benefit_difference_se", dimensions, gain_se_,
               "standard error of net_benefit_difference", money});
  }

  const Comparison& comparison_;
  Numbers thresholds_;
  Numbers cost_, cost_se_, effect_, effect_se_, covariance_;
  Texts quadrant_, status_, neighbour_, dominated_by_;
  Ratios from_reference_, from_neighbour_;
  Numbers benefit_, benefit_se_, gain_, gain_se_;
};

/// Sums of 128 bits, in halves.
struct Halves {
  std::vector<std::int64_t> high;
  std::vector<std::uint64_t> low;

  void add(SignedWide sum) {
    high.push_back(static_cast<std::int64_t>(sum >> 64));
    low.push_back(static_cast<std::uint64_t>(sum));
  }
};

void add_halves(NetcdfGroup& group, const std::string& name,
                const Names& dimensions, const Halves& halves,
                const std::string& long_name, const std::string& units) {
  group.add({name + "_high",
             dimensions,
             halves.high,
             "high half of " + long_name,
             "2^64 " + units,
             {},
             true});
  group.add({name + "_low", dimensions, halves.low, "low half of " + long_name,
             units});
}

void add_measures(NetcdfGroup& group, const std::vector<Measure>& measures) {
  Texts kinds;
  std::vector<std::int32_t> indices, better;
  std::vector<std::uint8_t> discounted;
  Numbers quanta;
  for (const Measure& measure : measures) {
    kinds.push_back(measure_kinds()[static_cast<std::size_t>(measure.what)]);
    indices.push_back(static_cast<std::int32_t>(measure.index));
    discounted.push_back(measure.discounted);
    better.push_back(measure.better);
    quanta.push_back(measure.quantum);
  }
  add_measure_coordinates(group, measures);
  group.add({"measure_kind", {"measure"}, kinds, "what is measured", ""});
  group.add({"measure_index",
             {"measure"},
             indices,
             "of costs, which kind or perspective, from 0",
             "1"});
  group.add({"measure_discounted",
             {"measure"},
             discounted,
             "1: discounted, 0: not",
             "1"});
  group.add({"measure_better",
             {"measure"},
             better,
             "1: more is better, -1: less is, 0: neither",
             "1"});
  group.add(of_measures("quantum", {"measure"},
                        "what outcomes are whole numbers of", quanta));
}

void add_products(NetcdfGroup& group, const Outcomes& outcomes) {
  Halves products;
  std::vector<std::uint64_t> differing;
  for (std::size_t m = 0; m < outcomes.measures; ++m)
    for (std::size_t p = 0; p < outcomes.pathways; ++p)
      for (std::size_t q = 0; q < outcomes.pathways; ++q) {
        const std::size_t at = m * outcomes.pairs() + Outcomes::pair(p, q);
        products.add(outcomes.product[at]);
        differing.push_back(outcomes.differing[at]);
      }
  const Names dimensions{"measure", "pathway", "other_pathway"};
  add_halves(group, "outcome_product", dimensions, products,
             "the sum over patients of the product of their outcomes on the "
             "two pathways",
             "quanta^2");
  group.add({"outcomes_differing", dimensions, differing,
             "patients whose outcomes on the two pathways differ", "1"});
}

}  // namespace

const std::vector<std::string>& measure_kinds() {
  static const std::vector<std::string> kinds{"remission_if_all_continue",
                                              "remission",
                                              "sustained_remission",
                                              "partial_response",
                                              "response",
                                              "lasting_remission",
                                              "resistant",
                                              "adverse_event",
                                              "died",
                                              "suicide",
                                              "procedure_death",
                                              "lines",
                                              "remissions",
                                              "lasting_remissions",
                                              "relapses",
                                              "failures",
                                              "weeks_on_treatment",
                                              "weeks_in_no_response",
                                              "weeks_in_partial_response",
                                              "weeks_in_remission",
                                              "weeks_in_lasting_remission",
                                              "weeks_resistant",
                                              "life_years",
                                              "qalys",
                                              "cost",
                                              "perspective_cost"};
  assert(kinds.size() ==
         static_cast<std::size_t>(Measure::What::perspective_cost) + 1);
  return kinds;
}

const char* name_of(FiellerSet::Form form) {
  switch (form) {
    case FiellerSet::Form::interval:
      return "interval";
    case FiellerSet::Form::two_rays:
      return "two_rays";
    case FiellerSet::Form::everything:
      return "everything";
  }
  return "";
}

const char* name_of(Increment::Quadrant quadrant) {
  switch (quadrant) {
    case Increment::Quadrant::unclear:
      return "unclear";
    case Increment::Quadrant::dominates:
      return "dominates";
    case Increment::Quadrant::is_dominated:
      return "is_dominated";
    case Increment::Quadrant::dearer_and_better:
      return "dearer_and_better";
    case Increment::Quadrant::cheaper_and_worse:
      return "cheaper_and_worse";
  }
  return "";
}

const char* name_of(FrontierPoint::Status status) {
  switch (status) {
    case FrontierPoint::Status::on_frontier:
      return "on_frontier";
    case FrontierPoint::Status::dominated:
      return "dominated";
    case FrontierPoint::Status::extendedly_dominated:
      return "extendedly_dominated";
  }
  return "";
}

std::string money_of(const RunOutcomes& run) {
  return run.currency.empty()
             ? ""
             : run.currency + " " + std::to_string(run.price_year);
}

std::size_t decision_perspectives(const Comparison& comparison) {
  const DecisionMeasures& decision = comparison.decision();
  return decision.effect == no_measure ? 0 : decision.costs.size();
}

void add_comparison(NetcdfFile& file, const Comparison& comparison) {
  add_outcomes(file, comparison);
  add_differences(file, comparison);
  add_covariance(file, comparison);
  if (decision_perspectives(comparison) > 0)
    CostEffectiveness(comparison).write(file);
}

void add_outcome_attributes(NetcdfFile& file, const RunOutcomes& run) {
  file.add({"cohort_sha256", run.cohort_sha256});
  if (run.currency.empty()) return;
  file.add({"currency", run.currency});
  file.add({"price_year", static_cast<std::int32_t>(run.price_year)});
  if (run.perspective < run.perspectives.size())
    file.add({"perspective", run.perspectives[run.perspective]});
  if (!run.perspective_kinds.empty())
    file.add({"perspective_kinds", run.perspective_kinds});
  if (run.decision.effect != no_measure)
    file.add({"effect_measure", run.measures[run.decision.effect].name});
}

void add_outcome_sums(NetcdfGroup& group, const RunOutcomes& run) {
  const Outcomes& outcomes = run.outcomes;
  assert(outcomes.measures == run.measures.size());
  assert(outcomes.pathways == run.pathways.size());
  const bool has_perspectives = !run.decision.costs.empty();
  group.add(measure_scale(run.measures));
  group.add(
      Scale{"other_pathway", run.pathways, "name of the other pathway", ""});
  if (has_perspectives) group.add(perspective_scale(run.perspectives));
  add_measures(group, run.measures);
  Halves sums;
  for (const SignedWide sum : outcomes.sum) sums.add(sum);
  add_halves(group, "outcome_sum", {"pathway", "measure"}, sums,
             "the sum over patients of their outcomes", "quanta");
  add_products(group, outcomes);
  group.add({"outcome_by_batch",
             {"pathway", "measure", "batch"},
             outcomes.by_batch,
             "sum over the patients of the batch of their outcomes",
             "quanta",
             {},
             true});
  if (!has_perspectives) return;
  Texts costs;
  for (const std::size_t cost : run.decision.costs)
    costs.push_back(cost == no_measure ? "" : run.measures[cost].name);
  group.add({"perspective_measure",
             {"perspective"},
             costs,
             "the measure of cost that decisions are made on",
             ""});
  if (outcomes.cost_effect.empty()) return;
  Halves products;
  for (const SignedWide product : outcomes.cost_effect) products.add(product);
  add_halves(group, "cost_effect_product",
             {"perspective", "pathway", "other_pathway"}, products,
             "the sum over patients of the cost on the pathway times the "
             "QALYs on the other",
             "quanta^2");
}

namespace {

void add_runs(NetcdfFile& file, const Comparison& comparison,
              const std::vector<std::string>& files) {
  Texts names, cohorts;
  std::vector<std::uint64_t> patients, seeds;
  for (const RunOutcomes& run : comparison.runs()) {
    names.push_back(run.name);
    cohorts.push_back(run.cohort_sha256);
    patients.push_back(run.patients);
    seeds.push_back(run.seed);
  }
  NetcdfGroup group = file.add_group("runs");
  group.add(Scale{"run", names, "name of the run", ""});
  group.add({"file", {"run"}, files, "scenario or result it is from", ""});
  group.add({"patients", {"run"}, patients, "patients of the run", "1"});
  group.add({"seed", {"run"}, seeds, "seed of the random numbers", "1"});
  group.add({"cohort_sha256",
             {"run"},
             cohorts,
             "SHA-256 of what makes the patients, besides the seed",
             ""});
}

}  // namespace

std::vector<std::byte> comparison_image(
    const Comparison& comparison, const ComparisonProvenance& provenance) {
  const RunOutcomes& first = comparison.runs().front();
  NetcdfFile file;
  file.add({"format", "stardsim comparison"});
  file.add({"format_version", comparison_format_version});
  file.add({"reference_pathway",
            comparison.strategies()[comparison.reference()].name});
  if (!first.currency.empty()) {
    file.add({"currency", first.currency});
    file.add({"price_year", static_cast<std::int32_t>(first.price_year)});
    if (decision_perspectives(comparison) > 0)
      file.add(
          {"perspective", comparison.perspectives()[comparison.perspective()]});
  }
  file.add({"program_version", provenance.program_version});
  file.add({"commit", provenance.commit});
  file.add({"command_line", provenance.command_line});
  file.add({"start_time", provenance.start_time});
  add_runs(file, comparison, provenance.files);
  add_comparison(file, comparison);
  return file.bytes();
}

}  // namespace stardsim
