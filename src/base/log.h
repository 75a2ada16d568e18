#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace distcache {

enum class LogLevel : int32_t { debug = 0, info = 1, warn = 2, error = 3, off = 4 };

// Where a node says what it does. Any thread; must not block and must not call the engine: the
// engine's own hands the line to its OBSERVER thread. `component` is a static word.
class Log {
 public:
  virtual ~Log() = default;
  virtual bool enabled(LogLevel level) const = 0;
  virtual void write(LogLevel level, std::string_view component, std::string message) = 0;

  void debug(std::string_view component, std::string message) {
    if (enabled(LogLevel::debug)) write(LogLevel::debug, component, std::move(message));
  }
  void info(std::string_view component, std::string message) {
    if (enabled(LogLevel::info)) write(LogLevel::info, component, std::move(message));
  }
  void warn(std::string_view component, std::string message) {
    if (enabled(LogLevel::warn)) write(LogLevel::warn, component, std::move(message));
  }
};

// Says nothing: for the simulator and tests.
class NoLog final : public Log {
 public:
  bool enabled(LogLevel) const override { return false; }
  void write(LogLevel, std::string_view, std::string) override {}
};

}  // namespace distcache
