#include "base/limits.h"
#include "core/cluster/record_check.h"
#include "membership_driver.h"
#include "transport/wire/codec.h"

// Who enters the view, who is refused, and whose word counts.
namespace distcache::core {
namespace {

const Member b = record("b");
const Member c = record("c");

Member at(const std::string& name, uint64_t incarnation, const std::string& host) {
  Member member = record(name, incarnation);
  member.membership.host = member.data.host = host;
  return member;
}

// ---- direct contact only ------------------------------------------------------------------------

TEST(MembershipEntry, AHelloFromItselfBringsAMemberIn) {
  Driver me;
  me.hello(b);
  EXPECT_EQ(me.events(), "joined b");
  EXPECT_TRUE(me.view_changed());
  ASSERT_EQ(me.all<OpenData>().size(), 1U);
  EXPECT_EQ(me.all<OpenData>()[0].member, b.id());
  EXPECT_EQ(me.all<OpenData>()[0].address, b.data);
  EXPECT_EQ(me.find(b)->reach, Reach::pending);
  EXPECT_EQ(me.answer().status, Status::ok);
  EXPECT_EQ(me.answer().members[0].name, "me");
  EXPECT_EQ(me.node.live(), 2U);
}

TEST(MembershipEntry, AWelcomeFromItselfBringsAMemberIn) {
  Driver me;
  me.discovered({b.membership});
  const PeerSlot slot = me.opened(b.membership);
  me.link_up(slot);
  me.welcome(slot, b);
  EXPECT_EQ(me.events(), "joined b");
  EXPECT_EQ(me.all<OpenData>().size(), 1U);
  EXPECT_TRUE(me.view_changed());
}

TEST(MembershipEntry, RecordsPassedOnAreOnlyAddressesToAsk) {
  Driver me;
  Member gone = record("gone"), left = record("left");
  gone.state = MemberState::dead;
  left.state = MemberState::left;
  me.hello(b, {c, gone, left, me.node.self(), record("")});
  EXPECT_EQ(me.events(), "joined b");
  EXPECT_FALSE(me.in_view(c));
  EXPECT_EQ(me.all<OpenMembership>().size(), 2U) << "b and c";
  EXPECT_NE(me.opened(c.membership), 0U);
  const PeerSlot slot = me.opened(c.membership);
  me.link_up(slot);
  me.welcome(slot, c);
  EXPECT_TRUE(me.in_view(c));
}

TEST(MembershipEntry, HearsayDoesNotChangeWhatAMemberSaysOfItself) {
  Driver me;
  me.meet(b);
  Member lie = b;
  lie.revision = 9;
  lie.weight = 500;
  lie.state = MemberState::dead;
  me.hello(c, {lie});
  EXPECT_EQ(me.find(b)->record.weight, 1U);
  EXPECT_TRUE(me.in_view(b));
}

TEST(MembershipEntry, TheLaterOfTwoIsToldOfTheEarlier) {
  Driver me;
  me.discovered({b.membership});
  const PeerSlot slot = me.opened(b.membership);
  me.link_up(slot);  // Hello to b, without c
  me.hello(c);       // c is told of nobody yet
  me.welcome(slot, b);
  ASSERT_EQ(me.said<Hello>().size(), 1U) << "b has to hear of c";
  ASSERT_EQ(me.said<Hello>()[0].members.size(), 2U);
  EXPECT_EQ(me.said<Hello>()[0].members[1].name, "c");
}

// ---- updates ------------------------------------------------------------------------------------

TEST(MembershipEntry, ANewerRevisionUpdatesAnOlderOneIsIgnored) {
  Driver me;
  me.meet(b);
  Member newer = b;
  newer.revision = 2;
  newer.weight = 3;
  newer.keyspaces.clear();
  me.hello(newer);
  EXPECT_EQ(me.events(), "updated b");
  EXPECT_TRUE(me.view_changed());
  EXPECT_EQ(me.find(b)->record.weight, 3U);
  EXPECT_EQ(me.find(b)->reach, Reach::up);
  me.hello(b);
  EXPECT_EQ(me.events(), "");
  EXPECT_FALSE(me.view_changed());
  EXPECT_EQ(me.find(b)->record.weight, 3U);
}

TEST(MembershipEntry, AMovedDataPortGetsANewLink) {
  Driver me;
  me.meet(b);
  Member moved = b;
  moved.revision = 2;
  moved.data.port = 22;
  me.hello(moved);
  ASSERT_EQ(me.all<CloseData>().size(), 1U);
  ASSERT_EQ(me.all<OpenData>().size(), 1U);
  EXPECT_EQ(me.all<OpenData>()[0].address.port, 22);
  EXPECT_EQ(me.find(b)->reach, Reach::pending);
}

// ---- incarnations -------------------------------------------------------------------------------

TEST(MembershipEntry, ARestartAtTheSameAddressReplacesTheOldProcess) {
  Driver me;
  me.meet(b);
  me.hello(record("b", 200));
  EXPECT_EQ(me.events(), "left b, joined b");
  EXPECT_EQ(me.all<CloseData>().size(), 1U);
  EXPECT_EQ(me.all<OpenData>().size(), 1U);
  EXPECT_EQ(me.find(b)->record.incarnation, 200U);
  EXPECT_EQ(me.node.live(), 2U);
}

TEST(MembershipEntry, ARestartUnderAnotherNameReplacesWhoHadTheAddress) {
  Driver me;
  me.meet(b);
  const Member heir = at("heir", 200, "b");
  me.hello(heir);
  EXPECT_EQ(me.events(), "left b, joined heir");
  EXPECT_FALSE(me.in_view(b));
  ASSERT_EQ(me.all<CloseData>().size(), 1U) << "nobody of that name will answer there";
  me.hello(at("third", 300, "b"));
  EXPECT_EQ(me.events(), "left heir, joined third");
}

TEST(MembershipEntry, ALiveMemberKeepsItsNameAndItsAddress) {
  Driver me;
  me.meet(b);
  me.hello(at("b", 200, "elsewhere"));
  EXPECT_EQ(me.answer().status, Status::duplicate_identity);
  EXPECT_TRUE(me.answer().members.empty());
  EXPECT_EQ(me.events(), "refused b");
  me.hello(at("b", 50, "elsewhere"));
  EXPECT_EQ(me.answer().status, Status::duplicate_identity);
  me.hello(at("older", 50, "b"));
  EXPECT_EQ(me.answer().status, Status::duplicate_identity);
  EXPECT_EQ(me.find(b)->record.incarnation, 100U);
  EXPECT_EQ(me.node.live(), 2U);
}

TEST(MembershipEntry, AMemberThatIsDownGivesUpItsName) {
  Driver me;
  me.meet(b);
  me.data_down(b);
  const Member moved = at("b", 200, "elsewhere");
  me.hello(moved);
  EXPECT_EQ(me.events(), "left b, joined b");
  EXPECT_EQ(me.find(moved)->record.membership.host, "elsewhere");
}

TEST(MembershipEntry, ASilentHostGivesUpItsNameBeforeItsLinkBreaks) {
  Driver me;
  me.hello(b);
  const PeerSlot slot = me.opened(b.membership);
  me.data_up(b);
  me.link_up(slot);
  me.welcome(slot, b);
  me.mute.insert(b.id());
  me.hello(at("b", 200, "elsewhere"));
  EXPECT_EQ(me.answer().status, Status::duplicate_identity);
  me.pass(Duration::seconds(1));
  me.hello(at("b", 200, "elsewhere"));
  EXPECT_EQ(me.answer().status, Status::ok);
}

TEST(MembershipEntry, MyOwnNameIsTaken) {
  Driver me;
  me.hello(at("me", 200, "elsewhere"));
  EXPECT_EQ(me.answer().status, Status::duplicate_identity);
  me.hello(at("me", 200, "me"));
  EXPECT_EQ(me.answer().status, Status::duplicate_identity) << "I am the one who listens here";
  me.hello(at("other", 200, "me"));
  EXPECT_EQ(me.answer().status, Status::invalid_config) << "a copied advertise.address";
  EXPECT_EQ(me.node.live(), 1U);
}

TEST(MembershipEntry, TheNewcomerLearnsThatItsNameIsTakenAfterThreeSeconds) {
  Driver me;
  me.discovered({b.membership});
  const PeerSlot slot = me.opened(b.membership);
  me.link_up(slot);
  const Welcome refusal{Status::duplicate_identity, "node.name 'me' is taken", {}};
  for (int i = 0; i < 4; ++i) {
    EXPECT_FALSE(me.node.identity_conflict().has_value());
    EXPECT_FALSE(me.node.settled());
    EXPECT_TRUE(me.reply(slot, b, refusal));
    EXPECT_EQ(me.events(), i == 0 ? "refused b:1" : "");
    if (i < 3) {
      me.pass(Duration::seconds(1));
      EXPECT_EQ(me.said<Hello>().size(), 1U);
    }
  }
  ASSERT_TRUE(me.node.identity_conflict().has_value());
  EXPECT_EQ(me.node.identity_conflict()->status, Status::duplicate_identity);
  EXPECT_NE(me.node.identity_conflict()->message.find("'me'"), std::string::npos);
  EXPECT_TRUE(me.node.settled());
  me.welcome(slot, b);
  EXPECT_FALSE(me.node.identity_conflict().has_value()) << "the namesake is gone";
}

TEST(MembershipEntry, ANamesakeOfAnotherIsNotOurConflict) {
  Driver me;
  me.meet(b);
  const Address elsewhere{"elsewhere", 1, {}};
  me.discovered({elsewhere});
  const PeerSlot slot = me.opened(elsewhere);
  me.link_up(slot);
  for (int i = 0; i < 10; ++i) {
    me.welcome(slot, at("b", 200, "elsewhere"));
    EXPECT_EQ(me.events(), i == 0 ? "refused elsewhere:1" : "");
    me.pass(Duration::seconds(1));
  }
  EXPECT_EQ(me.find(b)->record.incarnation, 100U);
  EXPECT_FALSE(me.node.identity_conflict().has_value());
}

TEST(MembershipEntry, AProcessWhoseClockWasSetBackIsToldAndRaisesItsIncarnation) {
  Driver old_member("b"), reborn(options_for(record("a", 40)));
  old_member.meet(record("a", 90));
  old_member.hello(reborn.node.self());
  EXPECT_EQ(old_member.events(), "");
  EXPECT_EQ(old_member.find(record("a"))->record.incarnation, 90U) << "only a itself may raise it";
  const Welcome told = old_member.answer();
  EXPECT_EQ(told.status, Status::ok);

  reborn.discovered({b.membership});
  const PeerSlot slot = reborn.opened(b.membership);
  reborn.link_up(slot);
  reborn.reply(slot, old_member.node.self(), told);
  EXPECT_GT(reborn.node.self().incarnation, 90U);
  EXPECT_TRUE(reborn.view_changed());
  ASSERT_GE(reborn.said<Hello>().size(), 1U);
  old_member.request(reborn.node.self(), reborn.said<Hello>().back());
  EXPECT_EQ(old_member.events(), "left a, joined a");
  EXPECT_EQ(old_member.find(record("a"))->record.incarnation, reborn.node.self().incarnation);
}

TEST(MembershipEntry, AProcessWhoseClockWasSetBackIsLookedForWhereOthersSeeIt) {
  Driver me;
  me.meet(b);
  me.request(b, Leave{"b", 100});
  const Member reborn = at("b", 40, "elsewhere");
  me.hello(c, {reborn});
  const PeerSlot slot = me.opened(reborn.membership);
  ASSERT_NE(slot, 0U);
  me.link_up(slot);
  me.welcome(slot, reborn);
  EXPECT_FALSE(me.in_view(b));
  me.pass(Duration::seconds(1));
  ASSERT_EQ(me.said<Hello>().size(), 1U);
  EXPECT_EQ(me.said<Hello>()[0].members[1].incarnation, 100U) << "b is told what to outbid";
}

TEST(MembershipEntry, TwoProcessesThatOutbidTheSameOneDiffer) {
  Member newest = record("me", 500);
  Driver first(options_for(record("me", 100))), second(options_for(record("me", 93)));
  first.hello(b, {newest});
  second.hello(b, {newest});
  EXPECT_GT(first.node.self().incarnation, 500U);
  EXPECT_GT(second.node.self().incarnation, 500U);
  EXPECT_NE(first.node.self().incarnation, second.node.self().incarnation);
}

TEST(MembershipEntry, NobodyRaisesTheIncarnationOfAnother) {
  Driver me;
  me.meet(b);
  Member ahead = b;
  ahead.incarnation = 5000;
  me.hello(c, {ahead});
  EXPECT_EQ(me.find(b)->record.incarnation, 100U);
  Member last = me.node.self();
  last.incarnation = kIncarnationMax;
  me.hello(c, {last});
  EXPECT_EQ(me.node.self().incarnation, 100U) << "there is nothing above it";
}

TEST(MembershipEntry, AnOutdatedWelcomeChangesNothing) {
  Driver me;
  me.meet(b);
  me.discovered({{"alias", 1, {}}});
  const PeerSlot slot = me.opened({"alias", 1, {}});
  me.link_up(slot);
  me.welcome(slot, record("b", 50));
  EXPECT_EQ(me.events(), "");
  EXPECT_EQ(me.find(b)->record.incarnation, 100U);
  me.pass(Duration::seconds(1));
  EXPECT_EQ(me.said<Hello>().size(), 1U) << "asked again";
}

// ---- refusals -----------------------------------------------------------------------------------

TEST(MembershipEntry, OtherLabelsAndVersionsAreRefused) {
  Driver me;
  me.request(b, Hello{"production", {b}});
  EXPECT_EQ(me.answer().status, Status::invalid_config);
  EXPECT_NE(me.answer().message.find("production"), std::string::npos);
  EXPECT_EQ(me.events(), "refused b");
  Member future = b;
  future.version_min = kProtocolVersion + 1;
  future.version_max = kProtocolVersion + 5;
  me.hello(future);
  EXPECT_EQ(me.answer().status, Status::invalid_config);
  EXPECT_EQ(me.node.live(), 1U);
  EXPECT_TRUE(me.all<OpenMembership>().empty());
  future.version_min = kProtocolVersion;
  me.hello(future);
  EXPECT_EQ(me.answer().status, Status::ok) << "the ranges meet";
}

TEST(MembershipEntry, ALabelThatIsRefusedIsTriedAgainPatiently) {
  Driver me;
  me.discovered({b.membership});
  const PeerSlot slot = me.opened(b.membership);
  me.link_up(slot);
  me.reply(slot, b, Welcome{Status::invalid_config, "label", {}});
  EXPECT_EQ(me.events(), "refused b:1");
  EXPECT_TRUE(me.node.settled()) << "an answer";
  size_t hellos = 0;
  for (int i = 0; i < 20; ++i) {
    me.pass(Duration::seconds(1));
    hellos += me.said<Hello>().size();
    me.reply(slot, b,
             me.said<Hello>().empty() ? Body{Pong{}}
                                      : Body{Welcome{Status::invalid_config, "label", {}}});
    EXPECT_EQ(me.events(), "") << "said once";
  }
  EXPECT_EQ(hellos, 2U);
}

TEST(MembershipEntry, RecordsThatNoMemberCouldHaveAreRefused) {
  std::vector<Member> broken(10, b);
  broken[0].name.clear();
  broken[1].name.assign(limits::kNodeNameBytesMax + 1, 'x');
  broken[2].incarnation = 0;
  broken[3].incarnation = UINT64_MAX;
  broken[4].weight = 0;
  broken[5].weight = kWeightMax + 1;
  broken[6].data.port = 0;
  broken[7].membership.host.clear();
  broken[8].keyspaces.resize(limits::kMemberKeyspacesMax + 1);
  broken[9].version_min = 2, broken[9].version_max = 1;
  for (const Member& member : broken) {
    EXPECT_TRUE(fault_of(member).has_value());
    Driver me;
    me.hello(member);
    EXPECT_EQ(me.answer().status, Status::invalid_config);
    EXPECT_EQ(me.node.live(), 1U);
    EXPECT_TRUE(me.all<OpenData>().empty());
  }
  EXPECT_FALSE(fault_of(b).has_value());
  Driver me;
  EXPECT_TRUE(me.request(b, Hello{"test", {}}));
  EXPECT_EQ(me.answer().status, Status::invalid_config);
}

// Whoever speaks for itself, and whoever is only named: else one hostile Hello would have us send
// what others ask for to another machine.
TEST(MembershipEntry, OtherMachinesAreNotSpokenToInPlain) {
  const auto on = [](Member member, const std::string& membership, const std::string& data) {
    member.membership.host = membership;
    member.data.host = data;
    return member;
  };
  MembershipOptions options = options_for(on(record("me"), "127.0.0.1", "127.0.0.1"));
  options.loopback_only = true;
  Driver me(options);
  for (const Member& far : {on(b, "192.0.2.1", "127.0.0.1"), on(b, "127.0.0.1", "192.0.2.1")}) {
    me.hello(far);
    EXPECT_EQ(me.answer().status, Status::invalid_config);
    EXPECT_NE(me.answer().message.find("192.0.2.1"), std::string::npos) << me.answer().message;
  }
  me.hello(on(b, "127.0.0.2", "::1"), {on(c, "192.0.2.1", "192.0.2.1")});
  EXPECT_EQ(me.answer().status, Status::ok);
  for (const OpenMembership& opened : me.all<OpenMembership>()) {
    EXPECT_EQ(opened.address.host, "127.0.0.2");
  }
}

// ---- limits -------------------------------------------------------------------------------------

TEST(MembershipEntry, NeverMoreThanPeersMax) {
  MembershipOptions options = options_for(record("me"));
  options.peers_max = 5;
  Driver me(options);
  std::vector<Member> crowd;
  for (int i = 0; i < 40; ++i) crowd.push_back(record("n" + std::to_string(i)));
  me.hello(b, crowd);
  EXPECT_EQ(me.all<OpenMembership>().size(), 5U);
  for (int i = 0; i < 4; ++i) {
    me.hello(crowd[static_cast<size_t>(i)]);
    EXPECT_EQ(me.answer().status, Status::ok);
  }
  me.hello(crowd[20]);
  EXPECT_EQ(me.answer().status, Status::overloaded);
  EXPECT_EQ(me.node.live(), 6U);
  me.discovered({{"x", 1, {}}, {"y", 1, {}}});
  size_t contacts = 0;
  for (const auto& [where, contact] : me.node.contacts()) ++contacts, static_cast<void>(where);
  EXPECT_LE(contacts, 5U);
}

TEST(MembershipEntry, WhoWasLostLongestMakesRoom) {
  MembershipOptions options = options_for(record("me"));
  options.peers_max = 2;
  Driver me(options);
  me.meet(b);
  me.meet(c);
  me.data_down(c, true);
  me.pass(Duration::seconds(15));
  ASSERT_FALSE(me.in_view(c));
  me.data_down(b, true);
  const Member d = record("d");
  me.hello(d);
  EXPECT_EQ(me.answer().status, Status::ok);
  EXPECT_EQ(me.find(c), nullptr);
  ASSERT_NE(me.find(b), nullptr);
  EXPECT_NE(me.opened(d.membership), 0U);
  ASSERT_EQ(me.all<CloseData>().size(), 1U);
  EXPECT_EQ(me.all<CloseData>()[0].member, c.id());
}

TEST(MembershipEntry, WhatIsToldFitsIntoOneFrame) {
  MembershipOptions options = options_for(record("me"));
  options.peers_max = 4096;
  options.self.keyspaces.resize(limits::kMemberKeyspacesMax, {UINT64_MAX, true});
  Driver me(options);
  for (int i = 0; i < 400; ++i) {
    me.meet(at(std::string(200, 'x') + std::to_string(i), UINT64_MAX - 2,
               std::string(240, 'h') + std::to_string(i)));
  }
  std::vector<Member> many;
  for (int i = 0; i < 20; ++i) many.push_back(record("m" + std::to_string(i)));
  me.hello(b, many);  // tells all, so is told all
  const Welcome welcome = me.answer();
  EXPECT_GT(welcome.members.size(), 200U);
  const Result<wire::Parts> parts = wire::encode(Message{{}, welcome});
  ASSERT_TRUE(parts.ok());
  size_t bytes = 0;
  for (const Buffer& part : *parts) bytes += part.size();
  EXPECT_LE(bytes, limits::kMembershipFrameBytesMax);
  EXPECT_TRUE(wire::decode(*parts, wire::DecodeLimits::membership_plane()).ok());
}

// Found by reading: the one whose address was taken over made room in the same instant, and went on
// being probed.
TEST(MembershipEntry, WhoLosesItsAddressAndItsRoomAtOnceIsNotProbedAnyMore) {
  MembershipOptions options = options_for(record("me"));
  options.peers_max = 2;
  Driver me(options);
  Member first = record("x"), second = record("y");
  if (first.id() > second.id()) std::swap(first, second);  // rooms are looked through by id
  me.meet(first);
  me.meet(second);
  me.request(second, Leave{second.name, second.incarnation});
  Member heir = record("heir", 101);
  heir.membership = first.membership;
  me.hello(heir);
  EXPECT_TRUE(me.in_view(heir));
  ASSERT_EQ(me.find(first), nullptr);
  me.data_up(heir);
  me.pass(Duration::seconds(5));
  EXPECT_TRUE(me.in_view(heir));
}

}  // namespace
}  // namespace distcache::core
