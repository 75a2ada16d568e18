#include "transport/memory/memory_network.h"

#include <algorithm>
#include <utility>

namespace distcache {
namespace {

constexpr int kMessagesPerPoll = 256;
constexpr Duration kWaitMax = Duration::seconds(3600);

void tell(memory::Inbound inbound, TransportSink& sink) {
  switch (inbound.kind) {
    case memory::Inbound::Kind::request:
      return sink.on_request(inbound.plane, inbound.id, std::move(inbound.parts));
    case memory::Inbound::Kind::reply:
      return sink.on_reply(inbound.id, std::move(inbound.parts));
    case memory::Inbound::Kind::link_up:
      return sink.on_link_up(inbound.id);
    case memory::Inbound::Kind::link_down:
      return sink.on_link_down(inbound.id, inbound.refused);
  }
}

}  // namespace

template <typename Change>
auto MemoryNetwork::with_fabric(Change change) {
  const MutexLock lock(mutex_);
  if (clock_) fabric_.advance_to(clock_->now());
  changed_.notify_all();
  return change(fabric_);
}

MemoryNetwork::MemoryNetwork(const Options& options)
    : clock_(options.clock),
      fabric_({.seed = options.seed,
               .mode = options.mode,
               .queue_messages_max = options.queue_messages_max,
               .start = options.clock ? options.clock->now() : options.start}) {}

std::unique_ptr<Transport> MemoryNetwork::make_transport(memory::NodeId node) {
  const memory::Session session =
      with_fabric([&](memory::Fabric& fabric) { return fabric.start(node); });
  return std::make_unique<MemoryTransport>(*this, session);
}

void MemoryNetwork::set_default_path(const memory::PathSettings& settings) {
  with_fabric([&](memory::Fabric& fabric) { fabric.set_default_path(settings); });
}

void MemoryNetwork::set_path(memory::NodeId from, memory::NodeId to,
                             const memory::PathSettings& settings) {
  with_fabric([&](memory::Fabric& fabric) { fabric.set_path(from, to, settings); });
}

void MemoryNetwork::block(memory::NodeId from, memory::NodeId to) {
  with_fabric([&](memory::Fabric& fabric) { fabric.block(from, to); });
}

void MemoryNetwork::unblock(memory::NodeId from, memory::NodeId to) {
  with_fabric([&](memory::Fabric& fabric) { fabric.unblock(from, to); });
}

void MemoryNetwork::partition(const std::vector<memory::NodeId>& side,
                              const std::vector<memory::NodeId>& other) {
  for (const memory::NodeId a : side) {
    for (const memory::NodeId b : other) {
      block(a, b);
      block(b, a);
    }
  }
}

void MemoryNetwork::heal() {
  with_fabric([](memory::Fabric& fabric) { fabric.unblock_all(); });
}

void MemoryNetwork::crash(memory::NodeId node) {
  with_fabric([&](memory::Fabric& fabric) { fabric.stop(fabric.running(node)); });
}

void MemoryNetwork::pause(memory::NodeId node) {
  with_fabric([&](memory::Fabric& fabric) { fabric.pause(node); });
}

void MemoryNetwork::resume(memory::NodeId node) {
  with_fabric([&](memory::Fabric& fabric) { fabric.resume(node); });
}

Instant MemoryNetwork::now() const {
  const MutexLock lock(mutex_);
  return fabric_.now();
}

Instant MemoryNetwork::next_event() const {
  const MutexLock lock(mutex_);
  return fabric_.next_event();
}

void MemoryNetwork::advance_to(Instant to) {
  const MutexLock lock(mutex_);
  fabric_.advance_to(to);
}

uint64_t MemoryNetwork::trace_hash() const {
  const MutexLock lock(mutex_);
  return fabric_.trace_hash();
}

Result<BoundPorts> MemoryTransport::bind(const BindOptions& options) {
  return network_.with_fabric(
      [&](memory::Fabric& fabric) { return fabric.bind(session_, options); });
}

Result<LinkId> MemoryTransport::connect(Plane plane, const std::string& host, uint16_t port) {
  return network_.with_fabric(
      [&](memory::Fabric& fabric) { return fabric.connect(session_, plane, host, port); });
}

void MemoryTransport::disconnect(LinkId link) {
  network_.with_fabric([&](memory::Fabric& fabric) { fabric.disconnect(session_, link); });
}

SendResult MemoryTransport::send(LinkId link, Parts parts) {
  return network_.with_fabric(
      [&](memory::Fabric& fabric) { return fabric.send(session_, link, parts); });
}

SendResult MemoryTransport::reply(Plane plane, RouteId route, Parts parts) {
  return network_.with_fabric(
      [&](memory::Fabric& fabric) { return fabric.reply(session_, plane, route, parts); });
}

void MemoryTransport::poll(Duration timeout, TransportSink& sink) {
  if (network_.clock_) wait(timeout);
  for (int i = 0; i < kMessagesPerPoll; ++i) {
    memory::Inbound inbound;
    {
      const MutexLock lock(network_.mutex_);
      if (!network_.fabric_.take(session_, inbound)) return;
    }
    tell(std::move(inbound), sink);
  }
}

void MemoryTransport::wait(Duration timeout) {
  MutexLock lock(network_.mutex_);
  memory::Fabric& fabric = network_.fabric_;
  const Instant deadline = network_.clock_->now() + timeout;
  for (;;) {
    const Instant now = network_.clock_->now();
    // Whoever polls moves the network for all.
    if (fabric.advance_to(now)) network_.changed_.notify_all();
    if (woken_ || fabric.has_inbound(session_) || !fabric.is_running(session_) || now >= deadline) {
      woken_ = false;
      return;
    }
    const Duration rest = std::min(std::min(deadline, fabric.next_due()) - now, kWaitMax);
    lock.wait_until(network_.changed_, wait_end(rest));
  }
}

void MemoryTransport::wake() {
  const MutexLock lock(network_.mutex_);
  woken_ = true;
  network_.changed_.notify_all();
}

void MemoryTransport::close() {
  network_.with_fabric([&](memory::Fabric& fabric) { fabric.stop(session_); });
}

}  // namespace distcache
