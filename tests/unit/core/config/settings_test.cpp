#include "core/config/settings.h"

#include <gtest/gtest.h>

#include <string>

namespace distcache::core {
namespace {

TEST(Settings, GetAnswersWhatWasSetElseTheDefault) {
  EngineSettings settings;
  EXPECT_STREQ(settings.get("bind.port"), "3320");
  EXPECT_STREQ(settings.get("node.name"), "");
  ASSERT_TRUE(settings.set("bind.port", "0").ok());
  ASSERT_TRUE(settings.set("bind.port", "4000").ok());
  EXPECT_STREQ(settings.get("bind.port"), "4000");
  EXPECT_EQ(settings.get("bind.prot"), nullptr);
  KeyspaceSettings keyspace;
  EXPECT_STREQ(keyspace.get("bytes.max"), "");
}

TEST(Settings, UnknownNamesAreToldTheNearestOne) {
  EngineSettings settings;
  EXPECT_EQ(settings.set("bind.prot", "1").error().message,
            "property = bind.prot: there is no such engine property; did you mean bind.port?");
  EXPECT_EQ(settings.set("ttl.ms", "1s").error().message,
            "property = ttl.ms: there is no such engine property; it is a keyspace property");
  EXPECT_EQ(settings.set("\n", "1s").error().message,
            "property = ?: there is no such engine property");
}

TEST(Settings, WhatHasNotArrivedTakesItsDefaultOnly) {
  EngineSettings engine;
  EXPECT_TRUE(engine.set("warmup.timeout.ms", "2000").ok()) << "2s, in other words";
  EXPECT_EQ(engine.set("warmup.timeout.ms", "3s").error().message,
            "warmup.timeout.ms = 3s: not available in this version");
  EXPECT_EQ(engine.set("warmup.timeout.ms", "soon").error().message,
            "warmup.timeout.ms = soon: not available in this version");
  EXPECT_TRUE(engine.set("otlp.endpoint", "off").ok());
  EXPECT_FALSE(engine.set("otlp.endpoint", "http://collector:4318").ok());
  EXPECT_TRUE(engine.set("admin.hosts", "").ok());
  EXPECT_FALSE(engine.set("admin.hosts", "a").ok());
  KeyspaceSettings keyspace;
  EXPECT_TRUE(keyspace.set("placement", "sharded").ok());
  EXPECT_FALSE(keyspace.set("placement", "replicated").ok());
  EXPECT_TRUE(keyspace.set("stale.max.ms", "0").ok());
  EXPECT_FALSE(keyspace.set("stale.max.ms", "1m").ok());
}

TEST(Settings, RefusalsAreRememberedUntilTheyAreMadeGood) {
  EngineSettings settings;
  ASSERT_FALSE(settings.set("bind.port", "99999").ok());
  ASSERT_FALSE(settings.set("bind.prot", "1").ok());
  const Result<EngineConfig> config = settings.validate();
  ASSERT_FALSE(config.ok());
  EXPECT_EQ(config.error().status, Status::invalid_config);
  EXPECT_NE(config.error().message.find("bind.port = 99999"), std::string::npos);
  EXPECT_NE(config.error().message.find("bind.prot"), std::string::npos);

  ASSERT_TRUE(settings.set("bind.port", "4000").ok());
  const std::string left = settings.validate().error().message;
  EXPECT_EQ(left.find("bind.port = 99999"), std::string::npos);
  EXPECT_NE(left.find("bind.prot"), std::string::npos) << "nothing can make an unknown name good";
}

TEST(Settings, RefusalsOfUnknownNamesDoNotPileUp) {
  EngineSettings settings;
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(settings.set("x" + std::to_string(i), "1").ok());
  EXPECT_LT(settings.validate().error().message.size(), 200U);
}

TEST(KeyspaceName, IsShortAndPlain) {
  EXPECT_TRUE(check_keyspace_name("users").ok());
  EXPECT_TRUE(check_keyspace_name(std::string(255, 'x')).ok());
  for (const std::string& name : {std::string(), std::string(256, 'x'), std::string("a\nb")}) {
    const Result<void> result = check_keyspace_name(name);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().status, Status::invalid_argument);
  }
}

}  // namespace
}  // namespace distcache::core
