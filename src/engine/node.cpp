#include "engine/node.h"

#include <algorithm>
#include <cstring>

#include "base/limits.h"
#include "core/mutations.h"
#include "core/written.h"

// Keyspaces, the network's side, and life. The operations of callers are in node_operations.cpp.
namespace distcache::engine {
namespace {

constexpr size_t kExpiryStepsPerTick = 4'096;  // entries freed under one lock
constexpr Duration kWitnessTimeout = Duration::seconds(10);

core::Reply reply_of(uint64_t id, uint64_t view_id, core::Outcome outcome) {
  core::Reply reply;
  reply.id = id;
  reply.status = outcome.status;
  if (outcome.stale) reply.flags |= core::kReplyStale;
  if (outcome.retriable) reply.flags |= core::kReplyRetriable;
  reply.origin = outcome.origin;
  reply.view_id = view_id;
  if (outcome.status == Status::ok) reply.value = std::move(outcome.value);
  reply.version = outcome.version;
  reply.age = outcome.age;
  reply.ttl = outcome.ttl;
  if (outcome.lease > Duration()) {
    reply.flags |= core::kReplyHot;
    reply.lease = outcome.lease;
  }
  reply.message = std::move(outcome.message);
  reply.unconfirmed = std::move(outcome.unconfirmed);
  return reply;
}

// Tells another member that the owner has missed a write, by having it stand in for a delete.
OutgoingCall witness_call(const KeyspacePtr& keyspace, uint32_t shard,
                          const core::MissedWrite& missed, Instant now) {
  OutgoingCall told{{keyspace, shard, 0}, missed.witness, now + kWitnessTimeout, {}};
  told.call.kind = core::CallKind::remove;
  told.call.flags = core::kCallRepair | core::kCallStandIn;
  told.call.keyspace = keyspace->id();
  told.call.key = missed.key;
  return told;
}

}  // namespace

Node::Node(core::MemberId self, const Seams& seams, Log& log)
    : self_(self), seams_(seams), log_(log), members_(std::make_shared<const Members>()) {}

// -- keyspaces ------------------------------------------------------------------------------------

Result<KeyspacePtr> Node::add_keyspace(const std::string& name, const core::KeyspaceConfig& config,
                                       std::shared_ptr<Source> source) {
  if (name.empty() || name.size() > limits::kKeyspaceNameBytesMax) {
    return Error{Status::invalid_argument, "a keyspace name has 1 to 255 bytes"};
  }
  if (closed()) return Error{Status::closed, "the engine is closed"};
  auto keyspace =
      std::make_shared<Keyspace>(name, config, std::move(source), seams_.allocator, seams_.rng);
  MutexLock lock(mutex_);
  if (by_name_.contains(name)) {
    return Error{Status::invalid_argument, "keyspace '" + name + "' exists already"};
  }
  if (by_id_.contains(keyspace->id())) {
    return Error{Status::invalid_argument, "keyspace '" + name + "' has the same hash as '" +
                                               by_id_[keyspace->id()]->name() + "'"};
  }
  by_name_[name] = keyspace;
  by_id_[keyspace->id()] = keyspace;
  expect_values(config);
  install_view(*keyspace);
  announce();
  return keyspace;
}

Result<void> Node::update_keyspace(const std::string& name, const core::KeyspaceConfig& config,
                                   std::shared_ptr<Source> source) {
  std::shared_ptr<Source> replaced;  // ends, and its finaliser runs, when no lock is held
  MutexLock lock(mutex_);
  const auto at = by_name_.find(name);
  if (at == by_name_.end()) return Error{Status::no_keyspace, "no keyspace '" + name + "'"};
  replaced = at->second->source();
  expect_values(config);
  at->second->update(config, std::move(source));
  install_view(*at->second);
  announce();
  return {};
}

Result<void> Node::remove_keyspace(const std::string& name) {
  KeyspacePtr removed;
  {
    MutexLock lock(mutex_);
    const auto at = by_name_.find(name);
    if (at == by_name_.end()) return Error{Status::no_keyspace, "no keyspace '" + name + "'"};
    removed = at->second;
    removed->mark_removed();
    by_id_.erase(removed->id());
    by_name_.erase(at);
    announce();
  }
  end(removed, core::Outcome::failure(Status::no_keyspace, "keyspace '" + name + "' was removed"));
  return {};
}

KeyspacePtr Node::find(const std::string& name) const {
  MutexLock lock(mutex_);
  const auto at = by_name_.find(name);
  return at == by_name_.end() ? nullptr : at->second;
}

KeyspacePtr Node::find(core::KeyspaceId id) const {
  MutexLock lock(mutex_);
  const auto at = by_id_.find(id);
  return at == by_id_.end() ? nullptr : at->second;
}

std::vector<KeyspacePtr> Node::keyspaces() const {
  MutexLock lock(mutex_);
  std::vector<KeyspacePtr> all;
  for (const auto& [name, keyspace] : by_name_) all.push_back(keyspace);
  return all;
}

// Never less: a value that was let in before a limit was lowered may be under way.
void Node::expect_values(const core::KeyspaceConfig& config) {
  value_bytes_max_.store(std::max<size_t>(value_bytes_max(), config.value_bytes_max),
                         std::memory_order_relaxed);
}

void Node::install_view(Keyspace& keyspace) {
  // The network learns of new keyspaces a little later: this node's own record is made afresh.
  Members members = *members_;
  for (core::MemberStatus& member : members) {
    if (member.self) member.record.keyspaces = announced_locked();
  }
  const core::ViewPtr view = core::make_view(keyspace.id(), members, self_);
  const uint64_t epoch = epoch_;
  const Instant now = this->now();
  const bool changes = keyspace.view_id() != view->id();
  if (changes) keyspace.count_view_change();  // first: who sees the view finds it counted
  for (uint32_t i = 0; i < keyspace.shards(); ++i) {
    const auto set = [&](core::Shard& shard) { return shard.set_view(view, epoch, now); };
    for (core::RecallStart& recall : keyspace.with_shard(i, set)) {
      inbox_.put(OutgoingRecall{keyspace.id(), std::move(recall)});
    }
  }
  keyspace.set_view_id(view->id());
  if (changes && on_view_) on_view_(keyspace, *view, epoch);
}

std::vector<core::MemberKeyspace> Node::announced() const {
  MutexLock lock(mutex_);
  return announced_locked();
}

std::vector<core::MemberKeyspace> Node::announced_locked() const {
  std::vector<core::MemberKeyspace> all;
  for (const auto& [id, keyspace] : by_id_) all.push_back({id, keyspace->source() != nullptr});
  return all;
}

void Node::announce() { inbox_.put(Announcement{announced_locked()}); }

void Node::set_members(Members members, uint64_t epoch) {
  {
    MutexLock lock(mutex_);
    members_ = std::make_shared<const Members>(std::move(members));
    epoch_ = std::max(epoch_, epoch);
    for (const auto& [id, keyspace] : by_id_) install_view(*keyspace);
  }
  pass_grants_on();
}

std::shared_ptr<const Members> Node::members() const {
  MutexLock lock(mutex_);
  return members_;
}

// -- the network's side ---------------------------------------------------------------------------

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
  if (call.kind != core::CallKind::get && call.kind != core::CallKind::loaded) {
    has_written_.store(true, std::memory_order_relaxed);
  }
  std::optional<core::Outcome> outcome;
  uint64_t view_id = 0;
  core::Outbox out;
  uint32_t shard = 0;
  if (closed()) {
    outcome = core::Outcome::failure(Status::closed, "the member is closing");
  } else if (!keyspace) {
    outcome = core::Outcome::failure(Status::no_keyspace, "no such keyspace at the owner");
  } else if (call.kind == core::CallKind::clear) {
    clear(keyspace);
    outcome.emplace().status = Status::ok;
  } else if (call.kind == core::CallKind::written) {
    compare_views(*keyspace, from, call.view_id);
    outcome = on_written(*keyspace, call.key);
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
          return at.on_granted_load(key, from, call, now, out);
        case core::CallKind::put:
        case core::CallKind::remove:
          return at.write(key,
                          {call.kind, waiter, call.flags, std::move(call.value), call.ttl, unread,
                           std::move(call.tags), call.trace},
                          now, out);
        case core::CallKind::clear:
        case core::CallKind::written:
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

void Node::tick(Instant now) {
  spent_loaders_->clear();
  for (const KeyspacePtr& keyspace : keyspaces()) {
    for (uint32_t i = 0; i < keyspace->shards(); ++i) {
      core::Outbox out;
      keyspace->with_shard(i, [&](core::Shard& shard) {
        if (shard.next_deadline() <= now) shard.tick(now, kExpiryStepsPerTick, out);
      });
      if (!out.empty()) perform(keyspace, i, std::move(out));
    }
    run(keyspace, keyspace->overdue(now));
  }
}

// -- actions --------------------------------------------------------------------------------------

void Node::perform(const KeyspacePtr& keyspace, uint32_t shard, core::Outbox out) {
  FetchGroup fetches;
  perform(keyspace, shard, std::move(out), fetches);
  start(std::move(fetches));
}

void Node::perform(const KeyspacePtr& keyspace, uint32_t shard, core::Outbox out,
                   FetchGroup& fetches) {
  spent_loaders_->clear();
  for (core::CallStart& call : out.calls) {
    inbox_.put(
        OutgoingCall{{keyspace, shard, call.flight}, call.to, call.deadline, std::move(call.call)});
  }
  for (core::MissedWrite& missed : out.missed) {
    if (missed.witness != 0) inbox_.put(witness_call(keyspace, shard, missed, now()));
    missed_writes_.add(missed.member, keyspace->id(), std::move(missed.key));
  }
  for (core::RecallStart& recall : out.recalls) {
    inbox_.put(OutgoingRecall{keyspace->id(), std::move(recall)});
  }
  for (core::GrantStart& grant : out.grants) send_grant(keyspace->id(), std::move(grant));
  for (core::FetchStart& start : out.fetches) {
    fetches.items.push_back({keyspace, shard, std::move(start)});
  }
  for (core::Completion& done : out.completions) {
    if (!done.unconfirmed.empty()) add_names(done);
    switch (done.waiter.kind) {
      case core::Waiter::Kind::local:
        Pending::complete(done.waiter, std::move(done.outcome));
        break;
      case core::Waiter::Kind::remote:
        inbox_.put(OutgoingReply{done.waiter.token, reply_of(done.waiter.id, keyspace->view_id(),
                                                             std::move(done.outcome))});
        break;
      case core::Waiter::Kind::nobody:
        break;
    }
  }
}

void Node::add_names(core::Completion& done) const {
  const std::shared_ptr<const Members> members = this->members();
  for (const core::MemberId id : done.unconfirmed) {
    const auto known =
        std::find_if(members->begin(), members->end(),
                     [id](const core::MemberStatus& at) { return at.record.id() == id; });
    done.outcome.unconfirmed.push_back(
        known != members->end() ? known->record.name : "a member that is not known any more");
  }
}

void Node::start(FetchGroup group) {
  while (!group.items.empty()) {
    const KeyspacePtr keyspace = group.items.front().keyspace;
    std::vector<FetchPtr> fetches;
    for (FetchGroup::Item& item : group.items) {
      if (item.keyspace != keyspace) continue;
      auto answered = [this, owner = owner_, of = std::weak_ptr<Keyspace>(keyspace),
                       shard = item.shard, flight = item.start.flight,
                       deadline = item.start.deadline](core::LoadAnswer answer) {
        const std::shared_ptr<void> alive = owner.lock();
        const KeyspacePtr at = alive ? of.lock() : nullptr;
        if (!at) return;
        on_loaded(at, shard, flight, std::move(answer));
        run(at, at->answered(deadline));
      };
      auto ancestors = [of = std::weak_ptr<Keyspace>(keyspace), shard = item.shard,
                        flight = item.start.flight]() -> std::vector<core::Ancestor> {
        const KeyspacePtr at = of.lock();
        if (!at) return {};
        return at->with_shard(shard,
                              [&](core::Shard& loads) { return loads.ancestors_of(flight); });
      };
      auto wanted = [this, owner = owner_, of = std::weak_ptr<Keyspace>(keyspace),
                     shard = item.shard, flight = item.start.flight] {
        const std::shared_ptr<void> alive = owner.lock();
        const KeyspacePtr at = alive ? of.lock() : nullptr;
        if (!at || closed()) return false;
        const Instant now = this->now();
        return at->with_shard(shard,
                              [&](core::Shard& loads) { return loads.is_wanted(flight, now); });
      };
      fetches.push_back(std::make_shared<Fetch>(
          keyspace->name(), std::move(item.start), seams_.clock, keyspace->loads_ended(),
          std::move(answered), std::move(ancestors), std::move(wanted)));
      item.keyspace = nullptr;
    }
    std::erase_if(group.items, [](const auto& item) { return item.keyspace == nullptr; });
    std::vector<FetchPtr> refused;
    run(keyspace, keyspace->admit(std::move(fetches), refused));
    for (const FetchPtr& fetch : refused) {
      core::LoadAnswer answer;
      answer.status = Status::overloaded;
      answer.retriable = true;
      answer.message = "too many loads wait in keyspace '" + keyspace->name() + "'";
      fetch->answer(std::move(answer));
    }
  }
}

void Node::run(const KeyspacePtr& keyspace, std::vector<FetchPtr> fetches) {
  std::erase_if(fetches, [this](FetchPtr& fetch) {
    const std::shared_ptr<Source> loader = fetch->loader();
    if (loader) seams_.fetches.start(loader, {std::move(fetch)});
    return loader != nullptr;
  });
  if (fetches.empty()) return;
  seams_.fetches.start(keyspace->source(), std::move(fetches));
}

void Node::on_loaded(const KeyspacePtr& keyspace, uint32_t shard, uint64_t flight,
                     core::LoadAnswer answer) {
  core::Outbox out;
  const Instant now = this->now();
  // It was told to give up: local readers hear why, others ask elsewhere.
  if (closed() && answer.status != Status::ok && answer.status != Status::not_found) {
    answer.status = Status::closed;
    answer.retriable = false;
    answer.message = "the engine is closing";
  }
  keyspace->with_shard(shard,
                       [&](core::Shard& at) { at.on_loaded(flight, std::move(answer), now, out); });
  perform(keyspace, shard, std::move(out));
}

// -- life -----------------------------------------------------------------------------------------

void Node::clear(const KeyspacePtr& keyspace) {
  const Instant now = this->now();
  for (uint32_t i = 0; i < keyspace->shards(); ++i) {
    core::Outbox out;
    keyspace->with_shard(i, [&](core::Shard& shard) { shard.clear(now, out); });
    perform(keyspace, i, std::move(out));
  }
}

void Node::end(const KeyspacePtr& keyspace, const core::Outcome& outcome) {
  keyspace->end_loads();
  for (uint32_t i = 0; i < keyspace->shards(); ++i) {
    core::Outbox out;
    keyspace->with_shard(i, [&](core::Shard& shard) { shard.close(outcome, out); });
    perform(keyspace, i, std::move(out));
  }
  keyspace->cancel_loads();  // after their callers were told why
}

void Node::end() {
  if (core::mutated(core::Mutation::silent_close)) return;
  ended_.store(true, std::memory_order_release);
  const core::Outcome outcome = core::Outcome::failure(Status::closed, "the engine is closed");
  for (const KeyspacePtr& keyspace : keyspaces()) end(keyspace, outcome);
}

size_t Node::flights() const {
  size_t count = 0;
  for (const KeyspacePtr& keyspace : keyspaces()) {
    for (uint32_t i = 0; i < keyspace->shards(); ++i) {
      count += keyspace->with_shard(i, [](core::Shard& shard) { return shard.flights(); });
    }
  }
  return count;
}

}  // namespace distcache::engine
