#include "spy.h"

#include "transport/wire/codec.h"

namespace distcache::sim {
namespace {

constexpr int kMessagesPerPoll = 64;

}  // namespace

Result<LinkId> Spy::connect(Plane plane, const std::string& host, uint16_t port) {
  Result<LinkId> link = inner_->connect(plane, host, port);
  if (link.ok() && plane == Plane::data) data_links_[*link].host = host;
  return link;
}

void Spy::disconnect(LinkId link) {
  inner_->disconnect(link);
  data_links_.erase(link);
  std::erase_if(inbound_, [link](const Inbound& in) {
    return in.kind != Inbound::Kind::request && in.id == link;
  });
}

SendResult Spy::send(LinkId link, Parts parts) {
  if (const auto to = data_links_.find(link); to != data_links_.end()) {
    const Result<core::Message> message = wire::decode(parts, wire::DecodeLimits::data_plane());
    if (message.ok()) {
      if (const auto* batch = std::get_if<core::Batch>(&message->body)) {
        for (const core::Call& call : batch->calls) on_call_(call);
        if (listens_) to->second.unheard.emplace_back(batch->sequence, clock_.now());
      } else if (std::holds_alternative<core::Recall>(message->body) ||
                 std::holds_alternative<core::Recalled>(message->body)) {
        if (loses_recall_(link)) return SendResult::sent;
      }
    }
  }
  return inner_->send(link, std::move(parts));
}

void Spy::poll(Duration, TransportSink& sink) {
  for (int i = 0; i < kMessagesPerPoll && !inbound_.empty(); ++i) {
    Inbound in = std::move(inbound_.front());
    inbound_.pop_front();
    switch (in.kind) {
      case Inbound::Kind::request:
        sink.on_request(in.plane, in.id, std::move(in.parts));
        break;
      case Inbound::Kind::reply:
        sink.on_reply(in.id, std::move(in.parts));
        break;
      case Inbound::Kind::up:
        sink.on_link_up(in.id);
        break;
      case Inbound::Kind::down:
        sink.on_link_down(in.id, in.refused);
        break;
    }
  }
}

void Spy::on_request(Plane plane, RouteId route, Parts parts) {
  inbound_.push_back({Inbound::Kind::request, plane, route, false, std::move(parts)});
}

void Spy::on_reply(LinkId link, Parts parts) {
  const auto from = data_links_.find(link);
  if (listens_ && from != data_links_.end() && !from->second.unheard.empty()) {
    const Result<core::Message> message = wire::decode(parts, wire::DecodeLimits::data_plane());
    const auto* batch = message.ok() ? std::get_if<core::Batch>(&message->body) : nullptr;
    auto& unheard = from->second.unheard;
    while (batch && !unheard.empty() && unheard.front().first <= batch->acknowledged) {
      unheard.pop_front();
    }
  }
  inbound_.push_back({Inbound::Kind::reply, Plane::data, link, false, std::move(parts)});
}

std::vector<std::string> Spy::unheard(Instant before) const {
  std::vector<std::string> hosts;
  for (const auto& [link, to] : data_links_) {
    if (!to.unheard.empty() && to.unheard.front().second <= before) hosts.push_back(to.host);
  }
  return hosts;
}

void Spy::on_link_up(LinkId link) {
  inbound_.push_back({Inbound::Kind::up, Plane::data, link, false, {}});
}

void Spy::on_link_down(LinkId link, bool refused) {
  if (const auto at = data_links_.find(link); at != data_links_.end()) at->second.unheard.clear();
  inbound_.push_back({Inbound::Kind::down, Plane::data, link, refused, {}});
}

}  // namespace distcache::sim
