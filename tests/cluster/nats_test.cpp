#include <gtest/gtest.h>

#include <cstdlib>

#include "harness/cluster.h"
#include "harness/nats_server.h"

// Engines in processes of their own that find each other through a real nats-server.
namespace cluster {
namespace {

Cluster::Setup through(const NatsServer& server) {
  Cluster::Setup setup;
  setup.settings = Fields{{"discovery.provider", "nats"},
                          {"discovery.peers", ""},
                          {"discovery.nats.url", server.url()},
                          {"discovery.interval.ms", 200}};
  return setup;
}

TEST(NatsCluster, ServerThatDiesCostsNothingButDiscovery) {
  if (const auto why = NatsServer::missing()) {
    if (std::getenv("CI") != nullptr) FAIL() << *why;
    GTEST_SKIP() << *why;
  }
  NatsServer server;
  server.start();
  Cluster cluster(through(server));
  cluster.add("A");
  cluster.add("B");
  cluster.add("C");
  cluster.await_agreement(cluster.nodes(), 3);

  cluster[0].must("traffic", {{"count", 500}, {"threads", 4}, {"timeout", 10'000}});
  server.kill();
  cluster[0].must("passes");
  // One that comes now finds nobody, runs alone, and goes on looking.
  Node& late = cluster.spawn("D");
  const Fields opened =
      cluster.open(late, {}, {{"join.attempts.max", 2}, {"bootstrap.timeout.ms", 10'000}});
  ASSERT_EQ(opened.text("status"), "OK") << opened.line();
  server.start();
  cluster.await_agreement(cluster.nodes(), 4);
  const Fields report = cluster[0].must("traffic_stop");
  EXPECT_EQ(report.number("failures"), 0) << report.text("failure");
}

}  // namespace
}  // namespace cluster
