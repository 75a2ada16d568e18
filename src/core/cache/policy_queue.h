#pragma once

#include <cstddef>

#include "core/cache/entry.h"

namespace distcache::core {

// Entries in a row, linked through their PolicyHooks; counts them and their cost. Owns nothing.
class PolicyQueue {
 public:
  PolicyQueue() { clear(); }
  PolicyQueue(const PolicyQueue&) = delete;
  PolicyQueue& operator=(const PolicyQueue&) = delete;

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  size_t cost() const { return cost_; }
  Entry& oldest() { return static_cast<Entry&>(*ends_.prev); }

  void push(Entry& entry) {
    PolicyHook& hook = entry;
    hook.prev = &ends_;
    hook.next = ends_.next;
    hook.next->prev = hook.prev->next = &hook;
    ++size_;
    cost_ += entry.cost();
  }

  void remove(Entry& entry) {
    const PolicyHook& hook = entry;
    hook.prev->next = hook.next;
    hook.next->prev = hook.prev;
    --size_;
    cost_ -= entry.cost();
  }

  void replace(Entry& old, Entry& fresh) {
    PolicyHook& hook = fresh;
    hook = old;
    hook.prev->next = hook.next->prev = &hook;
    cost_ += fresh.cost() - old.cost();
  }

  void clear() {
    ends_.prev = ends_.next = &ends_;
    size_ = cost_ = 0;
  }

 private:
  PolicyHook ends_;  // next: the newest, prev: the oldest
  size_t size_ = 0;
  size_t cost_ = 0;
};

}  // namespace distcache::core
