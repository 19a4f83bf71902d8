// How the patients of a tile come to their covariates and scores; for each
// patient bit for bit what CohortLaw::values and value_of (models/score.hpp)
// give. Included once for each instruction set (no ordinary include guard).
#if defined(STARDSIM_COHORT_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef STARDSIM_COHORT_INL
#undef STARDSIM_COHORT_INL
#else
#define STARDSIM_COHORT_INL
#endif

#include "models/law.hpp"
#include "sim/core/cohort_rows.hpp"
#include "sim/core/engine.hpp"
#include "sim/core/smooth_tables-inl.hpp"
#include "sim/core/words-inl.hpp"

#include <hwy/highway.h>

#include <algorithm>
#include <array>
#include <bit>

HWY_BEFORE_NAMESPACE();
namespace stardsim {
namespace HWY_NAMESPACE {

/// How many entries of an ascending list are at or below something;
/// is_above(index) says which entries are not. Requires size > 0.
template <class L, class IsAbove>
HWY_INLINE typename L::Words count_at_or_below(std::uint32_t size,
                                               const IsAbove& is_above) {
  auto count = L::all(0);
  for (std::uint32_t half = std::bit_floor(size); half > 0; half /= 2) {
    const auto more = L::add(count, L::all(half));
    const auto last =
        L::smaller(L::subtract(more, L::all(1)), L::all(size - 1));
    const auto some =
        L::but_not(L::below(more, L::all(size + 1)), is_above(last));
    count = L::select(some, more, count);
  }
  return count;
}

/// The row of the table that each patient is.
template <class L>
void choose_rows(const CohortLaw& law, const Workspace& work,
                 CohortRows& rows) {
  if (law.row_cuts.empty()) {
    for (std::size_t i = 0; work.scattered && i < work.end; ++i)
      rows.table_row[i] =
          static_cast<std::uint32_t>((work.first + work.member[i]) % law.rows);
    if (work.scattered) return;
    std::uint64_t row = work.first % law.rows;
    for (std::size_t i = 0; i < tile_size; ++i) {
      rows.table_row[i] = static_cast<std::uint32_t>(row);
      if (++row == law.rows) row = 0;
    }
    return;
  }
  draw_four_visits<L>(work, Purpose::table_row, 0, rows.words.data());
  const auto size = static_cast<std::uint32_t>(law.row_cuts.size());
  for (std::size_t i = 0; i < tile_size; i += L::width) {
    const auto words = L::load(&rows.words[0][i]);
    const auto is_above = [&](typename L::Words index) HWY_ATTR {
      return L::below(words, L::look_up(law.row_cuts.data(), index));
    };
    L::store(count_at_or_below<L>(size, is_above), &rows.table_row[i]);
  }
}

/// Independent normal scores of all covariates that are not from the table.
template <class L>
void draw_scores(const CohortLaw& law, const Workspace& work,
                 CohortRows& rows) {
  const SmoothTables& tables = smooth_tables();
  const std::size_t count = law.covariates.size();
  const auto keep_score = [&](const Row& words, std::size_t c) HWY_ATTR {
    for (std::size_t i = 0; i < tile_size; i += L::width)
      L::store_real(normal_score<L>(tables, L::load(&words[i])),
                    &rows.covariates[c][i]);
  };
  for (std::size_t c = 0; c < count; ++c) {
    if (law.covariates[c].kind != CovariateLaw::Kind::propensity) continue;
    draw_four_visits<L>(work, Purpose::propensity, 0, rows.words.data());
    keep_score(rows.words[0], c);
  }
  const auto has_score = [&](std::size_t c) {
    return law.covariates[c].kind != CovariateLaw::Kind::table &&
           law.covariates[c].kind != CovariateLaw::Kind::propensity;
  };
  for (std::size_t from = 0; from < count; from += words_per_block) {
    const std::size_t to = std::min<std::size_t>(from + words_per_block, count);
    bool any = false;
    for (std::size_t c = from; c < to; ++c) any = any || has_score(c);
    if (!any) continue;
    draw_four_visits<L>(work, Purpose::covariate,
                        static_cast<std::uint32_t>(from), rows.words.data());
    for (std::size_t c = from; c < to; ++c)
      if (has_score(c)) keep_score(rows.words[c - from], c);
  }
}

/// The scores as correlated. From the last covariate to the first, since each
/// needs the independent scores of those before it.
template <class L>
void correlate(const CohortLaw& law, CohortRows& rows) {
  for (std::size_t c = law.factor.size(); c-- > 0;) {
    const std::vector<float>& factor = law.factor[c];
    if (law.covariates[c].kind == CovariateLaw::Kind::table) continue;
    std::vector<std::size_t> with;
    for (std::size_t j = 0; j <= c; ++j)
      if (factor[j] != 0) with.push_back(j);
    for (std::size_t i = 0; i < tile_size; i += L::width) {
      auto sum = L::all_real(0);
      for (const std::size_t j : with)
        sum = L::plus(sum, L::times(L::all_real(factor[j]),
                                    L::load_real(&rows.covariates[j][i])));
      L::store_real(sum, &rows.covariates[c][i]);
    }
  }
}

template <class L>
HWY_INLINE typename L::Reals continuous_value(const CovariateLaw& law,
                                              typename L::Reals score) {
  const auto inside = L::larger_real(
      L::smaller_real(score, L::all_real(CovariateLaw::highest_score)),
      L::all_real(CovariateLaw::lowest_score));
  const auto position =
      L::times(L::minus(inside, L::all_real(CovariateLaw::lowest_score)),
               L::all_real(CovariateLaw::intervals_per_score));
  return interpolate<L>(law.values.data(), position);
}

/// Up to so many cuts are gone through one by one.
inline constexpr std::size_t few_cuts_of_score = 8;

template <class L>
HWY_INLINE typename L::Reals discrete_value(const CovariateLaw& law,
                                            typename L::Reals score) {
  if (law.cuts.size() <= few_cuts_of_score) {
    auto value = L::all_real(law.values[0]);
    for (std::size_t k = 0; k < law.cuts.size(); ++k)
      value = L::select_real(L::below_real(score, L::all_real(law.cuts[k])),
                             value, L::all_real(law.values[k + 1]));
    return value;
  }
  const auto is_above = [&](typename L::Words index) HWY_ATTR {
    return L::below_real(score, L::look_up_real(law.cuts.data(), index));
  };
  return L::look_up_real(
      law.values.data(),
      count_at_or_below<L>(static_cast<std::uint32_t>(law.cuts.size()),
                           is_above));
}

/// From the normal scores to the values of one covariate.
template <class L>
void evaluate(const CovariateLaw& law, const Row& table_row, RealRow& row) {
  for (std::size_t i = 0; i < tile_size; i += L::width) {
    auto value = L::load_real(&row[i]);
    switch (law.kind) {
      case CovariateLaw::Kind::continuous:
        value = continuous_value<L>(law, value);
        break;
      case CovariateLaw::Kind::discrete:
        value = discrete_value<L>(law, value);
        break;
      case CovariateLaw::Kind::table:
        value = L::look_up_real(law.values.data(), L::load(&table_row[i]));
        break;
      case CovariateLaw::Kind::propensity:
        break;
    }
    L::store_real(value, &row[i]);
  }
}

/// The covariates of all slots of the tile, into rows.covariates.
template <class L>
void enter_covariates(const CohortLaw& law, const Workspace& work,
                      CohortRows& rows) {
  if (law.rows > 0) choose_rows<L>(law, work, rows);
  draw_scores<L>(law, work, rows);
  correlate<L>(law, rows);
  for (std::size_t c = 0; c < law.covariates.size(); ++c)
    evaluate<L>(law.covariates[c], rows.table_row, rows.covariates[c]);
}

/// The scores of all slots, from rows.covariates into rows.scores.
template <class L>
void score_rows(const std::vector<Score>& scores, CohortRows& rows) {
  for (std::size_t s = 0; s < scores.size(); ++s)
    for (std::size_t i = 0; i < tile_size; i += L::width) {
      auto sum = L::all_real(0);
      for (const Score::Term& term : scores[s].terms) {
        const auto x = L::load_real(&rows.covariates[term.covariate][i]);
        const auto coefficient = L::all_real(term.coefficient);
        const auto from = L::all_real(term.centre_or_level);
        sum = L::plus(sum, term.is_level
                               ? L::select_real(L::equal_real(x, from),
                                                coefficient, L::all_real(0))
                               : L::times(coefficient, L::minus(x, from)));
      }
      L::store_real(sum, &rows.scores[s][i]);
    }
}

}  // namespace HWY_NAMESPACE
}  // namespace stardsim
HWY_AFTER_NAMESPACE();

#endif
