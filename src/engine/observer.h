#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>

#include "base/executor.h"
#include "base/log.h"

namespace distcache::engine {

// What an engine tells its host. Both run on the OBSERVER thread, one at a time; they may take
// their time (it delays other lines and events only). What they throw is dropped.
struct Observers {
  // Empty: warnings and errors go to stderr.
  std::function<void(LogLevel level, std::string_view component, std::string_view message)> log;
  // Empty: events are not made. `json` is an object, UTF-8.
  std::function<void(std::string_view kind, std::string_view json)> event;
};

// Hands log lines and events to the OBSERVER thread, so that no thread of the engine waits for the
// host. Any thread. Bounded by the executor's queue: what finds it full is dropped and counted, and
// the next event that does not is told after one of kind "dropped", which says how many were lost.
class Observer final : public Log {
 public:
  Observer(Observers observers, LogLevel level, std::string node, Executor& executor);

  bool enabled(LogLevel level) const override { return level >= level_; }
  void write(LogLevel level, std::string_view component, std::string message) override;
  void event(std::string kind, std::string json);
  // A task that tells of an event without details, after which there is none.
  std::function<void()> last_event(std::string kind);
  uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  void deliver(uint64_t lost, const std::string& kind, const std::string& json) const;

  const Observers observers_;
  const LogLevel level_;
  const std::string node_;
  Executor& executor_;
  std::atomic<uint64_t> dropped_{0};
  std::atomic<uint64_t> events_lost_{0};  // and not told yet
};

// A string as a JSON string, quotes included. Bytes that are not UTF-8 become U+FFFD, so that names
// of peers and keys cannot break what they are put into.
std::string json_string(std::string_view text);

}  // namespace distcache::engine
