#pragma once

#include "transport/transport.h"
#include "transport/zmq/endpoint.h"
#include "transport/zmq/socket.h"

namespace distcache::zmq {

// How many whole messages wait in each direction of one connection, at each end. The data plane's
// frames are batches of up to about 1 MiB: 32 of them keep any link busy and bound what a peer that
// does not read can pin here to some 34 MiB. The membership plane sends a few messages a second.
constexpr int queue_messages_max(Plane plane) { return plane == Plane::data ? 32 : 64; }

// Sockets with every option set, not yet bound or connected; no socket inside when libzmq refuses
// one, with errno set. The single place where options, and later the keys of CURVE, are applied.
Socket make_router(const Context& context, Plane plane, bool ipv6);
Socket make_dealer(const Context& context, Plane plane, bool ipv6);

}  // namespace distcache::zmq
