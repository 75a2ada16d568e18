#include "core/cache/store.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "base/limits.h"
#include "core/cache/test_allocator.h"

namespace distcache::core {
namespace {

constexpr Instant kNow = Instant::from_ns(1'000'000'000);

Key key_of(const std::string& name) { return Key::of(name); }

NewEntry entry_of(Bytes value, Instant expires_at = Instant::never()) {
  NewEntry fresh;
  fresh.value = Buffer::copy_of(value);
  fresh.stored_at = kNow;
  fresh.expires_at = expires_at;
  return fresh;
}

StoreOptions options_of(StoreLimits limits, std::string_view policy = "auto") {
  return {limits, policy, 7};
}

class StoreTest : public testing::TestWithParam<const char*> {
 protected:
  TestAllocator allocator_;
};

TEST_P(StoreTest, HandsOutWhatWasPut) {
  Store store(options_of({}, GetParam()), allocator_);
  const std::string key("k\0ey", 4);
  const std::vector<std::string> tags = {"red", "", std::string("a\0b", 3)};
  NewEntry fresh = entry_of("value");
  fresh.version = {3, 4, 5};
  fresh.flags = kEntryProvisional | kEntryNegative;
  fresh.tags = tags;
  EXPECT_EQ(store.put(key_of(key), fresh, kNow).status, PutStatus::stored);
  const Entry* entry = store.find(key_of(key), kNow);
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(entry->key(), key);
  EXPECT_EQ(entry->key_hash(), hash64(key));
  EXPECT_EQ(entry->value().view(), "value");
  EXPECT_EQ(entry->value().data(), fresh.value.data()) << "shared, not copied";
  EXPECT_EQ(entry->version(), (Version{3, 4, 5}));
  EXPECT_EQ(entry->stored_at(), kNow);
  EXPECT_TRUE(entry->expires_at().is_never());
  EXPECT_EQ(entry->flags(), kEntryProvisional | kEntryNegative);
  EXPECT_EQ(entry->tags(), (std::vector<Bytes>{tags[0], tags[1], tags[2]}));
  EXPECT_TRUE(entry->has_tag(tags[2]));
  EXPECT_FALSE(entry->has_tag("a"));
  EXPECT_EQ(store.peek(key_of(key), kNow), entry);
  EXPECT_EQ(store.find(key_of("k"), kNow), nullptr);
}

TEST_P(StoreTest, EmptyAndAbsentValuesAreEntries) {
  Store store(options_of({}, GetParam()), allocator_);
  store.put(key_of("empty"), entry_of(""), kNow);
  store.put(key_of("null"), {}, kNow);
  ASSERT_NE(store.find(key_of("empty"), kNow), nullptr);
  EXPECT_FALSE(store.find(key_of("empty"), kNow)->value().is_null());
  EXPECT_TRUE(store.find(key_of("null"), kNow)->value().is_null());
}

TEST_P(StoreTest, TakesTheLongestKeyAndAllTags) {
  Store store(options_of({}, GetParam()), allocator_);
  const std::string key(limits::kKeyBytesMax, 'k');
  const std::vector<std::string> tags(limits::kTagsMax, std::string(limits::kTagBytesMax, 't'));
  NewEntry fresh = entry_of("v");
  fresh.tags = tags;
  store.put(key_of(key), fresh, kNow);
  ASSERT_NE(store.find(key_of(key), kNow), nullptr);
  EXPECT_EQ(store.find(key_of(key), kNow)->tags().size(), limits::kTagsMax);
}

TEST_P(StoreTest, ReplacedAndErasedValuesAreReleased) {
  TestAllocator values;
  const auto value_of = [&](Bytes bytes) {
    NewEntry fresh;
    fresh.value = Buffer::copy_of(bytes, values);
    return fresh;
  };
  Store store(options_of({}, GetParam()), allocator_);
  EXPECT_FALSE(store.put(key_of("a"), value_of("1"), kNow).replaced);
  EXPECT_EQ(values.live_blocks, 1u);
  EXPECT_TRUE(store.put(key_of("a"), value_of("2"), kNow).replaced);
  EXPECT_EQ(values.live_blocks, 1u);
  {
    const Buffer reader = store.find(key_of("a"), kNow)->value();
    EXPECT_TRUE(store.erase(key_of("a")));
    EXPECT_FALSE(store.erase(key_of("a")));
    EXPECT_EQ(values.live_blocks, 1u);
    EXPECT_EQ(reader.view(), "2") << "a reader's handle outlives the entry";
  }
  EXPECT_EQ(values.live_blocks, 0u);
  store.put(key_of("b"), value_of("3"), kNow);
  store.clear();
  EXPECT_EQ(values.live_blocks, 0u);
  EXPECT_EQ(allocator_.live_blocks, 0u) << "a cleared store gives all of it back";
}

TEST_P(StoreTest, ExpiredIsNotHandedOut) {
  Store store(options_of({}, GetParam()), allocator_);
  const Instant end = kNow + Duration::ms(5);
  store.put(key_of("a"), entry_of("v", end), kNow);
  EXPECT_NE(store.find(key_of("a"), end - Duration::ns(1)), nullptr);
  EXPECT_EQ(store.peek(key_of("a"), end), nullptr);
  EXPECT_EQ(store.entries(), 1u) << "peek leaves it there";
  EXPECT_EQ(store.find(key_of("a"), end), nullptr);
  EXPECT_EQ(store.entries(), 0u);
  EXPECT_EQ(store.counters().expirations, 1u);
}

TEST_P(StoreTest, ExpiredGivesItsMemoryBackUnread) {
  Store store(options_of({}, GetParam()), allocator_);
  const size_t empty = store.bytes();
  const Instant end = kNow + Duration::seconds(30);
  for (int i = 0; i < 1000; ++i) store.put(key_of(std::to_string(i)), entry_of("v", end), kNow);
  store.put(key_of("stays"), entry_of("v"), kNow);
  EXPECT_LE(store.next_expiry(), end + Duration::ms(10));
  EXPECT_EQ(store.expire(end - Duration::ms(1), 100'000), 0u);
  EXPECT_LE(store.expire(end + Duration::ms(10), 100), 100u) << "in slices";
  EXPECT_GT(store.entries(), 1u);
  store.expire(end + Duration::ms(10), 100'000);
  EXPECT_EQ(store.entries(), 1u);
  EXPECT_TRUE(store.next_expiry().is_never());
  EXPECT_EQ(store.counters().expirations, 1000u);
  EXPECT_LE(store.bytes() - empty, 1000u) << "the index shrank as well";
}

TEST_P(StoreTest, ReplacingMovesTheExpiry) {
  Store store(options_of({}, GetParam()), allocator_);
  store.put(key_of("a"), entry_of("1", kNow + Duration::seconds(1)), kNow);
  store.put(key_of("a"), entry_of("2", kNow + Duration::seconds(9)), kNow);
  EXPECT_EQ(store.expire(kNow + Duration::seconds(5), 100), 0u);
  EXPECT_NE(store.find(key_of("a"), kNow + Duration::seconds(5)), nullptr);
  store.put(key_of("a"), entry_of("3"), kNow);
  EXPECT_TRUE(store.next_expiry().is_never());
}

TEST_P(StoreTest, TtlExtremes) {
  Store store(options_of({}, GetParam()), allocator_);
  const Instant ten_years = kNow + Duration::ms(limits::kTtlMsMax);
  store.put(key_of("long"), entry_of("v", ten_years), kNow);
  store.put(key_of("longest"), entry_of("v", Instant::from_ns(INT64_MAX - 1)), kNow);
  store.put(key_of("short"), entry_of("v", kNow + Duration::ns(1)), kNow);
  EXPECT_EQ(store.find(key_of("short"), kNow + Duration::ns(1)), nullptr);
  EXPECT_EQ(store.expire(ten_years - Duration::ns(1), 1000), 0u);
  EXPECT_NE(store.peek(key_of("long"), ten_years - Duration::ns(1)), nullptr);
  EXPECT_EQ(store.expire(ten_years + Duration::ms(10), 1000), 1u);
  EXPECT_NE(store.peek(key_of("longest"), ten_years), nullptr);

  store.put(key_of("gone"), entry_of("older"), kNow);
  const PutResult result = store.put(key_of("gone"), entry_of("newer", kNow), kNow);
  EXPECT_EQ(result.status, PutStatus::expired);
  EXPECT_TRUE(result.replaced);
  EXPECT_EQ(store.find(key_of("gone"), kNow), nullptr) << "the older value would be stale";
}

TEST_P(StoreTest, DueEntriesMakeRoomBeforeLivingOnes) {
  Store store(options_of({SIZE_MAX, 10}, GetParam()), allocator_);
  for (int i = 0; i < 9; ++i) store.put(key_of(std::to_string(i)), entry_of("v"), kNow);
  store.put(key_of("brief"), entry_of("v", kNow + Duration::ms(1)), kNow);
  store.put(key_of("new"), entry_of("v"), kNow + Duration::seconds(1));
  EXPECT_EQ(store.entries(), 10u);
  EXPECT_EQ(store.counters().evictions, 0u);
  EXPECT_EQ(store.counters().expirations, 1u);
}

TEST_P(StoreTest, NumberOfEntriesIsLimited) {
  Store store(options_of({SIZE_MAX, 100}, GetParam()), allocator_);
  for (int i = 0; i < 1000; ++i) {
    store.put(key_of(std::to_string(i)), entry_of("v"), kNow);
    ASSERT_LE(store.entries(), 100u);
    ASSERT_NE(store.peek(key_of(std::to_string(i)), kNow), nullptr) << "the new one stays";
  }
  EXPECT_EQ(store.entries(), 100u);
  EXPECT_EQ(store.counters().evictions, 900u);
  store.set_limits({SIZE_MAX, 10});
  EXPECT_EQ(store.entries(), 10u);
  store.set_limits({SIZE_MAX, 0});
  EXPECT_EQ(store.put(key_of("a"), entry_of("v"), kNow).status, PutStatus::too_large);
}

TEST_P(StoreTest, WhatCannotFitAloneIsRefusedAndEvictsNobody) {
  Store store(options_of({64 * 1024, SIZE_MAX}, GetParam()), allocator_);
  for (int i = 0; i < 50; ++i) store.put(key_of(std::to_string(i)), entry_of("v"), kNow);
  const std::string large(64 * 1024, 'x');
  EXPECT_EQ(store.put(key_of("new"), entry_of(large), kNow).status, PutStatus::too_large);
  EXPECT_EQ(store.entries(), 50u);
  const PutResult result = store.put(key_of("7"), entry_of(large), kNow);
  EXPECT_EQ(result.status, PutStatus::too_large);
  EXPECT_TRUE(result.replaced);
  EXPECT_EQ(store.find(key_of("7"), kNow), nullptr) << "the older value would be stale";
  EXPECT_EQ(store.entries(), 49u);
  EXPECT_EQ(store.counters().refused, 2u);
  EXPECT_EQ(store.counters().evictions, 0u);
}

// The index and the ghosts of many small entries must not stand in the way of one large one.
TEST_P(StoreTest, WhatFitsAloneIsTaken) {
  constexpr size_t kLimit = 512 * 1024;
  Store store(options_of({kLimit, SIZE_MAX}, GetParam()), allocator_);
  const size_t empty = store.bytes();
  for (int i = 0; i < 10'000; ++i) store.put(key_of(std::to_string(i)), entry_of("v"), kNow);
  const std::string large(kLimit - empty - Index::bytes_min(allocator_) - 160, 'x');
  EXPECT_EQ(store.put(key_of("5"), entry_of(large), kNow).status, PutStatus::stored);
  EXPECT_LE(store.bytes(), kLimit);
  EXPECT_EQ(store.entries(), 1u);
  EXPECT_EQ(store.find(key_of("5"), kNow)->value().size(), large.size());
}

TEST_P(StoreTest, ShrinkingTheLimitKeepsWhatFits) {
  Store store(options_of({8 << 20, SIZE_MAX}, GetParam()), allocator_);
  for (int i = 0; i < 100'000; ++i) store.put(key_of(std::to_string(i)), entry_of("v"), kNow);
  const size_t before = store.entries();
  store.set_limits({800 << 10, SIZE_MAX});
  EXPECT_LE(store.bytes(), size_t{800 << 10});
  EXPECT_GT(store.entries(), before / 12) << "a tenth of the bytes, about a tenth of the entries";
}

// A store that stays full to the last byte while its index has ever less to hold.
TEST_P(StoreTest, ShrinkingIndexStaysWithinTheLimit) {
  constexpr size_t kLimit = 1 << 20;
  Store store(options_of({kLimit, SIZE_MAX}, GetParam()), allocator_);
  for (int i = 0; i < 3000; ++i) store.put(key_of(std::to_string(i)), entry_of("v"), kNow);
  for (int i = 0; i < 3000; ++i) {
    store.erase(key_of(std::to_string(i)));
    ASSERT_LE(store.bytes(), kLimit) << i;
    const Entry* filling = store.peek(key_of("filler"), kNow);
    const size_t others = store.bytes() - (filling ? filling->cost() : 0);
    const std::string filler(kLimit - others - 160, 'x');
    ASSERT_EQ(store.put(key_of("filler"), entry_of(filler), kNow).status, PutStatus::stored);
    ASSERT_LE(store.bytes(), kLimit) << i;
  }
}

TEST_P(StoreTest, SweepInSlices) {
  Store store(options_of({}, GetParam()), allocator_);
  const std::vector<std::string> tags = {"odd"};
  for (int i = 0; i < 2000; ++i) {
    NewEntry fresh = entry_of("v");
    if (i % 2 == 1) fresh.tags = tags;
    store.put(key_of(std::to_string(i)), fresh, kNow);
  }
  size_t slices = 0;
  size_t erased = 0;
  ScanCursor sweep;
  for (; !sweep.done; ++slices) {
    size_t looked_at = 0;
    erased += store.erase_if(sweep, 100, [&](const Entry& entry) {
      ++looked_at;
      return entry.has_tag("odd");
    });
    ASSERT_LT(looked_at, 120u);
    // Others go on meanwhile.
    store.put(key_of("new-" + std::to_string(slices)), entry_of("v"), kNow);
  }
  EXPECT_EQ(erased, 1000u);
  EXPECT_GT(slices, 10u);
  std::set<std::string> seen;
  ScanCursor cursor;
  while (!cursor.done) {
    store.scan(cursor, 64, [&](const Entry& entry) {
      EXPECT_FALSE(entry.has_tag("odd"));
      EXPECT_TRUE(seen.insert(std::string(entry.key())).second);
    });
  }
  EXPECT_EQ(seen.size(), 1000 + slices);
  EXPECT_EQ(store.entries(), seen.size());
}

TEST_P(StoreTest, KeysOfEqualHashAreToldApart) {
  Store store(options_of({}, GetParam()), allocator_);
  for (int i = 0; i < 300; ++i) {
    const std::string name = std::to_string(i);
    store.put({name, 42}, entry_of(name), kNow);
  }
  for (int i = 0; i < 300; ++i) {
    const std::string name = std::to_string(i);
    ASSERT_EQ(store.find({name, 42}, kNow)->value().view(), name);
    if (i % 2 == 0) store.erase({name, 42});
  }
  EXPECT_EQ(store.entries(), 150u);
  EXPECT_EQ(store.find({"0", 42}, kNow), nullptr);
  EXPECT_NE(store.find({"299", 42}, kNow), nullptr);
}

INSTANTIATE_TEST_SUITE_P(Policies, StoreTest, testing::Values("s3fifo", "lru"),
                         [](const auto& param) { return std::string(param.param); });

TEST(Store, FindAllocatesNothing) {
  TestAllocator allocator;
  Store store({}, allocator);
  store.put(key_of("a"), entry_of("v"), kNow);
  const uint64_t before = allocator.allocations;
  for (int i = 0; i < 10; ++i) store.find(key_of("a"), kNow);
  EXPECT_EQ(allocator.allocations, before);
}

}  // namespace
}  // namespace distcache::core
