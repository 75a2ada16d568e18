#include "engine/engine.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <system_error>

#include "discovery/make_provider.h"
#include "engine/bind_address.h"
#include "engine/discoverer.h"
#include "engine/event_loop.h"
#include "engine/events.h"
#include "engine/io_thread.h"
#include "engine/source_pool.h"
#include "engine/thread_role.h"
#include "transport/zmq/zmq_transport.h"

// The life of an engine: what it is made of, in which order it starts and ends.
namespace distcache::engine {
namespace {

constexpr size_t kSourceThreadsBlockedMax = 64;
constexpr size_t kObserverQueueMax = 10'000;
constexpr Duration kDrainLook = Duration::ms(2);
constexpr Duration kEndGrace = Duration::ms(50);     // for idle threads to end, past the deadline
constexpr Duration kUndoMax = Duration::seconds(2);  // for what a failed open has begun

const Clock& system_clock() {
  // Never destroyed: a thread that was left to itself may still ask for the time.
  static const auto* clock = new SystemClock;
  return *clock;
}

Rng& system_rng() {
  static auto* rng = new SystemRng;
  return *rng;
}

std::string made_up_name() {
  char host[64] = "host";
  gethostname(host, sizeof host - 1);
  char name[128];
  std::snprintf(name, sizeof name, "%s-%d-%08x", host, static_cast<int>(getpid()),
                static_cast<unsigned>(system_rng().next() & 0xffffffffU));
  return name;
}

// Larger than that of the process before it: the one use of the wall clock, and a process that
// finds itself outdated by a clock set back raises it (Membership).
uint64_t boot_incarnation() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(since).count());
}

core::MembershipOptions membership_options(const core::EngineConfig& config,
                                           const std::string& name, const std::string& bound,
                                           const BoundPorts& ports) {
  core::MembershipOptions options;
  options.label = config.cluster_label;
  options.peers_max = config.peers_max;
  options.join_retry_interval = config.join_retry_interval;
  options.join_attempts_max = config.join_attempts_max;
  options.loopback_only = !config.plaintext_accepted;
  options.nonce_seed = system_rng().next();
  options.self.name = name;
  options.self.incarnation = boot_incarnation();
  options.self.role = config.node_role;
  options.self.weight = config.node_weight;
  const std::string host = config.advertise_address.empty() ? bound : config.advertise_address;
  options.self.data = {host, ports.data, {}};
  options.self.membership = {host, ports.membership, {}};
  return options;
}

Discoverer::Options discoverer_options(const core::EngineConfig& config,
                                       const core::Address& self) {
  Discoverer::Options options;
  options.self = self;
  options.schedule = {config.join_retry_interval, config.join_attempts_max,
                      config.discovery_interval};
  options.answer_max = config.bootstrap_timeout;
  options.loopback_only = !config.plaintext_accepted;
  return options;
}

}  // namespace

// In the order in which they start; the other way round they end.
struct Engine::Parts {
  Parts(EngineSetup setup, std::string the_name)
      : config(std::move(setup.config)),
        name(std::move(the_name)),
        events("event", ThreadRole::event, EventLoop::kLossless),
        observers("observer", ThreadRole::observer, kObserverQueueMax),
        observer(std::move(setup.observers), config.log_level, name, observers),
        sources(config.source_threads, kSourceThreadsBlockedMax, system_clock()),
        transport(system_clock(), {2 * size_t{config.peers_max}, config.keepalive_period}),
        node(std::make_shared<Node>(
            hash64(name),
            Seams{system_clock(), system_rng(), Allocator::system(), sources, events, observers},
            observer)) {}

  const core::EngineConfig config;
  const std::string name;
  EventLoop events;
  EventLoop observers;
  Observer observer;
  SourcePool sources;
  ZmqTransport transport;
  const std::shared_ptr<Node> node;
  BoundPorts ports;
  std::unique_ptr<Network> network;
  std::unique_ptr<IoThread> io;
  std::unique_ptr<Discoverer> discoverer;

  enum class Life : uint8_t { open, closing, ended };
  Mutex mutex;
  std::condition_variable life_changed;
  Life life GUARDED_BY(mutex) = Life::open;

  void set_life(Life to) {
    MutexLock lock(mutex);
    life = to;
    life_changed.notify_all();
  }
};

Engine::Engine(std::shared_ptr<Parts> parts) : parts_(std::move(parts)) {
  parts_->node->set_owner(parts_);
}

// One that was opened has been closed: what is left is an open that failed.
Engine::~Engine() {
  const Duration undo = std::min(parts_->config.shutdown_timeout, kUndoMax);
  if (!ended()) static_cast<void>(shut_down(system_clock().now() + undo));
}

Result<std::shared_ptr<Engine>> Engine::open(EngineSetup setup) {
  if (!may_wait()) {
    return Error{Status::would_deadlock, "open waits: not on an EVENT or OBSERVER thread"};
  }
  std::shared_ptr<core::Provider> provider = std::move(setup.discovery);
  if (!provider) {
    Result<std::unique_ptr<core::Provider>> made = discovery::make_provider(setup.config);
    if (!made) return made.error();
    provider = std::move(*made);
  }
  std::vector<KeyspaceSetup> keyspaces = std::move(setup.keyspaces);
  std::string name = setup.config.node_name.empty() ? made_up_name() : setup.config.node_name;
  try {
    auto parts = std::make_shared<Parts>(std::move(setup), std::move(name));
    std::shared_ptr<Engine> engine(new Engine(parts));
    if (Result<void> started = start(*parts, std::move(keyspaces), std::move(provider)); !started) {
      return started.error();
    }
    return engine;
  } catch (const std::system_error& failure) {
    return Error{Status::system, std::string("cannot start a thread: ") + failure.what()};
  }
}

Result<void> Engine::start(Parts& parts, std::vector<KeyspaceSetup> keyspaces,
                           std::shared_ptr<core::Provider> provider) {
  parts.node->set_on_view(
      [&parts](const Keyspace& keyspace, const core::View& view, uint64_t epoch) {
        tell_of_ring(parts.observer, keyspace, view, epoch);
      });
  for (KeyspaceSetup& keyspace : keyspaces) {
    const Result<KeyspacePtr> added =
        parts.node->add_keyspace(keyspace.name, keyspace.config, std::move(keyspace.source));
    if (!added.ok()) return added.error();
  }
  const Result<std::string> address = bind_address(parts.config);
  if (!address.ok()) return address.error();
  const Result<BoundPorts> ports =
      parts.transport.bind({*address, parts.config.bind_port, parts.config.discovery_port});
  if (!ports.ok()) {
    // An address that this machine has not got is a fault of the configuration.
    const bool wrong = ports.error().status == Status::invalid_argument;
    return Error{wrong ? Status::invalid_config : ports.error().status, ports.error().message};
  }
  parts.ports = *ports;

  Network::Options options;
  options.membership = membership_options(parts.config, parts.name, *address, parts.ports);
  options.heartbeat = parts.config.heartbeat;
  options.on_event = [&parts](const core::PeerEvent& event) {
    tell_of_peer(parts.observer, event);
  };
  options.membership.self.keyspaces = parts.node->announced();
  const core::Address self = options.membership.self.membership;
  parts.network = std::make_unique<Network>(*parts.node, parts.transport, std::move(options));
  parts.io = std::make_unique<IoThread>(*parts.node, *parts.network, parts.transport, parts.sources,
                                        parts.config.quorum_min, parts.observer);
  parts.node->set_quorum(parts.config.quorum_min <= 1);
  parts.io->start();
  parts.discoverer = std::make_unique<Discoverer>(
      std::move(provider), discoverer_options(parts.config, self), system_clock(), system_rng(),
      parts.observer, [&parts](std::vector<core::Address> addresses) {
        parts.node->inbox().put(Discovered{std::move(addresses)});
      });
  parts.discoverer->start();

  parts.io->wait(parts.config.bootstrap_timeout,
                 [](const ClusterState& state) { return state.settled || state.duplicate; });
  if (const std::optional<Error> refusal = parts.discoverer->refusal()) return *refusal;
  parts.discoverer->give_up();
  if (parts.network->state().duplicate) {
    return Error{Status::duplicate_identity,
                 "node.name '" + parts.name + "' is taken: another live member has it"};
  }
  return {};
}

Result<void> Engine::close(Duration timeout) {
  Parts& parts = *parts_;
  if (thread_role() != ThreadRole::application) {
    return Error{Status::would_deadlock, "close waits: not on a thread of the library"};
  }
  if (timeout.is_zero()) timeout = parts.config.shutdown_timeout;
  const Instant deadline = system_clock().now() + timeout;
  parts.node->close();
  parts.io->notify();  // those who wait until it is ready
  {
    const auto until = wait_end(timeout + kEndGrace);
    MutexLock lock(parts.mutex);
    while (parts.life == Parts::Life::closing) {
      if (lock.wait_until(parts.life_changed, until) == std::cv_status::timeout) {
        return Error{Status::timed_out, "another close of this engine has not ended yet"};
      }
    }
    if (parts.life == Parts::Life::ended) return {};
    parts.life = Parts::Life::closing;
  }
  try {
    return shut_down(deadline);
  } catch (...) {
    parts.set_life(Parts::Life::open);  // no memory: it may be tried again
    throw;
  }
}

// Every step may have been done before, by one that failed.
Result<void> Engine::shut_down(Instant deadline) {
  Parts& parts = *parts_;
  const auto left = [](Instant until) { return until - system_clock().now(); };
  parts.node->close();
  if (parts.discoverer) parts.discoverer->end();
  if (parts.io) parts.io->leave();
  while (parts.io && parts.node->flights() > 0 && left(deadline) > Duration()) {
    parts.io->wait(kDrainLook, [](const ClusterState&) { return false; });
  }
  parts.node->end();
  if (parts.io) parts.io->stop();
  parts.transport.close();
  parts.sources.end();
  parts.events.end();
  const Instant last = std::max(deadline, system_clock().now() + kEndGrace);
  size_t hanging = parts.sources.join(left(last));
  parts.node->release_loaders();
  if (parts.discoverer && !parts.discoverer->join(left(last), parts_)) ++hanging;
  if (hanging > 0) tell_of_abandoned(parts.observer, hanging);
  parts.observers.end_with(parts.observer.last_event("closed"));
  if (!parts.events.join(left(last), parts_)) ++hanging;
  if (!parts.observers.join(left(last), parts_)) ++hanging;
  parts.set_life(Parts::Life::ended);
  if (hanging == 0) return {};
  return Error{Status::timed_out, "closed, but " + std::to_string(hanging) +
                                      " thread(s) hang in a callback and were detached"};
}

bool Engine::closed() const { return parts_->node->closed(); }

bool Engine::ended() const {
  MutexLock lock(parts_->mutex);
  return parts_->life == Parts::Life::ended;
}

bool Engine::ready() const {
  // As operations see the quorum, not as the network does, which knows a moment earlier.
  return !closed() && parts_->network->state().settled && parts_->node->has_quorum();
}

Result<void> Engine::wait_ready(Duration timeout) {
  if (!may_wait()) {
    return Error{Status::would_deadlock, "wait_ready waits: not on an EVENT or OBSERVER thread"};
  }
  parts_->io->wait(timeout.is_zero() ? parts_->config.bootstrap_timeout : timeout,
                   [this](const ClusterState&) { return closed() || ready(); });
  // In this order: an engine that closes in between is closed, and not without quorum.
  if (ready()) return {};
  if (closed()) return Error{Status::closed, "the engine is closed"};
  const ClusterState state = parts_->network->state();
  if (!state.settled) return Error{Status::timed_out, "discovery has not answered"};
  return Error{Status::no_quorum, std::to_string(state.live) + " of quorum.min " +
                                      std::to_string(parts_->config.quorum_min) +
                                      " members are alive"};
}

const std::string& Engine::name() const { return parts_->name; }
uint16_t Engine::data_port() const { return parts_->ports.data; }
uint16_t Engine::membership_port() const { return parts_->ports.membership; }
Node& Engine::node() const { return *parts_->node; }
Executor& Engine::events() const { return parts_->events; }
Observer& Engine::observer() const { return parts_->observer; }
uint64_t Engine::observer_dropped() const { return parts_->observer.dropped(); }

}  // namespace distcache::engine
