#include "engine/observer.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace distcache::engine {
namespace {

const char* level_name(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warn:
      return "warn";
    case LogLevel::error:
      return "error";
    case LogLevel::off:
      break;
  }
  return "off";
}

}  // namespace

Observer::Observer(Observers observers, LogLevel level, std::string node, Executor& executor)
    : observers_(std::move(observers)),
      level_(level),
      node_(std::move(node)),
      executor_(executor) {}

void Observer::write(LogLevel level, std::string_view component, std::string message) {
  const bool taken = executor_.post([this, level, component, message = std::move(message)] {
    if (observers_.log) {
      observers_.log(level, component, message);
    } else {
      std::fprintf(stderr, "distcache level=%s node=%s component=%.*s msg=%s\n", level_name(level),
                   node_.c_str(), static_cast<int>(component.size()), component.data(),
                   json_string(message).c_str());
    }
  });
  if (!taken) dropped_.fetch_add(1, std::memory_order_relaxed);
}

void Observer::event(std::string kind, std::string json) {
  if (!observers_.event) return;
  const uint64_t lost = events_lost_.exchange(0);
  const bool taken = executor_.post(
      [this, lost, kind = std::move(kind), json = std::move(json)] { deliver(lost, kind, json); });
  if (taken) return;
  events_lost_.fetch_add(lost + 1);
  dropped_.fetch_add(1, std::memory_order_relaxed);
}

std::function<void()> Observer::last_event(std::string kind) {
  return [this, kind = std::move(kind)] {
    if (observers_.event) deliver(events_lost_.exchange(0), kind, "{}");
  };
}

void Observer::deliver(uint64_t lost, const std::string& kind, const std::string& json) const {
  if (lost > 0) observers_.event("dropped", "{\"lost\":" + std::to_string(lost) + "}");
  observers_.event(kind, json);
}

std::string json_string(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace distcache::engine
