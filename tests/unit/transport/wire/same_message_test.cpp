#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>

#include "transport/wire/messages.h"

namespace distcache::testing {
namespace {

using namespace core;

bool equal(const Buffer& a, const Buffer& b) {
  return a.is_null() == b.is_null() && a.view() == b.view();
}

bool equal(const RecallItem& a, const RecallItem& b) {
  return std::tie(a.sequence, a.keyspace, a.key, a.version) ==
         std::tie(b.sequence, b.keyspace, b.key, b.version);
}

template <typename T>
bool equal(const std::vector<T>& a, const std::vector<T>& b);

bool equal(const Envelope& a, const Envelope& b) {
  const auto all = [](const Envelope& e) {
    return std::tie(e.version, e.label_hash, e.sender, e.incarnation, e.epoch, e.invalidation_seq,
                    e.flags);
  };
  return all(a) == all(b);
}

bool equal(const Ancestor& a, const Ancestor& b) {
  return a.member == b.member && a.keyspace == b.keyspace && a.key_hash == b.key_hash;
}

bool equal(const Call& a, const Call& b) {
  const auto simple = [](const Call& c) {
    return std::tie(c.id, c.kind, c.flags, c.keyspace, c.view_id, c.key, c.deadline, c.ttl,
                    c.version, c.tags, c.trace.traceparent, c.trace.tracestate);
  };
  return simple(a) == simple(b) && equal(a.value, b.value) && equal(a.ancestors, b.ancestors);
}

bool equal(const Reply& a, const Reply& b) {
  const auto simple = [](const Reply& r) {
    return std::tie(r.id, r.status, r.flags, r.origin, r.view_id, r.version, r.age, r.ttl, r.lease,
                    r.message, r.unconfirmed);
  };
  return simple(a) == simple(b) && equal(a.value, b.value);
}

bool equal(const MemberKeyspace& a, const MemberKeyspace& b) {
  return a.id == b.id && a.has_source == b.has_source;
}

bool equal(const Member& a, const Member& b) {
  const auto simple = [](const Member& m) {
    return std::tie(m.name, m.incarnation, m.revision, m.state, m.role, m.weight, m.data,
                    m.membership, m.version_min, m.version_max);
  };
  return simple(a) == simple(b) && equal(a.keyspaces, b.keyspaces);
}

bool equal(const Rumour& a, const Rumour& b) {
  return a.accuser == b.accuser && a.refused == b.refused && equal(a.about, b.about);
}

template <typename T>
bool equal(const std::vector<T>& a, const std::vector<T>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const T& x, const T& y) { return equal(x, y); });
}

bool equal(const Hello& a, const Hello& b) {
  return a.label == b.label && equal(a.members, b.members);
}
bool equal(const Welcome& a, const Welcome& b) {
  return a.status == b.status && a.message == b.message && equal(a.members, b.members);
}
bool equal(const Leave& a, const Leave& b) {
  return a.name == b.name && a.incarnation == b.incarnation;
}
bool equal(const Ping& a, const Ping& b) {
  return std::tie(a.nonce, a.target, a.incarnation) == std::tie(b.nonce, b.target, b.incarnation) &&
         equal(a.rumours, b.rumours);
}
bool equal(const Pong& a, const Pong& b) {
  return a.nonce == b.nonce && equal(a.rumours, b.rumours);
}
bool equal(const ProbeRequest& a, const ProbeRequest& b) {
  return a.nonce == b.nonce && a.target == b.target && equal(a.rumours, b.rumours);
}
bool equal(const Decline& a, const Decline& b) { return a.nonce == b.nonce; }
bool equal(const Gossip& a, const Gossip& b) { return equal(a.rumours, b.rumours); }
bool equal(const Batch& a, const Batch& b) {
  return a.sequence == b.sequence && a.acknowledged == b.acknowledged && equal(a.calls, b.calls) &&
         equal(a.replies, b.replies);
}
bool equal(const Chunk& a, const Chunk& b) {
  return std::tie(a.id, a.of_reply, a.offset, a.total) ==
             std::tie(b.id, b.of_reply, b.offset, b.total) &&
         equal(a.bytes, b.bytes);
}
bool equal(const LoadGrant& a, const LoadGrant& b) {
  return std::tie(a.call_id, a.keyspace, a.key, a.grant, a.lease, a.fence) ==
         std::tie(b.call_id, b.keyspace, b.key, b.grant, b.lease, b.fence);
}
bool equal(const Recall& a, const Recall& b) {
  return a.first == b.first && a.latest == b.latest && equal(a.items, b.items);
}
bool equal(const Recalled& a, const Recalled& b) {
  return std::tie(a.incarnation, a.through, a.heard) == std::tie(b.incarnation, b.through, b.heard);
}

}  // namespace

bool same(const Message& a, const Message& b) {
  if (!equal(a.envelope, b.envelope) || a.body.index() != b.body.index()) return false;
  return std::visit(
      [&b](const auto& body) {
        return equal(body, std::get<std::decay_t<decltype(body)>>(b.body));
      },
      a.body);
}

bool of_membership(const Message& message) {
  return !std::holds_alternative<Batch>(message.body) &&
         !std::holds_alternative<Chunk>(message.body) &&
         !std::holds_alternative<LoadGrant>(message.body) &&
         !std::holds_alternative<Recall>(message.body) &&
         !std::holds_alternative<Recalled>(message.body);
}

namespace {

TEST(SameMessage, TellsGoldenMessagesApart) {
  const auto all = golden_messages();
  for (size_t a = 0; a < all.size(); ++a) {
    for (size_t b = 0; b < all.size(); ++b) {
      EXPECT_EQ(same(all[a].message, all[b].message), a == b) << all[a].name << " " << all[b].name;
    }
  }
}

}  // namespace
}  // namespace distcache::testing
