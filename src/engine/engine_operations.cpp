#include <nlohmann/json.hpp>

#include "core/cluster/address.h"
#include "engine/engine.h"
#include "engine/events.h"
#include "engine/thread_role.h"

// What callers ask of an engine: the node's operations with a thread that waits, or without.
namespace distcache::engine {
namespace {

// The I/O thread ends an operation at its deadline, a tick later at most. This is for the case that
// the machine does not let it.
constexpr Duration kGrace = Duration::ms(60);

core::Outcome would_deadlock() {
  return core::Outcome::failure(Status::would_deadlock,
                                "a call that waits was made on a thread of the library that must "
                                "not wait; its asynchronous form may be used there");
}

// A call made from inside a source is told what it descends from, so that a cycle is found.
OperationOptions with_ancestors(OperationOptions options) {
  if (const Fetch* fetch = current_fetch()) {
    options.ancestors = fetch->ancestors();
    if (options.trace.traceparent.empty()) options.trace = fetch->trace();
  }
  return options;
}

Duration timeout_of(const OperationOptions& options, Duration usual) {
  return options.timeout.is_zero() ? usual : options.timeout;
}

}  // namespace

Pending::Outcomes Engine::wait(Pending& pending, Duration timeout, Status late) {
  if (!pending.wait(timeout + kGrace)) {
    pending.finish(core::Outcome::failure(late, "the deadline passed"));
  }
  return pending.take();
}

core::Outcome Engine::get(const KeyspacePtr& keyspace, const core::Key& key,
                          const OperationOptions& options) {
  if (std::optional<core::Outcome> outcome = node().hit(*keyspace, key)) return *outcome;
  return std::move(get_many(keyspace, {key}, options).front());
}

core::Outcome Engine::get_held(const KeyspacePtr& keyspace, const core::Key& key) {
  if (std::optional<core::Outcome> outcome = node().hit(*keyspace, key)) return *outcome;
  return core::Outcome::failure(Status::not_cached, {});
}

core::Outcome Engine::peek(const KeyspacePtr& keyspace, const core::Key& key) {
  return node().peek(*keyspace, key);
}

std::vector<core::Outcome> Engine::get_many(const KeyspacePtr& keyspace,
                                            const std::vector<core::Key>& keys,
                                            const OperationOptions& options) {
  if (!may_wait()) return {keys.size(), would_deadlock()};
  if (keys.empty()) return {};
  const auto pending = std::make_shared<Pending>(keys.size());
  node().get(keyspace, keys, with_ancestors(options), *pending);
  return wait(*pending, timeout_of(options, keyspace->config().read_timeout), Status::timed_out);
}

core::Outcome Engine::get_with(const KeyspacePtr& keyspace, const core::Key& key,
                               std::shared_ptr<Source> loader, const OperationOptions& options) {
  if (std::optional<core::Outcome> outcome = node().hit(*keyspace, key)) return *outcome;
  if (!may_wait()) return would_deadlock();
  const auto pending = std::make_shared<Pending>(1);
  node().get_with(keyspace, key, std::move(loader), with_ancestors(options), *pending);
  return std::move(
      wait(*pending, timeout_of(options, keyspace->config().read_timeout), Status::timed_out)
          .front());
}

std::vector<core::Outcome> Engine::put_many(const KeyspacePtr& keyspace, std::vector<PutItem> items,
                                            const OperationOptions& options) {
  if (!may_wait()) return {items.size(), would_deadlock()};
  if (items.empty()) return {};
  const auto pending = std::make_shared<Pending>(items.size());
  node().put(keyspace, std::move(items), options, *pending);
  return wait(*pending, timeout_of(options, keyspace->config().write_timeout), Status::unknown);
}

std::vector<core::Outcome> Engine::delete_many(const KeyspacePtr& keyspace,
                                               const std::vector<core::Key>& keys,
                                               const OperationOptions& options) {
  if (!may_wait()) return {keys.size(), would_deadlock()};
  if (keys.empty()) return {};
  const auto pending = std::make_shared<Pending>(keys.size());
  node().remove(keyspace, keys, options, *pending);
  return wait(*pending, timeout_of(options, keyspace->config().write_timeout), Status::unknown);
}

core::Outcome Engine::refresh(const KeyspacePtr& keyspace, const core::Key& key,
                              const OperationOptions& options) {
  if (!may_wait()) return would_deadlock();
  const auto pending = std::make_shared<Pending>(1);
  node().refresh(keyspace, key, with_ancestors(options), *pending);
  return wait(*pending, timeout_of(options, keyspace->config().read_timeout), Status::timed_out)
      .front();
}

PendingPtr Engine::get_async(const KeyspacePtr& keyspace, const std::vector<core::Key>& keys,
                             const OperationOptions& options, Pending::Done done) {
  auto pending = std::make_shared<Pending>(keys.size(), std::move(done), &events());
  node().get(keyspace, keys, with_ancestors(options), *pending);
  return pending;
}

PendingPtr Engine::get_with_async(const KeyspacePtr& keyspace, const core::Key& key,
                                  std::shared_ptr<Source> loader, const OperationOptions& options,
                                  Pending::Done done) {
  auto pending = std::make_shared<Pending>(1, std::move(done), &events());
  node().get_with(keyspace, key, std::move(loader), with_ancestors(options), *pending);
  return pending;
}

PendingPtr Engine::put_async(const KeyspacePtr& keyspace, std::vector<PutItem> items,
                             const OperationOptions& options, Pending::Done done) {
  auto pending = std::make_shared<Pending>(items.size(), std::move(done), &events());
  node().put(keyspace, std::move(items), options, *pending);
  return pending;
}

PendingPtr Engine::delete_async(const KeyspacePtr& keyspace, const std::vector<core::Key>& keys,
                                const OperationOptions& options, Pending::Done done) {
  auto pending = std::make_shared<Pending>(keys.size(), std::move(done), &events());
  node().remove(keyspace, keys, options, *pending);
  return pending;
}

PendingPtr Engine::refresh_async(const KeyspacePtr& keyspace, const core::Key& key,
                                 const OperationOptions& options, Pending::Done done) {
  auto pending = std::make_shared<Pending>(1, std::move(done), &events());
  node().refresh(keyspace, key, with_ancestors(options), *pending);
  return pending;
}

// -- keyspaces ------------------------------------------------------------------------------------

Result<KeyspacePtr> Engine::add_keyspace(const std::string& name,
                                         const core::KeyspaceConfig& config,
                                         std::shared_ptr<Source> source) {
  Result<KeyspacePtr> added = node().add_keyspace(name, config, std::move(source));
  if (added.ok()) tell_of_keyspace(observer(), "keyspace_added", name);
  return added;
}

Result<void> Engine::update_keyspace(const std::string& name, const core::KeyspaceConfig& config,
                                     std::shared_ptr<Source> source) {
  Result<void> updated = node().update_keyspace(name, config, std::move(source));
  if (updated.ok()) tell_of_keyspace(observer(), "keyspace_updated", name);
  return updated;
}

Result<void> Engine::remove_keyspace(const std::string& name) {
  Result<void> removed = node().remove_keyspace(name);
  if (removed.ok()) tell_of_keyspace(observer(), "keyspace_removed", name);
  return removed;
}

KeyspacePtr Engine::find_keyspace(const std::string& name) const { return node().find(name); }
std::vector<KeyspacePtr> Engine::keyspaces() const { return node().keyspaces(); }

// -- observing ------------------------------------------------------------------------------------

std::vector<PeerInfo> Engine::peers() const {
  std::vector<PeerInfo> peers;
  const std::shared_ptr<const Members> members = node().members();
  for (const core::MemberStatus& member : *members) {
    PeerInfo info;
    info.name = member.record.name;
    info.data_address = core::format_address(member.record.data);
    info.membership_address = core::format_address(member.record.membership);
    info.incarnation = member.record.incarnation;
    info.weight = member.record.weight;
    info.client = member.record.role == core::Role::client;
    if (member.self) {
      info.state = PeerState::self;
    } else if (member.record.state == core::MemberState::left) {
      info.state = PeerState::left;
    } else if (!member.in_view()) {
      info.state = PeerState::lost;
    } else if (member.reach == core::Reach::down) {
      info.state = PeerState::down;
    } else {
      info.state = member.reach == core::Reach::up ? PeerState::up : PeerState::pending;
    }
    peers.push_back(std::move(info));
  }
  return peers;
}

KeyspaceStats Engine::stats(Keyspace& keyspace) {
  KeyspaceStats stats;
  stats.bytes_max = keyspace.config().bytes_max;
  stats.ring_disagreements = keyspace.disagreements();
  for (uint32_t i = 0; i < keyspace.shards(); ++i) {
    keyspace.with_shard(i, [&stats](core::Shard& shard) {
      stats.shards += shard.counters();
      stats.entries += shard.store().entries();
      stats.bytes += shard.store().bytes();
      stats.mirror_entries += shard.store().mirror_entries();
      stats.mirror_bytes += shard.store().mirror_bytes();
      stats.evictions += shard.store().counters().evictions;
      stats.expirations += shard.store().counters().expirations;
      stats.flights += shard.flights();
      stats.ring_id = shard.view().id();
      stats.ring_members = shard.view().members().size();
    });
  }
  stats.ring_changes = keyspace.view_changes();  // last: the ring that was seen above is counted
  return stats;
}

std::string Engine::explain(const KeyspacePtr& keyspace, const core::Key& key) const {
  const core::Outcome held = node().peek(*keyspace, key);
  nlohmann::json json;
  keyspace->with_shard(keyspace->shard_of(key.hash), [&](core::Shard& shard) {
    const core::View& view = shard.view();
    const core::ViewMember* acting = view.find(view.acting_owner(key.hash).member);
    json["acting_owner"] = acting ? nlohmann::json(acting->name) : nlohmann::json(nullptr);
    json["acting_owner_is_self"] = view.self_acts(key.hash);
    json["owners"] = view.members().size();
    json["view"] = view.id();
  });
  json["keyspace"] = keyspace->name();
  json["key_hash"] = key.hash;
  json["cached_here"] = held.status == Status::ok;
  json["value_bytes"] = held.value.size();
  json["age_ms"] = held.age.as_ms();
  json["ttl_remaining_ms"] = held.ttl == Duration::max() ? -1 : held.ttl.as_ms();
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace distcache::engine
