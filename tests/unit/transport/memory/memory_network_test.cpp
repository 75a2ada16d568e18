#include "transport/memory/memory_network.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "transport/memory/memory_fixture.h"

namespace distcache::testing {
namespace {

using memory::Mode;
using Downs = std::vector<Recorder::Down>;

constexpr Duration kSecond = Duration::seconds(1);

// Node 1 asks, node 2 echoes.
class MemoryNetworkTest : public ::testing::Test {
 protected:
  void begin(const MemoryNetwork::Options& options = {}) {
    cluster_ = std::make_unique<MemoryCluster>(options);
    cluster_->start(1);
    cluster_->start(2, true);
    link_ = cluster_->connect(1, 2);
    cluster_->run_for(Duration::ms(10));
    ASSERT_EQ(asker().ups, std::vector<LinkId>{link_});
  }
  Recorder& asker() { return cluster_->sink(1); }
  Recorder& echoer() { return cluster_->sink(2); }
  MemoryNetwork& network() { return cluster_->network; }
  SendResult ask(const std::string& text) { return cluster_->send(1, link_, text); }
  void run_for(Duration span) { cluster_->run_for(span); }

  std::unique_ptr<MemoryCluster> cluster_;
  LinkId link_ = 0;
};

TEST_F(MemoryNetworkTest, EchoesWithinTheDelayOfThePath) {
  begin();
  network().set_default_path({.delay_min = Duration::ms(3), .delay_max = Duration::ms(5)});
  EXPECT_EQ(ask("hello"), SendResult::sent);
  run_for(Duration::ms(5));
  EXPECT_TRUE(asker().replies.empty());
  run_for(Duration::ms(5));
  ASSERT_EQ(asker().replies.size(), 1U);
  EXPECT_EQ(asker().replies[0].parts, Texts{"hello"});
  EXPECT_EQ(asker().replies[0].link, link_);
}

TEST_F(MemoryNetworkTest, TcpKeepsTheOrderAndLosesAndRepeatsNothing) {
  begin();
  network().set_default_path({.tail_ppm = 200'000, .duplicate_ppm = 500'000});
  for (int i = 0; i < 500; ++i) {
    ASSERT_EQ(ask(std::to_string(i)), SendResult::sent);
    if (i % 10 == 0) run_for(Duration::us(100));
  }
  run_for(kSecond);
  ASSERT_EQ(asker().replies.size(), 500U);
  for (int i = 0; i < 500; ++i) EXPECT_EQ(asker().replies[i].parts, Texts{std::to_string(i)});
}

TEST_F(MemoryNetworkTest, LossyLosesRepeatsAndOvertakesSingleMessages) {
  begin({.mode = Mode::lossy});
  network().set_path(1, 2, {.loss_ppm = 200'000, .duplicate_ppm = 200'000});
  for (int i = 0; i < 500; ++i) ASSERT_EQ(ask(std::to_string(i)), SendResult::sent);
  run_for(kSecond);
  std::vector<int> order;
  for (const Recorder::Reply& reply : asker().replies) order.push_back(std::stoi(reply.parts[0]));
  const std::set<int> distinct(order.begin(), order.end());
  EXPECT_LT(distinct.size(), 450U);          // about 400 arrive
  EXPECT_GT(order.size(), distinct.size());  // some twice
  EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
  EXPECT_TRUE(asker().downs.empty());
}

TEST_F(MemoryNetworkTest, InTcpALossBreaksTheLinkWhichComesBack) {
  begin();
  network().set_path(1, 2, {.loss_ppm = 100'000});
  size_t sent = 0;
  while (asker().downs.empty()) {
    ASSERT_EQ(ask(std::to_string(sent++)), SendResult::sent);
    run_for(Duration::ms(1));
  }
  EXPECT_EQ(asker().downs, (Downs{{link_, false}}));
  EXPECT_LT(asker().replies.size(), sent);
  for (size_t i = 0; i < asker().replies.size(); ++i) {  // what came before the loss, all of it
    EXPECT_EQ(asker().replies[i].parts, Texts{std::to_string(i)});
  }
  EXPECT_EQ(ask("while down"), SendResult::unreachable);
  run_for(kSecond);
  EXPECT_EQ(asker().ups.size(), 2U);
}

TEST_F(MemoryNetworkTest, ACutStallsThenTellsSilenceAndAHealComesBack) {
  begin();
  network().partition({1}, {2});
  EXPECT_EQ(ask("into the cut"), SendResult::sent);
  run_for(Duration::ms(1490));
  EXPECT_TRUE(asker().downs.empty());
  run_for(Duration::ms(20));
  EXPECT_EQ(asker().downs, (Downs{{link_, false}}));
  run_for(kSecond * 10);
  EXPECT_EQ(asker().ups.size(), 1U);
  network().heal();
  run_for(kSecond * 2);
  EXPECT_EQ(asker().ups.size(), 2U);
  EXPECT_TRUE(asker().replies.empty());  // what the cut swallowed does not come back
  EXPECT_EQ(ask("after"), SendResult::sent);
  run_for(kSecond);
  EXPECT_EQ(asker().replies.size(), 1U);
}

TEST_F(MemoryNetworkTest, AShortCutOnlyDelaysInOrder) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    begin({.seed = seed});
    EXPECT_EQ(ask("0"), SendResult::sent);
    network().partition({1}, {2});
    EXPECT_EQ(ask("1"), SendResult::sent);
    run_for(kSecond);
    network().heal();
    EXPECT_EQ(ask("2"), SendResult::sent);  // must not overtake what the cut held back
    run_for(kSecond);
    EXPECT_TRUE(asker().downs.empty());
    ASSERT_EQ(asker().replies.size(), 3U);
    for (size_t i = 0; i < 3; ++i) EXPECT_EQ(asker().replies[i].parts, Texts{std::to_string(i)});
  }
}

TEST_F(MemoryNetworkTest, ALossBehindAShortCutBreaksTheLinkAfterTheHeal) {
  begin();
  network().set_path(1, 2, {.loss_ppm = 1'000'000});
  EXPECT_EQ(ask("lost"), SendResult::sent);
  network().block(2, 1);
  run_for(Duration::ms(500));
  EXPECT_TRUE(asker().downs.empty());
  network().heal();
  run_for(Duration::ms(10));
  EXPECT_EQ(asker().downs, (Downs{{link_, false}}));
}

TEST_F(MemoryNetworkTest, AOneWayCutLetsTheOtherDirectionThrough) {
  begin();
  network().block(2, 1);
  EXPECT_EQ(ask("heard"), SendResult::sent);
  run_for(kSecond);
  EXPECT_EQ(echoer().requests.size(), 1U);
  EXPECT_TRUE(asker().replies.empty());
  run_for(kSecond);
  EXPECT_EQ(asker().downs, (Downs{{link_, false}}));
  network().unblock(2, 1);
  run_for(kSecond * 2);
  EXPECT_EQ(asker().ups.size(), 2U);
  EXPECT_TRUE(asker().replies.empty());
}

TEST_F(MemoryNetworkTest, ACrashIsRefusedAndARestartIsFound) {
  begin();
  EXPECT_EQ(ask("x"), SendResult::sent);
  run_for(Duration::us(200));  // arrived, its answer on the way or not sent yet
  network().crash(2);
  EXPECT_EQ(network().next_event() > network().now(), asker().replies.empty());
  run_for(Duration::ms(2));
  EXPECT_EQ(asker().downs, (Downs{{link_, true}}));
  EXPECT_EQ(ask("x"), SendResult::unreachable);
  run_for(kSecond * 5);
  EXPECT_EQ(asker().downs.size(), 1U);  // told once
  cluster_->start(2, true);
  run_for(kSecond * 2);
  EXPECT_EQ(asker().ups.size(), 2U);
  EXPECT_EQ(ask("again"), SendResult::sent);
  run_for(kSecond);
  EXPECT_EQ(asker().replies.back().parts, Texts{"again"});
}

TEST_F(MemoryNetworkTest, ACrashBehindACutIsSilentUntilTheHeal) {
  begin();
  network().partition({1}, {2});
  network().crash(2);
  run_for(kSecond * 3);
  EXPECT_EQ(asker().downs, (Downs{{link_, false}}));
  network().heal();
  run_for(kSecond * 2);
  EXPECT_EQ(asker().downs, (Downs{{link_, false}, {link_, true}}));
}

TEST_F(MemoryNetworkTest, ACrashBehindAShortCutIsRefusedAfterTheHeal) {
  begin();
  network().partition({1}, {2});
  network().crash(2);
  run_for(kSecond);
  EXPECT_TRUE(asker().downs.empty());
  network().heal();
  run_for(Duration::ms(10));
  EXPECT_EQ(asker().downs, (Downs{{link_, true}}));
}

TEST_F(MemoryNetworkTest, ALinkThatWasNeverUpIsToldRefused) {
  cluster_ = std::make_unique<MemoryCluster>();
  cluster_->start(1);
  link_ = cluster_->connect(1, 2);
  run_for(kSecond * 5);
  EXPECT_EQ(asker().downs, (Downs{{link_, true}}));
  cluster_->start(2);
  run_for(kSecond * 2);
  EXPECT_EQ(asker().ups, std::vector<LinkId>{link_});
}

TEST_F(MemoryNetworkTest, APausedNodeIsSilentAndReadsOldRequestsWhenItResumes) {
  begin();
  network().pause(2);
  EXPECT_EQ(ask("old"), SendResult::sent);
  run_for(kSecond * 3);
  EXPECT_EQ(asker().downs, (Downs{{link_, false}}));
  EXPECT_TRUE(echoer().requests.empty());
  network().resume(2);
  run_for(kSecond * 2);
  ASSERT_EQ(echoer().requests.size(), 1U);
  EXPECT_EQ(echoer().last_echo, SendResult::unreachable);  // the route went with the connection
  EXPECT_EQ(asker().ups.size(), 2U);
  EXPECT_TRUE(asker().replies.empty());
}

TEST_F(MemoryNetworkTest, CloseIsSeenAsTheEndOfTheProcess) {
  begin();
  cluster_->transport(2).close();
  cluster_->transport(2).close();
  run_for(Duration::ms(2));
  EXPECT_EQ(asker().downs, (Downs{{link_, true}}));
  EXPECT_EQ(cluster_->transport(2).bind({}).error().status, Status::closed);
}

TEST_F(MemoryNetworkTest, DisconnectEndsTheRouteAndTellsNothing) {
  begin();
  EXPECT_EQ(ask("x"), SendResult::sent);
  run_for(Duration::ms(10));
  const RouteId route = echoer().requests[0].route;
  Transport& echo = cluster_->transport(2);
  EXPECT_EQ(echo.reply(Plane::membership, route, parts_of({"y"})), SendResult::unreachable);
  EXPECT_EQ(echo.reply(Plane::data, route, parts_of({"late"})), SendResult::sent);
  cluster_->transport(1).disconnect(link_);
  EXPECT_EQ(ask("x"), SendResult::unreachable);
  run_for(kSecond);
  EXPECT_EQ(echo.reply(Plane::data, route, parts_of({"y"})), SendResult::unreachable);
  EXPECT_EQ(asker().replies.size(), 1U);
  EXPECT_TRUE(asker().downs.empty());
}

TEST_F(MemoryNetworkTest, KeepsItsLimits) {
  begin({.queue_messages_max = 4});
  for (int i = 0; i < 4; ++i) EXPECT_EQ(ask("x"), SendResult::sent);
  EXPECT_EQ(ask("x"), SendResult::full);
  run_for(Duration::ms(10));
  EXPECT_EQ(ask("x"), SendResult::sent);
  Transport& asking = cluster_->transport(1);
  EXPECT_EQ(asking.send(link_, parts_of(Texts(limits::kMessagePartsMax + 1, "x"))),
            SendResult::too_large);
  EXPECT_EQ(asking.send(link_, parts_of({std::string(limits::kFrameBytesMax + 1, 'x')})),
            SendResult::too_large);
  EXPECT_EQ(asking.bind({}).error().status, Status::invalid_argument);
  const auto third = network().make_transport(3);
  EXPECT_EQ(third->bind({"10.0.0.1", 0, 3320}).error().status, Status::address_in_use);
  EXPECT_EQ(third->bind({"10.0.0.3", 7, 7}).error().status, Status::address_in_use);
  const Result<BoundPorts> any = third->bind({"10.0.0.1", 0, 0});
  ASSERT_TRUE(any.ok());
  EXPECT_NE(any->data, any->membership);
  EXPECT_FALSE(third->connect(Plane::data, "", 1).ok());
  EXPECT_FALSE(third->connect(Plane::data, "10.0.0.1", 0).ok());
}

}  // namespace
}  // namespace distcache::testing
