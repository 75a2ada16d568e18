#include "engine/node.h"

#include <algorithm>

#include "base/limits.h"
#include "core/mutations.h"
#include "engine/reply.h"

// Keyspaces, what shards want done, and life. The operations of callers are in node_operations.cpp,
// those of other members in node_calls.cpp.
namespace distcache::engine {
namespace {

constexpr size_t kExpiryStepsPerTick = 4'096;  // entries freed under one lock
constexpr Duration kWitnessTimeout = Duration::seconds(10);

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
    : self_(self),
      seams_(seams),
      log_(log),
      majorities_(self, inbox_),
      members_(std::make_shared<const Members>()) {}

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
  pass_grants_on(false);
}

std::shared_ptr<const Members> Node::members() const {
  MutexLock lock(mutex_);
  return members_;
}

// -- actions --------------------------------------------------------------------------------------

void Node::perform(const KeyspacePtr& keyspace, uint32_t shard, core::Outbox out) {
  FetchGroup fetches;
  perform(keyspace, shard, std::move(out), fetches);
  start(std::move(fetches));
}

void Node::perform(const KeyspacePtr& keyspace, uint32_t shard, core::Outbox out,
                   FetchGroup& fetches) {
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
                       shard = item.shard, flight = item.start.flight, grant = item.start.grant,
                       deadline = item.start.deadline](core::LoadAnswer answer) {
        answer.grant = grant;
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

void Node::tick(Instant now) {
  // What it refuses is taken out at the end.
  const auto release = [spent = spent_loaders_] { spent->clear(); };
  if (!spent_loaders_->empty()) static_cast<void>(seams_.events.post(release));
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
  const Instant now = this->now();
  for (uint32_t i = 0; i < keyspace->shards(); ++i) {
    core::Outbox out;
    keyspace->with_shard(i, [&](core::Shard& shard) { shard.close(outcome, now, out); });
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
