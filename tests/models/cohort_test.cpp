#include "models/cohort.hpp"

#include <catch2/catch.hpp>

using namespace stardsim;

namespace {

Evidence number(double value) {
  Evidence evidence;
  evidence.value = value;
  return evidence;
}

Covariate normal() {
  Covariate covariate;
  covariate.form = NormalCovariate{number(0), number(1)};
  return covariate;
}

Cohort correlated(double first_second, double first_third,
                  double second_third) {
  Cohort cohort;
  cohort.covariates.assign(3, normal());
  cohort.correlations = {{0, 1, number(first_second)},
                         {0, 2, number(first_third)},
                         {1, 2, number(second_third)}};
  return cohort;
}

}  // namespace

TEST_CASE("Correlations that contradict one another are found", "[models]") {
  // The determinant 1 + 2abc - a^2 - b^2 - c^2 decides.
  CHECK(is_positive_definite(correlated(0.9, 0.9, 0.7)));        // 0.024
  CHECK_FALSE(is_positive_definite(correlated(0.9, 0.9, 0.6)));  // -0.008
  CHECK_FALSE(is_positive_definite(correlated(0.9, 0.9, -0.9)));
  CHECK_FALSE(is_positive_definite(correlated(1, 0, 0)));
  CHECK(is_positive_definite(correlated(0, 0, 0)));
  CHECK(is_positive_definite(Cohort{}));
}

TEST_CASE("Covariates know their levels and whether they have few values",
          "[models]") {
  Covariate covariate = normal();
  CHECK(covariate.levels().empty());
  CHECK_FALSE(covariate.is_discrete());
  covariate.form =
      CategoricalCovariate{{"white", "black"}, {number(3), number(1)}};
  CHECK(covariate.levels() == std::vector<std::string>{"white", "black"});
  CHECK(covariate.is_discrete());
  covariate.form = TableCovariate{{0, 1, 0}, {"no", "yes"}};
  CHECK(covariate.levels() == std::vector<std::string>{"no", "yes"});
  CHECK(covariate.is_discrete());
  covariate.form = TableCovariate{{31.5, 47}, {}};
  CHECK_FALSE(covariate.is_discrete());
  covariate.form = BernoulliCovariate{number(0.3)};
  CHECK(covariate.levels().empty());
  CHECK(covariate.is_discrete());
  covariate.form = EmpiricalCovariate{{1, 2}, {1, 1}};
  CHECK(covariate.is_discrete());
  covariate.form = Propensity{number(1)};
  CHECK_FALSE(covariate.is_discrete());
}
