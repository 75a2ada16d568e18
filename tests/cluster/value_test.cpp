#include <gtest/gtest.h>

#include "common/pattern.h"
#include "harness/cluster.h"

// Every byte arrives: sizes around each boundary that values cross on their way, and binary keys.
namespace cluster {
namespace {

constexpr size_t kMiB = 1024 * 1024;
constexpr size_t kLargest = 16 * kMiB;
// Nothing; inline and part of its own (8 KiB); one frame and pieces (1 MiB); the largest.
const size_t kSizes[] = {0,        1,    8191,     8192,     8193,         65'536,
                         kMiB - 1, kMiB, kMiB + 1, 5 * kMiB, kLargest - 1, kLargest};

Cluster::Setup roomy() {
  Cluster::Setup setup;
  setup.keyspace = {{"set.bytes.max", "1GiB"}};
  return setup;
}

void expect_value(const Fields& got, const std::string& wanted) {
  EXPECT_EQ(got.text("status"), "OK") << got.text("text");
  EXPECT_EQ(got.number("len"), static_cast<int64_t>(wanted.size()));
  EXPECT_EQ(got.text("fingerprint"), std::to_string(fingerprint(wanted)));
}

class Value : public ::testing::TestWithParam<size_t> {};

// The key names its size, and its owner's name is part of the pattern.
TEST_P(Value, OfTheSourceArrivesEverywhere) {
  Cluster cluster(roomy());
  cluster.start(2);
  for (const char* variant : {"a", "b", "c"}) {
    const std::string key = "size:" + std::to_string(GetParam()) + ":" + variant;
    const std::string owner = cluster[0].must("explain", {{"key", key}}).text("owner");
    const std::string wanted = pattern(GetParam(), owner + "/" + key);
    for (Node* node : cluster.nodes()) {
      for (const char* form : {"result", "view", "into", "async"}) {
        const Fields got = node->get(key, {{"form", form}, {"capacity", GetParam()}});
        expect_value(got, wanted);
      }
    }
  }
}

TEST_P(Value, OfAPutArrivesEverywhere) {
  Cluster cluster(roomy());
  cluster.start(2);
  for (Node* putter : cluster.nodes()) {
    for (Node* owner : cluster.nodes()) {
      const std::string key = Ledger::key(cluster.fresh_key_of(*owner));
      for (const char* form : {"result", "async"}) {
        const Fields put = putter->put(key, "", {{"size", GetParam()}, {"form", form}});
        EXPECT_EQ(put.text("status"), "OK") << put.line();
        for (Node* node : cluster.nodes()) {
          expect_value(node->get(key), pattern(GetParam(), "put/" + key));
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Bytes, Value, ::testing::ValuesIn(kSizes),
                         [](const auto& size) { return std::to_string(size.param); });

TEST(Values, OverTheLimitAreRefused) {
  Cluster cluster(roomy());
  cluster.start(2);
  for (Node* owner : cluster.nodes()) {
    const std::string key = Ledger::key(cluster.fresh_key_of(*owner));
    for (Node* putter : cluster.nodes()) {
      EXPECT_EQ(putter->put(key, "", {{"size", kLargest + 1}}).text("status"), "TOO_LARGE");
    }
    EXPECT_EQ(cluster[0].call("peek", {{"key", key}}).text("status"), "NOT_CACHED");
  }
  // The link is still good after what was refused.
  EXPECT_EQ(cluster[0].get("k1").text("status"), "OK");
  EXPECT_EQ(cluster[1].get("k1").text("status"), "OK");
}

// More bytes at once than a link's queues hold.
TEST(Values, ManyLargeOnesAtOnceAllArrive) {
  Cluster cluster(roomy());
  cluster.start(2);
  struct Get {
    Node* node;
    Ticket ticket;
    std::string wanted;
  };
  std::vector<Get> gets;
  for (size_t i = 0; i < 12; ++i) {
    const std::string key = "size:" + std::to_string(kLargest - i) + ":many";
    const std::string owner = cluster[0].must("explain", {{"key", key}}).text("owner");
    for (Node* node : cluster.nodes()) {
      gets.push_back({node, node->start("get", {{"key", key}, {"timeout", 60'000}}),
                      pattern(kLargest - i, owner + "/" + key)});
    }
  }
  for (const Get& get : gets) expect_value(get.node->wait(get.ticket), get.wanted);
}

TEST(Values, OfManyKeysAtOnceComeInOrder) {
  Cluster cluster(roomy());
  cluster.start(3);
  std::vector<std::string> keys;
  for (const size_t size : kSizes) {
    if (size <= 5 * kMiB) keys.push_back("size:" + std::to_string(size) + ":order");
  }
  keys.push_back(keys.front());
  for (Node* node : cluster.nodes()) {
    Fields command{{"timeout", 30'000}};
    command.set_list("keys", keys);
    const std::vector<std::string> items = node->must("get_many", command).list("items");
    ASSERT_EQ(items.size(), keys.size());
    for (size_t i = 0; i < keys.size(); ++i) {
      const std::string owner = node->must("explain", {{"key", keys[i]}}).text("owner");
      expect_value(Fields::parse(items[i]),
                   pattern(std::stoull(keys[i].substr(5)), owner + "/" + keys[i]));
    }
  }
}

TEST(Keys, OfAnyBytesAndLengthAreKept) {
  Cluster cluster;
  cluster.start(2);
  std::vector<std::string> keys;
  for (int byte = 0; byte < 256; ++byte) {
    keys.emplace_back(1, static_cast<char>(byte));
    keys.push_back("x" + std::string(1, static_cast<char>(byte)) + "y");
  }
  keys.push_back(std::string(4096, '\0'));
  keys.push_back(std::string(4095, '\0'));
  keys.push_back(pattern(4096, "binary"));
  for (size_t i = 0; i < keys.size(); ++i) {
    const Fields put = cluster[i % 2].put(keys[i], "value " + std::to_string(i));
    ASSERT_EQ(put.text("status"), "OK") << put.line();
  }
  for (Node* node : cluster.nodes()) {
    for (size_t i = 0; i < keys.size(); ++i) {
      EXPECT_EQ(node->value(keys[i]), "value " + std::to_string(i));
    }
  }
  // What reaches the source is the key itself.
  const std::string source_key = pattern(100, "to the source");
  EXPECT_NE(cluster[0].value(source_key).find('/' + source_key + '/'), std::string::npos);
  for (Node* node : cluster.nodes()) {
    EXPECT_EQ(node->get("").text("status"), "INVALID_ARGUMENT");
    EXPECT_EQ(node->get(std::string(4097, 'k')).text("status"), "INVALID_ARGUMENT");
  }
}

}  // namespace
}  // namespace cluster
