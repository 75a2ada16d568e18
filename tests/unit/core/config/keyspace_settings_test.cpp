#include <gtest/gtest.h>

#include <string>

#include "core/config/settings.h"

namespace distcache::core {
namespace {

void set(KeyspaceSettings& settings, std::string_view name, std::string_view value) {
  const Result<void> done = settings.set(name, value);
  EXPECT_TRUE(done.ok()) << done.error().message;
}

KeyspaceSettings small() {
  KeyspaceSettings settings;
  set(settings, "bytes.max", "1MiB");
  return settings;
}

TEST(KeyspaceSettings, DefaultsOfTableAndStructAreTheSame) {
  const Result<KeyspaceConfig> config = small().validate(EngineConfig{});
  ASSERT_TRUE(config.ok()) << config.error().message;
  KeyspaceConfig expected;
  expected.bytes_max = 1 << 20;
  EXPECT_EQ(*config, expected);
}

TEST(KeyspaceSettings, BytesMaxIsRequired) {
  const Result<KeyspaceConfig> config = KeyspaceSettings().validate(EngineConfig{});
  ASSERT_FALSE(config.ok());
  EXPECT_EQ(config.error().status, Status::invalid_config);
  EXPECT_EQ(config.error().message, "bytes.max: missing, and it has no default");
}

TEST(KeyspaceSettings, ARefusedRequiredValueIsNotAlsoMissing) {
  KeyspaceSettings settings;
  ASSERT_FALSE(settings.set("bytes.max", "64MB").ok());
  const std::string text = settings.validate(EngineConfig{}).error().message;
  EXPECT_NE(text.find("bytes.max = 64MB: not a size"), std::string::npos);
  EXPECT_EQ(text.find("missing"), std::string::npos);
}

TEST(KeyspaceSettings, TimeoutsAreInherited) {
  EngineConfig engine;
  engine.read_timeout = Duration::seconds(7);
  engine.write_timeout = Duration::seconds(8);
  KeyspaceSettings settings = small();
  EXPECT_EQ(settings.validate(engine)->read_timeout, Duration::seconds(7));
  EXPECT_EQ(settings.validate(engine)->write_timeout, Duration::seconds(8));
  EXPECT_EQ(settings.validate(engine)->fetch_timeout, Duration::seconds(7));
  set(settings, "read.timeout.ms", "2s");
  EXPECT_EQ(settings.validate(engine)->read_timeout, Duration::seconds(2));
  EXPECT_EQ(settings.validate(engine)->fetch_timeout, Duration::seconds(2));
  set(settings, "fetch.timeout.ms", "1s");
  EXPECT_EQ(settings.validate(engine)->fetch_timeout, Duration::seconds(1));
}

TEST(KeyspaceSettings, EveryAvailablePropertyReachesItsField) {
  KeyspaceSettings settings;
  set(settings, "bytes.max", "2MiB");
  set(settings, "entries.max", "3");
  set(settings, "value.bytes.max", "4KiB");
  set(settings, "ttl.ms", "5s");
  set(settings, "ttl.max.ms", "1h");
  set(settings, "ttl.jitter.percent", "6");
  set(settings, "negative.ttl.ms", "7s");
  set(settings, "read.timeout.ms", "8s");
  set(settings, "write.timeout.ms", "9s");
  set(settings, "fetch.timeout.ms", "10s");
  set(settings, "loads.max", "11");
  set(settings, "waiters.max", "12");
  set(settings, "eviction.policy", "lru");
  set(settings, "placement", "sharded");
  set(settings, "partition", "bounded");
  set(settings, "mirror", "all");
  set(settings, "mirror.lease.ms", "13s");
  set(settings, "mirror.percent", "14");
  const Result<KeyspaceConfig> config = settings.validate(EngineConfig{});
  ASSERT_TRUE(config.ok()) << config.error().message;
  KeyspaceConfig expected;
  expected.bytes_max = 2 << 20;
  expected.entries_max = 3;
  expected.value_bytes_max = 4096;
  expected.ttl = Duration::seconds(5);
  expected.ttl_max = Duration::seconds(3600);
  expected.ttl_jitter_percent = 6;
  expected.negative_ttl = Duration::seconds(7);
  expected.read_timeout = Duration::seconds(8);
  expected.write_timeout = Duration::seconds(9);
  expected.fetch_timeout = Duration::seconds(10);
  expected.loads_max = 11;
  expected.waiters_max = 12;
  expected.eviction_policy = "lru";
  expected.mirror = MirrorMode::all;
  expected.mirror_lease = Duration::seconds(13);
  expected.mirror_percent = 14;
  expected.partition = PartitionMode::bounded;
  EXPECT_EQ(*config, expected);
}

TEST(KeyspaceSettings, AutoIsResolved) {
  KeyspaceSettings settings = small();
  set(settings, "eviction.policy", "auto");
  EXPECT_EQ(settings.validate(EngineConfig{})->eviction_policy, "s3fifo");
}

TEST(KeyspaceSettings, EveryFaultIsNamedInOneError) {
  KeyspaceSettings settings;
  set(settings, "ttl.max.ms", "1s");
  set(settings, "ttl.ms", "2s");
  set(settings, "negative.ttl.ms", "3s");
  const Result<KeyspaceConfig> config = settings.validate(EngineConfig{});
  ASSERT_FALSE(config.ok());
  EXPECT_EQ(config.error().message,
            "bytes.max: missing, and it has no default\n"
            "ttl.ms = 2s: over ttl.max.ms = 1s\n"
            "negative.ttl.ms = 3s: over ttl.max.ms = 1s");
}

}  // namespace
}  // namespace distcache::core
