#include <memory>

#include "membership_driver.h"
#include "membership_pump.h"

// Of a large cluster a Hello and a Welcome name some: by them all must come to know all.
namespace distcache::core {
namespace {

constexpr size_t kMembers = 100;
constexpr size_t kNamed = 16;

Member numbered(size_t i) { return record("m" + std::to_string(i)); }

// Members that have all met each other, but for those that `missing` says.
std::vector<std::unique_ptr<Driver>> acquainted(size_t count, SeededRng& rng, uint64_t missing) {
  std::vector<std::unique_ptr<Driver>> members;
  for (size_t i = 0; i < count; ++i) {
    members.push_back(std::make_unique<Driver>("m" + std::to_string(i)));
    for (size_t other = 0; other < count; ++other) {
      if (other != i && rng.below(100) >= missing) members.back()->meet(numbered(other));
    }
  }
  return members;
}

// Who is found by asking the first of them, whoever it names, and so on; and in how many rounds.
std::pair<size_t, size_t> asked_around(std::vector<std::unique_ptr<Driver>>& members) {
  std::map<std::string, size_t> places;
  for (size_t i = 0; i < members.size(); ++i) places[numbered(i).name] = i;
  const Member newcomer = record("newcomer");
  std::set<size_t> found{0};
  std::vector<size_t> to_ask{0};
  size_t rounds = 0;
  for (; !to_ask.empty(); ++rounds) {
    std::vector<size_t> named;
    for (const size_t i : to_ask) {
      members[i]->hello(newcomer);
      const Welcome welcome = members[i]->answer();
      EXPECT_LE(welcome.members.size(), kNamed + 2);
      for (const Member& member : welcome.members) {
        const auto place = places.find(member.name);
        if (place != places.end() && found.insert(place->second).second) {
          named.push_back(place->second);
        }
      }
    }
    to_ask = std::move(named);
  }
  return {found.size(), rounds};
}

TEST(MembershipLarge, WhoAsksAroundFindsEverybodyInAFewRounds) {
  SeededRng rng(1);
  auto members = acquainted(kMembers, rng, 0);
  const auto [found, rounds] = asked_around(members);
  EXPECT_EQ(found, kMembers);
  EXPECT_LE(rounds, 8U);  // the last one finds nobody new
}

TEST(MembershipLarge, SoItDoesWhereEachMissesATenthOfTheOthers) {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    SeededRng rng(seed);
    auto members = acquainted(kMembers, rng, 10);
    EXPECT_EQ(asked_around(members).first, kMembers) << "seed " << seed;
  }
}

TEST(MembershipLarge, WhoTellsAllIsToldAll) {
  SeededRng rng(1);
  auto members = acquainted(1, rng, 0);
  Driver& me = *members.front();
  std::vector<Member> others;
  for (size_t i = 1; i < kMembers; ++i) {
    me.meet(numbered(i));
    others.push_back(numbered(i));
  }
  me.hello(record("x"), others);
  EXPECT_EQ(me.answer().members.size(), kMembers + 1) << "and about itself";
  others.resize(5);
  me.hello(record("x"), others);
  EXPECT_LE(me.answer().members.size(), kNamed + 2);
}

TEST(MembershipLarge, FewAreAll) {
  SeededRng rng(1);
  auto members = acquainted(kNamed, rng, 0);
  members.front()->hello(record("x"));
  EXPECT_EQ(members.front()->answer().members.size(), kNamed + 1);
}

// ---- whole clusters -----------------------------------------------------------------------------

void expect_all_see_all(Pump& pump, uint64_t seed) {
  for (size_t i = 0; i < pump.size(); ++i) {
    ASSERT_TRUE(pump.process(i).node);
    EXPECT_EQ(pump.process(i).node->live(), pump.size())
        << pump.process(i).name << ", seed " << seed;
  }
}

void add_cluster(Pump& pump, const std::string& prefix, size_t count, uint64_t incarnation) {
  const size_t first = pump.size();
  for (size_t i = 0; i < count; ++i) {
    pump.add(prefix + std::to_string(i), {i == 0 ? first + 1 : first});
  }
  for (size_t i = first; i < pump.size(); ++i) pump.start(i, incarnation);
}

TEST(MembershipLarge, AllThatStartAtOnceMeetAlsoWhereAFifthOfAllMessagesIsLost) {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    Pump pump(seed);
    pump.set_loss(0.2);
    add_cluster(pump, "n", 40, 100);
    pump.run(Duration::seconds(8));
    pump.set_loss(0);
    pump.run(Duration::seconds(6));  // whoever was suspected for the losses speaks up
    expect_all_see_all(pump, seed);
  }
}

TEST(MembershipLarge, ClustersThatStartedApartMerge) {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    Pump pump(seed);
    add_cluster(pump, "a", 30, 100);
    add_cluster(pump, "b", 20, 100);
    pump.run(Duration::seconds(4));
    ASSERT_EQ(pump.process(0).node->live(), 30U);
    ASSERT_EQ(pump.process(30).node->live(), 20U);
    pump.process(49).seeds.push_back(17);  // one of each learns of one of the other
    pump.run(Duration::seconds(8));
    expect_all_see_all(pump, seed);
  }
}

}  // namespace
}  // namespace distcache::core
