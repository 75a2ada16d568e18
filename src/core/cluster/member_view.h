#pragma once

#include <span>

#include "core/cluster/peers.h"
#include "core/cluster/view.h"

namespace distcache::core {

// The owners of a keyspace: of the members in `members` that are in the view, are no clients and
// announce the keyspace, those that have a source for it; where nobody has one, all of them.
// Those lost in silence may still serve their keys: the view knows who owned what with them.
ViewPtr make_view(KeyspaceId keyspace, std::span<const MemberStatus> members, MemberId self);

}  // namespace distcache::core
