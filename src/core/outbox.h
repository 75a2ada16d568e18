#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/message.h"
#include "core/types.h"

// What a shard wants done. State changes under a shard's lock produce these; whoever drives the
// shard performs them after the lock is gone, so that callbacks may re-enter (design section 2).
namespace distcache::core {

// Who waits for an operation. The core hands it back and knows nothing else about it.
struct Waiter {
  enum class Kind : uint8_t {
    local,   // token = the engine's pending operation, id = the index of the item in it
    remote,  // token = the route of the asking peer, id = the id of its call
    nobody,  // a repair or refresh that no caller waits for
  };
  Kind kind = Kind::nobody;
  uint64_t token = 0;
  uint64_t id = 0;
  Instant deadline = Instant::never();
  MemberId member = 0;     // of remote: who asks, if it keeps what it is lent
  bool refreshes = false;  // of a load: waits until what was held before can be read no more
};

struct Completion {
  Waiter waiter;
  Outcome outcome;
  std::vector<MemberId> unconfirmed{};  // of PARTIAL: those whose names are yet to be added
};

// What one caller brings to load a key with, in place of the source. The core hands it back and
// knows nothing else about it.
struct Loader {
  Loader() = default;
  virtual ~Loader() = default;
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;
};
using LoaderPtr = std::shared_ptr<Loader>;

// Run the source for this key and tell the shard by on_loaded(flight, ...), exactly once.
struct FetchStart {
  uint64_t flight = 0;
  std::string key;
  Instant deadline;
  std::vector<Ancestor> ancestors;  // of what the source asks for: includes this flight
  TraceContext trace;
  LoaderPtr loader{};  // to be run in place of the source
  uint64_t grant = 0;  // which its answer has to name
};

// Grant the load of this key to the member that asks for it. It answers by on_granted_load.
struct GrantStart {
  Waiter to;
  std::string key;
  uint64_t grant = 0;
  Duration lease;
  Version fence;
};

// Send a call to a member, and tell the shard by on_reply or on_call_failed. Before its bytes go to
// the network seal(flight) is asked: false means that nobody wants the answer any more.
struct CallStart {
  uint64_t flight = 0;
  MemberId to = 0;
  Instant deadline;
  Call call;  // without id
};

// A write was applied without this member, which owns the key and could not be reached: it has to
// drop the key when it comes back.
struct MissedWrite {
  MemberId member = 0;
  std::string key;
  MemberId witness = 0;  // has to know of it as well, should this node be gone by then; 0: nobody
};

// A member was lent this key, which has changed: it is to drop it, and on_recalled to be told that
// it has. It may serve what it has until its lease ends, at `until`.
struct RecallStart {
  MemberId holder = 0;
  uint64_t flight = 0;  // of the write that waits for it; 0: none does
  std::string key;      // empty: everything of the keyspace
  Version version;      // of the write
  Instant until;
};

struct Outbox {
  std::vector<Completion> completions;
  std::vector<FetchStart> fetches;
  std::vector<CallStart> calls;
  std::vector<MissedWrite> missed;
  std::vector<RecallStart> recalls;
  std::vector<GrantStart> grants;

  bool empty() const {
    return completions.empty() && fetches.empty() && calls.empty() && missed.empty() &&
           recalls.empty() && grants.empty();
  }
};

}  // namespace distcache::core
