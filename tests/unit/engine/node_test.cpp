#include "engine/node.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "core/granted.h"
#include "engine/engine.h"
#include "hand_driven.h"

namespace distcache::engine {
namespace {

// Counters are read while views are set: whoever finds n members must find that they came, one by
// one, counted as well.
TEST(NodeTest, ARingThatIsSeenHasBeenCounted) {
  constexpr uint64_t kMembers = 100;
  HandDriven side;
  const KeyspacePtr keyspace = side.add_keyspace();
  const uint64_t before = Engine::stats(*keyspace).ring_changes;  // nobody is in the ring yet
  Members members;
  std::atomic<uint64_t> seen{0};
  std::atomic<bool> uncounted{false};
  std::thread reader([&] {
    while (seen < kMembers) {
      const KeyspaceStats stats = Engine::stats(*keyspace);
      if (before + stats.ring_members > stats.ring_changes) uncounted = true;
      seen = stats.ring_members;
    }
  });

  for (uint64_t i = 1; i <= kMembers; ++i) {
    core::MemberStatus member;
    member.record.name = i == 1 ? "a" : "member-" + std::to_string(i);
    member.record.keyspaces = {{keyspace->id(), false}};
    member.self = i == 1;
    members.push_back(member);
    side.node->set_members(members, i);
    while (seen < i) std::this_thread::yield();
  }
  reader.join();

  EXPECT_FALSE(uncounted);
}

// An owner that is closing, with a load that it has granted to "b".
class ClosingOwnerTest : public testing::Test {
 protected:
  static core::MemberStatus member(const std::string& name) {
    core::MemberStatus member;
    member.record.name = name;
    member.record.keyspaces = {{hash64("pages"), false}};
    member.self = name == "a";
    return member;
  }
  std::optional<core::Reply> call(core::Call call) {
    FetchGroup fetches;
    call.keyspace = keyspace->id();
    call.key = key;
    call.deadline = Duration::seconds(5);
    return side.node->on_call(1, hash64("b"), std::move(call), {}, fetches);
  }
  void SetUp() override {
    side.node->set_members({member("a"), member("b")}, 1);
    for (int i = 0; !owns(); ++i) key = std::to_string(i);
    core::Call get;
    get.flags = core::kCallLoader;
    EXPECT_FALSE(call(get));
    for (const InboxItem& item : side.node->inbox().take()) {
      if (const auto* granted = std::get_if<OutgoingGrant>(&item)) grant = granted->grant.grant;
    }
    EXPECT_NE(grant, 0U);
    side.node->close();
  }
  bool owns() const {
    return keyspace->with_shard(
        0, [&](core::Shard& shard) { return shard.view().self_acts(hash64(key)); });
  }
  std::optional<core::Reply> bring() {
    core::LoadAnswer answer;
    answer.status = Status::ok;
    answer.value = Buffer::copy_of("value");
    return call(core::loaded_call(answer, grant));
  }

  HandDriven side;
  const KeyspacePtr keyspace = side.add_keyspace();
  std::string key = "key";
  uint64_t grant = 0;
};

TEST_F(ClosingOwnerTest, TakesWhatItsCallersWaitFor) {
  EXPECT_EQ(call({})->status, Status::closed);
  EXPECT_EQ(bring()->status, Status::ok);
  EXPECT_EQ(side.node->flights(), 0U);
}

// Nobody brings it any more.
TEST_F(ClosingOwnerTest, WaitsForNobodyOnceItHasSaidGoodbye) {
  EXPECT_EQ(side.node->flights(), 1U);
  side.node->leave();
  EXPECT_EQ(side.node->flights(), 0U);
}

}  // namespace
}  // namespace distcache::engine
