#include "engine/keyspace.h"

#include <algorithm>
#include <bit>

#include "core/mutations.h"
#include "engine/pending.h"

namespace distcache::engine {
namespace {

constexpr size_t kShardsMax = 64;
constexpr size_t kShardBytesMin =
    4 * 1024 * 1024;                         // eviction wants a thousand entries to choose from
constexpr size_t kLoadsWaitingPerLane = 64;  // queued loads for each one that may run
constexpr size_t kGrantedMax = 8'192;        // loads by callers, in all shards together

// Each shard keeps a share of bytes.max for itself, and must have room for the largest value beside
// what else it holds: small keyspaces have few shards.
size_t shard_count(const core::KeyspaceConfig& config) {
  const size_t room = 4 * std::min<size_t>(config.value_bytes_max, config.bytes_max / 4 + 1);
  const size_t by_bytes = config.bytes_max / std::max(room, kShardBytesMin);
  const size_t by_entries = config.entries_max == 0 ? kShardsMax : config.entries_max / 1024;
  const size_t count = std::clamp<size_t>(std::min(by_bytes, by_entries), 1, kShardsMax);
  return std::bit_floor(count);
}

core::StoreLimits share_of(const core::KeyspaceConfig& config, size_t shards) {
  core::StoreLimits limits;
  limits.bytes_max = config.bytes_max / shards;
  if (config.entries_max > 0) limits.entries_max = std::max<size_t>(config.entries_max / shards, 1);
  return limits;
}

core::ShardOptions shard_options(const std::string& name, core::KeyspaceId id,
                                 const core::KeyspaceConfig& config, size_t shards,
                                 bool has_source) {
  core::ShardOptions options;
  options.keyspace = id;
  options.keyspace_name = name;
  options.expiry = {config.ttl, config.ttl_max, config.ttl_jitter_percent};
  options.negative_ttl = config.negative_ttl;
  options.fetch_timeout = config.fetch_timeout;
  options.value_bytes_max = config.value_bytes_max;
  options.waiters_max = config.waiters_max;
  options.has_source = has_source;
  options.has_left = &Pending::has_left;
  options.mirror = config.mirror;
  options.mirror_lease = config.mirror_lease;
  options.mirror_bytes_max = config.bytes_max / shards / 100 * config.mirror_percent;
  options.granted_max = kGrantedMax / shards;
  options.bounded = config.partition == core::PartitionMode::bounded;
  return options;
}

}  // namespace

Keyspace::Keyspace(std::string name, const core::KeyspaceConfig& config,
                   std::shared_ptr<Source> source, Allocator& allocator, Rng& rng)
    : name_(std::move(name)), id_(hash64(name_)), config_(config), source_(std::move(source)) {
  const size_t shards = shard_count(config);
  core::StoreOptions store;
  store.limits = share_of(config, shards);
  store.policy = config.eviction_policy;
  store.index_seed = rng.next();
  for (size_t i = 0; i < shards; ++i) {
    slots_.push_back(
        std::make_unique<Slot>(shard_options(name_, id_, config, shards, source_ != nullptr), store,
                               allocator, rng.next()));
  }
  set_bounded_lease(config);
}

void Keyspace::set_bounded_lease(const core::KeyspaceConfig& config) {
  const bool bounded = config.partition == core::PartitionMode::bounded;
  bounded_lease_ns_.store(bounded ? config.mirror_lease.as_ns() : 0, std::memory_order_relaxed);
}

core::KeyspaceConfig Keyspace::config() const {
  MutexLock lock(mutex_);
  return config_;
}

std::shared_ptr<Source> Keyspace::source() const {
  MutexLock lock(mutex_);
  return source_;
}

void Keyspace::update(const core::KeyspaceConfig& config, std::shared_ptr<Source> source) {
  const bool has_source = source != nullptr;
  {
    MutexLock lock(mutex_);
    config_ = config;
    source_.swap(source);
  }
  const core::StoreLimits limits = share_of(config, slots_.size());
  for (uint32_t i = 0; i < shards(); ++i) {
    with_shard(i, [&](core::Shard& shard) {
      shard.set_options(shard_options(name_, id_, config, slots_.size(), has_source));
      shard.set_limits(limits);
    });
  }
  set_bounded_lease(config);
  options_set_.fetch_add(1, std::memory_order_release);
}

std::vector<FetchPtr> Keyspace::admit(std::vector<FetchPtr> fetches,
                                      std::vector<FetchPtr>& refused) {
  std::vector<FetchPtr> now;
  MutexLock lock(mutex_);
  const size_t waiting_max = size_t{config_.loads_max} * kLoadsWaitingPerLane;
  if (waiting_.size() + fetches.size() > waiting_max) {
    // Those whose callers have left by now make room.
    std::erase_if(waiting_, [&refused](FetchPtr& fetch) {
      if (!fetch->overdue()) return false;
      refused.push_back(std::move(fetch));
      return true;
    });
  }
  for (FetchPtr& fetch : fetches) {
    if (running_.size() < config_.loads_max || core::mutated(core::Mutation::any_loads)) {
      running_.insert(fetch->deadline());
      now.push_back(std::move(fetch));
    } else if (waiting_.size() < waiting_max) {
      waiting_.push_back(std::move(fetch));
    } else {
      refused.push_back(std::move(fetch));
    }
  }
  // Their answers, which follow at once, give these places back.
  for (const FetchPtr& fetch : refused) running_.insert(fetch->deadline());
  return now;
}

std::vector<FetchPtr> Keyspace::answered(Instant deadline) {
  MutexLock lock(mutex_);
  if (const auto load = running_.find(deadline); load != running_.end()) running_.erase(load);
  return next();
}

std::vector<FetchPtr> Keyspace::overdue(Instant now) {
  MutexLock lock(mutex_);
  running_.erase(running_.begin(), running_.upper_bound(now));
  return next();
}

std::vector<FetchPtr> Keyspace::next() {
  std::vector<FetchPtr> next;
  while (running_.size() < config_.loads_max && !waiting_.empty()) {
    running_.insert(waiting_.front()->deadline());
    next.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return next;
}

std::deque<FetchPtr> Keyspace::cancel_loads() {
  MutexLock lock(mutex_);
  return std::exchange(waiting_, {});
}

}  // namespace distcache::engine
