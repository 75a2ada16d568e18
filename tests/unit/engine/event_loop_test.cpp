#include "engine/event_loop.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <stdexcept>

namespace distcache::engine {
namespace {

constexpr Duration kPatience = Duration::seconds(60);

TEST(EventLoop, RunsTasksInOrderAndThoseThatWaitAtTheEnd) {
  std::vector<int> ran;
  EventLoop loop("test", ThreadRole::event, EventLoop::kLossless);
  EXPECT_TRUE(loop.post([] { throw std::runtime_error("its own affair"); }));
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(loop.post([&ran, i] { ran.push_back(i); }));
  loop.end();
  EXPECT_FALSE(loop.post([] {}));
  EXPECT_TRUE(loop.join(kPatience, nullptr));
  ASSERT_EQ(ran.size(), 100U);
  EXPECT_TRUE(std::is_sorted(ran.begin(), ran.end()));
  EXPECT_TRUE(loop.join(Duration(), nullptr));  // again
}

TEST(EventLoop, IsBounded) {
  std::promise<void> gate;
  EventLoop loop("test", ThreadRole::observer, 2);
  std::promise<void> running;
  EXPECT_TRUE(loop.post([&] {
    running.set_value();
    gate.get_future().wait();
  }));
  running.get_future().wait();
  EXPECT_TRUE(loop.post([] {}));
  EXPECT_TRUE(loop.post([] {}));
  EXPECT_FALSE(loop.post([] {}));
  gate.set_value();
  loop.end();
  EXPECT_TRUE(loop.join(kPatience, nullptr));
}

// What hangs keeps what it refers to, and completions run when it returns; logs are dropped.
TEST(EventLoop, TheLastTaskIsTakenWhereTheQueueIsFull) {
  std::promise<void> gate;
  EventLoop loop("test", ThreadRole::observer, 1);
  std::vector<int> ran;
  std::promise<void> running;
  EXPECT_TRUE(loop.post([&] {
    running.set_value();
    gate.get_future().wait();
  }));
  running.get_future().wait();
  EXPECT_TRUE(loop.post([&] { ran.push_back(1); }));
  EXPECT_FALSE(loop.post([&] { ran.push_back(2); }));
  loop.end_with([&] { ran.push_back(3); });
  loop.end_with([&] { ran.push_back(4); });  // it has ended
  gate.set_value();
  EXPECT_TRUE(loop.join(kPatience, nullptr));
  EXPECT_EQ(ran, (std::vector<int>{1, 3}));
}

TEST(EventLoop, ThreadThatHangsIsLeftToItself) {
  for (const bool lossless : {true, false}) {
    std::promise<void> gate, running;
    auto over = std::make_shared<std::promise<void>>();
    std::future<void> is_over = over->get_future();
    std::atomic<bool> second{false};
    {
      EventLoop loop("test", ThreadRole::event, lossless ? EventLoop::kLossless : 10);
      EXPECT_TRUE(loop.post([&] {
        running.set_value();
        gate.get_future().wait();
      }));
      running.get_future().wait();
      EXPECT_TRUE(loop.post([&] { second = true; }));
      loop.end();
      // Let go by the thread, as the last thing it does.
      std::shared_ptr<void> kept(nullptr, [over](void*) { over->set_value(); });
      EXPECT_FALSE(loop.join(Duration(), std::move(kept)));
    }
    EXPECT_EQ(is_over.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
    gate.set_value();
    is_over.wait();
    EXPECT_EQ(second, lossless);
  }
}

}  // namespace
}  // namespace distcache::engine
