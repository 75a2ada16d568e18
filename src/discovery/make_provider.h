#pragma once

#include <memory>

#include "core/cluster/provider.h"
#include "core/config/engine_config.h"

namespace distcache::discovery {

// The provider that discovery.provider names; nothing is asked or connected yet. INVALID_CONFIG:
// this library was built without it, or it cannot work as configured.
Result<std::unique_ptr<core::Provider>> make_provider(const core::EngineConfig& config);

}  // namespace distcache::discovery
