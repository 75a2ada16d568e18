#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "core/config/keyspace_config.h"
#include "core/shard.h"
#include "engine/source.h"

namespace distcache::engine {

// A keyspace of this node: its shards, each under a lock of its own, and its source. Shared by
// operations in progress; removal marks it and answers everybody, memory goes with the last user.
class Keyspace {
 public:
  Keyspace(std::string name, const core::KeyspaceConfig& config, std::shared_ptr<Source> source,
           Allocator& allocator, Rng& rng);

  const std::string& name() const { return name_; }
  core::KeyspaceId id() const { return id_; }

  // One shard, locked for the length of the visit. What the visit puts into an Outbox is performed
  // after it has returned.
  template <typename Visit>
  auto with_shard(uint32_t index, Visit&& visit) {
    Slot& slot = *slots_[index];
    MutexLock lock(slot.mutex);
    return visit(slot.shard);
  }
  uint32_t shards() const { return static_cast<uint32_t>(slots_.size()); }
  // Top bits of the ring hash, mixed: the ring itself looks at all bits.
  uint32_t shard_of(uint64_t key_hash) const {
    return static_cast<uint32_t>((mix64(key_hash) >> 32) * slots_.size() >> 32);
  }

  core::KeyspaceConfig config() const;
  std::shared_ptr<Source> source() const;
  // Keeps the data. The number of shards stays what bytes.max made it at first.
  void update(const core::KeyspaceConfig& config, std::shared_ptr<Source> source);

  // Of the view that all shards have.
  void set_view_id(uint64_t id) { view_id_.store(id, std::memory_order_release); }
  uint64_t view_id() const { return view_id_.load(std::memory_order_acquire); }
  // A request or reply told of another view than that.
  void count_disagreement() { disagreements_.fetch_add(1, std::memory_order_relaxed); }
  uint64_t disagreements() const { return disagreements_.load(std::memory_order_relaxed); }
  void count_view_change() { view_changes_.fetch_add(1, std::memory_order_relaxed); }
  uint64_t view_changes() const { return view_changes_.load(std::memory_order_relaxed); }

  // partition = bounded: how long what a majority confirmed counts; zero: partition = serve.
  Duration bounded_lease() const {
    return Duration::ns(bounded_lease_ns_.load(std::memory_order_relaxed));
  }

  // How many times the shards were given options since they began.
  uint64_t options_set() const { return options_set_.load(std::memory_order_acquire); }

  bool removed() const { return removed_.load(std::memory_order_acquire); }
  void mark_removed() { removed_.store(true, std::memory_order_release); }

  // Set when nobody can wait for a load any more: the keyspace was removed, or the engine closed.
  std::shared_ptr<const std::atomic<bool>> loads_ended() const { return loads_ended_; }
  void end_loads() { loads_ended_->store(true, std::memory_order_release); }

  // At most `loads.max` loads are in progress at once, the rest wait in a bounded queue. A load
  // that is not answered by its deadline gives its place up: a source that hangs blocks nobody
  // else. Admits or queues; returns those that may start now. `refused` found the queue full, or
  // waited until nobody wanted it any more, and must be answered.
  std::vector<FetchPtr> admit(std::vector<FetchPtr> fetches, std::vector<FetchPtr>& refused);
  // The load with this deadline has been answered: those that may start in its place.
  std::vector<FetchPtr> answered(Instant deadline);
  // Time has passed: those that may start in place of loads whose deadline is over.
  std::vector<FetchPtr> overdue(Instant now);
  // Those that wait, taken out: they fail when the caller drops them.
  std::deque<FetchPtr> cancel_loads();

 private:
  std::vector<FetchPtr> next() REQUIRES(mutex_);
  void set_bounded_lease(const core::KeyspaceConfig& config);

  struct Slot {
    Slot(core::ShardOptions options, const core::StoreOptions& store, Allocator& allocator,
         uint64_t seed)
        : shard(std::move(options), store, allocator, seed) {}
    Mutex mutex;
    core::Shard shard GUARDED_BY(mutex);
  };

  const std::string name_;
  const core::KeyspaceId id_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::atomic<bool> removed_{false};
  std::atomic<uint64_t> view_id_{0};
  std::atomic<uint64_t> view_changes_{0};
  std::atomic<uint64_t> disagreements_{0};
  std::atomic<int64_t> bounded_lease_ns_{0};
  std::atomic<uint64_t> options_set_{0};
  const std::shared_ptr<std::atomic<bool>> loads_ended_ =
      std::make_shared<std::atomic<bool>>(false);

  mutable Mutex mutex_;
  core::KeyspaceConfig config_ GUARDED_BY(mutex_);
  std::shared_ptr<Source> source_ GUARDED_BY(mutex_);
  std::multiset<Instant> running_ GUARDED_BY(mutex_);  // deadlines of the loads in progress
  std::deque<FetchPtr> waiting_ GUARDED_BY(mutex_);
};

using KeyspacePtr = std::shared_ptr<Keyspace>;

}  // namespace distcache::engine
