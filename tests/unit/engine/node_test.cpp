#include "engine/node.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

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

}  // namespace
}  // namespace distcache::engine
