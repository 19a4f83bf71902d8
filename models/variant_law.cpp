#include "models/variant_law.hpp"

#include "models/compiled_tables.hpp"
#include "models/intercepts.hpp"

#include <array>
#include <utility>

namespace stardsim {
namespace {

// The chances of an arm whose intercepts may be solved, in a fixed order.
template <class ArmOfLaw, class Function>
void for_each_chance(ArmOfLaw& arm, const Function& function) {
  function(arm.adherence);
  for (auto& remission : arm.remission) function(remission);
  function(arm.partial_response);
  function(arm.intolerance);
  for (auto* after : {&arm.after_no_response, &arm.after_partial_response,
                      &arm.after_intolerance})
    function(after->stay);
}

std::vector<Chance> chances_of(const Law& law) {
  std::vector<Chance> all;
  for (const PathwayLaw& pathway : law.pathways)
    for (const StepLaw& step : pathway)
      for (const ArmLaw& arm : step.arms)
        for_each_chance(arm,
                        [&](const Chance& chance) { all.push_back(chance); });
  return all;
}

void settle_as(const Chance& other, Chance& chance) {
  chance.score = other.score;
  chance.cut = other.cut;
  chance.intercept = other.intercept;
}

}  // namespace

struct VariantLaws::Tables {
  CompiledTables compiled;
  Law base;
  /// Of the base: as compiled, and as solved on the small population.
  std::vector<Chance> solved, roughly;
  bool has_solved = false;
};

VariantLaws::VariantLaws(const Scenario& base)
    : tables_(std::make_unique<Tables>()) {
  Law law = compile_without_intercepts(base, tables_->compiled);
  Law rough = law;
  law.intercepts = solve_intercepts(law);
  tables_->solved = chances_of(law);
  tables_->has_solved = law.intercepts.solved > 0;
  if (tables_->has_solved) {
    solve_intercepts_roughly(rough);
    tables_->roughly = chances_of(rough);
  }
  tables_->base = std::move(law);
}

VariantLaws::~VariantLaws() = default;
VariantLaws::VariantLaws(VariantLaws&&) noexcept = default;
VariantLaws& VariantLaws::operator=(VariantLaws&&) noexcept = default;

const Law& VariantLaws::base() const { return tables_->base; }

Law VariantLaws::compile(const Scenario& variant, Intercepts intercepts) const {
  CompiledTables own(&tables_->compiled);
  Law law = compile_without_intercepts(variant, own);
  if (!law.solves_intercepts) {
    law.intercepts = solve_intercepts(law);
    return law;
  }
  const std::vector<Chance> stated = chances_of(law);
  law.intercepts = solve_intercepts_roughly(law);
  if (law.intercepts.solved == 0) return law;
  if (!tables_->has_solved) return stardsim::compile(variant);
  std::size_t at = 0;
  const auto correct = [&](Chance& chance) {
    const Chance &solved = tables_->solved.at(at),
                 &roughly = tables_->roughly.at(at);
    const bool is_unchanged = stated.at(at).probability == solved.probability;
    const bool differs_as_stated = stated.at(at).differs();
    ++at;
    if (intercepts == Intercepts::held && is_unchanged && differs_as_stated) {
      const std::size_t score = chance.differs() ? chance.score : solved.score;
      settle_as(solved, chance);
      if (chance.differs()) chance.score = score;
      return;
    }
    // What is certain or impossible on the small population is taken so.
    if (!chance.differs() || !roughly.differs() || !solved.differs()) return;
    chance.intercept =
        static_cast<float>(static_cast<double>(solved.intercept) +
                           (static_cast<double>(chance.intercept) -
                            static_cast<double>(roughly.intercept)));
  };
  for (PathwayLaw& pathway : law.pathways)
    for (StepLaw& step : pathway)
      for (ArmLaw& arm : step.arms) for_each_chance(arm, correct);
  law.intercepts.population = tables_->base.intercepts.population;
  law.intercepts.residual = tables_->base.intercepts.residual;
  law.intercepts.sampling_error = tables_->base.intercepts.sampling_error;
  return law;
}

}  // namespace stardsim
