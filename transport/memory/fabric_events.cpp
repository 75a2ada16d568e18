#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "transport/memory/fabric.h"

// What happens when something falls due, and the queue that it falls from.
namespace distcache::memory {
namespace {

// The figures of transport/zmq, so that the core meets the same times in both networks.
constexpr Duration kHeartbeatTimeout = Duration::ms(1500);
constexpr Duration kRetryDelayMin = Duration::ms(100);
constexpr Duration kRetryDelayMax = Duration::seconds(1);
constexpr uint64_t kRetryJitterMs = 100;

template <typename Event>
bool is_later(const Event& a, const Event& b) {
  return std::pair(a.due, a.order) > std::pair(b.due, b.order);
}

}  // namespace

void Fabric::schedule(Instant due, Event::Kind kind, uint64_t id) {
  Event event;
  event.due = due;
  event.kind = kind;
  event.id = id;
  schedule(std::move(event));
}

void Fabric::schedule(Event event) {
  event.order = next_order_++;
  queue_.push_back(std::move(event));
  std::push_heap(queue_.begin(), queue_.end(), is_later<Event>);
}

Instant Fabric::next_due() const { return queue_.empty() ? Instant::never() : queue_.front().due; }

Instant Fabric::next_event() const {
  for (const auto& [session, process] : processes_) {
    if (has_inbound(session)) return now_;
  }
  return next_due();
}

bool Fabric::advance_to(Instant to) {
  bool any = false;
  while (!queue_.empty() && queue_.front().due <= to) {
    std::pop_heap(queue_.begin(), queue_.end(), is_later<Event>);
    Event event = std::move(queue_.back());
    queue_.pop_back();
    now_ = std::max(now_, event.due);
    handle(std::move(event));
    any = true;
  }
  now_ = std::max(now_, to);
  return any;
}

void Fabric::handle(Event event) {
  switch (event.kind) {
    case Event::Kind::message:
      return on_message(event);
    case Event::Kind::attempt:
      return on_attempt(event.id);
    case Event::Kind::established:
      return on_established(event.id);
    case Event::Kind::refused:
      return on_refused(event.id);
    case Event::Kind::broken:
      return on_broken(event.id);
    case Event::Kind::silence:
      return on_silence(event.id, event.stall);
    case Event::Kind::release:
      return on_release(event.id);
  }
}

void Fabric::on_message(Event& event) {
  const auto found = connections_.find(event.id);
  if (found == connections_.end()) return;
  Connection& connection = found->second;
  Lane& lane = connection.lanes[event.is_reply];
  const bool blocked = event.is_reply ? is_blocked(connection.to_node, connection.from_node)
                                      : is_blocked(connection.from_node, connection.to_node);
  if (options_.mode == Mode::tcp && (blocked || !lane.held.empty())) {
    lane.held.push_back(std::move(event.parts));
    return;
  }
  --lane.under_way;
  if (!blocked) deliver(event.id, connection, event.is_reply, std::move(event.parts));
}

void Fabric::deliver(uint64_t id, Connection& connection, bool is_reply, Parts parts) {
  Inbound inbound;
  inbound.kind = is_reply ? Inbound::Kind::reply : Inbound::Kind::request;
  inbound.plane = connection.plane;
  inbound.id = is_reply ? connection.link : id;
  inbound.parts = std::move(parts);
  push(is_reply ? connection.from : connection.to, std::move(inbound));
}

void Fabric::push(Session session, Inbound inbound) {
  const auto process = processes_.find(session);
  if (process == processes_.end()) return;  // crashed while it was under way
  const auto mix = [this](uint64_t value) { trace_ = mix64(trace_ + value) + value; };
  mix(static_cast<uint64_t>(now_.as_ns()));
  mix(uint64_t{process->second.node} << 8 | static_cast<uint64_t>(inbound.kind) << 4 |
      static_cast<uint64_t>(inbound.plane) << 1 | static_cast<uint64_t>(inbound.refused));
  mix(inbound.id);
  for (const Buffer& part : inbound.parts) mix(hash64(part.view()));
  process->second.inbox.push_back(std::move(inbound));
}

void Fabric::on_attempt(LinkId id) {
  const auto found = links_.find(id);
  if (found == links_.end()) return;
  Link& link = found->second;
  const auto home = homes_.find(link.to);
  const NodeId there = home == homes_.end() ? link.node : home->second;
  const bool silent = is_blocked(link.node, there) || is_blocked(there, link.node) ||
                      paused_.contains(link.node) || paused_.contains(there);
  if (silent) return retry_later(id, link);
  const Duration out = delay(link.node, there);
  const Duration back = delay(there, link.node);
  schedule(now_ + out + back, listener(link) ? Event::Kind::established : Event::Kind::refused, id);
}

void Fabric::on_established(LinkId id) {
  const auto found = links_.find(id);
  if (found == links_.end()) return;
  Link& link = found->second;
  const Listener* there = listener(link);
  if (!there) return retry_later(id, link);
  Connection connection;
  connection.link = id;
  connection.plane = there->plane;
  connection.from = link.owner;
  connection.to = there->session;
  connection.from_node = link.node;
  connection.to_node = processes_.at(there->session).node;
  if (is_cut(connection)) return retry_later(id, link);
  link.connection = next_id_++;
  link.refused_told = false;
  link.retry_delay = kRetryDelayMin;
  connections_.emplace(link.connection, std::move(connection));
  Inbound up;
  up.kind = Inbound::Kind::link_up;
  up.plane = link.plane;
  up.id = id;
  up.connection = link.connection;
  push(link.owner, std::move(up));
}

void Fabric::on_refused(LinkId id) {
  const auto found = links_.find(id);
  if (found == links_.end()) return;
  if (!found->second.refused_told) {
    link_lost(id, true);
  } else {
    retry_later(id, found->second);
  }
}

void Fabric::on_broken(uint64_t id) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  const LinkId link_id = found->second.link;
  const auto link = links_.find(link_id);
  // Behind a cut nobody hears of it: the heartbeats will tell.
  const bool unheard = is_blocked(found->second.to_node, found->second.from_node);
  if (link != links_.end() && unheard) return;
  connections_.erase(found);
  if (link != links_.end()) link_lost(link_id, listener(link->second) == nullptr);
}

void Fabric::on_silence(uint64_t id, uint64_t stall) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  if (!found->second.stalled || found->second.stall != stall) return;
  const LinkId link = found->second.link;
  connections_.erase(found);
  if (links_.contains(link)) link_lost(link, false);
}

void Fabric::on_release(uint64_t id) {
  const auto found = connections_.find(id);
  if (found == connections_.end() || found->second.stalled) return;
  for (const bool is_reply : {false, true}) {
    Lane& lane = found->second.lanes[is_reply];
    for (Parts& parts : std::exchange(lane.held, {})) {
      --lane.under_way;
      deliver(id, found->second, is_reply, std::move(parts));
    }
  }
}

void Fabric::link_lost(LinkId id, bool refused) {
  Link& link = links_.at(id);
  link.connection = 0;
  link.refused_told = refused;
  Inbound down;
  down.kind = Inbound::Kind::link_down;
  down.plane = link.plane;
  down.id = id;
  down.refused = refused;
  push(link.owner, std::move(down));
  retry_later(id, link);
}

void Fabric::retry_later(LinkId id, Link& link) {
  const Duration jitter = Duration::ms(static_cast<int64_t>(rng_.below(kRetryJitterMs)));
  schedule(now_ + link.retry_delay + jitter, Event::Kind::attempt, id);
  link.retry_delay = std::min(link.retry_delay * 2, kRetryDelayMax);
}

// The end of one side reaches the other behind everything that it sent before.
void Fabric::break_soon(uint64_t id, const Connection& connection) {
  const bool caller_ends = !is_running(connection.from) || !links_.contains(connection.link);
  const NodeId from = caller_ends ? connection.from_node : connection.to_node;
  const NodeId to = caller_ends ? connection.to_node : connection.from_node;
  schedule(std::max(now_ + delay(from, to), connection.lanes[!caller_ends].horizon),
           Event::Kind::broken, id);
}

void Fabric::review_stalls() {
  for (auto& [id, connection] : connections_) {
    const bool cut = is_cut(connection);
    if (cut == connection.stalled) continue;
    connection.stalled = cut;
    if (cut) {
      Event silence;
      silence.due = now_ + kHeartbeatTimeout;
      silence.kind = Event::Kind::silence;
      silence.id = id;
      silence.stall = ++connection.stall;
      schedule(std::move(silence));
      continue;
    }
    schedule(now_ + delay(connection.from_node, connection.to_node), Event::Kind::release, id);
    // The news of an end that the cut kept back.
    const bool ended = connection.doomed || !is_running(connection.from) ||
                       !is_running(connection.to) || !links_.contains(connection.link);
    if (ended) break_soon(id, connection);
  }
}

bool Fabric::is_cut(const Connection& connection) const {
  return is_blocked(connection.from_node, connection.to_node) ||
         is_blocked(connection.to_node, connection.from_node) ||
         paused_.contains(connection.from_node) || paused_.contains(connection.to_node);
}

const Fabric::Listener* Fabric::listener(const Link& link) const {
  const auto found = listeners_.find(link.to);
  return found == listeners_.end() ? nullptr : &found->second;
}

const PathSettings& Fabric::path(NodeId from, NodeId to) const {
  const auto found = paths_.find({from, to});
  return found == paths_.end() ? default_path_ : found->second;
}

Duration Fabric::delay(NodeId from, NodeId to) { return sample_delay(rng_, path(from, to)); }

}  // namespace distcache::memory
