#include <gtest/gtest.h>

#include "shard_fixture.h"

// Hot keys, lent by their owner and taken back before a write is answered.
namespace distcache::core {
namespace {

constexpr Duration kLease = Duration::seconds(1);
const MemberId kA = hash64("a"), kB = hash64("b");

ShardOptions mirrored(MirrorMode mode) {
  ShardOptions options = ShardFixture::default_options();
  options.mirror = mode;
  options.mirror_lease = kLease;
  options.mirror_bytes_max = 1 << 20;
  return options;
}

class OwnerTest : public testing::Test {
 protected:
  explicit OwnerTest(MirrorMode mode = MirrorMode::all)
      : node("a", {"a", "b", "c"}, mirrored(mode)), key(node.key_owned_by("a")) {
    node.pass(kLease * 2);  // what its predecessors lent has ended
    node.put(key, "old");
  }
  // b's question; the answer, if it is known at once.
  std::optional<Outcome> asked(uint64_t id = 1, MemberId by = kB) {
    const Waiter waiter{Waiter::Kind::remote, 0, id, node.now + Duration::seconds(5), by};
    return node.shard.get(Key::of(key), {waiter, kCallKeeps, {}, {}}, node.now, node.out);
  }
  std::vector<RecallStart> recalls() { return std::exchange(node.out.recalls, {}); }
  void returned(const RecallStart& recall) {
    node.shard.on_recalled(recall.flight, recall.holder, Key::of(key), node.now, node.out);
  }

  ShardFixture node;
  const std::string key;
};

TEST_F(OwnerTest, AWriteIsAnsweredWhenTheHolderHasDroppedTheKey) {
  EXPECT_EQ(asked()->lease, kLease);
  EXPECT_FALSE(node.remove(key, 7));
  const std::vector<RecallStart> recall = recalls();
  ASSERT_EQ(recall.size(), 1);
  EXPECT_EQ(recall[0].holder, kB);
  EXPECT_EQ(recall[0].key, key);
  EXPECT_TRUE(node.completed().empty());
  returned(recall[0]);
  EXPECT_EQ(node.completed().at(7).status, Status::ok);
  EXPECT_EQ(node.remove(key, 8)->status, Status::ok);  // nobody has it any more
  EXPECT_EQ(node.shard.flights(), 0);
}

TEST_F(OwnerTest, AWriteOfAKeyThatWasNotLentAsksNobody) {
  EXPECT_EQ(node.put(key, "new")->status, Status::ok);
  EXPECT_TRUE(recalls().empty());
}

TEST_F(OwnerTest, EveryHolderHasToAnswer) {
  asked(1, kB);
  asked(2, hash64("c"));
  EXPECT_FALSE(node.put(key, "new", 7));
  const std::vector<RecallStart> recall = recalls();
  ASSERT_EQ(recall.size(), 2);
  returned(recall[0]);
  returned(recall[0]);
  EXPECT_TRUE(node.completed().empty());
  returned(recall[1]);
  EXPECT_EQ(node.completed().at(7).status, Status::ok);
}

TEST_F(OwnerTest, ASilentHoldersLeaseRunsOut) {
  asked();
  node.remove(key, 7);
  node.pass(kLease);
  EXPECT_TRUE(node.completed().empty());  // its clock may be slower
  node.pass(kLease / 10);
  EXPECT_EQ(node.completed().at(7).status, Status::ok);
  EXPECT_EQ(node.shard.flights(), 0);
}

TEST_F(OwnerTest, AWriterWithoutThatMuchTimeIsToldWhomItHasMissed) {
  asked();
  WriteRequest request;
  request.kind = CallKind::remove;
  request.waiter = {Waiter::Kind::local, 0, 7, node.now + Duration::ms(400)};
  EXPECT_FALSE(node.write(key, request));
  node.pass(Duration::ms(380));
  ASSERT_EQ(node.out.completions.size(), 1);
  EXPECT_EQ(node.out.completions[0].unconfirmed, std::vector<MemberId>{kB});
  const Outcome outcome = node.completed().at(7);
  EXPECT_EQ(outcome.status, Status::partial);
  EXPECT_TRUE(outcome.retriable);
}

TEST_F(OwnerTest, ASecondWriteWaitsForTheSameHolder) {
  asked();
  node.put(key, "newer", 7);
  const std::vector<RecallStart> first = recalls();
  EXPECT_FALSE(node.put(key, "newest", 8));
  const std::vector<RecallStart> second = recalls();
  ASSERT_EQ(second.size(), 1);
  returned(first.at(0));
  EXPECT_EQ(node.completed().size(), 1);
  returned(second.at(0));
  EXPECT_EQ(node.completed().at(8).status, Status::ok);
}

TEST_F(OwnerTest, WhatWasLentDuringARecallIsRecalledByTheNextWrite) {
  asked();
  node.put(key, "newer", 7);
  const std::vector<RecallStart> first = recalls();
  EXPECT_EQ(text(*asked(2)), "newer");
  returned(first.at(0));
  EXPECT_EQ(node.completed().at(7).status, Status::ok);
  EXPECT_FALSE(node.put(key, "newest", 8));
}

TEST_F(OwnerTest, WhatIsLoadedIsLentUnlessAWriteFencedIt) {
  node.remove(key, 7);
  EXPECT_FALSE(asked(1));
  node.answer(node.fetches().at(0).flight, "loaded");
  EXPECT_EQ(node.completed().at(1).lease, kLease);

  node.pass(kLease * 2);
  node.remove(key, 8);
  EXPECT_FALSE(asked(2));
  const uint64_t load = node.fetches().at(0).flight;
  EXPECT_EQ(node.remove(key, 9)->status, Status::ok);
  node.answer(load, "fenced");
  EXPECT_EQ(node.completed().at(2).lease, Duration());
}

TEST_F(OwnerTest, NobodyIsLentWhatItDoesNotKeep) { EXPECT_EQ(asked(1, 0)->lease, Duration()); }

TEST_F(OwnerTest, AStandInLendsNothing) {
  node.set_members({"a", "b", "c"}, {"c"});
  std::string other;
  for (int i = 0; other.empty(); ++i) {
    const std::string one = "other-" + std::to_string(i);
    const bool of_c = node.view->owner_or_lost(hash64(one))->name == "c";
    if (of_c && node.view->self_acts(hash64(one))) other = one;
  }
  node.put(other, "value");
  const Waiter waiter{Waiter::Kind::remote, 0, 1, node.now + Duration::seconds(5), kB};
  EXPECT_EQ(node.shard.get(Key::of(other), {waiter, 0, {}, {}}, node.now, node.out)->lease,
            Duration());
}

TEST_F(OwnerTest, ClearTakesEverythingBack) {
  asked();
  node.shard.clear(node.now, node.out);
  const std::vector<RecallStart> recall = recalls();
  ASSERT_EQ(recall.size(), 1);
  EXPECT_EQ(recall[0].holder, kB);
  EXPECT_TRUE(recall[0].key.empty());
}

TEST_F(OwnerTest, CloseTellsAWaitingWriterWhomItHasMissed) {
  asked();
  node.remove(key, 7);
  node.shard.close(Outcome::failure(Status::closed, "closed"), node.now, node.out);
  EXPECT_EQ(node.completed().at(7).status, Status::partial);
}

class HotOwnerTest : public OwnerTest {
 protected:
  HotOwnerTest() : OwnerTest(MirrorMode::hot) {}
};

TEST_F(HotOwnerTest, OnlyWhatIsAskedForOftenIsLent) {
  EXPECT_EQ(asked()->lease, Duration());
  int times = 1;
  while (times < 100 && asked()->lease == Duration()) ++times;
  EXPECT_EQ(times, 9);
  node.pass(Duration::seconds(10));
  EXPECT_EQ(asked()->lease, Duration());
}

TEST_F(HotOwnerTest, ReadsOfTheOwnerItselfDoNotCount) {
  for (uint64_t i = 0; i < 100; ++i) node.get(key, i);
  EXPECT_EQ(asked()->lease, Duration());
}

class HolderTest : public testing::Test {
 protected:
  HolderTest() : node("b", {"a", "b"}, mirrored(MirrorMode::all)), key(node.key_owned_by("a")) {}

  uint64_t ask() {
    EXPECT_FALSE(node.get(key, 1));
    const std::vector<CallStart> calls = node.calls();
    EXPECT_EQ(calls.size(), 1);
    EXPECT_TRUE(calls.at(0).call.flags & kCallKeeps);
    node.shard.seal(calls.at(0).flight, node.now);
    return calls.at(0).flight;
  }
  void lent(uint64_t flight, const std::string& value, uint64_t counter = 1,
            Duration ttl = Duration::max()) {
    Reply reply;
    reply.status = Status::ok;
    reply.flags = kReplyHot;
    reply.value = Buffer::copy_of(value);
    reply.version = {1, kA, counter};
    reply.lease = kLease;
    reply.ttl = ttl;
    node.shard.on_reply(flight, reply, node.now, node.out);
    node.completed();
  }
  std::optional<Outcome> hit() { return node.shard.hit(Key::of(key), node.now); }
  void recall(uint64_t counter = 2) {
    node.shard.on_recall(kA, Key::of(key), {1, kA, counter}, node.now);
  }

  ShardFixture node;
  const std::string key;
};

TEST_F(HolderTest, AMirrorIsServedUntilItsLeaseEnds) {
  lent(ask(), "value");
  EXPECT_EQ(hit()->origin, Origin::mirror);
  EXPECT_EQ(text(*hit()), "value");
  node.now = node.now + kLease;
  EXPECT_FALSE(hit());
}

TEST_F(HolderTest, TheLeaseCountsFromWhenTheCallWasSent) {
  const uint64_t flight = ask();
  node.now = node.now + Duration::ms(600);
  lent(flight, "value");
  EXPECT_TRUE(hit());
  node.now = node.now + Duration::ms(400);
  EXPECT_FALSE(hit());

  const uint64_t slow = ask();
  node.now = node.now + kLease;
  lent(slow, "value");
  EXPECT_FALSE(hit());
}

TEST_F(HolderTest, AMirrorExpiresWithItsValue) {
  lent(ask(), "value", 1, Duration::ms(10));
  EXPECT_TRUE(hit());
  node.now = node.now + Duration::ms(10);
  EXPECT_FALSE(hit());
}

TEST_F(HolderTest, ARecallDropsWhatIsOlder) {
  lent(ask(), "old", 1);
  recall(2);
  EXPECT_FALSE(hit());
  node.now = node.now + Duration::us(1);
  lent(ask(), "new", 3);
  recall(2);  // once more, late
  EXPECT_TRUE(hit());
}

TEST_F(HolderTest, AReplyThatARecallHasOvertakenIsNotKept) {
  const uint64_t flight = ask();
  recall();
  lent(flight, "old");
  EXPECT_FALSE(hit());
  node.now = node.now + Duration::us(1);
  lent(ask(), "new", 3);
  EXPECT_TRUE(hit());
}

TEST_F(HolderTest, WhoHasReadTheNewerValueIsNotServedTheOlder) {
  const uint64_t first = ask(), second = ask();
  lent(ask(), "old", 1);
  EXPECT_TRUE(hit());
  Reply newer;
  newer.status = Status::ok;
  newer.value = Buffer::copy_of("new");
  newer.version = {1, kA, 2};
  node.shard.on_reply(first, newer, node.now, node.out);  // its recall was lost
  EXPECT_FALSE(hit());

  lent(ask(), "old", 3);
  Reply gone;
  gone.status = Status::not_found;
  node.shard.on_reply(second, gone, node.now, node.out);
  EXPECT_FALSE(hit());
}

TEST_F(HolderTest, AWriteOfItsOwnDropsTheMirrorAndWhatIsUnderWay) {
  lent(ask(), "old");
  EXPECT_FALSE(node.put(key, "new", 5));
  node.calls();
  EXPECT_FALSE(hit());

  const uint64_t flight = ask();
  node.now = node.now + Duration::us(1);
  EXPECT_FALSE(node.put(key, "newer", 6));
  lent(flight, "old");
  EXPECT_FALSE(hit());
}

TEST_F(HolderTest, ARecallByTheNextOwnerDropsWhatTheFormerOneLent) {
  lent(ask(), "old", 5);
  node.shard.on_recall(hash64("z"), Key::of(key), {1, hash64("z"), 1}, node.now);
  EXPECT_FALSE(hit());
}

TEST_F(HolderTest, MirrorsGoWithTheirOwner) {
  lent(ask(), "old");
  node.set_members({"a", "b"}, {"a"});
  EXPECT_FALSE(hit());
}

TEST_F(HolderTest, MirrorsGoWhenTheirOwnerIsAnotherProcess) {
  lent(ask(), "old");
  std::vector<ViewMember> members = node.view->members();
  for (ViewMember& member : members) ++member.incarnation;
  node.set_view(std::make_shared<const View>(kB, members));
  EXPECT_FALSE(hit());
}

TEST_F(HolderTest, WhatAnotherMemberLentStaysWhenOneTakesAllBack) {
  lent(ask(), "value");
  node.shard.drop_lent(hash64("z"), node.now);
  EXPECT_TRUE(hit());
  node.shard.on_recall(kA, Key{}, {}, node.now);
  EXPECT_FALSE(hit());
}

TEST_F(HolderTest, OtherMembersAreNotServedFromMirrors) {
  lent(ask(), "value");
  EXPECT_EQ(node.get(key, 9, 0, Waiter::Kind::remote)->status, Status::not_owner);
}

TEST_F(HolderTest, MirrorsAreLimited) {
  ShardOptions options = mirrored(MirrorMode::all);
  options.mirror_bytes_max = 1'000;
  node.shard.set_options(options);
  lent(ask(), std::string(2'000, 'x'));
  EXPECT_FALSE(hit());
  lent(ask(), std::string(200, 'x'));
  EXPECT_TRUE(hit());
  EXPECT_GT(node.shard.store().mirror_bytes(), 200);
  EXPECT_LE(node.shard.store().mirror_bytes(), 1'000);
  recall();
  EXPECT_EQ(node.shard.store().mirror_bytes(), 0);
}

TEST_F(HolderTest, WithoutMirrorsNothingIsKept) {
  node.shard.set_options(mirrored(MirrorMode::off));
  EXPECT_FALSE(node.get(key, 1));
  const std::vector<CallStart> calls = node.calls();
  EXPECT_FALSE(calls.at(0).call.flags & kCallKeeps);
  node.shard.seal(calls.at(0).flight, node.now);
  lent(calls.at(0).flight, "value");
  EXPECT_FALSE(hit());
}

}  // namespace
}  // namespace distcache::core
