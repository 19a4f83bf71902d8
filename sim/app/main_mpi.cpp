#include "sim/app/commands.hpp"
#include "sim/core/ranks_mpi.hpp"

int main(int argc, char** argv) {
  stardsim::MpiRanks ranks(argc, argv);
  const int code = stardsim::run_program(argc, argv, ranks);
  // Of a failure that they have not been told of the others may be waiting for
  // the end.
  if (code != 0 && !ranks.agree()) ranks.abort(code);
  return code;
}
