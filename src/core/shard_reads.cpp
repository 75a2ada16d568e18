#include <algorithm>

#include "base/limits.h"
#include "core/mutations.h"
#include "core/shard.h"

// Reads: a hit, or one flight for everybody who wants the key meanwhile.
namespace distcache::core {
namespace {

constexpr Duration kDismissPause = Duration::ms(10);
constexpr size_t kAncestorsKept = 64;  // of one load: a cycle beyond is ended by the deadline

bool descends_from(const std::vector<Ancestor>& ancestors, const Ancestor& flight) {
  return std::any_of(ancestors.begin(), ancestors.end(), [&flight](const Ancestor& ancestor) {
    return !mutated(Mutation::own_key) && ancestor.member == flight.member &&
           ancestor.keyspace == flight.keyspace && ancestor.key_hash == flight.key_hash;
  });
}

// A load whose source waits for a load that waits for it would wait for ever, whoever came first.
void add_ancestors(Flight& load, const std::vector<Ancestor>& waiting) {
  for (const Ancestor& ancestor : waiting) {
    if (load.ancestors.size() >= kAncestorsKept) return;
    if (!descends_from(load.ancestors, ancestor)) load.ancestors.push_back(ancestor);
  }
}

Outcome cycle() {
  return Outcome::failure(Status::would_deadlock,
                          "the load of this key waits for this very call: a source must not "
                          "depend on the key that it loads");
}

}  // namespace

// As many as a call may carry: a longer cycle is ended by the deadline.
std::vector<Ancestor> Shard::nearest(std::vector<Ancestor> ancestors) {
  if (ancestors.size() > limits::kAncestorsMax) ancestors.resize(limits::kAncestorsMax);
  return ancestors;
}

Outcome Shard::peek(const Key& key, Instant now) {
  const Entry* entry = store_.peek(key, now);
  if (entry == nullptr || !serves(*entry, 0, now)) return Outcome::failure(Status::not_cached, {});
  return outcome_of(*entry, now);
}

std::optional<Outcome> Shard::hit(const Key& key, Instant now) {
  const Entry* entry = store_.find(key, now);
  if (entry == nullptr || !serves(*entry, 0, now)) return std::nullopt;
  ++counters_.gets;
  ++counters_.hits;
  if (entry->flags() & kEntryMirror) ++counters_.mirror_hits;
  return outcome_of(*entry, now);
}

std::optional<Outcome> Shard::get(const Key& key, const ReadRequest& request, Instant now,
                                  Outbox& out) {
  ++counters_.gets;
  const bool remote = request.waiter.kind == Waiter::Kind::remote;
  if (remote) ++counters_.peer_requests;
  if (const Entry* entry = store_.find(key, now);
      entry && serves(*entry, request.flags, now) && !(remote && (entry->flags() & kEntryMirror))) {
    ++counters_.hits;
    if (entry->flags() & kEntryMirror) ++counters_.mirror_hits;
    Outcome outcome = outcome_of(*entry, now);
    if (remote) lend(key, request.waiter.member, outcome, now);
    return outcome;
  }
  if (request.flags & kCallNoLoad) return Outcome::failure(Status::not_cached, {});

  const View::Acting acting = view_->acting_owner(key.hash);
  const bool acts = acting.member == view_->self() || (remote && mutated(Mutation::served_foreign));
  if (acts || (remote && (request.flags & kCallStandIn))) {
    return load_or_join(key, request, now, out);
  }
  if (remote) {
    ++counters_.not_owner_answers;
    return Outcome::failure(Status::not_owner, {});
  }
  if (acting.member != 0) return ask_or_join(key, acting, request, now, out);
  if (options_.has_source || request.loader) return load_or_join(key, request, now, out);
  return Outcome::failure(
      Status::peer_unreachable,
      "no member that can be reached owns keyspace '" + options_.keyspace_name + "'");
}

// An entry that a stand-in keeps for a moment is for those who cannot reach its owner; everybody
// else gets what the owner has.
bool Shard::serves_flagged(const Entry& entry, uint32_t flags, Instant now) const {
  if ((entry.flags() & kEntryConfirmed) && !may_serve_confirmed(now)) return false;
  if (!(entry.flags() & kEntryProvisional) || (flags & kCallStandIn)) return true;
  return view_->self_acts(entry.key_hash());
}

std::optional<Outcome> Shard::join(Flight& flight, const ReadRequest& request, Instant now,
                                   Outbox& out) {
  const Ancestor self{view_->self(), options_.keyspace, flight.key_hash};
  if (descends_from(request.ancestors, self)) return cycle();
  if (flight.waiters.size() >= options_.waiters_max) dismiss_left(flight, now, out);
  const bool full = flight.waiters.size() >= options_.waiters_max;
  if (full && !mutated(Mutation::any_waiters)) {
    return Outcome::failure(Status::overloaded, "waiters.max of keyspace '" +
                                                    options_.keyspace_name + "' (" +
                                                    std::to_string(options_.waiters_max) +
                                                    ") calls already wait for this key");
  }
  ++counters_.coalesced;
  flights_.add_waiter(flight, request.waiter);
  // It may be asked of another member yet, which is done for callers of this node only.
  if (flight.refresh && request.waiter.kind == Waiter::Kind::local) {
    flight.call.trace = request.trace;
  }
  if (flight.kind == FlightKind::load) add_ancestors(flight, request.ancestors);
  return std::nullopt;
}

std::optional<Outcome> Shard::cycle_of(const Key& key,
                                       const std::vector<Ancestor>& ancestors) const {
  if (!descends_from(ancestors, {view_->self(), options_.keyspace, key.hash})) return std::nullopt;
  return cycle();
}

// Those that were cancelled make room. To look at all of them is dear, and many readers may be
// refused in a row.
void Shard::dismiss_left(Flight& flight, Instant now, Outbox& out) {
  if (now < flight.look_again_at) return;
  flight.look_again_at = now + kDismissPause;
  const auto left = std::stable_partition(flight.waiters.begin(), flight.waiters.end(),
                                          [this](const Waiter& at) { return !has_left(at); });
  for (auto waiter = left; waiter != flight.waiters.end(); ++waiter) {
    out.completions.push_back({*waiter, Outcome::failure(Status::cancelled, {})});
  }
  flight.waiters.erase(left, flight.waiters.end());
}

bool Shard::somebody_waits(const Flight& flight, Instant now) const {
  if (flight.deadline <= now) return false;
  // The latest first: it is the likeliest to wait still.
  return std::any_of(flight.waiters.rbegin(), flight.waiters.rend(),
                     [&](const Waiter& at) { return at.deadline > now && !has_left(at); });
}

bool Shard::is_wanted(uint64_t id, Instant now) {
  Flight* flight = flights_.find(id);
  if (flight == nullptr) return false;
  if (somebody_waits(*flight, now)) return true;
  flight->may_give_up = true;
  return false;
}

// No write at the owner reaches a stand-in's load, and maybe none that of an owner that nobody
// confirms: as long as its value would be kept it is joined, and then neither joined nor stored.
bool Shard::retire(Flight& load, Instant now) const {
  const bool brief = load.provisional || load.acting;
  const bool over =
      (brief && load.began_at + options_.provisional_ttl <= now) ||
      (!keeps_confirmed(load.began_at, now) && load.began_at + options_.mirror_lease <= now);
  if (over) load.poisoned = true;
  return over;
}

std::vector<Ancestor> Shard::ancestors_of(uint64_t id) {
  const Flight* flight = flights_.find(id);
  return flight ? flight->ancestors : std::vector<Ancestor>();
}

std::optional<Outcome> Shard::load_or_join(const Key& key, const ReadRequest& request, Instant now,
                                           Outbox& out) {
  Flight* running = flights_.joinable(key);
  const bool joins = running && running->kind == FlightKind::load && !retire(*running, now);
  const bool brings = may_be_granted(request);
  if (joins && !mutated(Mutation::no_single_flight)) {
    std::optional<Outcome> refused = join(*running, request, now, out);
    if (refused || !running->grant) return refused;
    const bool goes_on =
        brings ? !await_grant(*running, request, now, out) : running->grant->is_due(now);
    if (goes_on) pass_on(*running, now, out);
    return std::nullopt;
  }
  if (!options_.has_source && !brings) return Outcome::failure(Status::not_found, {});
  if (std::optional<Outcome> refused = cycle_of(key, request.ancestors)) return refused;
  if (brings && flights_.granted() >= options_.granted_max) {
    return Outcome::failure(Status::overloaded, "too many loads by callers of keyspace '" +
                                                    options_.keyspace_name + "' are in progress");
  }

  Flight& flight = open_load(key, request.ancestors, request.trace, now);
  if (!view_->self_acts(key.hash)) {
    const bool stand_in = request.flags & kCallStandIn;
    flight.provisional = stand_in;
    flight.last_resort = !stand_in;
  }
  flights_.add_waiter(flight, request.waiter);
  if (brings) {
    flights_.open_grant(flight);
    if (!await_grant(flight, request, now, out)) pass_on(flight, now, out);
  } else {
    fetch(flight, nullptr, 0, out);
  }
  return std::nullopt;
}

Flight& Shard::open_load(const Key& key, const std::vector<Ancestor>& ancestors,
                         const TraceContext& trace, Instant now) {
  ++counters_.loads;
  Flight& flight = flights_.start(FlightKind::load, key);
  flights_.make_joinable(flight);
  flights_.set_deadline(flight, now + options_.fetch_timeout);
  flight.began_at = now;
  flight.ancestors = {{view_->self(), options_.keyspace, key.hash}};
  add_ancestors(flight, ancestors);
  flight.acting = view_->self_acts_for_another(key.hash);
  flight.call.trace = trace;
  return flight;
}

void Shard::fetch(const Flight& load, LoaderPtr loader, uint64_t grant, Outbox& out) {
  out.fetches.push_back({load.id, load.key, load.deadline, load.ancestors, load.call.trace,
                         std::move(loader), grant});
}

std::optional<Outcome> Shard::ask_or_join(const Key& key, const View::Acting& acting,
                                          const ReadRequest& request, Instant now, Outbox& out) {
  Flight* running = flights_.joinable(key);
  // One that has left cannot be told of a loader that it does not have.
  const bool joins = running && (!request.loader || running->loader);
  if (joins && running->kind == FlightKind::ask) return join(*running, request, now, out);

  ++counters_.asks;
  Flight& flight = flights_.start(FlightKind::ask, key);
  // A load that runs for those who cannot reach the owner stays the one that they join, and that
  // this ask falls back to.
  if (running == nullptr) flights_.make_joinable(flight);
  flights_.add_waiter(flight, request.waiter);
  flight.call.kind = CallKind::get;
  flight.call.keyspace = options_.keyspace;
  flight.call.key = flight.key;
  flight.loader = request.loader;
  flight.call.flags = request.flags;
  if (request.loader) {
    flight.call.flags |= kCallLoader;
  } else if (options_.has_source) {
    flight.call.flags |= kCallSource;
  }
  flight.call.ancestors = nearest(request.ancestors);
  flight.call.trace = request.trace;
  send(flight, acting.member, acting.skipped > 0, out);
  return std::nullopt;
}

// The ask found nobody: this node's own source answers its waiters, as the stand-in or, at the very
// end, for these callers alone. Or its source gave up an earlier load, before these callers came.
void Shard::load_for(std::unique_ptr<Flight> ask, bool last_resort, Instant now, Outbox& out) {
  const Key key{ask->key, ask->key_hash};
  // Others that could not reach the owner may have had it loaded here meanwhile. Where the owner
  // did answer (its value is too large to be sent) that copy may be older than a write there.
  const Entry* entry = last_resort ? nullptr : store_.find(key, now);
  if (entry && !(entry->flags() & kEntryMirror) && serves(*entry, kCallStandIn, now)) {
    return answer_all(*ask, outcome_of(*entry, now), out);
  }
  if (!options_.has_source && !ask->loader) {
    answer_all(*ask,
               Outcome::failure(Status::peer_unreachable,
                                "the owner of the key cannot be reached, and keyspace '" +
                                    options_.keyspace_name + "' has no source here"),
               out);
    return;
  }
  Flight* running = flights_.joinable(key);
  // Where the owner did answer, nor may a load that began before these callers did.
  const bool alone = last_resort && !view_->self_acts(key.hash);
  Flight* same = alone ? last_resort_of(*ask) : nullptr;
  if (!alone && running && running->kind == FlightKind::load && !running->last_resort &&
      !retire(*running, now)) {
    same = running;
  }
  const bool found = same != nullptr && !mutated(Mutation::no_single_flight);
  Flight& load = found ? *same : open_load(key, ask->call.ancestors, ask->call.trace, now);
  if (!found && !view_->self_acts(key.hash)) {
    load.last_resort = last_resort;
    load.provisional = !last_resort;
    if (last_resort) {
      ++counters_.last_resort_loads;
      // No write at the owner reaches it: a later reader must not be given what it brings.
      flights_.close_to_readers(load);
      // What is stored when it ends stays where the fence finds it.
      if (running) flights_.make_joinable(*running);
    }
  }
  for (const Waiter& waiter : ask->waiters) flights_.add_waiter(load, waiter);
  add_ancestors(load, ask->call.ancestors);
  if (ask->loader) return bring_loader(load, *ask, !found, now, out);
  if (!found) fetch(load, nullptr, 0, out);
}

// One that began when nobody could join this ask any more: no write that is over before one of its
// callers began is newer than what it brings.
Flight* Shard::last_resort_of(const Flight& ask) {
  const Ancestor self{view_->self(), options_.keyspace, ask.key_hash};
  if (!ask.sealed || ask.loader || descends_from(ask.call.ancestors, self)) return nullptr;
  Flight* found = nullptr;
  flights_.for_each_load(ask.key_hash, [&](Flight& load) {
    const bool is_last_resort = load.last_resort && !load.grant && load.key == ask.key;
    if (is_last_resort && load.id >= ask.after_it) found = &load;
  });
  return found;
}

void Shard::on_loaded(uint64_t id, LoadAnswer answer, Instant now, Outbox& out) {
  if (Flight* ask = flights_.find(id); ask && ask->kind == FlightKind::ask) {
    return on_held_load(*ask, std::move(answer), now, out);
  }
  if (Flight* load = flights_.find(id); load && answer.grant != 0) {
    if (load->grant) load->grant->ended(answer.grant);
    // Of one that was late: somebody else, or the source here, has it now.
    const bool is_late = !load->grant || !load->grant->last_is_gone();
    if (is_late && !is_answer(answer.status)) return;
  }
  conclude_load(id, std::move(answer), now, out);
}

void Shard::conclude_load(uint64_t id, LoadAnswer answer, Instant now, Outbox& out) {
  // Readers whose time is over, and whose source knows it, hear just that.
  Flight* load = flights_.find(id);
  const bool by_callers = load && load->grant;
  if (load && load->may_give_up) on_due(*load, now, out);
  load = flights_.find(id);
  if (load && by_callers && passes_on(*load, answer, now, out)) return;
  std::unique_ptr<Flight> flight = flights_.finish(id);
  if (!flight) return;  // timed out or closed: its waiters have been answered

  if (answer.message.size() > limits::kErrorTextBytesMax) {
    answer.message.resize(limits::kErrorTextBytesMax);
  }
  Outcome outcome;
  outcome.status = answer.status;
  outcome.origin = Origin::source;
  outcome.message = std::move(answer.message);
  outcome.retriable = answer.retriable;
  outcome.value = answer.value;
  switch (answer.status) {
    case Status::ok:
      ++counters_.loads_ok;
      break;
    case Status::not_found:
      ++counters_.loads_not_found;
      break;
    default:
      ++counters_.loads_failed;
      if (flight->may_give_up && somebody_waits(*flight, now)) {
        if (flight->refresh) go_on_refreshing(*flight, now, out);
        if (flight->waiters.empty()) return;
        flight->call.ancestors = std::move(flight->ancestors);
        const bool last_resort = flight->last_resort;
        return load_for(std::move(flight), last_resort, now, out);
      }
      break;
  }
  const bool stored = store_loaded(*flight, answer, now, outcome);
  if (flight->refresh) end_refresh(*flight, stored, outcome, now, out);
  if (answer.status == Status::ok && answer.value.size() > options_.value_bytes_max) {
    // Local callers get what their source gave; it is neither kept nor sent.
    const Outcome too_large = Outcome::failure(
        Status::too_large, "the source's value is over value.bytes.max of the keyspace");
    for (const Waiter& waiter : flight->waiters) {
      const bool remote = waiter.kind == Waiter::Kind::remote;
      out.completions.push_back({waiter, remote ? too_large : outcome});
    }
    return;
  }
  answer_loaded(*flight, stored, outcome, now, out);
}

bool Shard::may_store(const Flight& flight) const {
  if (flight.last_resort && mutated(Mutation::stored_fallback)) return true;
  if (flight.poisoned || flight.last_resort) return false;
  return flight.provisional || view_->self_acts(flight.key_hash);
}

bool Shard::store_loaded(const Flight& flight, const LoadAnswer& answer, Instant now,
                         Outcome& outcome) {
  const bool found = answer.status == Status::ok;
  const bool absent = answer.status == Status::not_found;
  if (!found && !absent) return false;
  if (absent && options_.negative_ttl.is_zero()) return false;
  if (answer.do_not_store || answer.value.size() > options_.value_bytes_max) return false;
  if (!may_store(flight)) {
    ++counters_.loads_not_stored;
    return false;
  }
  const Duration asked = absent ? options_.negative_ttl : answer.ttl;
  NewEntry entry;
  entry.value = answer.value;
  entry.version = next_version();
  entry.stored_at = now;
  entry.expires_at = expires_at(options_.expiry, asked, now - answer.unread, rng_.next());
  entry.tags = answer.tags;
  if (absent) entry.flags |= kEntryNegative;
  if (flight.provisional) keep_for_a_moment(entry, flight.began_at);
  if (flight.acting) end_in_a_moment(entry, flight.began_at);
  keep_as_confirmed(entry, flight.began_at, now);
  outcome.version = entry.version;
  outcome.ttl = remaining(entry, now);
  const PutResult put = store_.put({flight.key, flight.key_hash}, std::move(entry), now);
  return put.status == PutStatus::stored;
}

Outcome Shard::outcome_of(const Entry& entry, Instant now) const {
  if (entry.flags() & kEntryNegative) {
    Outcome outcome = Outcome::failure(Status::not_found, {});
    outcome.origin = Origin::local;
    return outcome;
  }
  Outcome outcome;
  outcome.status = Status::ok;
  outcome.origin = entry.flags() & kEntryMirror ? Origin::mirror : Origin::local;
  outcome.value = entry.value();
  outcome.version = entry.version();
  outcome.age = now - entry.stored_at();
  outcome.ttl = entry.expires_at().is_never() ? Duration::max() : entry.expires_at() - now;
  return outcome;
}

}  // namespace distcache::core
