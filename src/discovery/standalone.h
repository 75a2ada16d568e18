#pragma once

#include <memory>

#include "core/cluster/provider.h"

namespace distcache::discovery {

// discovery.provider = standalone: there is nobody to find.
std::unique_ptr<core::Provider> make_standalone();

}  // namespace distcache::discovery
