#include <algorithm>

#include "engine/node.h"

// Loads by callers with a loader of their own, and what owners grant to their callers.
namespace distcache::engine {

void Node::get_with(const KeyspacePtr& keyspace, const core::Key& key,
                    std::shared_ptr<Source> loader, const OperationOptions& options,
                    Pending& pending) {
  if (auto refused = refusal(*keyspace)) return pending.set(0, std::move(*refused));
  const Instant now = this->now();
  const Duration timeout =
      options.timeout.is_zero() ? keyspace->config().read_timeout : options.timeout;
  const uint32_t shard = keyspace->shard_of(key.hash);
  const core::Waiter waiter = pending.waiter(0, now + timeout);
  core::Outbox out;
  std::optional<core::Outcome> outcome;
  {
    const core::ReadRequest request{
        waiter,        0, options.ancestors,
        options.trace, 0, std::make_shared<HeldLoader>(std::move(loader), spent_loaders_)};
    outcome = keyspace->with_shard(shard,
                                   [&](core::Shard& at) { return at.get(key, request, now, out); });
  }
  perform(keyspace, shard, std::move(out));
  if (outcome) Pending::complete(waiter, std::move(*outcome));
  answer_if_ended(keyspace);
}

void Node::on_grant(const CallTicket& ticket, uint64_t grant) {
  core::Outbox out;
  const Instant now = this->now();
  ticket.keyspace->with_shard(
      ticket.shard, [&](core::Shard& shard) { shard.on_grant(ticket.flight, grant, now, out); });
  perform(ticket.keyspace, ticket.shard, std::move(out));
}

void Node::send_grant(core::KeyspaceId keyspace, core::GrantStart grant) {
  inbox_.put(OutgoingGrant{
      grant.to.token,
      {grant.to.id, keyspace, std::move(grant.key), grant.grant, grant.lease, grant.fence}});
}

// What members that cannot be reached any more were granted. Nobody reaches a node that `leaves`.
void Node::pass_grants_on(bool leaves) {
  std::vector<core::MemberId> gone;
  const std::shared_ptr<const Members> members = this->members();
  for (const core::MemberStatus& member : *members) {
    const bool reached = !leaves && member.in_view() && member.reach != core::Reach::down;
    if (!reached && !member.self) gone.push_back(member.record.id());
  }
  if (gone.empty()) return;
  std::sort(gone.begin(), gone.end());
  const Instant now = this->now();
  for (const KeyspacePtr& keyspace : keyspaces()) {
    for (uint32_t i = 0; i < keyspace->shards(); ++i) {
      core::Outbox out;
      keyspace->with_shard(i, [&](core::Shard& shard) { shard.on_gone(gone, now, out); });
      if (!out.empty()) perform(keyspace, i, std::move(out));
    }
  }
}

}  // namespace distcache::engine
