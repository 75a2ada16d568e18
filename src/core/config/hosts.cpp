#include "core/config/hosts.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace distcache::core {
namespace {

using Ip = std::array<uint8_t, 16>;

// Every address as an IPv6 one, IPv4 mapped to ::ffff:a.b.c.d.
std::optional<Ip> parse_ip(const std::string& host) {
  if (host.find('\0') != std::string::npos) return std::nullopt;  // inet_pton would read up to it
  Ip ip{};
  if (inet_pton(AF_INET, host.c_str(), ip.data() + 12) == 1) {
    ip[10] = ip[11] = 0xff;
    return ip;
  }
  const std::string number = host.substr(0, host.find('%'));
  if (inet_pton(AF_INET6, number.c_str(), ip.data()) == 1) return ip;
  return std::nullopt;
}

bool is_mapped(const Ip& ip) {
  return std::all_of(ip.begin(), ip.begin() + 10, [](uint8_t byte) { return byte == 0; }) &&
         ip[10] == 0xff && ip[11] == 0xff;
}

}  // namespace

bool is_ip(const std::string& host) { return parse_ip(host).has_value(); }

bool is_loopback(const std::string& host) {
  if (host == "localhost") return true;
  const std::optional<Ip> ip = parse_ip(host);
  if (!ip) return false;
  if (is_mapped(*ip)) return (*ip)[12] == 127;
  return std::all_of(ip->begin(), ip->end() - 1, [](uint8_t byte) { return byte == 0; }) &&
         ip->back() == 1;
}

bool is_wildcard(const std::string& host) {
  const std::optional<Ip> ip = parse_ip(host);
  if (!ip) return false;
  const auto first = ip->begin() + (is_mapped(*ip) ? 12 : 0);
  return std::all_of(first, ip->end(), [](uint8_t byte) { return byte == 0; });
}

}  // namespace distcache::core
