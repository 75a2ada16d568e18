#include "engine/source_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace distcache::engine {
namespace {

constexpr size_t kUsual = 2;
constexpr size_t kBlockedMax = 3;

// Every fetch waits until the gate is open.
class GatedSource final : public Source {
 public:
  void fetch(FetchPtr fetch) override {
    std::unique_lock lock(mutex_);
    ++came_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
    fetch->answer({});
  }
  void await_came(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return came_ >= count; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t came_ = 0;
  bool open_ = false;
};

class ManualClock final : public Clock {
 public:
  Instant now() const override { return Instant::from_ns(ns_.load()); }
  void advance(Duration by) { ns_ += by.as_ns(); }

 private:
  std::atomic<int64_t> ns_{1};
};

class SourcePoolTest : public ::testing::Test {
 protected:
  void start(size_t count) {
    std::vector<FetchPtr> fetches;
    for (size_t i = 0; i < count; ++i) {
      core::FetchStart start;
      start.key = "k" + std::to_string(i);
      fetches.push_back(std::make_shared<Fetch>("main", start, clock_, ended_,
                                                [this](core::LoadAnswer) { ++answered_; }));
    }
    pool_.start(source_, std::move(fetches));
  }

  ManualClock clock_;
  const std::shared_ptr<std::atomic<bool>> ended_ = std::make_shared<std::atomic<bool>>(false);
  std::atomic<size_t> answered_{0};
  const std::shared_ptr<GatedSource> source_ = std::make_shared<GatedSource>();
  SourcePool pool_{kUsual, kBlockedMax, clock_};
};

TEST_F(SourcePoolTest, BlockedThreadsAreReplacedAndSurplusOnesEnd) {
  start(10);
  source_->await_came(kUsual);
  pool_.tick();
  EXPECT_EQ(pool_.counters().threads, kUsual);
  for (size_t blocked = 1; blocked <= kBlockedMax; ++blocked) {
    clock_.advance(SourcePool::kBlockedAfter);
    pool_.tick();
    source_->await_came(kUsual + blocked);
  }
  clock_.advance(SourcePool::kBlockedAfter);
  pool_.tick();
  EXPECT_EQ(pool_.counters().threads, kUsual + kBlockedMax);  // and no more
  source_->open();
  while (answered_ < 10 || pool_.counters().threads > kUsual) std::this_thread::yield();
  EXPECT_EQ(pool_.counters().threads, kUsual);
}

TEST_F(SourcePoolTest, JoinCountsThoseThatHangAndFailsThoseThatWait) {
  start(5);
  source_->await_came(kUsual);
  pool_.end();
  EXPECT_EQ(answered_, 5 - kUsual);
  EXPECT_EQ(pool_.join(Duration()), kUsual);
  source_->open();
  while (answered_ < 5) std::this_thread::yield();
}

TEST_F(SourcePoolTest, NothingStartsAfterTheEnd) {
  pool_.end();
  start(1);
  EXPECT_EQ(answered_, 1U);  // failed, as it was dropped
  EXPECT_EQ(pool_.join(Duration::seconds(60)), 0U);
}

}  // namespace
}  // namespace distcache::engine
