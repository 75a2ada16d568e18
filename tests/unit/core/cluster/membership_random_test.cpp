#include "membership_pump.h"

// Whole clusters under loss, broken links, crashes, restarts, stops, moves and partitions. A
// failure names its seed; run one alone with --gtest_filter and the loop's bounds.
namespace distcache::core {
namespace {

constexpr Duration kChaos = Duration::seconds(6);
constexpr Duration kQuiet = Duration::seconds(10);  // within which all views have to agree

std::string name_of(size_t i) { return "n" + std::to_string(i); }

// Each process knows one of the first two, which know each other, and maybe one more.
void found(Pump& pump, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    std::vector<size_t> seeds{i == 0 ? 1 : pump.rng().below(std::min<size_t>(i, 2))};
    if (pump.rng().below(2) == 0) seeds.push_back(pump.rng().below(count));
    std::erase(seeds, i);
    pump.add(name_of(i), std::move(seeds));
  }
}

void disturb(Pump& pump) {
  SeededRng& rng = pump.rng();
  const size_t at = rng.below(pump.size());
  Pump::Process& process = pump.process(at);
  switch (rng.below(10)) {
    case 0:
      pump.break_random_link();
      break;
    case 1:
      pump.break_random_link();
      break;
    case 2:
      pump.kill(at);
      break;
    case 3:
      if (process.node && process.paused == 0 && rng.below(2)) pump.leave(at);
      break;
    case 4:
    case 5:
      if (process.node) break;
      if (rng.below(3) == 0) pump.move_ports(at);
      // One in four clocks was set back.
      pump.start(at, rng.below(4) ? process.incarnation + 100 : process.incarnation - 7);
      break;
    case 6: {
      const size_t other = rng.below(pump.size());
      if (other != at) pump.set_blocked(at, other, rng.below(2));
      break;
    }
    case 7:
      if (process.paused == 0) {
        pump.set_keyspaces(at, {{1 + rng.below(3), rng.below(2) == 0}, {9, true}});
      }
      break;
    case 8:
      pump.set_loss(0.01 * static_cast<double>(rng.below(30)));
      break;
    case 9:
      process.paused == 0 ? pump.pause(at) : pump.resume(at);
      break;
    default:
      break;
  }
}

void calm(Pump& pump) {
  pump.set_loss(0);
  for (size_t i = 0; i < pump.size(); ++i) pump.resume(i);
  for (size_t a = 0; a < pump.size(); ++a) {
    for (size_t b = a + 1; b < pump.size(); ++b) pump.set_blocked(a, b, false);
  }
}

void expect_agreement(Pump& pump) {
  std::set<std::string> running;
  for (size_t i = 0; i < pump.size(); ++i) {
    if (pump.process(i).node) running.insert(pump.process(i).name);
  }
  std::map<KeyspaceId, uint64_t> ids;
  for (size_t i = 0; i < pump.size(); ++i) {
    const Membership* node = pump.process(i).node.get();
    if (node == nullptr) continue;
    SCOPED_TRACE("as seen by " + pump.process(i).name);
    const std::vector<MemberStatus> members = node->members();
    std::set<std::string> seen;
    for (const MemberStatus& member : members) {
      if (!member.in_view()) continue;
      seen.insert(member.record.name);
      EXPECT_EQ(member.reach, Reach::up) << member.record.name;
    }
    EXPECT_EQ(seen, running);
    EXPECT_TRUE(node->settled());
    EXPECT_FALSE(node->identity_conflict().has_value());
    for (KeyspaceId keyspace : {1, 2, 3, 9}) {
      const ViewPtr view = make_view(keyspace, members, node->self().id());
      EXPECT_EQ(ids.emplace(keyspace, view->id()).first->second, view->id()) << keyspace;
    }
  }
}

uint64_t play(uint64_t seed) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  Pump pump(seed);
  found(pump, 3 + pump.rng().below(5));
  for (size_t i = 0; i < pump.size(); ++i) pump.start(i, 1000);
  const Instant end = pump.now() + kChaos;
  while (pump.now() < end && !::testing::Test::HasFatalFailure()) {
    pump.run(Duration::ms(static_cast<int64_t>(pump.rng().below(400))));
    disturb(pump);
  }
  calm(pump);
  pump.run(Duration::ms(50));  // who said goodbye is gone
  for (size_t i = 0; i < pump.size(); ++i) {
    // Half of the dead come back. The first one and the second must: they hold the rest together.
    if (!pump.process(i).node && (i < 2 || pump.rng().below(2))) {
      pump.start(i, pump.process(i).incarnation + 100);
    }
  }
  pump.run(kQuiet);
  if (!::testing::Test::HasFatalFailure()) expect_agreement(pump);
  return pump.hash();
}

void play_all(uint64_t first, uint64_t count) {
  for (uint64_t seed = first; seed < first + count; ++seed) {
    play(seed);
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(MembershipRandom, ViewsAgreeTenSecondsAfterTheLastFaultA) { play_all(1, 500); }
TEST(MembershipRandom, ViewsAgreeTenSecondsAfterTheLastFaultB) { play_all(501, 500); }
TEST(MembershipRandom, ViewsAgreeTenSecondsAfterTheLastFaultC) { play_all(1001, 500); }
TEST(MembershipRandom, ViewsAgreeTenSecondsAfterTheLastFaultD) { play_all(1501, 500); }

TEST(MembershipRandom, TheSameSeedGivesTheSameActions) {
  std::set<uint64_t> different;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const uint64_t hash = play(seed);
    EXPECT_EQ(play(seed), hash) << seed;
    different.insert(hash);
  }
  EXPECT_EQ(different.size(), 20U);
}

TEST(MembershipRandom, AQuietClusterIsQuiet) {
  Pump pump(1);
  found(pump, 5);
  for (size_t i = 0; i < pump.size(); ++i) pump.start(i, 1000);
  pump.run(Duration::seconds(5));
  expect_agreement(pump);
  std::vector<uint64_t> views;
  for (size_t i = 0; i < pump.size(); ++i) views.push_back(pump.process(i).views);
  const uint64_t inputs = pump.inputs();
  pump.run(Duration::seconds(100));
  for (size_t i = 0; i < pump.size(); ++i) {
    EXPECT_EQ(pump.process(i).views, views[i]);
  }
  // Each node pings twice a second: its tick, the arrival and that of the Pong.
  EXPECT_LT(pump.inputs() - inputs, 100 * 5 * 2 * 3 * 13 / 10);
}

}  // namespace
}  // namespace distcache::core
