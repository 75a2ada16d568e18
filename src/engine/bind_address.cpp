#include "engine/bind_address.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <memory>

namespace distcache::engine {
namespace {

std::string numeric(const sockaddr& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.sa_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
  } else if (address.sa_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    // A link-local address means nothing without its interface, and peers have another one.
    if (!IN6_IS_ADDR_LINKLOCAL(&v6.sin6_addr))
      inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
  }
  return text;
}

}  // namespace

Result<std::string> bind_address(const core::EngineConfig& config) {
  if (config.bind_interface.empty()) return config.bind_address;
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return Error{Status::system, "getifaddrs failed"};
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(list, freeifaddrs);
  for (const int family : {AF_INET, AF_INET6}) {
    for (const ifaddrs* at = list; at != nullptr; at = at->ifa_next) {
      if (at->ifa_addr == nullptr || at->ifa_addr->sa_family != family) continue;
      if (config.bind_interface != at->ifa_name) continue;
      std::string address = numeric(*at->ifa_addr);
      if (!address.empty()) return address;
    }
  }
  return Error{Status::invalid_config,
               "bind.interface: no interface '" + config.bind_interface + "' with an address"};
}

}  // namespace distcache::engine
