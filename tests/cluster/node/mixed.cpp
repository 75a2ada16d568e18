#include "node/mixed.h"

#include <algorithm>

namespace cluster {
namespace {

constexpr uint32_t kHotKeys = 4;
constexpr int64_t kReadBackPercent = 50;  // of the writes
constexpr int64_t kRefreshPercent = 2;    // of all
constexpr int64_t kPutIfPercent = 40;     // of the puts
constexpr int64_t kManyPercent = 6;       // of the reads and writes: several keys with one call
constexpr uint32_t kManyKeys = 8;         // at most
constexpr int64_t kLaterPercent = 30;     // of all: their asynchronous form

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
  RecordedCalls calls(engine_.recorder(), *watchdog_, keyspace.get(),
                      command.number("timeout", 2'000), command.number("write_timeout", 2'000));
  Dice dice{std::mt19937_64(seed), static_cast<uint32_t>(command.number("count", 1)),
            command.number("writes", 10)};
  const std::chrono::nanoseconds pause(1'000'000'000 / command.number("rate", 100));
  auto due = Clock::now();
  while (!stopping_) {
    act(calls, dice);
    due = std::max(due + pause, Clock::now());  // a late one is not made up for
    std::this_thread::sleep_until(due);
  }
}

void Mixed::act(RecordedCalls& calls, Dice& dice) {
  const uint32_t key = dice.key();
  const bool many = dice.keys > 1 && dice.hits(kManyPercent);
  const bool reads_back = dice.hits(kReadBackPercent);
  if (dice.hits(kRefreshPercent)) {
    calls.refresh(key, dice.form());
    if (reads_back) calls.get(key, dice.form());
  } else if (!dice.hits(dice.writes_percent)) {
    many ? calls.get_many(dice.some_from(key), dice.form())
         : static_cast<void>(calls.get(key, dice.form()));
  } else if (many) {
    const RecordedCalls::Keys keys = dice.some_from(key);
    dice.hits(50) ? calls.put_many(keys, dice.form()) : calls.remove_many(keys, dice.form());
    if (reads_back) calls.get_many(keys, dice.form());
  } else {
    if (!dice.hits(50)) {
      calls.remove(key, dice.form());
    } else if (dice.hits(kPutIfPercent)) {
      calls.put_if(key, calls.get(key, dice.form()), dice.form());
    } else {
      calls.put(key, dice.form());
    }
    if (reads_back) calls.get(key, dice.form());
  }
}

// Some are hot: several calls of theirs are under way at a time.
uint32_t Mixed::Dice::key() {
  return static_cast<uint32_t>(random() % (hits(25) ? std::min(kHotKeys, keys) : keys));
}

std::vector<uint32_t> Mixed::Dice::some_from(uint32_t key) {
  std::vector<uint32_t> some(2 + random() % (std::min(kManyKeys, keys) - 1));
  for (uint32_t& one : some) one = key++ % keys;
  return some;
}

RecordedCalls::Form Mixed::Dice::form() {
  return hits(kLaterPercent) ? RecordedCalls::Form::completes_later : RecordedCalls::Form::waits;
}

}  // namespace cluster
