#include "base/limits.h"
#include "engine/node.h"

// What callers ask for. Each key takes its own shard's lock; what the shards decide is performed
// when no lock is held.
namespace distcache::engine {
namespace {

Duration timeout_of(const OperationOptions& options, Duration usual) {
  return options.timeout.is_zero() ? usual : options.timeout;
}

}  // namespace

std::optional<core::Outcome> Node::refusal(const Keyspace& keyspace) const {
  if (closed()) return core::Outcome::failure(Status::closed, "the engine is closed");
  if (keyspace.removed()) {
    return core::Outcome::failure(Status::no_keyspace,
                                  "keyspace '" + keyspace.name() + "' was removed");
  }
  if (!has_quorum()) {
    return core::Outcome::failure(Status::no_quorum, "fewer than quorum.min members are alive");
  }
  return std::nullopt;
}

std::optional<core::Outcome> Node::hit(Keyspace& keyspace, const core::Key& key) {
  if (auto refused = refusal(keyspace)) return refused;
  const Instant now = this->now();
  return keyspace.with_shard(keyspace.shard_of(key.hash),
                             [&](core::Shard& shard) { return shard.hit(key, now); });
}

core::Outcome Node::peek(Keyspace& keyspace, const core::Key& key) {
  if (auto refused = refusal(keyspace)) return std::move(*refused);
  const Instant now = this->now();
  return keyspace.with_shard(keyspace.shard_of(key.hash),
                             [&](core::Shard& shard) { return shard.peek(key, now); });
}

void Node::get(const KeyspacePtr& keyspace, const std::vector<core::Key>& keys,
               const OperationOptions& options, Pending& pending) {
  const Instant now = this->now();
  const Instant deadline = now + timeout_of(options, keyspace->config().read_timeout);
  FetchGroup fetches;
  for (size_t i = 0; i < keys.size(); ++i) {
    const core::Key& key = keys[i];
    std::optional<core::Outcome> outcome = refusal(*keyspace);
    if (!outcome) {
      const uint32_t shard = keyspace->shard_of(key.hash);
      core::Outbox out;
      core::Waiter waiter = pending.waiter(i, deadline);
      const core::ReadRequest request{waiter, 0, options.ancestors, options.trace};
      outcome = keyspace->with_shard(
          shard, [&](core::Shard& at) { return at.get(key, request, now, out); });
      perform(keyspace, shard, std::move(out), fetches);
      if (!outcome) continue;
      Pending::complete(waiter, std::move(*outcome));
      continue;
    }
    pending.set(i, std::move(*outcome));
  }
  start(std::move(fetches));
  answer_if_ended(keyspace);
}

void Node::put(const KeyspacePtr& keyspace, std::vector<PutItem> items,
               const OperationOptions& options, Pending& pending) {
  for (size_t i = 0; i < items.size(); ++i) {
    core::WriteRequest request;
    request.kind = items[i].expected ? core::CallKind::put_if : core::CallKind::put;
    request.expected = items[i].expected.value_or(core::Version{});
    request.value = std::move(items[i].value);
    request.ttl = items[i].ttl.is_zero() ? options.ttl : items[i].ttl;
    request.tags = options.tags;
    request.trace = options.trace;
    write(keyspace, items[i].key, std::move(request), options, i, pending);
  }
  answer_if_ended(keyspace);
}

void Node::remove(const KeyspacePtr& keyspace, const std::vector<core::Key>& keys,
                  const OperationOptions& options, Pending& pending) {
  for (size_t i = 0; i < keys.size(); ++i) {
    core::WriteRequest request;
    request.kind = core::CallKind::remove;
    request.trace = options.trace;
    write(keyspace, keys[i], std::move(request), options, i, pending);
  }
  answer_if_ended(keyspace);
}

void Node::write(const KeyspacePtr& keyspace, const core::Key& key, core::WriteRequest request,
                 const OperationOptions& options, size_t index, Pending& pending) {
  if (auto refused = refusal(*keyspace)) return pending.set(index, std::move(*refused));
  has_written_.store(true, std::memory_order_relaxed);
  const Instant now = this->now();
  const uint32_t shard = keyspace->shard_of(key.hash);
  const core::Waiter waiter =
      pending.waiter(index, now + timeout_of(options, keyspace->config().write_timeout));
  request.waiter = waiter;
  core::Outbox out;
  std::optional<core::Outcome> outcome = keyspace->with_shard(
      shard, [&](core::Shard& at) { return at.write(key, request, now, out); });
  perform(keyspace, shard, std::move(out));
  if (outcome) Pending::complete(waiter, std::move(*outcome));
}

void Node::refresh(const KeyspacePtr& keyspace, const core::Key& key,
                   const OperationOptions& options, Pending& pending) {
  if (auto refused = refusal(*keyspace)) return pending.set(0, std::move(*refused));
  has_written_.store(true, std::memory_order_relaxed);
  const Instant now = this->now();
  const uint32_t shard = keyspace->shard_of(key.hash);
  core::WriteRequest request;
  request.kind = core::CallKind::refresh;
  request.waiter = pending.waiter(0, now + timeout_of(options, keyspace->config().read_timeout));
  request.trace = options.trace;
  request.ancestors = options.ancestors;
  core::Outbox out;
  std::optional<core::Outcome> outcome = keyspace->with_shard(
      shard, [&](core::Shard& at) { return at.refresh(key, request, now, out); });
  perform(keyspace, shard, std::move(out));
  if (outcome) Pending::complete(request.waiter, std::move(*outcome));
  answer_if_ended(keyspace);
}

// end() and remove_keyspace() mark first and answer everybody in the shards then; an operation that
// passed the mark but came to its shard after that would wait until its deadline.
void Node::answer_if_ended(const KeyspacePtr& keyspace) {
  if (!ended_.load(std::memory_order_acquire) && !keyspace->removed()) return;
  if (const auto refused = refusal(*keyspace)) end(keyspace, *refused);
}

}  // namespace distcache::engine
