#include "core/cluster/record_check.h"

#include <algorithm>
#include <tuple>

#include "base/limits.h"
#include "core/cluster/ring.h"

namespace distcache::core {

bool usable(const Address& address) {
  return !address.host.empty() && address.host.size() <= limits::kAddressBytesMax &&
         address.port != 0;
}

bool same_content(const Member& a, const Member& b) {
  const auto content = [](const Member& m) {
    return std::tie(m.role, m.weight, m.data, m.membership, m.version_min, m.version_max);
  };
  const auto same = [](const MemberKeyspace& x, const MemberKeyspace& y) {
    return x.id == y.id && x.has_source == y.has_source;
  };
  return content(a) == content(b) && std::equal(a.keyspaces.begin(), a.keyspaces.end(),
                                                b.keyspaces.begin(), b.keyspaces.end(), same);
}

bool same_place(const Address& a, const Address& b) { return a.port == b.port && a.host == b.host; }

std::optional<std::string> fault_of(const Member& record) {
  if (record.name.empty() || record.name.size() > limits::kNodeNameBytesMax || record.id() == 0) {
    return "a node name has 1 to " + std::to_string(limits::kNodeNameBytesMax) + " bytes";
  }
  if (record.incarnation == 0 || record.incarnation > kIncarnationMax) {
    return "an incarnation is neither 0 nor the highest number";
  }
  if (record.weight == 0 || record.weight > kWeightMax) {
    return "node.weight is 1 to " + std::to_string(kWeightMax);
  }
  if (!usable(record.data) || !usable(record.membership)) {
    return "both addresses need a host and a port";
  }
  if (record.keyspaces.size() > limits::kMemberKeyspacesMax) {
    return "a member announces at most " + std::to_string(limits::kMemberKeyspacesMax) +
           " keyspaces";
  }
  if (record.version_min > record.version_max) return "its protocol versions are reversed";
  return std::nullopt;
}

size_t told_bytes(const Member& record) {
  size_t bytes = 96 + record.name.size();  // and the numbers
  for (const Address* address : {&record.data, &record.membership}) {
    bytes += address->host.size() + address->public_key.size();
  }
  return bytes;
}

}  // namespace distcache::core
