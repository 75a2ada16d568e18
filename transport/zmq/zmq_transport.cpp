#include "transport/zmq/zmq_transport.h"

#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <limits>
#include <utility>

#include "transport/zmq/descriptors.h"
#include "transport/zmq/message.h"
#include "transport/zmq/profile.h"
#include "transport/zmq/threads.h"

namespace distcache {
namespace {

constexpr std::array kPlanes = {Plane::data, Plane::membership};
constexpr int kRequestsPerPoll = 256;
constexpr int kSocketsPerLink = 3;  // the DEALER and both ends of its monitor
constexpr int kSocketsSpare = 64;   // closed ones go a moment later

const char* plane_name(Plane plane) { return plane == Plane::data ? "data" : "membership"; }

bool is_sendable(Plane plane, const Parts& parts) {
  assert(!parts.empty());
  return !parts.empty() && parts.size() <= limits::kMessagePartsMax &&
         std::all_of(parts.begin(), parts.end(),
                     [plane](const Buffer& part) { return part.size() <= part_bytes_max(plane); });
}

}  // namespace

// What one zmq_poll() waited for. Sinks may add and retire links while it is worked through, so
// links are named and not pointed to.
struct ZmqTransport::Polled {
  struct LinkItems {
    LinkId id;
    size_t first;  // dealer, monitor, then the probe if one is out
  };
  std::vector<zmq_pollitem_t> items;
  std::array<size_t, 2> routers{};  // the index of their items, 0 = not bound
  std::vector<LinkItems> links;

  void add(void* socket, int descriptor, short events) {
    items.push_back({socket, descriptor, events, 0});
  }
};

ZmqTransport::ZmqTransport(const Clock& clock, Options options)
    : clock_(clock), options_(options), wake_descriptor_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

ZmqTransport::~ZmqTransport() {
  close();
  if (wake_descriptor_ >= 0) ::close(wake_descriptor_);
}

Result<BoundPorts> ZmqTransport::bind(const BindOptions& options) {
  check_owner();
  if (closed_) return Error{Status::closed, "the transport is closed"};
  if (router(Plane::data)) return Error{Status::invalid_argument, "the transport is bound already"};
  if (Result<void> opened = open_context(zmq::kDescriptorsToBind); !opened) return opened.error();
  Result<uint16_t> data = bind_router(Plane::data, options.address, options.data_port);
  Result<uint16_t> membership =
      data ? bind_router(Plane::membership, options.address, options.membership_port) : data;
  if (data && membership) return BoundPorts{*data, *membership};
  for (zmq::Socket& socket : routers_) socket = zmq::Socket();
  // Ending the context waits until the ports are free; links that exist already need theirs.
  if (links_.empty() && retired_.empty()) context_ = zmq::Context();
  return membership.error();
}

Result<void> ZmqTransport::open_context(size_t descriptors_needed) {
  if (wake_descriptor_ < 0) return Error{Status::no_descriptors, "no descriptor for an eventfd"};
  if (Result<void> room = zmq::require_descriptors(descriptors_needed); !room) return room;
  if (context_) return {};
  if (Result<void> room = zmq::require_threads(zmq::kThreadsOfContext); !room) return room;
  const size_t sockets = kSocketsSpare + kSocketsPerLink * options_.links_max;
  Result<zmq::Context> context = zmq::Context::open(
      static_cast<int>(sockets), static_cast<int>(options_.keepalive.as_ms() / 1'000));
  if (!context) return context.error();
  context_ = std::move(*context);
  return {};
}

Result<uint16_t> ZmqTransport::bind_router(Plane plane, const std::string& address, uint16_t port) {
  Result<zmq::Endpoint> endpoint = zmq::bind_endpoint(address, port);
  if (!endpoint) return endpoint.error();
  const std::string doing = "binding " + endpoint->text + " (" + plane_name(plane) + " port " +
                            std::to_string(port) + ")";
  zmq::Socket socket = zmq::make_router(context_, plane, endpoint->is_ipv6());
  if (!socket) return zmq::error_of(errno, doing);
  if (zmq_bind(socket.get(), endpoint->text.c_str()) != 0) return zmq::error_of(errno, doing);
  char bound[256] = {};
  size_t size = sizeof bound;
  zmq_getsockopt(socket.get(), ZMQ_LAST_ENDPOINT, bound, &size);
  router(plane) = std::move(socket);
  return zmq::port_of(bound);
}

Result<LinkId> ZmqTransport::connect(Plane plane, const std::string& host, uint16_t port) {
  check_owner();
  if (closed_) return Error{Status::closed, "the transport is closed"};
  if (links_.size() >= options_.links_max) {
    return Error{Status::overloaded,
                 "there are " + std::to_string(links_.size()) + " links, the most there may be"};
  }
  Result<zmq::Endpoint> endpoint = zmq::connect_endpoint(host, port);
  if (!endpoint) return endpoint.error();
  if (Result<void> opened = open_context(zmq::kDescriptorsToConnect); !opened) {
    return opened.error();
  }
  const LinkId id = next_link_++;
  auto link = std::make_unique<zmq::Link>(id, plane, std::move(*endpoint));
  if (Result<void> opened = link->open(context_); !opened) return opened.error();
  links_.emplace(id, std::move(link));
  return id;
}

void ZmqTransport::disconnect(LinkId id) {
  check_owner();
  const auto found = links_.find(id);
  if (found == links_.end()) return;
  found->second->retire();
  retired_.push_back(std::move(found->second));
  links_.erase(found);
}

SendResult ZmqTransport::send(LinkId id, Parts parts) {
  check_owner();
  zmq::Link* link = find(id);
  if (!link) return SendResult::unreachable;
  if (!is_sendable(link->plane(), parts)) return SendResult::too_large;
  return link->send(parts);
}

SendResult ZmqTransport::reply(Plane plane, RouteId route, Parts parts) {
  check_owner();
  if (!is_sendable(plane, parts)) return SendResult::too_large;
  const zmq::Socket& socket = router(plane);
  if (!socket || route == 0) return SendResult::unreachable;
  return zmq::send_message(socket.get(), &route, parts);
}

void ZmqTransport::poll(Duration timeout, TransportSink& sink) {
  if (owner_ == std::thread::id()) owner_ = std::this_thread::get_id();
  check_owner();
  retired_.clear();
  if (closed_) return;
  Polled polled;
  wait(timeout, polled);
  for (const Plane plane : kPlanes) {
    const size_t item = polled.routers[static_cast<size_t>(plane)];
    if (item != 0 && polled.items[item].revents != 0) read_requests(plane, sink);
  }
  for (size_t i = 0; i < polled.links.size(); ++i) read_link(polled, i, sink);
  run_timers(sink);
}

void ZmqTransport::wait(Duration timeout, Polled& polled) {
  polled.items.reserve(1 + routers_.size() + 3 * links_.size());
  polled.add(nullptr, wake_descriptor_, ZMQ_POLLIN);
  for (size_t i = 0; i < routers_.size(); ++i) {
    if (!routers_[i]) continue;
    polled.routers[i] = polled.items.size();
    polled.add(routers_[i].get(), 0, ZMQ_POLLIN);
  }
  for (const auto& [id, link] : links_) {
    if (!link->dealer()) continue;  // could not be made anew yet
    polled.links.push_back({id, polled.items.size()});
    polled.add(link->dealer(), 0, ZMQ_POLLIN);
    polled.add(link->monitor(), 0, ZMQ_POLLIN);
    if (const int probe = link->probe_descriptor(); probe >= 0) {
      polled.add(nullptr, probe, ZMQ_POLLOUT);
    }
  }
  const int count = static_cast<int>(polled.items.size());
  // Interrupted by a signal: an early return, as if nothing had happened.
  if (zmq_poll(polled.items.data(), count, wait_ms(timeout)) < 0) {
    for (zmq_pollitem_t& item : polled.items) item.revents = 0;
  }
  if (polled.items[0].revents != 0) clear_wake();
}

int64_t ZmqTransport::wait_ms(Duration timeout) const {
  Instant next = Instant::never();
  for (const auto& [id, link] : links_) next = std::min(next, link->next_deadline());
  if (!next.is_never()) timeout = std::min(timeout, next - clock_.now());
  if (timeout <= Duration()) return 0;
  // Rounded up: a wait that is too short by a fraction would be repeated in a busy loop.
  const int64_t ms = (timeout - Duration::ns(1)).as_ms() + 1;
  return std::min<int64_t>(ms, std::numeric_limits<int>::max());
}

void ZmqTransport::read_requests(Plane plane, TransportSink& sink) {
  for (int i = 0; i < kRequestsPerPoll; ++i) {
    RouteId route = 0;
    Parts parts;
    const zmq::Received received = zmq::receive_message(router(plane).get(), &route, parts);
    if (received == zmq::Received::nothing) return;
    if (received == zmq::Received::dropped) {
      ++dropped_;
    } else {
      sink.on_request(plane, route, std::move(parts));
    }
  }
}

void ZmqTransport::read_link(const Polled& polled, size_t index, TransportSink& sink) {
  const auto [id, first] = polled.links[index];
  const size_t end =
      index + 1 < polled.links.size() ? polled.links[index + 1].first : polled.items.size();
  zmq::Link* link = find(id);
  if (!link) return;  // disconnected by a callback just now
  if (polled.items[first].revents != 0) dropped_ += link->read_replies(sink);
  if (link->is_retired()) return;
  const Instant now = clock_.now();
  if (polled.items[first + 1].revents != 0) link->read_monitor(now, sink, context_);
  if (link->is_retired()) return;
  if (first + 2 < end && polled.items[first + 2].revents != 0) {
    link->read_probe(now, sink, context_);
  }
}

void ZmqTransport::run_timers(TransportSink& sink) {
  const Instant now = clock_.now();
  std::vector<LinkId> due;
  for (const auto& [id, link] : links_) {
    if (now >= link->next_deadline()) due.push_back(id);
  }
  for (const LinkId id : due) {
    if (zmq::Link* link = find(id)) link->on_timer(now, sink, context_);
  }
}

zmq::Link* ZmqTransport::find(LinkId id) {
  const auto found = links_.find(id);
  return found == links_.end() ? nullptr : found->second.get();
}

void ZmqTransport::wake() {
  const uint64_t one = 1;
  // Cannot fail but by overflow, and then the descriptor is readable anyway.
  [[maybe_unused]] const ssize_t written = write(wake_descriptor_, &one, sizeof one);
}

void ZmqTransport::clear_wake() const {
  uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = read(wake_descriptor_, &count, sizeof count);
}

void ZmqTransport::close() {
  closed_ = true;
  retired_.clear();
  links_.clear();
  for (zmq::Socket& socket : routers_) socket = zmq::Socket();
  context_ = zmq::Context();
}

void ZmqTransport::check_owner() const {
  assert(owner_ == std::thread::id() || owner_ == std::this_thread::get_id());
}

}  // namespace distcache
