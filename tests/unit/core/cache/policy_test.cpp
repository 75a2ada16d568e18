#include "core/cache/policy.h"

#include <gtest/gtest.h>

#include <string>

#include "core/cache/ghosts.h"
#include "core/cache/policy_queue.h"
#include "core/cache/store.h"
#include "core/cache/test_allocator.h"

namespace distcache::core {
namespace {

constexpr Instant kNow = Instant::from_ns(1);

void put(Store& store, const std::string& name, size_t bytes = 1) {
  NewEntry fresh;
  fresh.value = Buffer::uninitialized(bytes);
  store.put(Key::of(name), std::move(fresh), kNow);
}

bool holds(const Store& store, const std::string& name) {
  return store.peek(Key::of(name), kNow) != nullptr;
}

void fill(Store& store, const std::string& prefix, int count, size_t bytes = 1) {
  for (int i = 0; i < count; ++i) {
    const std::string name = prefix + std::to_string(i);
    if (!store.find(Key::of(name), kNow)) put(store, name, bytes);
  }
}

int survivors(const Store& store, const std::string& prefix, int count) {
  int left = 0;
  for (int i = 0; i < count; ++i) left += holds(store, prefix + std::to_string(i)) ? 1 : 0;
  return left;
}

TEST(Policy, Names) {
  for (const char* name : {"auto", "s3fifo", "lru"}) {
    EXPECT_NE(make_policy(name, Allocator::system()), nullptr) << name;
  }
  EXPECT_EQ(make_policy("", Allocator::system()), nullptr);
  EXPECT_EQ(make_policy("LRU", Allocator::system()), nullptr);
}

// A hot set of half the cache, then a walk over ten times the cache.
int survivors_of_scan(const char* policy) {
  Store store({{SIZE_MAX, 1000}, policy, 1}, Allocator::system());
  for (int round = 0; round < 4; ++round) fill(store, "hot", 500);
  fill(store, "scan", 10'000);
  return survivors(store, "hot", 500);
}

TEST(Policy, HotSetSurvivesScan) {
  EXPECT_GE(survivors_of_scan("auto"), 495);
  EXPECT_EQ(survivors_of_scan("lru"), 0) << "what the test must be able to see";
}

// Many small hot values, and a walk over large ones: what counts is the room they take.
int survivors_of_large_scan(const char* policy) {
  Store store({{4 << 20, SIZE_MAX}, policy, 1}, Allocator::system());
  for (int round = 0; round < 4; ++round) fill(store, "hot", 5000, 200);
  fill(store, "scan", 400, 100'000);
  return survivors(store, "hot", 5000);
}

TEST(Policy, HotSetSurvivesScanOfLargeValues) {
  EXPECT_GE(survivors_of_large_scan("auto"), 4900);
  EXPECT_EQ(survivors_of_large_scan("lru"), 0);
}

TEST(Lru, EvictsTheLeastRecentlyUsed) {
  Store store({{SIZE_MAX, 3}, "lru", 1}, Allocator::system());
  fill(store, "", 3);
  store.find(Key::of("0"), kNow);
  put(store, "3");
  EXPECT_FALSE(holds(store, "1"));
  store.peek(Key::of("2"), kNow);  // no use
  put(store, "4");
  EXPECT_FALSE(holds(store, "2"));
  put(store, "0");  // replacing is a use
  put(store, "5");
  EXPECT_TRUE(holds(store, "0"));
  EXPECT_FALSE(holds(store, "3"));
}

TEST(S3Fifo, WhatComesBackSoonStays) {
  Store store({{SIZE_MAX, 100}, "s3fifo", 1}, Allocator::system());
  fill(store, "base", 100);
  put(store, "again");
  fill(store, "wave", 110);
  ASSERT_FALSE(holds(store, "again")) << "seen once, washed out";
  put(store, "again");
  fill(store, "flood", 1000);
  EXPECT_TRUE(holds(store, "again")) << "its ghost sent it to the main queue";
}

// Requests with nothing but recency in them: a window that moves on. Fixed shares lose here.
TEST(S3Fifo, LearnsRecency) {
  const auto hits = [](const char* policy) {
    Store store({{SIZE_MAX, 50}, policy, 1}, Allocator::system());
    int count = 0;
    uint64_t random = 1;
    for (int i = 0; i < 100'000; ++i) {
      random = random * 6364136223846793005 + 1442695040888963407;
      const std::string name = std::to_string(i / 10 - static_cast<int>((random >> 33) % 40));
      if (store.find(Key::of(name), kNow)) {
        ++count;
      } else {
        put(store, name);
      }
    }
    return count;
  };
  EXPECT_GE(hits("s3fifo"), hits("lru") * 97 / 100);
}

TEST(S3Fifo, ReplacingKeepsThePlaceInTheQueue) {
  Store store({{SIZE_MAX, 100}, "s3fifo", 1}, Allocator::system());
  for (int round = 0; round < 4; ++round) fill(store, "hot", 50);
  fill(store, "first", 200);
  for (int i = 0; i < 50; ++i) put(store, "hot" + std::to_string(i), 500);
  fill(store, "second", 500);
  EXPECT_EQ(survivors(store, "hot", 50), 50);
}

TEST(PolicyQueue, CountsWhatItHolds) {
  NewEntry small;
  NewEntry large;
  large.value = Buffer::uninitialized(1000);
  Entry* first = Entry::create(Key::of("a"), small, Allocator::system());
  Entry* second = Entry::create(Key::of("b"), small, Allocator::system());
  Entry* other = Entry::create(Key::of("a"), large, Allocator::system());
  PolicyQueue queue;
  queue.push(*first);
  queue.push(*second);
  EXPECT_EQ(queue.cost(), first->cost() + second->cost());
  queue.replace(*first, *other);
  EXPECT_EQ(&queue.oldest(), other);
  EXPECT_EQ(queue.cost(), other->cost() + second->cost());
  queue.remove(*other);
  EXPECT_EQ(&queue.oldest(), second);
  EXPECT_EQ(queue.cost(), second->cost());
  EXPECT_EQ(queue.size(), 1u);
  for (Entry* entry : {first, second, other}) Entry::destroy(*entry, Allocator::system());
}

TEST(Ghosts, RemembersTheLastOnes) {
  TestAllocator allocator;
  for (const size_t span : {size_t{1}, size_t{10}, size_t{1000}, size_t{100'000}}) {
    Ghosts ghosts(allocator);
    for (uint64_t i = 0; i < 3 * span; ++i) {
      ghosts.insert(mix64(i), i % 3 == 0 ? Ghosts::Kind::small : Ghosts::Kind::main, span);
    }
    EXPECT_EQ(ghosts.bytes(), allocator.live_bytes);
    EXPECT_LE(ghosts.bytes(), 200 + span * 8);
    uint64_t young = 0;
    uint64_t old = 0;
    uint64_t mistaken = 0;
    for (uint64_t i = 0; i < 3 * span; ++i) {
      const Ghosts::Kind kind = ghosts.take(mix64(i));
      if (kind == Ghosts::Kind::none) continue;
      mistaken += kind == (i % 3 == 0 ? Ghosts::Kind::small : Ghosts::Kind::main) ? 0 : 1;
      // The clock is coarse: two steps of grace.
      (i + span + span / 512 + 2 >= 3 * span ? young : old) += 1;
      EXPECT_EQ(ghosts.take(mix64(i)), Ghosts::Kind::none) << "taken is forgotten";
    }
    EXPECT_GE(young, span - span / 20) << span;
    EXPECT_LE(old, 2 + span / 1000) << span;
    EXPECT_LE(mistaken, span / 1000) << span;
    ghosts.clear();
    EXPECT_EQ(allocator.live_bytes, 0u);
  }
}

TEST(Ghosts, SeldomRemembersWhatNeverWas) {
  Ghosts ghosts(Allocator::system());
  for (uint64_t i = 0; i < 10'000; ++i) ghosts.insert(mix64(i), Ghosts::Kind::small, 10'000);
  int mistaken = 0;
  for (uint64_t i = 0; i < 100'000; ++i) {
    mistaken += ghosts.take(mix64(1'000'000 + i)) == Ghosts::Kind::none ? 0 : 1;
  }
  EXPECT_LE(mistaken, 30);
}

TEST(Ghosts, WithoutMemoryRemembersNothing) {
  TestAllocator allocator;
  allocator.fail_from = 1;
  allocator.fail_always = true;
  Ghosts ghosts(allocator);
  ghosts.insert(1, Ghosts::Kind::small, 100);
  EXPECT_EQ(ghosts.take(1), Ghosts::Kind::none);
  EXPECT_EQ(ghosts.bytes(), 0u);
}

}  // namespace
}  // namespace distcache::core
