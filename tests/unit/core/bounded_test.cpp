#include <gtest/gtest.h>

#include "shard_fixture.h"

// partition = bounded: what a shard does while a majority confirms its node, and beyond.
namespace distcache::core {
namespace {

constexpr Duration kLease = Duration::seconds(1);

class BoundedTest : public testing::Test {
 protected:
  BoundedTest() : at("a", {"a"}, options()) {}
  static ShardOptions options() {
    ShardOptions options = ShardFixture::default_options();
    options.bounded = true;
    options.mirror_lease = kLease;
    return options;
  }
  void confirm(Duration time) {
    const auto missing =
        std::make_shared<const std::vector<std::string>>(std::vector<std::string>{"b", "c"});
    at.shard.confirm(at.now + time, missing, at.now);
  }
  void wait(Duration time) { at.now = at.now + time; }
  // A load of this value, from begin to end.
  void load(const std::string& value) {
    at.get(key, 1);
    const std::vector<FetchStart> started = at.fetches();
    ASSERT_EQ(started.size(), 1U);
    at.answer(started.front().flight, value);
    at.completed();
  }
  bool has() { return at.shard.peek(Key::of(key), at.now).status == Status::ok; }

  ShardFixture at;
  const std::string key = "key";
};

TEST_F(BoundedTest, NothingEndsWhileAMajorityConfirmsIt) {
  confirm(kLease);
  load("value");
  for (int beat = 0; beat < 100; ++beat) {
    wait(kLease / 4);
    confirm(kLease);
    EXPECT_TRUE(has());
  }
  EXPECT_EQ(at.put(key, "new")->status, Status::ok);
}

TEST_F(BoundedTest, WhatItHasIsServedForOneLeaseMore) {
  confirm(kLease);
  load("value");
  wait(kLease * 2 - Duration::ms(1));
  EXPECT_TRUE(has());
  wait(Duration::ms(1));
  EXPECT_FALSE(has());
  EXPECT_FALSE(at.get(key, 2));  // it is loaded again
}

TEST_F(BoundedTest, WhatWasNotServedAnyMoreDoesNotComeBack) {
  confirm(kLease);
  load("value");
  wait(kLease * 2);
  confirm(kLease);
  EXPECT_FALSE(has());
  EXPECT_EQ(at.shard.store().entries(), 0U);
}

TEST_F(BoundedTest, WhoIsConfirmedAgainInTimeKeepsWhatItHas) {
  confirm(kLease);
  load("value");
  wait(kLease * 3 / 2);
  confirm(kLease);
  wait(kLease);
  EXPECT_TRUE(has());
}

TEST_F(BoundedTest, WhatIsLoadedUnconfirmedIsKeptForALeaseFromItsBegin) {
  at.get(key, 1);
  const uint64_t flight = at.fetches().front().flight;
  wait(kLease / 2);
  at.answer(flight, "value");
  EXPECT_TRUE(has());
  wait(kLease / 2);
  EXPECT_FALSE(has());
}

TEST_F(BoundedTest, ALoadThatBeganUnconfirmedIsNotKeptInFull) {
  at.get(key, 1);
  const uint64_t flight = at.fetches().front().flight;
  wait(kLease / 4);
  confirm(kLease * 10);
  at.answer(flight, "value");
  EXPECT_TRUE(has());
  wait(kLease);
  EXPECT_FALSE(has());
}

TEST_F(BoundedTest, ALoadOfAnUnconfirmedOwnerIsJoinedForALease) {
  at.get(key, 1);
  EXPECT_EQ(at.fetches().size(), 1U);
  wait(kLease / 2);
  at.get(key, 2);
  EXPECT_EQ(at.fetches().size(), 0U);
  wait(kLease / 2);
  at.get(key, 3);
  EXPECT_EQ(at.fetches().size(), 1U);
}

TEST_F(BoundedTest, AWriteNamesThoseThatAreMissing) {
  confirm(kLease);
  EXPECT_EQ(at.remove(key)->status, Status::ok);
  wait(kLease);
  const std::optional<Outcome> removed = at.remove(key);
  ASSERT_TRUE(removed);
  EXPECT_EQ(removed->status, Status::partial);
  EXPECT_TRUE(removed->retriable);
  EXPECT_EQ(removed->unconfirmed, (std::vector<std::string>{"b", "c"}));
  EXPECT_NE(removed->message.find("no majority"), std::string::npos) << removed->message;
  EXPECT_EQ(at.put(key, "value")->status, Status::partial);
  EXPECT_TRUE(has());
  wait(kLease);
  EXPECT_FALSE(has());
}

TEST_F(BoundedTest, AKeyspaceThatBecomesBoundedBeginsAnew) {
  ShardOptions serve = options();
  serve.bounded = false;
  at.shard.set_options(serve);
  load("value");
  wait(kLease * 100);
  EXPECT_TRUE(has());
  EXPECT_EQ(at.remove("other")->status, Status::ok);
  at.shard.set_options(options());
  EXPECT_FALSE(has());
  EXPECT_EQ(at.remove("other")->status, Status::partial);
}

}  // namespace
}  // namespace distcache::core
