#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/cluster/membership_driver.h"

// What members tell of each other, the false and the late too: who is believed, and in what.
namespace distcache::core {
namespace {

const Member b = record("b");
const Member c = record("c");
const Member d = record("d");

Rumour word(Member about, MemberState state, uint64_t revision = 0, MemberId accuser = b.id()) {
  about.keyspaces.clear();
  about.state = state;
  about.revision = revision;
  return {about, state == MemberState::alive ? 0 : accuser, false};
}

void tell(Driver& me, std::vector<Rumour> rumours) {
  EXPECT_TRUE(me.request(b, Gossip{std::move(rumours)}));
}

// What it passes on to b next.
std::vector<Rumour> passed_on(Driver& me) {
  me.request(b, Ping{1, me.node.self().id(), me.node.self().incarnation, {}});
  const std::vector<Answer> answers = me.all<Answer>();
  const Pong* pong = answers.size() == 1 ? std::get_if<Pong>(&answers[0].body) : nullptr;
  EXPECT_NE(pong, nullptr);
  return pong ? pong->rumours : std::vector<Rumour>();
}

// The newest word about the member in what is passed on; nullptr if there is none.
const Rumour* about(const std::vector<Rumour>& rumours, const Member& member) {
  const auto found = std::find_if(rumours.begin(), rumours.end(), [&](const Rumour& rumour) {
    return rumour.about.id() == member.id();
  });
  return found == rumours.end() ? nullptr : &*found;
}

// b, c and d in the view, with links to them.
void befriend_all(Driver& me) {
  for (const Member& member : {b, c, d}) {
    me.discovered({b.membership, c.membership, d.membership});
    me.meet(member);
  }
  for (const auto& [where, contact] : me.node.contacts()) {
    const PeerSlot slot = contact.slot;
    me.link_up(slot);
    me.welcome(slot, record(where.first));
  }
  me.out.clear();
}

TEST(MembershipRumours, AnAccusedNodeSaysThatItLives) {
  Driver me;
  befriend_all(me);
  tell(me, {word(me.node.self(), MemberState::suspect, 7)});
  EXPECT_EQ(me.node.self().revision, 8U);
  const std::vector<Rumour> told = passed_on(me);
  ASSERT_NE(about(told, me.node.self()), nullptr);
  EXPECT_EQ(about(told, me.node.self())->about.state, MemberState::alive);
  EXPECT_EQ(about(told, me.node.self())->about.revision, 8U);
  EXPECT_EQ(me.node.self().incarnation, 100U) << "it is still the same process";
}

TEST(MembershipRumours, AnOldAccusationIsAnsweredWithoutANewWord) {
  Driver me;
  befriend_all(me);
  tell(me, {word(me.node.self(), MemberState::dead, 7)});
  tell(me, {word(me.node.self(), MemberState::suspect, 3)});
  EXPECT_EQ(me.node.self().revision, 8U);
  Member before = me.node.self();
  before.incarnation = 99;
  tell(me, {word(before, MemberState::dead, 20)});
  EXPECT_EQ(me.node.self().revision, 8U) << "that was the process before";
}

TEST(MembershipRumours, ADeathThatOthersTellIsOnlyASuspicion) {
  Driver me;
  befriend_all(me);
  tell(me, {word(c, MemberState::dead)});
  EXPECT_EQ(me.events(), "suspect c");
  EXPECT_TRUE(me.in_view(c));
  tell(me, {word(c, MemberState::alive, 1)});
  EXPECT_EQ(me.events(), "recovered c") << "it speaks up";
  tell(me, {word(c, MemberState::dead)});
  EXPECT_EQ(me.events(), "") << "which was before that";
}

TEST(MembershipRumours, ADeathConfirmsASuspicion) {
  Driver me;
  befriend_all(me);
  tell(me, {word(c, MemberState::suspect)});
  tell(me, {word(c, MemberState::dead)});
  EXPECT_EQ(me.events(), "left c");
  EXPECT_FALSE(me.in_view(c));
}

TEST(MembershipRumours, AStaleAliveIsAnsweredWithTheDeath) {
  Driver me;
  befriend_all(me);
  tell(me, {word(c, MemberState::suspect, 4), word(c, MemberState::dead, 4)});
  while (!passed_on(me).empty()) continue;  // everything has been told
  ASSERT_FALSE(me.in_view(c));
  tell(me, {word(c, MemberState::alive)});
  EXPECT_FALSE(me.in_view(c)) << "hearsay brings nobody back";
  const std::vector<Rumour> told = passed_on(me);
  ASSERT_NE(about(told, c), nullptr);
  EXPECT_EQ(about(told, c)->about.state, MemberState::dead);
}

TEST(MembershipRumours, AnAccusationThatWasRefutedIsAnsweredWithThat) {
  Driver me;
  befriend_all(me);
  tell(me, {word(c, MemberState::alive, 5)});
  while (!passed_on(me).empty()) continue;  // everything has been told
  tell(me, {word(c, MemberState::suspect, 4)});
  EXPECT_EQ(me.events(), "");
  const std::vector<Rumour> told = passed_on(me);
  ASSERT_NE(about(told, c), nullptr);
  EXPECT_EQ(about(told, c)->about.state, MemberState::alive);
  EXPECT_EQ(about(told, c)->about.revision, 5U);
}

TEST(MembershipRumours, ASuspectIsToldAndAskedByEveryNodeThatIsAboutToGiveItUp) {
  Driver me;
  befriend_all(me);
  me.pass(Duration::ms(100));
  tell(me, {word(c, MemberState::suspect)});
  Instant asked;  // and it answers, but not to that
  while (me.in_view(c)) {
    me.pass(Duration::ms(20));
    for (const Ping& ping : me.said<Ping>()) {
      if (ping.target != c.id()) continue;
      asked = me.now;
      const Rumour* accusation = about(ping.rumours, c);
      ASSERT_NE(accusation, nullptr);
      EXPECT_EQ(accusation->about.state, MemberState::suspect);
    }
  }
  EXPECT_LE(me.now - asked, SwimOptions().probe_interval + Duration::ms(40));
}

TEST(MembershipRumours, ANewerAliveIsAReasonToAskTheMember) {
  Driver me;
  befriend_all(me);
  tell(me, {word(c, MemberState::suspect), word(c, MemberState::dead)});
  ASSERT_FALSE(me.in_view(c));
  tell(me, {word(c, MemberState::alive, 5)});
  EXPECT_FALSE(me.in_view(c));
  ASSERT_EQ(me.said<Hello>().size(), 1U) << "it is asked to speak for itself";
  const std::vector<Member> told = me.said<Hello>()[0].members;
  ASSERT_GE(told.size(), 2U);
  EXPECT_EQ(told[1].id(), c.id());
  EXPECT_EQ(told[1].state, MemberState::dead) << "and hears what is thought of it";
}

TEST(MembershipRumours, StrangersAccuseNobody) {
  Driver me;
  befriend_all(me);
  for (uint64_t stranger = 1; stranger <= 100; ++stranger) {
    tell(me, {word(c, MemberState::suspect, 0, stranger)});
    EXPECT_EQ(me.events(), "");
  }
}

TEST(MembershipRumours, AnotherProcessOfTheNameIsNotAccused) {
  Driver me;
  befriend_all(me);
  tell(me, {word(record("c", 99), MemberState::suspect, 9)});
  tell(me, {word(record("c", 101), MemberState::dead, 9)});
  EXPECT_EQ(me.events(), "");
  EXPECT_EQ(me.find(c)->record.state, MemberState::alive);
}

TEST(MembershipRumours, ASuspectIsTheFirstToBeTold) {
  Driver me;
  befriend_all(me);
  me.mute.insert(c.id());
  tell(me, {word(c, MemberState::suspect)});
  me.pass(Duration::seconds(2));
  bool told = false;
  for (const Ping& ping : me.said<Ping>()) {
    if (ping.target != c.id()) continue;
    ASSERT_FALSE(ping.rumours.empty());
    EXPECT_EQ(ping.rumours[0].about.id(), c.id());
    EXPECT_EQ(ping.rumours[0].about.state, MemberState::suspect);
    told = true;
  }
  EXPECT_TRUE(told);
}

// Confirmations may all be lost: the suspicion takes its longest time then, and ends.
TEST(MembershipRumours, ASuspicionThatNobodyConfirmsEnds) {
  Driver me;
  befriend_all(me);
  me.mute.insert(c.id());
  me.pass(Duration::seconds(10));
  EXPECT_TRUE(me.in_view(c));
  EXPECT_EQ(me.find(c)->record.state, MemberState::suspect);
  me.pass(Duration::seconds(10));
  EXPECT_FALSE(me.in_view(c));
  EXPECT_TRUE(me.in_view(b) && me.in_view(d));
}

TEST(MembershipRumours, AFloodOfMadeUpMembersIsBoundedAndNotPassedOn) {
  Driver me;
  befriend_all(me);
  while (!passed_on(me).empty()) continue;
  for (int i = 0; i < 10'000; i += 10) {
    std::vector<Rumour> flood;
    for (int k = i; k < i + 10; ++k) {
      flood.push_back(word(record("x" + std::to_string(k)), static_cast<MemberState>(k % 4)));
    }
    tell(me, flood);
  }
  size_t contacts = 0;
  for (const auto& [where, contact] : me.node.contacts()) ++contacts, static_cast<void>(where);
  EXPECT_LE(contacts, 256U) << "peers.max";
  EXPECT_EQ(me.node.members().size(), 4U);
  EXPECT_TRUE(passed_on(me).empty());
}

TEST(MembershipRumours, AForgedHighestRevisionIsRefutedByANewIncarnation) {
  for (const uint64_t forged : {UINT64_MAX, UINT64_MAX - 1, UINT64_MAX - 2, UINT64_MAX / 2}) {
    Driver me;
    me.meet(record("b"));
    Rumour rumour{me.node.self(), record("b").id(), false};
    rumour.about.state = MemberState::suspect;
    rumour.about.revision = forged;
    me.request(record("b"), Gossip{{rumour}});
    EXPECT_GT(me.node.self().incarnation, 100U) << forged;
    EXPECT_LT(me.node.self().revision, 10U) << forged;
    EXPECT_TRUE(me.view_changed());
  }
}

}  // namespace
}  // namespace distcache::core
