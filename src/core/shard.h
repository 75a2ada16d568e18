#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/rng.h"
#include "core/cache/store.h"
#include "core/cluster/former_owners.h"
#include "core/cluster/hot_keys.h"
#include "core/cluster/lease_holders.h"
#include "core/cluster/view.h"
#include "core/load/expiry.h"
#include "core/load/flight.h"
#include "core/outbox.h"

namespace distcache::core {

struct ShardOptions {
  KeyspaceId keyspace = 0;
  std::string keyspace_name;  // for error texts
  ExpiryRule expiry;
  Duration negative_ttl;  // zero: "not found" is not kept
  Duration fetch_timeout = Duration::seconds(5);
  size_t value_bytes_max = 16 * 1024 * 1024;
  uint32_t waiters_max = 10'000;
  bool has_source = false;
  // Whether a waiter left before its deadline: nobody hears its outcome. Asked under the lock.
  bool (*has_left)(const Waiter&) = nullptr;
  // How long a stand-in keeps what it loaded while it still reaches the owner itself.
  Duration provisional_ttl = Duration::seconds(1);
  MirrorMode mirror = MirrorMode::off;
  Duration mirror_lease = Duration::seconds(1);
  size_t mirror_bytes_max = 0;  // of what others lent
  // Loads by callers are in no queue that is bounded, and anybody may ask for them: beyond so many
  // in progress no other begins.
  size_t granted_max = 8'192;
  bool bounded = false;  // partition = bounded: see confirm()
};

// Counts what happened; summed over the shards of a keyspace.
struct ShardCounters {
  uint64_t gets = 0, hits = 0, coalesced = 0;
  uint64_t loads = 0, loads_ok = 0, loads_not_found = 0, loads_failed = 0, loads_timed_out = 0;
  uint64_t loads_not_stored = 0;  // fenced off by a put, a delete or a lost ownership
  uint64_t asks = 0, asks_ok = 0, asks_failed = 0, last_resort_loads = 0;
  uint64_t puts = 0, removes = 0, peer_requests = 0, not_owner_answers = 0;
  uint64_t mirror_hits = 0, lent = 0, recalls = 0, recalls_unconfirmed = 0;

  ShardCounters& operator+=(const ShardCounters& other);
};

struct ReadRequest {
  Waiter waiter;
  uint32_t flags = 0;  // CallFlag
  std::vector<Ancestor> ancestors;
  TraceContext trace;
  MemberId from{};     // of remote: who asks
  LoaderPtr loader{};  // of local: to be run in place of the source
};

struct WriteRequest {
  CallKind kind = CallKind::put;  // put, put_if, remove or refresh
  Waiter waiter;
  uint32_t flags = 0;
  Buffer value;
  Duration ttl;     // zero = the keyspace's, max() = never expires
  Duration unread;  // it came so long ago: its ttl counts from then
  std::vector<std::string> tags;
  TraceContext trace;
  Version expected{};                 // of put_if: zero = no entry
  std::vector<Ancestor> ancestors{};  // of refresh
};

// One slice of the keys of a keyspace at one node: entries, flights, the fence between them, and
// every decision about a key (who owns it, who loads it, what is stored, who is answered).
//
// Pure: no thread, no lock, no clock. Driven under a lock by the engine and without one by the
// simulator; every function takes `now` and appends to `out` what is to be done once the lock is
// gone. A waiter that is not answered by the returned Outcome is answered through `out`, now or by
// a later call, exactly once.
class Shard {
 public:
  Shard(ShardOptions options, const StoreOptions& store, Allocator& allocator, uint64_t seed);

  // This node's memory only.
  Outcome peek(const Key& key, Instant now);
  // The answer to a local read if memory has it, which then counts as a get and a hit. The short
  // way of a hit: no waiter, no request. Else get() is to be called.
  std::optional<Outcome> hit(const Key& key, Instant now);
  // The answer, if it is known at once (a hit, a refusal).
  std::optional<Outcome> get(const Key& key, const ReadRequest& request, Instant now, Outbox& out);
  std::optional<Outcome> write(const Key& key, const WriteRequest& request, Instant now,
                               Outbox& out);
  // Loads the key now and replaces what is held, which is served meanwhile.
  std::optional<Outcome> refresh(const Key& key, const WriteRequest& request, Instant now,
                                 Outbox& out);
  // Drops every entry here, recalls what was lent and fences every load in flight.
  void clear(Instant now, Outbox& out);

  void on_loaded(uint64_t flight, LoadAnswer answer, Instant now, Outbox& out);
  // What the calls that this load's source makes descend from: the load itself and all loads that
  // wait for it, those included that joined after it began. Empty if it is over.
  std::vector<Ancestor> ancestors_of(uint64_t flight);
  // Whether somebody waits for this load, for its source, which may give up if nobody does. That
  // fails no reader that joins later: the key is loaded again then.
  bool is_wanted(uint64_t flight, Instant now);
  // The call of this flight is about to be put on the network: readers that come later send their
  // own. The deadline to send along, or nothing if nobody wants the answer any more.
  std::optional<Instant> seal(uint64_t flight, Instant now);
  void on_reply(uint64_t flight, const Reply& reply, Instant now, Outbox& out);
  // The target could not be reached. `sent`: its bytes may have arrived.
  void on_call_failed(uint64_t flight, bool sent, Instant now, Outbox& out);

  // -- granted loads
  // As the owner: what a member has loaded that was granted it. OK: taken, for those who wait at
  // least; VERSION_MISMATCH: the grant is over, nobody waits for it any more. It came `unread` ago.
  Outcome on_granted_load(const Key& key, MemberId from, const Call& call, Duration unread,
                          Instant now, Outbox& out);
  // These members, in order, cannot be reached: what they were granted is given to others.
  void on_gone(const std::vector<MemberId>& members, Instant now, Outbox& out);
  // As a caller: the target of this call has this node load the key.
  void on_grant(uint64_t flight, uint64_t grant, Instant now, Outbox& out);

  // -- mirrors
  // A lender takes a key back: what it lent before that write is dropped. No key: all that it lent.
  void on_recall(MemberId lender, const Key& key, const Version& version, Instant now);
  void drop_lent(MemberId lender, Instant now);
  // A holder of the key has done so.
  void on_recalled(uint64_t flight, MemberId holder, const Key& key, Instant now, Outbox& out);

  // The owner of this key has written it: what this node has of it for want of that owner is older.
  void on_written(uint64_t key_hash);

  // A new view: entries that now belong to others are dropped, loads of them are fenced, what was
  // lent of them is taken back. So is what was kept for want of its owner dropped, once somebody is
  // back who may have reached that. `epoch` is the Lamport epoch of versions given from now on.
  std::vector<RecallStart> set_view(ViewPtr view, uint64_t epoch, Instant now);
  void set_options(ShardOptions options);
  void set_limits(const StoreLimits& limits) { store_.set_limits(limits); }

  // partition = bounded: until then a majority confirms that this node may call keys its own.
  // Beyond, what it has is served for one lease more, what is loaded is kept for one from when that
  // began, and a write is PARTIAL: it names those that are `missing`. What was kept when the lease
  // after the confirmation before this one was over is dropped.
  using Names = std::shared_ptr<const std::vector<std::string>>;
  void confirm(Instant until, Names missing, Instant now);
  bool confirmed(Instant now) const { return now < confirmed_until_; }

  // Time has passed: deadlines of waiters and flights, retries, expiry (`expiry_steps` at most).
  void tick(Instant now, size_t expiry_steps, Outbox& out);
  Instant next_deadline() const;
  // Ends every flight: its waiters get `outcome`; writes that were sent get UNKNOWN.
  void close(const Outcome& outcome, Instant now, Outbox& out);

  const Store& store() const { return store_; }
  Store& store() { return store_; }
  const ShardCounters& counters() const { return counters_; }
  size_t flights() const { return flights_.size(); }
  const View& view() const { return *view_; }

 private:
  // reads
  bool serves(const Entry& entry, uint32_t flags, Instant now) const {
    const bool plain = (entry.flags() & (kEntryProvisional | kEntryConfirmed)) == 0;
    return plain || serves_flagged(entry, flags, now);
  }
  bool serves_flagged(const Entry& entry, uint32_t flags, Instant now) const;
  std::optional<Outcome> join(Flight& flight, const ReadRequest& request, Instant now, Outbox& out);
  bool has_left(const Waiter& waiter) const {
    return options_.has_left != nullptr && options_.has_left(waiter);
  }
  bool somebody_waits(const Flight& flight, Instant now) const;
  void dismiss_left(Flight& flight, Instant now, Outbox& out);
  Flight& open_load(const Key& key, const std::vector<Ancestor>& ancestors,
                    const TraceContext& trace, Instant now);
  void conclude_load(uint64_t flight, LoadAnswer answer, Instant now, Outbox& out);
  static void fetch(const Flight& load, LoaderPtr loader, uint64_t grant, Outbox& out);
  std::optional<Outcome> ask_or_join(const Key& key, const View::Acting& acting,
                                     const ReadRequest& request, Instant now, Outbox& out);
  std::optional<Outcome> load_or_join(const Key& key, const ReadRequest& request, Instant now,
                                      Outbox& out);
  bool retire(Flight& load, Instant now) const;
  void load_for(std::unique_ptr<Flight> ask, bool last_resort, Instant now, Outbox& out);
  Flight* last_resort_of(const Flight& ask);
  static std::vector<Ancestor> nearest(std::vector<Ancestor> ancestors);
  std::optional<Outcome> cycle_of(const Key& key, const std::vector<Ancestor>& ancestors) const;
  // refreshes
  std::optional<Outcome> refresh_for(const Key& key, const WriteRequest& request,
                                     const std::vector<Waiter>& waiters, Instant now, Outbox& out);
  std::optional<Outcome> refresh_here(const Key& key, const WriteRequest& request,
                                      const std::vector<Waiter>& waiters, Instant now, Outbox& out);
  std::optional<Outcome> refresh_after(Flight& running, const WriteRequest& request,
                                       const std::vector<Waiter>& waiters, Instant now,
                                       Outbox& out);
  void refresh_next(const Flight& ended, Instant now, Outbox& out);
  void go_on_refreshing(Flight& given_up, Instant now, Outbox& out);
  void refresh_again(Flight& flight, Instant now, Outbox& out);
  void end_refresh(Flight& load, bool stored, const Outcome& outcome, Instant now, Outbox& out);
  void replaced(const Flight& load, bool stored, std::vector<Waiter> waiters, Outcome answer,
                Instant now, Outbox& out);
  // granted loads
  bool may_be_granted(const ReadRequest& request) const;
  bool await_grant(Flight& load, const ReadRequest& request, Instant now, Outbox& out);
  void bring_loader(Flight& load, const Flight& ask, bool is_new, Instant now, Outbox& out);
  bool still_waits(const Flight& load, const Waiter& waiter, Instant now) const;
  static void drop_left(const Flight& load, Grant& grant);
  bool grant_next(Flight& load, Instant now, Outbox& out);
  bool grant_on(Flight& load, Instant now, Outbox& out);
  void pass_on(Flight& load, Instant now, Outbox& out);
  bool passes_on(Flight& load, const LoadAnswer& answer, Instant now, Outbox& out);
  void on_held_load(Flight& ask, LoadAnswer answer, Instant now, Outbox& out);
  void on_owner_reply(Flight& ask, const Reply& reply, Instant now, Outbox& out);
  void fall_back(Flight& ask, Outbox& out);
  void answer_from_held(Flight& ask, Outbox& out);
  // writes
  void tell_owner(const Key& key, const WriteRequest& request, const View::Acting& acting,
                  const std::vector<Waiter>& waiters, Outbox& out);
  std::optional<Outcome> mismatch(const Key& key, const WriteRequest& request, Instant now);
  bool took_over(const Flight& write, const Outcome& outcome) const;
  void confirm_elsewhere(const Flight& write, Outcome& outcome, Outbox& out) const;
  Outcome apply(const Key& key, const WriteRequest& request, bool provisional, Instant now);
  Outcome stand_in(const Key& key, const WriteRequest& request, Instant now, Outbox& out);
  void poison(const Key& key);
  void confirm_write(const Key& key, bool applied_here, Outcome& outcome, Outbox& out) const;
  void missed(const Key& key, const ViewMember& owner, bool applied_here, Outcome& outcome,
              Outbox& out) const;
  // Done in full; NOT_FOUND: by a refresh, for which the source has nothing.
  static bool is_complete(Status status) {
    return status == Status::ok || status == Status::not_found;
  }
  static bool is_applied(Status status) { return is_complete(status) || status == Status::partial; }
  bool has_heir(const Key& key, const Outcome& outcome) const;
  void tell_heir(Flight& write, Outbox& out);
  void tell_next_heir(Flight& write, Instant now, Outbox& out);
  void heir_answered(Flight& write, Status status, Instant now, Outbox& out);
  // mirrors
  void lend(const Key& key, MemberId to, Outcome& outcome, Instant now);
  void keep_mirror(const Flight& ask, const Reply& reply, Instant now);
  void drop_older_mirror(const Key& key, const Reply& reply, Instant now);
  void answer_loaded(const Flight& load, bool stored, const Outcome& outcome, Instant now,
                     Outbox& out);
  Instant& recalled_at(uint64_t key_hash) { return recalled_at_[key_hash % kRecallSlots]; }
  Instant lease_end(Instant from) const;
  bool may_be_lent(const Key& key, const Outcome& outcome, Instant now) const;
  std::vector<RecallWait::Holder> holders_of(const Key& key, uint64_t recall,
                                             const Outcome& outcome, Instant now);
  std::vector<RecallStart> take_back(const View& before, Instant now);
  void answer_write(const Key& key, const std::vector<Waiter>& writers, Outcome outcome,
                    Instant now, Outbox& out);
  void await_recalls(Flight& flight, Instant now, Outbox& out);
  void conclude(Flight& flight, Instant now, Outbox& out);
  // both
  void send(Flight& flight, MemberId target, bool stand_in, Outbox& out);
  void conclude_call(Flight& flight, const Reply& reply, Instant now, Outbox& out);
  void forget_tried(const View& before);
  bool may_keep(uint64_t key_hash, bool has_met) const;
  void try_elsewhere(Flight& flight, bool same_again, Instant now, Outbox& out);
  void give_up(Flight& flight, Instant now, Outbox& out);
  void act_here(Flight& flight, Instant now, Outbox& out);
  void refused(Flight& flight, Instant now, Outbox& out);
  void on_due(Flight& flight, Instant now, Outbox& out);
  bool store_loaded(const Flight& flight, const LoadAnswer& answer, Instant now, Outcome& outcome);
  bool may_store(const Flight& flight) const;
  // A stand-in's copy, while the owner may be reached by others.
  void keep_for_a_moment(NewEntry& entry, Instant from) const;
  void end_in_a_moment(NewEntry& entry, Instant from) const;
  // -- partition = bounded
  void keep_as_confirmed(NewEntry& entry, Instant from, Instant now) const;
  void name_missing(Outcome& outcome, Instant now) const;
  bool may_serve_confirmed(Instant now) const;
  bool keeps_confirmed(Instant from, Instant now) const;
  static Duration remaining(const NewEntry& entry, Instant now);
  Outcome outcome_of(const Entry& entry, Instant now) const;
  static void answer_all(const Flight& flight, const Outcome& outcome, Outbox& out);
  Version next_version();

  ShardOptions options_;
  Store store_;
  FlightTable flights_;
  ViewPtr view_;
  SeededRng rng_;
  ShardCounters counters_;
  uint64_t epoch_ = 0;
  uint64_t version_counter_ = 0;

  // partition = bounded. What began before `unconfirmed_through_` may have missed a write.
  Instant confirmed_until_;
  Instant unconfirmed_through_;
  Names missing_;

  // As an owner: what others ask for, and who has it.
  HotKeys hot_keys_;
  LeaseHolders holders_;
  FormerOwners former_owners_;
  // As one that is lent keys: what was asked for before the last recall of a key, or of another one
  // with the same slot, is not kept. A reply and a recall that overtakes it are on different links.
  static constexpr size_t kRecallSlots = 64;
  std::array<Instant, kRecallSlots> recalled_at_{};
};

}  // namespace distcache::core
