#include <gtest/gtest.h>

#include "shard_fixture.h"

// A write that its key's owner misses: who has to know of it, so that the owner hears of it when it
// is back, whoever else is gone by then.
namespace distcache::core {
namespace {

// The candidates of a key in a ring of a, b and c, the owner first.
struct Ranking {
  explicit Ranking(const ShardFixture& node)
      : owner("a"), key(node.key_owned_by(owner)), second(name_of(candidate(node, hash64(owner)))) {
    third = name_of(candidate(node, hash64(second)));
  }
  MemberId candidate(const ShardFixture& node, MemberId after) const {
    return node.view->next_candidate(hash64(key), after);
  }
  static std::string name_of(MemberId id) {
    for (const char* name : {"a", "b", "c"}) {
      if (hash64(name) == id) return name;
    }
    return {};
  }

  std::string owner, key, second, third;
};

const std::vector<std::string> kAll = {"a", "b", "c"};

TEST(MissedWrite, TheNextCandidateIsAWitnessOfWhatWasAppliedHere) {
  const Ranking ranking{ShardFixture("b", kAll)};
  ShardFixture node(ranking.second, kAll);
  node.set_members(kAll, {ranking.owner});

  const auto outcome = node.remove(ranking.key);

  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->status, Status::partial);
  ASSERT_EQ(node.out.missed.size(), 1U);
  EXPECT_EQ(node.out.missed[0].member, hash64(ranking.owner));
  EXPECT_EQ(node.out.missed[0].witness, hash64(ranking.third));
}

TEST(MissedWrite, AStandInOwesItToTheOwnerAsWellAndSaysSoWhereItActs) {
  const Ranking ranking{ShardFixture("b", kAll)};
  ShardFixture reaches_owner(ranking.second, kAll);
  auto outcome = reaches_owner.remove(ranking.key, 1, kCallStandIn, Waiter::Kind::remote);
  EXPECT_EQ(outcome->status, Status::ok) << "the asker knows whom it does not reach";
  ASSERT_EQ(reaches_owner.out.missed.size(), 1U);
  EXPECT_EQ(reaches_owner.out.missed[0].member, hash64(ranking.owner));

  ShardFixture acts(ranking.second, kAll);
  acts.set_members(kAll, {ranking.owner});
  outcome = acts.remove(ranking.key, 1, 0, Waiter::Kind::remote);
  EXPECT_EQ(outcome->status, Status::partial) << "the asker may never have met the owner";
  EXPECT_EQ(outcome->unconfirmed, std::vector<std::string>{ranking.owner});
}

TEST(MissedWrite, AWitnessTellsNoFurtherWitness) {
  const Ranking ranking{ShardFixture("b", kAll)};
  ShardFixture node(ranking.second, kAll);
  node.set_members(kAll, {ranking.owner});
  node.remove(ranking.key, 1, kCallStandIn | kCallRepair, Waiter::Kind::remote);
  ASSERT_EQ(node.out.missed.size(), 1U);
  EXPECT_EQ(node.out.missed[0].witness, 0U);
}

TEST(MissedWrite, NamesWhoWasNotReachedOnceWhoeverSaysIt) {
  const Ranking ranking{ShardFixture("b", kAll)};
  ShardFixture node(ranking.third, kAll);
  node.set_members(kAll, {ranking.owner});
  EXPECT_FALSE(node.remove(ranking.key, 1));
  Reply reply;
  reply.status = Status::partial;
  reply.unconfirmed = {ranking.owner};
  node.shard.on_reply(node.calls().at(0).flight, reply, node.now, node.out);
  const Outcome outcome = node.completed().at(1);
  EXPECT_EQ(outcome.status, Status::partial);
  EXPECT_EQ(outcome.unconfirmed, std::vector<std::string>{ranking.owner});
}

TEST(MissedWrite, WhoIsBackIsAskedAgain) {
  const Ranking ranking{ShardFixture("b", kAll)};
  ShardFixture node(ranking.third, kAll);
  EXPECT_FALSE(node.get(ranking.key, 1));
  const uint64_t ask = node.calls().at(0).flight;
  node.set_members(kAll, {ranking.owner});
  node.shard.on_call_failed(ask, true, node.now, node.out);
  EXPECT_EQ(node.calls().at(0).to, hash64(ranking.second));

  node.set_members(kAll);
  node.shard.on_call_failed(ask, true, node.now, node.out);

  EXPECT_TRUE(node.fetches().empty()) << "the owner may be loading it";
  EXPECT_EQ(node.calls().at(0).to, hash64(ranking.owner));
}

}  // namespace
}  // namespace distcache::core
