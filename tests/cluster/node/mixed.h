#pragma once

#include <atomic>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "node/engine.h"
#include "node/recorded_calls.h"

namespace cluster {

// Threads that get, refresh, put and delete keys of the truth, some with many keys at once, some in
// the asynchronous form, some puts over the version that was read before; all of it is recorded.
// Any thread.
class Mixed {
 public:
  explicit Mixed(Engine& engine) : engine_(engine) {}
  ~Mixed() { stop(); }
  Mixed(const Mixed&) = delete;
  Mixed& operator=(const Mixed&) = delete;

  // Fields: count (of keys), threads, rate (calls of each in a second), writes (percent), timeout,
  // write_timeout, seed.
  Fields start(const Fields& command);
  Fields stop();

 private:
  // What is done next, by chance.
  struct Dice {
    std::mt19937_64 random;
    uint32_t keys;
    int64_t writes_percent;

    bool hits(int64_t percent) { return static_cast<int64_t>(random() % 100) < percent; }
    uint32_t key();
    std::vector<uint32_t> some_from(uint32_t key);  // several, this one and those behind it
    RecordedCalls::Form form();
  };
  void run(uint64_t seed, const Fields& command);
  static void act(RecordedCalls& calls, Dice& dice);

  Engine& engine_;
  std::unique_ptr<Watchdog> watchdog_;  // while it runs
  std::atomic<bool> stopping_{false};
  std::vector<std::thread> threads_;
};

}  // namespace cluster
