#include <gtest/gtest.h>

#include "harness/cluster.h"

// Sources that fail, hang, throw, answer twice or wait for each other: what their readers get, in
// their own process and in another one.
namespace cluster {
namespace {

Fields behaviour(const std::string& key, Fields how) {
  how.set({"key", key});
  return how;
}

TEST(SourceErrors, ReachTheAskerWithTheirText) {
  Cluster cluster;
  cluster.start(2);
  for (const int retriable : {0, 1}) {
    const std::string key = Ledger::key(cluster.fresh_key_of(cluster[0]));
    cluster[0].must("behave", behaviour(key, {{"kind", "fail"},
                                              {"text", "the disk is on fire"},
                                              {"retriable", retriable}}));
    for (Node* node : cluster.nodes()) {
      for (const char* form : {"result", "view", "into", "async"}) {
        const Fields got = node->get(key, {{"form", form}});
        EXPECT_EQ(got.text("status"), "SOURCE_FAILED") << got.line();
        EXPECT_NE(got.text("text").find("the disk is on fire"), std::string::npos) << got.line();
        EXPECT_EQ(got.number("retriable"), retriable) << got.line();
      }
    }
    // An error is not kept, and one key's failure is no other's.
    cluster[0].must("behave", behaviour(key, {}));
    EXPECT_EQ(cluster[1].get(key).text("status"), "OK");
  }
}

TEST(SourceErrors, OneFailureAnswersAThousandWaiters) {
  Cluster cluster;
  cluster.start(2);
  const size_t number = cluster.fresh_key_of(cluster[0]);
  const std::string key = Ledger::key(number);
  const Fields gate{{"key", key}, {"stage", "answer"}, {"do", "close"}};
  cluster[0].must("behave", behaviour(key, {{"kind", "fail"}, {"text", "failed once"}}));
  cluster[0].must("gate", gate);
  Fields command{{"timeout", 30'000}};
  command.set_list("keys", std::vector<std::string>(1'000, key));
  const Ticket waiting = cluster[0].start("get_many", command);
  cluster[0].must("await_stat", {{"stat", "joined"}, {"count", 999}});
  Fields open_gate = gate;
  open_gate.set({"do", "open"});
  cluster[0].must("gate", open_gate);
  const std::vector<std::string> items = cluster[0].wait(waiting).list("items");
  ASSERT_EQ(items.size(), 1'000U);
  for (const std::string& item : items) {
    EXPECT_EQ(Fields::parse(item).text("status"), "SOURCE_FAILED") << item;
    EXPECT_EQ(Fields::parse(item).text("text"), "failed once") << item;
  }
  EXPECT_EQ(cluster.ledger().total(number), 1U);
}

TEST(SourceErrors, NotFoundReachesTheAsker) {
  Cluster cluster;
  cluster.start(2);
  const std::string key = Ledger::key(cluster.fresh_key_of(cluster[0]));
  cluster[0].must("behave", behaviour(key, {{"kind", "not_found"}}));
  for (Node* node : cluster.nodes()) EXPECT_EQ(node->get(key).text("status"), "NOT_FOUND");
}

TEST(SourceErrors, ExceptionsEndNeitherProcessNorKey) {
  Cluster cluster;
  cluster.start(2);
  const std::string key = Ledger::key(cluster.fresh_key_of(cluster[0]));
  cluster[0].must("behave", behaviour(key, {{"kind", "throw"}, {"text", "thrown on purpose"}}));
  for (Node* node : cluster.nodes()) {
    const Fields got = node->get(key);
    EXPECT_EQ(got.text("status"), "SOURCE_FAILED") << got.line();
    EXPECT_NE(got.text("text").find("thrown on purpose"), std::string::npos) << got.line();
  }
  cluster[0].must("behave", behaviour(key, {}));
  EXPECT_EQ(cluster[1].get(key).text("status"), "OK");
}

TEST(SourceErrors, OneFailsOthersOfTheSameGetManyDoNot) {
  Cluster::Setup setup;
  setup.keyspace.set({"set.fetch.timeout.ms", 1'000});  // close waits for the load without an end
  Cluster cluster(setup);
  cluster.start(2);
  std::vector<std::string> keys;
  for (size_t i = 0; i < 10; ++i) keys.push_back(Ledger::key(cluster.fresh_key()));
  for (Node* node : cluster.nodes()) {
    node->must("behave", behaviour(keys[3], {{"kind", "fail"}, {"text", "only this one"}}));
    node->must("behave", behaviour(keys[7], {{"kind", "never"}}));
  }
  Fields command{{"timeout", 500}};
  command.set_list("keys", keys);
  for (Node* node : cluster.nodes()) {
    const std::vector<std::string> items = node->must("get_many", command).list("items");
    ASSERT_EQ(items.size(), keys.size());
    for (size_t i = 0; i < keys.size(); ++i) {
      const char* wanted = i == 3 ? "SOURCE_FAILED" : i == 7 ? "TIMED_OUT" : "OK";
      EXPECT_EQ(Fields::parse(items[i]).text("status"), wanted) << items[i];
    }
  }
}

TEST(SourceHangs, CostOnlyTheirOwnReadersAndKeyspace) {
  Cluster cluster;
  cluster.start(2);
  for (Node* node : cluster.nodes()) {
    node->must("keyspace", {{"name", "hung"}, {"set.bytes.max", "64MiB"}});
  }
  cluster.await_agreement(cluster.nodes(), 2, "hung");
  constexpr size_t kHung = 200;
  std::vector<Ticket> tickets;
  for (size_t i = 0; i < kHung; ++i) {
    const std::string key = Ledger::key(i);
    for (Node* node : cluster.nodes()) {
      node->must("gate", {{"keyspace", "hung"}, {"key", key}, {"stage", "read"}, {"do", "close"}});
    }
    tickets.push_back(
        cluster[i % 2].start("get", {{"keyspace", "hung"}, {"key", key}, {"timeout", 3'000}}));
  }
  // Both keyspaces' sources share the threads; the other keyspace goes on meanwhile.
  const Fields seen = cluster[0].must("sweep", {{"first", 1'000}, {"count", 500}, {"threads", 4}});
  EXPECT_EQ(seen.number("failures"), 0) << seen.text("failure");
  for (size_t i = 0; i < kHung; ++i) {
    const Fields got = cluster[i % 2].wait(tickets[i]);
    EXPECT_EQ(got.text("status"), "TIMED_OUT") << got.line();
  }
}

TEST(SourceHangs, OneReadersDeadlineIsNotTheOthers) {
  Cluster cluster;
  cluster.start(2);
  const std::string key = Ledger::key(cluster.fresh_key_of(cluster[0]));
  const Fields gate{{"key", key}, {"stage", "read"}};
  Fields close_gate = gate;
  close_gate.set({"do", "close"});
  cluster[0].must("gate", close_gate);
  const Ticket hasty = cluster[1].start("get", {{"key", key}, {"timeout", 200}});
  cluster[0].must("await_gate", gate);
  std::vector<Ticket> patient;
  for (size_t i = 0; i < 20; ++i) {
    patient.push_back(cluster[i % 2].start("get", {{"key", key}, {"timeout", 20'000}}));
  }
  EXPECT_EQ(cluster[1].wait(hasty).text("status"), "TIMED_OUT");
  Fields open_gate = gate;
  open_gate.set({"do", "open"});
  cluster[0].must("gate", open_gate);
  for (size_t i = 0; i < patient.size(); ++i) {
    EXPECT_EQ(cluster[i % 2].wait(patient[i]).text("status"), "OK");
  }
}

TEST(SourceAnswers, ASecondOneIsCountedAndIgnored) {
  Cluster cluster;
  cluster.start(2);
  const std::string key = Ledger::key(cluster.fresh_key_of(cluster[0]));
  cluster[0].must("behave", behaviour(key, {{"kind", "twice"}}));
  EXPECT_NE(cluster[1].value(key).find("/" + key + "/"), std::string::npos);
  EXPECT_NE(cluster[0].value(key).find("/" + key + "/"), std::string::npos);
  EXPECT_EQ(cluster[0]
                .must("await_stat", {{"stat", "answers_ignored"}, {"count", 1}})
                .number("answers_ignored"),
            1);
}

TEST(SourceCycles, OfOneKeyAreRefused) {
  Cluster cluster;
  cluster.start(1);
  const std::string key = Ledger::key(cluster.fresh_key());
  cluster[0].must("behave", behaviour(key, {{"kind", "nest"}, {"inner", key}}));
  const Fields got = cluster[0].get(key);
  EXPECT_EQ(got.text("status"), "SOURCE_FAILED") << got.line();
  EXPECT_NE(got.text("text").find("WOULD_DEADLOCK"), std::string::npos) << got.line();
}

// The source of the first key gets the second, of another member, whose source gets the first.
TEST(SourceCycles, ThroughTwoMembersAreRefused) {
  Cluster cluster;
  cluster.start(2);
  for (Node* asker : cluster.nodes()) {
    const std::string of_a = Ledger::key(cluster.fresh_key_of(cluster[0]));
    const std::string of_b = Ledger::key(cluster.fresh_key_of(cluster[1]));
    cluster[0].must("behave", behaviour(of_a, {{"kind", "nest"}, {"inner", of_b}}));
    cluster[1].must("behave", behaviour(of_b, {{"kind", "nest"}, {"inner", of_a}}));
    const Fields got = asker->get(of_a, {{"timeout", 5'000}});
    EXPECT_EQ(got.text("status"), "SOURCE_FAILED") << got.line();
    EXPECT_NE(got.text("text").find("WOULD_DEADLOCK"), std::string::npos) << got.line();
  }
}

// A chain is no cycle: k1 of A needs k2 of B needs k3 of A.
TEST(SourceCycles, ChainsThroughMembersEndWell) {
  Cluster cluster;
  cluster.start(2);
  const std::string first = Ledger::key(cluster.fresh_key_of(cluster[0]));
  const std::string second = Ledger::key(cluster.fresh_key_of(cluster[1]));
  const std::string third = Ledger::key(cluster.fresh_key_of(cluster[0]));
  cluster[0].must("behave", behaviour(first, {{"kind", "nest"}, {"inner", second}}));
  cluster[1].must("behave", behaviour(second, {{"kind", "nest"}, {"inner", third}}));
  EXPECT_EQ(cluster[1].value(first), "A/first/" + third + "/1");
}

}  // namespace
}  // namespace cluster
