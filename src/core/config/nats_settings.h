#pragma once

#include <string>
#include <vector>

#include "core/config/nats_config.h"

namespace distcache::core {

// What is wrong with discovery.nats.*, a sentence each, where the provider is `nats`.
std::vector<std::string> nats_faults(const NatsConfig& config);

// The servers to which plain traffic would travel over a network: addresses of members, and the
// credentials with them.
std::vector<std::string> nats_plaintext(const NatsConfig& config);

}  // namespace distcache::core
