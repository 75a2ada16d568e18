#include "core/cluster/member_view.h"

#include <gtest/gtest.h>

#include "base/hash.h"

namespace distcache::core {
namespace {

constexpr KeyspaceId kPages = 77;

MemberStatus status(const std::string& name, std::vector<MemberKeyspace> keyspaces) {
  MemberStatus member;
  member.record.name = name;
  member.record.incarnation = 1;
  member.record.keyspaces = std::move(keyspaces);
  return member;
}

std::string names(const ViewPtr& view) {
  std::string all;
  for (const char* name : {"a", "b", "c", "d"}) {
    if (view->find(hash64(name))) all += name;
  }
  EXPECT_EQ(all.size(), view->members().size());
  return all;
}

TEST(MemberView, OwnersAreThoseThatCanLoadTheKeyspace) {
  const std::vector<MemberStatus> members = {
      status("a", {{kPages, true}}), status("b", {{1, true}, {kPages, false}}),
      status("c", {{1, true}, {kPages, true}}), status("d", {})};
  const ViewPtr view = make_view(kPages, members, hash64("b"));
  EXPECT_EQ(names(view), "ac");
  EXPECT_EQ(view->self(), hash64("b"));
  EXPECT_EQ(names(make_view(1, members, 0)), "bc");
  EXPECT_EQ(names(make_view(999, members, 0)), "");
}

TEST(MemberView, WithoutAnySourceAllThatHaveTheKeyspaceOwnIt) {
  const std::vector<MemberStatus> members = {
      status("a", {{kPages, false}}), status("b", {{kPages, false}}), status("c", {{1, true}})};
  EXPECT_EQ(names(make_view(kPages, members, 0)), "ab");
}

TEST(MemberView, ClientsAndTheLostOwnNothingThoseDownStill) {
  std::vector<MemberStatus> members;
  for (const char* name : {"a", "b", "c", "d"}) members.push_back(status(name, {{kPages, true}}));
  members[0].record.role = Role::client;
  members[1].record.state = MemberState::dead;
  members[2].record.state = MemberState::suspect;
  members[2].reach = Reach::down;
  const ViewPtr view = make_view(kPages, members, 0);
  EXPECT_EQ(names(view), "cd");
  EXPECT_EQ(view->find(hash64("c"))->reach, Reach::down);
  members[2].record.state = MemberState::left;
  EXPECT_EQ(names(make_view(kPages, members, 0)), "d");
}

TEST(MemberView, ThoseLostInSilenceOwnNothingAndAreMissed) {
  std::vector<MemberStatus> members;
  for (const char* name : {"a", "b", "c"}) members.push_back(status(name, {{kPages, true}}));
  const uint64_t without_c = make_view(kPages, {members.data(), 2}, 0)->id();
  members[2].record.state = MemberState::dead;
  members[2].reach = Reach::down;
  members[2].silent = true;
  const ViewPtr view = make_view(kPages, members, 0);
  EXPECT_EQ(names(view), "ab");
  EXPECT_EQ(view->id(), without_c);
  int missed = 0;
  for (uint64_t key = 0; key < 1000; ++key) {
    ASSERT_NE(view->acting_owner(mix64(key)).member, hash64("c"));
    const ViewMember* owner = view->missed_owner(mix64(key));
    if (owner == nullptr) continue;
    ASSERT_EQ(owner->name, "c");
    ++missed;
  }
  EXPECT_NEAR(missed, 333, 60) << "its share of the keys";
  members[2].silent = false;
  for (uint64_t key = 0; key < 1000; ++key) {
    ASSERT_EQ(make_view(kPages, members, 0)->missed_owner(mix64(key)), nullptr);
  }
}

TEST(MemberView, OfThoseLostOnlyWhoCouldOwnSomethingIsMissed) {
  std::vector<MemberStatus> members = {status("a", {{kPages, true}}),
                                       status("b", {{kPages, false}})};
  members[1].record.state = MemberState::dead;
  members[1].silent = true;
  const ViewPtr view = make_view(kPages, members, 0);
  for (uint64_t key = 0; key < 200; ++key) ASSERT_EQ(view->missed_owner(mix64(key)), nullptr);
}

TEST(MemberView, WhereOnlyMembersWithoutASourceAreLeftTheLostOnesOwnedEverything) {
  std::vector<MemberStatus> members = {status("a", {{kPages, true}}),
                                       status("b", {{kPages, false}})};
  members[0].record.state = MemberState::dead;
  members[0].silent = true;
  const ViewPtr view = make_view(kPages, members, hash64("b"));
  EXPECT_EQ(names(view), "b");
  for (uint64_t key = 0; key < 200; ++key) {
    const ViewMember* missed = view->missed_owner(mix64(key));
    ASSERT_TRUE(missed);
    ASSERT_EQ(missed->name, "a");
    ASSERT_EQ(view->owner_or_lost(mix64(key)), missed);
  }
}

TEST(MemberView, CarriesWeightAndIncarnation) {
  std::vector<MemberStatus> members = {status("a", {{kPages, true}})};
  members[0].record.weight = 7;
  members[0].record.incarnation = 3;
  const ViewPtr view = make_view(kPages, members, 0);
  EXPECT_EQ(view->find(hash64("a"))->ring.weight, 7U);
  EXPECT_EQ(view->find(hash64("a"))->incarnation, 3U);
}

}  // namespace
}  // namespace distcache::core
