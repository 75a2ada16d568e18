#pragma once

#include <atomic>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "node/engine.h"
#include "node/lateness.h"

namespace cluster {

// Threads that get, refresh, put and delete keys of the truth, each write after a change of the
// truth, some puts over the version that was read before; and record all of it. Any thread.
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
  struct Plan {
    uint32_t keys = 1;
    int64_t rate = 100, writes_percent = 10, timeout_ms = 2'000, write_timeout_ms = 2'000;
    distcache_keyspace_t* keyspace = nullptr;
  };
  void run(uint64_t seed, const Fields& command);
  distcache_entry_version_t get(const Plan& plan, uint32_t key, const RunDelay& delay);
  void refresh(const Plan& plan, uint32_t key, const RunDelay& delay);
  // A put over `expected`, unless that is nullptr.
  void write(const Plan& plan, uint32_t key, Record::Act act,
             const distcache_entry_version_t* expected, const RunDelay& delay);

  Engine& engine_;
  std::unique_ptr<Watchdog> watchdog_;  // while it runs
  std::atomic<bool> stopping_{false};
  std::vector<std::thread> threads_;
};

}  // namespace cluster
