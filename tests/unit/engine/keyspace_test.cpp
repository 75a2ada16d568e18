#include "engine/keyspace.h"

#include <gtest/gtest.h>

#include "base/clock.h"

namespace distcache::engine {
namespace {

class KeyspaceTest : public testing::Test {
 protected:
  static core::KeyspaceConfig config() {
    core::KeyspaceConfig config;
    config.bytes_max = 1 << 20;
    config.loads_max = 2;
    return config;
  }

  std::vector<FetchPtr> fetches(size_t count, Instant deadline) {
    std::vector<FetchPtr> made;
    while (made.size() < count) {
      core::FetchStart start;
      start.key = "a";
      start.deadline = deadline;
      made.push_back(std::make_shared<Fetch>("users", std::move(start), clock_,
                                             std::make_shared<std::atomic<bool>>(false),
                                             [](const core::LoadAnswer&) {}));
    }
    return made;
  }

  SystemClock clock_;
  SeededRng rng_{1};
  const Instant late_ = Instant::never();
  Keyspace keyspace_{"users", config(), nullptr, Allocator::system(), rng_};
  std::vector<FetchPtr> refused_;
};

TEST_F(KeyspaceTest, LoadsAreLimited) {
  EXPECT_EQ(keyspace_.admit(fetches(5, late_), refused_).size(), 2U);
  EXPECT_TRUE(refused_.empty());
  EXPECT_EQ(keyspace_.answered(late_).size(), 1U);
  EXPECT_EQ(keyspace_.answered(late_).size(), 1U);
  EXPECT_EQ(keyspace_.cancel_loads().size(), 1U);
}

TEST_F(KeyspaceTest, LoadsByCallersAreBoundedInAllShardsTogether) {
  core::KeyspaceConfig large = config();
  large.bytes_max = uint64_t{4} << 30;
  Keyspace keyspace{"pages", large, nullptr, Allocator::system(), rng_};
  ASSERT_GT(keyspace.shards(), 1U);
  const Instant now = clock_.now();
  const auto load = [&](const std::string& key) {
    const core::Waiter waiter{core::Waiter::Kind::remote, 1, 1, now + Duration::seconds(5)};
    const core::ReadRequest request{
        waiter, core::kCallLoader | core::kCallStandIn, {}, {}, hash64("b")};
    core::Outbox out;
    return keyspace.with_shard(keyspace.shard_of(hash64(key)), [&](core::Shard& shard) {
      return shard.get(core::Key::of(key), request, now, out);
    });
  };
  constexpr size_t kMost = 8'192;
  size_t granted = 0;
  for (size_t i = 0; i < 2 * kMost; ++i) granted += load(std::to_string(i)) ? 0U : 1U;
  EXPECT_LE(granted, kMost);
  EXPECT_GT(granted, kMost / 2);
}

TEST_F(KeyspaceTest, ALoadThatHangsGivesItsPlaceUp) {
  const Instant soon = Instant::from_ns(1000);
  EXPECT_EQ(keyspace_.admit(fetches(2, soon), refused_).size(), 2U);
  EXPECT_TRUE(keyspace_.admit(fetches(3, late_), refused_).empty());
  EXPECT_TRUE(keyspace_.overdue(Instant::from_ns(999)).empty());
  EXPECT_EQ(keyspace_.overdue(soon).size(), 2U);
  EXPECT_TRUE(keyspace_.answered(soon).empty());  // its answer, at last, frees no second place
  EXPECT_EQ(keyspace_.answered(late_).size(), 1U);
}

TEST_F(KeyspaceTest, WhatWaitsIsBounded) {
  constexpr size_t kMany = 1'000'000;
  size_t admitted = 0;
  while (refused_.empty() && admitted < kMany) {
    static_cast<void>(keyspace_.admit(fetches(100, late_), refused_));
    admitted += 100;
  }
  EXPECT_FALSE(refused_.empty());
  EXPECT_LT(keyspace_.cancel_loads().size(), admitted);
}

}  // namespace
}  // namespace distcache::engine
