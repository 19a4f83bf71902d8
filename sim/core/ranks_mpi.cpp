#include "sim/core/ranks_mpi.hpp"

// The C interface alone.
#define OMPI_SKIP_MPICXX 1
#define MPICH_SKIP_MPICXX 1
#include <mpi.h>

#include <algorithm>
#include <cstdlib>

namespace stardsim {
namespace {

constexpr int first = 0, tag = 1;
// MPI counts in int.
constexpr std::size_t most_at_once = std::size_t{1} << 30;

// Calls `pass` for the parts of the bytes, one after the other.
template <class Byte, class Pass>
void by_parts(std::span<Byte> bytes, const Pass& pass) {
  while (!bytes.empty()) {
    const std::size_t size = std::min(bytes.size(), most_at_once);
    pass(bytes.data(), static_cast<int>(size));
    bytes = bytes.subspan(size);
  }
}

}  // namespace

MpiRanks::MpiRanks(int& argc, char**& argv) {
  int level = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &level);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
  MPI_Comm_size(MPI_COMM_WORLD, &size_);
}

MpiRanks::~MpiRanks() { MPI_Finalize(); }

std::vector<Bytes> MpiRanks::gather(std::span<const std::byte> said) {
  std::uint64_t size = said.size();
  std::vector<std::uint64_t> sizes(is_first() ? static_cast<std::size_t>(size_)
                                              : 0);
  MPI_Gather(&size, 1, MPI_UINT64_T, sizes.data(), 1, MPI_UINT64_T, first,
             MPI_COMM_WORLD);
  if (!is_first()) {
    by_parts(said, [](const std::byte* part, int count) {
      MPI_Send(part, count, MPI_BYTE, first, tag, MPI_COMM_WORLD);
    });
    return {};
  }
  std::vector<Bytes> all;
  all.emplace_back(said.begin(), said.end());
  for (int rank = 1; rank < size_; ++rank) {
    all.emplace_back(sizes[static_cast<std::size_t>(rank)]);
    by_parts(std::span(all.back()), [&](std::byte* part, int count) {
      MPI_Recv(part, count, MPI_BYTE, rank, tag, MPI_COMM_WORLD,
               MPI_STATUS_IGNORE);
    });
  }
  return all;
}

Bytes MpiRanks::broadcast(std::span<const std::byte> said) {
  std::uint64_t size = said.size();
  MPI_Bcast(&size, 1, MPI_UINT64_T, first, MPI_COMM_WORLD);
  Bytes all(is_first() ? Bytes(said.begin(), said.end()) : Bytes(size));
  by_parts(std::span(all), [](std::byte* part, int count) {
    MPI_Bcast(part, count, MPI_BYTE, first, MPI_COMM_WORLD);
  });
  return all;
}

void MpiRanks::abort(int code) {
  MPI_Abort(MPI_COMM_WORLD, code);
  std::abort();
}

}  // namespace stardsim
