// The processes ("ranks") that do one run together. Rank 0 keeps what is done,
// and alone writes and speaks.
#pragma once

#include "sim/core/bytes.hpp"

#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace stardsim {

class Ranks {
 public:
  virtual ~Ranks() = default;
  virtual int rank() const = 0;
  virtual int size() const = 0;

  /// What every rank has to say, by rank; at the others nothing. Called by all.
  virtual std::vector<Bytes> gather(std::span<const std::byte>) = 0;
  /// What rank 0 has to say. Called by all.
  virtual Bytes broadcast(std::span<const std::byte>) = 0;

  bool is_first() const { return rank() == 0; }

  /// Whether none waits for another: nothing has been said yet, or all have
  /// been told the last of it.
  bool agree() const { return agree_; }
  void set_agreed(bool agreed) { agree_ = agreed; }

 private:
  bool agree_ = true;
};

/// A process of its own.
class OneRank : public Ranks {
 public:
  int rank() const override { return 0; }
  int size() const override { return 1; }
  std::vector<Bytes> gather(std::span<const std::byte>) override;
  Bytes broadcast(std::span<const std::byte>) override;
};

/// Thrown at the ranks where nothing failed: another has said, or will say, why
/// the run ends.
class OtherRankFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Does `work` at every rank. If it fails anywhere it fails everywhere: at rank
/// 0 with the failure of the lowest rank, as the exception it was if it was
/// rank 0's own, std::invalid_argument, std::system_error, std::bad_alloc or
/// Interrupted, and else as a std::runtime_error with its message; at the
/// others with OtherRankFailed. Called by all, who wait for each other after
/// it unless it fails.
void together(Ranks&, const std::function<void()>& work);

}  // namespace stardsim
