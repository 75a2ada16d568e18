#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/cluster/provider.h"
#include "core/config/engine_config.h"

namespace distcache::discovery {

struct DnsOptions {
  std::string name;
  core::DnsRecordKind record = core::DnsRecordKind::a;
  uint16_t port = 0;                 // of the members that A and AAAA records name
  std::vector<std::string> servers;  // see DnsResolver
  Duration timeout = Duration::seconds(5);
};

// discovery.provider = dns: whoever answers for a name knows the members. A name that is not there
// has none; an answer that does not come, or says that the server has failed, is a failure. Nothing
// is registered: whoever keeps the zone does that.
std::unique_ptr<core::Provider> make_dns(DnsOptions options);

}  // namespace distcache::discovery
