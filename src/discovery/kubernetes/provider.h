#pragma once

#include <memory>

#include "core/cluster/provider.h"
#include "core/config/kubernetes_config.h"

namespace distcache::discovery {

// discovery.provider = kubernetes: the pods with certain labels and a port of a certain name, or
// the endpoints of a service, as the API server tells of them. A thread, dc-kubernetes, watches
// them, and discover answers from what it knows.
std::unique_ptr<core::Provider> make_kubernetes(core::KubernetesConfig config);

}  // namespace distcache::discovery
