#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "transport/memory/fabric.h"
#include "transport/memory/path.h"
#include "transport/transport.h"

namespace distcache {

// A network inside one process. Every node gets its Transport here, and the test plants the faults.
// A node is found by the address and ports that its transport bound; nodes that use one address
// need different ports.
//
// Lifecycle: outlives its transports.
// Thread: without a clock, one thread runs everything: advance_to() moves the time and poll() never
// waits. With a clock, each transport may live on a thread of its own, poll() waits like that of a
// real network, and faults may be planted from any thread; what then happens is not reproducible.
// Limits: `queue_messages_max` per direction of a connection, 256 messages per poll().
class MemoryNetwork {
 public:
  struct Options {
    uint64_t seed = 1;
    memory::Mode mode = memory::Mode::tcp;
    const Clock* clock = nullptr;
    size_t queue_messages_max = 1000;
    Instant start = {};  // of virtual time
  };
  explicit MemoryNetwork(const Options& options);

  // Starts a node, or starts it again: what still runs there crashes first.
  std::unique_ptr<Transport> make_transport(memory::NodeId node);

  void set_default_path(const memory::PathSettings& settings);
  void set_path(memory::NodeId from, memory::NodeId to, const memory::PathSettings& settings);

  // Cuts. Connections stall; after 1.5 s their owners are told that they are down, not refused.
  void block(memory::NodeId from, memory::NodeId to);  // this direction only
  void unblock(memory::NodeId from, memory::NodeId to);
  void partition(const std::vector<memory::NodeId>& side, const std::vector<memory::NodeId>& other);
  void heal();  // all cuts

  // The process is gone without a word: its transport does nothing more, its peers are refused.
  void crash(memory::NodeId node);
  // The process is stopped: its poll() tells nothing, its peers see silence.
  void pause(memory::NodeId node);
  void resume(memory::NodeId node);

  Instant now() const;
  // When something happens next: now() while a node has something to poll for, never() when all is
  // still. Virtual time only.
  Instant next_event() const;
  void advance_to(Instant to);

  // Over every delivery so far: when, to whom, which bytes.
  uint64_t trace_hash() const;

 private:
  friend class MemoryTransport;

  // Runs `change` under the lock at the present time, and wakes those who wait for its effect.
  template <typename Change>
  auto with_fabric(Change change);

  const Clock* const clock_;
  mutable Mutex mutex_;
  std::condition_variable changed_;
  memory::Fabric fabric_ GUARDED_BY(mutex_);
};

// The Transport of one node of a MemoryNetwork.
class MemoryTransport final : public Transport {
 public:
  MemoryTransport(MemoryNetwork& network, memory::Session session)
      : network_(network), session_(session) {}
  ~MemoryTransport() override { close(); }
  MemoryTransport(const MemoryTransport&) = delete;
  MemoryTransport& operator=(const MemoryTransport&) = delete;

  Result<BoundPorts> bind(const BindOptions& options) override;
  Result<LinkId> connect(Plane plane, const std::string& host, uint16_t port) override;
  void disconnect(LinkId link) override;
  SendResult send(LinkId link, Parts parts) override;
  SendResult reply(Plane plane, RouteId route, Parts parts) override;
  void poll(Duration timeout, TransportSink& sink) override;
  void wake() override;
  void close() override;

 private:
  void wait(Duration timeout);

  MemoryNetwork& network_;
  const memory::Session session_;
  bool woken_ GUARDED_BY(network_.mutex_) = false;
};

}  // namespace distcache
