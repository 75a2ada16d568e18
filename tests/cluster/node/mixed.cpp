#include "node/mixed.h"

#include "common/ledger.h"
#include "common/versioned.h"

namespace cluster {
namespace {

constexpr uint32_t kHotKeys = 4;
constexpr int64_t kReadBackPercent = 50;  // of the writes
constexpr int64_t kRefreshPercent = 2;    // of all
constexpr int64_t kPutIfPercent = 40;     // of the puts

// Zero of absence, and hardly the same of two versions.
uint64_t fingerprint(const distcache_entry_version_t& version) {
  constexpr uint64_t kOdd = 0x9E3779B97F4A7C15;
  return ((version.epoch * kOdd ^ version.owner) * kOdd ^ version.counter) * kOdd;
}

distcache_options_t options_of(int64_t timeout_ms) {
  distcache_options_t options = DISTCACHE_OPTIONS_INIT;
  options.timeout_ms = timeout_ms;
  return options;
}

}  // namespace

Fields Mixed::start(const Fields& command) {
  stop();
  stopping_ = false;
  watchdog_ = std::make_unique<Watchdog>([this](const Stall& stall) {
    engine_.recorder().note(Record::Act::stall, 0, 0, 0, stall.begin_ns, stall.end_ns);
  });
  for (int64_t i = 0; i < command.number("threads", 1); ++i) {
    const auto seed = static_cast<uint64_t>(command.number("seed") * 100 + i);
    threads_.emplace_back([this, seed, command] { run(seed, command); });
  }
  return {{"status", engine_.recorder().is_on() ? "OK" : "NO_RECORDER"}};
}

Fields Mixed::stop() {
  stopping_ = true;
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  watchdog_.reset();
  return {{"status", "OK"}};
}

void Mixed::run(uint64_t seed, const Fields& command) {
  Fields failure;
  const auto keyspace = engine_.keyspace(command, failure);
  if (!keyspace) return;
  const Plan plan{static_cast<uint32_t>(command.number("count", 1)),
                  command.number("rate", 100),
                  command.number("writes", 10),
                  command.number("timeout", 2'000),
                  command.number("write_timeout", 2'000),
                  keyspace.get()};
  const RunDelay delay;
  std::mt19937_64 random(seed);
  const std::chrono::nanoseconds pause(1'000'000'000 / plan.rate);
  auto due = Clock::now();
  while (!stopping_) {
    // Some are hot: several calls of theirs are under way at a time.
    const bool hot = random() % 4 == 0;
    const auto key =
        static_cast<uint32_t>(random() % (hot ? std::min(kHotKeys, plan.keys) : plan.keys));
    const auto percent = [&random] { return static_cast<int64_t>(random() % 100); };
    if (percent() < kRefreshPercent) {
      refresh(plan, key, delay);
      if (percent() < kReadBackPercent) get(plan, key, delay);
    } else if (percent() >= plan.writes_percent) {
      get(plan, key, delay);
    } else {
      const bool puts = random() % 2 == 0;
      const bool conditional = puts && percent() < kPutIfPercent;
      distcache_entry_version_t seen{};
      if (conditional) seen = get(plan, key, delay);
      write(plan, key, puts ? Record::Act::put : Record::Act::remove, conditional ? &seen : nullptr,
            delay);
      if (percent() < kReadBackPercent) get(plan, key, delay);
    }
    due = std::max(due + pause, Clock::now());  // a late one is not made up for
    std::this_thread::sleep_until(due);
  }
}

distcache_entry_version_t Mixed::get(const Plan& plan, uint32_t key, const RunDelay& delay) {
  const distcache_options_t options = options_of(plan.timeout_ms);
  const std::string name = Ledger::key(key);
  Owned<distcache_result_t> result;
  Record& record = engine_.recorder().begin(Record::Act::get, key);
  const Lateness lateness(*watchdog_, delay);
  const distcache_status_t status =
      distcache_get(plan.keyspace, bytes_of(name), name.size(), &options, Out(result), nullptr);
  const int64_t end_ns = ns_of(Clock::now());
  record.late_ms = static_cast<int32_t>(lateness.late_ms(plan.timeout_ms));
  record.status = static_cast<uint8_t>(status);
  distcache_entry_version_t version{};
  if (status == DISTCACHE_OK) {
    const distcache_item_t* item = distcache_result_item(result.get(), 0);
    version = item->version;
    const auto value = read_value(text_of(item->data, item->len));
    if (!value || value->key != key) {
      record.flags = Record::broken;
    } else {
      record.version = value->version;
      record.flags = value->from_put ? Record::from_put : 0;
      if (item->origin == DISTCACHE_ORIGIN_MIRROR) record.flags |= Record::mirror;
    }
  }
  record.end_ns = end_ns;
  return version;
}

void Mixed::refresh(const Plan& plan, uint32_t key, const RunDelay& delay) {
  const distcache_options_t options = options_of(plan.timeout_ms);
  const std::string name = Ledger::key(key);
  Owned<distcache_result_t> result;
  Owned<distcache_error_t> error;
  Record& record = engine_.recorder().begin(Record::Act::refresh, key);
  record.version = engine_.recorder().truth().versions[key];
  const Lateness lateness(*watchdog_, delay);
  const distcache_status_t status = distcache_refresh(plan.keyspace, bytes_of(name), name.size(),
                                                      &options, Out(result), Out(error));
  const int64_t end_ns = ns_of(Clock::now());
  record.late_ms = static_cast<int32_t>(lateness.late_ms(plan.timeout_ms));
  record.status = static_cast<uint8_t>(status);
  if (status == DISTCACHE_OK) {
    const distcache_item_t* item = distcache_result_item(result.get(), 0);
    const auto value = read_value(text_of(item->data, item->len));
    if (!value || value->key != key) {
      record.flags = Record::broken;
    } else if (value->from_put || value->version < record.version) {
      record.flags = Record::older;
    }
  }
  const bool named = distcache_error_peer(error.get(), 0) != nullptr;
  if ((status == DISTCACHE_PARTIAL) != named) record.flags = Record::unnamed;
  record.end_ns = end_ns;
}

void Mixed::write(const Plan& plan, uint32_t key, Record::Act act,
                  const distcache_entry_version_t* expected, const RunDelay& delay) {
  const distcache_options_t options = options_of(plan.write_timeout_ms);
  const std::string name = Ledger::key(key);
  Owned<distcache_error_t> error;
  Record& record = engine_.recorder().begin(act, key);
  record.version = ++engine_.recorder().truth().versions[key];
  const Lateness lateness(*watchdog_, delay);
  distcache_status_t status = DISTCACHE_OK;
  if (act == Record::Act::put) {
    const std::string value = value_of({true, key, record.version});
    if (expected != nullptr) {
      record.expected = fingerprint(*expected);
      status = distcache_put_if(plan.keyspace, bytes_of(name), name.size(), bytes_of(value),
                                value.size(), expected, &options, nullptr, Out(error));
    } else {
      status = distcache_put(plan.keyspace, bytes_of(name), name.size(), bytes_of(value),
                             value.size(), &options, Out(error));
    }
  } else {
    status = distcache_delete(plan.keyspace, bytes_of(name), name.size(), &options, Out(error));
  }
  const int64_t end_ns = ns_of(Clock::now());
  record.late_ms = static_cast<int32_t>(lateness.late_ms(plan.write_timeout_ms));
  record.status = static_cast<uint8_t>(status);
  const bool named = distcache_error_peer(error.get(), 0) != nullptr;
  if ((status == DISTCACHE_PARTIAL) != named) record.flags = Record::unnamed;
  record.end_ns = end_ns;
}

}  // namespace cluster
