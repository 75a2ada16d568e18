#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "node/engine.h"
#include "node/lateness.h"

namespace cluster {

// Threads that get keys again and again until they are told to stop, some put and delete them too,
// and remember every call that failed, brought a wrong value, or lasted longer than it may. Any
// thread.
class Traffic {
 public:
  explicit Traffic(Engine& engine) : engine_(engine) {}
  ~Traffic() { stop(); }

  // Fields: keyspace, first, count (of keys), threads, timeout (of each call), writes (one in so
  // many calls is a put, one a delete; 0: none), rate (calls of each thread in a second; 0: as many
  // as it can).
  Fields start(const Fields& command);
  // Until every thread has begun and ended `passes` passes over all keys from now on.
  Fields await_passes(const Fields& command);
  // What happened since the start or since the last call of this with reset=1.
  Fields report(const Fields& command);
  Fields stop();
  // When the machine did not run this process, since `since`: list "stalls" of "begin end", in ns.
  Fields stalls(const Fields& command);

 private:
  struct Thread {
    std::atomic<uint64_t> passes{0};
    std::thread thread;
  };

  void run(Thread& self, uint64_t seed, const Fields& command);
  enum class Kind { get, put, remove };
  void call(Kind kind, distcache_keyspace_t* keyspace, const std::string& key, int64_t timeout_ms,
            const RunDelay& delay);
  void check(const std::string& key, const distcache_result_t* result);
  void failed(const std::string& key, distcache_status_t status, const std::string& text);

  Engine& engine_;
  Watchdog watchdog_;
  std::atomic<bool> stopping_{false};
  std::vector<std::unique_ptr<Thread>> threads_;
  std::atomic<uint64_t> calls_{0};
  std::mutex mutex_;
  std::map<std::string, uint64_t> failures_;  // by status
  std::string first_failure_;
  int64_t longest_ms_ = 0;
  int64_t late_ms_ = 0;  // beyond the deadline, without the machine's own stalls
};

}  // namespace cluster
