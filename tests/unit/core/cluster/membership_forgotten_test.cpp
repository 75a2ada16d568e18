#include "core/cluster/record_check.h"
#include "membership_driver.h"

// What becomes of members that stay away for long.
namespace distcache::core {
namespace {

const Member b = record("b");
const Member c = record("c");
constexpr Duration kKept = PeersOptions().forget_after;
constexpr Duration kSome = Duration::seconds(61);

// A node whose only peer, b, is dead.
void lose_b(Driver& me) {
  me.hello(b);
  const PeerSlot slot = me.opened(b.membership);
  ASSERT_NE(slot, 0U);
  me.data_up(b);
  me.link_up(slot);
  me.welcome(slot, b);
  me.link_down(slot, true);
  me.data_down(b, true);
  ASSERT_TRUE(me.find(b));
  ASSERT_FALSE(me.in_view(b));
}

TEST(MembershipForgotten, WhoIsDeadForAnHourIsForgottenWithItsLinks) {
  Driver me;
  lose_b(me);
  me.pass(kKept - kSome);
  EXPECT_TRUE(me.find(b)) << "and its links go on trying";
  EXPECT_TRUE(me.all<CloseData>().empty());
  EXPECT_TRUE(me.all<CloseMembership>().empty());
  me.pass(kSome);
  EXPECT_FALSE(me.find(b));
  EXPECT_EQ(me.all<CloseData>().size(), 1U);
  EXPECT_EQ(me.all<CloseMembership>().size(), 1U);
  EXPECT_TRUE(me.node.contacts().begin() == me.node.contacts().end());
  EXPECT_TRUE(me.view_changed());
}

TEST(MembershipForgotten, AnAddressThatDiscoveryNamesIsTriedOn) {
  Driver me;
  lose_b(me);
  me.discovered({b.membership});
  me.pass(kKept);
  EXPECT_FALSE(me.find(b));
  EXPECT_TRUE(me.all<CloseMembership>().empty());
}

TEST(MembershipForgotten, StaleWordsOfOthersDoNotBringItBackButItsOwnDo) {
  Driver me;
  lose_b(me);
  me.pass(kKept);
  ASSERT_FALSE(me.find(b));
  me.meet(c);
  for (const MemberState state : {MemberState::alive, MemberState::suspect, MemberState::dead}) {
    Rumour stale{b, c.id(), false};
    stale.about.state = state;
    stale.about.revision = 1'000;
    me.request(c, Gossip{{stale}});
    EXPECT_FALSE(me.find(b));
    me.hello(c, {stale.about});
    EXPECT_FALSE(me.find(b));
  }
  // Where it was is looked at, for a minute.
  EXPECT_FALSE(me.node.contacts().begin() == me.node.contacts().end());
  me.pass(kSome);
  me.discovered({});
  for (const auto& [where, contact] : me.node.contacts()) {
    EXPECT_FALSE(same_place(contact.address, b.membership));
  }
  me.hello(b);
  EXPECT_EQ(me.events(), "joined b");
  EXPECT_TRUE(me.in_view(b));
}

TEST(MembershipForgotten, WhoLeftIsForgottenTooAndWhoReturnsInTimeIsNot) {
  Driver me;
  me.meet(c);
  me.request(c, Leave{c.name, c.incarnation});
  lose_b(me);
  me.pass(kKept / 2);
  me.data_up(b);
  me.hello(b);
  EXPECT_EQ(me.events(), "returned b");
  me.pass(kKept);
  EXPECT_FALSE(me.find(c));
  EXPECT_TRUE(me.in_view(b));
}

}  // namespace
}  // namespace distcache::core
