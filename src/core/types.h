#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "base/hash.h"
#include "base/status.h"
#include "base/time.h"

namespace distcache::core {

// A key with its ring hash, borrowed for the length of a call. The hash is computed once per
// operation and travels with the key, since shard, index and ring all use it.
struct Key {
  Bytes bytes;
  uint64_t hash = 0;

  static Key of(Bytes bytes) { return {bytes, hash64(bytes)}; }
};

// The order of writes to a key: epoch (a Lamport clock: highest heard + 1 at each change of the
// view), then owner, then the owner's counter. All zero is "no version", older than any other.
struct Version {
  uint64_t epoch = 0;
  uint64_t owner = 0;
  uint64_t counter = 0;

  friend auto operator<=>(const Version&, const Version&) = default;
};

// Where a value came from.
enum class Origin : uint8_t { none = 0, local, owner, mirror, reserve, tier, source };

// Which keys an owner lends to those that ask for them.
enum class MirrorMode : uint8_t { hot, all, off };

// What a node does that is cut off from the others: go on, or call nothing its own for longer than
// mirror.lease.ms unless a majority confirms it.
enum class PartitionMode : uint8_t { serve, bounded };

// The id of a member: hash64 of its node name. 0 is nobody.
using MemberId = uint64_t;

// The id of a keyspace between members: hash64 of its name.
using KeyspaceId = uint64_t;

// What became of one key of one operation.
struct Outcome {
  Status status = Status::internal;
  Origin origin = Origin::none;
  bool stale = false;
  bool retriable = false;  // of a failure, as the source or the status says
  Buffer value;            // of a read that is OK
  Version version;
  Duration age;                    // since the value was loaded or put
  Duration ttl = Duration::max();  // remaining; max() = it does not expire
  Duration lease;                  // the member that asked may keep it so long; zero = not lent
  std::string message;             // of a failure
  std::vector<std::string> unconfirmed;  // PARTIAL: names of the members that may hold older copies

  static Outcome failure(Status status, std::string message) {
    Outcome outcome;
    outcome.status = status;
    outcome.retriable = status_retriable(status);
    outcome.message = std::move(message);
    return outcome;
  }
};

}  // namespace distcache::core
