#include "core/cluster/ring.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/rng.h"

namespace distcache::core {
namespace {

MemberId id_of(const std::string& name) { return hash64(name); }

std::vector<RingMember> numbered(size_t count) {
  std::vector<RingMember> members;
  for (size_t i = 0; i < count; ++i) members.push_back({id_of("node-" + std::to_string(i)), 1});
  return members;
}

// ---- golden vectors: a change of any of these splits clusters of different versions -------------

struct Golden {
  const char* key;
  uint64_t hash;
  const char* three;     // A, B, C of weight 1, in order of preference
  const char* seven;     // A to G of weight 1
  const char* weighted;  // A:1 B:2 C:4 D:1000 E:3
};

// Computed by this code, and again by a program in another language with a true logarithm.
constexpr Golden kGolden[] = {
    {"", 0x2d06800538d394c2, "CBA", "CBEAGFD", "DCEBA"},
    {"a", 0xe6c632b61e964e1f, "CBA", "DCBAGFE", "DCBEA"},
    {"user:0", 0x81044cdfb11efb2e, "BCA", "FBDCGEA", "DCBEA"},
    {"user:1", 0x3b577afd7fed9501, "BAC", "BGAEDCF", "DBECA"},
    {"user:999999", 0x89b3bcb237fef70d, "BAC", "BAFGCED", "DBACE"},
    {"key-0", 0x819f6b51706f0178, "BAC", "BAGCEDF", "DBCEA"},
    {"key-1", 0x2d29f1336b0229f9, "CBA", "GECBAFD", "DECBA"},
    {"key-424242", 0xbda6af78beb6bb47, "CBA", "ECBAFGD", "DECBA"},
    {"\xff\x01 odd", 0x7ff169b9b2610738, "BAC", "BFADCEG", "DBCEA"},
    {"https://example.org/index.html", 0x1aa7f846e8aa2a33, "CAB", "CFAGDEB", "DCEAB"},
};

std::string order_of(const std::vector<uint32_t>& weights, uint64_t key_hash) {
  std::map<MemberId, char> names;
  std::vector<RingMember> members;
  for (size_t i = 0; i < weights.size(); ++i) {
    const auto name = static_cast<char>('A' + i);
    members.push_back({id_of(std::string(1, name)), weights[i]});
    names[members.back().id] = name;
  }
  const Ring ring(members);
  std::string order;
  for (MemberId id : ring.candidates(key_hash, members.size())) order.push_back(names.at(id));
  EXPECT_EQ(names.at(ring.owner(key_hash)), order.front());
  return order;
}

TEST(Ring, GoldenVectors) {
  EXPECT_EQ(id_of("A"), 0xd0d496e05c553485U);
  EXPECT_EQ(id_of("G"), 0x1830b2548d525eabU);
  for (const Golden& golden : kGolden) {
    SCOPED_TRACE(golden.key);
    EXPECT_EQ(hash64(golden.key), golden.hash);
    EXPECT_EQ(order_of({1, 1, 1}, golden.hash), golden.three);
    EXPECT_EQ(order_of({1, 1, 1, 1, 1, 1, 1}, golden.hash), golden.seven);
    EXPECT_EQ(order_of({1, 2, 4, 1000, 3}, golden.hash), golden.weighted);
  }
}

TEST(Ring, GoldenLogarithms) {
  EXPECT_EQ(negative_log2(0), 0x4000000000000000U);
  EXPECT_EQ(negative_log2(1), 0x4000000000000000U);
  EXPECT_EQ(negative_log2(2), 0x3f00000000000000U);
  EXPECT_EQ(negative_log2(3), 0x3e6a3fe5c6042979U);
  EXPECT_EQ(negative_log2(0x123456789abcdef0U), 0x03d053f782c0bbceU);
  EXPECT_EQ(negative_log2(0x8000000000000000U), 0x0100000000000000U);
  EXPECT_EQ(negative_log2(0xc000000000000000U), 0x006a3fe5c6042979U);
  EXPECT_EQ(negative_log2(0xfffffffffffff000U), 0x18U);
  EXPECT_EQ(negative_log2(0xffffffffffffffffU), 1U);
}

// ---- properties ---------------------------------------------------------------------------------

TEST(Ring, LogarithmNeverGrowsWithItsArgument) {
  SeededRng rng(1);
  const auto check = [](uint64_t low, uint64_t high) {
    ASSERT_GE(negative_log2(low), negative_log2(high)) << low << " " << high;
    ASSERT_GT(negative_log2(high), 0U);
  };
  for (int i = 0; i < 200'000; ++i) {
    const uint64_t a = rng.next() >> rng.below(64);
    const uint64_t b = i % 2 ? a + 1 : rng.next() >> rng.below(64);
    if (b != 0) check(std::min(a, b), std::max(a, b));
  }
  for (uint64_t power = 2; power != 0; power <<= 1) {  // the seams between the steps of the table
    check(power - 1, power);
    for (uint64_t step = 1; step < 1024 && power >> 10; ++step) {
      check(power + (power >> 10) * step - 1, power + (power >> 10) * step);
    }
  }
}

TEST(Ring, EmptyAndSingle) {
  const Ring none({});
  EXPECT_EQ(none.owner(42), 0U);
  EXPECT_TRUE(none.candidates(42, 3).empty());
  const Ring one({{7, 1}});
  EXPECT_EQ(one.owner(42), 7U);
  EXPECT_EQ(one.candidates(42, 3), std::vector<MemberId>{7});
  EXPECT_TRUE(one.candidates(42, 0).empty());
}

TEST(Ring, WeightsAreBroughtIntoBoundsAndIdsAreKeptOnce) {
  const Ring ring({{9, 0}, {7, 5000}, {9, 3}});
  ASSERT_EQ(ring.size(), 2U);
  EXPECT_EQ(ring.members()[0].id, 7U);
  EXPECT_EQ(ring.members()[0].weight, kWeightMax);
  EXPECT_EQ(ring.members()[1].weight, 3U);
}

TEST(Ring, OrderOfMembersDoesNotMatter) {
  SeededRng rng(2);
  for (int round = 0; round < 50; ++round) {
    std::vector<RingMember> members = numbered(1 + rng.below(20));
    for (RingMember& member : members) member.weight = 1 + static_cast<uint32_t>(rng.below(5));
    const Ring ring(members);
    for (size_t i = members.size(); i > 1; --i) std::swap(members[i - 1], members[rng.below(i)]);
    const Ring shuffled(members);
    for (int key = 0; key < 200; ++key) {
      const uint64_t hash = rng.next();
      ASSERT_EQ(ring.owner(hash), shuffled.owner(hash));
      ASSERT_EQ(ring.candidates(hash, 5), shuffled.candidates(hash, 5));
    }
  }
}

// The fast path of equal weights ranks by the numbers alone. The logarithm must agree.
TEST(Ring, EqualWeightsGiveTheSameOrderAsWeightOne) {
  const std::vector<RingMember> ones = numbered(12);
  std::vector<RingMember> threes = ones;
  for (RingMember& member : threes) member.weight = 3;
  std::vector<RingMember> mixed = ones;
  mixed.push_back({id_of("heavy"), 2});
  const Ring plain(ones), heavier(threes), weighted(mixed);
  SeededRng rng(3);
  for (int i = 0; i < 20'000; ++i) {
    const uint64_t hash = rng.next();
    const std::vector<MemberId> expected = plain.candidates(hash, 12);
    ASSERT_EQ(heavier.candidates(hash, 12), expected);
    ASSERT_EQ(plain.owner(hash), expected.front());
    std::vector<MemberId> through_logarithms = weighted.candidates(hash, 13);
    std::erase(through_logarithms, id_of("heavy"));
    ASSERT_EQ(through_logarithms, expected);
  }
}

TEST(Ring, CandidatesAreEveryMemberOnceAndBeginWithTheOwner) {
  std::vector<RingMember> members = numbered(9);
  members[4].weight = 7;
  const Ring ring(members);
  SeededRng rng(4);
  for (int i = 0; i < 2'000; ++i) {
    const uint64_t hash = rng.next();
    std::vector<MemberId> all = ring.candidates(hash, 100);
    ASSERT_EQ(all.front(), ring.owner(hash));
    const std::vector<MemberId> first = ring.candidates(hash, 4);
    ASSERT_TRUE(std::equal(first.begin(), first.end(), all.begin()));
    std::sort(all.begin(), all.end());
    ASSERT_EQ(std::unique(all.begin(), all.end()), all.end());
    ASSERT_EQ(all.size(), members.size());
  }
}

}  // namespace
}  // namespace distcache::core
