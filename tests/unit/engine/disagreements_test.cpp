#include "engine/disagreements.h"

#include <gtest/gtest.h>

#include "hand_driven.h"

namespace distcache::engine {
namespace {

using Ids = std::vector<core::MemberId>;

class DisagreementsTest : public testing::Test {
 protected:
  // Members say every 10 ms that they see another ring, for so long.
  void differ(const Ids& members, Duration time) {
    for (const Instant end = now + time; now < end; now = now + Duration::ms(10)) {
      for (const core::MemberId member : members) disagreements.note(member, kPages, now);
      take();
    }
  }
  void take() {
    const Disagreements::Due due = disagreements.take(now);
    compared.insert(compared.end(), due.compare.begin(), due.compare.end());
    told.insert(told.end(), due.tell.begin(), due.tell.end());
    settled.insert(settled.end(), due.settled.begin(), due.settled.end());
  }

  static constexpr core::KeyspaceId kPages = 10, kUsers = 11;
  Disagreements disagreements;
  Instant now = Instant::from_ns(1'000'000'000);
  Ids compared, told, settled;
};

TEST_F(DisagreementsTest, ChangesUnderWayAreNone) {
  for (int change = 0; change < 50; ++change) {
    differ({1, 2}, Duration::ms(150));
    for (const core::MemberId member : {1, 2}) disagreements.agree(member, kPages);
    now = now + Duration::ms(150);
    take();
  }
  EXPECT_TRUE(compared.empty() && told.empty() && settled.empty());
}

TEST_F(DisagreementsTest, OneThatNobodySpokeOfSinceIsNone) {
  differ({1}, Duration::ms(20));
  for (int i = 0; i < 100; ++i, now = now + Duration::ms(100)) take();
  EXPECT_TRUE(compared.empty() && told.empty());
}

TEST_F(DisagreementsTest, WhatGoesOnIsComparedNowAndThenAndToldOnce) {
  differ({1}, Duration::seconds(10));
  EXPECT_GE(compared.size(), 9U);
  EXPECT_LE(compared.size(), 11U);
  EXPECT_EQ(told, Ids{1});
  disagreements.agree(1, kUsers);  // of another keyspace
  disagreements.agree(2, kPages);
  take();
  EXPECT_TRUE(settled.empty());
  disagreements.agree(1, kPages);
  take();
  EXPECT_EQ(settled, Ids{1});

  differ({1}, Duration::seconds(4));  // the next one is told again
  EXPECT_EQ(told, (Ids{1, 1}));
}

TEST_F(DisagreementsTest, ASignNowAndThenIsEnough) {
  for (int i = 0; i < 10; ++i, now = now + Duration::seconds(5)) {
    disagreements.note(1, kPages, now);
    take();
  }
  EXPECT_EQ(compared.size(), 9U);
  EXPECT_EQ(told, Ids{1});
}

TEST_F(DisagreementsTest, ForgedSendersAreBounded) {
  for (core::MemberId member = 1; member < 150'000; ++member) {
    disagreements.note(member, kPages, now);
  }
  now = now + Duration::seconds(4);
  for (core::MemberId member = 1; member < 150'000; ++member) {
    disagreements.note(member, kPages, now);
  }
  take();
  EXPECT_EQ(compared.size(), limits::kMembersMax);
  now = now + Duration::seconds(100);
  take();
  disagreements.note(200'000, kPages, now);  // there is room again
  now = now + Duration::seconds(4);
  disagreements.note(200'000, kPages, now);
  compared.clear();
  take();
  EXPECT_EQ(compared, Ids{200'000});
}

// ---- where they come from -----------------------------------------------------------------------

class ViewIdTest : public testing::Test {
 protected:
  core::Reply call(uint64_t view_id, core::CallKind kind = core::CallKind::get) {
    core::Call call;
    call.id = 7;
    call.kind = kind;
    call.keyspace = keyspace->id();
    call.view_id = view_id;
    call.key = "key";
    call.deadline = Duration::seconds(1);
    FetchGroup fetches;
    return side.node->on_call(1, hash64("b"), call, {}, fetches).value_or(core::Reply{});
  }
  Ids compared() {
    Ids all;
    for (int i = 0; i < 30; ++i) {
      const Disagreements::Due due = side.node->disagreements().take(side.time.at);
      all.insert(all.end(), due.compare.begin(), due.compare.end());
      side.time.at = side.time.at + Duration::ms(10);
      call(keyspace->view_id() + 1);
    }
    return all;
  }

  HandDriven side;
  KeyspacePtr keyspace = side.add_keyspace();
};

TEST_F(ViewIdTest, ARequestUnderAnotherRingIsAnsweredCountedAndFollowed) {
  EXPECT_EQ(call(keyspace->view_id()).view_id, keyspace->view_id());
  EXPECT_EQ(call(0).view_id, keyspace->view_id()) << "a member that does not tell";
  EXPECT_EQ(keyspace->disagreements(), 0U);

  const core::Reply reply = call(keyspace->view_id() + 1);
  EXPECT_EQ(reply.status, Status::not_owner) << "by this node's own view";
  EXPECT_EQ(reply.view_id, keyspace->view_id());
  EXPECT_EQ(call(keyspace->view_id() + 1, core::CallKind::put).status, Status::not_owner);
  EXPECT_EQ(keyspace->disagreements(), 2U);
  EXPECT_EQ(compared(), Ids{hash64("b")});
}

TEST_F(ViewIdTest, AReplyUnderAnotherRingIsCountedToo) {
  core::Reply reply;
  reply.view_id = keyspace->view_id() + 1;
  side.node->on_reply({keyspace, 0, 4711}, hash64("b"), reply);
  EXPECT_EQ(keyspace->disagreements(), 1U);
  EXPECT_EQ(compared(), Ids{hash64("b")});
}

}  // namespace
}  // namespace distcache::engine
