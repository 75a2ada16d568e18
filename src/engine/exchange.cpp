#include "engine/exchange.h"

#include <algorithm>

#include "base/limits.h"

namespace distcache::engine {
namespace {

// One frame with calls may be unacknowledged per link: what waits meanwhile leaves together in the
// next one, so that under load a frame carries many keys and alone it costs no delay.
constexpr uint64_t kWindowFrames = 1;
// A peer acknowledges at once. If nothing came for so long, frame or acknowledgement are lost (a
// peer that dropped what it could not keep): the next frame may leave, the calls of the lost one
// end by their deadlines.
constexpr Duration kAcknowledgeMax = Duration::ms(250);
constexpr size_t kPeerQueueMax = 65'536;               // calls; more are refused: OVERLOADED
constexpr size_t kBacklogBytesMax = 64 * 1024 * 1024;  // per link or route
constexpr size_t kRoutesMax = 4'096;
constexpr Duration kRouteIdleMax = Duration::seconds(120);

size_t bytes_of(const Parts& parts) {
  size_t bytes = 0;
  for (const Buffer& part : parts) bytes += part.size();
  return bytes;
}

core::Reply reply_to(uint64_t id, Status status) {
  core::Reply reply;
  reply.id = id;
  reply.status = status;
  if (status_retriable(status)) reply.flags |= core::kReplyRetriable;
  return reply;
}

}  // namespace

bool Backlog::push(Parts parts) {
  const size_t bytes = bytes_of(parts);
  if (bytes_ + bytes > bytes_max_) return false;
  bytes_ += bytes;
  waiting_.push_back({std::move(parts), bytes});
  return true;
}

Exchange::Exchange(Node& node, Transport& transport, uint64_t label_hash, size_t value_bytes_max)
    : node_(node),
      transport_(transport),
      label_hash_(label_hash),
      value_bytes_max_(value_bytes_max),
      next_call_id_(node.seams().rng.next() >> 1) {}

core::Envelope Exchange::envelope() const {
  core::Envelope envelope;
  envelope.label_hash = label_hash_;
  envelope.sender = node_.self();
  envelope.incarnation = incarnation_;
  envelope.epoch = epoch_;
  return envelope;
}

std::optional<core::Message> Exchange::decode(const Parts& parts) {
  ++counters_.frames_received;
  Result<core::Message> message = wire::decode(parts, wire::DecodeLimits::data_plane());
  if (!message.ok()) {
    ++counters_.malformed;
    node_.log().debug("exchange", "dropped a message: " + message.error().message);
    return std::nullopt;
  }
  if (message->envelope.label_hash != label_hash_) {
    ++counters_.foreign;
    return std::nullopt;
  }
  epoch_heard_ = std::max(epoch_heard_, message->envelope.epoch);
  return std::move(*message);
}

// Encodes and sends, or keeps it for later when the transport's queue is full.
template <typename Send>
bool Exchange::transmit(core::Body body, Backlog& backlog, Send&& send) {
  Result<Parts> parts = wire::encode({envelope(), std::move(body)});
  if (!parts.ok()) {
    node_.log().warn("exchange", "could not encode a message: " + parts.error().message);
    return false;
  }
  if (backlog.empty()) {
    switch (send(*parts)) {
      case SendResult::sent:
        ++counters_.frames_sent;
        return true;
      case SendResult::unreachable:
      case SendResult::too_large:
        return false;
      case SendResult::full:
        break;
    }
  }
  return backlog.push(std::move(*parts));
}

// -- the asking side ------------------------------------------------------------------------------

void Exchange::open(core::MemberId member, const core::Address& address) {
  close(member);
  const Result<LinkId> link = transport_.connect(Plane::data, address.host, address.port);
  if (!link.ok()) {
    node_.log().warn("exchange", "no data link: " + link.error().message);
    return;
  }
  auto peer = std::make_unique<Peer>(value_bytes_max_, kBacklogBytesMax);
  peer->member = member;
  peer->link = *link;
  by_link_[*link] = peer.get();
  peers_[member] = std::move(peer);
}

void Exchange::close(core::MemberId member) {
  const auto at = peers_.find(member);
  if (at == peers_.end()) return;
  transport_.disconnect(at->second->link);
  by_link_.erase(at->second->link);
  const std::unique_ptr<Peer> peer = std::move(at->second);
  peers_.erase(at);
  fail(*peer);
}

bool Exchange::up(core::MemberId member) const {
  const auto at = peers_.find(member);
  return at != peers_.end() && at->second->up;
}

core::MemberId Exchange::member_of(LinkId link) const {
  const auto at = by_link_.find(link);
  return at == by_link_.end() ? 0 : at->second->member;
}

void Exchange::call(OutgoingCall call) {
  const auto at = peers_.find(call.to);
  if (at == peers_.end()) return lost(call.to, call.ticket, call.call.key, false);
  Peer& peer = *at->second;
  if (peer.queue.size() >= kPeerQueueMax) {
    core::Reply full = reply_to(0, Status::overloaded);
    full.message = "the queue to a peer is full (" + std::to_string(kPeerQueueMax) + " calls)";
    return node_.on_reply(call.ticket, full);
  }
  peer.queue.push_back(std::move(call));
}

// Sends a value that no frame has room for, piece by piece, ahead of its call or reply.
template <typename Send>
bool Exchange::transmit_pieces(uint64_t id, bool of_reply, Buffer value, Backlog& backlog,
                               Send&& send) {
  wire::Splitter pieces(id, of_reply, std::move(value));
  while (!pieces.done()) {
    Result<core::Chunk> piece = pieces.next(node_.seams().allocator);
    if (!piece.ok() || !transmit(std::move(*piece), backlog, send)) return false;
  }
  return true;
}

core::Batch Exchange::next_frame(Peer& peer, Buffer& large) {
  core::Batch batch;
  size_t bytes = 0;
  size_t parts = 1;
  const Instant now = node_.now();
  while (!peer.queue.empty() && batch.calls.size() < limits::kBatchItemsMax &&
         bytes < limits::kBatchBytesMax && parts < limits::kMessagePartsMax) {
    OutgoingCall next = std::move(peer.queue.front());
    peer.queue.pop_front();
    const std::optional<Instant> deadline =
        next.ticket.flight == 0 ? next.deadline : node_.seal(next.ticket);
    if (!deadline) continue;
    core::Call& call = next.call;
    call.id = next_call_id_++;
    call.deadline = std::max(*deadline - now, Duration::us(1));
    if (call.value.size() > limits::kChunkBytesMax) {
      large = std::exchange(call.value, Buffer());
      call.flags |= core::kCallChunked;
    }
    bytes += call.key.size() + call.value.size() + 64;
    if (call.value.size() > limits::kInlineValueBytesMax) ++parts;
    const bool repair = next.ticket.flight == 0;
    peer.outstanding[call.id] = {std::move(next.ticket), *deadline,
                                 repair ? call.key : std::string()};
    batch.calls.push_back(std::move(call));
    if (!large.is_null()) break;  // one large value at a time, so that the backlog stays bounded
  }
  if (!batch.calls.empty()) batch.sequence = peer.sequence + 1;
  return batch;
}

void Exchange::flush_peer(Peer& peer) {
  if (!peer.up) return;
  const auto send = [this, &peer](const Parts& parts) { return transport_.send(peer.link, parts); };
  if (!peer.backlog.flush(send)) return;
  const Instant now = node_.now();
  if (now - peer.sent_at > kAcknowledgeMax) peer.acknowledged = peer.sequence;
  while (!peer.queue.empty() && peer.backlog.empty() &&
         peer.sequence - peer.acknowledged < kWindowFrames) {
    Buffer large;
    core::Batch batch = next_frame(peer, large);
    if (batch.calls.empty()) continue;
    peer.sequence = batch.sequence;
    peer.sent_at = now;
    counters_.calls_sent += batch.calls.size();
    const uint64_t last = batch.calls.back().id;
    if (!large.is_null() && !transmit_pieces(last, false, std::move(large), peer.backlog, send)) {
      return;
    }
    // Not sent: the link broke just now. Its on_link_down follows and fails these calls.
    if (!transmit(std::move(batch), peer.backlog, send)) return;
  }
}

void Exchange::on_reply(LinkId link, const Parts& parts) {
  const auto at = by_link_.find(link);
  if (at == by_link_.end()) return;
  Peer& peer = *at->second;
  std::optional<core::Message> message = decode(parts);
  if (!message) return;
  if (auto* chunk = std::get_if<core::Chunk>(&message->body)) {
    static_cast<void>(peer.chunks.add(std::move(*chunk), node_.now()));
    return;
  }
  auto* batch = std::get_if<core::Batch>(&message->body);
  if (batch == nullptr) return;
  peer.acknowledged = std::max(peer.acknowledged, std::min(batch->acknowledged, peer.sequence));
  for (core::Reply& reply : batch->replies) {
    const auto asked = peer.outstanding.find(reply.id);
    if (asked == peer.outstanding.end()) {
      ++counters_.replies_unasked;  // late, or never asked for
      if (reply.flags & core::kReplyChunked) peer.chunks.drop(reply.id, true);
      continue;
    }
    ++counters_.replies_received;
    const CallTicket ticket = std::move(asked->second.ticket);
    peer.outstanding.erase(asked);
    if (reply.flags & core::kReplyChunked) {
      Result<Buffer> value = peer.chunks.take(reply.id, true, node_.seams().allocator);
      if (!value.ok() || value->is_null()) {
        node_.on_call_failed(ticket, true);
        continue;
      }
      reply.value = std::move(*value);
    }
    node_.on_reply(ticket, reply);
  }
}

void Exchange::on_link_up(LinkId link) {
  const auto at = by_link_.find(link);
  if (at == by_link_.end()) return;
  Peer& peer = *at->second;
  peer.up = true;
  peer.acknowledged = peer.sequence;  // what was in flight on the old connection is gone
}

void Exchange::on_link_down(LinkId link) {
  const auto at = by_link_.find(link);
  if (at == by_link_.end()) return;
  at->second->up = false;
  fail(*at->second);
}

// Everything that this link carried or was about to: its callers look elsewhere now.
void Exchange::fail(Peer& peer) {
  const auto outstanding = std::exchange(peer.outstanding, {});
  const auto queue = std::exchange(peer.queue, {});
  peer.backlog = Backlog(kBacklogBytesMax);
  peer.chunks = wire::Reassembler(value_bytes_max_);
  std::vector<uint64_t> ids;
  ids.reserve(outstanding.size());
  for (const auto& [id, call] : outstanding) ids.push_back(id);
  std::sort(ids.begin(), ids.end());
  for (const uint64_t id : ids) {
    const Outstanding& call = outstanding.at(id);
    lost(peer.member, call.ticket, call.repair_key, true);
  }
  for (const OutgoingCall& call : queue) lost(peer.member, call.ticket, call.call.key, false);
}

// A repair that did not arrive is still owed to the member.
void Exchange::lost(core::MemberId member, const CallTicket& ticket, const std::string& key,
                    bool sent) {
  if (ticket.flight != 0) return node_.on_call_failed(ticket, sent);
  if (key.empty()) {
    node_.missed_writes().add_everything(member);
  } else {
    node_.missed_writes().add(member, ticket.keyspace->id(), key);
  }
}

// -- the answering side ---------------------------------------------------------------------------

Exchange::Route& Exchange::route_of(RouteId id) {
  std::unique_ptr<Route>& route = routes_[id];
  if (!route) route = std::make_unique<Route>(value_bytes_max_, kBacklogBytesMax);
  route->last_used = node_.now();
  return *route;
}

void Exchange::on_request(RouteId id, const Parts& parts) {
  std::optional<core::Message> message = decode(parts);
  if (!message) return;
  if (!routes_.contains(id) && routes_.size() >= kRoutesMax) return;
  Route& route = route_of(id);
  if (auto* chunk = std::get_if<core::Chunk>(&message->body)) {
    static_cast<void>(route.chunks.add(std::move(*chunk), node_.now()));
    return;
  }
  auto* batch = std::get_if<core::Batch>(&message->body);
  if (batch != nullptr) serve(id, route, std::move(*batch));
}

void Exchange::serve(RouteId id, Route& route, core::Batch batch) {
  if (batch.sequence > 0) {
    // A frame that comes again, or after a later one, must not be applied: a put in it could undo
    // a delete that has been answered since.
    const bool seen = batch.sequence <= route.acknowledge;
    route.acknowledge = std::max(route.acknowledge, batch.sequence);
    route.acknowledge_due = true;
    dirty_routes_.push_back(id);
    if (seen) return;
  }
  FetchGroup fetches;
  for (core::Call& call : batch.calls) {
    ++counters_.calls_received;
    if (call.flags & core::kCallChunked) {
      Result<Buffer> value = route.chunks.take(call.id, false, node_.seams().allocator);
      if (!value.ok() || value->is_null()) {
        core::Reply lost = reply_to(call.id, Status::overloaded);
        lost.message = "the owner had no room to put the pieces of a large value together";
        route.ready.push_back(std::move(lost));
        continue;
      }
      call.value = std::move(*value);
    }
    if (auto reply = node_.on_call(id, std::move(call), fetches)) {
      route.ready.push_back(std::move(*reply));
    }
  }
  dirty_routes_.push_back(id);
  node_.start(std::move(fetches));
}

void Exchange::reply(OutgoingReply reply) {
  const auto at = routes_.find(reply.route);
  if (at == routes_.end()) return;  // the asker has gone
  at->second->ready.push_back(std::move(reply.reply));
  dirty_routes_.push_back(reply.route);
}

void Exchange::flush_route(RouteId id, Route& route) {
  const auto send = [this, id](const Parts& parts) {
    return transport_.reply(Plane::data, id, parts);
  };
  bool alive = route.backlog.flush(send);
  auto next = route.ready.begin();
  while (alive && (next != route.ready.end() || route.acknowledge_due)) {
    core::Batch batch;
    size_t bytes = 0;
    size_t parts = 1;
    while (alive && next != route.ready.end() && batch.replies.size() < limits::kBatchItemsMax &&
           bytes < limits::kBatchBytesMax && parts < limits::kMessagePartsMax) {
      core::Reply reply = std::move(*next++);
      if (reply.value.size() > limits::kChunkBytesMax) {
        alive = transmit_pieces(reply.id, true, std::exchange(reply.value, Buffer()), route.backlog,
                                send);
        reply.flags |= core::kReplyChunked;
      }
      bytes += reply.value.size() + reply.message.size() + 64;
      if (reply.value.size() > limits::kInlineValueBytesMax) ++parts;
      const bool chunked = (reply.flags & core::kReplyChunked) != 0;
      batch.replies.push_back(std::move(reply));
      if (chunked) break;  // the asker puts few large values together at a time
    }
    batch.acknowledged = route.acknowledge;
    route.acknowledge_due = false;
    counters_.replies_sent += batch.replies.size();
    alive = alive && transmit(std::move(batch), route.backlog, send);
  }
  route.ready.clear();
  if (!alive) routes_.erase(id);  // unreachable, or it reads too slowly: it will time out
}

// -- both -----------------------------------------------------------------------------------------

void Exchange::flush() {
  for (auto& [member, peer] : peers_) flush_peer(*peer);
  for (const RouteId id : std::exchange(dirty_routes_, {})) {
    if (const auto at = routes_.find(id); at != routes_.end()) flush_route(id, *at->second);
  }
}

void Exchange::tick(Instant now) {
  for (auto& entry : peers_) {
    Peer& peer = *entry.second;
    std::erase_if(peer.outstanding, [this, now, &peer](const auto& call) {
      if (call.second.deadline > now) return false;
      if (call.second.ticket.flight == 0) {
        lost(peer.member, call.second.ticket, call.second.repair_key, true);
      }
      return true;
    });
    peer.chunks.expire(now);
  }
  std::erase_if(routes_, [now](const auto& entry) {
    return now - entry.second->last_used > kRouteIdleMax && entry.second->backlog.empty();
  });
  for (auto& [id, route] : routes_) {
    route->chunks.expire(now);
    if (!route->backlog.empty()) dirty_routes_.push_back(id);
  }
}

}  // namespace distcache::engine
