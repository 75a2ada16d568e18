#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"

namespace distcache::core {

enum class KubernetesObjects : uint8_t { pods, endpointslices };

// discovery.kubernetes.*: meaning, bounds and defaults of each field are those of its row in
// engine_properties.cpp.
struct KubernetesConfig {
  std::string server;          // empty: the one that a pod's environment names
  std::string namespace_name;  // empty: this pod's own
  KubernetesObjects objects = KubernetesObjects::pods;
  std::vector<std::string> labels;
  std::string service;
  std::string port = "discovery";
  std::string key_annotation = "distcache/public-key";
  std::string token_file = "/var/run/secrets/kubernetes.io/serviceaccount/token";
  std::string ca_file = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt";
  Duration timeout = Duration::seconds(5);

  friend bool operator==(const KubernetesConfig&, const KubernetesConfig&) = default;
};

}  // namespace distcache::core
