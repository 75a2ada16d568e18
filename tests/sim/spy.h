#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "core/message.h"
#include "transport/transport.h"

namespace distcache::sim {

// Stands between a node and its network: shows the calls that leave it, loses what it says of
// leases now and then, and holds what arrives until the node's turn comes, which may be later than
// its arrival.
class Spy final : public Transport, private TransportSink {
 public:
  using OnCall = std::function<void(const core::Call&)>;
  using LosesRecall = std::function<bool(LinkId)>;

  Spy(std::unique_ptr<Transport> inner, const Clock& clock, OnCall on_call,
      LosesRecall loses_recall)
      : inner_(std::move(inner)),
        clock_(clock),
        on_call_(std::move(on_call)),
        loses_recall_(std::move(loses_recall)) {}

  void pump() { inner_->poll(Duration(), *this); }
  bool has_inbound() const { return !inbound_.empty(); }
  // From now on it looks for acknowledgements.
  void listen() { listens_ = true; }
  // The hosts that have not acknowledged a frame with calls that went there before that moment.
  std::vector<std::string> unheard(Instant before) const;

  Result<BoundPorts> bind(const BindOptions& options) override { return inner_->bind(options); }
  Result<LinkId> connect(Plane plane, const std::string& host, uint16_t port) override;
  void disconnect(LinkId link) override;
  SendResult send(LinkId link, Parts parts) override;
  SendResult reply(Plane plane, RouteId route, Parts parts) override {
    return inner_->reply(plane, route, std::move(parts));
  }
  void poll(Duration timeout, TransportSink& sink) override;
  void wake() override { inner_->wake(); }
  void close() override {
    inbound_.clear();
    inner_->close();
  }

 private:
  struct Inbound {
    enum class Kind : uint8_t { request, reply, up, down };
    Kind kind = Kind::request;
    Plane plane = Plane::data;
    uint64_t id = 0;
    bool refused = false;
    Parts parts;
  };

  void on_request(Plane plane, RouteId route, Parts parts) override;
  void on_reply(LinkId link, Parts parts) override;
  void on_link_up(LinkId link) override;
  void on_link_down(LinkId link, bool refused) override;

  struct DataLink {
    std::string host;
    std::deque<std::pair<uint64_t, Instant>> unheard;  // sequence numbers, and when they were sent
  };

  const std::unique_ptr<Transport> inner_;
  const Clock& clock_;
  const OnCall on_call_;
  const LosesRecall loses_recall_;
  bool listens_ = false;
  std::map<LinkId, DataLink> data_links_;
  std::deque<Inbound> inbound_;
};

}  // namespace distcache::sim
