#include "core/cluster/majority.h"

#include <gtest/gtest.h>

#include <string>

#include "majority_nodes.h"

namespace distcache::core::majority {
namespace {

TEST(Majority, a_node_alone_confirms_itself_for_ever) {
  Nodes nodes("A");
  EXPECT_FALSE(nodes.confirmed('A'));
  nodes.see("A", "A");
  EXPECT_TRUE(nodes.of('A').confirmed_until().is_never());
}

TEST(Majority, a_new_process_is_not_confirmed_while_any_that_discovery_lists_is_unmet) {
  Nodes nodes("ABC");
  nodes.see("A", "A");
  EXPECT_FALSE(nodes.confirmed('A'));
  EXPECT_EQ(nodes.missing('A'), "BC");
  nodes.see("AB", "AB");
  nodes.run(kLease);
  EXPECT_EQ(nodes.confirmed("AB"), "");
  EXPECT_EQ(nodes.missing('B'), "C");
  nodes.see("ABC", "ABC");
  nodes.run(kLease);
  EXPECT_EQ(nodes.confirmed("ABC"), "ABC");
}

TEST(Majority, or_until_discovery_lists_it_no_longer) {
  Nodes nodes("ABC");
  nodes.see("AB", "AB");
  nodes.run(kLease);
  EXPECT_EQ(nodes.confirmed("AB"), "");
  for (const char name : {'A', 'B'}) nodes.of(name).set_strangers({}, nodes.now());
  nodes.run(kLease);
  EXPECT_EQ(nodes.confirmed("AB"), "AB");
}

TEST(MajorityOf, who_is_cut_off_is_confirmed_for_a_lease_and_no_longer) {
  Nodes nodes = agreed("ABC");
  nodes.cut("A", "BC");
  nodes.run(kLease / 2);
  EXPECT_EQ(nodes.confirmed("ABC"), "ABC");
  nodes.run(kLease);
  EXPECT_EQ(nodes.confirmed("ABC"), "BC");
  EXPECT_EQ(nodes.missing('A'), "BC");
}

TEST(MajorityOf, the_smaller_part_stays_unconfirmed_when_its_view_shrinks) {
  Nodes nodes = agreed("ABCDE");
  nodes.cut("AB", "CDE");
  nodes.run(kLease * 2);
  nodes.see("AB", "AB");
  nodes.see("CDE", "CDE");
  nodes.run(kLease * 2);
  EXPECT_EQ(nodes.confirmed("ABCDE"), "CDE");
  EXPECT_EQ(nodes.missing('A'), "CDE");
}

TEST(MajorityOf, of_two_halves_the_one_with_the_lowest_name_is_confirmed) {
  Nodes nodes = agreed("ABCD");
  nodes.cut("AD", "BC");
  nodes.run(kLease * 2);
  EXPECT_EQ(nodes.confirmed("ABCD"), "AD");
}

TEST(MajorityOf, what_is_left_of_what_was_left_goes_on) {
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

TEST(MajorityOf, those_that_were_left_out_of_an_agreement_are_no_majority_of_an_older_one) {
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

TEST(MajorityOf, a_ring_that_others_may_have_agreed_on_binds_who_named_it) {
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

TEST(MajorityOf, it_binds_however_many_others_who_named_it_has_named_since) {
  Nodes nodes = agreed("ABC");
  nodes.see("A", "A");
  nodes.see("BC", "BC");
  nodes.tell('B', 'C');
  nodes.tell('C', 'B');
  nodes.cut("B", "AC");
  nodes.run(kLease * 2);
  // A is restarted again and again.
  for (uint64_t ring = UINT64_MAX; ring > UINT64_MAX - 200; --ring) {
    nodes.of('C').on_view(ring, {{Nodes::id('A'), "A"}, {Nodes::id('C'), "C"}}, {"B"}, nodes.now());
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

// A cluster that never agrees, and whose members come, go and get new names all the time.
TEST(MajorityOf, those_that_are_gone_are_not_counted_for_ever) {
  Nodes nodes = agreed("ABC");
  Majority& of = nodes.of('C');
  for (uint64_t i = 0; i < 1'000; ++i) {
    of.on_view(i + 1, {{Nodes::id('C'), "C"}, {1'000 + i, std::to_string(i)}}, {"B"}, nodes.now());
    for (const MemberId absent : of.absent()) {
      if (absent >= 1'000) of.forget(absent);
    }
  }
  EXPECT_LT(of.absent().size(), 100U);
  EXPECT_LE(of.confirmed_until(), nodes.now()) << "some of them may have agreed with others";
}

TEST(MajorityOf, a_link_that_carries_one_way_confirms_nobody) {
  Nodes nodes = agreed("ABC");
  nodes.cut_one_way('A', 'B');
  nodes.cut_one_way('A', 'C');
  nodes.run(kLease * 2);
  EXPECT_EQ(nodes.confirmed("ABC"), "BC");
}

TEST(MajorityOf, who_is_dropped_from_the_view_of_the_others_is_not_confirmed_though_it_is_heard) {
  Nodes nodes = agreed("ABC");
  nodes.see("BC", "BC");
  nodes.run(kLease * 2);
  EXPECT_EQ(nodes.confirmed("ABC"), "BC");
}

TEST(MajorityOf, an_answer_counts_from_when_it_was_asked_for) {
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

TEST(MajorityOf, one_that_joins_is_confirmed_once_all_name_the_new_ring) {
  Nodes nodes = agreed("ABC");
  nodes.start('D');
  nodes.see("ABD", "ABCD");
  nodes.run(kAsk);
  EXPECT_EQ(nodes.confirmed("ABCD"), "ABC");
  nodes.see("C", "ABCD");
  nodes.run(kLease);
  EXPECT_EQ(nodes.confirmed("ABCD"), "ABCD");
}

TEST(MajorityOf, a_restarted_member_counts_again) {
  Nodes nodes = agreed("ABC");
  nodes.start('C');
  nodes.see("ABC", "ABC");
  nodes.run(kLease);
  EXPECT_EQ(nodes.confirmed("ABC"), "ABC");
}

TEST(MajorityOf, all_may_be_restarted_one_after_the_other_or_at_once) {
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

TEST(MajorityOf, those_that_left_are_missed_until_discovery_lists_them_no_longer) {
  Nodes nodes = agreed("ABC");
  nodes.leave("AB");
  nodes.run(kLease * 2);
  nodes.see("C", "C");
  EXPECT_FALSE(nodes.confirmed('C'));
  EXPECT_EQ(nodes.missing('C'), "AB");
  EXPECT_EQ(nodes.of('C').absent().size(), 2);
  nodes.unlist('A');
  nodes.see("C", "C");
  EXPECT_FALSE(nodes.confirmed('C'));
  nodes.unlist('B');
  nodes.see("C", "C");
  EXPECT_TRUE(nodes.confirmed('C'));
}

TEST(MajorityOf, those_that_leave_one_after_the_other_are_not_missed) {
  Nodes nodes = agreed("ABC");
  nodes.leave("C");
  nodes.see("AB", "AB");
  nodes.run(kLease);
  EXPECT_EQ(nodes.confirmed("AB"), "AB");
  nodes.leave("B");
  nodes.see("A", "A");
  EXPECT_TRUE(nodes.confirmed('A'));
}

// B cannot know that those of whom it hears that they left had agreed with C before.
TEST(MajorityOf, those_that_left_may_have_agreed_with_others_before) {
  Nodes nodes = agreed("BCDEF");
  nodes.cut("B", "CDEF");
  nodes.run(kLease * 2);
  nodes.see("CDEF", "CDEF");
  nodes.run(kLease * 2);
  nodes.leave("F");
  nodes.see("CDE", "CDE");
  nodes.run(kLease * 2);
  nodes.leave("E");
  nodes.see("CD", "CD");
  nodes.run(kLease * 2);
  nodes.leave("D");
  nodes.see("C", "C");
  for (const char name : {'D', 'E', 'F'}) {
    nodes.unlist(name);
    nodes.of('B').forget(Nodes::id(name));
  }
  nodes.see("B", "B");
  nodes.run(kLease * 2);
  EXPECT_EQ(nodes.confirmed("BC"), "C");
}

// The simulator's seed 1754. It is right to go on alone, and knows nothing of those who take the
// names of them who left; they are most of what discovery lists.
TEST(MajorityOf, new_ones_do_not_agree_without_one_that_others_have_left_alone) {
  Nodes nodes = agreed("ABC");
  nodes.leave("C");
  nodes.see("AB", "AB");
  nodes.run(kLease);
  nodes.leave("B");
  nodes.see("A", "A");
  EXPECT_TRUE(nodes.confirmed('A'));
  nodes.cut("A", "BC");
  nodes.start('B');
  nodes.start('C');
  nodes.see("BC", "BC");
  nodes.run(kLease * 2);
  EXPECT_EQ(nodes.confirmed("ABC"), "A");
  EXPECT_EQ(nodes.missing('B'), "A");
  nodes.heal();
  nodes.see("ABC", "ABC");
  nodes.run(kLease * 2);
  EXPECT_EQ(nodes.confirmed("ABC"), "ABC");
}

TEST(MajorityOf, a_slow_member_is_missed_while_it_is_slow) {
  Nodes nodes = agreed("ABC");
  nodes.cut("C", "AB");
  nodes.run(kLease * 3);
  EXPECT_EQ(nodes.confirmed("ABC"), "AB");
  EXPECT_EQ(nodes.missing('A'), "C");
  nodes.heal();
  nodes.run(kAsk);
  EXPECT_EQ(nodes.confirmed("ABC"), "ABC");
}

}  // namespace
}  // namespace distcache::core::majority
