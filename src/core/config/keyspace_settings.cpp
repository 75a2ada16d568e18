#include <string>
#include <vector>

#include "core/config/settings.h"

namespace distcache::core {
namespace {

// Each member is asked four times in a lease, and the time of an answer is taken off it.
constexpr Duration kBoundedLeaseMin = Duration::ms(100);

}  // namespace

Result<KeyspaceConfig> KeyspaceSettings::validate(const EngineConfig& engine) const {
  KeyspaceConfig config;
  for_each([&config](const Property& property, const Value& value) {
    if (property.keyspace) property.keyspace(config, value);
  });
  if (config.read_timeout.is_zero()) config.read_timeout = engine.read_timeout;
  if (config.write_timeout.is_zero()) config.write_timeout = engine.write_timeout;
  if (config.fetch_timeout.is_zero()) config.fetch_timeout = config.read_timeout;
  if (config.eviction_policy == "auto") config.eviction_policy = "s3fifo";

  std::vector<std::string> faults = open_faults();
  if (!config.ttl_max.is_zero()) {
    const std::string cap = "over ttl.max.ms = " + std::string(get("ttl.max.ms"));
    if (config.ttl > config.ttl_max) {
      faults.push_back(value_fault("ttl.ms", get("ttl.ms"), cap).message);
    }
    if (config.negative_ttl > config.ttl_max) {
      faults.push_back(value_fault("negative.ttl.ms", get("negative.ttl.ms"), cap).message);
    }
  }
  if (config.partition == PartitionMode::bounded && config.mirror_lease < kBoundedLeaseMin) {
    faults.push_back(value_fault("mirror.lease.ms", get("mirror.lease.ms"),
                                 "under 100 ms with partition = bounded")
                         .message);
  }
  if (faults.empty()) return config;
  std::string text;
  for (const std::string& line : faults) text += (text.empty() ? "" : "\n") + line;
  return Error{Status::invalid_config, std::move(text)};
}

}  // namespace distcache::core
