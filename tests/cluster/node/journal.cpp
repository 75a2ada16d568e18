#include "node/journal.h"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "common/deadline.h"
#include "common/json.h"
#include "common/pattern.h"

namespace cluster {
namespace {

bool changes_members(int32_t kind) {
  return kind == DISTCACHE_EVENT_PEER_JOINED || kind == DISTCACHE_EVENT_PEER_LEFT ||
         kind == DISTCACHE_EVENT_PEER_FAILED;
}

}  // namespace

std::string peer_event_name(int32_t kind) {
  switch (kind) {
    case DISTCACHE_EVENT_PEER_JOINED:
      return "joined";
    case DISTCACHE_EVENT_PEER_LEFT:
      return "left";
    case DISTCACHE_EVENT_PEER_FAILED:
      return "failed";
    case DISTCACHE_EVENT_PEER_UPDATED:
      return "updated";
    case DISTCACHE_EVENT_PEER_SUSPECT:
      return "suspect";
    case DISTCACHE_EVENT_PEER_ALIVE:
      return "alive";
    default:
      return "";
  }
}

void Journal::attach(distcache_config_t* config) {
  distcache_config_on_event(config, entry, reinterpret_cast<uintptr_t>(this), nullptr, nullptr);
}

void Journal::entry(uintptr_t context, const distcache_event_t* event) {
  auto& self = *reinterpret_cast<Journal*>(context);
  Event seen{ns_of(Clock::now()), event->kind, event->peer, event->keyspace, {}};
  if (event->kind == DISTCACHE_EVENT_RING_CHANGED)
    seen.ring_id = json_value(event->json, "ring_id");
  self.record(seen, *event);
  const std::lock_guard lock(self.mutex_);
  self.events_.push_back(std::move(seen));
}

void Journal::record(const Event& event, const distcache_event_t& told) {
  const auto status = static_cast<uint8_t>(event.kind);
  if (event.kind == DISTCACHE_EVENT_RING_CHANGED) {
    const uint64_t id = std::strtoull(event.ring_id.c_str(), nullptr, 16);
    const std::string members = json_value(told.json, "members");
    recorder_.note(Record::Act::ring, id,
                   static_cast<uint32_t>(std::strtoul(members.c_str(), nullptr, 10)), status,
                   event.at_ns, event.at_ns);
  } else if (!peer_event_name(event.kind).empty()) {
    recorder_.note(Record::Act::peer, fingerprint(event.peer), 0, status, event.at_ns, event.at_ns);
  }
}

size_t Journal::size() const {
  const std::lock_guard lock(mutex_);
  return events_.size();
}

Fields Journal::events(const Fields& command) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> lines;
  for (auto i = static_cast<size_t>(command.number("from")); i < events_.size(); ++i) {
    const std::string kind = peer_event_name(events_[i].kind);
    if (kind.empty()) continue;
    lines.push_back(std::to_string(events_[i].at_ns) + ' ' + kind + ' ' + events_[i].peer);
  }
  Fields answer{{"status", "OK"}, {"size", events_.size()}};
  answer.set_list("events", lines);
  return answer;
}

Journal::Change Journal::last_change(const std::string& keyspace) const {
  const std::lock_guard lock(mutex_);
  Change change;
  for (const Event& event : events_) {
    const bool ring = event.kind == DISTCACHE_EVENT_RING_CHANGED && event.keyspace == keyspace;
    if (ring) change.ring_id = event.ring_id;
    if (ring || changes_members(event.kind)) change.at_ns = event.at_ns;
  }
  return change;
}

}  // namespace cluster
