#include <thread>

#include "setup.h"

// Callbacks that hang: nothing waits for them longer than it says.
namespace life {
namespace {

constexpr int64_t kCloseMs = 300;

void get_done(uintptr_t context, distcache_status_t, distcache_result_t* result,
              distcache_error_t* error) {
  distcache_result_release(result);
  distcache_error_release(error);
  gate_of(context).pass();
}

void expect_close_in_time(Node& node, distcache_status_t expected) {
  distcache_status_t status = DISTCACHE_OK;
  EXPECT_LE(lateness_ms(kCloseMs, [&] { status = node.close(kCloseMs); }), kLateMs);
  EXPECT_EQ(status, expected);
  EXPECT_EQ(node.close(kCloseMs), DISTCACHE_OK);  // it is closed all the same
}

TEST(Hanging, SourceIsDetachedAndFinalizedWhenItReturns) {
  const stress::Footprint before = stress::Footprint::of();
  Gate gate;
  {
    Node node;
    node.source(answer_behind_gate, gate);
    ASSERT_EQ(node.open(), DISTCACHE_OK) << node.text();
    EXPECT_EQ(node.get("k", 1), DISTCACHE_TIMED_OUT);
    ASSERT_TRUE(gate.await_came());
    expect_close_in_time(node, DISTCACHE_TIMED_OUT);
    EXPECT_EQ(gate.finalized(), 0);
  }
  gate.open();
  EXPECT_TRUE(gate.await_finalized());
  EXPECT_TRUE(nothing_left(before));
  EXPECT_EQ(gate.finalized(), 1);
}

TEST(Hanging, CompletionDelaysThoseBehindItAndNotTheClose) {
  constexpr int kOperations = 5;
  const stress::Footprint before = stress::Footprint::of();
  Gate gate, source;
  {
    Node node;
    node.source(answer_at_once, source);
    ASSERT_EQ(node.open(), DISTCACHE_OK) << node.text();
    for (int i = 0; i < kOperations; ++i) {
      ASSERT_EQ(distcache_get_async(node.keyspace(), bytes_of("k"), 1, nullptr, get_done,
                                    reinterpret_cast<uintptr_t>(&gate), nullptr, nullptr),
                DISTCACHE_OK);
    }
    ASSERT_TRUE(gate.await_came());
    expect_close_in_time(node, DISTCACHE_TIMED_OUT);
  }
  gate.open();
  EXPECT_TRUE(gate.await_passed(kOperations));
  EXPECT_TRUE(source.await_finalized());
  EXPECT_TRUE(nothing_left(before));
}

TEST(Hanging, LogCallbackDelaysNobody) {
  const stress::Footprint before = stress::Footprint::of();
  Gate log, source;
  {
    Node peer, node;
    ASSERT_EQ(peer.open(), DISTCACHE_OK);
    node.source(answer_at_once, source);
    node.on_log(log);
    node.set("discovery.provider", "static");
    node.set("discovery.peers", peer.address());
    ASSERT_EQ(node.open(), DISTCACHE_OK) << node.text();
    ASSERT_TRUE(log.await_came());
    EXPECT_EQ(node.get("k"), DISTCACHE_OK);
    expect_close_in_time(node, DISTCACHE_TIMED_OUT);
  }
  log.open();
  EXPECT_TRUE(log.await_finalized());
  EXPECT_TRUE(source.await_finalized());
  EXPECT_TRUE(nothing_left(before));
}

TEST(Hanging, EventCallbackDelaysNobody) {
  const stress::Footprint before = stress::Footprint::of();
  Gate event;
  {
    Node peer, node;
    ASSERT_EQ(peer.open(), DISTCACHE_OK);
    node.on_event(event);
    node.set("discovery.provider", "static");
    node.set("discovery.peers", peer.address());
    ASSERT_EQ(node.open(), DISTCACHE_OK) << node.text();
    ASSERT_TRUE(event.await_came());
    expect_close_in_time(node, DISTCACHE_TIMED_OUT);
  }
  event.open();
  EXPECT_TRUE(event.await_finalized());
  EXPECT_TRUE(nothing_left(before));
}

TEST(Hanging, SecondCloseWaitsNoLongerThanItSays) {
  Gate gate;
  Node node;
  node.source(answer_behind_gate, gate);
  ASSERT_EQ(node.open(), DISTCACHE_OK) << node.text();
  std::thread reader([&] { EXPECT_EQ(node.get("k"), DISTCACHE_OK); });
  ASSERT_TRUE(gate.await_came());
  std::thread first([&] { EXPECT_EQ(node.close(kPatience.count()), DISTCACHE_OK); });
  ASSERT_TRUE(eventually(kPatience, [&] { return node.get("k", 1) == DISTCACHE_CLOSED; }));
  distcache_status_t status = DISTCACHE_OK;
  EXPECT_LE(lateness_ms(kCloseMs, [&] { status = node.close(kCloseMs); }), kLateMs);
  EXPECT_EQ(status, DISTCACHE_TIMED_OUT);
  gate.open();  // the first one lets what is in progress end
  first.join();
  reader.join();
  EXPECT_TRUE(gate.await_finalized());
}

// Never answered, and kept by the program past the end of the engine.
TEST(Hanging, FetchThatIsKeptDoesNotKeepTheEngine) {
  static std::mutex mutex;
  static distcache_fetch_t* kept = nullptr;
  const auto keep = [](uintptr_t context, distcache_fetch_t* fetch) {
    {
      const std::lock_guard lock(mutex);
      kept = fetch;
    }
    gate_of(context).pass();
  };
  const stress::Footprint before = stress::Footprint::of();
  Gate gate;
  gate.open();
  {
    Node node;
    node.source(keep, gate);
    ASSERT_EQ(node.open(), DISTCACHE_OK) << node.text();
    EXPECT_EQ(node.get("k", 1), DISTCACHE_TIMED_OUT);
    ASSERT_TRUE(gate.await_passed(1));
    EXPECT_EQ(node.close(1), DISTCACHE_OK);
  }
  EXPECT_TRUE(gate.await_finalized());
  EXPECT_TRUE(nothing_left(before));
  const std::lock_guard lock(mutex);
  const uint8_t value = 'x';
  EXPECT_EQ(distcache_fetch_complete(kept, &value, 1, nullptr), DISTCACHE_CANCELLED);
  EXPECT_EQ(distcache_fetch_complete(kept, &value, 1, nullptr), DISTCACHE_INVALID_ARGUMENT);
}

}  // namespace
}  // namespace life
