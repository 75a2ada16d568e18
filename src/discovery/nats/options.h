#pragma once

#include "base/result.h"
#include "core/config/nats_config.h"
#include "discovery/nats/handles.h"

namespace distcache::discovery {

// How to connect, with all files read anew. The error names the property whose value is wrong.
Result<NatsOwned<natsOptions>> nats_options(const core::NatsConfig& config);

// Why a server is not usable and what to do about it; `text` is what libnats says of it.
Error nats_fault(const core::NatsConfig& config, natsStatus status, const char* text);

}  // namespace distcache::discovery
