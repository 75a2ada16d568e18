#include "core/config/property.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "core/config/value.h"

namespace distcache::core {
namespace {

class EveryProperty : public testing::TestWithParam<PropertyScope> {};

TEST_P(EveryProperty, IsWellFormed) {
  std::set<std::string_view> names;
  for (const Property& property : properties(GetParam())) {
    SCOPED_TRACE(property.name);
    EXPECT_TRUE(names.insert(property.name).second);
    EXPECT_TRUE(std::all_of(property.name.begin(), property.name.end(),
                            [](char c) { return (c >= 'a' && c <= 'z') || c == '.'; }));
    EXPECT_LE(property.min, property.max);
    ASSERT_FALSE(property.text.empty());
    EXPECT_EQ(property.text.back(), '.');
    EXPECT_EQ(property.type == PropertyType::choice, !property.choices.empty());
    EXPECT_EQ(property.type == PropertyType::duration, property.name.ends_with(".ms"));
    EXPECT_EQ(property.type == PropertyType::percent, property.name.ends_with(".percent"));
    // A program that sets the field of the other scope would write into nowhere.
    EXPECT_TRUE(GetParam() == PropertyScope::engine ? !property.keyspace : !property.engine);
    EXPECT_TRUE(property.available || (!property.engine && !property.keyspace));
  }
}

TEST_P(EveryProperty, HasADefaultThatItAccepts) {
  for (const Property& property : properties(GetParam())) {
    if (property.required) continue;
    const Result<Value> value = parse_value(property, property.fallback);
    EXPECT_TRUE(value.ok()) << value.error().message;
  }
}

INSTANTIATE_TEST_SUITE_P(Scopes, EveryProperty,
                         testing::Values(PropertyScope::engine, PropertyScope::keyspace),
                         [](const auto& test) { return std::string(scope_name(test.param)); });

TEST(Properties, OnlyBytesMaxIsRequired) {
  for (const PropertyScope scope : {PropertyScope::engine, PropertyScope::keyspace}) {
    for (const Property& property : properties(scope)) {
      EXPECT_EQ(property.required, property.name == "bytes.max") << property.name;
    }
  }
}

TEST(Properties, KeepTheNamesAndDefaultsOfTheContract) {
  const auto fallback = [](PropertyScope scope, std::string_view name) {
    const Property* property = find_property(scope, name);
    return property ? std::string(property->fallback) : "missing";
  };
  const auto engine = [&](std::string_view name) { return fallback(PropertyScope::engine, name); };
  EXPECT_EQ(engine("cluster.label"), "distcache");
  EXPECT_EQ(engine("bind.address"), "127.0.0.1");
  EXPECT_EQ(engine("bind.port"), "3320");
  EXPECT_EQ(engine("discovery.port"), "3322");
  EXPECT_EQ(engine("peers.max"), "256");
  EXPECT_EQ(engine("heartbeat.ms"), "250ms");
  EXPECT_EQ(engine("bootstrap.timeout.ms"), "30s");
  EXPECT_EQ(engine("join.retry.interval.ms"), "1s");
  EXPECT_EQ(engine("join.attempts.max"), "10");
  EXPECT_EQ(engine("quorum.min"), "1");
  EXPECT_EQ(engine("shutdown.timeout.ms"), "30s");
  EXPECT_EQ(engine("keepalive.period.ms"), "5m");
  EXPECT_EQ(engine("source.threads"), "8");
  const auto keyspace = [&](std::string_view name) {
    return fallback(PropertyScope::keyspace, name);
  };
  EXPECT_EQ(keyspace("value.bytes.max"), "16MiB");
  EXPECT_EQ(keyspace("ttl.ms"), "none");
  EXPECT_EQ(keyspace("ttl.jitter.percent"), "10");
  EXPECT_EQ(keyspace("loads.max"), "64");
  EXPECT_EQ(keyspace("waiters.max"), "10000");
  EXPECT_EQ(keyspace("mirror"), "hot");
  EXPECT_EQ(keyspace("mirror.lease.ms"), "1s");
  EXPECT_EQ(keyspace("mirror.percent"), "12");
  EXPECT_EQ(keyspace("partition"), "serve");
}

TEST(NearestProperty, FindsTyposAndLeavesNonsenseAlone) {
  EXPECT_EQ(nearest_property(PropertyScope::engine, "bind.prot"), "bind.port");
  EXPECT_EQ(nearest_property(PropertyScope::keyspace, "max.bytes"), "");
  EXPECT_EQ(nearest_property(PropertyScope::keyspace, "byte.max"), "bytes.max");
  EXPECT_EQ(nearest_property(PropertyScope::engine, "read_timeout_ms"), "read.timeout.ms");
  EXPECT_EQ(nearest_property(PropertyScope::engine, ""), "");
  EXPECT_EQ(nearest_property(PropertyScope::engine, "zzzzzzzzzzzz"), "");
  EXPECT_EQ(nearest_property(PropertyScope::engine, std::string(1 << 20, 'a')), "");
}

TEST(EnvironmentName, IsUpperCaseWithUnderscores) {
  EXPECT_EQ(environment_name(*find_property(PropertyScope::engine, "bind.port")),
            "DISTCACHE_BIND_PORT");
}

}  // namespace
}  // namespace distcache::core
