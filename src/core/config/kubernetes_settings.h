#pragma once

#include <string>
#include <vector>

#include "core/config/kubernetes_config.h"

namespace distcache::core {

// What is wrong with discovery.kubernetes.*, a sentence each, where the provider is `kubernetes`.
std::vector<std::string> kubernetes_faults(const KubernetesConfig& config);

// The server to which the token would travel in plain text over a network, as a sentence.
std::vector<std::string> kubernetes_plaintext(const KubernetesConfig& config);

}  // namespace distcache::core
