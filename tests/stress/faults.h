#pragma once

#include <cstdio>
#include <mutex>
#include <string>

namespace stress {

// What went wrong: each is printed as it is found, the first ones only. Any thread.
class Faults {
 public:
  void add(const std::string& what) {
    const std::lock_guard lock(mutex_);
    if (++count_ > kShownMax) return;
    std::printf("FAULT: %s\n", what.c_str());
    std::fflush(stdout);
  }
  size_t count() const {
    const std::lock_guard lock(mutex_);
    return count_;
  }

 private:
  static constexpr size_t kShownMax = 20;
  mutable std::mutex mutex_;
  size_t count_ = 0;
};

}  // namespace stress
