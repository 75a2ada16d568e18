#include <gtest/gtest.h>

#include "core/shard_fixture.h"

// A delete beats every load in flight (design section 6): the moments at which a delete can come
// relative to a slow load whose source has read the old value, one test each. Removing
// `flight->poisoned = true` or `close_to_readers` from Shard::poison breaks them.
namespace distcache::core {
namespace {

constexpr const char* kOld = "old";
constexpr const char* kNew = "new";

void expect_never_old_again(ShardFixture& node, const std::string& key) {
  const auto held = node.shard.peek(Key::of(key), node.now);
  EXPECT_TRUE(held.status == Status::not_cached || text(held) == kNew) << text(held);
}

TEST(FenceTest, DeleteAfterTheLoadBegan) {
  ShardFixture node;
  node.get("k", 1);
  const uint64_t load = node.fetches()[0].flight;
  EXPECT_EQ(node.remove("k")->status, Status::ok);
  node.answer(load, kOld);
  EXPECT_EQ(text(node.completed()[1]), kOld);  // began before the delete
  expect_never_old_again(node, "k");
  EXPECT_EQ(node.shard.counters().loads_not_stored, 1U);
}

TEST(FenceTest, AReaderAfterTheDeleteDoesNotJoinTheOldLoad) {
  ShardFixture node;
  node.get("k", 1);
  const uint64_t old_load = node.fetches()[0].flight;
  node.remove("k");
  node.get("k", 2);
  const auto fresh = node.fetches();
  ASSERT_EQ(fresh.size(), 1U) << "a load of its own";
  node.answer(old_load, kOld);
  EXPECT_FALSE(node.completed().contains(2));
  node.answer(fresh[0].flight, kNew);
  EXPECT_EQ(text(node.completed()[2]), kNew);
  expect_never_old_again(node, "k");
}

TEST(FenceTest, TheOldLoadEndsAfterTheNewOne) {
  ShardFixture node;
  node.get("k", 1);
  const uint64_t old_load = node.fetches()[0].flight;
  node.remove("k");
  node.get("k", 2);
  node.answer(node.fetches()[0].flight, kNew);
  node.answer(old_load, kOld);
  expect_never_old_again(node, "k");
  EXPECT_EQ(text(*node.get("k", 3)), kNew);
}

TEST(FenceTest, PutDuringTheLoad) {
  ShardFixture node;
  node.get("k", 1);
  const uint64_t load = node.fetches()[0].flight;
  node.put("k", kNew);
  node.answer(load, kOld);
  EXPECT_EQ(text(*node.get("k", 2)), kNew);
}

TEST(FenceTest, PutThenDeleteDuringTheLoad) {
  ShardFixture node;
  node.get("k", 1);
  const uint64_t load = node.fetches()[0].flight;
  node.put("k", kNew);
  node.remove("k");
  node.answer(load, kOld);
  expect_never_old_again(node, "k");
  EXPECT_EQ(node.shard.store().entries(), 0U);
}

TEST(FenceTest, ClearDuringTheLoad) {
  ShardFixture node;
  node.get("k", 1);
  const uint64_t load = node.fetches()[0].flight;
  node.shard.clear(node.now, node.out);
  node.answer(load, kOld);
  expect_never_old_again(node, "k");
}

TEST(FenceTest, TwoDeletesAroundTwoLoads) {
  ShardFixture node;
  node.get("k", 1);
  const uint64_t first = node.fetches()[0].flight;
  node.remove("k");
  node.get("k", 2);
  const uint64_t second = node.fetches()[0].flight;
  node.remove("k");
  node.answer(second, kOld);
  node.answer(first, kOld);
  expect_never_old_again(node, "k");
  EXPECT_EQ(node.shard.store().entries(), 0U);
}

TEST(FenceTest, ADeleteFromAPeerFencesTheOwnersLoad) {
  ShardFixture node("a", {"a", "b"});
  const std::string key = node.key_owned_by("a");
  node.get(key, 1);
  const uint64_t load = node.fetches()[0].flight;
  EXPECT_EQ(node.remove(key, 9, 0, Waiter::Kind::remote)->status, Status::ok);
  node.answer(load, kOld);
  expect_never_old_again(node, key);
}

TEST(FenceTest, ALoadThatLostItsOwnershipMeanwhileIsNotStored) {
  ShardFixture node("a", {"a"});
  ShardFixture both("a", {"a", "b"});
  const std::string key = both.key_owned_by("b");
  node.get(key, 1);
  const uint64_t load = node.fetches()[0].flight;
  node.set_members({"a", "b"});  // deletes go to b from now on
  node.answer(load, kOld);
  EXPECT_EQ(node.completed()[1].status, Status::ok);
  EXPECT_EQ(node.shard.store().entries(), 0U);
}

}  // namespace
}  // namespace distcache::core
