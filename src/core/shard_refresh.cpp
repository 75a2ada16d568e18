#include <algorithm>
#include <iterator>

#include "core/mutations.h"
#include "core/shard.h"

// Refreshes: a load that begins now replaces what is held, which is served until then. It is a
// write whose value the source gives: it fences older loads, and mirrors are taken back after it.
namespace distcache::core {

std::optional<Outcome> Shard::refresh(const Key& key, const WriteRequest& request, Instant now,
                                      Outbox& out) {
  if (request.waiter.kind == Waiter::Kind::remote) ++counters_.peer_requests;
  return refresh_for(key, request, {request.waiter}, now, out);
}

// Unless this node acts for the key, the waiters are all local or all remote.
std::optional<Outcome> Shard::refresh_for(const Key& key, const WriteRequest& request,
                                          const std::vector<Waiter>& waiters, Instant now,
                                          Outbox& out) {
  const bool remote = waiters.front().kind == Waiter::Kind::remote;
  const View::Acting acting = view_->acting_owner(key.hash);
  if (acting.member == view_->self() || (remote && (request.flags & kCallStandIn))) {
    return refresh_here(key, request, waiters, now, out);
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
  tell_owner(key, request, acting, waiters, out);
  return std::nullopt;
}

std::optional<Outcome> Shard::refresh_here(const Key& key, const WriteRequest& request,
                                           const std::vector<Waiter>& waiters, Instant now,
                                           Outbox& out) {
  if (!options_.has_source) {
    return Outcome::failure(Status::unsupported,
                            "keyspace '" + options_.keyspace_name + "' has no source");
  }
  if (std::optional<Outcome> refused = cycle_of(key, request.ancestors)) return refused;
  Flight* running = flights_.joinable(key);
  const bool joins = running != nullptr && mutated(Mutation::joined_refresh);
  if (joins) return join(*running, {waiters.front(), 0, request.ancestors, {}}, now, out);
  if (running != nullptr && running->refresh) {
    return refresh_after(*running, request, waiters, now, out);
  }
  poison(key);
  Flight& load = open_load(key, request.ancestors, request.trace, now);
  fetch(load, nullptr, 0, out);
  load.refresh = true;
  load.provisional = !view_->self_acts(key.hash);
  for (Waiter waiter : waiters) {
    waiter.refreshes = true;
    flights_.add_waiter(load, waiter);
  }
  return std::nullopt;
}

// The one that runs began before this call: it may bring what was the value then. However many come
// meanwhile, one load follows for all of them.
std::optional<Outcome> Shard::refresh_after(Flight& running, const WriteRequest& request,
                                            const std::vector<Waiter>& waiters, Instant now,
                                            Outbox& out) {
  Flight* next = flights_.find(running.next);
  if (next == nullptr) {
    next = &flights_.start(FlightKind::load, {running.key, running.key_hash});
    next->refresh = true;
    next->call.flags = request.flags;
    next->call.trace = request.trace;
    running.next = next->id;
  }
  for (Waiter waiter : waiters) {
    waiter.refreshes = true;
    const ReadRequest joins{waiter, 0, request.ancestors, request.trace};
    if (std::optional<Outcome> refused = join(*next, joins, now, out)) {
      if (waiters.size() == 1) return refused;
      out.completions.push_back({waiter, *std::move(refused)});
    }
  }
  return std::nullopt;
}

void Shard::refresh_next(const Flight& ended, Instant now, Outbox& out) {
  const std::unique_ptr<Flight> next = ended.next != 0 ? flights_.finish(ended.next) : nullptr;
  if (next != nullptr) refresh_again(*next, now, out);
}

void Shard::refresh_again(Flight& flight, Instant now, Outbox& out) {
  if (flight.waiters.empty()) return;
  const Key key{flight.key, flight.key_hash};
  WriteRequest request;
  request.kind = CallKind::refresh;
  request.flags = flight.call.flags;
  request.trace = flight.call.trace;
  // What waits for it, without the flight itself.
  std::copy_if(flight.ancestors.begin(), flight.ancestors.end(),
               std::back_inserter(request.ancestors), [&](const Ancestor& one) {
                 return one.member != view_->self() || one.keyspace != options_.keyspace ||
                        one.key_hash != key.hash;
               });
  const bool acts = view_->self_acts(key.hash);
  // One that runs by now began when nobody could join the load that these waited for any more: it
  // is new to all of them, and to wait for its end as well might take for ever where many write.
  Flight* newer = acts ? flights_.joinable(key) : nullptr;
  if (newer != nullptr && newer->refresh) {
    for (const Waiter& waiter : flight.waiters) {
      const ReadRequest joins{waiter, 0, request.ancestors, request.trace};
      std::optional<Outcome> refused = join(*newer, joins, now, out);
      if (refused) out.completions.push_back({waiter, *std::move(refused)});
    }
    return;
  }
  const auto first = [acts](const Waiter& one) { return acts || one.kind == Waiter::Kind::remote; };
  std::vector<Waiter>& all = flight.waiters;
  const auto rest = std::stable_partition(all.begin(), all.end(), first);
  for (const auto& waiters :
       {std::vector<Waiter>(all.begin(), rest), std::vector<Waiter>(rest, all.end())}) {
    if (waiters.empty()) continue;
    const std::optional<Outcome> refused = refresh_for(key, request, waiters, now, out);
    if (!refused) continue;
    for (const Waiter& waiter : waiters) out.completions.push_back({waiter, *refused});
  }
}

// Its source gave up as nobody waited, and somebody does by now. Readers are left, for a load.
void Shard::go_on_refreshing(Flight& given_up, Instant now, Outbox& out) {
  const auto first = std::stable_partition(given_up.waiters.begin(), given_up.waiters.end(),
                                           [](const Waiter& one) { return one.refreshes; });
  std::vector<Waiter> readers(first, given_up.waiters.end());
  given_up.waiters.erase(first, given_up.waiters.end());
  refresh_again(given_up, now, out);
  refresh_next(given_up, now, out);
  given_up.waiters = std::move(readers);
}

// Answers those that wait for more than the value, and begins what waits for the end of this load.
void Shard::end_refresh(Flight& load, bool stored, const Outcome& outcome, Instant now,
                        Outbox& out) {
  const auto reads = [](const Waiter& one) { return !one.refreshes; };
  const auto first = std::stable_partition(load.waiters.begin(), load.waiters.end(), reads);
  std::vector<Waiter> waiters(first, load.waiters.end());
  load.waiters.erase(first, load.waiters.end());
  Outcome answer = outcome;
  if (outcome.status == Status::ok && outcome.value.size() > options_.value_bytes_max) {
    answer = Outcome::failure(Status::too_large,
                              "the source's value is over value.bytes.max of the keyspace");
  }
  if (!is_applied(answer.status)) {
    for (const Waiter& waiter : waiters) out.completions.push_back({waiter, answer});
  } else if (load.provisional || view_->self_acts(load.key_hash)) {
    replaced(load, stored, std::move(waiters), std::move(answer), now, out);
  } else {
    // Another member acts for the key by now, which may hold what is older.
    std::swap(load.waiters, waiters);
    refresh_again(load, now, out);
    load.waiters = std::move(waiters);
  }
  refresh_next(load, now, out);
}

// What was held before is held here no more, be it for a later write that has fenced the load: of
// that one not all who have to know may have heard yet.
void Shard::replaced(const Flight& load, bool stored, std::vector<Waiter> waiters, Outcome answer,
                     Instant now, Outbox& out) {
  const Key key{load.key, load.key_hash};
  if (!load.poisoned && !stored) store_.erase(key);
  if (load.provisional) {
    const ViewMember* owner = view_->owner_or_lost(key.hash);
    const auto is_local = [](const Waiter& one) { return one.kind == Waiter::Kind::local; };
    if (owner == nullptr || owner->ring.id == view_->self()) {
      // It is this node by now.
    } else if (std::any_of(waiters.begin(), waiters.end(), is_local)) {
      missed(key, *owner, true, answer, out);
    } else {
      // Whoever asked this node to stand in says whom that has missed.
      out.missed.push_back({owner->ring.id, std::string(key.bytes), 0});
    }
  } else {
    confirm_write(key, true, answer, out);
  }
  const bool tells = has_heir(key, answer) || may_be_lent(key, answer, now);
  if (tells && !mutated(Mutation::silent_refresh)) {
    // Also where everybody has left: what was lent is older now.
    if (waiters.empty()) waiters.push_back({Waiter::Kind::nobody, 0, 0, lease_end(now)});
    return answer_write(key, waiters, std::move(answer), now, out);
  }
  name_missing(answer, now);
  for (const Waiter& waiter : waiters) out.completions.push_back({waiter, answer});
}

}  // namespace distcache::core
