#pragma once

#include <memory>
#include <string>

#include "core/cluster/provider.h"
#include "core/config/nats_config.h"

namespace distcache::discovery {

// discovery.provider = nats: members ask each other over a subject of a NATS server, and answer.
// The server keeps nothing, so no record outlives its member, and a server that is killed and
// started again costs nothing but discovery meanwhile.
//
// Blocks for the timeouts of `config`, for each server in turn. The calling thread has all signals
// blocked, SIGPIPE above all, as the engine's threads have. libnats keeps a few idle threads of its
// own until the process ends.
std::unique_ptr<core::Provider> make_nats(core::NatsConfig config, std::string label);

}  // namespace distcache::discovery
