#include <gtest/gtest.h>

#include "harness/cluster.h"

// The end of an engine, and processes that fork, while calls are in progress.
namespace cluster {
namespace {

constexpr size_t kKeys = 500;

TEST(Life, CloseUnderLoadAnswersEverybody) {
  Cluster cluster;
  cluster.start(2);
  cluster[0].must("traffic", {{"count", kKeys}, {"threads", 8}, {"timeout", 5'000}});
  cluster[0].must("passes");
  // One load that does not end by itself, and its readers here and there.
  const std::string key = Ledger::key(cluster.fresh_key_of(cluster[0]));
  cluster[0].must("gate", {{"key", key}, {"stage", "read"}, {"do", "close"}});
  const Ticket local = cluster[0].start("get", {{"key", key}, {"timeout", 30'000}});
  const Ticket remote = cluster[1].start("get", {{"key", key}, {"timeout", 30'000}});
  cluster[0].must("await_gate", {{"key", key}, {"stage", "read"}});

  const Ticket close = cluster[0].start("close", {{"timeout", 1'000}});
  EXPECT_EQ(cluster[0].wait(local).text("status"), "CLOSED");
  EXPECT_EQ(cluster[0].wait(close).text("status"), "TIMED_OUT");  // a source hangs: it says so
  const Fields elsewhere = cluster[1].wait(remote);               // the next candidate loads for it
  EXPECT_EQ(elsewhere.text("status"), "OK") << elsewhere.line();
  const Fields report = cluster[0].must("traffic_stop");
  EXPECT_EQ(report.number("failures"), report.number("failures.CLOSED")) << report.text("failure");
  EXPECT_EQ(cluster[0].call("close").text("status"), "OK");  // again
}

TEST(Life, ForkedChildIsToldAndTheParentGoesOn) {
  Cluster cluster;
  cluster.start(2);
  cluster[0].must("traffic", {{"count", kKeys}, {"threads", 4}, {"timeout", 5'000}});
  for (size_t i = 0; i < 20; ++i) {
    EXPECT_EQ(cluster[0].must("in_child").text("in_child"), "FORKED");
  }
  cluster[0].must("passes");
  const Fields report = cluster[0].must("traffic_stop");
  EXPECT_EQ(report.number("failures"), 0) << report.text("failure");
}

}  // namespace
}  // namespace cluster
