#include "engine/exchange.h"

#include <algorithm>

#include "base/limits.h"
#include "core/mutations.h"

// The asking side, and what both share. The answering side is in exchange_answers.cpp.
namespace distcache::engine {
namespace {

// One frame with calls may be unacknowledged per link: what waits meanwhile leaves together in the
// next one, so that under load a frame carries many keys and alone it costs no delay.
constexpr uint64_t kWindowFrames = 1;
// A peer acknowledges at once. If nothing came for so long, frame or acknowledgement are lost (a
// peer that dropped what it could not keep): the next frame may leave.
constexpr Duration kAcknowledgeMax = Duration::ms(250);
// And after so long nobody is there who would answer, though somebody keeps the connection (the
// port may be another process's by now): the calls of the frame look elsewhere.
constexpr Duration kUnheardMax = Duration::ms(2'500);
// Longer than that between two ticks, and this process did not run: what it waited for may lie
// before it unread, and where the whole machine stood still its peers did not run either.
constexpr Duration kTurnMax = Duration::ms(250);
constexpr uint64_t kSlowestBytesPerMs = 8'192;  // large frames have more time
constexpr Duration kOpenAgain = Duration::seconds(1);
// Calls wait so long for the first link to a member; for one that broke none does.
constexpr Duration kFirstLinkMax = Duration::seconds(1);
constexpr size_t kPeerQueueMax = 65'536;  // calls; more are refused: OVERLOADED
constexpr Duration kRouteIdleMax = Duration::seconds(120);
// Of all values that are being put together here, whoever sends them; but room for a few of the
// largest ones. More are refused: OVERLOADED, or the call has failed.
constexpr uint64_t kAnnouncedBytesMax = 512 * 1024 * 1024;

}  // namespace

Exchange::Exchange(Node& node, Transport& transport, uint64_t label_hash, Duration heartbeat)
    : node_(node),
      transport_(transport),
      label_hash_(label_hash),
      next_call_id_(node.seams().rng.next() >> 1),
      ticked_before_(node.now()),
      ticked_at_(ticked_before_),
      recalls_(heartbeat) {}

core::Envelope Exchange::envelope(core::MemberId to) const {
  core::Envelope envelope;
  envelope.label_hash = label_hash_;
  envelope.sender = node_.self();
  envelope.incarnation = incarnation_;
  envelope.epoch = epoch_;
  envelope.invalidation_seq = recalls_.latest(to);
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

// -- the asking side ------------------------------------------------------------------------------

void Exchange::open(core::MemberId member, const core::Address& address) {
  close(member);
  std::unique_ptr<Peer>& peer = peers_[member];
  peer = std::make_unique<Peer>();
  peer->member = member;
  peer->address = address;
  peer->waited_until = node_.now() + kFirstLinkMax;
  connect(*peer);
}

void Exchange::connect(Peer& peer) {
  const Result<LinkId> link = transport_.connect(Plane::data, peer.address.host, peer.address.port);
  if (!link.ok()) {
    node_.log().warn("exchange", "no data link: " + link.error().message);
    peer.open_at = node_.now() + kOpenAgain;
    return;
  }
  peer.open_at = Instant::never();
  peer.link = *link;
  by_link_[*link] = &peer;
}

void Exchange::close(core::MemberId member) {
  const auto at = peers_.find(member);
  if (at == peers_.end()) return;
  const std::unique_ptr<Peer> peer = std::move(at->second);
  peers_.erase(at);
  if (peer->link != 0) transport_.disconnect(peer->link);
  by_link_.erase(peer->link);
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
  // Chosen by a view in which the link still held: whoever failed with it has looked elsewhere, and
  // nobody would ever fail this one.
  if (!peer.up && node_.now() >= peer.waited_until) {
    return lost(call.to, call.ticket, call.call.key, false);
  }
  if (peer.queue.size() >= kPeerQueueMax) {
    return refuse(call, Status::overloaded,
                  "the queue to a peer is full (" + std::to_string(kPeerQueueMax) + " calls)");
  }
  peer.queue.push_back(std::move(call));
}

// Answers a call in its target's place. Nobody waits for a repair, but it is still owed.
void Exchange::refuse(const OutgoingCall& call, Status status, std::string why) {
  if (call.ticket.flight == 0) return lost(call.to, call.ticket, call.call.key, false);
  core::Reply reply;
  reply.status = status;
  if (status_retriable(status)) reply.flags |= core::kReplyRetriable;
  reply.message = std::move(why);
  node_.on_reply(call.ticket, call.to, reply);
}

// As many calls as one frame has room for, of values that no frame has room for one at a time.
core::Batch Exchange::next_calls(Peer& peer, Buffer& large) {
  core::Batch batch;
  size_t bytes = 0;
  size_t parts = 1;
  const Instant now = node_.now();
  while (!peer.queue.empty() && batch.calls.size() < limits::kBatchItemsMax &&
         bytes < limits::kBatchBytesMax && parts < limits::kMessagePartsMax && large.is_null()) {
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
    const Result<wire::Footprint> footprint = wire::footprint(call);
    if (!footprint.ok()) {
      large = Buffer();
      refuse(next, footprint.error().status, footprint.error().message);
      continue;
    }
    bytes += footprint->header_bytes + (footprint->parts > 0 ? call.value.size() : 0);
    parts += footprint->parts;
    const bool repair = next.ticket.flight == 0;
    peer.outstanding[call.id] = {std::move(next.ticket), *deadline, peer.sequence + 1,
                                 repair ? call.key : std::string()};
    batch.calls.push_back(std::move(call));
  }
  if (peer.heard_by.is_never() && !batch.calls.empty()) {
    const uint64_t transfer_ms = (bytes + large.size()) / kSlowestBytesPerMs;
    peer.heard_by = now + kUnheardMax + Duration::ms(static_cast<int64_t>(transfer_ms));
  }
  return batch;
}

void Exchange::flush_peer(Peer& peer) {
  if (!peer.up) return;
  const auto send = [this, &peer](const Parts& parts) { return transport_.send(peer.link, parts); };
  const Instant now = node_.now();
  while (true) {
    if (!peer.outlet.idle()) peer.sent_at = now;
    switch (peer.outlet.pump(envelope(peer.member), node_.seams().allocator, counters_.frames_sent,
                             send)) {
      case Outlet::Result::idle:
        break;
      case Outlet::Result::full:
      case Outlet::Result::gone:  // on_link_down follows and fails these calls
        return;
      case Outlet::Result::lost:
        node_.log().warn("exchange", "no memory for a frame: its calls have failed");
        fail_after(peer, peer.sequence - 1, false);
        break;
    }
    if (now - peer.sent_at > kAcknowledgeMax) peer.acknowledged = peer.sequence;
    if (peer.queue.empty() || peer.sequence - peer.acknowledged >= kWindowFrames) return;
    Buffer large;
    core::Batch batch = next_calls(peer, large);
    if (batch.calls.empty()) continue;
    batch.sequence = ++peer.sequence;
    counters_.calls_sent += batch.calls.size();
    const uint64_t last = batch.calls.back().id;
    peer.outlet.give(std::move(batch), last, false, std::move(large));
  }
}

void Exchange::on_reply(LinkId link, const Parts& parts) {
  const auto at = by_link_.find(link);
  if (at == by_link_.end()) return;
  Peer& peer = *at->second;
  std::optional<core::Message> message = decode(parts);
  if (!message) return;
  if (message->envelope.sender != peer.member) {  // its port is another process's by now
    ++counters_.foreign;
    return;
  }
  on_lease_message(*message);
  if (auto* chunk = std::get_if<core::Chunk>(&message->body)) {
    return add_piece(peer.chunks, std::move(*chunk));
  }
  if (const auto* grant = std::get_if<core::LoadGrant>(&message->body)) {
    const auto asked = peer.outstanding.find(grant->call_id);
    if (asked != peer.outstanding.end()) node_.on_grant(asked->second.ticket, grant->grant);
    return;
  }
  auto* batch = std::get_if<core::Batch>(&message->body);
  if (batch == nullptr) return;
  const uint64_t seen = std::min(batch->acknowledged, peer.sequence);
  peer.acknowledged = std::max(peer.acknowledged, seen);
  if (seen > peer.heard) {
    peer.heard = seen;
    peer.heard_by = seen == peer.sequence ? Instant::never() : node_.now() + kUnheardMax;
  }
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
    node_.on_reply(ticket, peer.member, reply);
  }
}

void Exchange::on_link_up(LinkId link) {
  const auto at = by_link_.find(link);
  if (at == by_link_.end()) return;
  Peer& peer = *at->second;
  peer.up = true;
  // What was in flight on the old connection is gone.
  peer.acknowledged = peer.heard = peer.sequence;
  peer.heard_by = Instant::never();
}

void Exchange::on_link_down(LinkId link) {
  const auto at = by_link_.find(link);
  if (at == by_link_.end()) return;
  at->second->up = false;
  at->second->waited_until = node_.now();
  fail(*at->second);
}

// Everything that this link carried or was about to: its callers look elsewhere now.
void Exchange::fail(Peer& peer) {
  const auto queue = std::exchange(peer.queue, {});
  peer.outlet.clear();
  peer.chunks.clear();
  peer.heard_by = Instant::never();
  fail_after(peer, 0, true);
  for (const OutgoingCall& call : queue) lost(peer.member, call.ticket, call.call.key, false);
}

// The calls of frames that nobody has acknowledged. They may have arrived all the same.
void Exchange::fail_unheard(Peer& peer) {
  node_.log().warn("exchange", "a peer acknowledges nothing: its calls look elsewhere");
  peer.outlet.clear();
  fail_after(peer, peer.heard, true);
  peer.acknowledged = peer.heard = peer.sequence;
  peer.heard_by = Instant::never();
}

// The calls of the frames after that one.
void Exchange::fail_after(Peer& peer, uint64_t sequence, bool sent) {
  std::vector<uint64_t> ids;
  for (const auto& [id, call] : peer.outstanding) {
    if (call.sequence > sequence) ids.push_back(id);
  }
  std::sort(ids.begin(), ids.end());
  for (const uint64_t id : ids) {
    const auto call = peer.outstanding.extract(id);
    lost(peer.member, call.mapped().ticket, call.mapped().repair_key, sent);
  }
}

// A repair that did not arrive is still owed to the member.
void Exchange::lost(core::MemberId member, const CallTicket& ticket, const std::string& key,
                    bool sent) {
  if (!ticket.confirms.is_never()) return;
  if (ticket.flight != 0) return node_.on_call_failed(ticket, sent);
  if (key.empty()) {
    node_.missed_writes().add_everything(member);
  } else {
    node_.missed_writes().add(member, ticket.keyspace->id(), key);
  }
}

// -- both -----------------------------------------------------------------------------------------

void Exchange::flush() {
  send_leases();
  for (auto& [member, peer] : peers_) flush_peer(*peer);
  for (const RouteId id : std::exchange(dirty_routes_, {})) {
    if (const auto at = routes_.find(id); at != routes_.end()) flush_route(id, *at->second);
  }
}

// The time since the last tick that this process was not run for.
Duration Exchange::stood_still(Instant now) {
  ticked_before_ = std::exchange(ticked_at_, now);
  return std::max(now - ticked_before_ - kTurnMax, Duration());
}

// How long what is read now may have lain here: this process stands still until the next tick, or
// did so until the last one and has not read everything yet.
Duration Exchange::unread_for() const {
  const bool just_woke = ticked_at_ - ticked_before_ > kTurnMax;
  const Duration unread = node_.now() - (just_woke ? ticked_before_ : ticked_at_);
  return unread > kTurnMax && !core::mutated(core::Mutation::kept_unread) ? unread : Duration();
}

void Exchange::tick(Instant now) {
  const Duration stood_still = this->stood_still(now);
  for (auto& entry : peers_) {
    Peer& peer = *entry.second;
    peer.heard_by = peer.heard_by + stood_still;
    if (now >= peer.open_at) connect(peer);
    if (!peer.up && now >= peer.waited_until && !peer.queue.empty()) fail(peer);
    if (now >= peer.heard_by) fail_unheard(peer);
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
    return now - entry.second->last_used > kRouteIdleMax && entry.second->idle();
  });
  for (auto& [id, route] : routes_) {
    route->chunks.expire(now);
    if (!route->idle()) dirty_routes_.push_back(id);
  }
}

// A piece of a value that is larger than a frame. Values begin only while there is room for all
// that have been announced, so that strangers cannot make this process hold more than that.
void Exchange::add_piece(wire::Reassembler& chunks, core::Chunk chunk) {
  const size_t value_bytes_max = node_.value_bytes_max();
  const uint64_t most = std::max<uint64_t>(kAnnouncedBytesMax, 4 * uint64_t{value_bytes_max});
  if (chunk.offset == 0 && chunk.total > most - std::min(most, bytes_announced())) {
    ++counters_.refused;
    return;  // the pieces that follow find no beginning, nor does the call or reply
  }
  chunks.set_value_bytes_max(value_bytes_max);
  static_cast<void>(chunks.add(std::move(chunk), node_.now()));
}

uint64_t Exchange::bytes_announced() const {
  uint64_t bytes = 0;
  for (const auto& [member, peer] : peers_) bytes += peer->chunks.bytes_announced();
  for (const auto& [id, route] : routes_) bytes += route->chunks.bytes_announced();
  return bytes;
}

}  // namespace distcache::engine
