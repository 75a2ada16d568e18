// Random operations against a plain model: what is counted is what is allocated, after each of a
// million of them; nothing stale, nothing expired, nothing over a limit. And the same when memory
// fails at every possible place.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "base/rng.h"
#include "core/cache/store.h"
#include "core/cache/test_allocator.h"

namespace distcache::core {
namespace {

struct Known {
  std::string value;
  Version version;
  Instant expires_at;
};

class Machine {
 public:
  Machine(uint64_t seed, std::string_view policy, StoreLimits limits)
      : rng_(seed), limits_(limits), store_({limits, policy, seed}, allocator_) {
    empty_bytes_ = store_.bytes();
  }

  void step() {
    now_ = now_ + Duration::us(static_cast<int64_t>(rng_.below(2000)));
    const uint64_t dice = rng_.below(1000);
    if (dice < 450) {
      put();
    } else if (dice < 800) {
      look();
    } else if (dice < 900) {
      erase();
    } else if (dice < 950) {
      store_.expire(now_, 1 + rng_.below(20));
    } else if (dice < 995) {
      sweep();
    } else if (dice < 999) {
      resize();
    } else {
      store_.clear();
      model_.clear();
    }
    check();
  }

  // Everything recomputed from the entries themselves.
  void check_entries() {
    size_t visited = 0;
    size_t cost = 0;
    ScanCursor cursor;
    while (!cursor.done) {
      store_.scan(cursor, 1000, [&](const Entry& entry) {
        ++visited;
        const size_t tag_bytes = entry.tags().empty() ? 0 : 2 + 2 + entry.tags()[0].size();
        cost += allocator_.true_size(sizeof(Entry) + entry.key().size() + tag_bytes);
        if (!entry.value().is_null()) cost += Buffer::true_size(entry.value().size(), allocator_);
        same(entry);
      });
    }
    ASSERT_EQ(visited, store_.entries());
    ASSERT_LE(cost, store_.bytes() - empty_bytes_);
  }

  std::map<std::string, std::string> contents() {
    std::map<std::string, std::string> all;
    ScanCursor cursor;
    while (!cursor.done) {
      store_.scan(cursor, 1000,
                  [&](const Entry& entry) { all.emplace(entry.key(), entry.value().view()); });
    }
    return all;
  }

  void put() {
    const std::string name = random_key();
    const Key key = Key::of(name);
    // Few are large, and some too large for the smallest of the limits.
    const size_t size = rng_.below(20) == 0 ? rng_.below(30'000) : rng_.below(300);
    const std::string value(size, static_cast<char>('a' + rng_.below(26)));
    NewEntry fresh;
    if (rng_.below(30) != 0) {
      fresh.value = Buffer::copy_of(value, allocator_);
      if (fresh.value.is_null()) return;  // memory failed before the store was asked
    }
    fresh.version = {1, 2, ++counter_};
    fresh.stored_at = now_;
    if (rng_.below(2) == 0) {
      fresh.expires_at = now_ + Duration::us(static_cast<int64_t>(rng_.below(3'000'000)));
    }
    const std::vector<std::string> tags = {std::string(rng_.below(50), 't')};
    if (rng_.below(4) == 0) fresh.tags = tags;
    const Known known{fresh.value.is_null() ? "" : value, fresh.version, fresh.expires_at};

    const auto before = expect_unchanged_ ? contents() : std::map<std::string, std::string>{};
    const size_t bytes_before = store_.bytes();
    const PutResult result = store_.put(key, std::move(fresh), now_);
    if (result.status == PutStatus::stored) {
      model_[name] = known;
      ASSERT_NE(store_.peek(key, now_), nullptr);
    } else if (result.status != PutStatus::no_memory) {
      model_.erase(name);
      ASSERT_EQ(store_.peek(key, now_), nullptr);
    } else if (expect_unchanged_) {
      ASSERT_EQ(contents(), before);
      ASSERT_EQ(store_.bytes(), bytes_before);
    }
  }

  void look() {
    const std::string name = random_key();
    const bool use = rng_.below(4) != 0;
    const Entry* entry = use ? store_.find(Key::of(name), now_) : store_.peek(Key::of(name), now_);
    if (!entry) return;
    ASSERT_EQ(entry->key(), name);
    ASSERT_LT(now_, entry->expires_at());
    same(*entry);
  }

  void erase() {
    const std::string name = random_key();
    store_.erase(Key::of(name));
    model_.erase(name);
  }

  void check() {
    ASSERT_EQ(store_.bytes() - empty_bytes_, allocator_.live_bytes);
    ASSERT_LE(store_.bytes(), limits_.bytes_max);
    ASSERT_LE(store_.entries(), limits_.entries_max);
  }

  TestAllocator& allocator() { return allocator_; }
  Store& store() { return store_; }
  void expect_unchanged() { expect_unchanged_ = true; }

 private:
  std::string random_key() {
    const uint64_t number = rng_.below(400);
    return std::string(1 + number % 40, 'k') + std::to_string(number);
  }

  void same(const Entry& entry) {
    const auto known = model_.find(std::string(entry.key()));
    ASSERT_NE(known, model_.end()) << "it was erased";
    ASSERT_EQ(entry.version(), known->second.version) << "an older value came back";
    ASSERT_EQ(entry.value().view(), known->second.value);
    ASSERT_EQ(entry.expires_at(), known->second.expires_at);
  }

  void sweep() {
    const auto doomed = [](Bytes key) { return key.back() == '7'; };
    store_.erase_if(cursor_, 1 + rng_.below(50), [&](const Entry& entry) {
      if (!doomed(entry.key())) return false;
      model_.erase(std::string(entry.key()));
      return true;
    });
    if (cursor_.done) cursor_ = {};
  }

  void resize() {
    limits_ = {16'384 + rng_.below(100'000), rng_.below(4) == 0 ? 1 + rng_.below(50) : SIZE_MAX};
    store_.set_limits(limits_);
  }

  SeededRng rng_;
  StoreLimits limits_;
  TestAllocator allocator_;
  Store store_;
  size_t empty_bytes_ = 0;
  Instant now_ = Instant::from_ns(1);
  uint64_t counter_ = 0;
  bool expect_unchanged_ = false;
  ScanCursor cursor_;
  std::map<std::string, Known> model_;
};

class StoreProperty : public testing::TestWithParam<const char*> {};

TEST_P(StoreProperty, CountedIsAllocatedAfterEachOfAMillionOperations) {
  Machine machine(11, GetParam(), {100'000, SIZE_MAX});
  for (int i = 0; i < 1'000'000; ++i) {
    machine.step();
    if (i % 1000 == 0) machine.check_entries();
    if (HasFatalFailure()) FAIL() << "operation " << i;
  }
  EXPECT_GT(machine.store().counters().evictions, 1000u);
  EXPECT_GT(machine.store().counters().expirations, 1000u);
  EXPECT_GT(machine.store().counters().refused, 10u);
  machine.store().clear();
  EXPECT_EQ(machine.allocator().live_blocks, 0u);
}

TEST_P(StoreProperty, MemoryMayFailAnywhere) {
  for (const bool for_good : {false, true}) {
    uint64_t allocations = 1'000'000;
    for (uint64_t fail_from = 1; fail_from <= allocations; ++fail_from) {
      Machine machine(5, GetParam(), {24'000, SIZE_MAX});
      machine.expect_unchanged();
      machine.allocator().fail_from = fail_from;
      machine.allocator().fail_always = for_good;
      for (int i = 0; i < 150; ++i) {
        // Mostly puts, so that index and ghosts grow.
        i % 5 == 4 ? machine.erase() : machine.put();
        machine.check();
        if (HasFatalFailure()) FAIL() << "allocation " << fail_from << ", operation " << i;
      }
      machine.check_entries();
      machine.allocator().fail_from = 0;
      for (int i = 0; i < 50; ++i) machine.put();
      machine.check();
      machine.check_entries();
      if (HasFatalFailure()) FAIL() << "after allocation " << fail_from;
      ASSERT_GT(machine.store().entries(), 0u) << "it works again";
      if (!for_good) allocations = std::min(allocations, machine.allocator().allocations);
      if (for_good && fail_from > 300) break;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Policies, StoreProperty, testing::Values("s3fifo", "lru"),
                         [](const auto& param) { return std::string(param.param); });

}  // namespace
}  // namespace distcache::core
