#include "conditions.h"

#include <algorithm>

#include "loads.h"

namespace distcache::sim {

void Conditions::seen(KeyId key, const core::Outcome& outcome) {
  if (outcome.status != Status::ok || outcome.version == core::Version{}) return;
  const std::optional<ValueTag> tag = read_value(outcome.value.view());
  if (!tag) return;
  if (tag->kind == ValueTag::Kind::put) {
    const Write* put = history_.write(tag->id);
    // When it was made is known once it is OK: else it may come to the owner when its caller has
    // been told that nobody knows.
    const Moment ended = put != nullptr && put->is_settled() ? put->returned : Moment();
    if (put) made_[{key, outcome.version}] = {put->invoked, ended, put};
  } else if (const Load* load = history_.load(tag->id)) {
    made_[{key, outcome.version}] = {load->began, load->answered, nullptr};
  }
}

void Conditions::done(const Write& write, const core::Outcome& outcome) {
  if (write.is_put && write.is_settled()) {
    made_[{write.key, outcome.version}] = {write.invoked, write.returned, &write};
  }
  if (!write.is_conditional || write.caller_died) return;
  report_.count("put_if", status_name(write.status));
  if (write.is_settled()) one_is_done(write);
  if (write.status == Status::version_mismatch) is_replaced(write, outcome);
}

// Of those that name one version one is done, whatever goes wrong: only one process can have it.
// Absence may come again.
void Conditions::one_is_done(const Write& write) {
  if (write.expected == core::Version{}) return;
  for (const Write* other : history_.of(write.key).writes) {
    if (other == &write || !other->is_conditional || !other->is_settled()) continue;
    if (other->expected != write.expected) continue;
    report_.violate("I11", text("%s: puts %lu and %lu are OK over one version",
                                key_text(write.key).c_str(), other->id, write.id));
  }
  if (const Made* expected = made(write)) is_not_replaced(write, *expected);
}

const Conditions::Made* Conditions::made(const Write& write) const {
  const auto made = made_.find({write.key, write.expected});
  return made == made_.end() ? nullptr : &made->second;
}

// A write that lies between what made the version and the put_if has replaced it.
void Conditions::is_not_replaced(const Write& write, const Made& expected) {
  if (!plan_.faults.calm()) return;
  report_.count("put_if", "over a version that is known");
  for (const Write* other : history_.of(write.key).writes) {
    if (!other->is_settled() || !expected.ended.before(other->invoked)) continue;
    if (!other->returned.before(write.invoked)) continue;
    report_.violate("I11", text("%s: put %lu is OK over a version that %s %lu has replaced before",
                                key_text(write.key).c_str(), write.id, other->what(), other->id));
  }
}

// Nothing ends, and nothing is put out for want of room. Where a majority has to confirm the owner
// it does so in time, unless what it says is slow.
bool Conditions::nothing_goes(KeyId key) const {
  const Faults& faults = plan_.faults;
  const bool is_slow = faults.slow_paths || faults.lags;
  if (plan_.keyspaces[key.keyspace].config.partition == core::PartitionMode::bounded && is_slow) {
    return false;
  }
  return faults.calm() && !faults.small_memory && !faults.short_ttls && !faults.oversize &&
         !faults.careless_source && !faults.big_values;
}

// A mismatch is true: it names another version, and something has replaced the expected one.
void Conditions::is_replaced(const Write& write, const core::Outcome& outcome) {
  if (outcome.version == write.expected) {
    report_.violate("I11", text("%s: put %lu is refused for the version that it names",
                                key_text(write.key).c_str(), write.id));
  }
  const Made* expected = made(write);
  if (!nothing_goes(write.key) || expected == nullptr) return;
  report_.count("put_if", "refused over a version that is known");
  const auto& writes = history_.of(write.key).writes;
  const bool replaced = std::any_of(writes.begin(), writes.end(), [&](const Write* other) {
    return other != &write && other != expected->put && other->may_be_applied() &&
           !other->returned.before(expected->began);
  });
  if (replaced) return;
  report_.violate("I11", text("%s: put %lu is refused, and nothing has replaced the version",
                              key_text(write.key).c_str(), write.id));
}

}  // namespace distcache::sim
