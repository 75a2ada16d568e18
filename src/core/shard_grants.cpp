#include <algorithm>
#include <set>
#include <tuple>

#include "core/granted.h"
#include "core/mutations.h"
#include "core/shard.h"

// Granted loads: a caller loads the key, because it brings its own loader or because this node has
// no source. A flight like any other, that has no source but those who wait for it.
namespace distcache::core {
namespace {

// A holder that takes longer than this part of the source's time is not waited for alone.
constexpr int64_t kLeasePart = 2;
constexpr size_t kLeftMin = 64;  // fewer callers that have left are not worth a look at all

// It says nothing of the key: that caller, or its member, could not go on.
bool is_of_holder(Status status) {
  return status == Status::cancelled || status == Status::closed || status == Status::timed_out ||
         status == Status::overloaded || status == Status::would_deadlock ||
         status == Status::no_keyspace || status == Status::peer_unreachable;
}

// Whether somebody may bring it yet.
bool is_held(const Grant& grant) {
  return std::any_of(grant.holders.begin(), grant.holders.end(),
                     [](const Grant::Holder& holder) { return !holder.gone; });
}

bool same(const Waiter& a, const Waiter& b) {
  return a.kind == b.kind && a.token == b.token && a.id == b.id;
}

// What the caller that loaded it has itself is not sent back.
void leave_out_value(Outcome& outcome) {
  if (outcome.status != Status::ok) return;
  outcome.value = Buffer();
  outcome.origin = Origin::none;
}

}  // namespace

// -- the owner ------------------------------------------------------------------------------------

bool Shard::may_be_granted(const ReadRequest& request) const {
  if (request.loader) return true;
  if (request.waiter.kind != Waiter::Kind::remote) return false;
  const bool has_source = (request.flags & kCallSource) != 0;
  return (request.flags & kCallLoader) != 0 || (has_source && !options_.has_source);
}

// This caller, which waits for the load, may come to run it. False: it is its turn, and it has left
// at this moment, as have all before it.
bool Shard::await_grant(Flight& load, const ReadRequest& request, Instant now, Outbox& out) {
  Grant& grant = *load.grant;
  if (grant.candidates.size() > 2 * load.waiters.size() + kLeftMin) drop_left(load, grant);
  grant.candidates.push_back({request.waiter, request.from, request.loader});
  return !grant.is_due(now) || grant_next(load, now, out);
}

// So may the callers of an ask that comes to nothing: who waits the longest stands for all.
void Shard::bring_loader(Flight& load, const Flight& ask, bool is_new, Instant now, Outbox& out) {
  if (is_new) flights_.open_grant(load);
  if (!load.grant) return;
  std::vector<Waiter> latest = ask.waiters;
  std::stable_sort(latest.begin(), latest.end(), [](const Waiter& one, const Waiter& other) {
    return one.deadline > other.deadline;
  });
  for (const Waiter& waiter : latest) {
    if (has_left(waiter)) continue;
    if (await_grant(load, {waiter, 0, {}, {}, 0, ask.loader}, now, out)) return;
  }
  if (load.grant->is_due(now)) pass_on(load, now, out);
}

// Those that wait no longer need not be kept until their turn comes.
void Shard::drop_left(const Flight& load, Grant& grant) {
  std::set<std::tuple<Waiter::Kind, uint64_t, uint64_t>> waiting;
  for (const Waiter& at : load.waiters) waiting.emplace(at.kind, at.token, at.id);
  std::erase_if(grant.candidates, [&waiting](const Grant::Candidate& at) {
    return !waiting.contains({at.waiter.kind, at.waiter.token, at.waiter.id});
  });
}

// What a candidate names may be gone: only of one that is found among the waiters more is asked.
bool Shard::still_waits(const Flight& load, const Waiter& waiter, Instant now) const {
  const auto at = std::find_if(load.waiters.begin(), load.waiters.end(),
                               [&waiter](const Waiter& one) { return same(one, waiter); });
  return at != load.waiters.end() && at->deadline > now && !has_left(*at);
}

bool Shard::grant_next(Flight& load, Instant now, Outbox& out) {
  Grant& grant = *load.grant;
  while (!grant.candidates.empty()) {
    const Grant::Candidate next = std::move(grant.candidates.front());
    grant.candidates.pop_front();
    if (!still_waits(load, next.waiter, now)) continue;
    const Instant end = std::min(load.deadline, next.waiter.deadline);
    grant.until = std::min(end, now + options_.fetch_timeout / kLeasePart);
    flights_.set_retry(load, grant.until);
    // By chance, as a process that comes after this one counts its loads from the beginning.
    grant.holders.push_back({rng_.next(), next.member, next.waiter});
    if (next.loader) {
      fetch(load, next.loader, grant.holders.back().grant, out);
    } else {
      out.grants.push_back({next.waiter,
                            load.key,
                            grant.holders.back().grant,
                            grant.until - now,
                            {epoch_, view_->self(), version_counter_}});
    }
    return true;
  }
  return false;
}

// Whether somebody else has it now: the next caller that waits, or the source here.
bool Shard::grant_on(Flight& load, Instant now, Outbox& out) {
  flights_.set_retry(load, Instant::never());
  if (grant_next(load, now, out)) return true;
  if (!options_.has_source || !somebody_waits(load, now)) return false;
  flights_.end_grant(load);  // a load like any other from now on
  fetch(load, nullptr, 0, out);
  return true;
}

// Its holder is gone or late. Without anybody else who could load it, late ones are waited for.
void Shard::pass_on(Flight& load, Instant now, Outbox& out) {
  if (mutated(Mutation::lost_grant_holder)) return flights_.set_retry(load, Instant::never());
  if (grant_on(load, now, out) || is_held(*load.grant)) return;
  const uint64_t id = load.id;
  on_due(load, now, out);  // those whose time is over hear just that
  const std::unique_ptr<Flight> done = flights_.finish(id);
  if (!done) return;
  ++counters_.loads_failed;
  answer_all(*done,
             Outcome::failure(Status::peer_unreachable,
                              "the member that loaded the key is gone, and nobody else who waits "
                              "for it can load it"),
             out);
}

// A failure that is none of the key's: the next one tries, or others go on.
bool Shard::passes_on(Flight& load, const LoadAnswer& answer, Instant now, Outbox& out) {
  if (is_answer(answer.status)) return false;
  if (!is_of_holder(answer.status) && !load.may_give_up) return false;
  load.may_give_up = false;
  if (!load.grant) return true;  // the source here has taken over
  // There is no room here for another caller's either.
  if (answer.status == Status::overloaded && answer.grant != 0) {
    std::erase_if(load.grant->candidates,
                  [](const Grant::Candidate& at) { return at.loader != nullptr; });
  }
  if (!load.grant->last_is_gone() || grant_on(load, now, out) || is_held(*load.grant)) return true;
  on_due(load, now, out);  // those whose time is over hear just that
  return false;
}

Outcome Shard::on_granted_load(const Key& key, MemberId from, const Call& call, Duration unread,
                               Instant now, Outbox& out) {
  auto [id, answer] = loaded_answer(call);
  answer.unread = unread;
  // That one has left says nothing to the others who wait.
  const bool left = answer.status == Status::cancelled || answer.status == Status::closed ||
                    answer.status == Status::no_keyspace;
  if (left) answer.status = Status::peer_unreachable;
  Flight* load = nullptr;
  Grant::Holder holder;
  flights_.for_each_load(key.hash, [&, id = id](Flight& flight) {
    if (!flight.grant || flight.key != key.bytes) return;
    for (Grant::Holder& one : flight.grant->holders) {
      if (one.grant != id || one.member != from) continue;
      load = &flight;
      holder = one;
      one.gone = true;
    }
  });
  // What one brings that was too late counts if it has something to bring, or nobody else has it.
  const bool counts = load != nullptr && (is_answer(answer.status) || load->grant->last_is_gone());
  if (!counts) {
    return Outcome::failure(Status::version_mismatch, "the grant of this load is over");
  }
  const size_t first = out.completions.size();
  const bool has_value = answer.status == Status::ok;
  conclude_load(load->id, std::move(answer), now, out);
  for (size_t i = first; i < out.completions.size(); ++i) {
    Completion& done = out.completions[i];
    if (!same(done.waiter, holder.waiter)) continue;
    if (has_value) leave_out_value(done.outcome);
    return done.outcome;
  }
  // It has waited for too long itself, or fails and others go on.
  return Outcome::failure(Status::version_mismatch, "the caller that was granted it is gone");
}

void Shard::on_gone(const std::vector<MemberId>& members, Instant now, Outbox& out) {
  std::vector<uint64_t> lost;
  flights_.for_each([&](Flight& flight) {
    if (!flight.grant) return;
    std::erase_if(flight.grant->candidates, [&members](const Grant::Candidate& at) {
      return std::binary_search(members.begin(), members.end(), at.member);
    });
    bool is_news = false;
    for (Grant::Holder& holder : flight.grant->holders) {
      if (holder.gone || !std::binary_search(members.begin(), members.end(), holder.member))
        continue;
      holder.gone = is_news = true;
    }
    if (is_news && flight.grant->last_is_gone()) lost.push_back(flight.id);
  });
  for (const uint64_t id : lost) pass_on(*flights_.find(id), now, out);
}

// -- the caller -----------------------------------------------------------------------------------

void Shard::on_grant(uint64_t id, uint64_t grant, Instant now, Outbox& out) {
  Flight* ask = flights_.find(id);
  if (ask == nullptr || ask->kind != FlightKind::ask || ask->held) return;
  ask->held = std::make_unique<HeldGrant>();
  ask->held->grant = grant;
  if (!ask->loader && !options_.has_source) {
    LoadAnswer none;
    none.status = Status::no_keyspace;
    none.message = "the member that was to load the key has no source any more";
    return on_held_load(*ask, std::move(none), now, out);
  }
  ++counters_.loads;
  const Instant deadline = std::min(ask->deadline, now + options_.fetch_timeout);
  std::vector<Ancestor> ancestors = ask->call.ancestors;
  ancestors.insert(ancestors.begin(), {ask->target, options_.keyspace, ask->key_hash});
  out.fetches.push_back({ask->id, ask->key, deadline, std::move(ancestors), ask->call.trace,
                         std::exchange(ask->loader, nullptr)});
}

void Shard::on_held_load(Flight& ask, LoadAnswer answer, Instant now, Outbox& out) {
  if (answer.status == Status::ok) {
    ++counters_.loads_ok;
  } else if (answer.status == Status::not_found) {
    ++counters_.loads_not_found;
  } else {
    ++counters_.loads_failed;
  }
  if (!ask.held || ask.held->answer) return;
  // It gave up because nobody waits here: others may.
  if (ask.may_give_up && !is_answer(answer.status)) answer.status = Status::cancelled;
  HeldGrant& held = *ask.held;
  held.answer = std::move(answer);
  if (held.owner_lost) return answer_from_held(ask, out);
  LoadAnswer told = *held.answer;
  if (told.status == Status::ok && told.value.size() > options_.value_bytes_max) {
    told = {};
    told.status = Status::too_large;
    told.message = "the loaded value is over value.bytes.max of the keyspace";
  }
  Call call = loaded_call(told, held.grant);
  call.keyspace = options_.keyspace;
  call.view_id = view_->id();
  call.key = ask.key;
  call.trace = ask.call.trace;
  out.calls.push_back({ask.id, ask.target, std::max(ask.deadline, now), std::move(call)});
}

// The answer to the get, or to what was said as its holder.
void Shard::on_owner_reply(Flight& ask, const Reply& reply, Instant now, Outbox& out) {
  if (!is_answer(reply.status)) return fall_back(ask, out);
  const bool own = reply.status == Status::ok && reply.origin == Origin::none && ask.held->answer;
  if (!own) return conclude_call(ask, reply, now, out);
  if (ask.held->answer->status != Status::ok) return fall_back(ask, out);  // no value to be had
  Reply whole = reply;
  whole.value = ask.held->answer->value;
  whole.origin = Origin::source;
  conclude_call(ask, whole, now, out);
}

// The owner is gone, or has no use for what is loaded here. The callers began before that was: it
// is for them alone, and never stored.
void Shard::fall_back(Flight& ask, Outbox& out) {
  ask.held->owner_lost = true;
  if (ask.held->answer) answer_from_held(ask, out);
}

void Shard::answer_from_held(Flight& ask, Outbox& out) {
  const std::unique_ptr<Flight> done = flights_.finish(ask.id);
  LoadAnswer& answer = *done->held->answer;
  ++counters_.last_resort_loads;
  Outcome outcome;
  outcome.status = answer.status;
  outcome.origin = Origin::source;
  outcome.value = answer.value;
  outcome.retriable = answer.retriable;
  outcome.message = std::move(answer.message);
  answer_all(*done, outcome, out);
}

}  // namespace distcache::core
