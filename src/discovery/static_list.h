#pragma once

#include <memory>
#include <vector>

#include "core/cluster/provider.h"

namespace distcache::discovery {

// discovery.provider = static: the addresses of discovery.peers (the property table has parsed
// them), always the same, each once, and without this node's own, so that all nodes can share one
// list. An own address under another spelling passes: the membership recognises its own voice.
std::unique_ptr<core::Provider> make_static_list(std::vector<core::Address> peers);

}  // namespace distcache::discovery
