#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "base/annotations.h"
#include "base/time.h"

namespace distcache {

// When a wait that begins now and may take `timeout` of real time is over; now if it is negative.
inline std::chrono::steady_clock::time_point wait_end(Duration timeout) {
  return std::chrono::steady_clock::now() +
         std::chrono::nanoseconds(std::max(timeout, Duration()).as_ns());
}

// std::mutex with the annotations that clang's analysis needs.
class CAPABILITY("mutex") Mutex {
 public:
  void lock() ACQUIRE() { mutex_.lock(); }
  void unlock() RELEASE() { mutex_.unlock(); }

 private:
  friend class MutexLock;
  std::mutex mutex_;
};

// Holds a Mutex for a scope; can wait on a condition variable meanwhile.
class SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) ACQUIRE(mutex) : lock_(mutex.mutex_) {}
  ~MutexLock() RELEASE() {}
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

  void wait(std::condition_variable& changed) { changed.wait(lock_); }
  template <typename TimePoint>
  std::cv_status wait_until(std::condition_variable& changed, const TimePoint& deadline) {
    return changed.wait_until(lock_, deadline);
  }

 private:
  std::unique_lock<std::mutex> lock_;
};

}  // namespace distcache
