// Whether correlations can be had together.
#pragma once

#include <cstddef>
#include <vector>

namespace stardsim {

/// Of a symmetric matrix with a positive diagonal, given row by row.
bool is_positive_definite(const std::vector<double>& matrix, std::size_t size);

}  // namespace stardsim
