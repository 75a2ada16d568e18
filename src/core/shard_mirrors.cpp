#include <algorithm>

#include "core/mutations.h"
#include "core/shard.h"

// Mirrors: hot keys are lent to those that ask for them, for a lease, and taken back before a write
// is answered.
namespace distcache::core {
namespace {

// Asked for so often lately, by other members, a key is hot.
constexpr uint32_t kHotCount = 10;
// Those that hold it ask only once in a lease: it stays hot while they do.
constexpr uint32_t kStillHotCount = 2;
// How much slower than this clock that of a holder may be, at the most: 1/32.
constexpr int64_t kClockMargin = 32;
// A writer is told whom its write has missed before its deadline, for the way back: this part of
// the time that it has.
constexpr int64_t kWayBackPart = 8;

}  // namespace

// -- the owner ------------------------------------------------------------------------------------

// Whether the answer to this member is lent. Only the owner itself lends, and only what it holds.
void Shard::lend(const Key& key, MemberId to, Outcome& outcome, Instant now) {
  if (options_.mirror == MirrorMode::off || outcome.status != Status::ok) return;
  if (now >= confirmed_until_) return;
  if (options_.mirror == MirrorMode::hot) {
    const uint32_t asked = hot_keys_.note(key.hash, now);
    if (asked < (holders_.lent(key.bytes, now) ? kStillHotCount : kHotCount)) return;
  }
  if (to == 0 || outcome.version.owner != view_->self() || !view_->self_owns(key.hash)) return;
  if (!mutated(Mutation::holders_forgotten) && !holders_.lend(key.bytes, to, lease_end(now), now)) {
    return;
  }
  ++counters_.lent;
  outcome.lease = options_.mirror_lease;
}

// When a lease is over that was given until then, whatever clock its holder has.
Instant Shard::lease_end(Instant from) const {
  return from + options_.mirror_lease + options_.mirror_lease / kClockMargin;
}

void Shard::answer_loaded(const Flight& load, bool stored, const Outcome& outcome, Instant now,
                          Outbox& out) {
  const size_t first = out.completions.size();
  answer_all(load, outcome, out);
  if (!stored) return;
  for (size_t i = first; i < out.completions.size(); ++i) {
    Completion& done = out.completions[i];
    if (done.waiter.kind != Waiter::Kind::remote) continue;
    lend({load.key, load.key_hash}, done.waiter.member, done.outcome, now);
  }
}

bool Shard::may_be_lent(const Key& key, const Outcome& outcome, Instant now) const {
  if (holders_.lent(key.bytes, now)) return true;
  return is_complete(outcome.status) && !former_owners_.holders(key.hash, *view_, now).empty();
}

// Those that this node has lent the key, and those that its predecessors may have.
std::vector<RecallWait::Holder> Shard::holders_of(const Key& key, uint64_t recall,
                                                  const Outcome& outcome, Instant now) {
  std::vector<RecallWait::Holder> holders;
  for (const LeaseHolders::Holder& holder : holders_.recall(key.bytes, recall, now)) {
    holders.push_back({holder.member, holder.until});
  }
  if (!is_complete(outcome.status) || mutated(Mutation::forgotten_leases)) return holders;
  for (const FormerOwners::Holder& one : former_owners_.holders(key.hash, *view_, now)) {
    const auto known = std::find_if(
        holders.begin(), holders.end(),
        [&one](const RecallWait::Holder& holder) { return holder.member == one.member; });
    if (known == holders.end()) {
      holders.push_back({one.member, one.until});
    } else {
      known->until = std::max(known->until, one.until);
    }
  }
  return holders;
}

// What is another's from now on goes on being lent only until those who have it hear of that.
std::vector<RecallStart> Shard::take_back(const View& before, Instant now) {
  std::vector<RecallStart> recalls;
  holders_.for_each(now, [&](const std::string& key, const LeaseHolders::Holder& holder) {
    const uint64_t hash = hash64(key);
    if (!before.self_owns(hash) || view_->self_owns(hash)) return;
    ++counters_.recalls;
    recalls.push_back({holder.member, 0, key, next_version(), holder.until});
  });
  return recalls;
}

// A write that has been applied here is answered when nobody can serve any more what was lent
// before it: those that were have said so, or their leases have ended.
void Shard::answer_write(const Key& key, const std::vector<Waiter>& writers, Outcome outcome,
                         Instant now, Outbox& out) {
  Flight& flight = flights_.start(FlightKind::recall, key);
  flight.recall = std::make_unique<RecallWait>();
  // One that failed may have taken the older value with it; and one that another member has made
  // is not newer, as holders see it, than what this node has lent since.
  const bool is_own = outcome.version.owner == view_->self();
  const Version version = is_own ? outcome.version : next_version();
  flight.recall->holders = holders_of(key, flight.id, outcome, now);
  for (const RecallWait::Holder& holder : flight.recall->holders) {
    ++counters_.recalls;
    out.recalls.push_back({holder.member, flight.id, flight.key, version, holder.until});
  }
  flight.recall->outcome = std::move(outcome);
  for (const Waiter& writer : writers) flights_.add_waiter(flight, writer);
  const Duration left = flight.first_waiter_deadline - now;
  flights_.set_deadline(flight, flight.first_waiter_deadline - left / kWayBackPart);
  if (mutated(Mutation::recall_not_awaited)) flight.recall->holders.clear();
  if (has_heir(key, flight.recall->outcome)) tell_heir(flight, out);
  await_recalls(flight, now, out);
}

void Shard::await_recalls(Flight& flight, Instant now, Outbox& out) {
  std::vector<RecallWait::Holder>& holders = flight.recall->holders;
  std::erase_if(holders, [now](const RecallWait::Holder& holder) { return holder.until <= now; });
  const bool over = holders.empty() && !flight.recall->awaits_heir;
  if (over || flight.deadline <= now) return conclude(flight, now, out);
  Instant last = holders.empty() ? Instant::never() : Instant();
  for (const RecallWait::Holder& holder : holders) last = std::max(last, holder.until);
  flights_.set_retry(flight, std::min(last, flight.recall->tell_again_at));
}

void Shard::on_recalled(uint64_t id, MemberId holder, const Key& key, Instant now, Outbox& out) {
  holders_.returned(key.bytes, holder, id);
  Flight* flight = flights_.find(id);
  if (flight == nullptr || flight->kind != FlightKind::recall) return;
  std::erase_if(flight->recall->holders,
                [holder](const RecallWait::Holder& one) { return one.member == holder; });
  await_recalls(*flight, now, out);
}

void Shard::conclude(Flight& flight, Instant now, Outbox& out) {
  const std::unique_ptr<Flight> done = flights_.finish(flight.id);
  Outcome& outcome = done->recall->outcome;
  std::vector<MemberId> unconfirmed;
  for (const RecallWait::Holder& holder : done->recall->holders) {
    unconfirmed.push_back(holder.member);
  }
  if (done->recall->heir != 0) {
    outcome.status = Status::partial;
    outcome.retriable = true;
    outcome.message =
        "applied, but the member that acts for the owner of the key where that is missed has not "
        "confirmed that it knows of it";
    unconfirmed.push_back(done->recall->heir);
    if (!mutated(Mutation::no_repair)) out.missed.push_back({done->recall->heir, done->key, 0});
  }
  if (is_complete(outcome.status) && !unconfirmed.empty()) {
    ++counters_.recalls_unconfirmed;
    outcome.status = Status::partial;
    outcome.retriable = true;
    outcome.message =
        "applied, but members that may have been lent the key have not confirmed that they dropped "
        "it: they may serve it until their leases end";
  }
  name_missing(outcome, now);
  if (outcome.status != Status::partial) unconfirmed.clear();
  for (const Waiter& waiter : done->waiters) {
    out.completions.push_back({waiter, outcome, unconfirmed});
  }
}

// -- those that are lent keys ---------------------------------------------------------------------

// The lease counts from when the call was sent: before the owner's own count of it begins.
void Shard::keep_mirror(const Flight& ask, const Reply& reply, Instant now) {
  if (options_.mirror == MirrorMode::off) return;
  drop_older_mirror({ask.key, ask.key_hash}, reply, now);
  if (reply.status != Status::ok) return;
  if ((reply.flags & kReplyHot) == 0 || reply.lease <= Duration()) return;
  if (reply.value.size() > options_.value_bytes_max) return;
  const View::Acting acting = view_->acting_owner(ask.key_hash);
  if (acting.member != ask.target || acting.skipped > 0 || reply.version.owner != ask.target) {
    return;
  }
  const bool overtaken = ask.sent_at <= recalled_at(ask.key_hash);
  if (overtaken && !mutated(Mutation::recall_overtaken)) return;
  const Key key{ask.key, ask.key_hash};
  const Entry* known = store_.peek(key, now);
  if (known && (known->flags() & kEntryMirror) && known->version() > reply.version) return;
  NewEntry entry;
  entry.value = reply.value;
  entry.version = reply.version;
  entry.stored_at = now - reply.age;
  const Duration lease = mutated(Mutation::no_lease_end) ? Duration::max() : reply.lease;
  const Instant from = mutated(Mutation::lease_from_receipt) ? now : ask.sent_at;
  entry.expires_at = from + std::min(lease, reply.ttl);
  entry.flags = kEntryMirror;
  if (store_.mirror_bytes() + store_.cost_of(key, entry) > options_.mirror_bytes_max) return;
  if (entry.expires_at > now) store_.put(key, std::move(entry), now);
}

// Whoever has read the newer value here, or that there is none, must not go back, though the recall
// of the older one was lost.
void Shard::drop_older_mirror(const Key& key, const Reply& reply, Instant now) {
  const bool tells = reply.status == Status::ok || reply.status == Status::not_found;
  const Entry* known = tells ? store_.peek(key, now) : nullptr;
  if (known == nullptr || (known->flags() & kEntryMirror) == 0) return;
  if (reply.status == Status::not_found || known->version() < reply.version) store_.erase(key);
}

void Shard::on_recall(MemberId lender, const Key& key, const Version& version, Instant now) {
  if (key.bytes.empty()) return drop_lent(lender, now);
  recalled_at(key.hash) = now;
  const Entry* entry = store_.peek(key, now);
  if (entry == nullptr || (entry->flags() & kEntryMirror) == 0) return;
  // One of another owner goes as well: the lender has taken its place.
  bool newer = entry->version().owner == lender && !(entry->version() < version);
  if (mutated(Mutation::version_reversed)) newer = entry->version() < version;
  if (!newer) store_.erase(key);
}

void Shard::drop_lent(MemberId lender, Instant now) {
  recalled_at_.fill(now);
  if (store_.mirror_entries() == 0) return;
  ScanCursor cursor;
  store_.erase_if(cursor, SIZE_MAX, [lender](const Entry& entry) {
    return (entry.flags() & kEntryMirror) && entry.version().owner == lender;
  });
}

}  // namespace distcache::core
