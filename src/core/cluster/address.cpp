#include "core/cluster/address.h"

#include <algorithm>
#include <charconv>

namespace distcache::core {
namespace {

constexpr size_t kHostBytesMax = 253;  // of a DNS name in text form, RFC 1035
constexpr size_t kPublicKeyBytes = 40;
constexpr size_t kQuotedBytesMax = 80;
constexpr Bytes kZ85 =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

bool all_of(Bytes text, Bytes allowed) { return text.find_first_not_of(allowed) == Bytes::npos; }

bool is_alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Names as DNS and /etc/hosts know them, '_' included, and dotted IPv4 numbers.
bool is_name(Bytes host) {
  return std::all_of(host.begin(), host.end(),
                     [](char c) { return is_alnum(c) || c == '.' || c == '-' || c == '_'; });
}

bool is_ipv6(Bytes host) {
  const Bytes number = host.substr(0, host.find('%'));
  if (number.size() < host.size()) {  // fe80::1%eth0
    const Bytes zone = host.substr(number.size() + 1);
    if (zone.empty() || !is_name(zone)) return false;
  }
  return std::count(number.begin(), number.end(), ':') >= 2 &&
         all_of(number, "0123456789abcdefABCDEF:.");
}

Error fault(Bytes text, const std::string& sentence) {
  // The text may be anybody's: it goes into a log line without control characters, and in part.
  std::string quoted(text.substr(0, kQuotedBytesMax));
  for (char& c : quoted) {
    if (c < ' ' || c > '~') c = '?';
  }
  if (text.size() > kQuotedBytesMax) quoted += "...";
  return {Status::invalid_argument, "address '" + quoted + "': " + sentence};
}

// Splits "host", "host:port", "[v6]" or "[v6]:port"; `port` stays null if there is none.
const char* split(Bytes text, Bytes& host, std::optional<Bytes>& port) {
  if (!text.empty() && text.front() == '[') {
    const size_t bracket = text.find(']');
    if (bracket == Bytes::npos) return "']' is missing";
    host = text.substr(1, bracket - 1);
    if (!is_ipv6(host)) return "what stands in brackets is no IPv6 address";
    const Bytes rest = text.substr(bracket + 1);
    if (rest.empty()) return nullptr;
    if (rest.front() != ':') return "after ']' comes ':' and the port";
    port = rest.substr(1);
    return nullptr;
  }
  const size_t colon = text.find(':');
  if (colon != text.rfind(':')) return "an IPv6 address stands in brackets, as in [::1]:3322";
  host = text.substr(0, colon);
  if (host.empty()) return "the host is missing";
  if (!is_name(host)) return "the host has a character that no name or address has";
  if (colon != Bytes::npos) port = text.substr(colon + 1);
  return nullptr;
}

}  // namespace

Result<Address> parse_address(Bytes text, std::optional<uint16_t> default_port) {
  Address address;
  const size_t hash = text.find('#');
  if (hash != Bytes::npos) {
    const Bytes key = text.substr(hash + 1);
    if (key.size() != kPublicKeyBytes) {
      return fault(text,
                   "a public key has 40 characters, this one has " + std::to_string(key.size()));
    }
    if (!all_of(key, kZ85)) return fault(text, "the public key is not Z85");
    address.public_key = key;
  }

  Bytes host;
  std::optional<Bytes> port;
  if (const char* wrong = split(text.substr(0, hash), host, port)) return fault(text, wrong);
  if (host.size() > kHostBytesMax) return fault(text, "the host is longer than 253 characters");
  address.host = host;

  if (!port) {
    if (!default_port) return fault(text, "the port is missing, as in host:3322");
    address.port = *default_port;
    return address;
  }
  const char* end = port->data() + port->size();
  const auto [stop, error] = std::from_chars(port->data(), end, address.port);
  if (port->empty() || error != std::errc{} || stop != end) {
    return fault(text, "the port is a number from 0 to 65535");
  }
  return address;
}

std::string format_address(const Address& address) {
  const bool brackets = address.host.find(':') != std::string::npos;
  std::string text = brackets ? '[' + address.host + ']' : address.host;
  text += ':';
  text += std::to_string(address.port);
  if (!address.public_key.empty()) text += '#' + address.public_key;
  return text;
}

}  // namespace distcache::core
