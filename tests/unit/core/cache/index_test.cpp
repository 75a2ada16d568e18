#include "core/cache/index.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/rng.h"
#include "core/cache/test_allocator.h"

namespace distcache::core {
namespace {

// An index with the entries that a store would own.
class IndexTest : public testing::Test {
 protected:
  ~IndexTest() override {
    for (auto& [key, entry] : entries_) Entry::destroy(*entry, Allocator::system());
  }

  bool add(const std::string& name) {
    if (entries_.contains(name)) return true;
    if (!index_.reserve()) return false;
    NewEntry fresh;
    Entry* entry = Entry::create(Key::of(name), fresh, Allocator::system());
    index_.insert(*entry);
    index_.maintain(SIZE_MAX);
    entries_.emplace(name, entry);
    return true;
  }

  void drop(const std::string& name) {
    const auto at = entries_.find(name);
    if (at == entries_.end()) return;
    index_.erase(*at->second);
    index_.maintain(SIZE_MAX);
    Entry::destroy(*at->second, Allocator::system());
    entries_.erase(at);
  }

  void check(const std::string& name) {
    const auto at = entries_.find(name);
    ASSERT_EQ(index_.find(Key::of(name)), at == entries_.end() ? nullptr : at->second) << name;
  }

  void check_all() {
    ASSERT_EQ(index_.size(), entries_.size());
    for (const auto& [name, entry] : entries_) ASSERT_EQ(index_.find(Key::of(name)), entry);
    ASSERT_EQ(index_.bytes(), allocator_.live_bytes);
  }

  TestAllocator allocator_;
  Index index_{allocator_, 99};
  std::map<std::string, Entry*> entries_;
};

TEST_F(IndexTest, EmptyOneCostsNothing) {
  EXPECT_EQ(index_.find(Key::of("nobody")), nullptr);
  EXPECT_EQ(index_.bytes(), 0u);
  ScanCursor cursor;
  index_.visit(cursor, [](Entry&) { FAIL(); });
  EXPECT_TRUE(cursor.done);
}

TEST_F(IndexTest, GrowsAndShrinksPiecemeal) {
  constexpr size_t kMany = 30'000;
  for (size_t i = 0; i < kMany; ++i) {
    add("key-" + std::to_string(i));
    check("key-" + std::to_string(i / 2));
    check("absent-" + std::to_string(i));
    if (i % 5000 == 0) check_all();
  }
  check_all();
  EXPECT_LE(index_.bytes(), kMany * 20) << "bytes per entry at the end of growing";
  for (size_t i = 0; i < kMany; ++i) {
    drop("key-" + std::to_string(i));
    check("key-" + std::to_string(i));
    check("key-" + std::to_string(kMany - 1 - i / 2));
    if (i % 5000 == 0) check_all();
  }
  check_all();
  EXPECT_LE(index_.bytes(), 2 * Index::bytes_min(allocator_));
}

TEST_F(IndexTest, AgreesWithMapUnderRandomChange) {
  SeededRng rng(3);
  for (int round = 0; round < 100'000; ++round) {
    // The number of keys in play swells and ebbs, so that it resizes both ways.
    const uint64_t keys = 10 + (round / 10'000 % 2 == 0 ? 3000 : 30);
    const std::string name = std::to_string(rng.below(keys));
    rng.below(2) == 0 ? static_cast<void>(add(name)) : drop(name);
    check(name);
    check(std::to_string(rng.below(3010)));
    if (round % 9999 == 0) check_all();
  }
  check_all();
}

TEST_F(IndexTest, ScanVisitsOnceWhateverIsResized) {
  std::set<std::string> stay;
  for (int i = 0; i < 2000; ++i) {
    stay.insert("stay-" + std::to_string(i));
    add("stay-" + std::to_string(i));
  }
  for (const bool grow : {true, false}) {
    std::map<std::string, int> seen;
    ScanCursor cursor;
    for (int slice = 0; !cursor.done; ++slice) {
      index_.visit(cursor, [&](Entry& entry) { ++seen[std::string(entry.key())]; });
      for (int i = 0; i < 60 && slice < 300; ++i) {
        const std::string name = "come-and-go-" + std::to_string(slice * 60 + i);
        grow ? static_cast<void>(add(name)) : drop(name);
      }
    }
    for (const std::string& name : stay) ASSERT_EQ(seen[name], 1) << name;
    for (const auto& [name, times] : seen) ASSERT_EQ(times, 1) << name;
  }
}

TEST_F(IndexTest, EntriesCanBeErasedWhileVisited) {
  for (int i = 0; i < 5000; ++i) add(std::to_string(i));
  ScanCursor cursor;
  while (!cursor.done) {
    index_.visit(cursor, [&](Entry& entry) {
      const std::string name(entry.key());
      index_.erase(entry);
      Entry::destroy(entry, Allocator::system());
      entries_.erase(name);
    });
    index_.maintain(SIZE_MAX);
  }
  check_all();
  EXPECT_EQ(index_.size(), 0u);
}

TEST_F(IndexTest, WithoutMemoryItFillsUpAndThenRefuses) {
  ASSERT_TRUE(add("first"));
  allocator_.fail_from = 1;
  allocator_.fail_always = true;
  size_t added = 1;
  while (add("more-" + std::to_string(added))) ++added;
  EXPECT_GT(added, 20u);
  check_all();
  allocator_.fail_always = false;
  ASSERT_TRUE(add("again"));
  check_all();
}

TEST(BucketTable, ManyInOneBucket) {
  // Hashes that all name the last bucket: entries pass it, and wrap around to the first ones.
  BucketTable table;
  ASSERT_TRUE(table.allocate(8, Allocator::system()));
  const uint64_t hash = UINT64_MAX - 5;
  std::vector<Entry*> entries;
  for (int i = 0; i < 40; ++i) {
    NewEntry fresh;
    const std::string name = std::to_string(i);
    Entry* entry = Entry::create({name, hash}, fresh, Allocator::system());
    table.insert(hash, *entry);
    entries.push_back(entry);
  }
  for (size_t i = 0; i < entries.size(); ++i) {
    size_t visited = 0;
    table.visit(
        7, [&](const Entry&) { return hash; }, [&](Entry&) { ++visited; });
    ASSERT_EQ(visited, entries.size() - i);
    ASSERT_EQ(table.find(hash, {entries[i]->key(), hash}), entries[i]);
    ASSERT_TRUE(table.erase(hash, *entries[i]));
    ASSERT_FALSE(table.erase(hash, *entries[i]));
    ASSERT_EQ(table.find(hash, {entries[i]->key(), hash}), nullptr);
  }
  for (Entry* entry : entries) Entry::destroy(*entry, Allocator::system());
  table.release(Allocator::system());
}

}  // namespace
}  // namespace distcache::core
