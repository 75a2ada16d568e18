#include <set>
#include <string>
#include <vector>

#include "core/cluster/refusals.h"
#include "membership_driver.h"

// What strangers and forgers can make a node do, and how often.
namespace distcache::core {
namespace {

const Member b = record("b");

TEST(MembershipBounds, WhoMakesUpNewerIncarnationsOfUsCannotMakeUsRestartAtWill) {
  Driver me;
  me.meet(b);
  std::set<uint64_t> incarnations;
  for (int i = 0; i < 1'000; ++i) {
    me.hello(b, {record("me", me.node.self().incarnation + 1)});
    incarnations.insert(me.node.self().incarnation);
    me.pass(Duration::ms(100));
  }
  EXPECT_GE(incarnations.size(), 2U) << "it may be true";
  EXPECT_LE(incarnations.size(), 7U) << "in 100 s: 0, 1, 3, 7, 15, 31, 63";
}

TEST(MembershipBounds, WhoIsRefusedAgainAndAgainIsToldOfOnceAMinute) {
  Driver me;
  std::vector<std::string> whys;
  for (int i = 0; i <= 120; ++i) {
    me.request(b, Hello{"production", {b}});
    EXPECT_EQ(me.answer().status, Status::invalid_config) << "it is answered each time";
    for (const PeerEvent& event : me.all<PeerEvent>()) whys.push_back(event.why);
    me.pass(Duration::ms(500));
  }
  ASSERT_EQ(whys.size(), 2U);
  EXPECT_EQ(whys[0].find("119"), std::string::npos) << whys[0];
  EXPECT_NE(whys[1].find("119 times"), std::string::npos) << whys[1];
}

TEST(MembershipBounds, WhoRefusesUsForEverNewReasonsIsBoundedToo) {
  Driver me;
  me.discovered({b.membership});
  const PeerSlot slot = me.opened(b.membership);
  me.link_up(slot);
  size_t told = 0;
  for (int i = 0; i < 10'000; ++i) {
    me.reply(slot, b, Welcome{Status::invalid_config, std::to_string(i), {}});
    told += me.all<PeerEvent>().size();
  }
  EXPECT_LE(told, Refusals::kKnownMax + 1);
}

}  // namespace
}  // namespace distcache::core
