#pragma once

#include <cstdint>

#include "transport/transport.h"
#include "transport/zmq/endpoint.h"
#include "transport/zmq/link_state.h"
#include "transport/zmq/probe.h"
#include "transport/zmq/socket.h"

namespace distcache::zmq {

// A connection that this node opened: its DEALER, the monitor that tells what becomes of it, and
// the probe that asks why it is gone. Belongs to the thread that polls. Opens at most three
// sockets of libzmq's, one TCP connection and one descriptor for the probe.
class Link {
 public:
  Link(LinkId id, Plane plane, Endpoint endpoint);
  ~Link() { close_sockets(); }
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // Makes the sockets, new ones if there are any already, and begins to connect.
  Result<void> open(const Context& context);

  // From now on nothing is told about it: it may be retired inside a callback of its own.
  void retire() { retired_ = true; }
  bool is_retired() const { return retired_; }

  Plane plane() const { return plane_; }
  void* dealer() const { return dealer_.get(); }
  void* monitor() const { return monitor_.get(); }
  int probe_descriptor() const { return probe_.descriptor(); }
  Instant next_deadline() const;

  SendResult send(const Parts& parts);

  // What polling has found; none of them waits. Replies first: what arrived before the connection
  // went still counts.
  uint64_t read_replies(TransportSink& sink);  // how many were dropped
  void read_monitor(Instant now, TransportSink& sink, const Context& context);
  void read_probe(Instant now, TransportSink& sink, const Context& context);
  void on_timer(Instant now, TransportSink& sink, const Context& context);

 private:
  void close_sockets();
  void perform(LinkState::Actions actions, Instant now, TransportSink& sink,
               const Context& context);
  void start_probe(Instant now, TransportSink& sink, const Context& context);

  const LinkId id_;
  const Plane plane_;
  const Endpoint endpoint_;
  Socket dealer_;
  Socket monitor_;
  Probe probe_;
  Instant probe_deadline_ = Instant::never();
  LinkState state_;
  bool retired_ = false;
};

}  // namespace distcache::zmq
