#include "core/cluster/member_view.h"

#include <algorithm>

namespace distcache::core {

ViewPtr make_view(KeyspaceId keyspace, std::span<const MemberStatus> members, MemberId self) {
  struct Owners {
    std::vector<ViewMember> with_source, without;
    std::vector<ViewMember> best() {
      return std::move(with_source.empty() ? without : with_source);
    }
  };
  Owners here, lost;
  for (const MemberStatus& member : members) {
    const Member& record = member.record;
    if (!(member.in_view() || member.silent) || record.role != Role::member) continue;
    const auto announced =
        std::find_if(record.keyspaces.begin(), record.keyspaces.end(),
                     [keyspace](const MemberKeyspace& own) { return own.id == keyspace; });
    if (announced == record.keyspaces.end()) continue;
    Owners& owners = member.in_view() ? here : lost;
    (announced->has_source ? owners.with_source : owners.without)
        .push_back({{record.id(), record.weight}, record.name, record.incarnation, member.reach});
  }
  if (!here.with_source.empty()) lost.without.clear();  // they owned nothing beside those
  return std::make_shared<const View>(self, here.best(), lost.best());
}

}  // namespace distcache::core
