#include "api/observers.h"

#include <array>
#include <chrono>
#include <nlohmann/json.hpp>
#include <string>

#include "api/text.h"

namespace distcache::api {
namespace {

struct EventName {
  std::string_view name;
  int32_t kind;
};

constexpr std::array kEvents = {
    EventName{"peer_joined", DISTCACHE_EVENT_PEER_JOINED},
    EventName{"peer_left", DISTCACHE_EVENT_PEER_LEFT},
    EventName{"peer_failed", DISTCACHE_EVENT_PEER_FAILED},
    EventName{"peer_returned", DISTCACHE_EVENT_PEER_JOINED},
    EventName{"peer_updated", DISTCACHE_EVENT_PEER_UPDATED},
    EventName{"peer_suspect", DISTCACHE_EVENT_PEER_SUSPECT},
    EventName{"peer_alive", DISTCACHE_EVENT_PEER_ALIVE},
    EventName{"peer_refused", DISTCACHE_EVENT_SECURITY},
    EventName{"ready", DISTCACHE_EVENT_READY},
    EventName{"not_ready", DISTCACHE_EVENT_NOT_READY},
    EventName{"quorum_lost", DISTCACHE_EVENT_QUORUM_LOST},
    EventName{"quorum_regained", DISTCACHE_EVENT_QUORUM_REGAINED},
    EventName{"ring_changed", DISTCACHE_EVENT_RING_CHANGED},
    EventName{"source_abandoned", DISTCACHE_EVENT_SOURCE_ABANDONED},
    EventName{"keyspace_added", DISTCACHE_EVENT_KEYSPACE_ADDED},
    EventName{"keyspace_updated", DISTCACHE_EVENT_KEYSPACE_UPDATED},
    EventName{"keyspace_removed", DISTCACHE_EVENT_KEYSPACE_REMOVED},
    EventName{"security", DISTCACHE_EVENT_SECURITY},
    EventName{"dropped", DISTCACHE_EVENT_DROPPED},
    EventName{"closed", DISTCACHE_EVENT_CLOSED},
};

int64_t unix_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

std::string text_in(const nlohmann::json& object, const char* name) {
  const auto at = object.find(name);
  return at != object.end() && at->is_string() ? clean_text(at->get<std::string>()) : "";
}

}  // namespace

ObserverCallbacks::ObserverCallbacks(LogCallback log, bool to_stderr, EventCallback event)
    : to_stderr_(to_stderr), log_(std::move(log)), event_(std::move(event)) {}

engine::Observers ObserverCallbacks::observers() {
  engine::Observers observers;
  if (!to_stderr_) {
    observers.log = [self = shared_from_this()](LogLevel level, std::string_view component,
                                                std::string_view message) {
      self->on_log(level, component, message);
    };
  }
  MutexLock lock(mutex_);
  if (event_) {
    observers.event = [self = shared_from_this()](std::string_view kind, std::string_view json) {
      self->on_event(kind, json);
    };
  }
  return observers;
}

void ObserverCallbacks::end() {
  // The finalisers run when these go, and no lock is held then.
  LogCallback log;
  EventCallback event;
  MutexLock lock(mutex_);
  log.swap(log_);
  event.swap(event_);
}

void ObserverCallbacks::on_log(LogLevel level, std::string_view component,
                               std::string_view message) {
  LogCallback log;
  {
    MutexLock lock(mutex_);
    log = log_;
  }
  if (!log) return;
  const std::string where = clean_text(component);
  const std::string what = clean_text(message);
  const distcache_log_record_t record{
      sizeof(record), static_cast<int32_t>(level), unix_ms(), where.c_str(), what.c_str(), "{}"};
  (*log)(&record);
}

void ObserverCallbacks::on_event(std::string_view kind, std::string_view json) {
  EventCallback event;
  {
    MutexLock lock(mutex_);
    event = event_;
  }
  if (!event) return;
  for (const EventName& known : kEvents) {
    if (known.name != kind) continue;
    const nlohmann::json object = nlohmann::json::parse(json, nullptr, false);
    const bool whole = object.is_object();
    const std::string peer = whole ? text_in(object, "peer") : "";
    const std::string keyspace = whole ? text_in(object, "keyspace") : "";
    const uint64_t lost = whole ? object.value("lost", uint64_t{0}) : 0;
    const std::string details = json.empty() ? "{}" : clean_text(json);
    const distcache_event_t record{sizeof(record),   known.kind,      peer.c_str(),
                                   keyspace.c_str(), details.c_str(), lost};
    (*event)(&record);
  }
}

}  // namespace distcache::api
