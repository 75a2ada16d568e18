#pragma once

#include <distcache.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>

#include "footprint.h"
#include "node/handles.h"
#include "node/watchdog.h"

namespace life {

using cluster::bytes_of;
using cluster::Clock;
using cluster::eventually;
using cluster::Milliseconds;
using cluster::ms_between;
using cluster::Out;
using cluster::Owned;

constexpr Milliseconds kPatience{60'000};
constexpr int64_t kLateMs = 100;  // every call ends by its deadline + this much

// Holds callbacks until it is opened, and counts those that came and their finalisers.
class Gate {
 public:
  void pass() {
    std::unique_lock lock(mutex_);
    ++came_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
    ++passed_;
    changed_.notify_all();
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void finalize() {
    const std::lock_guard lock(mutex_);
    ++finalized_;
    changed_.notify_all();
  }
  bool await_came(int count = 1) {
    return wait([&] { return came_ >= count; });
  }
  bool await_passed(int count) {
    return wait([&] { return passed_ >= count; });
  }
  bool await_finalized() {
    return wait([&] { return finalized_ > 0; });
  }
  int finalized() {
    const std::lock_guard lock(mutex_);
    return finalized_;
  }

 private:
  template <typename Condition>
  bool wait(Condition condition) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, condition);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  int came_ = 0, passed_ = 0, finalized_ = 0;
};

inline Gate& gate_of(uintptr_t context) { return *reinterpret_cast<Gate*>(context); }

// An engine to be opened with settings and callbacks of a test's choice; closed with this object.
class Node {
 public:
  Node();
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  void set(const std::string& name, const std::string& value);
  void source(distcache_fetch_fn fetch, Gate& gate);
  void on_log(Gate& gate);
  void on_event(Gate& gate);

  distcache_status_t open();
  const std::string& text() const { return text_; }  // of the last failure
  distcache_status_t get(const std::string& key, int64_t timeout_ms = kPatience.count());
  distcache_status_t close(int64_t timeout_ms) {
    return distcache_close(engine_, timeout_ms, nullptr);
  }
  distcache_t* engine() const { return engine_; }
  distcache_keyspace_t* keyspace() const { return keyspace_.get(); }
  std::string address() const;  // of its discovery port
  std::string data_port() const;

 private:
  Owned<distcache_config_t> config_;
  Owned<distcache_keyspace_def_t> def_;
  distcache_t* engine_ = nullptr;
  Owned<distcache_keyspace_t> keyspace_;
  std::string text_;
};

// Answers every key at once; the context is a Gate that counts finalisers.
void answer_at_once(uintptr_t context, distcache_fetch_t* fetch);
// Never answers; the engine ends the fetch with itself.
void answer_never(uintptr_t context, distcache_fetch_t* fetch);
// Answers when the gate is open, and blocks its thread until then.
void answer_behind_gate(uintptr_t context, distcache_fetch_t* fetch);

// How many milliseconds longer than `timeout_ms` the act took, what the machine took away left out.
template <typename Act>
int64_t lateness_ms(int64_t timeout_ms, Act&& act) {
  cluster::Watchdog watchdog;
  const cluster::RunDelay delay;
  const int64_t delayed_before = delay.ms();
  const auto begin = Clock::now();
  act();
  const int64_t took_ms = ms_between(begin, Clock::now());
  if (took_ms <= timeout_ms) return 0;
  const int64_t delayed_ms = delay.ms() - delayed_before;
  return took_ms - timeout_ms - std::max(watchdog.stalled_ms_now(), delayed_ms);
}

// Threads and descriptors are those of before, or become so.
::testing::AssertionResult nothing_left(const stress::Footprint& before);

}  // namespace life
