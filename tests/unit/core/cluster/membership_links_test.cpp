#include "membership_driver.h"

// Which addresses are asked, what is said on the links, and when open() need not wait any longer.
namespace distcache::core {
namespace {

const Member b = record("b");
const Member c = record("c");

TEST(MembershipLinks, EachDiscoveredAddressIsAskedOnce) {
  Driver me;
  me.discovered({b.membership, c.membership});
  ASSERT_EQ(me.all<OpenMembership>().size(), 2U);
  EXPECT_NE(me.opened(b.membership), me.opened(c.membership));
  me.discovered({b.membership, c.membership});
  EXPECT_TRUE(me.out.empty());
}

TEST(MembershipLinks, OwnAndImpossibleAddressesAreNotAsked) {
  Driver me;
  me.discovered({me.node.self().membership, {"", 3322, {}}, {"x", 0, {}}});
  EXPECT_TRUE(me.all<OpenMembership>().empty());
  EXPECT_TRUE(me.node.settled());
}

TEST(MembershipLinks, AddressesThatVanishFromDiscoveryBeforeTheyAnsweredAreGivenUp) {
  Driver me;
  me.discovered({b.membership});
  const PeerSlot slot = me.opened(b.membership);
  me.discovered({});
  ASSERT_EQ(me.all<CloseMembership>().size(), 1U);
  EXPECT_EQ(me.all<CloseMembership>()[0].slot, slot);
  me.discovered({b.membership});
  EXPECT_GT(me.opened(b.membership), slot) << "a slot is never used again";
}

TEST(MembershipLinks, WhatIsNoLongerListedMakesRoomForWhatIs) {
  MembershipOptions options = options_for(record("me"));
  options.peers_max = 2;
  Driver me(options);
  me.discovered({b.membership, c.membership});
  const Address later[] = {{"d", 1, {}}, {"e", 1, {}}};
  me.discovered({later[0], later[1]});
  EXPECT_NE(me.opened(later[0]), 0U);
  EXPECT_NE(me.opened(later[1]), 0U);
}

TEST(MembershipLinks, ListedAddressesDisplaceThoseThatAreOnlyHearsay) {
  MembershipOptions options = options_for(record("me"));
  options.peers_max = 3;
  Driver me(options);
  me.meet(b);
  me.hello(b, {record("made-up-1"), record("made-up-2"), record("made-up-3")});
  EXPECT_EQ(me.all<OpenMembership>().size(), 2U) << "no more than there is room for";
  me.discovered({c.membership});
  EXPECT_NE(me.opened(c.membership), 0U) << "whoever tells of many keeps nobody out";
  me.hello(b, {record("made-up-4")});
  EXPECT_TRUE(me.all<OpenMembership>().empty()) << "hearsay displaces nobody";
}

TEST(MembershipLinks, HearsayThatNeverAnswersIsGivenUpAfterAMinute) {
  Driver me;
  me.meet(b);
  me.hello(b, {c});
  const PeerSlot slot = me.opened(c.membership);
  ASSERT_NE(slot, 0U);
  me.pass(Duration::seconds(59));
  me.discovered({});
  EXPECT_TRUE(me.all<CloseMembership>().empty());
  me.pass(Duration::seconds(1));
  me.discovered({});
  ASSERT_EQ(me.all<CloseMembership>().size(), 1U);
  EXPECT_EQ(me.all<CloseMembership>()[0].slot, slot);
  me.hello(b, {c});
  EXPECT_GT(me.opened(c.membership), slot) << "told again, tried again";
}

TEST(MembershipLinks, HelloNamesLabelSelfFirstThenWhoIsKnown) {
  Driver me;
  me.meet(c);
  me.discovered({b.membership});
  me.link_up(me.opened(b.membership));
  const std::vector<Hello> hellos = me.said<Hello>();
  ASSERT_EQ(hellos.size(), 1U);
  EXPECT_EQ(hellos[0].label, "test");
  ASSERT_EQ(hellos[0].members.size(), 2U);
  EXPECT_EQ(hellos[0].members[0].name, "me");
  EXPECT_EQ(hellos[0].members[0].keyspaces.size(), 1U);
  EXPECT_EQ(hellos[0].members[1].name, "c");
  EXPECT_TRUE(hellos[0].members[1].keyspaces.empty()) << "only c itself says what c has";
}

TEST(MembershipLinks, HelloIsSaidAgainUntilItIsAnswered) {
  Driver me;
  me.discovered({b.membership});
  const PeerSlot slot = me.opened(b.membership);
  me.link_up(slot);
  for (int i = 0; i < 3; ++i) {
    me.pass(Duration::seconds(1));
    EXPECT_EQ(me.said<Hello>().size(), 1U);
    me.reply(slot, b, Pong{});
  }
  me.welcome(slot, b);
  me.pass(Duration::seconds(1));
  EXPECT_TRUE(me.said<Hello>().empty());
}

TEST(MembershipLinks, HelloIsSaidAgainWhenTheLinkComesUpAgain) {
  Driver me;
  me.discovered({b.membership});
  const PeerSlot slot = me.opened(b.membership);
  me.link_up(slot);
  me.welcome(slot, b);
  me.link_down(slot);
  EXPECT_TRUE(me.welcome(slot, record("late")));
  EXPECT_FALSE(me.in_view(record("late"))) << "what was under way when the link broke is stale";
  me.link_up(slot);
  EXPECT_EQ(me.said<Hello>().size(), 1U);
}

TEST(MembershipLinks, OwnRecordChangesAreToldToAll) {
  Driver me;
  me.discovered({b.membership, c.membership});
  const PeerSlot to_b = me.opened(b.membership), to_c = me.opened(c.membership);
  me.link_up(to_b);
  me.welcome(to_b, b);
  const uint64_t revision = me.node.self().revision;
  me.out.clear();
  me.node.set_keyspaces({{5, false}}, me.now, me.out);
  ASSERT_EQ(me.all<Say>().size(), 1U) << "c's link is not up";
  EXPECT_EQ(me.all<Say>()[0].slot, to_b);
  EXPECT_GT(me.said<Hello>()[0].members[0].revision, revision);
  EXPECT_EQ(me.said<Hello>()[0].members[0].keyspaces[0].id, 5U);
  EXPECT_TRUE(me.view_changed());
  me.pass(Duration::seconds(1));
  EXPECT_EQ(me.said<Hello>().size(), 1U) << "not answered yet";
  me.link_up(to_c);
  EXPECT_EQ(me.said<Hello>()[0].members[0].keyspaces[0].id, 5U);
}

TEST(MembershipLinks, PingsAreSaidAndAnswered) {
  Driver me;
  me.discovered({b.membership});
  const PeerSlot slot = me.opened(b.membership);
  me.link_up(slot);
  me.welcome(slot, b);
  me.pass(Duration::ms(9'999));
  EXPECT_EQ(me.said<Ping>().size(), 20U) << "one in each interval";
  EXPECT_TRUE(me.all<CloseMembership>().empty());
  EXPECT_TRUE(me.request(b, Ping{42, me.node.self().id(), 100, {}}));
  ASSERT_EQ(me.all<Answer>().size(), 1U);
  EXPECT_EQ(std::get<Pong>(me.all<Answer>()[0].body).nonce, 42U);
  EXPECT_TRUE(me.request(b, Ping{42, me.node.self().id(), 99, {}}));
  EXPECT_TRUE(me.request(b, Ping{42, b.id(), 100, {}}));
  EXPECT_TRUE(me.all<Answer>().empty()) << "another process is meant";
}

TEST(MembershipLinks, ALinkThatSwallowsTwoPingsIsMadeAnewAndTheMemberStays) {
  Driver me;
  me.discovered({b.membership});
  const PeerSlot slot = me.opened(b.membership);
  me.link_up(slot);
  me.welcome(slot, b);
  me.data_up(b);
  me.mute.insert(b.id());
  me.pass(Duration::ms(1'499));
  EXPECT_EQ(me.said<Ping>().size(), 2U);
  EXPECT_TRUE(me.all<CloseMembership>().empty());
  me.pass(Duration::ms(1));
  ASSERT_EQ(me.all<CloseMembership>().size(), 1U);
  EXPECT_EQ(me.all<CloseMembership>()[0].slot, slot);
  const PeerSlot anew = me.opened(b.membership);
  EXPECT_GT(anew, slot);
  me.link_up(anew);
  me.welcome(anew, b);
  EXPECT_EQ(me.events(), "recovered b");
  me.mute.clear();
  me.pass(Duration::seconds(60));
  EXPECT_TRUE(me.in_view(b));
  EXPECT_EQ(me.find(b)->reach, Reach::up);
}

TEST(MembershipLinks, SuspensionOfThisProcessBlamesNobody) {
  Driver me;
  me.discovered({b.membership});
  me.link_up(me.opened(b.membership));
  me.now = me.now + Duration::seconds(30);
  me.out.clear();
  me.node.tick(me.now, me.out);
  EXPECT_TRUE(me.all<CloseMembership>().empty());
}

TEST(MembershipLinks, OwnVoiceUnderAnotherSpellingIsRecognisedAndDropped) {
  Driver me;
  const Address alias{"localhost", 1, {}};
  me.discovered({alias});
  const PeerSlot slot = me.opened(alias);
  me.link_up(slot);
  const std::vector<Hello> hellos = me.said<Hello>();
  ASSERT_EQ(hellos.size(), 1U);
  me.request(me.node.self(), hellos[0]);
  const Welcome welcome = me.answer();
  EXPECT_EQ(welcome.status, Status::ok);
  EXPECT_EQ(me.events(), "");
  me.reply(slot, me.node.self(), welcome);
  ASSERT_EQ(me.all<CloseMembership>().size(), 1U);
  EXPECT_EQ(me.node.live(), 1U);
  EXPECT_EQ(me.node.members().size(), 1U);
  EXPECT_TRUE(me.node.settled());
  me.discovered({alias});
  EXPECT_TRUE(me.all<OpenMembership>().empty());
}

void expect_one_link(const Address& kept, const Address& other, bool kept_first) {
  SCOPED_TRACE(kept.host + " " + other.host);
  Driver me;
  me.discovered({kept, other});
  const PeerSlot slot = me.opened(kept), other_slot = me.opened(other);
  for (PeerSlot next : {kept_first ? slot : other_slot, kept_first ? other_slot : slot}) {
    me.link_up(next);
    me.welcome(next, b);
  }
  ASSERT_EQ(me.all<CloseMembership>().size(), 1U);
  EXPECT_EQ(me.all<CloseMembership>()[0].slot, other_slot);
  EXPECT_TRUE(me.node.settled());
  me.data_up(b);
  me.discovered({other, kept});
  EXPECT_TRUE(me.all<OpenMembership>().empty());
  me.data_down(b, true);
  EXPECT_NE(me.opened(other), 0U) << "somebody else may listen there by now";
}

TEST(MembershipLinks, OneLinkPerMemberIsEnough) {
  const Address before{"a-name-of-b", 1, {}}, behind{"b-by-another-name", 1, {}};
  for (bool kept_first : {true, false}) {
    expect_one_link(b.membership, before, kept_first);  // the address it gives itself
    expect_one_link(b.membership, behind, kept_first);
  }
  expect_one_link(before, behind, true);  // the one that was there first
  expect_one_link(behind, before, true);
}

TEST(MembershipLinks, AMemberThatMovedIsAskedAtItsNewAddress) {
  Driver me;
  me.hello(b);
  const PeerSlot slot = me.opened(b.membership);
  me.link_up(slot);
  me.welcome(slot, b);
  me.data_down(b, true);
  me.link_down(slot, true);
  Member moved = record("b", 200);
  moved.membership.port = 55;
  me.hello(moved);
  const PeerSlot new_slot = me.opened(moved.membership);
  ASSERT_NE(new_slot, 0U);
  me.link_up(new_slot);
  me.welcome(new_slot, moved);
  ASSERT_EQ(me.all<CloseMembership>().size(), 1U) << "nobody said that the old one matters";
  EXPECT_EQ(me.all<CloseMembership>()[0].slot, slot);
}

TEST(MembershipLinks, AnAnswerToAnEarlierHelloLeavesTheLatestUnanswered) {
  Driver me;
  me.discovered({b.membership});
  const PeerSlot slot = me.opened(b.membership);
  me.link_up(slot);
  const Member first = me.node.self();
  me.out.clear();
  me.node.set_keyspaces({{5, true}}, me.now, me.out);
  me.welcome(slot, b, {first});
  me.pass(Duration::seconds(1));
  EXPECT_EQ(me.said<Hello>().size(), 1U);
  me.welcome(slot, b, {me.node.self()});
  me.pass(Duration::seconds(1));
  EXPECT_TRUE(me.said<Hello>().empty());
}

TEST(MembershipLinks, BothDirectionsHaveALinkOfTheirOwn) {
  Driver me;
  me.hello(b);
  EXPECT_NE(me.opened(b.membership), 0U) << "b asks us, we ask b";
  me.hello(b);
  EXPECT_TRUE(me.all<OpenMembership>().empty());
}

TEST(MembershipLinks, UnexpectedMessagesAreReported) {
  Driver me;
  me.discovered({b.membership});
  const PeerSlot slot = me.opened(b.membership);
  me.link_up(slot);
  EXPECT_FALSE(me.request(b, Welcome{}));
  EXPECT_FALSE(me.request(b, Pong{}));
  EXPECT_FALSE(me.request(b, Batch{}));
  EXPECT_FALSE(me.reply(slot, b, Hello{}));
  EXPECT_FALSE(me.reply(slot, b, Ping{}));
  EXPECT_FALSE(me.reply(slot, b, Welcome{})) << "a Welcome without its speaker";
  EXPECT_TRUE(me.reply(slot + 99, b, Ping{})) << "of a link that was closed meanwhile";
  EXPECT_TRUE(me.out.empty());
}

// ---- settled ------------------------------------------------------------------------------------

TEST(MembershipSettled, OnlyAfterDiscoveryHasAnswered) {
  Driver me;
  EXPECT_FALSE(me.node.settled());
  me.pass(Duration::seconds(60));
  EXPECT_FALSE(me.node.settled());
  me.discovered({});
  EXPECT_TRUE(me.node.settled());
}

TEST(MembershipSettled, WhenAllListedAddressesAnswered) {
  Driver me;
  me.discovered({b.membership, c.membership});
  const PeerSlot to_b = me.opened(b.membership), to_c = me.opened(c.membership);
  me.link_up(to_b);
  me.welcome(to_b, b);
  EXPECT_FALSE(me.node.settled()) << "c has its second";
  me.link_up(to_c);
  me.welcome(to_c, c);
  EXPECT_TRUE(me.node.settled());
  me.data_down(b, true);
  EXPECT_TRUE(me.node.settled()) << "it stays true";
}

TEST(MembershipSettled, ARefusedAddressIsNotWaitedForButAnswersNothing) {
  Driver me;
  me.discovered({b.membership, c.membership});
  const PeerSlot to_b = me.opened(b.membership), to_c = me.opened(c.membership);
  me.link_down(to_b, true);
  me.link_down(to_c, true);
  me.pass(Duration::seconds(9));
  EXPECT_FALSE(me.node.settled()) << "nobody answered yet: the attempts are not spent";
  me.link_up(to_c);
  me.welcome(to_c, c);
  EXPECT_TRUE(me.node.settled());
}

TEST(MembershipSettled, AListedAddressThatStaysSilentIsWaitedForOneSecond) {
  Driver me;
  me.discovered({b.membership, c.membership});
  const PeerSlot to_b = me.opened(b.membership);
  me.link_up(to_b);
  me.welcome(to_b, b);
  me.pass(Duration::ms(990));
  EXPECT_FALSE(me.node.settled());
  me.pass(Duration::ms(10));
  EXPECT_TRUE(me.node.settled());
}

TEST(MembershipSettled, AMemberHeardOfIsWaitedForUntilItIsMetOrRefusesOrTheAttemptsAreSpent) {
  for (int how = 0; how < 3; ++how) {
    Driver me;
    me.discovered({b.membership});
    const PeerSlot to_b = me.opened(b.membership);
    me.link_up(to_b);
    me.welcome(to_b, b, {c});
    const PeerSlot to_c = me.opened(c.membership);
    ASSERT_NE(to_c, 0U);
    me.pass(Duration::seconds(9));
    EXPECT_FALSE(me.node.settled());
    if (how == 0) {
      me.link_up(to_c);
      me.welcome(to_c, c);
    } else if (how == 1) {
      me.link_down(to_c, true);
    } else {
      me.pass(Duration::seconds(1));
    }
    EXPECT_TRUE(me.node.settled()) << how;
  }
}

TEST(MembershipSettled, AfterTheAttemptsItRunsAloneAndGoesOnLooking) {
  Driver me;
  me.discovered({b.membership});
  const PeerSlot to_b = me.opened(b.membership);
  me.pass(Duration::ms(9'999));
  EXPECT_FALSE(me.node.settled());
  me.pass(Duration::ms(1));
  EXPECT_TRUE(me.node.settled());
  EXPECT_EQ(me.node.live(), 1U);
  me.link_up(to_b);
  me.welcome(to_b, b);
  EXPECT_TRUE(me.in_view(b));
}

// ---- epoch --------------------------------------------------------------------------------------

TEST(MembershipEpoch, IsTheHighestHeardPlusOneAtEachChangeOfTheView) {
  Driver me;
  const uint64_t first = me.node.epoch();
  me.node.on_epoch_heard(500);
  EXPECT_EQ(me.node.epoch(), 500U);
  me.node.on_epoch_heard(7);
  EXPECT_EQ(me.node.epoch(), 500U);
  EXPECT_LT(first, 500U);
  me.hello(b);
  EXPECT_TRUE(me.view_changed());
  EXPECT_EQ(me.node.epoch(), 501U);
  me.data_up(b);
  EXPECT_EQ(me.node.epoch(), 502U) << "who acts may have changed";
  me.hello(b);
  EXPECT_FALSE(me.view_changed());
  EXPECT_EQ(me.node.epoch(), 502U);
  me.node.on_epoch_heard(UINT64_MAX);
  EXPECT_EQ(me.node.epoch(), 502U) << "no honest member gets there, and one more would wrap";
}

}  // namespace
}  // namespace distcache::core
