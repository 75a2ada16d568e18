#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "base/allocator.h"
#include "core/cache/entry.h"

namespace distcache::core {

// Decides what leaves a full store. It hears of every entry of one store, under that store's lock,
// and keeps what it needs in the entry's PolicyHook and policy_state, so that a built-in policy
// allocates nothing per entry. Whatever it allocates besides counts in bytes(); when memory fails
// it must go on without.
class EvictionPolicy {
 public:
  virtual ~EvictionPolicy() = default;

  virtual void on_insert(Entry& entry) = 0;
  virtual void on_hit(Entry& entry) = 0;
  // A put to a key that is there: `fresh` takes the place of `old`, which is about to be freed.
  virtual void on_replace(Entry& old, Entry& fresh) = 0;
  virtual void on_remove(Entry& entry) = 0;  // erased or expired; never called for a victim

  // The entry to evict, already forgotten by the policy; null only if there is none.
  virtual Entry* victim() = 0;
  // Forgets all entries without touching them, and their history; gives the memory back.
  virtual void clear() = 0;

  virtual size_t bytes() const = 0;  // true size of all that is not inside the entries
};

// `eviction.policy`: auto (the best measured default: s3fifo), s3fifo, lru. Null for another name.
std::unique_ptr<EvictionPolicy> make_policy(std::string_view name, Allocator& allocator);

}  // namespace distcache::core
