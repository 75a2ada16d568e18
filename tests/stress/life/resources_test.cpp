#include <sys/resource.h>

#include "setup.h"
#include "thread_limit.h"

// An engine is opened on a machine that has not got what it needs: clean refusals, nothing left.
namespace life {
namespace {

// EVENT, OBSERVER, I/O, discovery, and two of libzmq's; a SOURCE thread comes with the first load.
constexpr size_t kThreadsOfEngine = 6;

class Resources : public ::testing::Test {
 protected:
  Resources() {
    // What a process makes once is there before anything is counted.
    {
      Node node;
      EXPECT_EQ(node.open(), DISTCACHE_OK) << node.text();
    }
    before_ = stress::Footprint::of();
  }
  ~Resources() override { ThreadLimit::none(); }

  stress::Footprint before_;
};

TEST_F(Resources, NoThreadsIsARefusalAtEveryLimit) {
  for (size_t more = 0; more < kThreadsOfEngine; ++more) {
    Gate gate;
    {
      Node node;
      node.source(answer_at_once, gate);
      ThreadLimit::at(more);
      EXPECT_EQ(node.open(), DISTCACHE_SYSTEM) << more << " threads: " << node.text();
      ThreadLimit::none();
      EXPECT_NE(node.text().find("thread"), std::string::npos) << node.text();
      EXPECT_EQ(gate.finalized(), 1);
    }
    EXPECT_TRUE(nothing_left(before_)) << more << " threads";
  }
}

TEST_F(Resources, LoadsWaitForAThreadUntilTheirDeadline) {
  Gate gate;
  {
    Node node;
    node.source(answer_at_once, gate);
    ThreadLimit::at(kThreadsOfEngine);
    ASSERT_EQ(node.open(), DISTCACHE_OK) << node.text();
    EXPECT_EQ(node.get("k", 50), DISTCACHE_TIMED_OUT);
    ThreadLimit::none();
    EXPECT_EQ(node.get("k"), DISTCACHE_OK);
    EXPECT_EQ(node.close(0), DISTCACHE_OK);
  }
  EXPECT_TRUE(nothing_left(before_));
}

TEST_F(Resources, OneThreadThatFailsIsARefusalWhicheverItIs) {
  size_t refused = 0;
  for (size_t number = 1;; ++number) {
    Gate gate;
    ThreadLimit::none();
    Node node;
    node.source(answer_at_once, gate);
    ThreadLimit::fail_once(number);
    const distcache_status_t status = node.open();
    if (status == DISTCACHE_OK) {
      // A SOURCE thread that cannot be had at first is tried for again.
      EXPECT_EQ(node.get("k"), DISTCACHE_OK) << number;
      EXPECT_EQ(node.close(0), DISTCACHE_OK) << number;
      if (!ThreadLimit::has_failed()) break;
    } else {
      EXPECT_EQ(status, DISTCACHE_SYSTEM) << number << ": " << node.text();
      EXPECT_TRUE(nothing_left(before_)) << number;
      ++refused;
    }
  }
  EXPECT_GE(refused, 3U);
  EXPECT_TRUE(nothing_left(before_));
}

TEST_F(Resources, NoDescriptorsIsARefusalAtEveryLimit) {
  rlimit usual{};
  getrlimit(RLIMIT_NOFILE, &usual);
  size_t refused = 0;
  bool opened = false;
  for (size_t more = 0; !opened && more < 512; more += more < 16 ? 1 : 4) {
    const rlimit low{before_.descriptors - 1 + more, usual.rlim_max};
    Node node;
    setrlimit(RLIMIT_NOFILE, &low);
    const distcache_status_t status = node.open();
    opened = status == DISTCACHE_OK;
    if (opened) node.close(0);
    setrlimit(RLIMIT_NOFILE, &usual);
    if (opened) break;
    EXPECT_EQ(status, DISTCACHE_NO_DESCRIPTORS) << more << ": " << node.text();
    EXPECT_TRUE(nothing_left(before_)) << more;
    ++refused;
  }
  EXPECT_TRUE(opened);
  EXPECT_GE(refused, 16U);
  EXPECT_TRUE(nothing_left(before_));
}

TEST_F(Resources, PortsInUseAndAddressesOfOthersAreRefusals) {
  Node first;
  ASSERT_EQ(first.open(), DISTCACHE_OK);
  const stress::Footprint with_first = stress::Footprint::of();
  const std::string address = first.address();
  const std::string discovery_port = address.substr(address.rfind(':') + 1);
  for (int i = 0; i < 50; ++i) {
    Node on_data, on_discovery, elsewhere, no_interface;
    on_data.set("bind.port", first.data_port());
    EXPECT_EQ(on_data.open(), DISTCACHE_ADDRESS_IN_USE) << on_data.text();
    on_discovery.set("discovery.port", discovery_port);
    EXPECT_EQ(on_discovery.open(), DISTCACHE_ADDRESS_IN_USE) << on_discovery.text();
    elsewhere.set("bind.address", "192.0.2.7");  // reserved for documentation
    elsewhere.set("security.plaintext", "i-accept-plaintext");
    EXPECT_EQ(elsewhere.open(), DISTCACHE_INVALID_CONFIG) << elsewhere.text();
    no_interface.set("bind.interface", "nosuch0");
    no_interface.set("security.plaintext", "i-accept-plaintext");
    EXPECT_EQ(no_interface.open(), DISTCACHE_INVALID_CONFIG) << no_interface.text();
  }
  EXPECT_TRUE(nothing_left(with_first));
}

}  // namespace
}  // namespace life
