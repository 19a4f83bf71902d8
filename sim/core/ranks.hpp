// The processes ("ranks") that do one run together. Rank 0 keeps what is done,
// and alone writes and speaks.
#pragma once

#include "sim/core/bytes.hpp"

#include <exception>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace stardsim {

/// How a failure ends the program: what ranks tell each other of it.
struct ExitReason {
  int code = 0;  ///< the exit code; 0: nothing has failed
  std::string text;
};

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

  /// What an exception ends the program with. The one who runs the program
  /// says so; else it is exit code 1 and the message.
  void set_exit_reasons(std::function<ExitReason(const std::exception_ptr&)>);
  ExitReason exit_reason_of(const std::exception_ptr&) const;

  /// Whether none waits for another: nothing has been said yet, or all have
  /// been told the last of it.
  bool agree() const { return agree_; }
  void set_agreed(bool agreed) { agree_ = agreed; }

 private:
  bool agree_ = true;
  std::function<ExitReason(const std::exception_ptr&)> exit_reasons_;
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

/// Thrown at rank 0: how another ends, with its number in front.
class RankFailed : public std::runtime_error {
 public:
  RankFailed(const ExitReason& reason, std::size_t rank);
  int code() const { return code_; }

 private:
  int code_;
};

/// Does `work` at every rank. If it fails anywhere it fails everywhere: at rank
/// 0 with its own exception, or else RankFailed of the lowest rank that failed;
/// at the others with OtherRankFailed. Called by all, who wait for each other
/// after it unless it fails.
void together(Ranks&, const std::function<void()>& work);

}  // namespace stardsim
