#include "discovery/nats/provider.h"

#include <atomic>
#include <utility>

#include "discovery/guarded.h"
#include "discovery/nats/link.h"

namespace distcache::discovery {
namespace {

class Nats final : public core::Provider {
 public:
  Nats(core::NatsConfig config, std::string label)
      : config_(std::move(config)), label_(std::move(label)) {}

  std::string_view id() const override { return "nats"; }

  void on_change(std::function<void()> changed) override { heard_.tell(std::move(changed)); }

  void log_to(Log& log) override { log_ = &log; }

  // Connecting is left to the steps that are tried again: a server may come later than its clients.
  Result<void> initialize() override { return {}; }

  Result<void> register_node(const core::Address& self) override {
    return guarded([&]() -> Result<void> {
      self_ = self;
      link_.reset();
      return connect();
    });
  }

  Result<std::vector<core::Address>> discover() override {
    return guarded([&]() -> Result<std::vector<core::Address>> {
      if (Result<void> connected = connect(); !connected) return connected.error();
      Places found;
      if (Result<void> asked = link_->ask(found, cancelled_); !asked) return asked.error();
      for (const core::Address& address : heard_.take()) found.add(address);
      tell_dropped();
      heard_.known(found);
      return found.list();
    });
  }

  Result<void> deregister_node() override {
    return guarded([&]() -> Result<void> {
      if (link_) link_->say_goodbye();
      link_.reset();
      return {};
    });
  }

  void close() override { link_.reset(); }
  void cancel() override { cancelled_.store(true); }

 private:
  Result<void> connect() {
    if (link_ && !link_->dead()) return {};
    link_.reset();
    Result<std::unique_ptr<NatsLink>> link = NatsLink::open(config_, {label_, self_}, heard_);
    if (!link.ok()) return link.error();
    link_ = std::move(*link);
    return {};
  }

  // Once for every doubling: whoever floods the subject shall not flood the log.
  void tell_dropped() {
    const uint64_t dropped = heard_.dropped_so_far();
    if (!log_ || dropped < tell_at_) return;
    tell_at_ = 2 * dropped;
    log_->warn("discovery", "nats: " + std::to_string(dropped) + " messages on the subject '" +
                                config_.subject + "' were dropped: not of this protocol");
  }

  const core::NatsConfig config_;
  const std::string label_;
  Log* log_ = nullptr;
  std::atomic<bool> cancelled_{false};
  Heard heard_;
  core::Address self_;
  uint64_t tell_at_ = 1;
  std::unique_ptr<NatsLink> link_;  // after what it refers to
};

}  // namespace

std::unique_ptr<core::Provider> make_nats(core::NatsConfig config, std::string label) {
  return std::make_unique<Nats>(std::move(config), std::move(label));
}

}  // namespace distcache::discovery
