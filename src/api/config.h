#pragma once

#include <memory>
#include <string>
#include <vector>

#include "api/discovery.h"
#include "api/observers.h"
#include "api/source.h"
#include "core/config/settings.h"
#include "distcache/config.h"
#include "distcache/keyspace.h"

// What a keyspace is made of. Belongs to one thread at a time; copies share the callbacks.
struct distcache_keyspace_def {
  std::string name;
  distcache::core::KeyspaceSettings settings;
  distcache::api::SourceCallbacks source;
};

// What an engine is opened with. Belongs to one thread at a time.
struct distcache_config {
  distcache::core::EngineSettings settings;
  std::vector<distcache_keyspace_def> keyspaces;
  distcache::api::LogCallback log;
  bool log_to_stderr = true;
  distcache::api::EventCallback event;
  distcache::api::DiscoveryCallbacksPtr discovery;
};

namespace distcache::api {

// A configuration that is valid as a whole: the engine's, and one for each of its keyspaces.
struct ValidConfig {
  core::EngineConfig engine;
  std::vector<core::KeyspaceConfig> keyspaces;
};

// The error has a line for every fault of all of them.
Result<ValidConfig> validate(const distcache_config_t& config);

}  // namespace distcache::api
