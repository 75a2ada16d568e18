#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "base/limits.h"
#include "base/result.h"
#include "base/time.h"

// How bytes get from one process to another. The engine knows this interface only: transport/zmq
// is the real network, transport/memory the one of tests and the simulator.
namespace distcache {

// The two kinds of traffic have a listening socket each, so that large values cannot delay a probe.
enum class Plane : uint8_t { data = 0, membership = 1 };

// What one part of a message may hold. The receiver cuts the connection of whoever sends more, so
// send() and reply() refuse such a message themselves.
constexpr size_t part_bytes_max(Plane plane) {
  return plane == Plane::data ? limits::kFrameBytesMax : limits::kMembershipFrameBytesMax;
}

// A connection that this node opened (its DEALER), by a number that is never used again. Not 0.
using LinkId = uint64_t;

// The way back to whoever sent a message to our ROUTER; valid while that connection lives. Not 0.
using RouteId = uint64_t;

// One message: a header part, then the values that travel as parts of their own; 1 to
// limits::kMessagePartsMax of them. A Buffer is sent without a copy; the transport holds its
// reference until the bytes have left, and drops it on a thread of its own.
using Parts = std::vector<Buffer>;

enum class SendResult : uint8_t {
  sent,         // handed to the network; says nothing about its arrival
  unreachable,  // no such link or route now: the message was dropped
  full,         // the bounded queue of this link is full: try again after something was received
  too_large,    // more or larger parts than a message may have: the message was dropped
};

// What the transport tells its owner. Called inside poll(), on the thread that calls poll(). From
// inside these every function of the transport may be called but poll() and close().
class TransportSink {
 public:
  virtual ~TransportSink() = default;
  virtual void on_request(Plane plane, RouteId route, Parts parts) = 0;  // at our ROUTER
  // On a link of ours. May still come after on_link_down for what was sent before it.
  virtual void on_reply(LinkId link, Parts parts) = 0;
  virtual void on_link_up(LinkId link) = 0;  // connected and handshaken; messages flow
  // Messages sent on the link and not answered by now must be counted as lost. `refused`: the other
  // side's machine answered that no process listens there, so the process is gone (not merely
  // silent). Told again with refused = true, once, when a retry finds that out; told with refused =
  // true alone for a link that was never up. The transport goes on reconnecting.
  virtual void on_link_down(LinkId link, bool refused) = 0;
};

struct BindOptions {
  std::string address = "127.0.0.1";  // numeric IPv4 or IPv6
  uint16_t data_port = 0;             // 0 = any
  uint16_t membership_port = 0;
};

struct BoundPorts {
  uint16_t data = 0;
  uint16_t membership = 0;
};

// Lifecycle: bind() at most once, then poll() in a loop on one thread, then close(). Every function
// but wake() belongs to that thread (bind() and connect() may come earlier from the thread that
// made the object, and close() later from the one that joined it, if a fence separates them).
class Transport {
 public:
  virtual ~Transport() = default;

  // All or nothing: after a failure it may be tried again. INVALID_ARGUMENT for an address that is
  // not numeric or not of this machine, ADDRESS_IN_USE, NO_DESCRIPTORS, SYSTEM.
  virtual Result<BoundPorts> bind(const BindOptions& options) = 0;
  // Returns at once; on_link_up tells when it is usable. INVALID_ARGUMENT for a malformed address,
  // OVERLOADED above the limit of links, NO_DESCRIPTORS, CLOSED, SYSTEM.
  virtual Result<LinkId> connect(Plane plane, const std::string& host, uint16_t port) = 0;
  virtual void disconnect(LinkId link) = 0;  // no callback for it any more

  // A link is usable from on_link_up until on_link_down.
  virtual SendResult send(LinkId link, Parts parts) = 0;
  virtual SendResult reply(Plane plane, RouteId route, Parts parts) = 0;

  // Waits until something happened or `timeout` has passed, and tells the sink; may return early
  // without having told anything. At most a bounded number of messages per call, so that timers are
  // never starved.
  virtual void poll(Duration timeout, TransportSink& sink) = 0;
  virtual void wake() = 0;  // any thread: makes a poll() in progress or the next one return early

  // Drops what is unsent. Idempotent; afterwards nothing is sent or told any more.
  virtual void close() = 0;
};

}  // namespace distcache
