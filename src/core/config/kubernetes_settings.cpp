#include "core/config/kubernetes_settings.h"

#include <algorithm>
#include <string_view>

#include "core/cluster/address.h"
#include "core/config/hosts.h"
#include "core/config/value.h"

namespace distcache::core {
namespace {

constexpr uint16_t kHttpsPort = 443;

using Faults = std::vector<std::string>;

std::string fault(std::string_view property, std::string_view value, const std::string& sentence) {
  return value_fault(property, value, sentence).message;
}

// The host and port of https://host:port, with or without a path behind it.
Result<Address> place_of(std::string_view url) {
  const size_t scheme = url.find("://");
  std::string_view rest = scheme == std::string_view::npos ? url : url.substr(scheme + 3);
  rest = rest.substr(0, rest.find('/'));
  return parse_address(rest, kHttpsPort);
}

void check_server(const std::string& server, Faults& faults) {
  if (server.empty()) return;  // the pod's environment says it
  if (!server.starts_with("https://") && !server.starts_with("http://")) {
    faults.push_back(fault("discovery.kubernetes.server", server, "begins not with https://"));
    return;
  }
  const Result<Address> place = place_of(server);
  const bool address = place.ok() && place->port != 0 && place->public_key.empty();
  if (!address || server.find_first_of("?# ") != std::string::npos) {
    faults.push_back(
        fault("discovery.kubernetes.server", server, "not of the form https://host:port"));
  }
}

// RFC 1123, as the names of namespaces and services are.
bool is_label_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  return std::all_of(name.begin(), name.end(), allowed) && !name.starts_with('-') &&
         !name.ends_with('-');
}

}  // namespace

std::vector<std::string> kubernetes_faults(const KubernetesConfig& config) {
  Faults faults;
  check_server(config.server, faults);
  if (!is_label_name(config.namespace_name)) {
    faults.push_back(
        fault("discovery.kubernetes.namespace", config.namespace_name, "no name of a namespace"));
  }
  if (config.objects == KubernetesObjects::pods) {
    if (config.labels.empty()) {
      faults.push_back(fault("discovery.provider", "kubernetes",
                             "needs the labels of the pods in discovery.kubernetes.labels"));
    }
    for (const std::string& label : config.labels) {
      if (label.find('=') != std::string::npos && !label.starts_with('=')) continue;
      faults.push_back(fault("discovery.kubernetes.labels", label, "not of the form name=value"));
    }
  } else if (config.service.empty() || !is_label_name(config.service)) {
    faults.push_back(fault("discovery.kubernetes.service", config.service,
                           "discovery.kubernetes.objects = endpointslices needs the name of a "
                           "service"));
  }
  return faults;
}

std::vector<std::string> kubernetes_plaintext(const KubernetesConfig& config) {
  const Result<Address> place = place_of(config.server);
  if (!config.server.starts_with("http://") || !place.ok() || is_loopback(place->host)) return {};
  return {fault("discovery.kubernetes.server", config.server,
                "the token would travel unencrypted; write https://, or say "
                "security.plaintext = i-accept-plaintext")};
}

}  // namespace distcache::core
