#include "core/cluster/member_view.h"

#include <algorithm>

namespace distcache::core {

ViewPtr make_view(KeyspaceId keyspace, std::span<const MemberStatus> members, MemberId self) {
  std::vector<ViewMember> with_source, without, lost_with_source, lost_without;
  for (const MemberStatus& member : members) {
    const Member& record = member.record;
    if (!(member.in_view() || member.silent) || record.role != Role::member) continue;
    const auto announced =
        std::find_if(record.keyspaces.begin(), record.keyspaces.end(),
                     [keyspace](const MemberKeyspace& own) { return own.id == keyspace; });
    if (announced == record.keyspaces.end()) continue;
    (announced->has_source ? with_source : without)
        .push_back({{record.id(), record.weight}, record.name, record.incarnation, member.reach});
  }
  return std::make_shared<const View>(self, std::move(with_source.empty() ? without : with_source));
}

}  // namespace distcache::core
