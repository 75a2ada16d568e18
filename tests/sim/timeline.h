#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace distcache::sim {

// Virtual time and what is to happen on it, by time and then in the order of asking.
class Timeline final : public Clock {
 public:
  explicit Timeline(Instant start) : now_(start) {}

  Instant now() const override { return now_; }
  void after(Duration delay, std::function<void()> task) {
    queue_.push_back({now_ + delay, next_order_++, std::move(task)});
    std::push_heap(queue_.begin(), queue_.end(), later);
  }
  Instant next_due() const { return queue_.empty() ? Instant::never() : queue_.front().due; }
  void advance_to(Instant to) { now_ = std::max(now_, to); }
  void run_due() {
    while (next_due() <= now_) {
      std::pop_heap(queue_.begin(), queue_.end(), later);
      const std::function<void()> task = std::move(queue_.back().task);
      queue_.pop_back();
      task();
    }
  }

 private:
  struct Item {
    Instant due;
    uint64_t order;
    std::function<void()> task;
  };
  static bool later(const Item& a, const Item& b) {
    return std::pair(a.due, a.order) > std::pair(b.due, b.order);
  }

  Instant now_;
  uint64_t next_order_ = 0;
  std::vector<Item> queue_;  // a heap, the earliest on top
};

}  // namespace distcache::sim
