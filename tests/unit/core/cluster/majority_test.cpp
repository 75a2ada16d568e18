#include "core/cluster/majority.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <list>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace distcache::core {
namespace {

constexpr Duration kLease = Duration::seconds(1);
constexpr Duration kAsk = kLease / 4;

// Some nodes that ask each other, on virtual time. A test says who sees which ring and who reaches
// whom.
class Nodes {
 public:
  explicit Nodes(const std::string& names) {
    for (const char name : names) start(name);
  }

  void start(char name) {
    std::erase_if(nodes_, [name](const Node& node) { return node.name == name; });
    nodes_.push_back(Node{name, ++processes_ << 8, Majority(id(name), kLease)});
  }
  void stop(char name) {
    std::erase_if(nodes_, [name](const Node& node) { return node.name == name; });
  }

  // All of `who` see a ring of exactly these.
  void see(const std::string& who, const std::string& ring) {
    for (const char name : who) {
      std::vector<Majority::Peer> peers;
      for (const char member : ring) peers.push_back({id(member), std::string(1, member)});
      std::vector<std::string> strangers;
      for (const Node& other : nodes_) {
        if (ring.find(other.name) == std::string::npos) strangers.emplace_back(1, other.name);
      }
      node(name).majority.set_strangers(std::move(strangers), now_);
      // A process of its own, of the same name: another ring.
      uint64_t id = 0;
      for (const char member : ring) id = mix64(id ^ mix64(node(member).process ^ member));
      node(name).majority.on_view(id, std::move(peers), now_);
    }
  }
  void cut(const std::string& one, const std::string& other) {
    for (const char a : one) {
      for (const char b : other) {
        cuts_.insert({a, b});
        cuts_.insert({b, a});
      }
    }
  }
  // What `from` says does not come to `to`.
  void cut_one_way(char from, char to) { cuts_.insert({from, to}); }
  void heal() { cuts_.clear(); }

  // Only this one answers that one.
  void tell(char from, char to) { of(to).on_word(id(from), of(from).word(now_), now_, now_); }

  void run(Duration time) {
    for (const Instant end = now_ + time; now_ < end; now_ = now_ + kAsk) ask_all();
  }
  bool confirmed(char name) { return node(name).majority.confirmed_until() > now_; }
  // Those of them that are confirmed.
  std::string confirmed(const std::string& names) {
    std::string all;
    for (const char name : names) all += confirmed(name) ? std::string(1, name) : "";
    return all;
  }
  std::string missing(char name) {
    std::string all;
    for (const std::string& one : node(name).majority.missing(now_)) all += one;
    return all;
  }
  Majority& of(char name) { return node(name).majority; }
  Instant now() const { return now_; }
  static MemberId id(char name) { return hash64(std::string(1, name)); }

 private:
  struct Node {
    char name;
    uint64_t process;
    Majority majority;
  };

  Node& node(char name) {
    return *std::find_if(nodes_.begin(), nodes_.end(),
                         [name](const Node& node) { return node.name == name; });
  }
  void ask_all() {
    for (Node& asker : nodes_) {
      for (Node& asked : nodes_) {
        if (cuts_.contains({asker.name, asked.name}) || cuts_.contains({asked.name, asker.name})) {
          continue;
        }
        asker.majority.on_word(id(asked.name), asked.majority.word(now_), now_, now_);
      }
    }
  }

  Instant now_ = Instant::from_ns(1'000'000'000'000);
  std::list<Node> nodes_;
  std::set<std::pair<char, char>> cuts_;
  uint64_t processes_ = 0;
};

TEST(Majority, a_node_alone_confirms_itself_for_ever) {
  Nodes nodes("A");
  EXPECT_FALSE(nodes.confirmed('A'));
  nodes.see("A", "A");
  EXPECT_TRUE(nodes.of('A').confirmed_until().is_never());
}

TEST(Majority, a_new_process_is_not_confirmed_while_most_of_those_that_discovery_lists_are_unmet) {
  Nodes nodes("A");
  nodes.start('B');
  nodes.start('C');
  nodes.see("A", "A");
  EXPECT_FALSE(nodes.confirmed('A'));
  EXPECT_EQ(nodes.missing('A'), "BC");
  nodes.see("AB", "AB");
  nodes.run(kLease);
  EXPECT_EQ(nodes.confirmed("AB"), "AB");
}

class MajorityOf : public testing::Test {
 protected:
  // A cluster that has agreed.
  static Nodes agreed(const std::string& names) {
    Nodes nodes(names);
    nodes.see(names, names);
    nodes.run(kLease);
    EXPECT_EQ(nodes.confirmed(names), names);
    return nodes;
  }
};

TEST_F(MajorityOf, who_is_cut_off_is_confirmed_for_a_lease_and_no_longer) {
  Nodes nodes = agreed("ABC");
  nodes.cut("A", "BC");
  nodes.run(kLease / 2);
  EXPECT_EQ(nodes.confirmed("ABC"), "ABC");
  nodes.run(kLease);
  EXPECT_EQ(nodes.confirmed("ABC"), "BC");
  EXPECT_EQ(nodes.missing('A'), "BC");
}

TEST_F(MajorityOf, the_smaller_part_stays_unconfirmed_when_its_view_shrinks) {
  Nodes nodes = agreed("ABCDE");
  nodes.cut("AB", "CDE");
  nodes.run(kLease * 2);
  nodes.see("AB", "AB");
  nodes.see("CDE", "CDE");
  nodes.run(kLease * 2);
  EXPECT_EQ(nodes.confirmed("ABCDE"), "CDE");
  EXPECT_EQ(nodes.missing('A'), "CDE");
}

TEST_F(MajorityOf, of_two_halves_the_one_with_the_lowest_name_is_confirmed) {
  Nodes nodes = agreed("ABCD");
  nodes.cut("AD", "BC");
  nodes.run(kLease * 2);
  EXPECT_EQ(nodes.confirmed("ABCD"), "AD");
}

TEST_F(MajorityOf, what_is_left_of_what_was_left_goes_on) {
  Nodes nodes = agreed("ABCDE");
  nodes.cut("AB", "CDE");
  nodes.run(kLease * 2);
  nodes.see("CDE", "CDE");
  nodes.run(kLease * 2);
  nodes.cut("D", "CE");
  nodes.run(kLease * 2);
  nodes.see("CE", "CE");
  nodes.run(kLease * 2);
  EXPECT_EQ(nodes.confirmed("ABCDE"), "CE");
}

TEST_F(MajorityOf, those_that_were_left_out_of_an_agreement_are_no_majority_of_an_older_one) {
  Nodes nodes = agreed("ABC");
  nodes.cut("A", "BC");
  nodes.run(kLease * 2);
  nodes.see("A", "A");
  nodes.see("BC", "BC");
  nodes.run(kLease * 2);
  // C is cut off as well, then it and A meet again: two of three, but B goes on alone.
  nodes.heal();
  nodes.cut("B", "AC");
  nodes.run(kLease * 2);
  nodes.see("B", "B");
  nodes.see("AC", "AC");
  nodes.run(kLease * 3);
  EXPECT_EQ(nodes.confirmed("ABC"), "B");
  nodes.heal();
  nodes.see("ABC", "ABC");
  nodes.run(kLease * 2);
  EXPECT_EQ(nodes.confirmed("ABC"), "ABC");
}

TEST_F(MajorityOf, a_ring_that_others_may_have_agreed_on_binds_who_named_it) {
  Nodes nodes = agreed("ABC");
  // B hears from C that it names the ring of two, and agrees. C does not hear of B's agreement.
  nodes.see("A", "A");
  nodes.see("BC", "BC");
  nodes.tell('B', 'C');
  nodes.tell('C', 'B');
  EXPECT_EQ(nodes.of('B').number(), nodes.of('C').number() + 1);
  nodes.cut("B", "AC");
  nodes.run(kLease * 2);
  nodes.see("B", "B");
  nodes.see("AC", "AC");
  nodes.run(kLease * 3);
  EXPECT_EQ(nodes.confirmed("ABC"), "B");
}

TEST_F(MajorityOf, it_binds_however_many_others_who_named_it_has_named_since) {
  Nodes nodes = agreed("ABC");
  nodes.see("A", "A");
  nodes.see("BC", "BC");
  nodes.tell('B', 'C');
  nodes.tell('C', 'B');
  nodes.cut("B", "AC");
  nodes.run(kLease * 2);
  // A is restarted again and again.
  for (uint64_t ring = UINT64_MAX; ring > UINT64_MAX - 200; --ring) {
    nodes.of('C').on_view(ring, {{Nodes::id('A'), "A"}, {Nodes::id('C'), "C"}}, nodes.now());
  }
  nodes.see("B", "B");
  nodes.see("AC", "AC");
  nodes.run(kLease * 3);
  EXPECT_EQ(nodes.confirmed("ABC"), "B");
  EXPECT_EQ(nodes.missing('C'), "B");
  nodes.heal();
  nodes.see("ABC", "ABC");
  nodes.run(kLease * 2);
  EXPECT_EQ(nodes.confirmed("ABC"), "ABC");
}

TEST_F(MajorityOf, a_link_that_carries_one_way_confirms_nobody) {
  Nodes nodes = agreed("ABC");
  nodes.cut_one_way('A', 'B');
  nodes.cut_one_way('A', 'C');
  nodes.run(kLease * 2);
  EXPECT_EQ(nodes.confirmed("ABC"), "BC");
}

TEST_F(MajorityOf, who_is_dropped_from_the_view_of_the_others_is_not_confirmed_though_it_is_heard) {
  Nodes nodes = agreed("ABC");
  nodes.see("BC", "BC");
  nodes.run(kLease * 2);
  EXPECT_EQ(nodes.confirmed("ABC"), "BC");
}

TEST_F(MajorityOf, an_answer_counts_from_when_it_was_asked_for) {
  Nodes nodes = agreed("AB");
  nodes.cut("A", "B");
  nodes.run(kLease * 2);
  ASSERT_FALSE(nodes.confirmed('B'));
  const RingWord late = nodes.of('A').word(nodes.now());
  nodes.of('B').on_word(Nodes::id('A'), late, nodes.now() - kLease, nodes.now());
  EXPECT_FALSE(nodes.confirmed('B'));
  nodes.of('B').on_word(Nodes::id('A'), late, nodes.now() - kLease / 2, nodes.now());
  EXPECT_EQ(nodes.of('B').confirmed_until(), nodes.now() + kLease / 2);
}

TEST_F(MajorityOf, one_that_joins_is_confirmed_once_all_name_the_new_ring) {
  Nodes nodes = agreed("ABC");
  nodes.start('D');
  nodes.see("ABD", "ABCD");
  nodes.run(kAsk);
  EXPECT_EQ(nodes.confirmed("ABCD"), "ABC");
  nodes.see("C", "ABCD");
  nodes.run(kLease);
  EXPECT_EQ(nodes.confirmed("ABCD"), "ABCD");
}

TEST_F(MajorityOf, a_restarted_member_counts_again) {
  Nodes nodes = agreed("ABC");
  nodes.start('C');
  nodes.see("ABC", "ABC");
  nodes.run(kLease);
  EXPECT_EQ(nodes.confirmed("ABC"), "ABC");
}

TEST_F(MajorityOf, all_may_be_restarted_one_after_the_other_or_at_once) {
  Nodes nodes = agreed("ABC");
  for (const char name : {'A', 'B', 'C'}) {
    nodes.stop(name);
    nodes.run(kLease);
    nodes.start(name);
    nodes.see("ABC", "ABC");
    nodes.run(kLease);
    EXPECT_EQ(nodes.confirmed("ABC"), "ABC");
  }
  for (const char name : {'A', 'B', 'C'}) nodes.start(name);
  nodes.see("ABC", "ABC");
  nodes.run(kLease);
  EXPECT_EQ(nodes.confirmed("ABC"), "ABC");
}

TEST_F(MajorityOf, those_that_left_or_have_ended_are_not_missed) {
  Nodes nodes = agreed("ABC");
  nodes.stop('A');
  nodes.stop('B');
  nodes.run(kLease * 2);
  nodes.see("C", "C");
  EXPECT_FALSE(nodes.confirmed('C'));
  EXPECT_EQ(nodes.missing('C'), "AB");
  EXPECT_EQ(nodes.of('C').absent().size(), 2);
  nodes.of('C').forget(Nodes::id('A'));
  nodes.of('C').forget(Nodes::id('B'));
  nodes.of('C').set_strangers({}, nodes.now());
  EXPECT_TRUE(nodes.confirmed('C'));
}

TEST_F(MajorityOf, a_slow_member_is_missed_while_it_is_slow) {
  Nodes nodes = agreed("ABC");
  nodes.cut("C", "AB");
  nodes.run(kLease * 3);
  EXPECT_EQ(nodes.confirmed("ABC"), "AB");
  EXPECT_EQ(nodes.missing('A'), "C");
  nodes.heal();
  nodes.run(kAsk);
  EXPECT_EQ(nodes.confirmed("ABC"), "ABC");
}

// Whatever happens, no two parts that do not reach each other are confirmed at once.
TEST_F(MajorityOf, two_parts_are_never_confirmed_at_once) {
  const std::string all = "ABCDE";
  for (uint32_t seed = 1; seed <= 100; ++seed) {
    uint32_t random = seed * 2'654'435'761U;
    const auto below = [&random](uint32_t n) {
      random = random * 1'664'525U + 1'013'904'223U;
      return (random >> 16) % n;
    };
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

}  // namespace
}  // namespace distcache::core
