#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/types.h"

// What peers say to each other, as plain structs. transport/wire turns them into bytes and back;
// docs/wire.md documents those. Nothing here knows how a message travels.
namespace distcache::core {

inline constexpr uint16_t kProtocolVersion = 1;     // what this build speaks
inline constexpr uint16_t kProtocolVersionMin = 1;  // the oldest it still understands

struct TraceContext {       // W3C trace context, https://www.w3.org/TR/trace-context/
  std::string traceparent;  // 55 bytes, or empty
  std::string tracestate;   // up to 512 bytes
};

// A flight that a request descends from: what finds a cycle that runs through several members.
struct Ancestor {
  MemberId member = 0;
  KeyspaceId keyspace = 0;
  uint64_t key_hash = 0;
};

// Stands before every message.
struct Envelope {
  uint16_t version = kProtocolVersion;
  uint64_t label_hash = 0;  // hash64 of cluster.label: other clusters' messages are dropped
  MemberId sender = 0;
  uint64_t incarnation = 0;       // of the sender's process: its boot epoch
  uint64_t epoch = 0;             // the highest Lamport epoch that the sender has heard
  uint64_t invalidation_seq = 0;  // of the last Recall from sender to receiver; 0 = there was none
  uint32_t flags = 0;             // none defined: kept for later versions, ignored when unknown
};

enum class CallKind : uint8_t {
  get = 1,
  put = 2,
  remove = 3,
  clear = 4,    // everything of the keyspace at the receiver; the key is empty
  written = 5,  // the owner has written a key, of which it tells the hash: see core/written.h
  confirm = 6,  // what ring does the receiver see? The key is empty; see core/cluster/majority.h
  put_if = 7,   // a put over `version` only; over none, if that is zero
  refresh = 8,  // load now and replace; the reply has the value
  loaded = 9,   // what the sender has loaded under a LoadGrant: see core/granted.h
};

enum CallFlag : uint32_t {
  kCallStandIn = 1,  // the sender cannot reach the owner: the receiver is the next candidate
  kCallNoLoad = 2,   // answer from memory only
  kCallRepair = 4,   // a write that the receiver missed while it could not be reached
  kCallChunked = 8,  // the value came before, in Chunk messages
  kCallKeeps = 16,   // the sender keeps what it is lent
  kCallSource = 32,  // the sender has a source, should the receiver have none
  kCallLoader = 64,  // the sender can load the key, and wants to rather than have the source asked
};

// One operation on one key. A batch of one is the normal form of a single get.
struct Call {
  uint64_t id = 0;  // unique per sender's process; the reply carries it back
  CallKind kind = CallKind::get;
  uint32_t flags = 0;
  KeyspaceId keyspace = 0;
  uint64_t view_id = 0;  // the sender's view of the keyspace's owners: equal or different
  std::string key;
  Duration deadline;  // remaining time
  Duration ttl;       // of a put or loaded: zero = the keyspace's default, max() = none
  Buffer value;       // of a put or loaded
  Version version;    // the condition of a put_if; of loaded: see core/granted.h; else zero
  std::vector<std::string> tags;
  std::vector<Ancestor> ancestors;
  TraceContext trace;
};

enum ReplyFlag : uint32_t {
  kReplyStale = 1,
  kReplyHot = 2,  // the owner lends the value for `lease`
  kReplyRetriable = 4,
  kReplyChunked = 8,  // the value came before, in Chunk messages
};

struct Reply {
  uint64_t id = 0;  // of the call
  Status status = Status::internal;
  uint32_t flags = 0;
  Origin origin = Origin::none;
  uint64_t view_id = 0;  // the answerer's, so that a NOT_OWNER tells why
  Buffer value;
  Version version;
  Duration age;
  Duration ttl = Duration::max();
  Duration lease;  // of a mirror; zero = not lent
  std::string message;
  std::vector<std::string> unconfirmed;
};

// Whatever waits for a peer leaves in one frame while one is unacknowledged. `sequence` numbers the
// frames with calls on one link from 1; `acknowledged` is the highest frame of the other side seen.
struct Batch {
  uint64_t sequence = 0;  // 0 = carries no calls, needs no acknowledgement
  uint64_t acknowledged = 0;
  std::vector<Call> calls;
  std::vector<Reply> replies;
};

// A piece of a value that is larger than one frame may be. The call or reply that it belongs to
// follows after the last piece with an empty value and is completed from the pieces.
struct Chunk {
  uint64_t id = 0;  // of the call or the reply
  bool of_reply = false;
  uint64_t offset = 0;
  uint64_t total = 0;  // bytes of the whole value
  Buffer bytes;
};

// The owner has a caller load a key: one that brings a loader, or has a source where the owner has
// none. It says `loaded` then.
struct LoadGrant {
  uint64_t call_id = 0;
  KeyspaceId keyspace = 0;
  std::string key;
  uint64_t grant = 0;  // names this grant in the answer
  Duration lease;
  Version fence;  // the latest that the owner had given, for the log
};

// An owner takes back what it lent: between two members, in the order of the sequence.
struct RecallItem {
  uint64_t sequence = 0;
  KeyspaceId keyspace = 0;
  std::string key;  // empty: everything that the sender lent of the keyspace
  Version version;  // of the write: what is newer may stay
};

// From an owner to one that it lent something. Also without items: says what the latest one is.
struct Recall {
  uint64_t first = 1;   // all before are carried out or forgotten: latest + 1 if none is left
  uint64_t latest = 0;  // of all that were ever sent on this pair
  std::vector<RecallItem> items;
};

// The other way: what has been carried out.
struct Recalled {
  uint64_t incarnation = 0;  // of the owner's process
  uint64_t through = 0;      // every one up to here
  uint64_t heard = 0;        // the latest known of: what lies between is asked for again
};

struct Address {  // "host:port" or "host:port#public-key" (Z85, 40 characters)
  std::string host;
  uint16_t port = 0;
  std::string public_key;

  friend bool operator==(const Address&, const Address&) = default;
};

enum class Role : uint8_t { member = 0, client = 1 };  // a client joins and owns nothing

struct MemberKeyspace {
  KeyspaceId id = 0;
  bool has_source = false;
};

enum class MemberState : uint8_t { alive = 0, suspect = 1, dead = 2, left = 3 };

// What a member tells about itself, and others pass on. Within one incarnation `revision` grows
// with each change that the member makes to its own record and each time that it hears that others
// think it dead: of two words about a member the one with the higher revision is the newer (it is
// what the SWIM paper calls incarnation). Nobody but the member raises it.
struct Member {
  std::string name;
  uint64_t incarnation = 0;
  uint64_t revision = 0;
  MemberState state = MemberState::alive;
  Role role = Role::member;
  uint32_t weight = 1;
  Address data;        // where its data ROUTER listens
  Address membership;  // where its membership ROUTER listens
  uint16_t version_min = kProtocolVersionMin;
  uint16_t version_max = kProtocolVersion;
  std::vector<MemberKeyspace> keyspaces;

  MemberId id() const { return hash64(name); }
};

// Said first on every membership link and again with each change; answered by a Welcome. Both carry
// the speaker's own record first, then other members, so many that all are found by asking on.
struct Hello {
  std::string label;
  std::vector<Member> members;
};

struct Welcome {
  Status status = Status::ok;  // DUPLICATE_IDENTITY or INVALID_CONFIG (label, version): refused
  std::string message;
  std::vector<Member> members;
};

struct Leave {  // the sender leaves in good order
  std::string name;
  uint64_t incarnation = 0;
};

// A word about a member that is passed on. Only alive ones are told without an accuser.
struct Rumour {
  Member about;  // without its keyspaces
  MemberId accuser = 0;
  bool refused = false;  // the accuser's connections to it are refused: its process is gone
};

// On a membership link: does this process live? Answered by a Pong, unless it is another process
// than the one that is meant.
struct Ping {
  uint64_t nonce = 0;
  MemberId target = 0;
  uint64_t incarnation = 0;
  std::vector<Rumour> rumours;
};

struct Pong {
  uint64_t nonce = 0;
  std::vector<Rumour> rumours;
};

struct ProbeRequest {  // probe that member for me: answered by a Pong or a Decline
  uint64_t nonce = 0;
  MemberId target = 0;
  std::vector<Rumour> rumours;
};

struct Decline {  // the target of the ProbeRequest did not answer in time
  uint64_t nonce = 0;
};

struct Gossip {  // no answer
  std::vector<Rumour> rumours;
};

using Body = std::variant<Hello, Welcome, Leave, Ping, Pong, ProbeRequest, Decline, Gossip, Batch,
                          Chunk, LoadGrant, Recall, Recalled>;

struct Message {
  Envelope envelope;
  Body body;
};

}  // namespace distcache::core
