#include <gtest/gtest.h>

#include "base/rng.h"
#include "core/cluster/address.h"
#include "transport/wire/messages.h"

// Messages from a seed: whatever fits the limits comes back as it went.
namespace distcache::testing {
namespace {

using namespace core;

class Maker {
 public:
  explicit Maker(uint64_t seed) : rng_(seed) {}

  Message message() {
    Message made;
    made.envelope = {kProtocolVersion,
                     number(),
                     number(),
                     number(),
                     number(),
                     number(),
                     static_cast<uint32_t>(number())};
    made.body = body();
    return made;
  }

 private:
  uint64_t below(uint64_t bound) { return rng_.below(bound); }
  bool coin() { return below(2) == 0; }
  // Of every width alike, so that each of msgpack's forms is met.
  uint64_t number() { return rng_.next() >> below(64); }
  // Mostly short, sometimes at the very limit.
  size_t size(size_t min, size_t max) {
    switch (below(10)) {
      case 0:
        return min;
      case 1:
        return max;
      case 2:
        return min + below(max - min + 1);
      default:
        return min + below(std::min<size_t>(max - min, 40) + 1);
    }
  }
  std::string text(size_t min, size_t max) {
    std::string made(size(min, max), '\0');
    for (char& c : made) c = static_cast<char>(rng_.next());
    return made;
  }
  Duration span() { return Duration::us(static_cast<int64_t>(number() % 315'576'000'000'001)); }
  Duration lasting() { return coin() ? Duration::max() : span(); }
  Version version() { return coin() ? Version{} : Version{number(), number(), number()}; }
  Buffer value() {
    if (below(4) == 0) return {};
    if (below(16) == 0) return bytes(limits::kInlineValueBytesMax + below(2), 'i');
    if (below(64) == 0) return bytes(limits::kChunkBytesMax, 'c');
    return Buffer::copy_of(text(0, 2000));
  }
  template <typename Make>
  auto list(size_t max, Make make) {
    std::vector<decltype(make())> made(below(4) == 0 ? below(max + 1) : below(3));
    for (auto& element : made) element = make();
    return made;
  }
  Address address() {
    if (below(4) == 0) return {};
    Address made;
    made.host = coin() ? "fe80::" + std::to_string(below(10)) : "node-" + std::to_string(number());
    made.port = static_cast<uint16_t>(number());
    if (coin()) made.public_key = std::string(40, "#:@[]0aZ"[below(8)]);
    return made;
  }

  Call call() {
    Call made;
    made.id = number();
    made.kind = static_cast<CallKind>(below(256));
    made.flags = static_cast<uint32_t>(number());
    made.keyspace = number();
    made.view_id = number();
    made.key = text(1, limits::kKeyBytesMax);
    made.deadline = span();
    made.ttl = lasting();
    made.value = value();
    made.version = version();
    made.tags = list(limits::kTagsMax, [&] { return text(1, limits::kTagBytesMax); });
    made.ancestors = list(limits::kAncestorsMax, [&] {
      return Ancestor{number(), number(), number()};
    });
    if (coin()) made.trace = {text(0, 55), text(0, 512)};
    return made;
  }
  Reply reply() {
    constexpr Status kSome[] = {Status::ok, Status::not_found, Status::partial, Status::internal,
                                Status::not_owner};
    Reply made;
    made.id = number();
    made.status = kSome[below(std::size(kSome))];
    made.flags = static_cast<uint32_t>(number());
    made.origin = static_cast<Origin>(below(7));
    made.view_id = number();
    made.value = value();
    made.version = version();
    made.age = span();
    made.ttl = lasting();
    made.lease = span();
    made.message = text(0, limits::kErrorTextBytesMax);
    made.unconfirmed = list(30, [&] { return text(1, limits::kNodeNameBytesMax); });
    return made;
  }
  Member member() {
    Member made;
    made.name = text(1, limits::kNodeNameBytesMax);
    made.incarnation = number();
    made.revision = number();
    made.state = static_cast<MemberState>(below(4));
    made.role = static_cast<Role>(below(2));
    made.weight = 1 + static_cast<uint32_t>(below(1000));
    made.data = address();
    made.membership = address();
    made.version_min = static_cast<uint16_t>(1 + below(65'535));
    made.version_max = static_cast<uint16_t>(1 + below(65'535));
    made.keyspaces = list(50, [&] { return MemberKeyspace{number(), coin()}; });
    return made;
  }
  std::vector<Rumour> rumours() {
    return list(20, [&] { return Rumour{member(), number(), coin()}; });
  }
  Body body() {
    switch (below(13)) {
      case 0: {
        Hello made{text(0, limits::kLabelBytesMax), list(20, [&] { return member(); })};
        made.members.push_back(member());
        return made;
      }
      case 1:
        return Welcome{coin() ? Status::ok : Status::duplicate_identity,
                       text(0, limits::kErrorTextBytesMax), list(20, [&] { return member(); })};
      case 2:
        return Leave{text(1, limits::kNodeNameBytesMax), number()};
      case 3:
        return Ping{number(), number(), number(), rumours()};
      case 4:
        return Pong{number(), rumours()};
      case 8:
        return ProbeRequest{number(), number(), rumours()};
      case 9:
        return Decline{number()};
      case 10:
        return Gossip{rumours()};
      case 5:
        return Chunk{number(), coin(), number(), number(), Buffer::copy_of(text(1, 20'000))};
      case 6:
        return LoadGrant{number(), number(), text(1, limits::kKeyBytesMax),
                         number(), span(),   version()};
      case 11:
        return Recall{
            number() | 1, number(), list(20, [&] {
              return RecallItem{number() | 1, number(), text(0, limits::kKeyBytesMax), version()};
            })};
      case 12:
        return Recalled{number(), number(), number()};
      default:
        return Batch{number(), number(), list(20, [&] { return call(); }),
                     list(20, [&] { return reply(); })};
    }
  }

  SeededRng rng_;
};

TEST(Property, RandomMessagesComeBackAsTheyWent) {
  constexpr uint64_t kSeeds = 5'000;
  uint64_t too_large = 0;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Message message = Maker(seed).message();
    const auto parts = wire::encode(message);
    if (!parts.ok()) {  // only as a whole: each field is within its limit
      ASSERT_EQ(parts.error().status, Status::too_large) << "seed " << seed;
      ++too_large;
      continue;
    }
    const auto decoded = wire::decode(*parts, limits_for(of_membership(message)));
    ASSERT_TRUE(decoded.ok()) << "seed " << seed << ": " << decoded.error().message;
    ASSERT_TRUE(same(message, *decoded)) << "seed " << seed;
  }
  EXPECT_LT(too_large, kSeeds / 100);
}

// A prefix of a random message with random bytes behind it: deeper than random bytes alone get.
TEST(Property, RandomDamageIsAcceptedOrRejected) {
  for (uint64_t seed = 1; seed <= 5'000; ++seed) {
    const Message message = Maker(seed).message();
    auto parts = wire::encode(message);
    if (!parts.ok()) continue;
    SeededRng rng(seed);
    Buffer& header = parts->front();
    for (uint64_t damage = 1 + rng.below(4); damage > 0; --damage) {
      header.mutable_data()[rng.below(header.size())] = static_cast<char>(rng.next());
    }
    wire::Reject why = wire::Reject::none;
    const auto decoded = wire::decode(*parts, limits_for(of_membership(message)), &why);
    ASSERT_EQ(decoded.ok(), why == wire::Reject::none) << "seed " << seed;
  }
}

}  // namespace
}  // namespace distcache::testing
