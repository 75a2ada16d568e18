#include "engine/events.h"

#include <gtest/gtest.h>

#include <deque>

namespace distcache::engine {
namespace {

// Events as the host hears them; tasks wait in a queue of two until they are run.
class EventsTest : public testing::Test, private Executor {
 protected:
  bool post(std::function<void()> task) override {
    if (tasks.size() == 2) return false;
    tasks.push_back(std::move(task));
    return true;
  }
  std::string told() {
    while (!tasks.empty()) {
      tasks.front()();
      tasks.pop_front();
    }
    return std::exchange(heard, {});
  }

  std::deque<std::function<void()>> tasks;
  std::string heard;
  Observer observer{{[](LogLevel, std::string_view, std::string_view) {},
                     [this](std::string_view kind, std::string_view json) {
                       heard += std::string(kind) + std::string(json) + " ";
                     }},
                    LogLevel::error,
                    "test",
                    *this};
};

TEST_F(EventsTest, WhatDidNotFitIsCountedBeforeTheNextThatDoes) {
  for (int i = 0; i < 5; ++i) observer.event("e" + std::to_string(i), "{}");
  EXPECT_EQ(observer.dropped(), 3U);
  EXPECT_EQ(told(), "e0{} e1{} ");
  observer.event("e5", "{}");
  observer.event("e6", "{}");
  EXPECT_EQ(told(), "dropped{\"lost\":3} e5{} e6{} ");
  for (int i = 0; i < 3; ++i) observer.event("x", "{}");
  tasks.push_back(observer.last_event("closed"));  // as EventLoop::end_with does
  EXPECT_EQ(told(), "x{} x{} dropped{\"lost\":1} closed{} ");
}

TEST_F(EventsTest, QuorumAndReadinessAreToldWhereTheyTurn) {
  const auto step = [this](ClusterState before, ClusterState after) {
    tell_of_state(observer, before, after, 2);
    return told();
  };
  const ClusterState start, settled{true, 1, false}, two{true, 2, false}, three{true, 3, false};
  EXPECT_EQ(step(start, settled), "");
  EXPECT_EQ(step(settled, two),
            "quorum_regained{\"live\":2,\"quorum_min\":2} ready{\"live\":2,\"quorum_min\":2} ");
  EXPECT_EQ(step(two, three), "");
  EXPECT_EQ(step(three, settled),
            "quorum_lost{\"live\":1,\"quorum_min\":2} not_ready{\"live\":1,\"quorum_min\":2} ");
}

TEST_F(EventsTest, NamesOfPeersAreMadeReadable) {
  core::PeerEvent event;
  event.kind = core::PeerEvent::Kind::suspect;
  event.name = "\xff\"";
  event.why = "its data link broke";
  event.incarnation = 7;
  tell_of_peer(observer, event);
  EXPECT_EQ(told(),
            "peer_suspect{\"incarnation\":7,\"peer\":\"\xef\xbf\xbd\\\"\","
            "\"why\":\"its data link broke\"} ");
}

}  // namespace
}  // namespace distcache::engine
