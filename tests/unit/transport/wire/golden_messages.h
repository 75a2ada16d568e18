#pragma once

#include <numeric>

#include "core/granted.h"
#include "core/written.h"
#include "transport/wire/messages.h"

// The structs behind golden/messages.json, in its order. Numbers are plain, so that a reader of the
// hex finds them again; ids that are hashes in real life have their full width.
namespace distcache::testing {

inline constexpr uint64_t kHash = 0x1122334455667788;
inline constexpr uint64_t kMax64 = UINT64_MAX;
inline const std::string kKeyZ85 = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";

inline core::Message message(core::Body body) {
  core::Message made;
  made.envelope.label_hash = kHash;
  made.envelope.sender = 0x8877665544332211;
  made.envelope.incarnation = 1'700'000'000'000'000;
  made.envelope.epoch = 3;
  made.body = std::move(body);
  return made;
}

inline core::Message calls(std::vector<core::Call> list, uint64_t sequence = 1) {
  core::Batch batch;
  batch.sequence = sequence;
  batch.calls = std::move(list);
  return message(std::move(batch));
}

inline core::Message replies(std::vector<core::Reply> list, uint64_t acknowledged = 1) {
  core::Batch batch;
  batch.acknowledged = acknowledged;
  batch.replies = std::move(list);
  return message(std::move(batch));
}

inline core::Call call(core::CallKind kind, std::string key, uint32_t flags = 0) {
  core::Call made;
  made.id = 4711;
  made.kind = kind;
  made.flags = flags;
  made.keyspace = 0xaaaabbbbccccdddd;
  made.view_id = 0x0102030405060708;
  made.key = std::move(key);
  made.deadline = Duration::ms(5000);
  return made;
}

inline core::Call get(std::string key = "user:42", uint32_t flags = 0) {
  return call(core::CallKind::get, std::move(key), flags);
}

inline core::Call put(Buffer value, Duration ttl = Duration()) {
  core::Call made = call(core::CallKind::put, "user:42");
  made.value = std::move(value);
  made.ttl = ttl;
  return made;
}

inline core::Reply reply(Status status, uint32_t flags = 0) {
  core::Reply made;
  made.id = 4711;
  made.status = status;
  made.flags = flags;
  made.view_id = 0x0102030405060708;
  return made;
}

inline core::Reply hit(Buffer value) {
  core::Reply made = reply(Status::ok);
  made.origin = core::Origin::owner;
  made.value = std::move(value);
  made.version = {3, kHash, 17};
  made.age = Duration::ms(1500);
  made.ttl = Duration::seconds(60);
  return made;
}

inline core::Member member(std::string name) {
  core::Member made;
  made.name = std::move(name);
  made.incarnation = 1'700'000'000'000'000;
  made.revision = 1;
  made.data = {"10.0.0.7", 3320, ""};
  made.membership = {"10.0.0.7", 3322, ""};
  return made;
}

inline std::vector<NamedMessage> golden_membership() {
  using namespace core;
  std::vector<NamedMessage> all;
  const auto add = [&all](std::string name, std::string description, Message made) {
    all.push_back({std::move(name), std::move(description), std::move(made)});
  };
  const std::string label = "distcache";

  add("hello", "one member, no keyspace", message(Hello{label, {member("a")}}));
  add("hello_empty_label", "the label may be empty", message(Hello{"", {member("a")}}));
  Member rich = member("cache-0.cache.svc");
  rich.weight = 1000;
  rich.revision = 70'000;
  rich.state = MemberState::suspect;
  rich.version_max = 7;
  rich.data.public_key = rich.membership.public_key = kKeyZ85;
  rich.keyspaces = {{kHash, true}, {kMax64, false}, {1, true}};
  add("hello_rich", "public keys, keyspaces, a version range", message(Hello{label, {rich}}));
  Member six = member("six");
  six.data = {"::1", 0, ""};
  six.membership = {"fe80::1%eth0", 65535, kKeyZ85};
  add("hello_ipv6", "IPv6 in brackets, a zone, the first and the last port",
      message(Hello{label, {six}}));
  Member client = member("client");
  client.role = Role::client;
  client.data = {};
  add("hello_client", "a client, without a data address", message(Hello{label, {client}}));
  Member gone = member("gone");
  gone.state = MemberState::dead;
  Member left = member("left");
  left.state = MemberState::left;
  add("hello_three", "its own record, then others, dead and left",
      message(Hello{label, {member("a"), gone, left}}));
  add("hello_longest_texts", "label and name of 255 bytes",
      message(Hello{std::string(255, 'l'), {member(std::string(255, 'n'))}}));
  Member many = member("many");
  for (uint64_t i = 0; i < 20; ++i) many.keyspaces.push_back({kHash + i, i % 2 == 0});
  add("hello_many_keyspaces", "twenty keyspaces: a list with a two-byte count",
      message(Hello{label, {many}}));

  add("welcome", "accepted", message(Welcome{Status::ok, "", {member("b"), member("a")}}));
  add("welcome_refused", "another cluster's label",
      message(Welcome{Status::invalid_config, "label 'x' is not 'distcache'", {}}));
  add("welcome_duplicate", "the name is taken",
      message(Welcome{Status::duplicate_identity, "a live member has this name", {}}));
  add("welcome_longest_text", "a reason of 1024 bytes",
      message(Welcome{Status::invalid_config, std::string(1024, 'w'), {}}));
  add("leave", "in good order", message(Leave{"a", 1'700'000'000'000'000}));
  add("leave_last_incarnation", "the largest number there is", message(Leave{"a", kMax64}));
  Member suspect = member("suspect");
  suspect.state = MemberState::suspect;
  const std::vector<Rumour> rumours = {{suspect, 7, false}, {gone, 9, true}, {member("new"), 0}};
  add("ping", "does it live", message(Ping{1, kHash, 1'700'000'000'000'000, {}}));
  add("ping_rumours", "a suspect, a dead and a new member", message(Ping{1, kHash, 1, rumours}));
  Message widest = message(Ping{kMax64, kMax64, kMax64, {}});
  widest.envelope = {1, kMax64, kMax64, kMax64, kMax64, kMax64, UINT32_MAX};
  add("ping_widest", "every number of the envelope at its largest", widest);
  Message narrowest = message(Ping{});
  narrowest.envelope = {};
  add("ping_narrowest", "every number of the envelope zero", narrowest);
  add("pong", "the nonce of the ping", message(Pong{1, {}}));
  add("pong_rumours", "the same rumours", message(Pong{kMax64, rumours}));
  add("probe_request", "probe it for me", message(ProbeRequest{2, kHash, {}}));
  add("probe_request_rumours", "and what is said of it", message(ProbeRequest{2, 7, rumours}));
  add("decline", "it did not answer me", message(Decline{2}));
  add("gossip", "rumours alone", message(Gossip{rumours}));
  return all;
}

inline std::vector<NamedMessage> golden_calls() {
  using namespace core;
  std::vector<NamedMessage> all;
  const auto add = [&all](std::string name, std::string description, Message made) {
    all.push_back({std::move(name), std::move(description), std::move(made)});
  };
  std::string every_byte(256, '\0');
  std::iota(every_byte.begin(), every_byte.end(), '\0');

  add("acknowledge", "an empty batch", replies({}));
  add("get", "one key: the normal form", calls({get()}));
  add("get_key_nul", "a key of one NUL byte", calls({get(std::string(1, '\0'))}));
  add("get_key_every_byte", "a key of all 256 bytes", calls({get(every_byte)}));
  add("get_key_longest", "a key of 4096 bytes", calls({get(std::string(4096, 'k'))}));
  add("get_stand_in", "the receiver stands in for the owner, from memory only",
      calls({get("user:42", kCallStandIn | kCallNoLoad)}));
  Call descendant = get();
  for (uint64_t i = 1; i <= 8; ++i) descendant.ancestors.push_back({i, kHash, kMax64 - i});
  add("get_ancestors", "eight flights above it", calls({descendant}));
  Call traced = get();
  traced.trace.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  add("get_traced", "traceparent alone", calls({traced}));
  traced.trace.tracestate = "vendor=" + std::string(505, 't');
  add("get_traced_longest", "tracestate of 512 bytes", calls({traced}));
  Call hurried = get();
  hurried.deadline = Duration::us(1);
  Call patient = get();
  patient.deadline = Duration::ms(315'576'000'000);
  add("get_deadlines", "the shortest and the longest deadline", calls({hurried, patient}));
  add("get_twenty", "a list with a two-byte count", calls(std::vector<Call>(20, get())));
  add("put", "a value inside the header", calls({put(bytes(5, 'v'))}));
  add("put_empty", "an empty value is a value", calls({put(bytes(0, 'v'))}));
  add("put_ttl", "a ttl of its own", calls({put(bytes(5, 'v'), Duration::us(1'500'000))}));
  add("put_ttl_none", "a ttl of nil: it does not expire",
      calls({put(bytes(5, 'v'), Duration::max())}));
  add("put_inline_largest", "8192 bytes are inside", calls({put(bytes(8192, 'v'))}));
  add("put_part_smallest", "8193 bytes are a part", calls({put(bytes(8193, 'v'))}));
  Call conditional = put(bytes(5, 'v'));
  conditional.kind = CallKind::put_if;
  conditional.version = {3, kHash, 17};
  add("put_if", "only over this version", calls({conditional}));
  conditional.version = {};
  add("put_if_absent", "only where there is none", calls({conditional}));
  add("refresh", "load now and replace", calls({call(CallKind::refresh, "user:42")}));
  Call tagged = put(bytes(5, 'v'));
  tagged.tags = {"news", std::string(1, '\0'), std::string(256, 't')};
  add("put_tags", "tags are bytes of any value, up to 256", calls({tagged}));
  tagged.tags.assign(16, "x");
  add("put_tags_most", "sixteen tags: a list with a two-byte count", calls({tagged}));
  Call chunked = put(Buffer());
  chunked.flags = kCallChunked;
  add("put_chunked", "its value came before, in chunks", calls({chunked}));
  add("remove", "a delete", calls({call(CallKind::remove, "user:42")}));
  add("remove_repair", "a delete that the receiver missed",
      calls({call(CallKind::remove, "user:42", kCallRepair)}));
  add("clear", "the key is empty", calls({call(CallKind::clear, "")}));
  add("written", "the hash of the key that the owner has written",
      calls({call(CallKind::written, written_record(0x0807060504030201))}));
  Call loaded = put(bytes(5, 'v'));
  loaded.kind = CallKind::loaded;
  loaded.version = {0, kLoadedDoNotStore, 99};
  add("loaded", "what was loaded under a grant", calls({loaded}));
  LoadAnswer failed;
  failed.status = Status::source_failed;
  failed.retriable = true;
  failed.message = "no such table";
  loaded = loaded_call(failed, kMax64);
  loaded.key = "user:42";
  add("loaded_failure", "a failure: the value is its text", calls({loaded}));
  add("two_parts", "two large values, two parts in order",
      calls({put(bytes(9000, 'a')), get(), put(bytes(9001, 'b'))}, kMax64));
  return all;
}

inline std::vector<NamedMessage> golden_replies() {
  using namespace core;
  std::vector<NamedMessage> all;
  const auto add = [&all](std::string name, std::string description, Message made) {
    all.push_back({std::move(name), std::move(description), std::move(made)});
  };
  const auto with_text = [](Status status, std::string text) {
    Reply made = reply(status, status_retriable(status) ? kReplyRetriable : 0u);
    made.message = std::move(text);
    return made;
  };

  add("hit", "a value from the owner's memory", replies({hit(bytes(5, 'v'))}));
  add("hit_empty", "an empty value is a hit", replies({hit(bytes(0, 'v'))}));
  add("hit_part", "a value of 8193 bytes", replies({hit(bytes(8193, 'v'))}));
  Reply lasting = hit(bytes(5, 'v'));
  lasting.ttl = Duration::max();
  add("hit_lasting", "it does not expire", replies({lasting}));
  Reply lent = hit(bytes(5, 'v'));
  lent.flags = kReplyHot;
  lent.lease = Duration::ms(1000);
  add("hit_lent", "hot, lent for a second", replies({lent}));
  Reply stale = hit(bytes(5, 'v'));
  stale.flags = kReplyStale;
  stale.origin = Origin::source;
  stale.ttl = Duration();
  add("hit_stale", "past its expiry", replies({stale}));
  Reply chunked = hit(Buffer());
  chunked.flags = kReplyChunked;
  add("hit_chunked", "its value came before, in chunks", replies({chunked}));
  add("not_found", "the source has nothing", replies({reply(Status::not_found)}));
  add("not_owner", "the receiver does not own the key", replies({reply(Status::not_owner)}));
  add("source_failed", "retriable, with the source's words",
      replies({with_text(Status::source_failed, "no such table: pages")}));
  add("overloaded_longest_text", "a text of 1024 bytes",
      replies({with_text(Status::overloaded, std::string(1024, 'm'))}));
  Reply partial = reply(Status::partial);
  partial.unconfirmed = {"b", "cache-2.cache.svc", std::string(255, 'n')};
  add("partial", "names who was not reached", replies({partial}));
  core::Batch both;
  both.sequence = 70'000;
  both.acknowledged = 69'999;
  both.calls = {get()};
  both.replies = {reply(Status::ok), hit(bytes(9000, 'v'))};
  add("calls_and_replies", "both directions in one frame", message(both));
  add("chunk_first", "the first piece of 1 MiB + 3 bytes: a part",
      message(Chunk{4711, false, 0, 1'048'579, bytes(1'048'576, 'c')}));
  add("chunk_last", "the last piece, inside the header",
      message(Chunk{4711, false, 1'048'576, 1'048'579, bytes(3, 'd')}));
  add("chunk_of_reply", "a piece of a reply's value",
      message(Chunk{4711, true, 1'048'576, 1'048'577, bytes(1, 'e')}));
  add("load_grant", "without a fence",
      message(LoadGrant{4711, kHash, "user:42", 99, Duration::ms(500), {}}));
  add("load_grant_fence", "with a fence",
      message(
          LoadGrant{kMax64, kHash, std::string(1, '\0'), 99, Duration::ms(500), {3, kHash, 1}}));
  add("recall", "two keys, of which one is all of a keyspace",
      message(Recall{3, 7, {{3, kHash, "user:42", {3, kHash, 1}}, {7, kHash, "", {}}}}));
  add("recall_heartbeat", "nothing to take back, four were", message(Recall{5, 4, {}}));
  add("recalled", "one is missing", message(Recalled{kMax64, 3, 5}));
  return all;
}

}  // namespace distcache::testing
