#include <cstdlib>

#include "discovery/dns_message.h"

// Any bytes as a name server, or somebody in its place, might send them.
using namespace distcache;

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto records = discovery::parse_dns({data, size});
  if (!records.ok()) return 0;
  for (const discovery::DnsRecord& record : *records) {
    demand(record.ttl_s <= 0x7fffffff);
    demand(record.text.size() <= size);
    demand(record.text.empty() || record.type == discovery::DnsType::txt);
    demand(!record.host.empty() || record.type == discovery::DnsType::txt);
  }
  return 0;
}
