#include "core/config/value.h"

#include <gtest/gtest.h>

#include <string>

namespace distcache::core {
namespace {

Result<Value> parse(PropertyScope scope, std::string_view name, std::string_view text) {
  return parse_value(*find_property(scope, name), text);
}

int64_t engine_number(std::string_view name, std::string_view text) {
  const Result<Value> value = parse(PropertyScope::engine, name, text);
  EXPECT_TRUE(value.ok()) << value.error().message;
  return value.ok() ? value->number : -1;
}

int64_t keyspace_number(std::string_view name, std::string_view text) {
  const Result<Value> value = parse(PropertyScope::keyspace, name, text);
  EXPECT_TRUE(value.ok()) << value.error().message;
  return value.ok() ? value->number : -1;
}

std::string refusal(PropertyScope scope, std::string_view name, std::string_view text) {
  const Result<Value> value = parse(scope, name, text);
  if (value.ok()) return "accepted";
  EXPECT_EQ(value.error().status, Status::invalid_config);
  return value.error().message;
}

std::string engine_refusal(std::string_view name, std::string_view text) {
  return refusal(PropertyScope::engine, name, text);
}

TEST(ParseValue, DurationsTakeUnitsOrMilliseconds) {
  EXPECT_EQ(engine_number("read.timeout.ms", "250ms"), 250);
  EXPECT_EQ(engine_number("read.timeout.ms", "30s"), 30'000);
  EXPECT_EQ(engine_number("read.timeout.ms", "5m"), 300'000);
  EXPECT_EQ(engine_number("read.timeout.ms", "1h"), 3'600'000);
  EXPECT_EQ(engine_number("keepalive.period.ms", "1d"), 86'400'000);
  EXPECT_EQ(engine_number("read.timeout.ms", "1500"), 1'500);
  EXPECT_EQ(engine_number("read.timeout.ms", " 2 s "), 2'000);
}

TEST(ParseValue, SizesTakeUnitsOrBytes) {
  EXPECT_EQ(keyspace_number("bytes.max", "64MiB"), 64 << 20);
  EXPECT_EQ(keyspace_number("bytes.max", "1GiB"), 1 << 30);
  EXPECT_EQ(keyspace_number("bytes.max", "8KiB"), 8192);
  EXPECT_EQ(keyspace_number("bytes.max", "2TiB"), int64_t{2} << 40);
  EXPECT_EQ(keyspace_number("bytes.max", "4096"), 4096);
}

TEST(ParseValue, WordsStandForTheirValue) {
  EXPECT_EQ(keyspace_number("ttl.ms", "none"), 0);
  EXPECT_EQ(keyspace_number("ttl.ms", "0"), 0);
  EXPECT_EQ(engine_number("keepalive.period.ms", "off"), 0);
  EXPECT_EQ(keyspace_number("source.rate.per.second", "inherit"), -1);
  EXPECT_EQ(keyspace_number("source.rate.per.second", "0"), 0);
}

TEST(ParseValue, BoundsAreInclusive) {
  EXPECT_EQ(engine_number("bind.port", "0"), 0);
  EXPECT_EQ(engine_number("bind.port", "65535"), 65535);
  EXPECT_EQ(engine_refusal("bind.port", "65536"), "bind.port = 65536: over the largest, 65535");
  EXPECT_EQ(engine_refusal("bind.port", "-1"), "bind.port = -1: under the smallest, 0");
  EXPECT_EQ(engine_refusal("read.timeout.ms", "2h"),
            "read.timeout.ms = 2h: over the largest, 3600000 ms");
  EXPECT_EQ(engine_refusal("read.timeout.ms", "0"),
            "read.timeout.ms = 0: under the smallest, 1 ms");
  EXPECT_EQ(refusal(PropertyScope::keyspace, "ttl.jitter.percent", "101"),
            "ttl.jitter.percent = 101: over the largest, 100 %");
}

TEST(ParseValue, NumbersBeyond64BitsAreOutOfBoundsAndDoNotWrap) {
  EXPECT_NE(refusal(PropertyScope::keyspace, "bytes.max", "99999999999999999999").find("over the"),
            std::string::npos);
  EXPECT_NE(
      refusal(PropertyScope::keyspace, "bytes.max", "9223372036854775807TiB").find("over the"),
      std::string::npos);
  EXPECT_NE(refusal(PropertyScope::keyspace, "ttl.ms", "-99999999999999999999d").find("under the"),
            std::string::npos);
}

TEST(ParseValue, NonsenseIsRefusedWithWhatWasExpected) {
  for (const char* text :
       {"", " ", "x", "s", "5 x", "5.5s", "0x10", "5s5", "+5", "5S", "--5", "1e3"}) {
    EXPECT_NE(engine_refusal("read.timeout.ms", text).find("not a duration"), std::string::npos)
        << text;
  }
  EXPECT_NE(refusal(PropertyScope::keyspace, "bytes.max", "64MB").find("not a size"),
            std::string::npos);
  EXPECT_NE(engine_refusal("node.weight", "5s").find("not a whole number"), std::string::npos);
  EXPECT_NE(refusal(PropertyScope::keyspace, "ttl.ms", "never").find(", or none"),
            std::string::npos);
}

TEST(ParseValue, ChoicesNameTheAvailableOnes) {
  const Result<Value> value = parse(PropertyScope::engine, "discovery.provider", "static");
  ASSERT_TRUE(value.ok());
  EXPECT_EQ(value->number, 1);
  EXPECT_EQ(value->text, "static");
  EXPECT_EQ(engine_refusal("discovery.provider", "etcd"),
            "discovery.provider = etcd: not one of standalone, static");
  EXPECT_EQ(engine_refusal("discovery.provider", "dns"),
            "discovery.provider = dns: not available in this version");
}

TEST(ParseValue, StringsHaveLengthsAndNoControlCharacters) {
  EXPECT_TRUE(parse(PropertyScope::engine, "cluster.label", "Zürich 1").ok());
  EXPECT_EQ(engine_refusal("cluster.label", ""), "cluster.label = : must not be empty");
  EXPECT_NE(engine_refusal("cluster.label", std::string(256, 'x')).find("longer than 255 bytes"),
            std::string::npos);
  EXPECT_EQ(engine_refusal("cluster.label", "a\nb"),
            "cluster.label = a?b: has a control character");
  EXPECT_EQ(engine_refusal("node.name", std::string_view("a\0b", 3)),
            "node.name = a?b: has a control character");
}

TEST(ParseValue, AddressesAreChecked) {
  EXPECT_TRUE(parse(PropertyScope::engine, "bind.address", "::1").ok());
  EXPECT_TRUE(parse(PropertyScope::engine, "bind.address", "10.0.0.1").ok());
  for (const char* text : {"", "localhost", "10.0.0", "10.0.0.1:80", "[::1]"}) {
    EXPECT_NE(engine_refusal("bind.address", text).find("not a numeric address"), std::string::npos)
        << text;
  }
  EXPECT_NE(engine_refusal("bind.address", std::string_view("::1\0x", 5)).find("not a numeric"),
            std::string::npos);
  for (const std::string_view text :
       {std::string_view("10.0.0.1\0x", 10), std::string_view("::1%\n")}) {
    EXPECT_FALSE(parse(PropertyScope::engine, "advertise.address", text).ok()) << text;
  }
  EXPECT_TRUE(parse(PropertyScope::engine, "advertise.address", "").ok());
  EXPECT_TRUE(parse(PropertyScope::engine, "advertise.address", "node-1.example").ok());
  EXPECT_TRUE(parse(PropertyScope::engine, "advertise.address", "2001:db8::1").ok());
  for (const char* text : {"node:80", "no de", "a#b", "[::1]", "2001:db8:::"}) {
    EXPECT_NE(engine_refusal("advertise.address", text).find("not a host name"), std::string::npos)
        << text;
  }
}

TEST(ParseValue, ListsOfAddressesNameTheWrongItem) {
  const Result<Value> value =
      parse(PropertyScope::engine, "discovery.peers", " 10.0.0.1:3322, node-2 ,,[::1]:1,");
  ASSERT_TRUE(value.ok()) << value.error().message;
  EXPECT_EQ(value->items, (std::vector<std::string>{"10.0.0.1:3322", "node-2", "[::1]:1"}));
  const std::string why = engine_refusal("discovery.peers", "10.0.0.1:3322,10.0.0.2:99999");
  EXPECT_EQ(why.find("discovery.peers = 10.0.0.2:99999: "), 0U) << why;
  EXPECT_NE(engine_refusal("discovery.peers", "a:0").find("port 0"), std::string::npos);
  EXPECT_TRUE(parse(PropertyScope::engine, "discovery.peers", "").ok());
  EXPECT_NE(engine_refusal("discovery.peers", std::string(9000, ',') + "a\x01").find("control"),
            std::string::npos);
}

TEST(ParseValue, LongListsAreBounded) {
  std::string text;
  for (int i = 0; i < 4097; ++i) text += "a,";
  EXPECT_NE(engine_refusal("discovery.peers", text).find("more than 4096 items"),
            std::string::npos);
}

TEST(ValueFault, QuotesForeignTextSafely) {
  const Error error = value_fault("p", std::string(200, 'x') + "\n", "no");
  EXPECT_EQ(error.message, "p = " + std::string(80, 'x') + "...: no");
  EXPECT_EQ(value_fault("p", "\x1b[31m\xff", "no").message, "p = ?[31m?: no");
}

}  // namespace
}  // namespace distcache::core
