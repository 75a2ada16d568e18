#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/kubernetes_config.h"
#include "core/message.h"

namespace distcache::discovery {

// What the API server says, as far as it matters here. Pure; bytes may be anybody's: nothing is
// thrown, nesting is cut off, what has another shape than it should is left out.

// A pod or an EndpointSlice, as the addresses in it.
struct KubernetesObject {
  std::string uid;
  std::vector<core::Address> addresses;  // none: it is not, or no longer, a member's

  friend bool operator==(const KubernetesObject&, const KubernetesObject&) = default;
};

// A page of a list.
struct KubernetesPage {
  std::vector<KubernetesObject> objects;
  std::string resource_version;
  std::string next;  // the token of the next page; empty: this is the last
};

// A line of a watch.
struct KubernetesEvent {
  enum class Kind : uint8_t { changed, deleted, bookmark, error };

  Kind kind = Kind::changed;
  KubernetesObject object;
  std::string resource_version;
  int code = 0;  // of an error: 410 says that the version is too old
  std::string message;
};

std::optional<KubernetesPage> read_page(std::string_view json,
                                        const core::KubernetesConfig& config);
std::optional<KubernetesEvent> read_event(std::string_view json,
                                          const core::KubernetesConfig& config);
// The sentence of a Status object; empty if it is none.
std::string read_message(std::string_view json);

}  // namespace distcache::discovery
