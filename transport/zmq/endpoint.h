#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"

namespace distcache::zmq {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;

  bool is_ipv6() const { return storage.ss_family == AF_INET6; }
};

// Where a link leads.
struct Endpoint {
  std::string text;                      // as libzmq takes it: tcp://host:port
  std::optional<SocketAddress> address;  // of a numeric host

  // IPv6 only for numeric IPv6 hosts: with the option on, libzmq tries a name's IPv6 address alone,
  // and "localhost" would never reach a peer that listens on 127.0.0.1.
  bool is_ipv6() const { return address && address->is_ipv6(); }
};

// Nothing for a host that is not numeric. Asks no name server.
std::optional<SocketAddress> numeric_address(const std::string& host, uint16_t port);

// For zmq_connect. Takes names too; refuses what libzmq would read as something else (wildcards,
// source addresses) and port 0.
Result<Endpoint> connect_endpoint(const std::string& host, uint16_t port);

// For zmq_bind. Numeric addresses only; port 0 asks for any.
Result<Endpoint> bind_endpoint(const std::string& address, uint16_t port);

// The port of a text that libzmq wrote; 0 when there is none.
uint16_t port_of(const std::string& endpoint_text);

}  // namespace distcache::zmq
