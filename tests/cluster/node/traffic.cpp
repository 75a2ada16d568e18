#include "node/traffic.h"

#include <algorithm>
#include <numeric>
#include <random>

namespace cluster {

Fields Traffic::start(const Fields& command) {
  stop();
  stopping_ = false;
  static_cast<void>(report({{"reset", 1}}));
  const auto count = static_cast<uint64_t>(command.number("threads", 1));
  for (uint64_t i = 0; i < count; ++i) {
    Thread& thread = *threads_.emplace_back(std::make_unique<Thread>());
    thread.thread = std::thread([this, &thread, i, command] { run(thread, i, command); });
  }
  return {{"status", "OK"}};
}

void Traffic::run(Thread& self, uint64_t seed, const Fields& command) {
  Fields failure;
  const auto keyspace = engine_.keyspace(command, failure);
  if (!keyspace) return failed("", DISTCACHE_NO_KEYSPACE, failure.text("text"));
  const RunDelay delay;
  std::mt19937_64 random(seed);
  std::vector<size_t> order(static_cast<size_t>(command.number("count", 1)));
  std::iota(order.begin(), order.end(), static_cast<size_t>(command.number("first")));
  const auto writes = static_cast<uint64_t>(command.number("writes"));
  const int64_t rate = command.number("rate");
  const std::chrono::nanoseconds pause(rate == 0 ? 0 : 1'000'000'000 / rate);
  auto due = Clock::now();
  while (!stopping_) {
    std::shuffle(order.begin(), order.end(), random);
    for (const size_t number : order) {
      if (stopping_) return;
      const uint64_t dice = writes == 0 ? 2 : random() % writes;
      const Kind kind = dice == 0 ? Kind::put : dice == 1 ? Kind::remove : Kind::get;
      call(kind, keyspace.get(), Ledger::key(number), command.number("timeout", 5000), delay);
      if (rate == 0) continue;
      due = std::max(due + pause, Clock::now());  // a late one is not made up for
      std::this_thread::sleep_until(due);
    }
    ++self.passes;
  }
}

void Traffic::call(Kind kind, distcache_keyspace_t* keyspace, const std::string& key,
                   int64_t timeout_ms, const RunDelay& delay) {
  distcache_options_t options = DISTCACHE_OPTIONS_INIT;
  options.timeout_ms = timeout_ms;
  Owned<distcache_result_t> result;
  Owned<distcache_error_t> error;
  const std::string value = "put/" + key + "/0";
  const Lateness lateness(watchdog_, delay);
  distcache_status_t status = DISTCACHE_OK;
  if (kind == Kind::get) {
    status = distcache_get(keyspace, bytes_of(key), key.size(), &options, Out(result), Out(error));
  } else if (kind == Kind::put) {
    status = distcache_put(keyspace, bytes_of(key), key.size(), bytes_of(value), value.size(),
                           &options, Out(error));
  } else {
    status = distcache_delete(keyspace, bytes_of(key), key.size(), &options, Out(error));
  }
  const int64_t took_ms = lateness.took_ms();
  ++calls_;
  if (took_ms > timeout_ms) {
    const int64_t late_ms = lateness.late_ms(timeout_ms);
    const std::lock_guard lock(mutex_);
    late_ms_ = std::max(late_ms_, late_ms);
    longest_ms_ = std::max(longest_ms_, took_ms);
  }
  if (status != DISTCACHE_OK) {
    return failed(key, status, distcache_error_message(error.get()));
  }
  if (kind == Kind::get) check(key, result.get());
}

void Traffic::check(const std::string& key, const distcache_result_t* result) {
  const distcache_item_t* item = distcache_result_item(result, 0);
  const std::string value = text_of(item->data, item->len);
  if (value.find('/' + key + '/') == std::string::npos) {
    failed(key, DISTCACHE_INTERNAL, "wrong value: " + value);
  }
}

void Traffic::failed(const std::string& key, distcache_status_t status, const std::string& text) {
  const std::lock_guard lock(mutex_);
  if (failures_.empty()) {
    first_failure_ = key + ": " + distcache_status_name(status) + ": " + text;
  }
  ++failures_[distcache_status_name(status)];
}

Fields Traffic::await_passes(const Fields& command) {
  const auto passes = static_cast<uint64_t>(command.number("passes", 1));
  std::vector<uint64_t> until;
  // The pass that is running now began too early to count.
  for (const auto& thread : threads_) until.push_back(thread->passes + passes + 1);
  const bool there = eventually(Milliseconds(command.number("within", 60'000)), [&] {
    for (size_t i = 0; i < threads_.size(); ++i) {
      if (threads_[i]->passes < until[i]) return false;
    }
    return true;
  });
  Fields answer = report(command);
  if (!there) answer.set({"status", "TIMED_OUT"});
  return answer;
}

Fields Traffic::report(const Fields& command) {
  const std::lock_guard lock(mutex_);
  uint64_t all = 0;
  Fields answer{{"status", "OK"},
                {"calls", calls_.load()},
                {"failure", first_failure_},
                {"longest", longest_ms_},
                {"late", late_ms_}};
  for (const auto& [status, count] : failures_) {
    answer.set({"failures." + status, count});
    all += count;
  }
  answer.set({"failures", all});
  if (command.number("reset") == 0) return answer;
  calls_ = 0;
  failures_.clear();
  first_failure_.clear();
  longest_ms_ = late_ms_ = 0;
  return answer;
}

Fields Traffic::stalls(const Fields& command) {
  Fields answer{{"status", "OK"}};
  std::vector<std::string> lines;
  for (const Stall& stall : watchdog_.stalls_since(command.number("since"))) {
    lines.push_back(std::to_string(stall.begin_ns) + ' ' + std::to_string(stall.end_ns));
  }
  answer.set_list("stalls", lines);
  return answer;
}

Fields Traffic::stop() {
  stopping_ = true;
  for (const auto& thread : threads_) thread->thread.join();
  threads_.clear();
  return report({});
}

}  // namespace cluster
