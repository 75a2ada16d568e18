#include <algorithm>

#include "core/mutations.h"
#include "core/shard.h"
#include "core/written.h"

// Writes: ordered by the owner, and the fence that keeps older loads out.
namespace distcache::core {
namespace {

constexpr Duration kHeirPause = Duration::ms(20);
constexpr uint32_t kHeirsMax = 3;  // told one after the other, each because the one before failed

}  // namespace

std::optional<Outcome> Shard::write(const Key& key, const WriteRequest& request, Instant now,
                                    Outbox& out) {
  const bool is_put = request.kind != CallKind::remove;
  ++(is_put ? counters_.puts : counters_.removes);
  if (is_put && request.value.size() > options_.value_bytes_max) {
    return Outcome::failure(Status::too_large,
                            "a value of " + std::to_string(request.value.size()) +
                                " bytes is over value.bytes.max (" +
                                std::to_string(options_.value_bytes_max) + ") of keyspace '" +
                                options_.keyspace_name + "'");
  }
  const bool remote = request.waiter.kind == Waiter::Kind::remote;
  if (remote) ++counters_.peer_requests;
  const View::Acting acting = view_->acting_owner(key.hash);
  const bool acts = acting.member == view_->self();
  // Who stands in beside the owner cannot know what version that has.
  const bool stands_in =
      remote && (request.flags & (kCallStandIn | kCallRepair)) && request.kind != CallKind::put_if;
  if (acts || stands_in) {
    Outcome outcome = acts ? apply(key, request, false, now) : stand_in(key, request, now, out);
    if (outcome.status == Status::version_mismatch) return outcome;
    if (acts) confirm_write(key, (request.flags & kCallRepair) == 0, outcome, out);
    const bool waits = acts && (request.flags & kCallRepair) == 0 && has_heir(key, outcome);
    if (!waits && !may_be_lent(key, outcome, now)) {
      if (!(request.flags & kCallRepair)) name_missing(outcome, now);
      return outcome;
    }
    answer_write(key, {request.waiter}, std::move(outcome), now, out);
    return std::nullopt;
  }
  if (remote) {
    ++counters_.not_owner_answers;
    return Outcome::failure(Status::not_owner, {});
  }
  if (acting.member == 0) {
    return Outcome::failure(
        Status::peer_unreachable,
        "no member that can be reached owns keyspace '" + options_.keyspace_name + "'");
  }
  poison(key);
  store_.erase(key);  // what this node keeps as a stand-in, or was lent
  recalled_at(key.hash) = now;
  tell_owner(key, request, acting, {request.waiter}, out);
  return std::nullopt;
}

void Shard::tell_owner(const Key& key, const WriteRequest& request, const View::Acting& acting,
                       const std::vector<Waiter>& waiters, Outbox& out) {
  Flight& flight = flights_.start(FlightKind::write, key);
  for (const Waiter& waiter : waiters) flights_.add_waiter(flight, waiter);
  flight.call.kind = request.kind;
  flight.call.keyspace = options_.keyspace;
  flight.call.key = flight.key;
  flight.call.value = request.value;
  flight.call.ttl = request.ttl;
  flight.call.version = request.expected;
  flight.call.tags = request.tags;
  flight.call.ancestors = nearest(request.ancestors);
  flight.call.trace = request.trace;
  send(flight, acting.member, acting.skipped > 0, out);
}

// The condition of a put_if, held against what is served here. Nothing is loaded for it.
std::optional<Outcome> Shard::mismatch(const Key& key, const WriteRequest& request, Instant now) {
  if (request.kind != CallKind::put_if || mutated(Mutation::unconditional)) return std::nullopt;
  const Entry* entry = store_.peek(key, now);
  const bool held = entry != nullptr && !(entry->flags() & (kEntryNegative | kEntryMirror));
  const Version present = held ? entry->version() : Version{};
  if (present == request.expected) return std::nullopt;
  Outcome outcome = Outcome::failure(
      Status::version_mismatch, held ? "the entry has another version" : "there is no such entry");
  outcome.version = present;
  return outcome;
}

// The fence: a load that began before this moment answers those who waited for it and is not
// stored, and nobody new joins it (Nishtala et al., "Scaling Memcache at Facebook", NSDI 2013,
// calls the same idea a lease). A load that may be stored is the joinable one of its key: others
// are poisoned already.
void Shard::poison(const Key& key) {
  Flight* flight = flights_.joinable(key);
  if (flight == nullptr) return;
  flight->poisoned = !mutated(Mutation::no_fence);
  if (!mutated(Mutation::joined_fenced)) flights_.close_to_readers(*flight);
}

Outcome Shard::apply(const Key& key, const WriteRequest& request, bool provisional, Instant now) {
  if (std::optional<Outcome> refused = mismatch(key, request, now)) return *std::move(refused);
  Outcome outcome;
  outcome.status = Status::ok;
  outcome.origin = Origin::local;
  outcome.version = next_version();
  poison(key);
  if (request.kind == CallKind::remove || (request.flags & kCallRepair)) {
    store_.erase(key);
    return outcome;
  }
  NewEntry entry;
  entry.value = request.value;
  entry.version = outcome.version;
  entry.stored_at = now;
  entry.expires_at = expires_at(options_.expiry, request.ttl, now - request.unread, rng_.next());
  entry.tags = request.tags;
  if (provisional) keep_for_a_moment(entry, now);
  if (view_->self_acts_for_another(key.hash)) end_in_a_moment(entry, now);
  keep_as_confirmed(entry, now, now);
  outcome.ttl = remaining(entry, now);
  switch (store_.put(key, std::move(entry), now).status) {
    case PutStatus::stored:
    case PutStatus::expired:
      return outcome;
    case PutStatus::too_large:
      return Outcome::failure(Status::too_large,
                              "the value does not fit into bytes.max of "
                              "keyspace '" +
                                  options_.keyspace_name + "'");
    case PutStatus::no_memory:
      break;
  }
  return Outcome::failure(Status::no_memory, "no memory for a value of " +
                                                 std::to_string(request.value.size()) + " bytes");
}

// The asker, which does not reach the owner, knows that the owner has missed this write. So does
// this node from now on: the asker may be gone when the owner comes back.
Outcome Shard::stand_in(const Key& key, const WriteRequest& request, Instant now, Outbox& out) {
  Outcome outcome = apply(key, request, true, now);
  const ViewMember* owner = view_->owner_or_lost(key.hash);
  const bool owes = request.flags & kCallStandIn && owner && owner->ring.id != view_->self();
  if (outcome.status == Status::ok && owes && !mutated(Mutation::no_witness)) {
    out.missed.push_back({owner->ring.id, std::string(key.bytes), 0});
  }
  return outcome;
}

// Says whom an applied write missed: the owner that is cut off may still serve what it has, and so
// may whoever acts for this node, if this is the owner, among those that miss it.
void Shard::confirm_write(const Key& key, bool applied_here, Outcome& outcome, Outbox& out) const {
  if (!is_applied(outcome.status)) return;
  if (const ViewMember* owner = view_->missed_owner(key.hash)) {
    missed(key, *owner, applied_here, outcome, out);
  } else if (applied_here && view_->self_owns(key.hash) && !mutated(Mutation::no_heir)) {
    const ViewMember* heir = view_->heir(key.hash);
    if (heir && view_->misses(heir->ring.id)) missed(key, *heir, false, outcome, out);
  }
}

// A write with a condition is not told a second time: who owns the key by now drops what it has.
bool Shard::took_over(const Flight& write, const Outcome& outcome) const {
  return write.call.kind == CallKind::put_if && is_applied(outcome.status) &&
         write.target != view_->self() &&
         view_->acting_owner(write.key_hash).member == view_->self();
}

// Whoever applied it for want of the owner may be that no more.
void Shard::confirm_elsewhere(const Flight& write, Outcome& outcome, Outbox& out) const {
  const Key key{write.key, write.key_hash};
  const View::Acting acting = view_->acting_owner(key.hash);
  if (write.call.kind != CallKind::put_if || !is_applied(outcome.status) ||
      acting.member == write.target) {
    return confirm_write(key, false, outcome, out);
  }
  const ViewMember* owner = view_->find(acting.member);
  if (owner != nullptr) missed(key, *owner, false, outcome, out);
}

// A write that another member applied is known to that one as well; of one that was applied here
// the next candidate is told.
void Shard::missed(const Key& key, const ViewMember& owner, bool applied_here, Outcome& outcome,
                   Outbox& out) const {
  if (mutated(Mutation::silent_miss)) return;
  outcome.status = Status::partial;
  outcome.retriable = true;
  outcome.message = "applied, but member '" + owner.name +
                    "', which owns the key or acts for its owner, could not be reached";
  const auto named = std::find(outcome.unconfirmed.begin(), outcome.unconfirmed.end(), owner.name);
  if (named == outcome.unconfirmed.end()) outcome.unconfirmed.push_back(owner.name);
  if (mutated(Mutation::no_repair)) return;
  const bool tells = applied_here && !mutated(Mutation::no_witness);
  const MemberId next = tells ? view_->next_candidate(key.hash, view_->self()) : 0;
  out.missed.push_back(
      {owner.ring.id, std::string(key.bytes), next == owner.ring.id ? MemberId{0} : next});
}

// The next candidate hears of a write before that is OK: it may be the only one that thinks this
// node gone, and keep what it has loaded in its place.
bool Shard::has_heir(const Key& key, const Outcome& outcome) const {
  return is_complete(outcome.status) && view_->self_owns(key.hash) &&
         view_->heir(key.hash) != nullptr && !mutated(Mutation::no_heir);
}

void Shard::tell_heir(Flight& write, Outbox& out) {
  write.recall->heir = view_->heir(write.key_hash)->ring.id;
  write.recall->awaits_heir = true;
  ++write.recall->heirs_told;
  write.call.kind = CallKind::written;
  write.call.keyspace = options_.keyspace;
  write.call.view_id = view_->id();
  write.call.key = written_record(write.key_hash);
  out.calls.push_back({write.id, write.recall->heir, write.deadline, write.call});
}

// One that is closing, or has no such keyspace any more, keeps nothing either. One that has failed
// may have left, or be back already: the view tells that in a moment.
void Shard::heir_answered(Flight& write, Status status, Instant now, Outbox& out) {
  RecallWait& wait = *write.recall;
  if (status == Status::ok || status == Status::closed || status == Status::no_keyspace) {
    wait.heir = 0;
    wait.awaits_heir = false;
  } else if (wait.heirs_told < kHeirsMax) {
    wait.tell_again_at = now + kHeirPause;
  } else {
    wait.awaits_heir = false;
  }
  await_recalls(write, now, out);
}

void Shard::tell_next_heir(Flight& write, Instant now, Outbox& out) {
  RecallWait& wait = *write.recall;
  wait.tell_again_at = Instant::never();
  wait.awaits_heir = false;
  if (view_->self_owns(write.key_hash)) {
    const ViewMember* heir = view_->heir(write.key_hash);
    if (heir == nullptr) wait.heir = 0;
    if (heir && !view_->misses(heir->ring.id)) tell_heir(write, out);
  }
  await_recalls(write, now, out);
}

void Shard::on_written(uint64_t key_hash) {
  flights_.for_each_load(key_hash, [this](Flight& load) {
    load.poisoned = true;
    flights_.close_to_readers(load);
  });
  store_.erase_hash(key_hash);
}

void Shard::clear(Instant now, Outbox& out) {
  const Version version = next_version();
  for (const LeaseHolders::Holder& holder : holders_.all(now)) {
    out.recalls.push_back({holder.member, 0, {}, version, holder.until});
  }
  flights_.for_each([this](Flight& flight) {
    if (flight.kind == FlightKind::write || flight.kind == FlightKind::recall) return;
    flight.poisoned = true;
    flights_.close_to_readers(flight);
  });
  store_.clear();
}

Version Shard::next_version() { return {epoch_, view_->self(), ++version_counter_}; }

}  // namespace distcache::core
