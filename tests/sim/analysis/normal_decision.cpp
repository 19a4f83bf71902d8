#include "tests/sim/analysis/normal_decision.hpp"

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/normal_distribution.hpp>

#include <string>

namespace stardsim::test {

DecisionDraws NormalDecision::draws(Eigen::Index count,
                                    std::uint64_t seed) const {
  boost::random::mt19937_64 engine(seed);
  boost::random::normal_distribution<double> normal;
  const auto sample = [&](Eigen::Index columns) {
    Eigen::MatrixXd made(count, columns);
    for (Eigen::Index i = 0; i < count; ++i)
      for (Eigen::Index j = 0; j < columns; ++j) made(i, j) = normal(engine);
    return made;
  };
  DecisionDraws draws;
  draws.patients = patients;
  draws.noise = luck / static_cast<double>(patients);
  draws.parameters = sample(load.cols());
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> root(draws.noise);
  const Eigen::MatrixXd both = (draws.parameters * load.transpose() +
                                sample(mean.size()) * root.operatorSqrt())
                                   .rowwise() +
                               mean.transpose();
  draws.cost = both.leftCols(strategies());
  draws.effect = both.rightCols(strategies());
  for (Eigen::Index s = 0; s < strategies(); ++s)
    draws.strategies.push_back("s" + std::to_string(s));
  for (Eigen::Index p = 0; p < load.cols(); ++p)
    draws.keys.push_back("p" + std::to_string(p));
  return draws;
}

}  // namespace stardsim::test
