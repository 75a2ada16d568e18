#pragma once

#include "core/cluster/actions.h"
#include "engine/keyspace.h"
#include "engine/network.h"
#include "engine/observer.h"

// What an engine tells its host of, as events with their JSON. Any thread; nothing here waits.
namespace distcache::engine {

void tell_of_peer(Observer& observer, const core::PeerEvent& event);
// Who owns the keys of a keyspace is decided by other members than before.
void tell_of_ring(Observer& observer, const Keyspace& keyspace, const core::View& view,
                  uint64_t epoch);
void tell_of_keyspace(Observer& observer, const char* kind, const std::string& name);
// Readiness and quorum, where they differ between the two.
void tell_of_state(Observer& observer, const ClusterState& before, const ClusterState& after,
                   uint32_t quorum_min);
void tell_of_abandoned(Observer& observer, size_t threads);

}  // namespace distcache::engine
