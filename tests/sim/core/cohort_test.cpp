#include "models/score.hpp"
#include "models/smooth_tables.hpp"
#include "tests/sim/core/cohort_forms.hpp"

#include <catch2/catch.hpp>

#include <bit>
#include <limits>
#include <memory>
#include <random>

using namespace stardsim;
using namespace stardsim::test;

namespace {

Evidence number(double value) {
  Evidence evidence;
  evidence.value = value;
  return evidence;
}

template <class Form>
Covariate with(Form form) {
  Covariate covariate;
  covariate.form = form;
  return covariate;
}

// Every kind of covariate, on both ways of searching, and more than one block
// of words.
Cohort rich_cohort() {
  Cohort cohort;
  EmpiricalCovariate many;
  for (int i = 0; i < 37; ++i) {
    many.values.push_back(i * i);
    many.weights.push_back(i % 5);
  }
  std::vector<double> column(101);
  for (std::size_t i = 0; i < column.size(); ++i)
    column[i] = static_cast<double>(i % 7) + 0.5;
  Covariate age = with(NormalCovariate{number(40.8), number(13)});
  age.low = 18;
  age.high = 75;
  cohort.covariates = {
      age,
      with(BernoulliCovariate{number(0.45)}),
      with(CategoricalCovariate{{"a", "b", "c"},
                                {number(0.2), number(0), number(0.8)}}),
      with(TableCovariate{column, {}}),
      with(many),
      with(LogNormalCovariate{number(8), number(1.2)}),
      with(Propensity{number(1)}),
      with(BetaCovariate{number(2), number(3)}),
      with(BernoulliCovariate{number(1)})};
  cohort.rows = column.size();
  return cohort;
}

const std::vector<Score> scores{
    {{{0, false, 40.8F, 0.013F}, {1, true, 1, -0.51F}, {2, true, 2, 0.3F}}},
    {{{6, false, 0, 1.27F}, {3, false, 3.5F, -0.1F}, {4, true, 81, 2}}},
    {{}}};

std::vector<std::uint32_t> bits_of(const std::vector<float>& reals) {
  std::vector<std::uint32_t> bits;
  bits.reserve(reals.size());
  for (const float real : reals)
    bits.push_back(std::bit_cast<std::uint32_t>(real));
  return bits;
}

// How many patients of one tile differ from the plain reading of the law.
std::size_t differing(const CohortForm& form, const CohortLaw& law, Luck luck,
                      std::uint64_t first) {
  const Engine engine{Law{}};
  const auto work = std::make_unique<Workspace>(engine, luck);
  work->first = first;
  const auto rows = std::make_unique<CohortRows>(law, scores.size());
  form.enter(law, scores, *work, *rows);
  std::size_t count = 0;
  for (std::size_t i = 0; i < tile_size; ++i) {
    const auto drawn = [&](Purpose purpose, std::uint32_t visit) {
      return std::min(word(luck, first + i, purpose, visit), highest_word);
    };
    std::vector<float> independent;
    for (std::uint32_t c = 0; c < law.covariates.size(); ++c)
      independent.push_back(
          normal_score(law.covariates[c].kind == CovariateLaw::Kind::propensity
                           ? drawn(Purpose::propensity, 0)
                           : drawn(Purpose::covariate, c)));
    const auto values = law.values(
        independent, law.row_of(first + i, drawn(Purpose::table_row, 0)));
    std::vector<float> expected = values, found;
    for (const Score& score : scores)
      expected.push_back(value_of(score, values));
    for (const RealRow& row : rows->covariates) found.push_back(row[i]);
    for (const RealRow& row : rows->scores) found.push_back(row[i]);
    if (bits_of(expected) != bits_of(found)) ++count;
  }
  return count;
}

void check_all_forms(const Cohort& cohort) {
  const CohortLaw law = compile(cohort);
  for (const CohortForm& form : cohort_forms()) {
    INFO(form.instruction_set);
    CHECK(differing(form, law, {20061101, 0}, 0) == 0);
    CHECK(differing(form, law, {7, 3}, (std::uint64_t{1} << 33) + tile_size) ==
          0);
  }
}

}  // namespace

TEST_CASE("Covariates and scores are what the law says, bit for bit",
          "[core]") {
  check_all_forms(rich_cohort());
}

TEST_CASE("Correlated covariates are what the law says, bit for bit",
          "[core]") {
  Cohort cohort = rich_cohort();
  cohort.correlations = {{0, 1, number(0.3)},
                         {6, 0, number(-0.2)},
                         {4, 2, number(0.5)},
                         {5, 4, number(0.4)},
                         {1, 7, number(0.1)}};
  check_all_forms(cohort);
}

TEST_CASE("Rows drawn by weight are what the law says, bit for bit", "[core]") {
  Cohort cohort = rich_cohort();
  for (std::size_t i = 0; i < cohort.rows; ++i)
    cohort.row_weights.push_back(static_cast<double>(i % 4));
  check_all_forms(cohort);
}

TEST_CASE("One row, and a cohort from the table alone", "[core]") {
  Cohort cohort;
  cohort.covariates.assign(7, with(TableCovariate{{3}, {}}));
  cohort.rows = 1;
  check_all_forms(cohort);
  cohort.row_weights = {2};
  check_all_forms(cohort);
}

TEST_CASE("The smooth tables are read alike by every instruction set",
          "[core]") {
  std::mt19937 random(11);
  std::vector<std::uint32_t> words, factors;
  std::vector<float> log_odds, log_hazards;
  const auto add = [&](std::uint32_t one, float x) {
    words.push_back(one);
    factors.push_back(static_cast<std::uint32_t>(random()));
    log_odds.push_back(x);
    log_hazards.push_back(x / 4);
  };
  const float infinite = std::numeric_limits<float>::infinity();
  for (const float x : {0.0F, -0.0F, 21.0F, -21.0F, 1e30F, -1e30F, infinite,
                        -infinite, 1e-40F, -1e-40F})
    for (const std::uint32_t one :
         {0u, 1u, 0x7FFFFFFFu, 0x80000000u, 0xFFFFFFFEu, 0xFFFFFFFFu})
      add(one, x);
  while (words.size() < 16 * 20'000) {
    const auto one = static_cast<std::uint32_t>(random());
    add(one >> (random() % 32),
        (static_cast<float>(random() % 60000) - 30000) * 1e-3F);
  }
  std::vector<float> expected_scores;
  std::vector<std::uint32_t> expected_cuts, expected_words, expected_products;
  for (std::size_t i = 0; i < words.size(); ++i) {
    expected_scores.push_back(normal_score(words[i]));
    expected_cuts.push_back(cut_of_log_odds(log_odds[i]));
    expected_words.push_back(word_with_hazard(words[i], log_hazards[i]));
    expected_products.push_back(static_cast<std::uint32_t>(
        (std::uint64_t{words[i]} * factors[i]) >> 32));
  }
  for (const CohortForm& form : cohort_forms()) {
    INFO(form.instruction_set);
    std::vector<float> reals(words.size());
    std::vector<std::uint32_t> found(words.size());
    form.normal_scores(words, reals);
    CHECK((bits_of(reals) == bits_of(expected_scores)));
    form.cuts(log_odds, found);
    CHECK((found == expected_cuts));
    form.words(words, log_hazards, found);
    CHECK((found == expected_words));
    form.high_products(words, factors, found);
    CHECK((found == expected_products));
  }
}
