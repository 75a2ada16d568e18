#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"
#include "core/types.h"

namespace distcache::core {

// What a keyspace is made with: valid as a whole, and with the engine's values where it had none of
// its own, when it comes from KeyspaceSettings::validate. Meaning, bounds and default of each field
// are those of its row in keyspace_properties.cpp. A zero duration or count means "none".
struct KeyspaceConfig {
  uint64_t bytes_max = 0;  // the one field without a default
  uint64_t entries_max = 0;
  uint64_t value_bytes_max = 16 * 1024 * 1024;

  Duration ttl;
  Duration ttl_max;
  uint32_t ttl_jitter_percent = 10;
  Duration negative_ttl;

  Duration read_timeout = Duration::seconds(5);
  Duration write_timeout = Duration::seconds(5);
  Duration fetch_timeout = Duration::seconds(5);
  uint32_t loads_max = 64;
  uint32_t waiters_max = 10'000;

  PartitionMode partition = PartitionMode::serve;
  MirrorMode mirror = MirrorMode::hot;
  Duration mirror_lease = Duration::seconds(1);
  uint32_t mirror_percent = 12;

  std::string eviction_policy = "s3fifo";  // "auto" is resolved

  friend bool operator==(const KeyspaceConfig&, const KeyspaceConfig&) = default;
};

}  // namespace distcache::core
