#include <gtest/gtest.h>

#include <set>

#include "core/granted.h"
#include "shard_fixture.h"

// Granted loads of which several callers of the owner's own process hold one, or leave.
namespace distcache::core {
namespace {

constexpr Duration kLease = Duration::ms(2'500);  // half of the source's time

// Ids of waiters that have been answered: what they name is gone, and must not be looked at.
std::set<uint64_t> answered;
// Those that another thread cancels when they have been looked at once.
std::set<uint64_t> about_to_leave;
std::set<uint64_t> left;

class GrantCallersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    answered.clear();
    about_to_leave.clear();
    left.clear();
  }
  static ShardOptions options() {
    ShardOptions options = ShardFixture::default_options();
    options.has_source = false;
    options.waiters_max = 4;
    options.has_left = [](const Waiter& waiter) {
      EXPECT_FALSE(answered.contains(waiter.id)) << waiter.id;
      if (about_to_leave.contains(waiter.id)) return !left.insert(waiter.id).second;
      return waiter.id >= 100;
    };
    return options;
  }
  std::optional<Outcome> ask(uint64_t id, Duration timeout = Duration::seconds(5)) {
    const Waiter waiter{Waiter::Kind::local, 0, id, owner.now + timeout};
    return owner.shard.get(Key::of(key), {waiter, 0, {}, {}, 0, std::make_shared<Loader>()},
                           owner.now, owner.out);
  }
  void ask_from(const std::string& member, uint64_t id) {
    const Waiter waiter{Waiter::Kind::remote, id, id, owner.now + Duration::seconds(5)};
    EXPECT_FALSE(owner.shard.get(Key::of(key), {waiter, kCallLoader, {}, {}, hash64(member)},
                                 owner.now, owner.out));
  }
  FetchStart fetched() {
    std::vector<FetchStart> fetches = owner.fetches();
    EXPECT_EQ(fetches.size(), 1U);
    return fetches.empty() ? FetchStart{} : fetches.front();
  }
  void end(const FetchStart& fetch, Status status) {
    LoadAnswer answer;
    answer.status = status;
    answer.grant = fetch.grant;
    owner.shard.on_loaded(fetch.flight, std::move(answer), owner.now, owner.out);
  }
  void pass(Duration time) {
    owner.now = owner.now + time;
    owner.shard.tick(owner.now, 100, owner.out);
  }
  std::map<uint64_t, Outcome> completed() {
    std::map<uint64_t, Outcome> done = owner.completed();
    for (const auto& [id, outcome] : done) answered.insert(id);
    return done;
  }

  ShardFixture owner{"a", {"a"}, options()};
  const std::string key = "key";
};

TEST_F(GrantCallersTest, OneThatHasLeftAndWasToldSoIsNotLookedAt) {
  EXPECT_FALSE(ask(1));
  EXPECT_FALSE(ask(100));
  EXPECT_FALSE(ask(2));
  EXPECT_FALSE(ask(3));
  EXPECT_FALSE(ask(4));  // there was no room: 100 made it
  EXPECT_EQ(completed().at(100).status, Status::cancelled);
  fetched();
  pass(kLease);
  EXPECT_EQ(owner.fetches().size(), 1U);  // that of 2
}

TEST_F(GrantCallersTest, TheFailureOfALateOneIsNotThatOfTheLoad) {
  EXPECT_FALSE(ask(1));
  EXPECT_FALSE(ask(2));
  const FetchStart late = fetched();
  pass(kLease);
  const FetchStart next = fetched();
  end(late, Status::source_failed);
  EXPECT_TRUE(completed().empty());
  end(next, Status::not_found);
  EXPECT_EQ(completed().at(1).status, Status::not_found);
}

TEST_F(GrantCallersTest, NorIsItWhereTheSourceHereHasTakenOver) {
  EXPECT_FALSE(ask(1));
  const FetchStart late = fetched();
  ShardOptions options = GrantCallersTest::options();
  options.has_source = true;
  owner.shard.set_options(options);
  pass(kLease);
  const FetchStart own = fetched();
  EXPECT_EQ(own.loader, nullptr);
  end(late, Status::source_failed);
  EXPECT_TRUE(completed().empty());
  end(own, Status::not_found);
  EXPECT_EQ(completed().at(1).status, Status::not_found);
}

// This process stood still meanwhile: for 2 that its time is over comes before that nobody loads.
TEST_F(GrantCallersTest, OneWhoseTimeIsOverHearsJustThatWhereTheHolderIsGone) {
  ask_from("b", 1);
  EXPECT_FALSE(ask(2, Duration::seconds(1)));
  EXPECT_FALSE(owner.get(key, 3));
  owner.now = owner.now + Duration::seconds(1);
  owner.shard.on_gone({hash64("b")}, owner.now, owner.out);
  const auto done = completed();
  EXPECT_EQ(done.at(2).status, Status::timed_out);
  EXPECT_EQ(done.at(3).status, Status::peer_unreachable);
  EXPECT_EQ(owner.shard.flights(), 0U);
}

TEST_F(GrantCallersTest, OneWhoseTimeIsOverHearsJustThatWhereTheHolderHasLeft) {
  EXPECT_FALSE(ask(1));
  EXPECT_FALSE(ask(2, Duration::seconds(1)));
  EXPECT_FALSE(owner.get(key, 3));
  owner.now = owner.now + Duration::seconds(1);
  end(fetched(), Status::overloaded);
  const auto done = completed();
  EXPECT_EQ(done.at(1).status, Status::overloaded);
  EXPECT_EQ(done.at(2).status, Status::timed_out);
  EXPECT_EQ(done.at(3).status, Status::overloaded);
  EXPECT_EQ(owner.shard.flights(), 0U);
}

TEST_F(GrantCallersTest, ADeadMembersOtherCallsHaveNoTurn) {
  ask_from("b", 1);
  ask_from("b", 2);
  ask_from("c", 3);
  owner.out.grants.clear();
  owner.shard.on_gone({hash64("b")}, owner.now, owner.out);
  ASSERT_EQ(owner.out.grants.size(), 1U);
  EXPECT_EQ(owner.out.grants[0].to.id, 3U);
}

// Whoever refuses one load for want of room would refuse those of the others, one within the other.
TEST_F(GrantCallersTest, WithoutRoomForOneOnlyOtherMembersAreAsked) {
  EXPECT_FALSE(ask(1));
  EXPECT_FALSE(ask(2));
  ask_from("b", 3);
  const FetchStart first = fetched();
  end(first, Status::overloaded);
  EXPECT_TRUE(owner.fetches().empty());
  ASSERT_EQ(owner.out.grants.size(), 1U);
  EXPECT_EQ(owner.out.grants[0].to.id, 3U);
}

TEST_F(GrantCallersTest, LoadersOfThoseThatTimedOutAreNotKept) {
  EXPECT_FALSE(ask(1, Duration::seconds(60)));
  std::vector<std::weak_ptr<Loader>> loaders;
  constexpr uint64_t kMany = 1'000;
  for (uint64_t i = 0; i < kMany; ++i) {
    const auto loader = std::make_shared<Loader>();
    loaders.push_back(loader);
    const Waiter waiter{Waiter::Kind::local, i, 2, owner.now + Duration::us(1)};
    EXPECT_FALSE(
        owner.shard.get(Key::of(key), {waiter, 0, {}, {}, 0, loader}, owner.now, owner.out));
    pass(Duration::us(1));
    completed();
    answered.clear();  // the next one has the same id
  }
  const auto kept = std::count_if(loaders.begin(), loaders.end(),
                                  [](const std::weak_ptr<Loader>& at) { return !at.expired(); });
  EXPECT_LT(static_cast<uint64_t>(kept), kMany / 5);
}

class GrantBoundTest : public ::testing::Test {
 protected:
  static constexpr size_t kMost = 10;
  static ShardOptions options() {
    ShardOptions options = ShardFixture::default_options();
    options.has_source = false;
    options.granted_max = kMost;
    return options;
  }
  std::optional<Outcome> ask(size_t number) {
    const Waiter waiter{Waiter::Kind::remote, number, number, owner.now + Duration::seconds(5)};
    return owner.shard.get(Key::of(owned[number]), {waiter, kCallLoader, {}, {}, hash64("b")},
                           owner.now, owner.out);
  }
  void SetUp() override {
    for (int i = 0; owned.size() < 2 * kMost || foreign.size() < 2 * kMost; ++i) {
      const std::string key = std::to_string(i);
      (owner.view->self_acts(hash64(key)) ? owned : foreign).push_back(key);
    }
  }

  ShardFixture owner{"a", {"a", "b"}, options()};
  std::vector<std::string> owned, foreign;
};

TEST_F(GrantBoundTest, LoadsInProgressAreBounded) {
  for (size_t i = 0; i < kMost; ++i) EXPECT_FALSE(ask(i));
  const std::optional<Outcome> refused = ask(kMost);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, Status::overloaded);
  // One that ends makes room, be it that the source here has taken over.
  owner.shard.on_granted_load(Key::of(owned[0]), hash64("b"),
                              loaded_call({}, owner.out.grants[0].grant), {}, owner.now, owner.out);
  EXPECT_FALSE(ask(kMost));
  EXPECT_TRUE(ask(kMost + 1));
  owner.shard.set_options(ShardFixture::default_options());
  owner.shard.on_gone({hash64("b")}, owner.now, owner.out);
  owner.shard.set_options(options());
  EXPECT_FALSE(ask(kMost + 1));
}

TEST_F(GrantBoundTest, OtherWorkInProgressIsNot) {
  for (size_t i = 0; i < 2 * kMost; ++i) EXPECT_FALSE(owner.get(foreign[i], i));
  EXPECT_FALSE(ask(0));
}

// -- one that is cancelled while it is chosen -----------------------------------------------------

// A shard at b that asks the owner a for two callers, the first with a loader, in vain.
class GrantBroughtTest : public GrantCallersTest {
 protected:
  void bring() {
    const auto ask_until = [this](uint64_t id, int64_t seconds) {
      const Waiter waiter{Waiter::Kind::local, 0, id, node.now + Duration::seconds(seconds)};
      EXPECT_FALSE(
          node.shard.get(Key::of(key), {waiter, 0, {}, {}, 0, loader}, node.now, node.out));
    };
    ask_until(1, 4);
    ask_until(2, 5);
    const std::vector<CallStart> calls = node.calls();
    ASSERT_EQ(calls.size(), 1U);
    node.set_members({});
    node.shard.on_call_failed(calls[0].flight, false, node.now, node.out);
  }

  ShardFixture node{"b", {"a"}, options()};
  const LoaderPtr loader = std::make_shared<Loader>();
};

TEST_F(GrantBroughtTest, TheOtherHasItWhereTheLatestIsCancelledMeanwhile) {
  about_to_leave = {2};
  bring();
  const std::vector<FetchStart> fetches = node.fetches();
  ASSERT_EQ(fetches.size(), 1U);
  node.answer(fetches[0].flight, "value");
  EXPECT_EQ(text(node.completed().at(1)), "value");
}

TEST_F(GrantBroughtTest, NothingIsLeftWhereAllAreCancelledMeanwhile) {
  about_to_leave = {1, 2};
  bring();
  EXPECT_TRUE(node.fetches().empty());
  EXPECT_EQ(node.completed().size(), 2U);
  EXPECT_EQ(node.shard.flights(), 0U);
}

}  // namespace
}  // namespace distcache::core
