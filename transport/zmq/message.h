#pragma once

#include "transport/transport.h"

namespace distcache::zmq {

// From this size on a part is sent from where it lies: below, the copy is cheaper than the control
// block and the reference that libzmq would carry instead.
inline constexpr size_t kZeroCopyBytes = 4096;

// libzmq names the peers of a ROUTER by a zero byte and 32 bits that it counts up. That number is
// the route: no table to bound, and nothing to forget when the connection goes. 0 for any other
// name, which a peer can only have chosen itself: ours never do.
RouteId route_of(Bytes routing_id);

// Both never wait. `route` stands for the routing id at a ROUTER, null at a DEALER.
// SendResult::full also when a DEALER has no connection: its owner knows which of the two it is.
SendResult send_message(void* socket, const RouteId* route, const Parts& parts);

enum class Received {
  nothing,  // no message waits
  message,
  dropped,  // too many parts, a chosen routing id, or no memory: read to its end and thrown away
};

// Parts are copied out of libzmq's frames: of 1 MiB, about a tenth of its round trip over loopback.
// A Buffer that owned the frame would save that, and pin libzmq's memory as long as the value.
Received receive_message(void* socket, RouteId* route, Parts& parts);

}  // namespace distcache::zmq
