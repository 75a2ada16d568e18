#include "loads.h"

#include <cstdlib>

#include "judge.h"
#include "loaders.h"

namespace distcache::sim {

std::string key_text(KeyId key) { return "key-" + std::to_string(key.key); }

Duration served_for(const core::KeyspaceConfig& config, Duration ttl) {
  if (ttl.is_zero()) ttl = config.ttl;
  if (ttl.is_zero()) ttl = Duration::max();
  if (!config.ttl_max.is_zero()) ttl = std::min(ttl, config.ttl_max);
  return ttl;
}

size_t value_size(Dice& dice, const Plan& plan, KeyId key) {
  const size_t value_max = plan.keyspaces[key.keyspace].config.value_bytes_max;
  size_t size = dice.between(ValueTag::kBytes, dice.chance(85) ? 300 : 20'000);
  if (plan.faults.big_values && dice.chance(3)) size = dice.between(900'000, 3'000'000);
  // Only the first key's source is out of bounds.
  const bool over = plan.faults.oversize && key.key == 0 && dice.chance(20);
  if (over && value_max <= 64 * 1024) return value_max + dice.between(1, 5'000);
  return std::max<size_t>(std::min(size, value_max), ValueTag::kBytes);
}

KeyId Loads::key_of(const Plan& plan, const engine::Fetch& fetch) {
  KeyId key;
  while (plan.keyspaces[key.keyspace].name != fetch.keyspace()) ++key.keyspace;
  key.key = static_cast<uint32_t>(std::strtoul(fetch.key().c_str() + 4, nullptr, 10));
  return key;
}

void Loads::begin(Process& process, engine::FetchPtr fetch) {
  const KeyId key = key_of(world_.plan, *fetch);
  Load& load = world_.history.add_load(key);
  load.process = process.number();
  load.deadline = fetch->deadline();
  const Duration fetch_timeout = world_.plan.keyspaces[key.keyspace].config.fetch_timeout;
  const Duration waited = process.clock().now() - (load.deadline - fetch_timeout);
  load.asked = world_.clock.now() - waited;
  grant(process, *fetch, load);
  world_.report.count("load", "began");
  world_.report.mix(load.id);
  world_.report.tell("process %u loads %s (load %lu)", process.number(), key_text(key).c_str(),
                     load.id);
  judge_.load_began(load);

  const Faults& faults = world_.plan.faults;
  if (!healthy_ && faults.careless_source && dice_.chance(3)) {
    // Dropped: the last reference goes, and the fetch answers for itself.
    process.after(delay(), [this, &load, fetch] {
      load.answered = world_.history.moment();
      load.answer = Load::Answer::failure;
    });
    world_.report.count("load", "dropped");
    return;
  }
  if (!healthy_ && faults.hung_source && dice_.chance(4)) {
    world_.report.count("load", "hung");
    if (dice_.chance(50)) {
      hung_.push_back(fetch);
    } else {  // comes back, mostly when nobody waits for it any more
      const Duration pause = dice_.between(Duration::seconds(1), Duration::seconds(8));
      read_and_answer(process, load, std::move(fetch), pause, Duration());
    }
    return;
  }
  const Duration first = delay() / 2;
  read_and_answer(process, load, std::move(fetch), first, delay() / 2);
}

// A caller's load may be one of several of its flight, and that have begun as long ago as a source
// may take. Where nothing gets lost the first of them began when the flight did.
void Loads::grant(const Process& process, const engine::Fetch& fetch, Load& load) {
  const auto loader = std::dynamic_pointer_cast<CallLoader>(fetch.loader());
  if (loader && !loader->first_run()) {
    world_.report.violate("I6", text("load %lu: the loader of a call is run twice", load.id));
  }
  const std::vector<core::Ancestor> ancestors = fetch.ancestors();
  const bool asked_by_owner = !ancestors.empty() && ancestors.front().member != process.member();
  load.granted = loader || asked_by_owner;
  if (!load.granted) return;
  world_.report.count("load", loader ? "of a get_with" : "of a member with a source");
  const Instant now = world_.clock.now();
  const Duration fetch_timeout = world_.plan.keyspaces[load.key.keyspace].config.fetch_timeout;
  load.lease_until = now + fetch_timeout / 2;
  if (loader) load.lease_until = std::min(load.lease_until, loader->deadline());
  const Faults& faults = world_.plan.faults;
  load.asked = now - fetch_timeout;
  if (!faults.calm() || faults.short_timeouts || faults.cancels) return;
  load.asked = now - world_.plan.way();
  for (const Load* other : world_.history.of(load.key).loads) {
    if (other->granted && other->began.at + fetch_timeout >= now) {
      load.asked = std::min(load.asked, other->asked);
    }
  }
}

// The database reads at some moment between the beginning and the end.
void Loads::read_and_answer(Process& process, Load& load, engine::FetchPtr fetch, Duration first,
                            Duration rest) {
  process.after(first, [this, &process, &load, fetch = std::move(fetch), rest] {
    const Register::Content& now = world_.history.of(load.key).source.contents.back();
    process.after(rest, [this, &process, &load, fetch, content = now.id, absent = now.absent] {
      answer(process, load, fetch, content, absent);
    });
  });
}

Duration Loads::delay() {
  if (!healthy_ && world_.plan.faults.slow_source && dice_.chance(10)) {
    return dice_.between(Duration::ms(100), Duration::seconds(3));
  }
  return dice_.between(Duration::us(100), Duration::ms(20));
}

void Loads::answer(Process& process, Load& load, const engine::FetchPtr& fetch, uint64_t content,
                   bool absent) {
  const Faults& faults = world_.plan.faults;
  const core::KeyspaceConfig& config = world_.plan.keyspaces[load.key.keyspace].config;
  core::LoadAnswer answer;
  load.answered = world_.history.moment();
  if (fetch->overdue()) world_.report.count("load", "answered late");
  if (!healthy_ && faults.failing_source && dice_.chance(10)) {
    load.answer = Load::Answer::failure;
    answer.status = Status::source_failed;
    answer.retriable = dice_.chance(50);
    answer.message = "the database said no";
  } else if (absent) {
    load.answer = Load::Answer::not_found;
    load.ttl = config.negative_ttl;
    answer.status = Status::not_found;
  } else {
    load.answer = Load::Answer::value;
    if (faults.short_ttls && dice_.chance(30)) {
      answer.ttl = dice_.between(Duration::ms(20), Duration::seconds(2));
    }
    load.ttl = served_for(config, answer.ttl);
    load.kept = !(faults.careless_source && !healthy_ && dice_.chance(5));
    answer.do_not_store = !load.kept;
    answer.status = Status::ok;
    answer.value = make_value({ValueTag::Kind::load, load.key, load.id, content},
                              value_size(dice_, world_.plan, load.key), process.allocator());
  }
  static constexpr const char* kNames[] = {"none", "value", "not found", "failed"};
  world_.report.count("load", kNames[static_cast<size_t>(load.answer)]);
  world_.report.mix(load.id << 2 | static_cast<uint64_t>(load.answer));
  world_.report.tell("load %lu of %s answers: %s, content %lu", load.id, key_text(load.key).c_str(),
                     kNames[static_cast<size_t>(load.answer)], content);
  fetch->answer(std::move(answer));
  if (faults.careless_source && dice_.chance(5)) answer_again(process, load, fetch);
}

// A second answer has no effect. Its value names a load that never was.
void Loads::answer_again(Process& process, const Load& load, const engine::FetchPtr& fetch) {
  world_.report.count("load", "answered twice");
  core::LoadAnswer answer;
  answer.status = Status::ok;
  answer.value = make_value({ValueTag::Kind::load, load.key, UINT64_MAX / 2, 0}, ValueTag::kBytes,
                            process.allocator());
  if (fetch->answer(std::move(answer))) world_.report.violate("I1", "a load took a second answer");
}

void Loads::process_ended(uint32_t process) {
  for (Load& load : world_.history.loads()) {
    if (load.process == process && load.answered.order == UINT64_MAX) load.process_died = true;
  }
}

}  // namespace distcache::sim
