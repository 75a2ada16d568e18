#include <gtest/gtest.h>

#include "harness/cluster.h"
#include "harness/dns_server.h"

// Nodes that find each other through a name server whose answers change.
namespace cluster {
namespace {

constexpr const char* kName = "cache.test";

class Dns : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const std::string why = DnsServer::missing(); !why.empty()) GTEST_SKIP() << why;
  }

  static Fields settings(const DnsServer& server, const std::string& record) {
    return {{"discovery.provider", "dns"},       {"discovery.dns.name", kName},
            {"discovery.dns.record", record},    {"discovery.dns.servers", server.address()},
            {"discovery.dns.timeout.ms", 2'000}, {"discovery.interval.ms", 100},
            {"join.retry.interval.ms", 50}};
  }

  // A node at an address of its own, all of them at one port, as A records need it.
  Node& add_at(Cluster& cluster, const std::string& name, const std::string& host) {
    Node& node = cluster.spawn(name);
    Fields all = settings(server_, "a");
    all.set({"bind.address", host});
    all.set({"discovery.port", port_});
    return opened(cluster, node, all);
  }
  Node& add(Cluster& cluster, const std::string& name, const std::string& record) {
    return add(cluster, name, record, server_);
  }
  Node& add(Cluster& cluster, const std::string& name, const std::string& record,
            const DnsServer& server) {
    return opened(cluster, cluster.spawn(name), settings(server, record));
  }

  static std::string host(const std::string& ip) {
    return std::string("--host-record=") + kName + ',' + ip;
  }
  static std::string srv(const Node& node) {
    const std::string& address = node.address();
    return std::string("--srv-host=") + kName + ",local.test," +
           address.substr(address.rfind(':') + 1);
  }
  static std::string txt(const std::string& text) {
    return std::string("--txt-record=") + kName + ',' + text;
  }

  DnsServer server_;
  uint16_t port_ = free_port();

 private:
  static Node& opened(Cluster& cluster, Node& node, const Fields& settings) {
    const Fields answer = cluster.open(node, {}, settings);
    if (answer.text("status") != "OK") throw HarnessFailure(answer.line());
    return node;
  }
};

TEST_F(Dns, AddressRecordsAreFollowedAndDropNobody) {
  server_.serve({host("127.0.0.11"), host("127.0.0.12")});
  Cluster cluster;
  add_at(cluster, "A", "127.0.0.11");
  add_at(cluster, "B", "127.0.0.12");
  cluster.await_agreement(cluster.nodes(), 2);

  // A third one, of which the server tells while they run.
  add_at(cluster, "C", "127.0.0.13");
  server_.serve({host("127.0.0.11"), host("127.0.0.12"), host("127.0.0.13")});
  cluster.await_agreement(cluster.nodes(), 3);

  // Whom the server forgets stays a member, for as long as it lives. (On a machine that stands
  // still one may be taken for dead meanwhile; whom discovery had dropped would never be back.)
  server_.serve({host("127.0.0.11")});
  server_.await_questions(12);
  cluster.await_agreement(cluster.nodes(), 3);
  server_.serve({});
  server_.await_questions(12);
  cluster.await_agreement(cluster.nodes(), 3);
}

TEST_F(Dns, ServicesNamePortsAndFollowAMemberThatMoves) {
  server_.serve({});
  Cluster cluster;
  const std::string local = "--host-record=local.test,127.0.0.1";
  Node& a = add(cluster, "A", "srv");
  Node& b = add(cluster, "B", "srv");
  Node& c = add(cluster, "C", "srv");
  // Each was alone: the name did not exist.
  for (Node* node : cluster.nodes()) EXPECT_EQ(node->must("members").number("count"), 1);
  server_.serve({local, srv(a), srv(b), srv(c)});
  cluster.await_agreement(cluster.nodes(), 3);

  cluster.kill(c);
  cluster.await_agreement({&a, &b}, 2);
  Node& moved = add(cluster, "C2", "srv");
  server_.serve({local, srv(a), srv(b), srv(moved)});
  cluster.await_agreement({&a, &b, &moved}, 3);
}

TEST_F(Dns, NobodyIsLostWhileTheServerIsDeadAndNewOnesComeInAfterwards) {
  server_.serve({});
  Cluster cluster;
  Node& a = add(cluster, "A", "txt");
  Node& b = add(cluster, "B", "txt");
  server_.serve({txt(a.address()), txt(b.address())});
  cluster.await_agreement({&a, &b}, 2);

  server_.kill();
  Node& c = add(cluster, "C", "txt");  // opens nevertheless, and runs alone
  EXPECT_EQ(c.must("members").number("count"), 1);
  EXPECT_EQ(c.get("k1").text("status"), "OK");
  cluster.await_agreement({&a, &b}, 2);

  server_.serve({txt(a.address()), txt(b.address())});
  cluster.await_agreement(cluster.nodes(), 3);
}

TEST_F(Dns, ClustersThatStartedApartMergeOnceTheirRecordsMeet) {
  DnsServer other;
  server_.serve({});
  other.serve({});
  Cluster cluster;
  Node& a = add(cluster, "A", "txt");
  Node& b = add(cluster, "B", "txt");
  Node& c = add(cluster, "C", "txt", other);
  Node& d = add(cluster, "D", "txt", other);
  server_.serve({txt(a.address()), txt(b.address())});
  other.serve({txt(c.address()), txt(d.address())});
  cluster.await_agreement({&a, &b}, 2);
  cluster.await_agreement({&c, &d}, 2);

  server_.serve({txt(a.address()), txt(b.address()), txt(c.address())});
  cluster.await_agreement(cluster.nodes(), 4);
}

// Too long for a datagram: the rest is asked for over TCP.
TEST_F(Dns, LongAnswersAreReadWholeAndOtherTextsPassedOver) {
  server_.serve({});
  Cluster cluster;
  Node& a = add(cluster, "A", "txt");
  Node& b = add(cluster, "B", "txt");
  Node& c = add(cluster, "C", "txt");
  std::vector<std::string> records{txt("v=spf1 -all"), txt("no port")};
  for (int port = 1; port <= 60; ++port) {
    records.push_back(txt("127.0.0.1:" + std::to_string(port)));
    if (port == 20) records.push_back(txt(a.address()));
    if (port == 40) records.push_back(txt(b.address()));
  }
  records.push_back(txt(c.address()));
  server_.serve(records);
  cluster.await_agreement(cluster.nodes(), 3);
}

TEST_F(Dns, WhatIsNotOfThisMachineIsNotSpokenToInPlain) {
  server_.serve({txt("192.0.2.1:3322")});  // TEST-NET-1, RFC 5737: nobody's
  Cluster cluster;
  Node& a = add(cluster, "A", "txt");
  EXPECT_EQ(a.get("k1").text("status"), "OK");
  EXPECT_EQ(a.must("members").list("all").size(), 1U);
}

}  // namespace
}  // namespace cluster
