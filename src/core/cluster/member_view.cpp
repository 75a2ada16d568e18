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
  Owners here, before;  // without and with those lost in silence
  bool lost = false;
  for (const MemberStatus& member : members) {
    const Member& record = member.record;
    if (!(member.in_view() || member.silent) || record.role != Role::member) continue;
    const auto announced =
        std::find_if(record.keyspaces.begin(), record.keyspaces.end(),
                     [keyspace](const MemberKeyspace& own) { return own.id == keyspace; });
    if (announced == record.keyspaces.end()) continue;
    const ViewMember owner{
        {record.id(), record.weight}, record.name, record.incarnation, member.reach};
    const auto place = announced->has_source ? &Owners::with_source : &Owners::without;
    (before.*place).push_back(owner);
    if (member.in_view()) {
      (here.*place).push_back(owner);
    } else {
      lost = true;
    }
  }
  if (!lost) return std::make_shared<const View>(self, here.best());
  return std::make_shared<const View>(self, here.best(), before.best());
}

}  // namespace distcache::core
