#include "core/config/properties_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/config/property.h"

namespace distcache::core {
namespace {

TEST(PropertiesJson, HoldsEveryRowOfBothTables) {
  const nlohmann::json rows = nlohmann::json::parse(properties_json()).at("properties");
  size_t index = 0;
  for (const PropertyScope scope : {PropertyScope::engine, PropertyScope::keyspace}) {
    for (const Property& property : properties(scope)) {
      const nlohmann::json& row = rows.at(index++);
      EXPECT_EQ(row.at("name"), property.name);
      EXPECT_EQ(row.at("scope"), scope_name(scope));
      EXPECT_EQ(row.at("available"), property.available);
      EXPECT_EQ(row.at("text"), property.text);
    }
  }
  EXPECT_EQ(rows.size(), index);
}

TEST(PropertiesJson, TellsWhatTypedOptionsNeed) {
  const nlohmann::json rows = nlohmann::json::parse(properties_json()).at("properties");
  const auto row = [&rows](std::string_view name, std::string_view scope) {
    for (const nlohmann::json& candidate : rows) {
      if (candidate.at("name") == name && candidate.at("scope") == scope) return candidate;
    }
    return nlohmann::json();
  };
  const nlohmann::json timeout = row("read.timeout.ms", "engine");
  EXPECT_EQ(timeout.at("type"), "duration");
  EXPECT_EQ(timeout.at("unit"), "ms");
  EXPECT_EQ(timeout.at("default"), "5s");
  EXPECT_EQ(timeout.at("default_value"), 5000);
  EXPECT_EQ(timeout.at("max"), 3'600'000);
  EXPECT_EQ(timeout.at("environment"), "DISTCACHE_READ_TIMEOUT_MS");
  const nlohmann::json ttl = row("ttl.ms", "keyspace");
  EXPECT_EQ(ttl.at("word"), "none");
  EXPECT_EQ(ttl.at("word_value"), 0);
  EXPECT_FALSE(ttl.contains("environment"));
  EXPECT_EQ(row("placement", "keyspace").at("choices").at(1),
            nlohmann::json({{"name", "replicated"}, {"available", false}}));
  EXPECT_TRUE(row("bytes.max", "keyspace").at("required"));
  EXPECT_FALSE(row("bytes.max", "keyspace").contains("default"));
  EXPECT_EQ(row("discovery.peers", "engine").at("items"), "address");
}

}  // namespace
}  // namespace distcache::core
