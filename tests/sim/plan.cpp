#include "plan.h"

#include <algorithm>

#include "dice.h"

namespace distcache::sim {
namespace {

constexpr int64_t kClockPpmMax = 10'000;  // far more than a quartz is off
constexpr uint32_t kCalmPercent = 15;     // runs whose network and members are left alone

void calm_down(Faults& faults) {
  for (const char* name : {"loss", "duplicates", "partitions", "partial", "one_way", "pauses",
                           "slow_nodes", "clock_jumps", "crashes", "leaves", "cold_start"}) {
    faults.turn_off(name);
  }
}

Faults faults_of(Dice& dice, memory::Mode mode) {
  Faults faults;
  for (const FaultName& known : fault_names()) {
    const bool later = known.fault == &Faults::mirrors || known.fault == &Faults::lost_recalls ||
                       known.fault == &Faults::put_ifs || known.fault == &Faults::refreshes ||
                       known.fault == &Faults::bounded;
    if (!later) faults.*known.fault = dice.chance(50);
  }
  faults.big_values = dice.chance(10);  // they cost more time than everything else
  if (dice.chance(kCalmPercent)) calm_down(faults);
  // What a clock gains and what it loses would cancel out where the judge adds up what was lost.
  if (faults.clock_stops) faults.clock_jumps = false;
  if (mode == memory::Mode::tcp) faults.duplicates = false;
  // The pieces of a large value rely on the order of a link, which this mode does not keep.
  if (mode != memory::Mode::tcp) faults.big_values = false;
  return faults;
}

memory::PathSettings path_of(Dice& dice, const Faults& faults, memory::Mode mode) {
  memory::PathSettings path;
  path.delay_min = Duration::us(50);
  path.delay_max = dice.between(Duration::us(200), Duration::ms(5));
  if (faults.slow_paths) {
    path.delay_max = dice.between(Duration::ms(5), Duration::ms(60));
    path.tail_ppm = static_cast<uint32_t>(dice.between(100, 10'000));
    path.tail_max = dice.between(Duration::ms(100), Duration::seconds(3));
  }
  if (faults.loss) {
    const bool tcp = mode == memory::Mode::tcp;
    path.loss_ppm =
        static_cast<uint32_t>(tcp ? dice.between(100, 3'000) : dice.between(1'000, 300'000));
  }
  if (faults.duplicates) path.duplicate_ppm = static_cast<uint32_t>(dice.between(1'000, 300'000));
  return path;
}

KeyspacePlan keyspace_of(Dice& dice, const Plan& plan, std::string name) {
  const Faults& faults = plan.faults;
  KeyspacePlan keyspace;
  keyspace.name = std::move(name);
  core::KeyspaceConfig& config = keyspace.config;
  config.bytes_max = faults.small_memory ? dice.between(48, 256) * 1024 : 64 * 1024 * 1024;
  if (!faults.big_values) config.value_bytes_max = config.bytes_max / (dice.chance(50) ? 4 : 64);
  if (faults.small_memory && dice.chance(30)) config.entries_max = dice.between(1, 20);
  if (faults.short_ttls) {
    config.ttl = dice.between(Duration::ms(30), Duration::seconds(2));
    config.ttl_jitter_percent = static_cast<uint32_t>(dice.between(0, 50));
    if (dice.chance(30)) config.ttl_max = dice.between(Duration::ms(20), Duration::seconds(3));
  }
  if (dice.chance(50)) config.negative_ttl = dice.between(Duration::ms(20), Duration::seconds(1));
  if (faults.short_timeouts) {
    config.read_timeout = dice.between(Duration::ms(100), Duration::seconds(2));
    config.write_timeout = dice.between(Duration::ms(100), Duration::seconds(2));
    config.fetch_timeout = dice.between(Duration::ms(100), Duration::seconds(2));
  }
  if (faults.tight_limits) {
    config.loads_max = static_cast<uint32_t>(dice.between(1, 4));
    config.waiters_max = static_cast<uint32_t>(dice.between(1, 5));
  }
  if (dice.chance(30)) config.eviction_policy = "lru";
  for (uint32_t node = 0; node < plan.nodes; ++node) {
    keyspace.has_source.push_back(!faults.sourceless || node == 0 || dice.chance(60));
  }
  return keyspace;
}

// From dice of their own: what else a seed is does not depend on it.
void add_mirrors(Plan& plan, uint64_t seed) {
  Dice dice(seed, 7);
  plan.faults.mirrors = dice.chance(60);
  plan.faults.lost_recalls = dice.chance(40);
  for (KeyspacePlan& keyspace : plan.keyspaces) {
    core::KeyspaceConfig& config = keyspace.config;
    config.mirror = dice.chance(50) ? core::MirrorMode::all : core::MirrorMode::hot;
    config.mirror_lease = dice.chance(50) ? dice.between(Duration::ms(10), Duration::ms(200))
                                          : dice.between(Duration::ms(200), Duration::seconds(1));
    config.mirror_percent = static_cast<uint32_t>(dice.chance(50) ? 12 : dice.between(0, 100));
  }
}

void add_partition(Plan& plan, uint64_t seed) {
  Dice dice(seed, 8);
  for (KeyspacePlan& keyspace : plan.keyspaces) {
    keyspace.may_be_bounded = dice.chance(60);
    keyspace.bounded_lease = dice.between(Duration::ms(200), Duration::ms(1'500));
  }
}

void add_conditions(Plan& plan, uint64_t seed) {
  Dice dice(seed, 10);
  plan.faults.put_ifs = dice.chance(40);
  plan.faults.refreshes = dice.chance(50);
  plan.put_if_percent = static_cast<uint32_t>(dice.between(10, 90));
  plan.refresh_percent = static_cast<uint32_t>(dice.between(1, 15));
}

}  // namespace

void Plan::set_partition(Partition partition) {
  for (KeyspacePlan& keyspace : keyspaces) {
    const bool bounded = partition == Partition::bounded ||
                         (partition == Partition::mixed && keyspace.may_be_bounded);
    if (!bounded) continue;
    faults.bounded = true;
    // Who knows one address counts on no majority of those that there are.
    faults.sparse = false;
    keyspace.config.partition = core::PartitionMode::bounded;
    keyspace.config.mirror_lease = keyspace.bounded_lease;
  }
}

void Plan::set_loaders() {
  Dice dice(seed, 10);
  loaders_percent = static_cast<uint32_t>(dice.between(20, 100));
  for (KeyspacePlan& keyspace : keyspaces) {
    const uint64_t kind = dice.below(100);
    if (kind >= 60) continue;  // sources as the seed has them
    keyspace.owners_have_no_source = true;
    faults.refreshes = false;  // which nobody could answer
    refresh_percent = 0;
    keyspace.has_source.assign(nodes, false);
    if (kind >= 30) continue;
    faults.client = true;
    keyspace.has_source.back() = true;
  }
}

Plan Plan::of(uint64_t seed, uint32_t nodes_min, uint32_t nodes_max) {
  Dice dice(seed, 1);
  Plan plan;
  plan.seed = seed;
  plan.nodes = static_cast<uint32_t>(dice.between(nodes_min, nodes_max));
  plan.mode = dice.chance(65) ? memory::Mode::tcp : memory::Mode::lossy;
  plan.faults = faults_of(dice, plan.mode);
  plan.path = path_of(dice, plan.faults, plan.mode);
  for (uint32_t node = 0; node < plan.nodes; ++node) {
    plan.node_weights.push_back(plan.faults.weights ? static_cast<uint32_t>(dice.between(1, 8))
                                                    : 1);
    plan.clock_ppm.push_back(plan.faults.clock_rates
                                 ? static_cast<int64_t>(dice.below(2 * kClockPpmMax)) - kClockPpmMax
                                 : 0);
  }
  plan.keyspaces.push_back(keyspace_of(dice, plan, "users"));
  if (dice.chance(40)) plan.keyspaces.push_back(keyspace_of(dice, plan, "items"));
  plan.keys = static_cast<uint32_t>(dice.between(1, dice.chance(50) ? 4 : 40));
  const bool zipf = dice.chance(70);
  uint64_t sum = 0;
  for (uint32_t key = 0; key < plan.keys; ++key) {
    plan.key_popularity.push_back(sum += zipf ? 1'000'000 / (key + 1) : 1'000);
  }
  plan.operation_pause = dice.between(Duration::ms(8), Duration::ms(60));
  plan.put_percent = static_cast<uint32_t>(dice.between(0, 25));
  plan.remove_percent = static_cast<uint32_t>(dice.between(1, 30));
  plan.fault_pause = dice.between(Duration::ms(500), Duration::seconds(4));
  add_mirrors(plan, seed);
  add_partition(plan, seed);
  add_conditions(plan, seed);
  return plan;
}

void Plan::make_puts_conditional() {
  faults.put_ifs = true;
  put_if_percent = 70;
}

void Plan::leave_lost_recalls() {
  calm_down(faults);
  faults.clock_stops = false;
  faults.mirrors = faults.lost_recalls = true;
  recalls_of_which_one_is_lost = 100;
  recalls_stay_lost = true;
  path.loss_ppm = path.duplicate_ppm = 0;
  keys = std::min(keys, 8U);
  key_popularity.resize(keys);
  operation_pause = Duration::ms(2);
  put_percent = 4;
  remove_percent = 6;
  for (KeyspacePlan& keyspace : keyspaces) {
    core::KeyspaceConfig& config = keyspace.config;
    config.mirror = core::MirrorMode::all;
    config.mirror_percent = 100;
    // Shorter than most leases: who waits for a holder that hears nothing is told so.
    config.write_timeout = std::min(config.write_timeout, Duration::ms(300));
  }
}

}  // namespace distcache::sim
