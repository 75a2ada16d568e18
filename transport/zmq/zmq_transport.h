#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "transport/transport.h"
#include "transport/zmq/link.h"
#include "transport/zmq/socket.h"

namespace distcache {

// The network over TCP: a ROUTER per plane for those who ask us, a DEALER per link for those whom
// we ask, in a libzmq context of its own.
//
// Lifecycle and thread: as Transport says; the first poll() makes its thread the owner, and a debug
// build aborts when another one calls in. libzmq's two threads run from the first bind() or
// connect() until close(), which waits for them: milliseconds, or as long as the resolver takes
// when a link's host is a name that is being looked up.
// Limits: links_max links; per connection the queues of transport/zmq/profile.h; 256 messages per
// socket in one poll().
class ZmqTransport final : public Transport {
 public:
  struct Options {
    size_t links_max = 2 * 256;  // a data and a membership link to every peer
    Duration keepalive{};        // TCP keep-alive of connections idle so long; zero = off
  };

  explicit ZmqTransport(const Clock& clock) : ZmqTransport(clock, Options{}) {}
  ZmqTransport(const Clock& clock, Options options);
  ~ZmqTransport() override;
  ZmqTransport(const ZmqTransport&) = delete;
  ZmqTransport& operator=(const ZmqTransport&) = delete;

  Result<BoundPorts> bind(const BindOptions& options) override;
  Result<LinkId> connect(Plane plane, const std::string& host, uint16_t port) override;
  void disconnect(LinkId link) override;
  SendResult send(LinkId link, Parts parts) override;
  SendResult reply(Plane plane, RouteId route, Parts parts) override;
  void poll(Duration timeout, TransportSink& sink) override;
  void wake() override;
  void close() override;

  // Messages thrown away because they had too many parts or came from a peer that chose its own
  // routing id (or for want of memory).
  uint64_t dropped_messages() const { return dropped_; }

 private:
  using Links = std::map<LinkId, std::unique_ptr<zmq::Link>>;
  struct Polled;

  Result<void> open_context(size_t descriptors_needed);
  Result<uint16_t> bind_router(Plane plane, const std::string& address, uint16_t port);
  zmq::Link* find(LinkId id);
  zmq::Socket& router(Plane plane) { return routers_[static_cast<size_t>(plane)]; }
  int64_t wait_ms(Duration timeout) const;
  void wait(Duration timeout, Polled& polled);
  void read_requests(Plane plane, TransportSink& sink);
  void read_link(const Polled& polled, size_t index, TransportSink& sink);
  void run_timers(TransportSink& sink);
  void clear_wake() const;
  void check_owner() const;

  const Clock& clock_;
  const Options options_;
  const int wake_descriptor_;  // an eventfd, open as long as this object: wake() is never too late
  zmq::Context context_;
  std::array<zmq::Socket, 2> routers_;
  Links links_;
  std::vector<std::unique_ptr<zmq::Link>> retired_;  // possibly inside a callback: freed by poll()
  LinkId next_link_ = 1;
  uint64_t dropped_ = 0;
  std::thread::id owner_;
  bool closed_ = false;
};

}  // namespace distcache
