#include <gtest/gtest.h>
#include <sys/prctl.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "transport/zmq/peer_process.h"
#include "transport/zmq/zmq_fixture.h"

// What becomes of links when the process at their other end is killed, stopped, started again.
namespace distcache::testing {
namespace {

[[noreturn]] void serve(const char* wanted) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  BindOptions options;
  std::sscanf(wanted, "%hu %hu", &options.data_port, &options.membership_port);
  Node node(true);
  // Right after its predecessor's death the port may be held for a moment.
  Result<BoundPorts> ports = node.transport->bind(options);
  for (int tries = 0; !ports && tries < 100; ++tries) {
    node.poll(Duration::ms(20));
    ports = node.transport->bind(options);
  }
  if (!ports) _exit(1);
  if (write(PeerProcess::kReportDescriptor, &*ports, sizeof *ports) < 0) _exit(1);
  for (;;) {
    node.poll(Duration::seconds(1));
    node.sink.requests.clear();
  }
}

// Set up before the first test of a program that was started as a peer: it never gets to one.
class PeerEnvironment : public ::testing::Environment {
 public:
  void SetUp() override {
    const char* wanted = std::getenv(PeerProcess::kPeerVariable);  // NOLINT(concurrency-mt-unsafe)
    if (wanted) serve(wanted);
  }
};
[[maybe_unused]] auto* const registered =
    ::testing::AddGlobalTestEnvironment(std::make_unique<PeerEnvironment>().release());

class ZmqProcessTest : public ::testing::Test {
 protected:
  void SetUp() override {
    peer_ = std::make_unique<PeerProcess>();
    ASSERT_NE(peer_->ports().data, 0);
    link_ = client_.connect(peer_->ports().data);
    ASSERT_TRUE(until([&] { return client_.sink.ups.size() == 1; }));
  }
  bool until(const std::function<bool()>& condition) { return poll_until({&client_}, condition); }
  bool echoes(const std::string& text) {
    const size_t before = client_.sink.replies.size();
    EXPECT_EQ(client_.transport->send(link_, parts_of({text})), SendResult::sent);
    return until([&] { return client_.sink.replies.size() > before; }) &&
           client_.sink.replies.back().parts == Texts{text};
  }

  std::unique_ptr<PeerProcess> peer_;
  Node client_;
  LinkId link_ = 0;
};

TEST_F(ZmqProcessTest, AKilledProcessIsToldAsRefused) {
  ASSERT_TRUE(echoes("before"));
  for (int i = 0; i < 20; ++i) client_.transport->send(link_, parts_of({"in flight"}));
  const Instant killed = client_.clock.now();
  peer_->kill();
  ASSERT_TRUE(until([&] { return client_.sink.was_refused(); }));
  RecordProperty("told_after_us", static_cast<int>((client_.clock.now() - killed).as_us()));
  // Perhaps "down" first, when the probe came between connection and listener; never more.
  EXPECT_LE(client_.sink.downs.size(), 2U);
  EXPECT_EQ(client_.transport->send(link_, parts_of({"x"})), SendResult::unreachable);
}

TEST_F(ZmqProcessTest, ARestartedProcessIsFoundAgain) {
  const BoundPorts ports = peer_->ports();
  peer_->kill();
  ASSERT_TRUE(until([&] { return client_.sink.was_refused(); }));
  peer_ = std::make_unique<PeerProcess>(ports);
  ASSERT_EQ(peer_->ports().data, ports.data);
  const Instant started = client_.clock.now();
  ASSERT_TRUE(until([&] { return client_.sink.ups.size() == 2; }));
  RecordProperty("found_after_ms", static_cast<int>((client_.clock.now() - started).as_ms()));
  EXPECT_TRUE(echoes("after"));
  // Nothing that was sent to the first one is sent to the second.
  EXPECT_EQ(client_.sink.replies.size(), 1U);
}

TEST_F(ZmqProcessTest, AStoppedProcessIsSilentNotRefusedAndComesBack) {
  peer_->stop();
  const Instant stopped = client_.clock.now();
  client_.transport->send(link_, parts_of({"into the silence"}));
  ASSERT_TRUE(until([&] { return !client_.sink.downs.empty(); }));
  RecordProperty("told_after_ms", static_cast<int>((client_.clock.now() - stopped).as_ms()));
  EXPECT_EQ(client_.sink.downs[0], (Recorder::Down{link_, false}));
  EXPECT_EQ(client_.transport->send(link_, parts_of({"x"})), SendResult::unreachable);
  peer_->go_on();
  ASSERT_TRUE(until([&] { return client_.sink.ups.size() == 2; }));
  EXPECT_EQ(client_.sink.downs.size(), 1U);
  EXPECT_TRUE(echoes("awake"));
}

TEST_F(ZmqProcessTest, AProcessKilledWhileStoppedTurnsFromSilentToRefused) {
  peer_->stop();
  ASSERT_TRUE(until([&] { return !client_.sink.downs.empty(); }));
  EXPECT_FALSE(client_.sink.was_refused());
  peer_->kill();
  ASSERT_TRUE(until([&] { return client_.sink.was_refused(); }));
  EXPECT_EQ(client_.sink.downs, (std::vector<Recorder::Down>{{link_, false}, {link_, true}}));
}

}  // namespace
}  // namespace distcache::testing
