#include "core/shard.h"

#include <algorithm>

#include "core/mutations.h"

// What reads and writes share: calls to other members, their failures, views and time.
namespace distcache::core {
namespace {

// A member answers NOT_OWNER while its view and ours differ, which takes a round trip or two to
// settle: asked again after this pause, at most so often.
constexpr Duration kRefusedPause = Duration::ms(20);
constexpr uint32_t kRefusalsMax = 3;
constexpr size_t kTargetsMax = 3;  // members tried before this node helps itself
constexpr unsigned kVersionStartShift = 24;

}  // namespace

ShardCounters& ShardCounters::operator+=(const ShardCounters& other) {
  gets += other.gets;
  hits += other.hits;
  coalesced += other.coalesced;
  loads += other.loads;
  loads_ok += other.loads_ok;
  loads_not_found += other.loads_not_found;
  loads_failed += other.loads_failed;
  loads_timed_out += other.loads_timed_out;
  loads_not_stored += other.loads_not_stored;
  asks += other.asks;
  asks_ok += other.asks_ok;
  asks_failed += other.asks_failed;
  last_resort_loads += other.last_resort_loads;
  puts += other.puts;
  removes += other.removes;
  peer_requests += other.peer_requests;
  not_owner_answers += other.not_owner_answers;
  mirror_hits += other.mirror_hits;
  lent += other.lent;
  recalls += other.recalls;
  recalls_unconfirmed += other.recalls_unconfirmed;
  return *this;
}

Shard::Shard(ShardOptions options, const StoreOptions& store, Allocator& allocator, uint64_t seed)
    : options_(std::move(options)),
      store_(store, allocator),
      view_(std::make_shared<const View>(0, std::vector<ViewMember>{})),
      rng_(seed),
      // No version is given twice, also not by the next process of this name: put_if rests on it.
      version_counter_(mix64(seed) >> kVersionStartShift),
      confirmed_until_(options_.bounded ? Instant() : Instant::never()) {}

void Shard::send(Flight& flight, MemberId target, bool stand_in, Outbox& out) {
  flight.target = target;
  flight.tried.push_back(target);
  flight.call.view_id = view_->id();
  flight.call.flags &= ~static_cast<uint32_t>(kCallStandIn | kCallKeeps);
  if (stand_in) {
    flight.call.flags |= kCallStandIn;
  } else if (flight.kind == FlightKind::ask && options_.mirror != MirrorMode::off) {
    flight.call.flags |= kCallKeeps;
  }
  out.calls.push_back({flight.id, target, flight.deadline, flight.call});
}

std::optional<Instant> Shard::seal(uint64_t id, Instant now) {
  Flight* flight = flights_.find(id);
  if (flight == nullptr) return std::nullopt;
  flight->sealed = true;
  flight->after_it = flights_.next_id();
  if (!flight->held)
    flight->sent_at = now;  // else: of what it has loaded for the one that it asked
  if (!mutated(Mutation::late_join)) flights_.close_to_readers(*flight);
  return flight->deadline;
}

void Shard::on_reply(uint64_t id, const Reply& reply, Instant now, Outbox& out) {
  Flight* flight = flights_.find(id);
  if (flight == nullptr) return;
  if (flight->held) return on_owner_reply(*flight, reply, now, out);
  if (flight->kind == FlightKind::recall) return heir_answered(*flight, reply.status, now, out);
  if (reply.status == Status::not_owner || reply.status == Status::no_keyspace) {
    return refused(*flight, now, out);
  }
  if (reply.status == Status::closed) return on_call_failed(id, false, now, out);
  const bool ask = flight->kind == FlightKind::ask;
  // Too large to be sent, or the owner took this node, to which it had granted the load, for gone:
  // its own source, or its caller's loader, is for its callers alone then.
  const bool can_load = options_.has_source || flight->loader;
  const bool unanswered =
      reply.status == Status::too_large || reply.status == Status::peer_unreachable;
  if (ask && unanswered && can_load) {
    return give_up(*flight, now, out);
  }

  const bool once = flight->call.kind == CallKind::put_if;
  if (!ask && !once && is_applied(reply.status)) {
    // A stand-in applied it, and the owner is back: it has to hear of the write as well.
    const View::Acting acting = view_->acting_owner(flight->key_hash);
    if (acting.member != 0 && acting.member != flight->target && !flight->sent_to_owner) {
      flight->may_be_applied = true;
      flight->sent_to_owner = true;
      if (acting.member == view_->self()) return act_here(*flight, now, out);
      return send(*flight, acting.member, acting.skipped > 0, out);
    }
  }
  conclude_call(*flight, reply, now, out);
}

void Shard::conclude_call(Flight& flight, const Reply& reply, Instant now, Outbox& out) {
  const bool ask = flight.kind == FlightKind::ask;
  Outcome outcome;
  outcome.status = reply.status;
  outcome.origin = reply.origin == Origin::source ? Origin::source : Origin::owner;
  outcome.stale = (reply.flags & kReplyStale) != 0;
  outcome.retriable = (reply.flags & kReplyRetriable) != 0;
  outcome.value = reply.value;
  outcome.version = reply.version;
  outcome.age = reply.age;
  outcome.ttl = reply.ttl;
  outcome.message = reply.message;
  outcome.unconfirmed = reply.unconfirmed;
  const std::unique_ptr<Flight> done = flights_.finish(flight.id);
  if (ask) {
    ++counters_.asks_ok;
    keep_mirror(*done, reply, now);
    if (mutated(Mutation::store_foreign) && reply.status == Status::ok) {
      NewEntry entry{reply.value, reply.version, now, Instant::never(), 0, {}};
      store_.put({done->key, done->key_hash}, std::move(entry), now);
    }
  } else {
    // What this node was lent is older.
    const bool refreshed = done->call.kind == CallKind::refresh && is_applied(outcome.status);
    const Key key{done->key, done->key_hash};
    if (refreshed) store_.erase(key);
    if (took_over(*done, outcome)) {
      // What this node has loaded and lent since then is older.
      poison(key);
      store_.erase(key);
      return answer_write(key, done->waiters, std::move(outcome), now, out);
    }
    confirm_elsewhere(*done, outcome, out);
  }
  answer_all(*done, outcome, out);
}

void Shard::refused(Flight& flight, Instant now, Outbox& out) {
  if (++flight.refusals > kRefusalsMax) return give_up(flight, now, out);
  flights_.set_retry(flight, now + kRefusedPause);
}

void Shard::on_call_failed(uint64_t id, bool sent, Instant now, Outbox& out) {
  Flight* flight = flights_.find(id);
  if (flight == nullptr) return;
  if (flight->kind == FlightKind::recall) {
    return heir_answered(*flight, Status::peer_unreachable, now, out);
  }
  if (sent && flight->kind == FlightKind::write) flight->may_be_applied = true;
  ++counters_.asks_failed;
  // Told again it would be held against what it has done itself.
  if (flight->may_be_applied && flight->call.kind == CallKind::put_if) {
    return give_up(*flight, now, out);
  }
  if (flight->held) return fall_back(*flight, out);
  try_elsewhere(*flight, false, now, out);
}

void Shard::try_elsewhere(Flight& flight, bool same_again, Instant now, Outbox& out) {
  const View::Acting acting = view_->acting_owner(flight.key_hash);
  MemberId target = acting.member;
  const auto was_tried = [&flight](MemberId member) {
    return std::find(flight.tried.begin(), flight.tried.end(), member) != flight.tried.end();
  };
  // The link of the failed target may not be marked down yet, so it can still act in our view.
  if (!same_again && was_tried(target)) target = view_->next_candidate(flight.key_hash, target);
  if (target == 0 || (!same_again && (was_tried(target) || flight.tried.size() >= kTargetsMax))) {
    return give_up(flight, now, out);
  }
  if (target == view_->self()) return act_here(flight, now, out);
  // Refused twice with nobody else in sight: the member reaches the owner and we do not.
  const bool stand_in =
      target != acting.member || acting.skipped > 0 || (same_again && flight.refusals > 1);
  send(flight, target, stand_in, out);
}

// This node is the next candidate itself.
void Shard::act_here(Flight& flight, Instant now, Outbox& out) {
  std::unique_ptr<Flight> done = flights_.finish(flight.id);
  if (done->kind == FlightKind::ask) return load_for(std::move(done), false, now, out);
  WriteRequest request;
  request.kind = done->call.kind;
  request.expected = done->call.version;
  request.value = done->call.value;
  request.ttl = done->call.ttl;
  request.tags = done->call.tags;
  const Key key{done->key, done->key_hash};
  if (request.kind == CallKind::refresh) {
    request.ancestors = done->call.ancestors;
    request.trace = done->call.trace;
    const auto refused = refresh_here(key, request, done->waiters, now, out);
    if (refused) answer_all(*done, *refused, out);
    return;
  }
  if (request.kind == CallKind::put_if && !view_->self_acts(key.hash)) {
    return answer_all(
        *done, Outcome::failure(Status::peer_unreachable, "the owner cannot be reached"), out);
  }
  Outcome outcome = apply(key, request, !view_->self_acts(key.hash), now);
  if (outcome.status == Status::version_mismatch) return answer_all(*done, outcome, out);
  const ViewMember* owner = view_->owner_or_lost(key.hash);
  if (outcome.status == Status::ok && owner != nullptr && !view_->self_acts(key.hash)) {
    missed(key, *owner, true, outcome, out);
  } else {
    confirm_write(key, true, outcome, out);
  }
  answer_write(key, done->waiters, std::move(outcome), now, out);
}

void Shard::give_up(Flight& flight, Instant now, Outbox& out) {
  std::unique_ptr<Flight> done = flights_.finish(flight.id);
  if (done->kind == FlightKind::ask) return load_for(std::move(done), true, now, out);
  if (done->may_be_applied) {
    answer_all(*done,
               Outcome::failure(Status::unknown,
                                "the owner was told and did not answer: the write "
                                "may or may not be applied"),
               out);
    return;
  }
  answer_all(*done, Outcome::failure(Status::peer_unreachable, "the owner cannot be reached"), out);
}

std::vector<RecallStart> Shard::set_view(ViewPtr view, uint64_t epoch, Instant now) {
  // Most changes (another keyspace, an address, a link that is new) move no key: the walk below,
  // under the lock, is for those that do. An owner that was restarted does not remember what it
  // lent before.
  const bool moves_keys = !view->leads_like(*view_) || view->id() != view_->id();
  const ViewPtr before = std::exchange(view_, std::move(view));
  epoch_ = std::max(epoch_, epoch);
  forget_tried(*before);
  if (!moves_keys) return {};
  const bool has_met = std::any_of(
      view_->members().begin(), view_->members().end(), [&before](const ViewMember& member) {
        return member.reach != Reach::down && before->misses(member.ring.id);
      });
  // All of it at once: until it is done the shard would serve what others own by now.
  ScanCursor cursor;
  store_.erase_if(cursor, SIZE_MAX, [this, has_met](const Entry& entry) {
    if (entry.flags() & kEntryMirror) return !mutated(Mutation::mirror_survives_view);
    return !may_keep(entry.key_hash(), has_met) && !(entry.flags() & kEntryProvisional) &&
           !mutated(Mutation::no_view_drop);
  });
  flights_.for_each([this, has_met](Flight& flight) {
    // It will be put to a member that owns the key no more, and may not know of later writes.
    const bool ask = flight.kind == FlightKind::ask;
    const bool moved = ask && view_->acting_owner(flight.key_hash).member != flight.target;
    if (moved && !mutated(Mutation::former_owner)) flights_.close_to_readers(flight);
    if (flight.kind != FlightKind::load || may_keep(flight.key_hash, has_met)) return;
    // A stand-in's goes on, where readers and above all the fence find it: a load that may still be
    // stored and is not joinable would be out of the reach of a delete.
    if (flight.provisional) return;
    flight.poisoned = true;
    flights_.close_to_readers(flight);
  });
  if (options_.mirror != MirrorMode::off) former_owners_.changed(before, lease_end(now));
  return take_back(*before, now);
}

// What this node acts for is kept as long as it is apart. The owner that it misses may run and have
// taken writes from whom it reaches: once one of those is back, it is loaded anew.
bool Shard::may_keep(uint64_t key_hash, bool has_met) const {
  if (!view_->self_acts(key_hash)) return false;
  if (!has_met || mutated(Mutation::kept_apart)) return true;
  return view_->owner_or_lost(key_hash)->ring.id == view_->self();
}

// Who was tried in vain and is back since then, perhaps as another process, is worth another try:
// a flight that helped itself instead would load what the owner loads already.
void Shard::forget_tried(const View& before) {
  const auto is_back = [this, &before](MemberId id) {
    const ViewMember* now = view_->find(id);
    if (now == nullptr || now->reach == Reach::down || mutated(Mutation::tried_for_ever)) {
      return false;
    }
    const ViewMember* then = before.find(id);
    return then == nullptr || then->reach == Reach::down || then->incarnation != now->incarnation;
  };
  flights_.for_each([&is_back](Flight& flight) { std::erase_if(flight.tried, is_back); });
}

void Shard::tick(Instant now, size_t expiry_steps, Outbox& out) {
  while (Flight* flight = flights_.due(now)) on_due(*flight, now, out);
  holders_.sweep(now);
  former_owners_.forget(now);
  store_.expire(now, expiry_steps);
}

// Also where this node comes to own the key meanwhile: the owner may have taken a later write than
// this copy, from those who reached it, before it was gone.
void Shard::keep_for_a_moment(NewEntry& entry, Instant from) const {
  entry.flags |= kEntryProvisional;
  end_in_a_moment(entry, from);
}

// So does what is loaded, or put, while this node alone may think that the owner is gone.
void Shard::end_in_a_moment(NewEntry& entry, Instant from) const {
  if (mutated(Mutation::kept_stand_in)) return;
  entry.expires_at = std::min(entry.expires_at, from + options_.provisional_ttl);
}

Duration Shard::remaining(const NewEntry& entry, Instant now) {
  if (entry.expires_at.is_never()) return Duration::max();
  return std::max(entry.expires_at - now, Duration());
}

void Shard::on_due(Flight& flight, Instant now, Outbox& out) {
  if (flight.kind == FlightKind::recall) {
    const bool again = flight.recall->tell_again_at <= now && flight.deadline > now;
    return again ? tell_next_heir(flight, now, out) : await_recalls(flight, now, out);
  }
  const bool write = flight.kind == FlightKind::write;
  const bool over = flight.deadline <= now;
  const bool sent = (flight.sealed || flight.may_be_applied) && !mutated(Mutation::false_timeout);
  const Outcome late = write && sent
                           ? Outcome::failure(Status::unknown,
                                              "the owner did not answer in time: the write may or "
                                              "may not be applied")
                           : Outcome::failure(Status::timed_out, "the deadline passed");
  if (over) {
    const std::unique_ptr<Flight> done = flights_.finish(flight.id);
    if (done->kind == FlightKind::load) ++counters_.loads_timed_out;
    answer_all(*done, late, out);
    refresh_next(*done, now, out);
    return;
  }
  for (const Waiter& waiter : flights_.take_overdue(flight, now)) {
    if (!mutated(Mutation::lost_deadline)) out.completions.push_back({waiter, late});
  }
  if (flight.retry_at <= now) {
    flights_.set_retry(flight, Instant::never());
    if (flight.grant) return pass_on(flight, now, out);
    try_elsewhere(flight, true, now, out);
  }
}

Instant Shard::next_deadline() const {
  return std::min({flights_.next_deadline(), store_.next_expiry(), holders_.next_sweep()});
}

void Shard::close(const Outcome& outcome, Instant now, Outbox& out) {
  std::vector<uint64_t> ids;
  flights_.for_each([&ids](Flight& flight) { ids.push_back(flight.id); });
  for (const uint64_t id : ids) {
    if (Flight* write = flights_.find(id); write->kind == FlightKind::recall) {
      conclude(*write, now, out);
      continue;
    }
    const std::unique_ptr<Flight> flight = flights_.finish(id);
    const bool unknown = flight->kind == FlightKind::write && flight->sealed;
    answer_all(
        *flight,
        unknown ? Outcome::failure(Status::unknown, "ended before the owner answered") : outcome,
        out);
  }
}

void Shard::answer_all(const Flight& flight, const Outcome& outcome, Outbox& out) {
  for (const Waiter& waiter : flight.waiters) {
    const bool last = &waiter == &flight.waiters.back();
    if (mutated(Mutation::drop_completion) && last && flight.waiters.size() > 1) continue;
    out.completions.push_back({waiter, outcome});
  }
}

}  // namespace distcache::core
