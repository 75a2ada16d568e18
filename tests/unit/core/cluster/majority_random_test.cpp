#include <gtest/gtest.h>

#include <string>

#include "majority_nodes.h"

namespace distcache::core::majority {
namespace {

class Random {
 public:
  explicit Random(uint32_t seed) : state_(seed * 2'654'435'761U) {}
  uint32_t operator()(uint32_t below) {
    state_ = state_ * 1'664'525U + 1'013'904'223U;
    return (state_ >> 16) % below;
  }

 private:
  uint32_t state_;
};

// Whatever happens, no two parts that do not reach each other are confirmed at once.
TEST(MajorityOf, two_parts_are_never_confirmed_at_once) {
  const std::string all = "ABCDE";
  for (uint32_t seed = 1; seed <= 100; ++seed) {
    Random below(seed);
    Nodes nodes = agreed(all);
    for (int round = 0; round < 12; ++round) {
      std::string one, other;
      for (const char name : all) (below(2) == 0 ? one : other) += name;
      nodes.heal();
      nodes.cut(one, other);
      // Views follow at some time, at each node at another one.
      for (const char name : all) {
        if (below(3) == 0) nodes.run(kAsk * below(2));
        const std::string& own = one.find(name) != std::string::npos ? one : other;
        if (below(20) == 0) nodes.start(name);
        if (below(4) != 0) nodes.see(std::string(1, name), own);
      }
      nodes.run(kLease * 2);
      const bool both = !nodes.confirmed(one).empty() && !nodes.confirmed(other).empty();
      ASSERT_FALSE(both) << "seed " << seed << ", round " << round << ": " << nodes.confirmed(one)
                         << " and " << nodes.confirmed(other);
    }
    nodes.heal();
    nodes.see(all, all);
    nodes.run(kLease * 3);
    ASSERT_EQ(nodes.confirmed(all), all) << "seed " << seed;
  }
}

// Nor where members leave, and others come in their places who know of nothing.
TEST(MajorityOf, nor_while_members_leave_and_are_replaced) {
  const std::string all = "ABCD";
  for (uint32_t seed = 1; seed <= 300; ++seed) {
    Random below(seed);
    Nodes nodes = agreed(all);
    std::string gone;
    for (int round = 0; round < 12; ++round) {
      std::string one, other;
      for (const char name : all) (below(2) == 0 ? one : other) += name;
      nodes.heal();
      nodes.cut(one, other);
      for (const char name : all) {
        const bool is_gone = gone.find(name) != std::string::npos;
        if (!is_gone && below(5) == 0) {
          nodes.leave(std::string(1, name));
          gone += name;
        } else if (is_gone && below(3) == 0) {
          nodes.start(name);
          std::erase(gone, name);
        } else if (is_gone && below(2) == 0) {
          nodes.unlist(name);
        }
      }
      const auto there = [&gone](std::string names) {
        std::erase_if(names, [&gone](char name) { return gone.find(name) != std::string::npos; });
        return names;
      };
      one = there(one), other = there(other);
      for (const char name : one + other) {
        if (below(3) == 0) nodes.run(kAsk * below(2));
        const std::string& own = one.find(name) != std::string::npos ? one : other;
        if (below(4) != 0) nodes.see(std::string(1, name), own);
      }
      nodes.run(kLease * 2);
      const bool both = !nodes.confirmed(one).empty() && !nodes.confirmed(other).empty();
      ASSERT_FALSE(both) << "seed " << seed << ", round " << round << ": " << nodes.confirmed(one)
                         << " and " << nodes.confirmed(other);
    }
    for (const char name : gone) nodes.start(name);
    nodes.heal();
    nodes.see(all, all);
    nodes.run(kLease * 3);
    ASSERT_EQ(nodes.confirmed(all), all) << "seed " << seed;
  }
}

}  // namespace
}  // namespace distcache::core::majority
