#include "core/written.h"
#include "engine/node.h"
#include "engine/reply.h"

// The network's side: what other members ask, answer and recall.
namespace distcache::engine {

// Each side serves or refuses by its own view, and nobody forwards: that two views differ costs a
// request or two, and must not last.
void Node::compare_views(Keyspace& keyspace, core::MemberId with, uint64_t view_id) {
  if (view_id == 0) return;
  if (view_id == keyspace.view_id()) return disagreements_.agree(with, keyspace.id());
  keyspace.count_disagreement();
  disagreements_.note(with, keyspace.id(), now());
}

std::optional<core::Reply> Node::on_call(uint64_t route, core::MemberId from, core::Call call,
                                         Duration unread, FetchGroup& fetches) {
  const KeyspacePtr keyspace = find(call.keyspace);
  const core::Key key = core::Key::of(call.key);
  const Instant now = this->now();
  if (call.kind != core::CallKind::get && call.kind != core::CallKind::confirm &&
      call.kind != core::CallKind::loaded) {
    has_written_.store(true, std::memory_order_relaxed);
  }
  std::optional<core::Outcome> outcome;
  uint64_t view_id = 0;
  core::Outbox out;
  uint32_t shard = 0;
  // What a member brings that was granted it is what the callers here wait for.
  if (closed() && call.kind != core::CallKind::loaded) {
    outcome = core::Outcome::failure(Status::closed, "the member is closing");
  } else if (!keyspace) {
    outcome = core::Outcome::failure(Status::no_keyspace, "no such keyspace at the owner");
  } else if (call.kind == core::CallKind::clear) {
    clear(keyspace);
    outcome.emplace().status = Status::ok;
  } else if (call.kind == core::CallKind::written) {
    compare_views(*keyspace, from, call.view_id);
    outcome = on_written(*keyspace, call.key);
  } else if (call.kind == core::CallKind::confirm) {
    compare_views(*keyspace, from, call.view_id);
    return majorities_.answer(call.id, *keyspace, now);
  } else {
    shard = keyspace->shard_of(key.hash);
    compare_views(*keyspace, from, call.view_id);
    const core::MemberId keeper = (call.flags & core::kCallKeeps) != 0 ? from : 0;
    const core::Waiter waiter{core::Waiter::Kind::remote, route, call.id, now + call.deadline,
                              keeper};
    outcome = keyspace->with_shard(shard, [&](core::Shard& at) -> std::optional<core::Outcome> {
      view_id = at.view().id();
      switch (call.kind) {
        case core::CallKind::get:
          return at.get(key, {waiter, call.flags, std::move(call.ancestors), call.trace, from}, now,
                        out);
        case core::CallKind::loaded:
          return at.on_granted_load(key, from, call, unread, now, out);
        case core::CallKind::put:
        case core::CallKind::put_if:
        case core::CallKind::remove:
          return at.write(key,
                          {call.kind, waiter, call.flags, std::move(call.value), call.ttl, unread,
                           std::move(call.tags), call.trace, call.version},
                          now, out);
        case core::CallKind::refresh: {
          core::WriteRequest request;
          request.kind = call.kind;
          request.waiter = waiter;
          request.flags = call.flags;
          request.trace = call.trace;
          request.ancestors = std::move(call.ancestors);
          return at.refresh(key, request, now, out);
        }
        case core::CallKind::clear:
        case core::CallKind::written:
        case core::CallKind::confirm:
          break;
      }
      return core::Outcome::failure(Status::unsupported, "an operation this member does not know");
    });
    perform(keyspace, shard, std::move(out), fetches);
  }
  if (!outcome) return std::nullopt;
  return reply_of(call.id, view_id, std::move(*outcome));
}

core::Outcome Node::on_written(Keyspace& keyspace, const std::string& record) {
  const std::optional<uint64_t> hash = core::written_hash(record);
  if (!hash) {
    return core::Outcome::failure(Status::invalid_argument, "the hash of a key has eight bytes");
  }
  keyspace.with_shard(keyspace.shard_of(*hash),
                      [&](core::Shard& shard) { shard.on_written(*hash); });
  core::Outcome outcome;
  outcome.status = Status::ok;
  return outcome;
}

std::optional<Instant> Node::seal(const CallTicket& ticket) {
  const Instant now = this->now();
  return ticket.keyspace->with_shard(
      ticket.shard, [&](core::Shard& shard) { return shard.seal(ticket.flight, now); });
}

void Node::on_reply(const CallTicket& ticket, core::MemberId from, const core::Reply& reply) {
  core::Outbox out;
  compare_views(*ticket.keyspace, from, reply.view_id);
  const Instant now = this->now();
  if (!ticket.confirms.is_never()) {
    return majorities_.on_answer(*ticket.keyspace, from, reply, ticket.confirms, now);
  }
  ticket.keyspace->with_shard(
      ticket.shard, [&](core::Shard& shard) { shard.on_reply(ticket.flight, reply, now, out); });
  perform(ticket.keyspace, ticket.shard, std::move(out));
}

void Node::on_call_failed(const CallTicket& ticket, bool sent) {
  core::Outbox out;
  const Instant now = this->now();
  ticket.keyspace->with_shard(ticket.shard, [&](core::Shard& shard) {
    shard.on_call_failed(ticket.flight, sent, now, out);
  });
  perform(ticket.keyspace, ticket.shard, std::move(out));
}

void Node::on_recall(core::MemberId lender, const core::RecallItem& item) {
  const KeyspacePtr keyspace = find(item.keyspace);
  if (!keyspace) return;
  const Instant now = this->now();
  const core::Key key = core::Key::of(item.key);
  const bool all = item.key.empty();
  for (uint32_t i = all ? 0 : keyspace->shard_of(key.hash); i < keyspace->shards(); ++i) {
    keyspace->with_shard(
        i, [&](core::Shard& shard) { shard.on_recall(lender, key, item.version, now); });
    if (!all) return;
  }
}

void Node::drop_lent(core::MemberId lender) {
  const Instant now = this->now();
  for (const KeyspacePtr& keyspace : keyspaces()) {
    for (uint32_t i = 0; i < keyspace->shards(); ++i) {
      keyspace->with_shard(i, [&](core::Shard& shard) { shard.drop_lent(lender, now); });
    }
  }
}

void Node::on_recalled(core::MemberId holder, const core::LeaseRecalls::Ticket& ticket) {
  const KeyspacePtr keyspace = find(ticket.keyspace);
  if (!keyspace) return;
  const core::Key key = core::Key::of(ticket.key);
  const uint32_t shard = keyspace->shard_of(key.hash);
  const Instant now = this->now();
  core::Outbox out;
  keyspace->with_shard(
      shard, [&](core::Shard& at) { at.on_recalled(ticket.flight, holder, key, now, out); });
  perform(keyspace, shard, std::move(out));
}

}  // namespace distcache::engine
