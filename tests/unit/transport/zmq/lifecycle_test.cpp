#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "transport/zmq/descriptors.h"
#include "transport/zmq/zmq_fixture.h"

// Opening, failing to open, closing: nothing may stay behind.
namespace distcache::testing {
namespace {

// A joined thread leaves /proc a moment after pthread_join has returned.
bool threads_fall_to(size_t count) {
  return poll_until({}, [&] {
    std::this_thread::yield();
    return running_threads() <= count;
  });
}

Status bind_status(Node& node, const BindOptions& options) {
  const Result<BoundPorts> ports = node.transport->bind(options);
  return ports ? Status::ok : ports.error().status;
}

TEST(ZmqLifecycleTest, ReportsTheRealPorts) {
  Node node;
  const BoundPorts ports = node.bind();
  EXPECT_NE(ports.data, 0);
  EXPECT_NE(ports.membership, 0);
  EXPECT_NE(ports.data, ports.membership);
  EXPECT_EQ(bind_status(node, {}), Status::invalid_argument);  // at most once
}

TEST(ZmqLifecycleTest, ABindConflictNamesThePortAndLeavesNothing) {
  Node holder;
  const BoundPorts taken = holder.bind();
  const size_t descriptors = open_descriptors();
  const size_t threads = running_threads();
  for (int i = 0; i < 50; ++i) {
    Node node;
    // Either plane, and one port for both: the one that was bound already is free again.
    const BindOptions options = i % 3 == 0   ? BindOptions{"127.0.0.1", taken.data, 0}
                                : i % 3 == 1 ? BindOptions{"127.0.0.1", 0, taken.membership}
                                             : BindOptions{"127.0.0.1", taken.data, taken.data};
    const Result<BoundPorts> ports = node.transport->bind(options);
    ASSERT_FALSE(ports.ok());
    EXPECT_EQ(ports.error().status, Status::address_in_use);
    const uint16_t port = i % 3 == 1 ? taken.membership : taken.data;
    EXPECT_NE(ports.error().message.find(std::to_string(port)), std::string::npos)
        << ports.error().message;
    EXPECT_EQ(open_descriptors(), descriptors + 1);  // the eventfd, until the object goes
  }
  EXPECT_EQ(open_descriptors(), descriptors);
  EXPECT_TRUE(threads_fall_to(threads));
}

TEST(ZmqLifecycleTest, BindsAfterAFailure) {
  Node holder;
  const BoundPorts taken = holder.bind();
  Node node(true);
  EXPECT_EQ(bind_status(node, {"127.0.0.1", 0, taken.data}), Status::address_in_use);
  const BoundPorts ports = node.bind();
  Node client;
  client.connect(ports.data);
  EXPECT_TRUE(poll_until({&client, &node}, [&] { return !client.sink.ups.empty(); }));
}

TEST(ZmqLifecycleTest, RefusesAddressesThatAreNoneOrElsewhere) {
  Node node;
  for (const char* address : {"", "localhost", "*", "no address", "127.0.0.1:1", "::1::", "lo",
                              "203.0.113.7", "127.0.0.1;127.0.0.1"}) {
    EXPECT_EQ(bind_status(node, {address, 0, 0}), Status::invalid_argument) << address;
  }
  EXPECT_EQ(bind_status(node, {}), Status::ok);
}

TEST(ZmqLifecycleTest, RefusesPeersThatCannotBe) {
  Node node;
  const std::string with_nul("127.0.0.1\0", 10);
  for (const std::string& host :
       {std::string(), std::string("*"), std::string("-x"), std::string("a b"),
        std::string("127.0.0.1;127.0.0.1"), with_nul, std::string("a/b"), std::string(256, 'a'),
        std::string("[::1]")}) {
    const Result<LinkId> link = node.transport->connect(Plane::data, host, 3320);
    ASSERT_FALSE(link.ok()) << host;
    EXPECT_EQ(link.error().status, Status::invalid_argument);
  }
  EXPECT_FALSE(node.transport->connect(Plane::data, "127.0.0.1", 0).ok());
}

TEST(ZmqLifecycleTest, RefusesMoreLinksThanAgreed) {
  Node node(false, {.links_max = 2});
  const LinkId first = node.connect(1);
  node.connect(1);
  const Result<LinkId> third = node.transport->connect(Plane::data, "127.0.0.1", 1);
  ASSERT_FALSE(third.ok());
  EXPECT_EQ(third.error().status, Status::overloaded);
  node.transport->disconnect(first);
  EXPECT_TRUE(node.transport->connect(Plane::data, "127.0.0.1", 1).ok());
}

// Limits this process while it lives.
class DescriptorLimit {
 public:
  explicit DescriptorLimit(size_t free) {
    getrlimit(RLIMIT_NOFILE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = before_.rlim_cur - zmq::free_descriptors() + free;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  ~DescriptorLimit() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_;
};

TEST(ZmqLifecycleTest, RefusesToOpenWhereLibzmqWouldAbort) {
  Node node;
  node.bind();
  for (const size_t free : {0, 3, 7, 20, 31}) {
    Node other;  // before the limit: UBSan needs descriptors of its own to look at new objects
    const DescriptorLimit limit(free);
    EXPECT_EQ(zmq::free_descriptors(), free);
    EXPECT_EQ(bind_status(other, {}), Status::no_descriptors) << free;
    const Result<LinkId> link = node.transport->connect(Plane::data, "127.0.0.1", 1);
    ASSERT_FALSE(link.ok());
    EXPECT_EQ(link.error().status, Status::no_descriptors);
    EXPECT_NE(link.error().message.find("ulimit"), std::string::npos) << link.error().message;
  }
  EXPECT_TRUE(node.transport->connect(Plane::data, "127.0.0.1", 1).ok());
}

TEST(ZmqLifecycleTest, TwoHundredCyclesLeaveThreadsAndDescriptorsAsBefore) {
  Node().bind();  // with the first thread, a sanitizer may start one of its own
  const size_t descriptors = open_descriptors();
  const size_t threads = running_threads();
  for (int i = 0; i < 200; ++i) {
    Node server(true);
    Node client;
    const BoundPorts ports = server.bind();
    client.connect(ports.data);
    client.connect(ports.membership, Plane::membership);
    // Closed in every stage of connecting.
    for (int polls = i % 5; polls > 0; --polls) {
      client.poll(Duration::ms(1));
      server.poll(Duration());
    }
  }
  EXPECT_EQ(open_descriptors(), descriptors);
  EXPECT_TRUE(threads_fall_to(threads));
}

TEST(ZmqLifecycleTest, CloseIsFinalAndIdempotent) {
  Node node;
  node.bind();
  const LinkId link = node.connect(1);
  node.transport->close();
  node.transport->close();
  EXPECT_EQ(node.transport->send(link, parts_of({"x"})), SendResult::unreachable);
  EXPECT_EQ(node.transport->reply(Plane::data, 1, parts_of({"x"})), SendResult::unreachable);
  EXPECT_EQ(bind_status(node, {}), Status::closed);
  EXPECT_EQ(node.transport->connect(Plane::data, "127.0.0.1", 1).error().status, Status::closed);
  node.transport->disconnect(link);
  node.transport->wake();
  node.poll(Duration::max());  // returns at once
}

TEST(ZmqLifecycleTest, WakesFromAnotherThread) {
  Node node;
  node.bind();
  node.transport->wake();
  node.poll(Duration::max());  // a wake before the poll counts
  for (int i = 0; i < 100; ++i) {
    std::thread other([&] { node.transport->wake(); });
    node.poll(Duration::max());
    other.join();
  }
  node.poll(Duration());  // clears nothing that is not there
}

// The masks of the threads that libzmq has named by now.
std::vector<uint64_t> blocked_by_libzmq() {
  std::vector<uint64_t> masks;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream status(task.path() / "status");
    std::string line;
    bool is_zmq = false;
    while (std::getline(status, line)) {
      if (line.rfind("Name:", 0) == 0) is_zmq = line.find("ZMQbg") != std::string::npos;
      if (is_zmq && line.rfind("SigBlk:", 0) == 0) {
        masks.push_back(std::stoull(line.substr(7), nullptr, 16));
      }
    }
  }
  return masks;
}

TEST(ZmqLifecycleTest, LibzmqsThreadsBlockAllSignals) {
  Node node;
  node.bind();
  ASSERT_TRUE(poll_until({&node}, [] { return blocked_by_libzmq().size() == 2; }));
  for (const uint64_t blocked : blocked_by_libzmq()) {
    for (const int signal : {SIGTERM, SIGINT, SIGUSR1, SIGURG, SIGPROF, SIGCHLD}) {
      EXPECT_TRUE(blocked >> (signal - 1) & 1) << signal;
    }
  }
}

#ifndef NDEBUG
TEST(ZmqLifecycleDeathTest, AForeignThreadIsCaught) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        Node node;
        node.bind();
        node.poll(Duration());
        std::thread([&] { node.connect(1); }).join();
      },
      "owner");
}
#endif

}  // namespace
}  // namespace distcache::testing
