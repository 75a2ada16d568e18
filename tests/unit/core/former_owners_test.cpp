#include <gtest/gtest.h>

#include <algorithm>

#include "shard_fixture.h"

// A node that comes to own a key does not know whom its predecessor lent it.
namespace distcache::core {
namespace {

constexpr Duration kLease = Duration::seconds(1);
const MemberId kB = hash64("b"), kC = hash64("c");

ShardOptions mirrored() {
  ShardOptions options = ShardFixture::default_options();
  options.mirror = MirrorMode::all;
  options.mirror_lease = kLease;
  options.mirror_bytes_max = 1 << 20;
  return options;
}

class HeirTest : public testing::Test {
 protected:
  HeirTest() : node("a", {"a", "b", "c"}, mirrored()), own(node.key_owned_by("a")) {
    for (int i = 0; inherited.empty(); ++i) {
      const std::string key = "inherited-" + std::to_string(i);
      if (node.view->next_candidate(hash64(key), kB) == hash64("a") &&
          node.view->acting_owner(hash64(key)).member == kB) {
        inherited = key;
      }
    }
  }
  std::vector<MemberId> recalled() {
    std::vector<MemberId> holders;
    recalls = std::exchange(node.out.recalls, {});
    for (const RecallStart& recall : recalls) holders.push_back(recall.holder);
    std::sort(holders.begin(), holders.end());
    return holders;
  }
  static std::vector<MemberId> both() {
    std::vector<MemberId> all{kB, kC};
    std::sort(all.begin(), all.end());
    return all;
  }

  ShardFixture node;
  const std::string own;
  std::string inherited;  // of b, then of a
  std::vector<RecallStart> recalls;
};

TEST_F(HeirTest, ANewProcessAsksEverybody) {
  EXPECT_FALSE(node.remove(own, 7));
  EXPECT_EQ(recalled(), both());
  for (const RecallStart& recall : recalls) {
    EXPECT_TRUE(node.completed().empty());
    node.shard.on_recalled(recall.flight, recall.holder, Key::of(own), node.now, node.out);
  }
  EXPECT_EQ(node.completed().at(7).status, Status::ok);
}

TEST_F(HeirTest, UntilALeaseIsOver) {
  node.pass(kLease);
  EXPECT_FALSE(node.remove(own, 7));  // their clocks may be slower
  node.pass(kLease / 10);
  EXPECT_EQ(node.completed().at(7).status, Status::ok);
  EXPECT_EQ(node.remove(own, 8)->status, Status::ok);
}

TEST_F(HeirTest, AWriteRecallsWhatTheFormerOwnerMayHaveLent) {
  node.pass(kLease * 2);
  node.set_members({"a", "c"});
  EXPECT_FALSE(node.remove(inherited, 7));
  EXPECT_EQ(recalled(), std::vector<MemberId>{kC});
  EXPECT_EQ(node.remove(own, 8)->status, Status::ok);  // a's all the while
  EXPECT_TRUE(recalled().empty());
  node.pass(kLease * 2);
  EXPECT_EQ(node.completed().at(7).status, Status::ok);
}

TEST_F(HeirTest, WhoAppearsMayHaveBeenLentAnyKeyElsewhere) {
  node.pass(kLease * 2);
  node.set_members({"a", "b", "c", "d"});
  EXPECT_FALSE(node.remove(node.key_owned_by("a"), 7));  // and was before: others move to d
  EXPECT_EQ(recalled(), std::vector<MemberId>{hash64("d")});
}

TEST_F(HeirTest, ManyChangesCountAsIfTheKeyHadBeenAnothers) {
  node.pass(kLease * 2);
  for (int i = 0; i < 20; ++i) {
    node.set_members({"a", "c"});
    node.set_members({"a", "b", "c"});
  }
  EXPECT_FALSE(node.remove(own, 7));
  EXPECT_EQ(recalled(), both());
}

TEST_F(HeirTest, AStandInsWriteNamesTheOwnerAndAsksNobodyElse) {
  node.pass(kLease * 2);
  node.set_members({"a", "b", "c"}, {"b"});
  EXPECT_EQ(node.remove(inherited, 7)->status, Status::partial);
  EXPECT_TRUE(recalled().empty());
}

TEST_F(HeirTest, WhoeverLosesAKeyTakesItBack) {
  node.pass(kLease * 2);
  node.put(own, "value");
  const Waiter asker{Waiter::Kind::remote, 0, 1, node.now + Duration::seconds(5), kC};
  node.shard.get(Key::of(own), {asker, kCallKeeps, {}, {}}, node.now, node.out);
  std::string heir;
  for (int i = 0; heir.empty(); ++i) {
    const std::string name = "heir-" + std::to_string(i);
    node.set_members({"a", "b", "c", name});
    if (node.view->acting_owner(hash64(own)).member == hash64(name)) heir = name;
    if (heir.empty()) {
      EXPECT_TRUE(recalled().empty());
    }
  }
  EXPECT_EQ(recalled(), std::vector<MemberId>{kC});
  EXPECT_EQ(recalls.at(0).key, own);
}

TEST_F(HeirTest, WithoutMirrorsNobodyIsAsked) {
  ShardOptions options = mirrored();
  options.mirror = MirrorMode::off;
  ShardFixture plain("a", {"a", "b"}, options);
  EXPECT_EQ(plain.remove(plain.key_owned_by("a"), 7)->status, Status::ok);
}

}  // namespace
}  // namespace distcache::core
