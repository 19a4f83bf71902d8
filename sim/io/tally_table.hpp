// The group /tally of a result file: every count of the run, for going on with
// it.
#pragma once

#include "sim/core/bytes.hpp"
#include "sim/core/tally.hpp"

namespace stardsim {

class NetcdfFile;
class ResultFile;

void write_tally(NetcdfFile&, const Tally&);

/// As bytes_of() made them. Requires the group. Throws as ResultFile does.
Bytes read_tally_bytes(const ResultFile&);

}  // namespace stardsim
