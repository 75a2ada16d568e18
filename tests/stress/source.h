#pragma once

#include <distcache.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "common/deadline.h"

namespace stress {

// Answers fetches a little later, on a thread of its own, some of them twice: after their readers
// have gone, after the engine was closed and released. Any thread.
class Late {
 public:
  explicit Late(uint64_t seed) : random_(seed), thread_([this] { run(); }) {}
  ~Late();  // answers what is left
  Late(const Late&) = delete;
  Late& operator=(const Late&) = delete;

  void answer(distcache_fetch_t* fetch, std::string value);

 private:
  struct Due {
    distcache_fetch_t* fetch;
    std::string value;
  };
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::multimap<cluster::Clock::time_point, Due> queue_;
  std::mt19937_64 random_;
  bool stopping_ = false;
  std::thread thread_;
};

// The data source of one engine. What happens to a load is told by the first letter of its key:
// v at once, l later, t throws, n not found, f fails, k kept until the engine is gone, h hangs.
class Source {
 public:
  explicit Source(Late& late) : late_(late) {}
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  static constexpr char kKinds[] = "vvvvvvlltnfk";  // by frequency; h is asked for by name
  static std::string value_of(const std::string& key) { return "of " + key; }

  static void fetch(uintptr_t context, distcache_fetch_t* fetch);
  static void finalize(uintptr_t context);

  void let_go();       // of those that hang, for good
  void answer_kept();  // after the engine is gone
  // A load that stays open until answer_kept(): begun by a call that does not wait for it.
  distcache_fetch_t* open_fetch(distcache_keyspace_t* keyspace);
  uint32_t finalized() const { return finalized_.load(); }

 private:
  void serve(distcache_fetch_t* fetch, const std::string& key);
  void hang();

  Late& late_;
  std::atomic<uint32_t> finalized_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
  bool let_go_ = false;
  std::vector<std::pair<distcache_fetch_t*, std::string>> kept_;
};

}  // namespace stress
