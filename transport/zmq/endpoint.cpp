#include "transport/zmq/endpoint.h"

#include <netdb.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace distcache::zmq {
namespace {

constexpr size_t kHostBytesMax = 255;

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_';
}

bool is_name(const std::string& host) {
  return !host.empty() && host.size() <= kHostBytesMax && host[0] != '-' &&
         std::all_of(host.begin(), host.end(), is_name_character);
}

// The canonical text of a numeric address, in brackets for IPv6 as libzmq wants it.
std::string host_text(const SocketAddress& address) {
  char host[NI_MAXHOST] = {};
  getnameinfo(reinterpret_cast<const sockaddr*>(&address.storage), address.length, host,
              sizeof host, nullptr, 0, NI_NUMERICHOST);
  return address.is_ipv6() ? "[" + std::string(host) + "]" : std::string(host);
}

}  // namespace

std::optional<SocketAddress> numeric_address(const std::string& host, uint16_t port) {
  // To getaddrinfo a "*" is the wildcard, numeric or not.
  if (host.empty() || host == "*" || host.find('\0') != std::string::npos) return std::nullopt;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) {
    return std::nullopt;
  }
  SocketAddress address;
  std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
  address.length = found->ai_addrlen;
  freeaddrinfo(found);
  return address;
}

Result<Endpoint> connect_endpoint(const std::string& host, uint16_t port) {
  if (port == 0) return Error{Status::invalid_argument, "a peer's port cannot be 0"};
  Endpoint endpoint;
  endpoint.address = numeric_address(host, port);
  if (!endpoint.address && !is_name(host)) {
    return Error{Status::invalid_argument, "a peer's host is neither an address nor a name"};
  }
  const std::string text = endpoint.address ? host_text(*endpoint.address) : host;
  endpoint.text = "tcp://" + text + ":" + std::to_string(port);
  return endpoint;
}

Result<Endpoint> bind_endpoint(const std::string& address, uint16_t port) {
  Endpoint endpoint;
  endpoint.address = numeric_address(address, port);
  if (!endpoint.address) {
    return Error{Status::invalid_argument, "bind address is not a numeric IPv4 or IPv6 address"};
  }
  endpoint.text = "tcp://" + host_text(*endpoint.address) + ":" +
                  (port == 0 ? std::string("*") : std::to_string(port));
  return endpoint;
}

uint16_t port_of(const std::string& endpoint_text) {
  const size_t colon = endpoint_text.rfind(':');
  if (colon == std::string::npos) return 0;
  uint16_t port = 0;
  std::from_chars(endpoint_text.data() + colon + 1, endpoint_text.data() + endpoint_text.size(),
                  port);
  return port;
}

}  // namespace distcache::zmq
