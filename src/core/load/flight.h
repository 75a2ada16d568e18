#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/message.h"
#include "core/outbox.h"
#include "core/types.h"

namespace distcache::core {

enum class FlightKind : uint8_t {
  load,    // our source is asked, or callers load it: see Grant
  ask,     // another member is asked for the value
  write,   // another member is told to put, remove or refresh
  recall,  // a write is applied here, and those that were lent the key are told to drop it
};

// Those that may serve what was lent before a write, and the answer to it once they do not.
struct RecallWait {
  struct Holder {
    MemberId member = 0;
    Instant until;
  };
  std::vector<Holder> holders;
  MemberId heir = 0;  // the next candidate, which has not confirmed that it knows of the write
  bool awaits_heir = false;  // and may yet do so
  uint32_t heirs_told = 0;
  Instant tell_again_at = Instant::never();  // then somebody else may be the next candidate
  Outcome outcome;
};

// What a source answered.
struct LoadAnswer {
  Status status = Status::internal;  // ok, not_found or a failure
  Buffer value;
  Duration ttl;  // zero = the keyspace's
  bool do_not_store = false;
  bool retriable = false;
  std::vector<std::string> tags;
  std::string message;
  uint64_t grant = 0;  // under which a caller of this node loaded it
  Duration unread;     // it came so long ago: its ttl counts from then
};

// It says something of the key, be it that there is nothing.
inline bool is_answer(Status status) { return status == Status::ok || status == Status::not_found; }

// A load that callers run, one after the other until one has an answer, and who they are.
struct Grant {
  struct Candidate {
    Waiter waiter;
    MemberId member = 0;  // of remote
    LoaderPtr loader;     // of local
  };
  struct Holder {
    uint64_t grant = 0;
    MemberId member = 0;  // 0: this node itself
    Waiter waiter;
    bool gone = false;  // or could not go on: nothing is expected of it
  };
  void ended(uint64_t name) {
    for (Holder& holder : holders) holder.gone = holder.gone || holder.grant == name;
  }
  bool last_is_gone() const { return holders.empty() || holders.back().gone; }
  // Whether the next one is to have it.
  bool is_due(Instant now) const { return last_is_gone() || until <= now; }

  std::deque<Candidate> candidates;  // those that have not had it, in the order in which they came
  std::vector<Holder> holders;       // the last one has it now; what an earlier one brings counts
  Instant until;                     // then it is given to the next one
};

// Of an ask: its target has granted the load to this node.
struct HeldGrant {
  uint64_t grant = 0;
  bool owner_lost = false;  // nobody takes what is loaded: it is for the callers here alone
  std::optional<LoadAnswer> answer;
};

// One piece of work in progress for one key, with everybody who waits for it.
struct Flight {
  uint64_t id = 0;
  FlightKind kind = FlightKind::load;
  std::string key;
  uint64_t key_hash = 0;
  std::vector<Waiter> waiters;
  Instant first_waiter_deadline = Instant::never();
  Instant deadline = Instant::never();  // of a load: the source's; else the last waiter's

  // Of a load: its source was told that nobody waits. If it gives up, later readers have another.
  bool may_give_up = false;
  Instant began_at;
  // When a flight that is full is looked through again for waiters that left before their deadline.
  Instant look_again_at;

  bool joinable = false;     // a new reader may wait for it
  bool poisoned = false;     // the fence: a put or delete came after it began, never store it
  bool last_resort = false;  // a load by others than the owner: never stored
  bool provisional = false;  // a stand-in's load whose owner this node still reaches: kept briefly
  bool acting = false;   // a load for want of an owner, which may run all the same: kept briefly
  bool refresh = false;  // a load that replaces what is held, which is served meanwhile
  uint64_t next = 0;     // of a refresh: the flight of those whose load begins when it has ended
  // Of a load: itself, then what waits for it, the nearest ones first. Grows as readers join that
  // are loads themselves.
  std::vector<Ancestor> ancestors;

  // of ask and write
  MemberId target = 0;
  std::vector<MemberId> tried;
  uint32_t refusals = 0;        // answers that say: not the owner
  bool sent_to_owner = false;   // a write that a stand-in applied before
  bool may_be_applied = false;  // a write whose call was sent and not answered
  bool sealed = false;          // handed to the network: a later reader sends its own
  Instant sent_at;              // when it was
  uint64_t after_it = 0;        // the first flight that may have begun after that
  Instant retry_at = Instant::never();
  Call call;  // as it was asked for; sent again when a target fails

  std::unique_ptr<RecallWait> recall;  // of recall
  std::unique_ptr<Grant> grant;        // of load: by callers
  LoaderPtr loader;                    // of ask: a caller's, in place of the source
  std::unique_ptr<HeldGrant> held;     // of ask
};

// The flights of one shard: who is in the air, whom a new reader may join, whose time is up.
// Not thread-safe: lives under its shard's lock. Iteration orders are fixed by ids and deadlines.
class FlightTable {
 public:
  Flight& start(FlightKind kind, const Key& key);
  Flight* find(uint64_t id);
  Flight* joinable(const Key& key);
  void make_joinable(Flight& flight);  // at most one per key: an older one is closed to readers
  void close_to_readers(Flight& flight);
  void add_waiter(Flight& flight, Waiter waiter);
  std::vector<Waiter> take_overdue(Flight& flight, Instant now);
  void set_retry(Flight& flight, Instant at);
  void set_deadline(Flight& flight, Instant at);
  void open_grant(Flight& load);  // it is for callers to load, and counts as such until it ends
  void end_grant(Flight& load);
  // Out of the table; the caller completes its waiters.
  std::unique_ptr<Flight> finish(uint64_t id);

  // The flight whose retry, waiter or own deadline comes first and is due.
  Flight* due(Instant now);
  Instant next_deadline() const;

  // The loads of all keys with this hash.
  template <typename Visit>
  void for_each_load(uint64_t key_hash, Visit&& visit) {
    const auto [begin, end] = loads_.equal_range(key_hash);
    for (auto at = begin; at != end; ++at) visit(*at->second);
  }

  size_t size() const { return flights_.size(); }
  uint64_t next_id() const { return next_id_; }
  size_t granted() const { return granted_; }  // those that callers load
  template <typename Visit>
  void for_each(Visit&& visit) {
    for (auto& [id, flight] : flights_) visit(*flight);
  }

 private:
  void reschedule(Flight& flight);

  uint64_t next_id_ = 1;
  size_t granted_ = 0;
  std::map<uint64_t, std::unique_ptr<Flight>> flights_;
  std::unordered_map<std::string_view, Flight*> joinable_;  // views into Flight::key
  std::multimap<uint64_t, Flight*> loads_;                  // by key hash
  std::set<std::pair<Instant, uint64_t>> schedule_;
  std::unordered_map<uint64_t, Instant> scheduled_;
};

}  // namespace distcache::core
