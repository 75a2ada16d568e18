#include "calls.h"

#include "loaders.h"
#include "loads.h"

namespace distcache::sim {
namespace {

constexpr Duration kGrace = Duration::ms(100);  // P6

std::vector<std::string> texts_of(const std::vector<KeyId>& keys) {
  std::vector<std::string> texts;
  for (const KeyId key : keys) texts.push_back(key_text(key));
  return texts;
}

}  // namespace

std::vector<core::Key> Calls::keys_of(const std::vector<std::string>& texts) {
  std::vector<core::Key> keys;
  for (const std::string& text : texts) keys.push_back(core::Key::of(text));
  return keys;
}

Calls::Made& Calls::make(Process& process, Call::Kind kind, const std::vector<KeyId>& keys,
                         Duration timeout, Then then) {
  Made& made = *calls_.emplace_back(std::make_unique<Made>());
  const core::KeyspaceConfig& config = world_.plan.keyspaces[keys.front().keyspace].config;
  const bool writes = kind == Call::Kind::put || kind == Call::Kind::remove;
  const bool refreshes = kind == Call::Kind::refresh;
  made.call.kind = kind;
  made.call.id = calls_.size();
  made.call.process = process.number();
  made.call.keys = keys;
  made.call.timeout = !timeout.is_zero() ? timeout
                      : writes           ? config.write_timeout
                                         : config.read_timeout;
  made.call.all_is_well = all_is_well_;
  made.then = std::move(then);
  if (writes || refreshes) {
    for (const KeyId key : keys) {
      // A put needs something to put.
      const bool absent = kind == Call::Kind::remove && dice_.chance(20);
      if (writes) world_.history.change(key, absent);
      Write& write = world_.history.add_write(key);
      write.process = process.number();
      write.is_put = kind == Call::Kind::put;
      write.is_refresh = refreshes;
      made.call.writes.push_back(&write);
    }
  }
  made.call.began = world_.history.moment();
  world_.report.tell("process %u: call %lu on %s of '%s' and %zu more", process.number(),
                     made.call.id, key_text(keys.front()).c_str(),
                     world_.plan.keyspaces[keys.front().keyspace].name.c_str(), keys.size() - 1);
  return made;
}

engine::OperationOptions Calls::options_of(const Made& made) const {
  engine::OperationOptions options;
  options.timeout = made.call.timeout;
  options.trace.traceparent = text("process-%u-call-%lu", made.call.process, made.call.id);
  return options;
}

std::shared_ptr<engine::Pending> Calls::wait_for(Process& process, Made& made) {
  auto pending = std::make_shared<engine::Pending>(
      made.call.keys.size(),
      [this, &made](const engine::Pending::Outcomes& outcomes) { done(made, outcomes); },
      &process.events());
  made.pending = pending;
  return pending;
}

void Calls::get(Process& process, const std::vector<KeyId>& keys, Duration timeout, Then then) {
  Made& made = make(process, Call::Kind::get, keys, timeout, std::move(then));
  made.call.brings_loader = brings_loader(process, keys);
  const engine::KeyspacePtr& keyspace = process.keyspace(keys.front().keyspace);
  const std::vector<std::string> texts = texts_of(keys);
  if (keys.size() == 1) {
    if (auto outcome = process.node().hit(*keyspace, core::Key::of(texts.front()))) {
      return done(made, {std::move(*outcome)});
    }
  }
  const auto pending = wait_for(process, made);
  if (made.call.brings_loader) {
    auto loader =
        std::make_shared<CallLoader>(made.call.began.at + made.call.timeout, loaders_alive_);
    process.node().get_with(keyspace, core::Key::of(texts.front()), std::move(loader),
                            options_of(made), *pending);
  } else {
    process.node().get(keyspace, keys_of(texts), options_of(made), *pending);
  }
  process.check_bytes();
  maybe_cancel(process, made);
}

// When all is well every reader must get a value, and where no owner has a source that takes one.
bool Calls::brings_loader(const Process& process, const std::vector<KeyId>& keys) {
  if (world_.plan.loaders_percent == 0 || keys.size() > 1) return false;
  const uint32_t keyspace = keys.front().keyspace;
  const bool must = all_is_well_ && world_.plan.keyspaces[keyspace].owners_have_no_source;
  return (must && !process.has_source(keyspace)) || loaders_.chance(world_.plan.loaders_percent);
}

void Calls::peek(Process& process, KeyId key) {
  Made& made = make(process, Call::Kind::peek, {key}, {}, nullptr);
  const std::string text = key_text(key);
  done(made, {process.node().peek(*process.keyspace(key.keyspace), core::Key::of(text))});
}

void Calls::put(Process& process, const std::vector<KeyId>& keys, Duration timeout, Then then) {
  Made& made = make(process, Call::Kind::put, keys, timeout, std::move(then));
  const core::KeyspaceConfig& config = world_.plan.keyspaces[keys.front().keyspace].config;
  const std::vector<std::string> texts = texts_of(keys);
  std::vector<engine::PutItem> items;
  for (size_t i = 0; i < keys.size(); ++i) {
    Write& write = *made.call.writes[i];
    engine::PutItem item;
    item.key = core::Key::of(texts[i]);
    if (world_.plan.faults.short_ttls && dice_.chance(40)) {
      item.ttl = dice_.between(Duration::ms(20), Duration::seconds(2));
    }
    write.ttl = served_for(config, item.ttl);
    const uint64_t content = world_.history.of(keys[i]).source.contents.back().id;
    item.value = make_value({ValueTag::Kind::put, keys[i], write.id, content},
                            value_size(dice_, world_.plan, keys[i]), process.allocator());
    maybe_conditional(process, item, write);
    items.push_back(std::move(item));
  }
  const auto pending = wait_for(process, made);
  process.node().put(process.keyspace(keys.front().keyspace), std::move(items), options_of(made),
                     *pending);
  process.check_bytes();
}

void Calls::maybe_conditional(const Process& process, engine::PutItem& item, Write& write) {
  if (!world_.plan.faults.put_ifs || !conditions_.chance(world_.plan.put_if_percent)) return;
  write.is_conditional = true;
  write.expected = seen_[{process.number(), write.key}];
  item.expected = write.expected;
}

void Calls::remember(const Call& call, const engine::Pending::Outcomes& outcomes) {
  if (!world_.plan.faults.put_ifs || call.kind == Call::Kind::remove) return;
  for (size_t i = 0; i < outcomes.size(); ++i) {
    const Status status = outcomes[i].status;
    const bool tells = status == Status::ok || status == Status::version_mismatch;
    if (tells) seen_[{call.process, call.keys[i]}] = outcomes[i].version;
  }
}

void Calls::remove(Process& process, const std::vector<KeyId>& keys, Duration timeout, Then then) {
  Made& made = make(process, Call::Kind::remove, keys, timeout, std::move(then));
  const std::vector<std::string> texts = texts_of(keys);
  const auto pending = wait_for(process, made);
  process.node().remove(process.keyspace(keys.front().keyspace), keys_of(texts), options_of(made),
                        *pending);
}

void Calls::refresh(Process& process, KeyId key, Duration timeout, Then then) {
  Made& made = make(process, Call::Kind::refresh, {key}, timeout, std::move(then));
  const std::string text = key_text(key);
  const auto pending = wait_for(process, made);
  process.node().refresh(process.keyspace(key.keyspace), core::Key::of(text), options_of(made),
                         *pending);
  process.check_bytes();
}

void Calls::maybe_cancel(Process& process, Made& made) {
  if (!world_.plan.faults.cancels || all_is_well_ || !dice_.chance(5)) return;
  process.after(dice_.between(Duration(), Duration::ms(30)), [this, &made] {
    const auto pending = made.pending.lock();
    if (!pending || made.call.done) return;
    made.call.cancelled = true;
    world_.report.count("fault", "a call cancelled");
    pending->finish(core::Outcome::failure(Status::cancelled, "cancelled"));
  });
}

void Calls::done(Made& made, const engine::Pending::Outcomes& outcomes) {
  Call& call = made.call;
  const Process& process = cluster_.process(call.process);
  if (call.done) return world_.report.violate("I1", text("call %lu completes twice", call.id));
  if (outcomes.size() != call.keys.size()) {
    return world_.report.violate("I1", text("call %lu has %zu answers for %zu keys", call.id,
                                            outcomes.size(), call.keys.size()));
  }
  call.done = true;
  const Instant now = process.clock().now();
  const Instant deadline = process.clock().at(call.began.at) + call.timeout;
  if (now > std::max(deadline, process.resumed_at()) + kGrace + process.slowness() &&
      !process.was_killed()) {
    world_.report.violate("I1", text("call %lu ends %.3f ms after its deadline", call.id,
                                     static_cast<double>((now - deadline).as_us()) / 1000));
  }
  const uint32_t keyspace = call.keys.front().keyspace;
  const Instant began = process.clock().at(call.began.at);
  const Duration lease = world_.plan.keyspaces[keyspace].config.mirror_lease;
  Caller caller{process.was_killed(), process.is_leaving(),
                process.has_source(keyspace) || call.brings_loader};
  if (process.alive()) {
    caller.confirmed = process.confirmed(keyspace, began);
    caller.lately = process.confirmed(keyspace, began - lease);
  }
  for (size_t i = 0; i < outcomes.size(); ++i) judge_.item_done(call, i, caller, outcomes[i]);
  remember(call, outcomes);
  if (const Then then = std::exchange(made.then, nullptr)) then(call, outcomes);
}

void Calls::check_all_done() {
  if (*loaders_alive_ > 0) {
    world_.report.violate("I9", text("%lu loaders of calls are left behind", *loaders_alive_));
  }
  for (const std::unique_ptr<Made>& made : calls_) {
    if (!made->call.done) {
      world_.report.violate("I1", text("call %lu never completes", made->call.id));
    } else if (!made->pending.expired()) {
      world_.report.violate("I9", text("call %lu is still waited for", made->call.id));
    }
  }
}

}  // namespace distcache::sim
