#include "core/cluster/view.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/hash.h"
#include "base/rng.h"

namespace distcache::core {
namespace {

ViewMember member(const std::string& name, uint64_t incarnation = 1, uint32_t weight = 1,
                  Reach reach = Reach::up) {
  return {{hash64(name), weight}, name, incarnation, reach};
}

TEST(View, GoldenIds) {  // they travel in requests: versions that differ would never agree
  EXPECT_EQ(View(0, {}).id(), 0x2d06800538d394c2U);
  EXPECT_EQ(View(0, {member("A", 1), member("B", 2, 3)}).id(), 0x5ed85e2cfbc888e5U);
}

TEST(View, IdIsEqualExactlyForTheSameNamesIncarnationsAndWeights) {
  const uint64_t id = View(hash64("A"), {member("A"), member("B")}).id();
  EXPECT_EQ(View(hash64("B"), {member("B"), member("A")}).id(), id);
  EXPECT_EQ(View(0, {member("A", 1, 1, Reach::down), member("B", 1, 1, Reach::pending)}).id(), id);
  EXPECT_EQ(View(0, {member("A", 1, 0), member("B")}).id(), id) << "weight 0 counts as 1";
  EXPECT_NE(View(0, {member("A", 2), member("B")}).id(), id);
  EXPECT_NE(View(0, {member("A", 1, 2), member("B")}).id(), id);
  EXPECT_NE(View(0, {member("A"), member("C")}).id(), id);
  EXPECT_NE(View(0, {member("A")}).id(), id);
}

TEST(View, FindsMembersById) {
  const View view(hash64("A"), {member("C"), member("A"), member("B", 7)});
  ASSERT_NE(view.find(hash64("B")), nullptr);
  EXPECT_EQ(view.find(hash64("B"))->incarnation, 7U);
  EXPECT_EQ(view.find(hash64("D")), nullptr);
  EXPECT_EQ(View(0, {}).find(1), nullptr);
}

TEST(View, LeadsLikeAnotherWhereEveryKeyHasTheSameActingMember) {
  const MemberId a = hash64("A");
  const View view(a, {member("A"), member("B")});
  EXPECT_TRUE(view.leads_like(View(a, {member("B", 2), member("A", 1, 1, Reach::pending)})));
  EXPECT_TRUE(view.leads_like(View(a, {member("A"), member("B")}, {member("C")})));
  EXPECT_FALSE(view.leads_like(View(hash64("B"), {member("A"), member("B")})));
  EXPECT_FALSE(view.leads_like(View(a, {member("A"), member("B", 1, 2)})));
  EXPECT_FALSE(view.leads_like(View(a, {member("A"), member("B", 1, 1, Reach::down)})));
  EXPECT_FALSE(view.leads_like(View(a, {member("A"), member("B"), member("C")})));
  EXPECT_FALSE(view.leads_like(View(a, {member("A")})));
}

TEST(View, NobodyActsInAnEmptyView) {
  const View view(0, {});
  EXPECT_EQ(view.acting_owner(1).member, 0U);
  EXPECT_EQ(view.next_candidate(1, 0), 0U);
  EXPECT_EQ(view.missed_owner(1), nullptr);
  EXPECT_FALSE(view.self_acts(1)) << "nobody is not me";
}

TEST(View, NobodyActsWhereAllAreDown) {
  const View view(hash64("X"), {member("A", 1, 1, Reach::down), member("B", 1, 1, Reach::down)});
  EXPECT_EQ(view.acting_owner(1).member, 0U);
  EXPECT_EQ(view.next_candidate(1, hash64("A")), 0U);
  ASSERT_NE(view.missed_owner(1), nullptr);
}

// Against the plain definition over Ring::candidates.
TEST(View, ActingOwnerAndNextCandidateFollowTheRingPastThoseDown) {
  SeededRng rng(5);
  for (int round = 0; round < 300; ++round) {
    std::vector<ViewMember> members;
    std::vector<RingMember> ring_members;
    const size_t count = 1 + rng.below(8);
    for (size_t i = 0; i < count; ++i) {
      const auto weight = round % 2 ? 1 : 1 + static_cast<uint32_t>(rng.below(4));
      const auto reach = static_cast<Reach>(rng.below(3));
      members.push_back(member("n" + std::to_string(i), 1, weight, reach));
      ring_members.push_back(members.back().ring);
    }
    const View view(members[0].ring.id, members);
    const Ring ring(ring_members);
    for (int k = 0; k < 50; ++k) {
      const uint64_t hash = rng.next();
      std::vector<MemberId> reachable;
      uint32_t skipped = 0;
      const std::vector<MemberId> order = ring.candidates(hash, count);
      for (MemberId id : order) {
        if (view.find(id)->reach != Reach::down) reachable.push_back(id);
        if (reachable.empty()) ++skipped;
      }
      const View::Acting acting = view.acting_owner(hash);
      ASSERT_EQ(acting.member, reachable.empty() ? 0 : reachable.front());
      if (!reachable.empty()) {
        ASSERT_EQ(acting.skipped, skipped);
      }
      ASSERT_EQ(view.self_acts(hash), acting.member == view.self());
      ASSERT_EQ(view.next_candidate(hash, acting.member), reachable.size() < 2 ? 0 : reachable[1]);
      ASSERT_EQ(view.next_candidate(hash, 12345), acting.member);
      const ViewMember* missed = view.missed_owner(hash);
      ASSERT_EQ(missed ? missed->ring.id : 0, skipped > 0 ? order.front() : 0);
    }
  }
}

}  // namespace
}  // namespace distcache::core
