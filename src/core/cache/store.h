#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "base/allocator.h"
#include "base/time.h"
#include "core/cache/entry.h"
#include "core/cache/index.h"
#include "core/cache/policy.h"
#include "core/cache/wheel.h"
#include "core/types.h"

namespace distcache::core {

struct StoreLimits {
  size_t bytes_max = SIZE_MAX;  // true bytes, overhead included
  size_t entries_max = SIZE_MAX;
};

struct StoreOptions {
  StoreLimits limits;
  std::string_view policy = "auto";  // a name that make_policy() knows
  uint64_t index_seed = 0;  // a secret of the process: else strangers can choose collisions
};

enum class PutStatus : uint8_t {
  stored,
  expired,    // it ends before it begins: not stored
  too_large,  // it does not fit alone: not stored, counted as refused
  no_memory,  // not stored; nothing has changed, unless all had to go to make room
};

struct PutResult {
  PutStatus status = PutStatus::stored;
  bool replaced = false;  // an older value of the key is gone, also when nothing was stored
};

struct StoreCounters {
  uint64_t evictions = 0;
  uint64_t expirations = 0;
  uint64_t refused = 0;
};

// The entries of one shard: found by key, limited by true bytes and by number, gone when they
// expire or when the policy says so. `bytes() <= bytes_max` holds after every call; inside a put a
// growing index may pass it by its own size. A store that holds nothing counts for 4 KiB.
//
// Pure: no lock, no clock. Its owner holds a mutex around every call, const ones included. An Entry
// handed out is good until the next call that is not const; copy its Buffer to keep the value.
// The allocator must outlive it and every Buffer put into it.
class Store {
 public:
  Store(const StoreOptions& options, Allocator& allocator);
  // With a policy of the user's own instead of options.policy.
  Store(const StoreOptions& options, std::unique_ptr<EvictionPolicy> policy, Allocator& allocator);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // A hit counts as a use. An expired entry is erased instead of handed out.
  const Entry* find(const Key& key, Instant now);
  // Neither a use nor an erasure.
  const Entry* peek(const Key& key, Instant now) const;

  // Stores or replaces; what is due and then what the policy chooses makes room. When the value is
  // not stored for want of time or room, the older one goes too, since it would be a stale one.
  PutResult put(const Key& key, NewEntry fresh, Instant now);
  bool erase(const Key& key);
  void erase_hash(uint64_t key_hash);  // whatever has a key with this hash
  void clear();

  // One slice of a walk over all entries, expired ones included, that looks at about `steps_max` of
  // them. Call until cursor.done. Changes are allowed between slices, not from inside `visit`.
  void scan(ScanCursor& cursor, size_t steps_max,
            const std::function<void(const Entry&)>& visit) const;
  size_t erase_if(ScanCursor& cursor, size_t steps_max,
                  const std::function<bool(const Entry&)>& predicate);  // how many

  // Erases what is due, in at most `steps_max` pieces of work; how many. Unless the steps were
  // spent, nothing more is due before next_expiry().
  size_t expire(Instant now, size_t steps_max);
  Instant next_expiry() const { return wheel_.next(); }  // never() if nothing expires

  void set_limits(const StoreLimits& limits);  // evicts until they hold

  size_t bytes() const;
  size_t mirror_bytes() const { return mirror_cost_; }  // of these, those of mirrors
  size_t mirror_entries() const { return mirrors_; }
  size_t cost_of(const Key& key, const NewEntry& fresh) const {
    return Entry::cost_of(key, fresh, allocator_);
  }
  size_t entries() const { return index_.size(); }
  const StoreLimits& limits() const { return limits_; }
  const StoreCounters& counters() const { return counters_; }

 private:
  bool fits(size_t bytes_more, size_t entries_more) const;
  void make_room(size_t cost, Entry*& old, Instant now);
  bool evict(Entry*& old);
  void link(Entry& entry, Entry* old, Instant now);
  void forget(Entry& entry);
  void count(const Entry& entry);
  void uncount(const Entry& entry);
  void remove(Entry& entry);
  size_t spare_bytes() const;

  Allocator& allocator_;
  StoreLimits limits_;
  std::unique_ptr<EvictionPolicy> policy_;
  const size_t bytes_min_;  // of a store that holds one entry, without the entry
  Index index_;
  Wheel wheel_;
  size_t cost_ = 0;         // of all entries
  size_t mirror_cost_ = 0;  // of mirrors
  size_t mirrors_ = 0;
  StoreCounters counters_;
};

}  // namespace distcache::core
