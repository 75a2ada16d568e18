#pragma once

#include <distcache.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <random>
#include <string>

#include "faults.h"

namespace stress {

// What all calls of a run came to. Any thread.
struct Tally {
  std::atomic<uint64_t> calls{0};
  std::atomic<uint64_t> started{0};    // accepted asynchronous operations
  std::atomic<uint64_t> completed{0};  // completions, each operation's first one
  std::mutex mutex;
  std::map<std::string, uint64_t> statuses;  // of calls and completions

  void count(distcache_status_t status) {
    const std::lock_guard lock(mutex);
    ++statuses[distcache_status_name(status)];
  }
};

// Operations of every kind on random keys, synchronous and not, by one thread; remembers each
// asynchronous one for as long as it lives, which is until nothing can complete any more.
class Operations {
 public:
  Operations(uint64_t seed, bool hanging, Tally& tally, Faults& faults)
      : random_(seed), hanging_(hanging), tally_(tally), faults_(faults) {}
  Operations(const Operations&) = delete;
  Operations& operator=(const Operations&) = delete;

  // One operation; false if it was answered CLOSED. The first one that is makes all later ones on
  // this keyspace answer CLOSED, or it is a fault.
  bool one(distcache_keyspace_t* keyspace);

  // Asynchronous operations without a completion; those with more than one are faults.
  size_t open_ends();

 private:
  struct Started {
    Operations* owner = nullptr;
    std::string key;
    std::atomic<uint32_t> completions{0};
  };

  std::string key();
  uint64_t pick(uint64_t below) { return random_() % below; }
  void check(const std::string& key, const distcache_item_t* item);
  void judge(const char* what, const std::string& key, distcache_status_t status);
  distcache_status_t get(distcache_keyspace_t* keyspace, const std::string& key);
  distcache_status_t get_many(distcache_keyspace_t* keyspace);
  distcache_status_t write(distcache_keyspace_t* keyspace, const std::string& key, bool put);
  distcache_status_t submit(distcache_keyspace_t* keyspace, const std::string& key);
  static void done(uintptr_t context, distcache_status_t status, distcache_result_t* result,
                   distcache_error_t* error);

  std::mt19937_64 random_;
  const bool hanging_;
  Tally& tally_;
  Faults& faults_;
  std::deque<Started> started_;
};

}  // namespace stress
