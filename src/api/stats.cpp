#include <algorithm>
#include <chrono>
#include <cstring>

#include "api/arguments.h"
#include "api/handles.h"
#include "api/source.h"
#include "distcache/observe.h"

using distcache::Status;
using distcache::api::Call;
using distcache::api::enter;
namespace api = distcache::api;
namespace engine = distcache::engine;

namespace distcache::api {
namespace {

// Fills what both sides know of a struct of counters, and says how much that is.
template <typename Stats>
Status write_growable(Call& call, Stats* out, const Stats& filled) {
  uint32_t size = out->struct_size;
  if (size < 2 * sizeof(uint32_t) || size % 8 != 0) {
    return call.invalid("out: struct_size is " + std::to_string(size) +
                        ", it must be the sizeof that the program was compiled with");
  }
  size = std::min<uint32_t>(size, sizeof(Stats));
  std::memcpy(out, &filled, size);
  out->struct_size = size;
  return Status::ok;
}

distcache_keyspace_stats_t stats_of(engine::Keyspace& keyspace) {
  const engine::KeyspaceStats all = engine::Engine::stats(keyspace);
  const core::ShardCounters& shards = all.shards;
  const auto source = source_of(keyspace);
  distcache_keyspace_stats_t stats{};
  stats.gets = shards.gets;
  stats.hits = shards.hits;
  stats.mirror_hits = shards.mirror_hits;
  stats.joined = shards.coalesced;
  stats.peer_gets = shards.asks;
  stats.peer_hits = shards.asks_ok;
  stats.peer_failures = shards.asks_failed;
  stats.peer_requests = shards.peer_requests;
  stats.peer_refusals = shards.not_owner_answers;
  stats.loads = shards.loads;
  stats.loads_ok = shards.loads_ok;
  stats.loads_not_found = shards.loads_not_found;
  stats.loads_failed = shards.loads_failed;
  stats.loads_timed_out = shards.loads_timed_out;
  stats.loads_not_stored = shards.loads_not_stored;
  stats.loads_last_resort = shards.last_resort_loads;
  stats.answers_ignored = source ? source->counters()->answers_ignored() : 0;
  stats.puts = shards.puts;
  stats.deletes = shards.removes;
  stats.evictions = all.evictions;
  stats.expirations = all.expirations;
  stats.entries = all.entries;
  stats.bytes = all.bytes;
  stats.mirror_entries = all.mirror_entries;
  stats.mirror_bytes = all.mirror_bytes;
  stats.flights = all.flights;
  stats.ring_id = all.ring_id;
  stats.ring_members = all.ring_members;
  stats.ring_changes = all.ring_changes;
  stats.ring_disagreements = all.ring_disagreements;
  return stats;
}

distcache_engine_stats_t stats_of(const OpenEngine& open) {
  distcache_engine_stats_t stats{};
  const auto peers = open.engine->peers();
  stats.members = static_cast<uint64_t>(
      std::count_if(peers.begin(), peers.end(), [](const engine::PeerInfo& peer) {
        return peer.state == engine::PeerState::self || peer.state == engine::PeerState::up;
      }));
  stats.observer_dropped = open.engine->observer_dropped();
  stats.keyspaces = open.engine->keyspaces().size();
  const auto up = std::chrono::steady_clock::now() - open.opened_at;
  stats.uptime_ms =
      static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(up).count());
  return stats;
}

}  // namespace
}  // namespace distcache::api

distcache_status_t distcache_keyspace_stats_get(distcache_keyspace_t* keyspace,
                                                distcache_keyspace_stats_t* out,
                                                distcache_error_t** err) {
  return enter(err, [&](Call& call) {
    const auto open = api::keyspaces.pin(keyspace);
    if (!open) return call.refuse(open.state(), "keyspace");
    if (out == nullptr) return call.invalid("out is NULL");
    if (const Status bad = open->refuse_use(call); bad != Status::ok) return bad;
    return api::write_growable(call, out, api::stats_of(*open->keyspace));
  });
}

distcache_status_t distcache_engine_stats_get(distcache_t* cache, distcache_engine_stats_t* out,
                                              distcache_error_t** err) {
  return enter(err, [&](Call& call) {
    const auto open = api::engines.pin(cache);
    if (!open) return call.refuse(open.state(), "cache");
    if (out == nullptr) return call.invalid("out is NULL");
    if ((*open)->engine->closed()) return call.fail(Status::closed, "the engine is closed");
    return api::write_growable(call, out, api::stats_of(**open));
  });
}
