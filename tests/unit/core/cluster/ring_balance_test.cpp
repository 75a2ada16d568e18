#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/rng.h"
#include "core/cluster/ring.h"

// How evenly the ring spreads keys, and how few of them move when it changes. Nothing here is left
// to chance: the same keys and members every time.
namespace distcache::core {
namespace {

constexpr uint32_t kKeys = 1'000'000;
constexpr size_t kMembersMax = 32;

MemberId id_of(const std::string& name) { return hash64(name); }

std::vector<RingMember> numbered(size_t count) {
  std::vector<RingMember> members;
  for (size_t i = 0; i < count; ++i) members.push_back({id_of("node-" + std::to_string(i)), 1});
  return members;
}

std::vector<RingMember> weighted(const std::vector<uint32_t>& weights) {
  std::vector<RingMember> members = numbered(weights.size());
  for (size_t i = 0; i < weights.size(); ++i) members[i].weight = weights[i];
  return members;
}

struct Keys {
  const char* what;
  uint64_t (*hash_of)(uint32_t number);
};

uint64_t hash_of_uuid(uint32_t number) {
  const uint64_t high = mix64(number * 2ULL + 1), low = mix64(number * 2ULL + 2);
  char text[37];
  std::snprintf(text, sizeof text, "%08x-%04x-4%03x-%04x-%012llx",
                static_cast<unsigned>(high >> 32), static_cast<unsigned>(high >> 16 & 0xffff),
                static_cast<unsigned>(high & 0xfff),
                static_cast<unsigned>(low >> 48 & 0x3fff) | 0x8000U,
                static_cast<unsigned long long>(low & 0xffffffffffffULL));
  return hash64(std::string_view(text, sizeof text - 1));
}

constexpr Keys kAllKeys[] = {
    {"user:%d", [](uint32_t i) { return hash64("user:" + std::to_string(i)); }},
    {"key-%d", [](uint32_t i) { return hash64("key-" + std::to_string(i)); }},
    {"uuid", hash_of_uuid},
    // A user's own hash may be as weak as the number itself.
    {"identity", [](uint32_t i) { return uint64_t{i}; }},
};

std::vector<uint64_t> hashes_of(const Keys& keys) {
  std::vector<uint64_t> hashes;
  hashes.reserve(kKeys);
  for (uint32_t i = 0; i < kKeys; ++i) hashes.push_back(keys.hash_of(i));
  return hashes;
}

// What the members own in the rings of the first 2, 3, ... of them, all found in one walk: the
// owner among the first n is the best draw so far, and a key moves to the one that joins them if
// that one draws better still.
class EveryRing : public testing::TestWithParam<Keys> {
 protected:
  void SetUp() override {
    owned_[0][0] = kKeys;
    const Ring all(numbered(kMembersMax));
    std::vector<Ring> rings;
    for (size_t size = 1; size <= kMembersMax; ++size) {
      rings.emplace_back(std::vector<RingMember>(
          all.members().begin(), all.members().begin() + static_cast<ptrdiff_t>(size)));
    }
    const std::vector<uint64_t> hashes = hashes_of(GetParam());
    for (uint32_t key = 0; key < kKeys; ++key) {
      const uint64_t hash = hashes[key];
      size_t best = 0;
      uint64_t best_number = all.draw(0, hash).number;
      for (size_t i = 1; i < kMembersMax; ++i) {
        const uint64_t number = all.draw(i, hash).number;
        if (number > best_number) best = i, best_number = number;
        ++owned_[i][best];
        if (key % 1'000 == 0) {
          ASSERT_EQ(rings[i].owner(hash), all.members()[best].id);
        }
      }
    }
  }

  // By the place of the last member.
  uint32_t owned_[kMembersMax][kMembersMax] = {};
};

TEST_P(EveryRing, SharesAreFairAndOnlyThoseOfTheOneThatJoinsOrLeavesMove) {
  for (size_t last = 1; last < kMembersMax; ++last) {
    SCOPED_TRACE(last + 1);
    const double fair = static_cast<double>(kKeys) / static_cast<double>(last + 1);
    const uint32_t largest = *std::max_element(owned_[last], owned_[last] + last + 1);
    EXPECT_LE(largest / fair, 1.05);
    // What the last one takes when it joins, and gives back when it leaves; the rest stays.
    EXPECT_LE(owned_[last][last] / fair, 1.02);
    for (size_t i = 0; i < last; ++i) EXPECT_LE(owned_[last][i], owned_[last - 1][i]);
  }
}

INSTANTIATE_TEST_SUITE_P(Ring, EveryRing, testing::ValuesIn(kAllKeys), [](const auto& tested) {
  std::string name = tested.param.what;
  std::erase_if(name, [](char c) { return c < 'a' || c > 'z'; });
  return name;
});

// ---- weights ------------------------------------------------------------------------------------

void expect_shares_by_weight(const std::vector<uint32_t>& weights, const Keys& keys) {
  const std::vector<RingMember> members = weighted(weights);
  const Ring ring(members);
  std::map<MemberId, double> owned;
  for (const uint64_t hash : hashes_of(keys)) ++owned[ring.owner(hash)];
  double total = 0;
  for (const uint32_t weight : weights) total += weight;
  for (const RingMember& member : members) {
    EXPECT_LE(owned[member.id] / (kKeys * member.weight / total), 1.05)
        << keys.what << ", weight " << member.weight << " of " << total;
  }
}

TEST(RingBalance, SharesFollowWeights) {
  expect_shares_by_weight({1, 2, 4}, kAllKeys[0]);
  expect_shares_by_weight({1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 8}, kAllKeys[1]);
  expect_shares_by_weight({10, 1000, 7, 100}, kAllKeys[2]);
}

// The owner is found class by class of equal weights: it must be the one who ranks first of all.
TEST(RingBalance, ClassesOfWeightsAgreeWithTheRanking) {
  SeededRng rng(11);
  for (int round = 0; round < 100; ++round) {
    std::vector<RingMember> members = numbered(1 + rng.below(20));
    for (RingMember& member : members) member.weight = 1 + static_cast<uint32_t>(rng.below(4));
    const Ring ring(members);
    for (int key = 0; key < 200; ++key) {
      const uint64_t hash = rng.next();
      ASSERT_EQ(ring.owner(hash), ring.candidates(hash, 1).front());
    }
  }
}

// ---- movement -----------------------------------------------------------------------------------

// Compares two rings that differ in one member, whose keys alone may move.
void expect_minimal_movement(const std::vector<RingMember>& smaller, RingMember newcomer) {
  std::vector<RingMember> members = smaller;
  members.push_back(newcomer);
  const Ring without(smaller), with(members);
  uint32_t moved = 0;
  for (uint32_t i = 0; i < kKeys; ++i) {
    const uint64_t hash = kAllKeys[0].hash_of(i);
    const MemberId before = without.owner(hash), after = with.owner(hash);
    if (before == after) continue;
    ASSERT_EQ(after, newcomer.id) << "a key moved between members that both stayed";
    if (moved++ % 64 == 0) {
      ASSERT_EQ(with.candidates(hash, 2)[1], before) << "the runner-up takes over";
    }
  }
  double weights = 0;
  for (const RingMember& member : members) weights += member.weight;
  EXPECT_LE(moved / (kKeys * newcomer.weight / weights), 1.02);
}

TEST(RingBalance, OnlyKeysOfTheMemberThatJoinsOrLeavesMove) {
  expect_minimal_movement(numbered(2), {id_of("new"), 1});
  expect_minimal_movement(numbered(10), {id_of("new"), 1});
  expect_minimal_movement(weighted({1, 4, 1, 1, 1, 9}), {id_of("new"), 3});
}

TEST(RingBalance, MoreWeightOnlyAttractsKeys) {
  const Ring before(weighted({2, 1, 1, 1, 1}));
  const Ring after(weighted({2, 1, 1, 5, 1}));
  for (uint32_t i = 0; i < kKeys / 10; ++i) {
    const uint64_t hash = kAllKeys[0].hash_of(i);
    if (before.owner(hash) == after.owner(hash)) continue;
    ASSERT_EQ(after.owner(hash), id_of("node-3"));
  }
}

// Two members that met the others in different orders, with some that came and went in between.
TEST(RingBalance, MembersWithDifferentHistoriesAgree) {
  SeededRng rng(12);
  for (int round = 0; round < 20; ++round) {
    const std::vector<RingMember> pool = numbered(12);
    const size_t stay = 2 + rng.below(8);  // the others leave again
    const auto live_through = [&] {
      std::vector<RingMember> members;
      for (int step = 0; step < 60; ++step) {
        const RingMember& met = pool[rng.below(pool.size())];
        const auto same = [&met](const RingMember& member) { return member.id == met.id; };
        if (std::erase_if(members, same) == 0) members.push_back(met);
      }
      for (size_t i = 0; i < pool.size(); ++i) {
        const auto same = [&](const RingMember& member) { return member.id == pool[i].id; };
        const bool there = std::any_of(members.begin(), members.end(), same);
        if (i < stay && !there) members.push_back(pool[i]);
        if (i >= stay) std::erase_if(members, same);
      }
      return Ring(members);
    };
    const Ring one = live_through(), other = live_through();
    for (int key = 0; key < 2'000; ++key) {
      const uint64_t hash = rng.next();
      ASSERT_EQ(one.candidates(hash, 3), other.candidates(hash, 3));
    }
  }
}

}  // namespace
}  // namespace distcache::core
