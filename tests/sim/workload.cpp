#include "workload.h"

#include <algorithm>

namespace distcache::sim {

std::vector<KeyId> Workload::all_keys() const {
  std::vector<KeyId> keys;
  for (uint32_t keyspace = 0; keyspace < world_.plan.keyspaces.size(); ++keyspace) {
    for (uint32_t key = 0; key < world_.plan.keys; ++key) keys.push_back({keyspace, key});
  }
  return keys;
}

void Workload::begin() {
  active_ = true;
  next();
}

void Workload::next() {
  world_.clock.after(dice_.around(world_.plan.operation_pause), [this] {
    if (!active_) return;
    one();
    next();
  });
}

void Workload::one() {
  const std::vector<Process*> processes = cluster_.that_take_calls();
  if (processes.empty()) return;
  Process& process = *dice_.pick(processes);
  if (world_.plan.faults.refreshes && refreshes_.chance(world_.plan.refresh_percent)) {
    return refresh(process);
  }
  const uint64_t kind = dice_.below(100);
  if (kind < world_.plan.put_percent + world_.plan.remove_percent) {
    write(process);
  } else if (dice_.chance(5)) {
    crowd();
  } else if (dice_.chance(5)) {
    calls_.peek(process, any_key());
  } else {
    read(process);
  }
}

KeyId Workload::any_key() {
  const std::vector<uint64_t>& popularity = world_.plan.key_popularity;
  const auto at =
      std::upper_bound(popularity.begin(), popularity.end(), dice_.below(popularity.back()));
  return {static_cast<uint32_t>(dice_.below(world_.plan.keyspaces.size())),
          static_cast<uint32_t>(at - popularity.begin())};
}

std::vector<KeyId> Workload::some_keys() {
  std::vector<KeyId> keys{any_key()};
  if (!dice_.chance(15)) return keys;
  for (uint64_t more = dice_.between(1, 6); more > 0; --more) {
    keys.push_back({keys.front().keyspace, any_key().key});
  }
  return keys;
}

Duration Workload::timeout() {
  if (!world_.plan.faults.short_timeouts || dice_.chance(50)) return {};
  return dice_.between(Duration::ms(1), Duration::seconds(1));
}

void Workload::read(Process& process) { calls_.get(process, some_keys(), timeout(), nullptr); }

// The same key at every node at once.
void Workload::crowd() {
  const KeyId key = any_key();
  for (Process* process : cluster_.that_take_calls()) {
    for (uint64_t times = dice_.between(1, 3); times > 0; --times) {
      calls_.get(*process, {key}, {}, nullptr);
    }
  }
}

void Workload::write(Process& process) {
  std::vector<KeyId> keys = some_keys();
  // One write of a key per call: their order within a call is nobody's business.
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  const auto then = [this](const Call& call, const engine::Pending::Outcomes&) {
    if (active_ && dice_.chance(60)) read_back(call.keys.front());
  };
  const uint64_t all = world_.plan.put_percent + world_.plan.remove_percent;
  if (dice_.below(all) < world_.plan.put_percent) {
    calls_.put(process, keys, timeout(), then);
  } else {
    calls_.remove(process, keys, timeout(), then);
  }
}

// Now and then several at once, which one load may follow.
void Workload::refresh(Process& process) {
  const KeyId key = any_key();
  const auto then = [this](const Call& call, const engine::Pending::Outcomes&) {
    if (active_ && refreshes_.chance(60)) read_back(call.keys.front());
  };
  calls_.refresh(process, key, timeout(), then);
  for (Process* other : cluster_.that_take_calls()) {
    if (refreshes_.chance(8)) calls_.refresh(*other, key, timeout(), then);
  }
}

// What P1 is about: reads that start when the write has just returned.
void Workload::read_back(KeyId key) {
  for (Process* process : cluster_.that_take_calls()) {
    if (dice_.chance(40)) calls_.get(*process, {key}, {}, nullptr);
  }
}

}  // namespace distcache::sim
