#pragma once

#include <string>

#include "base/result.h"
#include "core/config/engine_config.h"

namespace distcache::engine {

// The numeric address to listen at: bind.address, or the first address of bind.interface (IPv4
// before IPv6). INVALID_CONFIG if there is no such interface or it has no address.
Result<std::string> bind_address(const core::EngineConfig& config);

}  // namespace distcache::engine
