#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/buffer.h"
#include "base/result.h"
#include "core/message.h"

// The one spelling of an address: in configuration, discovery records and gossip.
//
//   host:port   10.0.0.7:3322   [fe80::1%eth0]:3322   any of them with #public-key behind it
//
// The key is 40 characters of Z85 (https://rfc.zeromq.org/spec/32/), whose alphabet contains '#'
// itself: the first '#' ends the port.
namespace distcache::core {

// INVALID_ARGUMENT with a sentence that quotes the text and says what is wrong with it. A host is
// checked for its characters only; nothing is looked up. Without `default_port` the port must be
// there. Port 0 is accepted (where to bind: any).
Result<Address> parse_address(Bytes text, std::optional<uint16_t> default_port = std::nullopt);

// The inverse: parse_address(format_address(a)) == a for every address that was parsed.
std::string format_address(const Address& address);

}  // namespace distcache::core
