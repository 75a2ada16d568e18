#include "transport/memory/fabric.h"

#include <algorithm>
#include <utility>

namespace distcache::memory {
namespace {

constexpr Duration kRetryDelayMin = Duration::ms(100);

// Nodes share no bytes, as over a real network: a Buffer may belong to an allocator that goes with
// its node.
Parts copy_of(const Parts& parts) {
  Parts copy;
  copy.reserve(parts.size());
  for (const Buffer& part : parts) copy.push_back(Buffer::copy_of(part.view()));
  return copy;
}

bool is_sendable(Plane plane, const Parts& parts) {
  return !parts.empty() && parts.size() <= limits::kMessagePartsMax &&
         std::all_of(parts.begin(), parts.end(),
                     [plane](const Buffer& part) { return part.size() <= part_bytes_max(plane); });
}

}  // namespace

Fabric::Fabric(const Options& options)
    : options_(options), rng_(options.seed), now_(options.start), trace_(options.seed) {}

Session Fabric::start(NodeId node) {
  if (const Session before = running(node); before != 0) stop(before);
  const Session session = next_id_++;
  processes_[session].node = node;
  running_[node] = session;
  return session;
}

Session Fabric::running(NodeId node) const {
  const auto found = running_.find(node);
  return found == running_.end() ? 0 : found->second;
}

void Fabric::stop(Session session) {
  const auto process = processes_.find(session);
  if (process == processes_.end()) return;
  running_.erase(process->second.node);
  paused_.erase(process->second.node);
  processes_.erase(process);
  std::erase_if(listeners_, [&](const auto& item) { return item.second.session == session; });
  std::erase_if(links_, [&](const auto& item) { return item.second.owner == session; });
  for (const auto& [id, connection] : connections_) {
    if (connection.from == session || connection.to == session) break_soon(id, connection);
  }
  review_stalls();
}

Result<BoundPorts> Fabric::bind(Session session, const BindOptions& options) {
  const auto process = processes_.find(session);
  if (process == processes_.end()) return Error{Status::closed, "the node is not running"};
  if (process->second.bound) return Error{Status::invalid_argument, "the node is bound already"};
  if (options.address.empty()) return Error{Status::invalid_argument, "no bind address"};
  BoundPorts ports{options.data_port, options.membership_port};
  for (uint16_t* port : {&ports.data, &ports.membership}) {
    if (*port == 0) *port = next_port_++;
  }
  for (const uint16_t port : {ports.data, ports.membership}) {
    if (listeners_.contains({options.address, port}) || ports.data == ports.membership) {
      return Error{Status::address_in_use, "port " + std::to_string(port) + " is in use"};
    }
  }
  listeners_[{options.address, ports.data}] = {session, Plane::data};
  listeners_[{options.address, ports.membership}] = {session, Plane::membership};
  homes_[{options.address, ports.data}] = process->second.node;
  homes_[{options.address, ports.membership}] = process->second.node;
  process->second.bound = true;
  return ports;
}

Result<LinkId> Fabric::connect(Session session, Plane plane, const std::string& host,
                               uint16_t port) {
  const auto process = processes_.find(session);
  if (process == processes_.end()) return Error{Status::closed, "the node is not running"};
  if (host.empty() || port == 0) {
    return Error{Status::invalid_argument, "a peer's host and port cannot be empty"};
  }
  const LinkId id = next_id_++;
  Link& link = links_[id];
  link.owner = session;
  link.node = process->second.node;
  link.plane = plane;
  link.to = {host, port};
  link.retry_delay = kRetryDelayMin;
  schedule(now_, Event::Kind::attempt, id);
  return id;
}

void Fabric::disconnect(Session session, LinkId id) {
  const auto link = links_.find(id);
  if (link == links_.end() || link->second.owner != session) return;
  const auto connection = connections_.find(link->second.connection);
  links_.erase(link);
  if (connection != connections_.end()) break_soon(connection->first, connection->second);
}

SendResult Fabric::send(Session session, LinkId id, const Parts& parts) {
  const auto link = links_.find(id);
  if (link == links_.end() || link->second.owner != session) return SendResult::unreachable;
  if (!is_sendable(link->second.plane, parts)) return SendResult::too_large;
  if (link->second.usable == 0) return SendResult::unreachable;
  const auto connection = connections_.find(link->second.usable);
  // Gone, but the owner does not know yet: the message is lost, as in a socket's buffer.
  if (connection == connections_.end()) return SendResult::sent;
  return transmit(connection->first, connection->second, false, parts);
}

SendResult Fabric::reply(Session session, Plane plane, RouteId route, const Parts& parts) {
  if (!is_sendable(plane, parts)) return SendResult::too_large;
  const auto connection = connections_.find(route);
  if (connection == connections_.end() || connection->second.to != session ||
      connection->second.plane != plane || !is_running(session)) {
    return SendResult::unreachable;
  }
  return transmit(route, connection->second, true, parts);
}

SendResult Fabric::transmit(uint64_t id, Connection& connection, bool is_reply,
                            const Parts& parts) {
  Lane& lane = connection.lanes[is_reply];
  if (lane.under_way >= options_.queue_messages_max) return SendResult::full;
  if (connection.doomed) return SendResult::sent;
  const NodeId from = is_reply ? connection.to_node : connection.from_node;
  const NodeId to = is_reply ? connection.from_node : connection.to_node;
  const PathSettings& settings = path(from, to);
  if (chance(rng_, settings.loss_ppm)) {
    if (options_.mode == Mode::lossy) return SendResult::sent;
    connection.doomed = true;
    schedule(std::max(now_ + delay(from, to), lane.horizon), Event::Kind::broken, id);
    return SendResult::sent;
  }
  const bool twice = options_.mode == Mode::lossy && chance(rng_, settings.duplicate_ppm);
  for (int copies = twice ? 2 : 1; copies > 0; --copies) {
    Event event;
    event.due = now_ + delay(from, to);
    if (options_.mode == Mode::tcp) event.due = lane.horizon = std::max(event.due, lane.horizon);
    event.is_reply = is_reply;
    event.id = id;
    event.parts = copy_of(parts);
    schedule(std::move(event));
    ++lane.under_way;
  }
  return SendResult::sent;
}

bool Fabric::has_inbound(Session session) const {
  const auto process = processes_.find(session);
  return process != processes_.end() && !process->second.inbox.empty() &&
         !paused_.contains(process->second.node);
}

bool Fabric::take(Session session, Inbound& inbound) {
  while (has_inbound(session)) {
    std::deque<Inbound>& inbox = processes_.at(session).inbox;
    inbound = std::move(inbox.front());
    inbox.pop_front();
    if (inbound.kind == Inbound::Kind::request) return true;
    const auto link = links_.find(inbound.id);
    if (link == links_.end()) continue;  // disconnected meanwhile: nothing is told about it
    if (inbound.kind == Inbound::Kind::link_up) link->second.usable = inbound.connection;
    if (inbound.kind == Inbound::Kind::link_down) link->second.usable = 0;
    return true;
  }
  return false;
}

void Fabric::block(NodeId from, NodeId to) {
  blocked_.insert({from, to});
  review_stalls();
}

void Fabric::unblock(NodeId from, NodeId to) {
  blocked_.erase({from, to});
  review_stalls();
}

void Fabric::unblock_all() {
  blocked_.clear();
  review_stalls();
}

void Fabric::pause(NodeId node) {
  paused_.insert(node);
  review_stalls();
}

void Fabric::resume(NodeId node) {
  paused_.erase(node);
  review_stalls();
}

}  // namespace distcache::memory
