#include "engine/majorities.h"

#include <gtest/gtest.h>

#include "base/rng.h"

// partition = bounded at a node that is alone: what its shards hear.
namespace distcache::engine {
namespace {

constexpr core::MemberId kSelf = 1;

class MajoritiesTest : public testing::Test {
 protected:
  MajoritiesTest() { majorities_.discovered({}, {}); }

  static core::KeyspaceConfig config(core::PartitionMode partition) {
    core::KeyspaceConfig config;
    config.bytes_max = 1 << 20;
    config.partition = partition;
    return config;
  }

  std::shared_ptr<Keyspace> keyspace() {
    const auto made = std::make_shared<Keyspace>("users", config(core::PartitionMode::bounded),
                                                 nullptr, Allocator::system(), rng_);
    core::ViewMember self;
    self.ring = {kSelf, 1};
    self.name = "a";
    const auto view =
        std::make_shared<const core::View>(kSelf, std::vector<core::ViewMember>{self});
    for (uint32_t i = 0; i < made->shards(); ++i) {
      made->with_shard(i, [&](core::Shard& shard) { shard.set_view(view, 1, now_); });
    }
    made->set_view_id(view->id());
    return made;
  }

  bool confirmed(const std::shared_ptr<Keyspace>& of) {
    majorities_.tick({of}, members_, now_);
    return of->with_shard(0, [this](core::Shard& shard) { return shard.confirmed(now_); });
  }

  SeededRng rng_{1};
  Inbox inbox_;
  Majorities majorities_{kSelf, inbox_};
  const std::shared_ptr<const std::vector<core::MemberStatus>> members_ =
      std::make_shared<const std::vector<core::MemberStatus>>();
  const Instant now_ = Instant::from_ns(1'000'000'000);
};

TEST_F(MajoritiesTest, WhoIsAloneConfirmsItself) { EXPECT_TRUE(confirmed(keyspace())); }

TEST_F(MajoritiesTest, AKeyspaceThatIsAddedAgainHearsItToo) {
  EXPECT_TRUE(confirmed(keyspace()));
  EXPECT_TRUE(confirmed(keyspace()));
}

TEST_F(MajoritiesTest, OneThatWasNotBoundedForAMomentHearsItAgain) {
  const std::shared_ptr<Keyspace> users = keyspace();
  EXPECT_TRUE(confirmed(users));
  users->update(config(core::PartitionMode::serve), nullptr);
  users->update(config(core::PartitionMode::bounded), nullptr);
  EXPECT_TRUE(confirmed(users));
}

}  // namespace
}  // namespace distcache::engine
