#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

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

// When a process was not run though it wanted to.
struct Stall {
  int64_t begin_ns, end_ns;
};

// Knows for how long this process was not run at all: what a call took beyond its deadline counts
// against the library only as far as the machine gave it time. Any thread.
class Watchdog {
 public:
  Watchdog() : Watchdog(nullptr) {}
  // `told` of every stall, on the watchdog's own thread.
  explicit Watchdog(std::function<void(const Stall&)> told)
      : told_(std::move(told)), thread_([this] { run(); }) {}
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

  // The last ones, as far as they end after `since_ns`, one that is just over included.
  std::vector<Stall> stalls_since(int64_t since_ns) {
    static_cast<void>(stalled_ms_now());
    const std::lock_guard lock(mutex_);
    std::vector<Stall> found;
    for (const Stall& stall : stalls_) {
      if (stall.end_ns > since_ns) found.push_back(stall);
    }
    return found;
  }

  // The sum of all, with a stall in it that is just over: waits for the next beats.
  int64_t stalled_ms_now() {
    std::unique_lock lock(mutex_);
    const uint64_t beats = beats_ + 2;
    changed_.wait(lock, [&] { return stopping_ || beats_ >= beats; });
    return stalled_ms_.load();
  }

 private:
  static constexpr Milliseconds kBeat{5};
  static constexpr int64_t kStallMs = 15;
  static constexpr size_t kKept = 10'000;

  void run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      const auto begin = Clock::now();
      changed_.wait_for(lock, kBeat, [this] { return stopping_; });
      const int64_t took_ms = ms_between(begin, Clock::now());
      if (took_ms > kStallMs) note(begin + kBeat, Clock::now());
      ++beats_;
      changed_.notify_all();
    }
  }

  void note(Clock::time_point begin, Clock::time_point end) {
    stalled_ms_ += ms_between(begin, end);
    stalls_.push_back({ns_of(begin), ns_of(end)});
    if (told_) told_(stalls_.back());
    if (stalls_.size() > kKept) stalls_.pop_front();
  }

  const std::function<void(const Stall&)> told_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<int64_t> stalled_ms_{0};
  std::deque<Stall> stalls_;
  uint64_t beats_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace cluster
