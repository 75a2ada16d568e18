#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <random>
#include <vector>

#include "engine.h"
#include "operations.h"

namespace stress {

// What all cycles share.
struct Shared {
  Late& late;
  Tally& tally;
  Faults& faults;
  std::atomic<uint64_t> pairs{0}, hanging{0}, released_open{0}, closes_timed_out{0};
};

// One life of an engine, or of two that know each other: opened, used by two threads of its own,
// ended while they are at it, by the rules of a seed. Belongs to one thread.
class Cycle {
 public:
  Cycle(uint64_t seed, Shared& shared);
  void run();

  // Kept until the end of the program, so that a completion too many is found and does no harm.
  std::vector<std::unique_ptr<Operations>> take_operations() { return std::move(operations_); }

 private:
  enum class End { close, close_twice, release };

  bool open();
  void work(Operations& operations, size_t first);
  void await_moment();
  void end(Engine& engine);
  void close(Engine& engine, int64_t timeout_ms);
  void await_completions();

  const uint64_t seed_;
  Shared& shared_;
  std::mt19937_64 random_;
  const bool pair_, hanging_;
  const End end_;
  const uint64_t moment_;  // calls until it ends
  std::vector<std::unique_ptr<Engine>> engines_;
  std::vector<std::unique_ptr<Operations>> operations_;
  std::atomic<uint64_t> calls_{0};
  std::atomic<bool> ended_{false};
};

}  // namespace stress
