#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "core/config/nats_config.h"
#include "core/message.h"
#include "discovery/nats/handles.h"
#include "discovery/nats/heard.h"
#include "discovery/nats/message.h"

namespace distcache::discovery {

// Who speaks: what a link tells of this node.
struct NatsSelf {
  std::string label;
  core::Address address;
};

// A connection to one of the servers, and the thread dc-nats on it, which answers those who ask.
// When the connection breaks, libnats connects again for ever, and this link goes on by itself.
//
// Thread: that of the provider. `heard` outlives the link.
class NatsLink {
 public:
  // Connects within timeout.ms a server, and announces this node.
  static Result<std::unique_ptr<NatsLink>> open(const core::NatsConfig& config, NatsSelf self,
                                                Heard& heard);
  ~NatsLink();  // bounded: nothing is waited for but the thread, which does not block

  // It will never work again: a server refuses us.
  bool dead() const;
  // Asks who is there and adds those who answer within timeout.ms. An Error while not connected.
  Result<void> ask(Places& found, const std::atomic<bool>& cancelled);
  void say_goodbye();

 private:
  NatsLink(const core::NatsConfig& config, NatsSelf self, Heard& heard)
      : config_(config), self_(std::move(self)), heard_(heard) {}

  Result<void> start();
  bool not_permitted() const;
  natsStatus listen(const char* subject, NatsOwned<natsSubscription>& to);
  natsStatus say(const char* subject, NatsMessage::Kind kind);
  void answer();  // the thread
  void answer(natsMsg& message);
  natsStatus collect(natsSubscription& inbox, Places& found, const std::atomic<bool>& cancelled);
  void take(natsMsg& message, Places& found);
  Error fault(natsStatus status) const;

  const core::NatsConfig& config_;
  const NatsSelf self_;
  Heard& heard_;
  NatsOwned<natsConnection> connection_;
  NatsOwned<natsSubscription> subscription_;
  std::atomic<bool> deaf_{false};
  std::thread thread_;
};

}  // namespace distcache::discovery
