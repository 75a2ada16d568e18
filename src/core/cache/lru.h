#pragma once

#include "core/cache/policy.h"
#include "core/cache/policy_queue.h"

namespace distcache::core {

// Evicts what has not been used for longest. Not scan-resistant; for comparison, and for loads that
// are known to be all about recency. One thread at a time.
class Lru final : public EvictionPolicy {
 public:
  explicit Lru(const Allocator& allocator) : allocator_(allocator) {}

  void on_insert(Entry& entry) override { queue_.push(entry); }
  void on_hit(Entry& entry) override {
    queue_.remove(entry);
    queue_.push(entry);
  }
  void on_replace(Entry& old, Entry& fresh) override {
    queue_.replace(old, fresh);
    on_hit(fresh);
  }
  void on_remove(Entry& entry) override { queue_.remove(entry); }
  Entry* victim() override {
    if (queue_.empty()) return nullptr;
    Entry& oldest = queue_.oldest();
    queue_.remove(oldest);
    return &oldest;
  }
  void clear() override { queue_.clear(); }
  size_t bytes() const override { return allocator_.true_size(sizeof *this); }

 private:
  const Allocator& allocator_;
  PolicyQueue queue_;
};

}  // namespace distcache::core
