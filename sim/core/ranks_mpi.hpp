// Ranks that MPI has started: the only place that knows of it.
#pragma once

#include "sim/core/ranks.hpp"

namespace stardsim {

/// One at a time, in the thread that began the program, from its first line to
/// its last.
class MpiRanks : public Ranks {
 public:
  MpiRanks(int& argc, char**& argv);
  ~MpiRanks() override;
  MpiRanks(const MpiRanks&) = delete;
  MpiRanks& operator=(const MpiRanks&) = delete;

  int rank() const override { return rank_; }
  int size() const override { return size_; }
  std::vector<Bytes> gather(std::span<const std::byte>) override;
  Bytes broadcast(std::span<const std::byte>) override;

  /// Ends all ranks at once: for a failure that the others, who may be waiting
  /// for this one, do not know of.
  [[noreturn]] void abort(int code);

 private:
  int rank_ = 0, size_ = 1;
};

}  // namespace stardsim
