#include "process.h"

#include <algorithm>
#include <cstdio>

#include "core/mutations.h"
#include "core/written.h"
#include "loads.h"

namespace distcache::sim {
namespace {

constexpr Duration kBootstrap = Duration::seconds(5);
constexpr Duration kDrain = Duration::seconds(2);
constexpr Duration kEventDelay = Duration::us(10);
// A call whose frame is not acknowledged is made again after 2.5 s, and the first one may come yet,
// after as long as paths are slow and processes stopped.
constexpr Duration kComesTwice = Duration::seconds(10);

// Marks that a keyspace has a source: the loads themselves go through the FetchRunner.
class NoSource final : public engine::Source {
 public:
  void fetch(engine::FetchPtr) override {}
};

}  // namespace

Process::Process(World& world, uint32_t number, memory::NodeId machine)
    : world_(world),
      number_(number),
      machine_(machine),
      member_(member_of(machine)),
      clock_(world.clocks.add(world.plan.clock_ppm[machine])),
      wall_clock_(world.clock, clock_, mix64(world.plan.seed) + number),
      rng_(mix64(world.plan.seed) + number) {}

Process::~Process() = default;

core::Address Process::address_of(memory::NodeId machine) {
  return {"10.0.0." + std::to_string(machine), 3322, {}};
}

core::MemberId Process::member_at(const std::string& host) const {
  memory::NodeId machine = 0;
  while (address_of(machine).host != host) ++machine;
  return member_of(machine);
}

// -- life -----------------------------------------------------------------------------------------

void Process::start(const std::vector<core::Address>& others) {
  world_.report.tell("process %u starts as %s", number_, name_of(machine_).c_str());
  open_until_ = world_.clock.now() + kBootstrap;
  resumed_at_ = clock_.now();
  world_.watch.started(number_, member_);
  transport_ = std::make_unique<Spy>(
      world_.network.make_transport(machine_), world_.clock,
      [this](const core::Call& call) { on_call(call); },
      [this](LinkId link) { return loses_recall(link); });
  if (world_.plan.faults.slow_paths) transport_->listen();
  const core::Address address = address_of(machine_);
  if (!transport_->bind({address.host, 3320, address.port}).ok()) {
    world_.report.violate("setup", "a process could not bind");
  }
  node_ = std::make_shared<engine::Node>(
      member_, engine::Seams{seen_clock(), rng_, allocator_, *this, *this, *this}, log_);
  node_->set_owner(node_);
  add_keyspaces();
  network_ = std::make_unique<engine::Network>(*node_, *transport_, network_options());
  node_->inbox().on_wake([this] {
    wake(Duration::us(world_.plan.faults.lags ? static_cast<int64_t>(rng_.below(3'000)) : 1));
  });
  network_->discovered(others);
  see();
  wake(Duration());
}

void Process::add_keyspaces() {
  for (const KeyspacePlan& plan : world_.plan.keyspaces) {
    std::shared_ptr<engine::Source> source;
    if (plan.has_source[machine_]) source = std::make_shared<NoSource>();
    core::KeyspaceConfig config = plan.config;
    if (!world_.plan.faults.mirrors) config.mirror = core::MirrorMode::off;
    const auto added = node_->add_keyspace(plan.name, config, std::move(source));
    if (!added.ok()) {
      world_.report.violate("setup", "no keyspace: " + added.error().message);
      return;
    }
    keyspaces_.push_back(*added);
  }
}

engine::Network::Options Process::network_options() const {
  engine::Network::Options options;
  options.membership.label = "sim";
  core::Member& self = options.membership.self;
  self.name = name_of(machine_);
  self.incarnation = 1'000 + number_;
  self.weight = world_.plan.node_weights[machine_];
  if (world_.plan.faults.client && machine_ + 1 == world_.plan.nodes) {
    self.role = core::Role::client;
  }
  self.membership = address_of(machine_);
  self.data = {self.membership.host, 3320, {}};
  self.keyspaces = node_->announced();
  options.on_event = [this](const core::PeerEvent& event) {
    const_cast<Process*>(this)->on_event(event);
  };
  return options;
}

void Process::pause(bool clock_stops) {
  world_.report.tell("process %u is stopped%s", number_, clock_stops ? ", its clock too" : "");
  paused_ = true;
  if (clock_stops) clock_.stop();
  world_.network.pause(machine_);
  world_.watch.paused(number_, true);
}

void Process::resume() {
  if (!paused_) return;
  world_.report.tell("process %u goes on", number_);
  paused_ = false;
  clock_.go_on();
  resumed_at_ = clock_.now();
  world_.network.resume(machine_);
  world_.watch.paused(number_, false);
  run_deferred();
  // Callers and the I/O thread go on in any order.
  wake(Duration::us(static_cast<int64_t>(rng_.below(2'000))));
}

void Process::slow_down(Duration rest, Duration span) {
  world_.report.tell("process %u is slow", number_);
  rest_ = rest;
  slowness_ = std::max(slowness_, rest * 2);
  slow_until_ = world_.clock.now() + span;
}

void Process::jump(Duration by) {
  world_.report.tell("the clock of process %u jumps %ld ms ahead", number_, by.as_ms());
  clock_.jump(by);
  resumed_at_ = clock_.now();
}

void Process::crash() {
  world_.report.tell("process %u is killed", number_);
  killed_ = true;
  world_.network.crash(machine_);
  end();
}

void Process::leave() {
  world_.report.tell("process %u leaves", number_);
  leaving_ = true;
  leave_until_ = world_.clock.now() + kDrain;
  node_->close();
  world_.watch.leaving(number_);
  wake(Duration::us(1));
}

void Process::end() {
  node_->inbox().on_wake(nullptr);
  node_->close();
  node_->end();
  world_.loads.process_ended(number_);
  world_.watch.ended(number_);
  network_.reset();
  transport_->close();
  transport_.reset();
  keyspaces_.clear();
  members_.reset();
  ended_node_ = node_;
  node_.reset();
  paused_ = false;
  run_deferred();
}

// -- virtual time ---------------------------------------------------------------------------------

void Process::after(Duration delay, std::function<void()> task) {
  world_.clock.after(delay, [this, task = std::move(task)] {
    if (paused_) {
      deferred_.push_back(task);
    } else {
      task();
    }
  });
}

void Process::run_deferred() {
  for (std::function<void()>& task : std::exchange(deferred_, {})) {
    after(Duration::us(1), std::move(task));
  }
}

void Process::wake(Duration delay) { woken_at_ = std::min(woken_at_, world_.clock.now() + delay); }

void Process::pump() {
  if (!alive() || paused_) return;
  transport_->pump();
  if (transport_->has_inbound() && woken_at_.is_never()) {
    wake(Duration::us(world_.plan.faults.lags ? static_cast<int64_t>(rng_.below(3'000)) : 1));
  }
}

const Clock& Process::seen_clock() const {
  if (core::mutated(core::Mutation::wall_clock)) return wall_clock_;
  return clock_;
}

Instant Process::step_due() const {
  if (!alive() || paused_) return Instant::never();
  Instant deadline = network_->next_deadline();
  if (&seen_clock() != &clock_) deadline = deadline - wall_clock_.ahead();
  const Instant due = std::min(woken_at_, clock_.when(deadline));
  return world_.clock.now() < slow_until_ ? std::max(due, next_turn_) : due;
}

void Process::step() {
  woken_at_ = Instant::never();
  next_turn_ = world_.clock.now() + rest_;
  if (leaving_ && !said_goodbye_) {
    said_goodbye_ = true;
    network_->leave();
  }
  // Before the step, which may give them up: then their calls look elsewhere.
  for (const std::string& host : transport_->unheard(world_.clock.now() - Watch::kUnheardMin)) {
    world_.watch.unheard(number_, member_at(host));
  }
  network_->step(Duration());
  if (transport_->has_inbound()) wake(Duration::us(1));
  see();
  check_bytes();
  const Instant now = world_.clock.now();
  const engine::ClusterState state = network_->state();
  if (!open_ && !leaving_ && !state.duplicate && (state.settled || now >= open_until_)) {
    open_ = true;
    world_.report.tell("process %u takes calls", number_);
    world_.watch.opened(number_);
  }
  if (leaving_ && (node_->flights() == 0 || now >= leave_until_)) {
    node_->end();
    network_->step(Duration());
    end();
  }
}

// Tells the watch of new views.
void Process::see() {
  std::shared_ptr<const engine::Members> members = node_->members();
  if (members == members_) return;
  members_ = std::move(members);
  for (uint32_t i = 0; i < keyspaces_.size(); ++i) {
    keyspaces_[i]->with_shard(
        0, [&](core::Shard& shard) { world_.watch.viewed(number_, i, shard.view()); });
  }
}

void Process::on_event(const core::PeerEvent& event) {
  using Kind = core::PeerEvent::Kind;
  static constexpr const char* kNames[] = {"joined",   "updated", "suspect", "recovered",
                                           "returned", "left",    "refused"};
  const char* kind = kNames[static_cast<size_t>(event.kind)];
  world_.report.count("peer event", kind);
  world_.report.mix(event.member + static_cast<uint64_t>(event.kind));
  world_.report.tell("process %u: %s %s: %s", number_, event.name.c_str(), kind, event.why.c_str());
  if (event.kind == Kind::suspect || event.kind == Kind::left) {
    world_.watch.lost_way(number_, event.member);
  }
}

// I7: what leaves this process was asked for by a caller of this process.
void Process::on_call(const core::Call& call) {
  static constexpr const char* kNames[] = {"?",       "get",     "put",    "remove",  "clear",
                                           "written", "confirm", "put_if", "refresh", "loaded"};
  world_.report.count("call to a peer", kNames[static_cast<size_t>(call.kind)]);
  if (call.flags & core::kCallRepair) {
    world_.report.count("call to a peer", "repair");
    return;
  }
  if (call.kind == core::CallKind::written) return check_written(call);
  if (call.kind == core::CallKind::confirm) return;  // nobody's, and goes no further
  unsigned process = 0;
  if (std::sscanf(call.trace.traceparent.c_str(), "process-%u", &process) != 1 ||
      process != number_) {
    world_.report.violate(
        "I7", "a call to a peer descends from another process's: " + call.trace.traceparent);
  }
}

// An owner's, whoever wrote: of a write that has not been answered with OK, or came twice.
void Process::check_written(const core::Call& call) {
  const std::optional<uint64_t> hash = core::written_hash(call.key);
  for (const auto& [key, of] : world_.history.keys()) {
    if (hash != hash64(key_text(key))) continue;
    const bool written =
        std::any_of(of.writes.begin(), of.writes.end(), [this](const Write* write) {
          return !write->is_settled() || write->returned.at + kComesTwice > world_.clock.now();
        });
    if (written) return;
  }
  world_.report.violate("I7", "a next candidate is told of a key that nobody has written");
}

bool Process::loses_recall(LinkId link) {
  const Plan& plan = world_.plan;
  if (!plan.faults.lost_recalls) return false;
  if (recalls_lost_until_[link] > world_.clock.now()) return true;
  if (rng_.below(plan.recalls_of_which_one_is_lost) > 0) return false;
  if (plan.recalls_stay_lost) {
    recalls_lost_until_[link] =
        world_.clock.now() + Duration::ms(static_cast<int64_t>(rng_.below(1'000)));
  }
  world_.report.count("fault", "a recall lost");
  return true;
}

// -- what an engine has threads for ---------------------------------------------------------------

void Process::start(std::shared_ptr<engine::Source>, std::vector<engine::FetchPtr> fetches) {
  for (engine::FetchPtr& fetch : fetches) world_.loads.begin(*this, std::move(fetch));
}

bool Process::post(std::function<void()> task) {
  after(kEventDelay, std::move(task));
  return true;
}

bool Process::has_source(uint32_t keyspace) const {
  return world_.plan.keyspaces[keyspace].has_source[machine_];
}

bool Process::confirmed(uint32_t keyspace, Instant at) const {
  return keyspaces_[keyspace]->with_shard(
      0, [at](const core::Shard& shard) { return shard.confirmed(at); });
}

// -- checks ---------------------------------------------------------------------------------------

void Process::check_bytes() {
  for (const engine::KeyspacePtr& keyspace : keyspaces_) {
    for (uint32_t i = 0; i < keyspace->shards(); ++i) {
      keyspace->with_shard(i, [&](core::Shard& shard) {
        const core::Store& store = shard.store();
        if (store.bytes() <= store.limits().bytes_max &&
            store.entries() <= store.limits().entries_max) {
          return;
        }
        world_.report.violate("I3", text("a shard of '%s' has %zu bytes of %zu, %zu entries",
                                         keyspace->name().c_str(), store.bytes(),
                                         store.limits().bytes_max, store.entries()));
      });
    }
  }
}

void Process::check_at_rest() {
  size_t accounted = 0;
  for (const engine::KeyspacePtr& keyspace : keyspaces_) {
    for (uint32_t i = 0; i < keyspace->shards(); ++i) {
      keyspace->with_shard(i, [&](core::Shard& shard) {
        const core::Store& store = shard.store();
        accounted += store.bytes();
        size_t entries = 0, cost = 0;
        core::ScanCursor cursor;
        store.scan(cursor, SIZE_MAX, [&](const core::Entry& entry) {
          ++entries;
          cost += entry.cost();
        });
        if (entries != store.entries() || cost > store.bytes()) {
          world_.report.violate("I3", "a store does not hold what it says");
        }
      });
    }
  }
  if (node_->flights() > 0) world_.report.violate("I9", "flights at rest");
  if (allocator_.true_bytes() > accounted) {
    world_.report.violate("I3", text("%zu bytes allocated at rest, %zu accounted for",
                                     allocator_.true_bytes(), accounted));
  }
}

void Process::check_gone() const {
  if (!ended_node_.expired()) world_.report.violate("I9", "a node outlives its last user");
  if (allocator_.blocks() > 0) {
    world_.report.violate(
        "I9", text("process %u leaves %zu blocks behind", number_, allocator_.blocks()));
  }
}

}  // namespace distcache::sim
