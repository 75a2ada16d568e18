#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "common/deadline.h"

namespace cluster {

// How long the thread that made it has waited for a processor so far. Belongs to that thread.
class RunDelay {
 public:
  RunDelay() : descriptor_(open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC)) {}
  ~RunDelay() { close(descriptor_); }
  RunDelay(const RunDelay&) = delete;
  RunDelay& operator=(const RunDelay&) = delete;

  int64_t ms() const {
    char text[128] = {};
    if (pread(descriptor_, text, sizeof text - 1, 0) <= 0) return 0;  // a kernel without the figure
    char* delay = nullptr;
    std::strtoll(text, &delay, 10);  // the first one is the time that it ran
    return std::strtoll(delay, nullptr, 10) / 1'000'000;
  }

 private:
  const int descriptor_;
};

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
