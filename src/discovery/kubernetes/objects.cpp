#include "discovery/kubernetes/objects.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/limits.h"
#include "core/cluster/address.h"
#include "core/cluster/record_check.h"
#include "core/config/hosts.h"

namespace distcache::discovery {
namespace {

using Json = nlohmann::json;

constexpr int kDepthMax = 24;  // deeper than anything that is read here
constexpr size_t kMessageBytesMax = 256;
constexpr size_t kObjectsPerPageMax = 1'000;
constexpr size_t kAddressesPerObjectMax = 1'000;  // of an EndpointSlice, by its definition

// Null for what is no JSON. What nests too deep and what is big and of no use is not kept.
Json parse(std::string_view text) {
  const auto keep = [](int depth, Json::parse_event_t event, Json& value) {
    if (event == Json::parse_event_t::key) return value != "managedFields";
    return depth < kDepthMax;
  };
  Json json = Json::parse(text, keep, /*allow_exceptions=*/false);
  return json.is_discarded() ? Json() : json;
}

// The value under a path of names; null where there is none.
template <typename... Names>
const Json& at(const Json& json, const char* name, Names... more) {
  static const Json* none = new Json;
  if (!json.is_object()) return *none;
  const auto found = json.find(name);
  if (found == json.end()) return *none;
  if constexpr (sizeof...(more) == 0) {
    return *found;
  } else {
    return at(*found, more...);
  }
}

std::string text(const Json& json) {
  return json.is_string() ? json.get_ref<const std::string&>() : std::string();
}

uint16_t port_number(const Json& json) {
  if (!json.is_number_unsigned()) return 0;
  const auto number = json.get<uint64_t>();
  return number <= UINT16_MAX ? static_cast<uint16_t>(number) : uint16_t{0};
}

bool is_tcp(const Json& port) {
  const Json& protocol = at(port, "protocol");
  return protocol.is_null() || protocol == "TCP";
}

// Only what a socket could be at. An address whose key is none is no address: without it a member
// that demands one would be spoken to in the clear.
void add(const std::string& host, uint16_t port, const std::string& key,
         std::vector<core::Address>& to) {
  if (to.size() >= kAddressesPerObjectMax || !core::is_ip(host)) return;
  const core::Address address{host, port, key};
  const Result<core::Address> parsed = core::parse_address(core::format_address(address));
  if (parsed.ok() && *parsed == address && core::usable(address)) to.push_back(address);
}

// Ready or not: members that start together are not ready before they have met. One that is on its
// way out is not looked for any more.
void add_pod(const Json& pod, const core::KubernetesConfig& config,
             std::vector<core::Address>& to) {
  const std::string phase = text(at(pod, "status", "phase"));
  if (phase == "Succeeded" || phase == "Failed") return;
  if (!at(pod, "metadata", "deletionTimestamp").is_null()) return;
  const std::string ip = text(at(pod, "status", "podIP"));
  const std::string key = text(at(pod, "metadata", "annotations", config.key_annotation.c_str()));
  // A sidecar is an init container that goes on.
  for (const char* kind : {"containers", "initContainers"}) {
    const Json& containers = at(pod, "spec", kind);
    if (!containers.is_array()) continue;
    for (const Json& container : containers) {
      const Json& ports = at(container, "ports");
      if (!ports.is_array()) continue;
      for (const Json& port : ports) {
        if (at(port, "name") != config.port || !is_tcp(port)) continue;
        add(ip, port_number(at(port, "containerPort")), key, to);
      }
    }
  }
}

void add_slice(const Json& slice, const core::KubernetesConfig& config,
               std::vector<core::Address>& to) {
  if (!at(slice, "metadata", "deletionTimestamp").is_null()) return;
  const Json& ports = at(slice, "ports");
  const Json& endpoints = at(slice, "endpoints");
  if (!ports.is_array() || !endpoints.is_array()) return;
  for (const Json& port : ports) {
    if (at(port, "name") != config.port || !is_tcp(port)) continue;
    for (const Json& endpoint : endpoints) {
      if (at(endpoint, "conditions", "terminating") == true) continue;
      const Json& addresses = at(endpoint, "addresses");
      // All of them lead to the same endpoint, by definition.
      if (!addresses.is_array() || addresses.empty()) continue;
      add(text(addresses.front()), port_number(at(port, "port")), {}, to);
    }
  }
}

KubernetesObject object_of(const Json& json, const core::KubernetesConfig& config) {
  KubernetesObject object;
  object.uid = text(at(json, "metadata", "uid"));
  if (config.objects == core::KubernetesObjects::pods) {
    add_pod(json, config, object.addresses);
  } else {
    add_slice(json, config, object.addresses);
  }
  return object;
}

// For a log line: cut, and without control characters.
std::string plain(std::string sentence) {
  if (sentence.size() > kMessageBytesMax) sentence = sentence.substr(0, kMessageBytesMax) + "...";
  std::replace_if(
      sentence.begin(), sentence.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return sentence;
}

}  // namespace

std::optional<KubernetesPage> read_page(std::string_view json,
                                        const core::KubernetesConfig& config) {
  const Json list = parse(json);
  KubernetesPage page;
  page.resource_version = text(at(list, "metadata", "resourceVersion"));
  page.next = text(at(list, "metadata", "continue"));
  const Json& items = at(list, "items");
  if (page.resource_version.empty() || (!items.is_array() && !items.is_null())) return std::nullopt;
  for (const Json& item : items) {
    if (page.objects.size() == kObjectsPerPageMax) return std::nullopt;
    page.objects.push_back(object_of(item, config));
  }
  return page;
}

std::optional<KubernetesEvent> read_event(std::string_view json,
                                          const core::KubernetesConfig& config) {
  const Json line = parse(json);
  const std::string type = text(at(line, "type"));
  const Json& object = at(line, "object");
  if (!object.is_object()) return std::nullopt;
  KubernetesEvent event;
  event.resource_version = text(at(object, "metadata", "resourceVersion"));
  if (type == "ERROR") {
    event.kind = KubernetesEvent::Kind::error;
    event.message = plain(text(at(object, "message")));
    event.code = static_cast<int>(port_number(at(object, "code")));
    return event;
  }
  if (event.resource_version.empty()) return std::nullopt;
  if (type == "BOOKMARK") {
    event.kind = KubernetesEvent::Kind::bookmark;
    return event;
  }
  if (type != "ADDED" && type != "MODIFIED" && type != "DELETED") return std::nullopt;
  event.kind = type == "DELETED" ? KubernetesEvent::Kind::deleted : KubernetesEvent::Kind::changed;
  event.object = object_of(object, config);
  return event;
}

std::string read_message(std::string_view json) {
  const Json status = parse(json);
  return at(status, "kind") == "Status" ? plain(text(at(status, "message"))) : std::string();
}

}  // namespace distcache::discovery
