#pragma once

#include <memory>
#include <string>

#include "api/callback.h"
#include "core/cluster/provider.h"
#include "distcache/discovery.h"

namespace distcache::api {

// What a program registered as its discovery provider, shared by the engines that ask it. The
// finaliser runs when the last of them has closed it, and the configuration is gone.
struct DiscoveryCallbacks {
  distcache_discovery_vtable_t vtable;
  std::string id;
  uintptr_t context;
  Finalizer finalizer;
};
using DiscoveryCallbacksPtr = std::shared_ptr<const DiscoveryCallbacks>;

// The program's callbacks as one engine asks them.
std::shared_ptr<core::Provider> make_provider(DiscoveryCallbacksPtr callbacks);

}  // namespace distcache::api
