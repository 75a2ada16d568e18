#include "api/handle_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <set>
#include <thread>
#include <vector>

#include "base/rng.h"

namespace distcache::api {
namespace {

struct Thing {
  explicit Thing(int the_value) : value(the_value) { ++alive; }
  ~Thing() { --alive; }
  Thing(const Thing&) = delete;
  Thing& operator=(const Thing&) = delete;

  int value;
  static inline std::atomic<int> alive{0};
};

constexpr uint8_t kTag = 0xE1;

class HandleTableTest : public testing::Test {
 protected:
  uintptr_t add(int value, uint64_t note = 0) { return table_.add(new Thing(value), note); }

  HandleState pin(uintptr_t handle) {
    HandleTable::Slot* slot = nullptr;
    const HandleState state = table_.pin(handle, slot);
    if (state == HandleState::valid) table_.unpin(slot);
    return state;
  }

  HandleState close(uintptr_t handle) {
    HandleTable::Slot* slot = nullptr;
    const HandleState state = table_.close(handle, slot);
    if (state == HandleState::valid) table_.unpin(slot);
    return state;
  }

  // Slots are never given back: one table for the whole test.
  HandleTable& table_ = *new_table();

  static HandleTable* new_table() {
    // Never destroyed, like the tables of the library.
    static auto* all = new std::vector<std::unique_ptr<HandleTable>>;
    all->push_back(std::make_unique<HandleTable>(
        kTag, [](void* object) { delete static_cast<Thing*>(object); }));
    return all->back().get();
  }
};

TEST_F(HandleTableTest, AHandleNamesItsObjectUntilItIsClosed) {
  const uintptr_t handle = add(7);
  HandleTable::Slot* slot = nullptr;
  ASSERT_EQ(table_.pin(handle, slot), HandleState::valid);
  EXPECT_EQ(static_cast<Thing*>(slot->object.load())->value, 7);
  table_.unpin(slot);
  EXPECT_EQ(Thing::alive, 1);
  EXPECT_EQ(close(handle), HandleState::valid);
  EXPECT_EQ(Thing::alive, 0);
  EXPECT_EQ(pin(handle), HandleState::stale);
  EXPECT_EQ(close(handle), HandleState::stale);
}

TEST_F(HandleTableTest, AHandleIsNoAddressOfAProgram) {
  const uintptr_t handle = add(1);
  EXPECT_EQ(handle >> 56, kTag);
  EXPECT_EQ(close(handle), HandleState::valid);
}

TEST_F(HandleTableTest, AClosedHandleStaysStaleWhenItsSlotIsUsedAgain) {
  const uintptr_t first = add(1);
  ASSERT_EQ(close(first), HandleState::valid);
  const uintptr_t second = add(2);
  EXPECT_EQ(second & 0xffffff, first & 0xffffff) << "the slot is used again";
  EXPECT_NE(second, first);
  EXPECT_EQ(pin(first), HandleState::stale);
  EXPECT_EQ(close(first), HandleState::stale);
  EXPECT_EQ(pin(second), HandleState::valid);
  EXPECT_EQ(close(second), HandleState::valid);
}

TEST_F(HandleTableTest, WhatNeverWasAHandleIsToldApart) {
  const uintptr_t handle = add(1);
  EXPECT_EQ(pin(0), HandleState::null);
  EXPECT_EQ(pin(1), HandleState::never);
  EXPECT_EQ(pin(reinterpret_cast<uintptr_t>(this)), HandleState::never);
  EXPECT_EQ(pin(handle ^ uint64_t{1} << 60), HandleState::never) << "another kind";
  EXPECT_EQ(pin(handle + 1), HandleState::never) << "a slot that was never used";
  EXPECT_EQ(pin(handle + (1 << 24)), HandleState::never) << "a generation to come";
  EXPECT_EQ(pin(handle - (1 << 24)), HandleState::never) << "generation 0";
  EXPECT_EQ(pin(uint64_t{kTag} << 56 | 0x00ffffffffffffff), HandleState::never);
  EXPECT_EQ(close(handle), HandleState::valid);
}

TEST_F(HandleTableTest, GarbageIsAnsweredAndNeverFollowed) {
  const uintptr_t handle = add(1);
  SeededRng rng(7);
  for (int i = 0; i < 200'000; ++i) {
    const uint64_t bits = rng.next();
    const uintptr_t garbage = i % 2 ? bits : (uint64_t{kTag} << 56 | bits >> 8);
    if (garbage != handle) {
      ASSERT_NE(pin(garbage), HandleState::valid);
    }
  }
  EXPECT_EQ(close(handle), HandleState::valid);
}

TEST_F(HandleTableTest, APinKeepsTheObjectBeyondClose) {
  const uintptr_t handle = add(5);
  HandleTable::Slot* slot = nullptr;
  ASSERT_EQ(table_.pin(handle, slot), HandleState::valid);
  EXPECT_EQ(close(handle), HandleState::valid);
  EXPECT_EQ(pin(handle), HandleState::stale);
  EXPECT_EQ(Thing::alive, 1);
  EXPECT_EQ(static_cast<Thing*>(slot->object.load())->value, 5);
  table_.unpin(slot);
  EXPECT_EQ(Thing::alive, 0);
}

TEST_F(HandleTableTest, ManyHandlesAreDistinctAndSlotsAreUsedAgain) {
  std::set<uintptr_t> all;
  for (int round = 0; round < 3; ++round) {
    std::vector<uintptr_t> open;
    for (int i = 0; i < 5'000; ++i) open.push_back(add(i));
    for (size_t i = 0; i < open.size(); ++i) {
      EXPECT_TRUE(all.insert(open[i]).second);
      HandleTable::Slot* slot = nullptr;
      ASSERT_EQ(table_.pin(open[i], slot), HandleState::valid);
      EXPECT_EQ(static_cast<Thing*>(slot->object.load())->value, static_cast<int>(i));
      table_.unpin(slot);
    }
    for (const uintptr_t handle : open) ASSERT_EQ(close(handle), HandleState::valid);
  }
  const auto slots = std::count_if(all.begin(), all.end(),
                                   [](uintptr_t h) { return (h >> 24 & 0xffffffff) == 1; });
  EXPECT_EQ(slots, 5'000);
  EXPECT_EQ(Thing::alive, 0);
}

TEST_F(HandleTableTest, ANoteIsKeptUntilTheSlotIsUsedAgain) {
  const uintptr_t first = add(1, 41);
  EXPECT_EQ(table_.note_of(first), 41);
  ASSERT_EQ(close(first), HandleState::valid);
  EXPECT_EQ(table_.note_of(first), 41);
  const uintptr_t second = add(2, 42);
  EXPECT_EQ(table_.note_of(first), 0);
  EXPECT_EQ(table_.note_of(second), 42);
  EXPECT_EQ(table_.note_of(0), 0);
  EXPECT_EQ(table_.note_of(12345), 0);
  EXPECT_EQ(close(second), HandleState::valid);
}

// Threads open, use and close handles of each other; whatever state they meet, an object that is
// pinned is whole, is closed by one of them, and is destroyed once.
TEST_F(HandleTableTest, ThreadsMayDoAnythingAtOnce) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 20'000;
  constexpr int kShared = 8;
  std::array<std::atomic<uintptr_t>, kShared> shared{};
  std::atomic<int> opened{0};
  std::atomic<int> closed{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      SeededRng rng(static_cast<uint64_t>(t));
      for (int i = 0; i < kRounds; ++i) {
        auto& place = shared[rng.next() % kShared];
        HandleTable::Slot* slot = nullptr;
        switch (rng.next() % 4) {
          case 0: {
            const uintptr_t old = place.exchange(add(99, 77));
            ++opened;
            if (old != 0 && close(old) == HandleState::valid) ++closed;
            break;
          }
          case 1:
            if (close(place.load()) == HandleState::valid) ++closed;
            break;
          default:
            if (table_.pin(place.load(), slot) == HandleState::valid) {
              ASSERT_EQ(static_cast<Thing*>(slot->object.load())->value, 99);
              table_.unpin(slot);
            }
            const uint64_t note = table_.note_of(place.load());
            ASSERT_TRUE(note == 0 || note == 77);
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (auto& place : shared) {
    if (close(place.load()) == HandleState::valid) ++closed;
  }
  EXPECT_EQ(opened, closed);
  EXPECT_EQ(Thing::alive, 0);
}

}  // namespace
}  // namespace distcache::api
