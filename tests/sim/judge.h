#pragma once

#include <map>
#include <string>
#include <vector>

#include "clocks.h"
#include "conditions.h"
#include "core/types.h"
#include "history.h"
#include "plan.h"
#include "report.h"
#include "watch.h"

namespace distcache::sim {

// One call of a user in progress.
struct Call {
  enum class Kind : uint8_t { get, peek, put, remove, refresh };
  Kind kind = Kind::get;
  uint64_t id = 0;
  uint32_t process = 0;
  std::vector<KeyId> keys;
  std::vector<Write*> writes;  // of all but reads, by item
  Moment began;
  Duration timeout;
  bool brings_loader = false;  // a get_with
  bool cancelled = false;
  bool done = false;
  bool all_is_well = false;  // the faults are off and the members have met again
  bool writes_something() const { return kind != Kind::get && kind != Kind::peek; }
};

// What became of the process that made it.
struct Caller {
  bool died = false;        // it never learned the answer
  bool closing = false;     // it left in order while the call ran
  bool has_source = false;  // or has brought a loader
  // Of a bounded keyspace: a majority confirmed it when the call began or since; or less than a
  // lease before.
  bool confirmed = true, lately = true;
};

// Holds every answer against what the library promises (README.md lists the invariants).
class Judge {
 public:
  Judge(const Plan& plan, const Clock& clock, Report& report, History& history, Watch& watch,
        const Clocks& clocks)
      : plan_(plan),
        clock_(clock),
        report_(report),
        history_(history),
        watch_(watch),
        clocks_(clocks),
        conditions_(plan, report, history) {}

  void load_began(const Load& load);
  void item_done(const Call& call, size_t item, const Caller& caller, const core::Outcome& outcome);
  // Members that could load this keyspace while they live.
  void set_sources(uint32_t keyspace, std::vector<core::MemberId> members) {
    if (sources_.size() <= keyspace) sources_.resize(keyspace + 1);
    sources_[keyspace] = std::move(members);
  }

 private:
  struct Read {
    const Call& call;
    KeyId key;
    Moment ended;
    bool mirror = false;  // of another member's value
    bool capped = false;  // from the memory of one whom nobody confirmed for a lease
  };
  void value_read(const Read& read, Bytes value);
  void is_new(const Call& call, KeyId key, const core::Outcome& outcome);
  bool is_entry(const Read& read, const ValueTag& tag);
  void never_back(const Read& read, const ValueTag& tag);
  void absence_read(const Read& read);
  void load_read(const Read& read, const ValueTag& tag);
  void put_read(const Read& read, const ValueTag& tag);
  void write_done(Write& write, const Caller& caller, const core::Outcome& outcome);
  bool over(const Load& load) const;
  bool is_retired(const Load& older, const Load& load) const;
  void not_left_waiting(const Call& call, KeyId key);
  bool passed_on(const Load& load) const;
  Instant stored_by(const Load& load) const;
  // Since then a call may have failed: its reader, or writer, looked elsewhere.
  bool calls_may_fail(Instant from) const {
    return plan_.faults.loss || plan_.faults.cuts() || watch_.was_unheard(from);
  }
  // Whether all whom a write names as not reached had acknowledged nothing for so long, to the
  // writer or to the owner, that they may be taken for out of reach.
  bool unheard(const Call& call, const core::Outcome& outcome) const;
  // Whether the writer's time was nearly over: then it is told who has not confirmed yet.
  bool hurried(const Call& call, const core::Outcome& outcome) const;
  // Whether something has ended by the slowest of clocks that may be kept for `ttl`. It was stored
  // between two moments.
  bool has_ended(Instant from, Instant until, Duration ttl, Instant by) const;
  bool agreed(KeyId key, Instant from) const;
  bool out_of_bounds(const Read& read, const Write& write) const;
  void no_older_than_lease(const Read& read, const std::string& what, Instant began);
  bool is_bounded(KeyId key) const {
    return plan_.keyspaces[key.keyspace].config.partition == core::PartitionMode::bounded;
  }
  bool binds(const Write& write, const Read& read) const;
  bool was_lent(const Write& write) const;
  void older_read(const Read& read, const Write& write);
  template <typename Older>
  void no_older_than_writes(const Read& read, const std::string& what, Older older);
  void stale(const Read& read, const Write& write, const std::string& what);

  const Plan& plan_;
  const Clock& clock_;
  Report& report_;
  History& history_;
  Watch& watch_;
  const Clocks& clocks_;
  Conditions conditions_;
  std::vector<std::vector<core::MemberId>> sources_;
  // What each process has read of each key: versions of the source that got ever newer, and when
  // the first read of one ended.
  std::map<std::pair<uint32_t, KeyId>, std::vector<std::pair<uint64_t, uint64_t>>> newest_;
  std::map<KeyId, Instant> mirrored_;  // when somebody read it from a mirror last
};

// I10: whether a call may be answered like that under the faults of this run.
bool status_allowed(const Plan& plan, const Call& call, const Caller& caller, size_t item,
                    Status status);

}  // namespace distcache::sim
