#include <algorithm>

#include "base/limits.h"
#include "core/mutations.h"
#include "engine/exchange.h"

// The answering side: calls of peers, and the replies to them. The asking side is in exchange.cpp.
namespace distcache::engine {
namespace {

constexpr size_t kRoutesMax = 4'096;  // the one that was silent for longest makes room
// Replies that one asker has not read yet. Their values are references to what the store holds, or
// held: this is what an asker that reads slowly may pin. More are refused: OVERLOADED.
constexpr size_t kReadyBytesMax = 1024 * 1024 * 1024;
constexpr size_t kReadyMax = 65'536;

core::Reply reply_to(uint64_t id, Status status, const char* why) {
  core::Reply reply;
  reply.id = id;
  reply.status = status;
  if (status_retriable(status)) reply.flags |= core::kReplyRetriable;
  reply.message = why;
  return reply;
}

}  // namespace

Exchange::Route& Exchange::route_of(RouteId id) {
  auto at = routes_.find(id);
  if (at == routes_.end()) {
    if (routes_.size() >= kRoutesMax) make_room_for_route();
    at = routes_.emplace(id, std::make_unique<Route>()).first;
  }
  at->second->last_used = node_.now();
  return *at->second;
}

// Its askers have gone, or hear by their deadlines: a stranger with thousands of connections must
// not keep everybody else out.
void Exchange::make_room_for_route() {
  const auto oldest = std::min_element(
      routes_.begin(), routes_.end(),
      [](const auto& a, const auto& b) { return a.second->last_used < b.second->last_used; });
  routes_.erase(oldest);
  ++counters_.refused;
}

void Exchange::on_request(RouteId id, const Parts& parts) {
  std::optional<core::Message> message = decode(parts);
  if (!message) return;
  on_lease_message(*message);
  if (std::holds_alternative<core::Recall>(message->body) ||
      std::holds_alternative<core::Recalled>(message->body)) {
    return;
  }
  Route& route = route_of(id);
  route.member = message->envelope.sender;
  if (auto* chunk = std::get_if<core::Chunk>(&message->body)) {
    return add_piece(route.chunks, std::move(*chunk));
  }
  auto* batch = std::get_if<core::Batch>(&message->body);
  if (batch != nullptr) serve(id, message->envelope.sender, route, std::move(*batch));
}

void Exchange::serve(RouteId id, core::MemberId from, Route& route, core::Batch batch) {
  if (batch.sequence > 0) {
    // A frame that comes again, or after a later one, must not be applied: a put in it could undo
    // a delete that has been answered since.
    const bool seen = batch.sequence <= route.acknowledge;
    route.acknowledge = std::max(route.acknowledge, batch.sequence);
    route.acknowledge_due = true;
    dirty_routes_.push_back(id);
    if (seen && !core::mutated(core::Mutation::served_again)) return;
  }
  FetchGroup fetches;
  const Duration unread = unread_for();
  for (core::Call& call : batch.calls) {
    ++counters_.calls_received;
    if (call.flags & core::kCallChunked) {
      Result<Buffer> value = route.chunks.take(call.id, false, node_.seams().allocator);
      if (!value.ok() || value->is_null()) {
        add_reply(route,
                  reply_to(call.id, Status::overloaded,
                           "the owner had no room to put the pieces of a large value together"));
        continue;
      }
      call.value = std::move(*value);
    }
    if (auto reply = node_.on_call(id, from, std::move(call), unread, fetches)) {
      add_reply(route, std::move(*reply));
    }
  }
  dirty_routes_.push_back(id);
  node_.start(std::move(fetches));
}

void Exchange::reply(OutgoingReply reply) {
  const auto at = routes_.find(reply.route);
  if (at == routes_.end()) return;  // the asker has gone
  add_reply(*at->second, std::move(reply.reply));
  dirty_routes_.push_back(reply.route);
}

void Exchange::grant(OutgoingGrant grant) {
  const auto at = routes_.find(grant.route);
  // The asker has gone, or reads nothing: its lease ends.
  if (at == routes_.end() || at->second->grants.size() >= kReadyMax) return;
  at->second->grants.push_back(std::move(grant.grant));
  dirty_routes_.push_back(grant.route);
}

void Exchange::add_reply(Route& route, core::Reply reply) {
  if (route.ready.size() >= kReadyMax) return;  // its asker hears of it by its deadline
  const size_t bytes = reply.value.size();
  if (route.ready_bytes > 0 &&
      bytes > kReadyBytesMax - std::min(kReadyBytesMax, route.ready_bytes)) {
    route.ready.push_back(reply_to(reply.id, Status::overloaded,
                                   "the asker has too many large values to read already"));
    return;
  }
  if (reply.lease > Duration()) {
    const Instant now = node_.now();
    recalls_.lent(route.member, now + reply.lease, now);
  }
  route.ready_bytes += bytes;
  route.ready.push_back(std::move(reply));
}

// As many replies as one frame has room for, of values that no frame has room for one at a time.
core::Batch Exchange::next_replies(Route& route, Buffer& large) {
  core::Batch batch;
  size_t bytes = 0;
  size_t parts = 1;
  while (!route.ready.empty() && batch.replies.size() < limits::kBatchItemsMax &&
         bytes < limits::kBatchBytesMax && parts < limits::kMessagePartsMax && large.is_null()) {
    core::Reply reply = std::move(route.ready.front());
    route.ready.pop_front();
    route.ready_bytes -= reply.value.size();
    if (reply.value.size() > limits::kChunkBytesMax) {
      large = std::exchange(reply.value, Buffer());
      reply.flags |= core::kReplyChunked;
    }
    const Result<wire::Footprint> footprint = wire::footprint(reply);
    if (!footprint.ok()) {
      node_.log().warn("exchange", "could not encode a reply: " + footprint.error().message);
      large = Buffer();
      batch.replies.push_back(
          reply_to(reply.id, Status::internal, "the owner could not encode its answer"));
      continue;
    }
    bytes += footprint->header_bytes + (footprint->parts > 0 ? reply.value.size() : 0);
    parts += footprint->parts;
    batch.replies.push_back(std::move(reply));
  }
  counters_.replies_sent += batch.replies.size();
  return batch;
}

// Each as it is: a grant that is lost ends with its lease.
void Exchange::send_grants(RouteId id, Route& route) {
  for (; !route.grants.empty(); route.grants.pop_front()) {
    const Result<Parts> parts =
        wire::encode({envelope(route.member), route.grants.front()}, node_.seams().allocator);
    if (!parts.ok()) {
      node_.log().warn("exchange", "could not encode a grant: " + parts.error().message);
      continue;
    }
    if (transport_.reply(Plane::data, id, *parts) == SendResult::full) return;
    ++counters_.frames_sent;
  }
}

void Exchange::flush_route(RouteId id, Route& route) {
  send_grants(id, route);
  const auto send = [this, id](const Parts& parts) {
    return transport_.reply(Plane::data, id, parts);
  };
  while (true) {
    switch (route.outlet.pump(envelope(route.member), node_.seams().allocator,
                              counters_.frames_sent, send)) {
      case Outlet::Result::idle:
        break;
      case Outlet::Result::full:
        return;  // tick() comes again
      case Outlet::Result::gone:
        routes_.erase(id);
        return;
      case Outlet::Result::lost:
        node_.log().warn("exchange", "no memory for a frame: its replies are lost");
        break;
    }
    if (route.ready.empty() && !route.acknowledge_due) return;
    Buffer large;
    core::Batch batch = next_replies(route, large);
    batch.acknowledged = route.acknowledge;
    route.acknowledge_due = false;
    const uint64_t last = batch.replies.empty() ? 0 : batch.replies.back().id;
    route.outlet.give(std::move(batch), last, true, std::move(large));
  }
}

}  // namespace distcache::engine
