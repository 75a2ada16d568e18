#include "transport/zmq/profile.h"

#include <zmq.h>

namespace distcache::zmq {
namespace {

constexpr int kHeartbeatMs = 500;          // both sides ask: a stopped process is noticed after
constexpr int kHeartbeatTimeoutMs = 1500;  // this long without a whole frame from it
constexpr int kHandshakeMs = 3000;         // or the half-open connection is cut
constexpr int kTcpUnacknowledgedMs = 10000;
constexpr int kReconnectMs = 100;      // doubled up to the maximum, which keeps the promise
constexpr int kReconnectMaxMs = 1000;  // that a restarted peer is found within about 1 s
constexpr int kConnectMs = 2000;
constexpr int kBacklog = 1024;

bool set_common(const Context& context, const Socket& socket, Plane plane, bool ipv6) {
  const int keepalive_s = context.keepalive_s();
  return socket.set(ZMQ_LINGER, 0) &&
         // Before any authentication: whoever announces a larger frame is cut off.
         socket.set_int64(ZMQ_MAXMSGSIZE, static_cast<int64_t>(part_bytes_max(plane))) &&
         socket.set(ZMQ_RCVHWM, queue_messages_max(plane)) &&
         socket.set(ZMQ_SNDHWM, queue_messages_max(plane)) &&
         socket.set(ZMQ_HEARTBEAT_IVL, kHeartbeatMs) &&
         socket.set(ZMQ_HEARTBEAT_TIMEOUT, kHeartbeatTimeoutMs) &&
         socket.set(ZMQ_HEARTBEAT_TTL, kHeartbeatTimeoutMs) &&
         socket.set(ZMQ_HANDSHAKE_IVL, kHandshakeMs) &&
         (keepalive_s == 0 ||
          (socket.set(ZMQ_TCP_KEEPALIVE, 1) && socket.set(ZMQ_TCP_KEEPALIVE_IDLE, keepalive_s))) &&
         socket.set(ZMQ_TCP_MAXRT, kTcpUnacknowledgedMs) &&
         socket.set(ZMQ_SNDTIMEO, 0) &&  // no call waits for a peer, whatever its flags
         socket.set(ZMQ_IPV6, ipv6 ? 1 : 0);
}

}  // namespace

Socket make_router(const Context& context, Plane plane, bool ipv6) {
  Socket socket = context.make_socket(ZMQ_ROUTER);
  const bool complete = socket && set_common(context, socket, plane, ipv6) &&
                        // A reply to a peer that has gone is reported instead of dropped.
                        socket.set(ZMQ_ROUTER_MANDATORY, 1) && socket.set(ZMQ_BACKLOG, kBacklog);
  return complete ? std::move(socket) : Socket();
}

Socket make_dealer(const Context& context, Plane plane, bool ipv6) {
  Socket socket = context.make_socket(ZMQ_DEALER);
  const bool complete = socket && set_common(context, socket, plane, ipv6) &&
                        // Nothing is queued for a peer that is not connected now.
                        socket.set(ZMQ_IMMEDIATE, 1) &&
                        socket.set(ZMQ_CONNECT_TIMEOUT, kConnectMs) &&
                        socket.set(ZMQ_RECONNECT_IVL, kReconnectMs) &&
                        socket.set(ZMQ_RECONNECT_IVL_MAX, kReconnectMaxMs);
  return complete ? std::move(socket) : Socket();
}

}  // namespace distcache::zmq
