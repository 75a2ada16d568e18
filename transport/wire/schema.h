#pragma once

#include <string>

#include "base/limits.h"
#include "core/message.h"
#include "transport/wire/fields.h"

// The format of every message, written once for both directions; docs/wire.md is its twin for
// people. A field is never removed, moved or given another type: new ones go to the end of a
// record, are read only if the array is long enough, and never refer to a part.
namespace distcache::wire {

enum class Kind : uint8_t {
  hello = 1,
  welcome = 2,
  leave = 3,
  ping = 4,
  pong = 5,
  probe_request = 6,
  decline = 7,
  gossip = 8,
  batch = 16,
  chunk = 17,
  load_grant = 18,
  recall = 19,
  recalled = 20,
};

inline constexpr size_t kTraceParentBytesMax = 55;
inline constexpr size_t kTraceStateBytesMax = 512;
inline constexpr uint32_t kWeightMax = 1000;
inline constexpr int64_t kTimeUsMax = limits::kTtlMsMax * 1000;
inline constexpr int kSurplusDepthMax =
    4;  // arrays inside an element that a later version appended
// Of all lists in a message together, so that many small ones cannot cost far more memory than the
// bytes that they came in.
inline constexpr size_t kListElementsMax = 32'768;

// The least that a record takes: the head of its array, a byte for each number, nil and empty list,
// two for an empty key or a text of one byte, three for a tag of one byte.
inline constexpr size_t kAncestorBytesMin = 4;
inline constexpr size_t kCallBytesMin = 15;
inline constexpr size_t kReplyBytesMin = 13;
inline constexpr size_t kMemberKeyspaceBytesMin = 3;
inline constexpr size_t kMemberBytesMin = 13;
inline constexpr size_t kRumourBytesMin = 3 + kMemberBytesMin;
inline constexpr size_t kNameBytesMin = 2;
inline constexpr size_t kRecallItemBytesMin = 6;
inline constexpr size_t kTagBytesMin = 3;

// "UNKNOWN, may or may not be applied" is what a caller can be told of a status that only a later
// version understands.
inline bool known_status(uint64_t number) {
  return number == static_cast<uint64_t>(Status::not_owner) ||
         (number <= INT32_MAX && status_known(static_cast<int32_t>(number)));
}
// A kind of a later version may need none.
inline bool needs_key(core::CallKind kind) {
  return kind == core::CallKind::get || kind == core::CallKind::put ||
         kind == core::CallKind::remove || kind == core::CallKind::put_if ||
         kind == core::CallKind::refresh || kind == core::CallKind::loaded;
}
inline bool known_origin(uint64_t number) {
  return number <= static_cast<uint64_t>(core::Origin::source);
}

template <typename Io, Is<core::Envelope> T>
bool describe(Io& io, T& envelope) {
  return io.record("envelope",                                             //
                   number("label_hash", envelope.label_hash),              //
                   number("sender", envelope.sender),                      //
                   number("incarnation", envelope.incarnation),            //
                   number("epoch", envelope.epoch),                        //
                   number("invalidation_seq", envelope.invalidation_seq),  //
                   number("flags", envelope.flags));
}

template <typename Io, Is<core::Version> T>
bool describe(Io& io, T& version) {
  return io.record("version",                       //
                   number("epoch", version.epoch),  //
                   number("owner", version.owner),  //
                   number("counter", version.counter));
}

template <typename Io, Is<core::TraceContext> T>
bool describe(Io& io, T& trace) {
  return io.record("trace",                                                          //
                   text("traceparent", trace.traceparent, 0, kTraceParentBytesMax),  //
                   text("tracestate", trace.tracestate, 0, kTraceStateBytesMax));
}

template <typename Io, Is<core::Ancestor> T>
bool describe(Io& io, T& ancestor) {
  return io.record("ancestor",                             //
                   number("member", ancestor.member),      //
                   number("keyspace", ancestor.keyspace),  //
                   number("key_hash", ancestor.key_hash));
}

template <typename Io, Is<core::Call> T>
bool describe(Io& io, T& call) {
  using namespace limits;
  const auto tag = [](auto& at) { return binary("tag", at, 1, kTagBytesMax); };
  const auto ancestor = [](auto& at) { return record(at); };
  return io.record("call", number("id", call.id),
                   // A kind of a later version passes: the call is answered with UNSUPPORTED while
                   // the rest of its batch is served.
                   number("kind", call.kind), number("flags", call.flags),
                   number("keyspace", call.keyspace), number("view_id", call.view_id),
                   binary("key", call.key, 0, kKeyBytesMax), time("deadline", call.deadline),
                   time("ttl", call.ttl, Span::wish), value("value", call.value),
                   optional(call.version, call.version == core::Version{}),
                   list("tags", call.tags, 0, kTagsMax, kTagBytesMin, tag),
                   list("ancestors", call.ancestors, 0, kAncestorsMax, kAncestorBytesMin, ancestor),
                   optional(call.trace,
                            call.trace.traceparent.empty() && call.trace.tracestate.empty())) &&
         io.require("call.key", !call.key.empty() || !needs_key(call.kind));
}

template <typename Io, Is<core::Reply> T>
bool describe(Io& io, T& reply) {
  using namespace limits;
  const auto name = [](auto& at) { return text("name", at, 1, kNodeNameBytesMax); };
  return io.record(
      "reply", number("id", reply.id), code("status", reply.status, known_status, Status::unknown),
      number("flags", reply.flags), code("origin", reply.origin, known_origin, core::Origin::none),
      number("view_id", reply.view_id), value("value", reply.value),
      optional(reply.version, reply.version == core::Version{}), time("age", reply.age),
      time("ttl", reply.ttl, Span::lasting), time("lease", reply.lease),
      cut_text("message", reply.message, kErrorTextBytesMax),
      list("unconfirmed", reply.unconfirmed, 0, kMembersMax, kNameBytesMin, name));
}

template <typename Io, Is<core::Batch> T>
bool describe(Io& io, T& batch) {
  const auto item = [](auto& at) { return record(at); };
  return io.record("batch", number("sequence", batch.sequence),
                   number("acknowledged", batch.acknowledged),
                   list("calls", batch.calls, 0, limits::kBatchItemsMax, kCallBytesMin, item),
                   list("replies", batch.replies, 0, limits::kBatchItemsMax, kReplyBytesMin, item));
}

template <typename Io, Is<core::Chunk> T>
bool describe(Io& io, T& chunk) {
  return io.record("chunk", number("id", chunk.id), boolean("of_reply", chunk.of_reply),
                   number("offset", chunk.offset), number("total", chunk.total),
                   value("bytes", chunk.bytes, 1));
}

template <typename Io, Is<core::LoadGrant> T>
bool describe(Io& io, T& grant) {
  return io.record(
      "load_grant", number("call_id", grant.call_id), number("keyspace", grant.keyspace),
      binary("key", grant.key, 1, limits::kKeyBytesMax), number("grant", grant.grant),
      time("lease", grant.lease), optional(grant.fence, grant.fence == core::Version{}));
}

template <typename Io, Is<core::RecallItem> T>
bool describe(Io& io, T& item) {
  return io.record("item", number("sequence", item.sequence, 1), number("keyspace", item.keyspace),
                   binary("key", item.key, 0, limits::kKeyBytesMax),
                   optional(item.version, item.version == core::Version{}));
}

template <typename Io, Is<core::Recall> T>
bool describe(Io& io, T& recall) {
  const auto item = [](auto& at) { return record(at); };
  return io.record(
      "recall", number("first", recall.first, 1), number("latest", recall.latest),
      list("items", recall.items, 0, limits::kBatchItemsMax, kRecallItemBytesMin, item));
}

template <typename Io, Is<core::Recalled> T>
bool describe(Io& io, T& recalled) {
  return io.record("recalled", number("incarnation", recalled.incarnation),
                   number("through", recalled.through), number("heard", recalled.heard));
}

template <typename Io, Is<core::MemberKeyspace> T>
bool describe(Io& io, T& keyspace) {
  return io.record("keyspace", number("id", keyspace.id),
                   boolean("has_source", keyspace.has_source));
}

template <typename Io, Is<core::Member> T>
bool describe(Io& io, T& member) {
  using namespace limits;
  const auto keyspace = [](auto& at) { return record(at); };
  return io.record("member", text("name", member.name, 1, kNodeNameBytesMax),
                   number("incarnation", member.incarnation), number("revision", member.revision),
                   number("state", member.state, 0, static_cast<uint64_t>(core::MemberState::left)),
                   number("role", member.role, 0, static_cast<uint64_t>(core::Role::client)),
                   number("weight", member.weight, 1, kWeightMax), location("data", member.data),
                   location("membership", member.membership),
                   number("version_min", member.version_min, 1),
                   number("version_max", member.version_max, 1),
                   list("keyspaces", member.keyspaces, 0, kMemberKeyspacesMax,
                        kMemberKeyspaceBytesMin, keyspace));
}

template <typename Io, Is<core::Hello> T>
bool describe(Io& io, T& hello) {
  const auto member = [](auto& at) { return record(at); };
  return io.record("hello", text("label", hello.label, 0, limits::kLabelBytesMax),
                   // One at least, its own: who reads a hello may take the first.
                   list("members", hello.members, 1, limits::kMembersMax, kMemberBytesMin, member));
}

template <typename Io, Is<core::Welcome> T>
bool describe(Io& io, T& welcome) {
  using namespace limits;
  const auto member = [](auto& at) { return record(at); };
  return io.record("welcome", code("status", welcome.status, known_status, Status::unknown),
                   cut_text("message", welcome.message, kErrorTextBytesMax),
                   list("members", welcome.members, 0, kMembersMax, kMemberBytesMin, member));
}

template <typename Io, Is<core::Leave> T>
bool describe(Io& io, T& leave) {
  return io.record("leave", text("name", leave.name, 1, limits::kNodeNameBytesMax),
                   number("incarnation", leave.incarnation));
}

template <typename Io, Is<core::Rumour> T>
bool describe(Io& io, T& rumour) {
  return io.record("rumour", record(rumour.about), number("accuser", rumour.accuser),
                   boolean("refused", rumour.refused));
}

template <typename Rumours>
auto rumour_list(Rumours& rumours) {
  const auto rumour = [](auto& at) { return record(at); };
  return list("rumours", rumours, 0, limits::kMembersMax, kRumourBytesMin, rumour);
}

template <typename Io, Is<core::Ping> T>
bool describe(Io& io, T& ping) {
  return io.record("ping", number("nonce", ping.nonce), number("target", ping.target),
                   number("incarnation", ping.incarnation), rumour_list(ping.rumours));
}

template <typename Io, Is<core::Pong> T>
bool describe(Io& io, T& pong) {
  return io.record("pong", number("nonce", pong.nonce), rumour_list(pong.rumours));
}

template <typename Io, Is<core::ProbeRequest> T>
bool describe(Io& io, T& request) {
  return io.record("probe_request", number("nonce", request.nonce),
                   number("target", request.target), rumour_list(request.rumours));
}

template <typename Io, Is<core::Decline> T>
bool describe(Io& io, T& decline) {
  return io.record("decline", number("nonce", decline.nonce));
}

template <typename Io, Is<core::Gossip> T>
bool describe(Io& io, T& gossip) {
  return io.record("gossip", rumour_list(gossip.rumours));
}

}  // namespace distcache::wire
