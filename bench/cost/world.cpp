#include "world.h"

#include <algorithm>
#include <map>
#include <span>

#include "transport/wire/codec.h"

namespace distcache::cost {
namespace {

constexpr Duration kStep = Duration::us(50);

// Stands between a node and its network and counts what it says on data links.
class Counter final : public Transport {
 public:
  Counter(std::unique_ptr<Transport> inner, Sent& sent) : inner_(std::move(inner)), sent_(sent) {}

  Result<BoundPorts> bind(const BindOptions& options) override { return inner_->bind(options); }
  Result<LinkId> connect(Plane plane, const std::string& host, uint16_t port) override {
    Result<LinkId> link = inner_->connect(plane, host, port);
    if (link.ok()) planes_[*link] = plane;
    return link;
  }
  void disconnect(LinkId link) override { inner_->disconnect(link); }
  SendResult send(LinkId link, Parts parts) override {
    if (planes_[link] == Plane::data) count(parts);
    return inner_->send(link, std::move(parts));
  }
  SendResult reply(Plane plane, RouteId route, Parts parts) override {
    if (plane == Plane::data) count(parts);
    return inner_->reply(plane, route, std::move(parts));
  }
  void poll(Duration timeout, TransportSink& sink) override { inner_->poll(timeout, sink); }
  void wake() override { inner_->wake(); }
  void close() override { inner_->close(); }

 private:
  void count(const Parts& parts) {
    for (const Buffer& part : parts) sent_.bytes += part.size();
    const auto message = wire::decode(parts, wire::DecodeLimits::data_plane());
    if (!message.ok()) return;
    if (const auto* batch = std::get_if<core::Batch>(&message->body)) {
      sent_.calls += batch->calls.size();
      sent_.replies += batch->replies.size();
      if (batch->calls.empty() && batch->replies.empty()) ++sent_.acknowledgements;
    }
    if (std::holds_alternative<core::Recall>(message->body)) ++sent_.recalls;
    if (std::holds_alternative<core::Recalled>(message->body)) ++sent_.recalled;
  }

  const std::unique_ptr<Transport> inner_;
  Sent& sent_;
  std::map<LinkId, Plane> planes_;
};

// Loads go through the FetchRunner.
class AnySource final : public engine::Source {
 public:
  void fetch(engine::FetchPtr) override {}
};

core::Address address_of(uint32_t number) {
  return {"10.0.0." + std::to_string(number + 1), 3322, {}};
}

engine::Network::Options options_of(const std::string& name, const core::Address& address,
                                    const engine::Node& node) {
  engine::Network::Options options;
  options.membership.label = "cost";
  core::Member& self = options.membership.self;
  self.name = name;
  self.incarnation = 1;
  self.membership = address;
  self.data = {address.host, 3320, {}};
  self.keyspaces = node.announced();
  options.on_event = [](const core::PeerEvent&) {};
  return options;
}

}  // namespace

Machine::Machine(MemoryNetwork& network, const Clock& clock, uint32_t number,
                 const core::KeyspaceConfig& config, Sent* sent)
    : address_(address_of(number)), rng_(number), transport_(network.make_transport(number)) {
  if (sent) transport_ = std::make_unique<Counter>(std::move(transport_), *sent);
  static_cast<void>(transport_->bind({address_.host, 3320, address_.port}));
  const std::string name = "node-" + std::to_string(number);
  node_ = std::make_shared<engine::Node>(
      hash64(name), engine::Seams{clock, rng_, Allocator::system(), *this, *this, *this}, log_);
  node_->set_owner(node_);
  keyspace_ = *node_->add_keyspace("pages", config, std::make_shared<AnySource>());
  network_ =
      std::make_unique<engine::Network>(*node_, *transport_, options_of(name, address_, *node_));
}

Machine::~Machine() { node_->end(); }

void Machine::discover(const Machine& other) {
  network_->discovered(std::span(&other.address_, 1));
}

void Machine::step() {
  network_->step(Duration());
  for (engine::FetchPtr& fetch : std::exchange(fetches_, {})) {
    core::LoadAnswer answer;
    answer.status = Status::ok;
    answer.value = Buffer::copy_of("value");
    fetch->answer(std::move(answer));
  }
}

size_t Machine::reached() const {
  return keyspace_->with_shard(0, [](core::Shard& shard) {
    const auto& members = shard.view().members();
    return static_cast<size_t>(std::count_if(
        members.begin(), members.end(),
        [](const core::ViewMember& member) { return member.reach == core::Reach::up; }));
  });
}

void Machine::start(std::shared_ptr<engine::Source>, std::vector<engine::FetchPtr> fetches) {
  for (engine::FetchPtr& fetch : fetches) fetches_.push_back(std::move(fetch));
}

bool Machine::post(std::function<void()> task) {
  task();
  return true;
}

World::World(size_t machines, const core::KeyspaceConfig& config)
    : network_(MemoryNetwork::Options{}), clock_(network_) {
  for (uint32_t i = 0; i < machines; ++i) {
    machines_.push_back(
        std::make_unique<Machine>(network_, clock_, i, config, machines > 2 ? &sent_ : nullptr));
    if (i > 0) machines_[i]->discover(*machines_[0]);
  }
  const auto all_met = [&] {
    return std::all_of(machines_.begin(), machines_.end(),
                       [&](const auto& machine) { return machine->reached() == machines; });
  };
  while (!all_met()) pass(Duration::ms(1));
  pass(config.mirror_lease * 2);
}

std::vector<std::string> World::keys(size_t count) {
  std::vector<std::string> keys;
  while (keys.size() < count) {
    std::string key = "key-" + std::to_string(next_key_++);
    const bool owned = machines_[0]->keyspace()->with_shard(
        0, [&](core::Shard& shard) { return shard.view().self_acts(hash64(key)); });
    if (owned) keys.push_back(std::move(key));
  }
  return keys;
}

Status World::get(Machine& at, const std::string& key) {
  const core::Key one = core::Key::of(key);
  if (const auto outcome = at.node().hit(*at.keyspace(), one)) return outcome->status;
  const auto pending = std::make_shared<engine::Pending>(1);
  at.node().get(at.keyspace(), {one}, {}, *pending);
  return await(*pending);
}

Status World::put(Machine& at, const std::string& key) {
  const auto pending = std::make_shared<engine::Pending>(1);
  at.node().put(at.keyspace(), {{core::Key::of(key), Buffer::copy_of("value"), {}}}, {}, *pending);
  return await(*pending);
}

Status World::remove(Machine& at, const std::string& key) {
  const auto pending = std::make_shared<engine::Pending>(1);
  at.node().remove(at.keyspace(), {core::Key::of(key)}, {}, *pending);
  return await(*pending);
}

Status World::await(engine::Pending& pending) {
  while (!pending.wait(Duration())) step();
  return pending.take().front().status;
}

void World::pass(Duration time) {
  for (const Instant end = network_.now() + time; network_.now() < end;) step();
}

void World::step() {
  for (const auto& machine : machines_) machine->step();
  network_.advance_to(network_.now() + kStep);
}

}  // namespace distcache::cost
