#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace distcache::discovery {

enum class DnsType : uint16_t { a = 1, txt = 16, aaaa = 28, srv = 33 };

struct DnsRecord {
  std::string owner;  // the name asked for, or what it is an alias of; of additional ones their own
  DnsType type = DnsType::a;
  uint32_t ttl_s = 0;
  bool additional = false;  // told without having been asked for
  std::string host;         // A, AAAA: the numeric address; SRV: the target, "." = none
  uint16_t port = 0;        // SRV
  std::string text;         // TXT, its strings in one
};

// The records of a DNS message that discovery has a use for; all others are passed over. Bounded by
// the message, which has at most 64 KiB; the bytes may be anybody's.
Result<std::vector<DnsRecord>> parse_dns(std::span<const uint8_t> message);

}  // namespace distcache::discovery
