#include "membership_driver.h"

// How members of the view are lost, come back and leave.
namespace distcache::core {
namespace {

const Member b = record("b");
const Member c = record("c");

// A member in the view, data and membership link up; its slot.
PeerSlot befriend(Driver& me, const Member& member = b) {
  me.hello(member);
  const PeerSlot slot = me.opened(member.membership);
  me.data_up(member);
  me.link_up(slot);
  me.welcome(slot, member);
  return slot;
}

// b falls silent until it is given up. The slot of its membership link, which was made anew.
PeerSlot lose(Driver& me, Duration within = Duration::seconds(4)) {
  me.data_down(b);
  me.mute.insert(b.id());
  me.pass(within);
  me.mute.clear();
  const PeerSlot slot = me.opened(b.membership);
  me.link_up(slot);
  return slot;
}

TEST(MembershipReach, PendingUntilTheDataLinkIsUp) {
  Driver me;
  me.hello(b);
  EXPECT_EQ(me.find(b)->reach, Reach::pending);
  me.pass(Duration::ms(999));
  EXPECT_EQ(me.find(b)->reach, Reach::pending);
  me.data_up(b);
  EXPECT_EQ(me.find(b)->reach, Reach::up);
  EXPECT_TRUE(me.view_changed());
  EXPECT_EQ(me.events(), "");
  me.pass(Duration::seconds(60));
  EXPECT_EQ(me.events(), "");
}

TEST(MembershipReach, PendingAtMostOneSecondThenDown) {
  Driver me;
  me.hello(b);
  const PeerSlot slot = me.opened(b.membership);
  me.link_up(slot);
  me.data_down(b);
  EXPECT_EQ(me.find(b)->reach, Reach::pending) << "a first try that failed is no loss";
  me.pass(Duration::seconds(1));
  EXPECT_EQ(me.events(), "suspect b");
  EXPECT_EQ(me.find(b)->reach, Reach::down);
  EXPECT_EQ(me.find(b)->record.state, MemberState::alive) << "it answers Pings";
  me.pass(Duration::seconds(60));
  EXPECT_TRUE(me.in_view(b));
}

TEST(MembershipReach, DownAtOnceWhenTheDataLinkBreaks) {
  Driver me;
  befriend(me);
  me.data_down(b);
  EXPECT_EQ(me.events(), "suspect b");
  EXPECT_TRUE(me.view_changed());
  EXPECT_EQ(me.find(b)->reach, Reach::down);
  EXPECT_TRUE(me.in_view(b));
  EXPECT_EQ(me.find(b)->since, me.now);
  EXPECT_NE(me.find(b)->why, "");
  me.data_down(b);
  EXPECT_TRUE(me.out.empty()) << "told once";
}

TEST(MembershipReach, UpAgainWithinASecondIsRecovered) {
  Driver me;
  befriend(me);
  me.data_down(b);
  me.pass(Duration::ms(999));
  me.data_up(b);
  EXPECT_EQ(me.events(), "recovered b");
  EXPECT_EQ(me.find(b)->reach, Reach::up);
  EXPECT_EQ(me.find(b)->record.state, MemberState::alive);
  me.pass(Duration::seconds(60));
  EXPECT_TRUE(me.in_view(b));
}

TEST(MembershipReach, WhoAnswersStaysInTheViewWhateverItsDataLink) {
  Driver me;
  befriend(me);
  me.data_down(b);
  me.pass(Duration::seconds(60));
  EXPECT_EQ(me.events(), "");
  EXPECT_TRUE(me.in_view(b));
  EXPECT_EQ(me.find(b)->reach, Reach::down) << "and is gone around";
}

TEST(MembershipReach, WhoFallsSilentIsSuspectedThenLost) {
  Driver me;
  befriend(me);
  me.mute.insert(b.id());
  me.pass(Duration::ms(500));
  EXPECT_EQ(me.events(), "suspect b");
  EXPECT_EQ(me.find(b)->record.state, MemberState::suspect);
  EXPECT_EQ(me.find(b)->why, "it does not answer us");
  EXPECT_TRUE(me.in_view(b));
  me.pass(Duration::ms(1'999));
  EXPECT_EQ(me.events(), "") << "with two members a suspicion lasts 2 s";
  me.pass(Duration::ms(1));
  EXPECT_EQ(me.events(), "left b");
  EXPECT_TRUE(me.view_changed());
  EXPECT_FALSE(me.in_view(b));
  EXPECT_EQ(me.find(b)->record.state, MemberState::dead);
  EXPECT_TRUE(me.all<CloseData>().empty()) << "its addresses are tried again for ever";
  EXPECT_TRUE(me.all<CloseMembership>().empty());
}

TEST(MembershipReach, WhoIsLostInSilenceIsRememberedForAMinute) {
  Driver me;
  befriend(me);
  lose(me);
  EXPECT_TRUE(me.find(b)->silent);
  const Duration rest = Duration::seconds(60) - (me.now - me.find(b)->since);
  me.pass(rest - Duration::ms(1));
  EXPECT_TRUE(me.find(b)->silent);
  me.pass(Duration::ms(1));
  EXPECT_FALSE(me.find(b)->silent);
  EXPECT_TRUE(me.view_changed());
}

TEST(MembershipReach, WhoseProcessIsKnownToBeGoneIsNotSilent) {
  for (int how = 0; how < 5; ++how) {
    Driver me;
    befriend(me);
    if (how == 0) {
      me.data_down(b, true);
      EXPECT_FALSE(me.find(b)->silent);
      continue;
    }
    const PeerSlot slot = lose(me);
    ASSERT_TRUE(me.find(b)->silent);
    if (how == 1) me.data_down(b, true);
    if (how == 2) me.request(b, Leave{"b", 100});
    if (how == 3) me.hello(record("b", 101));
    if (how == 4) {
      me.data_up(b);
      me.welcome(slot, b);
    }
    EXPECT_FALSE(me.find(b)->silent) << how;
    EXPECT_TRUE(me.view_changed()) << how;
  }
}

TEST(MembershipReach, RefusedAtAnyTimeIsLostAtOnce) {
  for (int when = 0; when < 3; ++when) {
    Driver me;
    me.hello(b);
    if (when > 0) me.data_up(b);
    if (when > 1) me.data_down(b);
    me.data_down(b, true);
    EXPECT_EQ(me.events(), when == 2 ? "left b" : "suspect b, left b") << when;
    EXPECT_FALSE(me.in_view(b));
    me.data_down(b, true);
    EXPECT_TRUE(me.out.empty());
  }
}

TEST(MembershipReach, TheMembershipLinkDecidesNothing) {
  Driver me;
  const PeerSlot slot = befriend(me);
  me.link_down(slot, true);
  EXPECT_EQ(me.events(), "");
  me.pass(Duration::seconds(60));
  EXPECT_TRUE(me.in_view(b));
}

TEST(MembershipReach, ReportsAboutStrangersAreIgnored) {
  Driver me;
  me.data_up(b);
  me.data_down(b, true);
  me.link_up(99);
  me.link_down(99);
  EXPECT_TRUE(me.out.empty());
}

// ---- return -------------------------------------------------------------------------------------

TEST(MembershipReturn, WhenTheDataLinkIsBackItIsAskedAndItsWelcomeBringsItBack) {
  Driver me;
  befriend(me);
  const PeerSlot slot = lose(me);
  me.data_up(b);
  EXPECT_FALSE(me.in_view(b)) << "it has not spoken yet";
  ASSERT_EQ(me.said<Hello>().size(), 1U);
  ASSERT_EQ(me.said<Hello>()[0].members.size(), 2U);
  EXPECT_EQ(me.said<Hello>()[0].members[1].name, "b");
  EXPECT_EQ(me.said<Hello>()[0].members[1].state, MemberState::dead) << "so that b knows";
  me.welcome(slot, b);
  EXPECT_EQ(me.events(), "returned b");
  EXPECT_FALSE(me.all<PeerEvent>()[0].forgotten) << "less than a minute ago";
  EXPECT_TRUE(me.view_changed());
  EXPECT_EQ(me.find(b)->reach, Reach::up);
  EXPECT_EQ(me.find(b)->why, "");
}

// c owned keys of b meanwhile, and nobody has kept for b what was written to them.
TEST(MembershipReturn, WhoMissedAnOwnerThatCameAndWentIsForgotten) {
  for (const auto& [before, leaves] : {std::pair(true, true), {false, true}, {false, false}}) {
    Driver me;
    if (before) befriend(me, c);
    befriend(me);
    const PeerSlot slot = lose(me, Duration::seconds(20));  // c does not confirm it
    ASSERT_TRUE(me.find(b)->silent);
    if (!before) befriend(me, c);
    if (leaves) {
      me.request(c, Leave{"c", c.incarnation});
    } else {  // it owns nothing from now on
      Member client = c;
      ++client.revision;
      client.role = Role::client;
      me.hello(client);
    }
    me.data_up(b);
    me.welcome(slot, b);
    ASSERT_EQ(me.events(), "returned b");
    EXPECT_EQ(me.all<PeerEvent>()[0].forgotten, !before);
  }
}

TEST(MembershipReturn, AHelloBringsItBackToo) {
  Driver me;
  befriend(me);
  me.data_down(b, true);
  me.data_up(b);
  me.hello(b);
  EXPECT_EQ(me.events(), "returned b");
  EXPECT_EQ(me.answer().members[1].name, "b");
  EXPECT_EQ(me.answer().members[1].state, MemberState::dead);
  me.hello(b);
  EXPECT_EQ(me.events(), "");
  EXPECT_EQ(me.answer().members[1].state, MemberState::alive);
}

TEST(MembershipReturn, NotWhileItsDataLinkIsBroken) {
  Driver me;
  befriend(me);
  lose(me);
  for (int i = 0; i < 5; ++i) {
    me.hello(b);
    EXPECT_EQ(me.events(), "");
    EXPECT_FALSE(me.in_view(b)) << "it would come and go";
    me.pass(Duration::seconds(1));
  }
}

TEST(MembershipReturn, WhoWasLostByAMemberHearsOfIt) {
  Driver me;
  const PeerSlot slot = befriend(me);
  Member lost = me.node.self();
  lost.state = MemberState::dead;
  me.hello(b, {lost});
  EXPECT_EQ(me.events(), "returned b");
  EXPECT_EQ(me.all<PeerEvent>()[0].why, "it had lost us");
  me.welcome(slot, b, {lost});
  EXPECT_EQ(me.events(), "returned b");
  lost.incarnation -= 1;
  me.hello(b, {lost});
  EXPECT_EQ(me.events(), "") << "that was the process before";
  me.hello(record("new"), {me.node.self()});
  EXPECT_EQ(me.events(), "joined new");
}

TEST(MembershipReturn, BothSidesHearOfALossAtOnce) {
  Driver me;
  befriend(me);
  me.data_down(b, true);
  me.data_up(b);
  Member lost = me.node.self();
  lost.state = MemberState::dead;
  me.hello(b, {lost});
  EXPECT_EQ(me.events(), "returned b") << "once";
}

TEST(MembershipReturn, ANewProcessJoinsInsteadOfReturning) {
  Driver me;
  befriend(me);
  me.data_down(b, true);
  me.hello(record("b", 101));
  EXPECT_EQ(me.events(), "joined b");
  EXPECT_EQ(me.all<CloseData>().size(), 1U);
  EXPECT_EQ(me.all<OpenData>().size(), 1U);
}

// ---- leave --------------------------------------------------------------------------------------

TEST(MembershipLeave, RemovesAtOnce) {
  Driver me;
  const PeerSlot slot = befriend(me);
  EXPECT_TRUE(me.request(b, Leave{"b", 100}));
  EXPECT_EQ(me.events(), "left b");
  EXPECT_EQ(me.find(b)->record.state, MemberState::left);
  EXPECT_TRUE(me.view_changed());
  EXPECT_EQ(me.all<CloseData>().size(), 1U);
  ASSERT_EQ(me.all<CloseMembership>().size(), 1U);
  EXPECT_EQ(me.all<CloseMembership>()[0].slot, slot);
}

TEST(MembershipLeave, IsFinalForThatProcess) {
  Driver me;
  befriend(me);
  me.request(b, Leave{"b", 100});
  me.hello(b);
  EXPECT_EQ(me.answer().status, Status::closed) << "said before it left, and overtaken";
  EXPECT_FALSE(me.in_view(b));
  me.hello(c, {b});
  EXPECT_EQ(me.opened(b.membership), 0U) << "c has not heard yet";
  me.hello(record("b", 101));
  EXPECT_EQ(me.events(), "joined b");
}

TEST(MembershipLeave, AListedAddressIsKept) {
  Driver me;
  me.discovered({b.membership});
  const PeerSlot slot = me.opened(b.membership);
  me.link_up(slot);
  me.welcome(slot, b);
  me.request(b, Leave{"b", 100});
  EXPECT_TRUE(me.all<CloseMembership>().empty()) << "the next process may be started there";
  me.link_down(slot, true);
  me.link_up(slot);
  me.welcome(slot, record("b", 101));
  EXPECT_EQ(me.events(), "joined b");
}

TEST(MembershipLeave, OnlyTheMemberItselfSaysIt) {
  Driver me;
  befriend(me);
  EXPECT_FALSE(me.request(c, Leave{"b", 100}));
  EXPECT_TRUE(me.in_view(b));
  EXPECT_TRUE(me.request(b, Leave{"b", 99}));
  EXPECT_TRUE(me.in_view(b)) << "the process before";
  EXPECT_TRUE(me.request(c, Leave{"c", 99})) << "a stranger";
  EXPECT_TRUE(me.out.empty());
}

TEST(MembershipLeave, OfALostMemberEndsTheTries) {
  Driver me;
  befriend(me);
  me.data_down(b, true);
  me.request(b, Leave{"b", 100});
  EXPECT_EQ(me.events(), "");
  EXPECT_EQ(me.all<CloseData>().size(), 1U);
  EXPECT_EQ(me.all<CloseMembership>().size(), 1U);
}

TEST(MembershipLeave, OurOwnIsToldToAllAndEndsEverything) {
  Driver me;
  const PeerSlot slot = befriend(me);
  me.out.clear();
  me.node.leave(me.out);
  ASSERT_EQ(me.all<Say>().size(), 1U);
  EXPECT_EQ(me.all<Say>()[0].slot, slot);
  EXPECT_EQ(me.said<Leave>()[0].name, "me");
  EXPECT_EQ(me.said<Leave>()[0].incarnation, 100U);
  me.out.clear();
  me.node.leave(me.out);
  EXPECT_TRUE(me.node.next_deadline().is_never());
  me.node.tick(me.now + Duration::seconds(100), me.out);
  me.node.set_keyspaces({}, me.now, me.out);
  EXPECT_TRUE(me.out.empty());
  me.hello(c);
  EXPECT_TRUE(me.out.empty());
  me.discovered({c.membership});
  EXPECT_TRUE(me.out.empty());
  me.data_down(b, true);
  EXPECT_TRUE(me.out.empty());
  me.link_up(slot);
  EXPECT_TRUE(me.out.empty());
}

}  // namespace
}  // namespace distcache::core
