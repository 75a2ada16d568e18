#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "common/deadline.h"

namespace cluster {

// Knows for how long this process was not run at all: what a call took beyond its deadline counts
// against the library only as far as the machine gave it time. Any thread.
class Watchdog {
 public:
  Watchdog() : thread_([this] { run(); }) {}
  ~Watchdog() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  // All stalls so far, together.
  int64_t stalled_ms() const { return stalled_ms_.load(); }

  // The same, with a stall in it that is just over: waits for the next beats.
  int64_t stalled_ms_now() {
    std::unique_lock lock(mutex_);
    const uint64_t beats = beats_ + 2;
    changed_.wait(lock, [&] { return stopping_ || beats_ >= beats; });
    return stalled_ms_.load();
  }

 private:
  static constexpr Milliseconds kBeat{5};
  static constexpr int64_t kStallMs = 15;

  void run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      const auto begin = Clock::now();
      changed_.wait_for(lock, kBeat, [this] { return stopping_; });
      const int64_t took_ms = ms_between(begin, Clock::now());
      if (took_ms > kStallMs) stalled_ms_ += took_ms - kBeat.count();
      ++beats_;
      changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<int64_t> stalled_ms_{0};
  uint64_t beats_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace cluster
