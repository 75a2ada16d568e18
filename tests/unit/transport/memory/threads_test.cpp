#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "transport/memory/memory_network.h"
#include "transport/recorder.h"

// With a clock: a thread per node, as under a real network.
namespace distcache::testing {
namespace {

class MemoryThreadsTest : public ::testing::Test {
 protected:
  std::unique_ptr<Transport> make(memory::NodeId node) {
    auto transport = network_.make_transport(node);
    EXPECT_TRUE(transport->bind({"10.0.0." + std::to_string(node), 3320, 3322}).ok());
    return transport;
  }

  SystemClock clock_;
  MemoryNetwork network_{{.clock = &clock_}};
};

TEST_F(MemoryThreadsTest, EachNodeOnAThreadOfItsOwn) {
  constexpr size_t kMessages = 300;
  std::atomic<bool> stop{false};
  const auto server = make(9);
  std::thread serving([&] {
    Recorder sink(server.get());
    while (!stop) server->poll(Duration::seconds(10), sink);
  });
  std::vector<std::thread> clients;
  for (memory::NodeId node = 1; node <= 3; ++node) {
    clients.emplace_back([&, node] {
      const auto transport = make(node);
      Recorder sink;
      const LinkId link = *transport->connect(Plane::data, "10.0.0.9", 3320);
      while (sink.ups.empty()) transport->poll(Duration::seconds(10), sink);
      for (size_t i = 0; i < kMessages; ++i) {
        EXPECT_EQ(transport->send(link, parts_of({std::to_string(i)})), SendResult::sent);
      }
      while (sink.replies.size() < kMessages) transport->poll(Duration::seconds(10), sink);
      EXPECT_EQ(sink.replies.back().parts, Texts{std::to_string(kMessages - 1)});
    });
  }
  for (std::thread& client : clients) client.join();
  stop = true;
  server->wake();
  serving.join();
}

TEST_F(MemoryThreadsTest, WakeEndsAPollAndOneThatComesLater) {
  const auto transport = make(1);
  Recorder sink;
  transport->wake();
  transport->poll(Duration::max(), sink);
  for (int i = 0; i < 50; ++i) {
    std::thread other([&] { transport->wake(); });
    transport->poll(Duration::max(), sink);
    other.join();
  }
}

TEST_F(MemoryThreadsTest, AFaultFromAnotherThreadIsToldToAWaitingPoll) {
  const auto server = make(2);
  const auto client = make(1);
  Recorder sink;
  ASSERT_TRUE(client->connect(Plane::data, "10.0.0.2", 3320).ok());
  while (sink.ups.empty()) client->poll(Duration::max(), sink);
  std::thread other([&] { network_.crash(2); });
  while (sink.downs.empty()) client->poll(Duration::max(), sink);
  other.join();
  EXPECT_TRUE(sink.downs[0].refused);
}

TEST_F(MemoryThreadsTest, PollEndsByItsTimeout) {
  const auto transport = make(1);
  Recorder sink;
  const Instant before = clock_.now();
  transport->poll(Duration::ms(5), sink);
  EXPECT_GE(clock_.now() - before, Duration::ms(5));
}

}  // namespace
}  // namespace distcache::testing
