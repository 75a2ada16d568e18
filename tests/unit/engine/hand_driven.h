#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/exchange.h"
#include "engine/node.h"
#include "transport/wire/codec.h"

namespace distcache::engine {

// A transport that a test works by hand: what is sent is kept, as long as there is room.
class ManualTransport final : public Transport {
 public:
  Result<BoundPorts> bind(const BindOptions&) override { return BoundPorts{1, 2}; }
  Result<LinkId> connect(Plane plane, const std::string&, uint16_t) override {
    ++connects;
    if (connects_failing > 0) {
      --connects_failing;
      return Error{Status::no_descriptors, "none left"};
    }
    links[++last_link] = plane;
    return last_link;
  }
  void disconnect(LinkId link) override { links.erase(link); }
  SendResult send(LinkId, Parts parts) override { return keep(std::move(parts)); }
  SendResult reply(Plane, RouteId, Parts parts) override { return keep(std::move(parts)); }
  void poll(Duration, TransportSink&) override {}
  void wake() override {}
  void close() override {}

  size_t connects = 0, connects_failing = 0;
  size_t room = SIZE_MAX;  // messages
  LinkId last_link = 0;
  std::map<LinkId, Plane> links;
  std::vector<Parts> sent;

 private:
  SendResult keep(Parts parts) {
    for (const Parts::value_type& part : parts) {
      if (part.size() > limits::kFrameBytesMax) return SendResult::too_large;
    }
    if (room == 0) return SendResult::full;
    --room;
    sent.push_back(std::move(parts));
    return SendResult::sent;
  }
};

// A node with everything that it stands on, moved by hand: no thread, no clock, no network.
class HandDriven : private FetchRunner, private Executor {
 public:
  explicit HandDriven(const std::string& name = "a")
      : node(std::make_shared<Node>(
            hash64(name), Seams{time, rng, Allocator::system(), *this, *this, *this}, log)) {}
  ~HandDriven() override { node->end(); }

  KeyspacePtr add_keyspace(core::KeyspaceConfig config = usual()) {
    auto added = node->add_keyspace("pages", config, nullptr);
    return added.ok() ? *added : nullptr;
  }
  static core::KeyspaceConfig usual() {
    core::KeyspaceConfig config;
    config.bytes_max = 64 * 1024 * 1024;
    return config;
  }

  struct ManualClock final : Clock {
    Instant now() const override { return at; }
    Instant at = Instant::from_ns(1'000'000'000);
  };
  ManualClock time;
  SeededRng rng{1};
  NoLog log;
  std::shared_ptr<Node> node;

 private:
  void start(std::shared_ptr<Source>, std::vector<FetchPtr>) override {}
  bool post(std::function<void()>) override { return true; }
};

}  // namespace distcache::engine
