#include "engine/events.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace distcache::engine {
namespace {

const char* kind_of(const core::PeerEvent& event) {
  using Kind = core::PeerEvent::Kind;
  switch (event.kind) {
    case Kind::joined:
      return "peer_joined";
    case Kind::updated:
      return "peer_updated";
    case Kind::suspect:
      return "peer_suspect";
    case Kind::recovered:
      return "peer_alive";
    case Kind::returned:
      return "peer_returned";
    case Kind::left:
      return event.farewell ? "peer_left" : "peer_failed";
    case Kind::refused:
      return "peer_refused";
  }
  return "peer";
}

// Names and reasons may hold any bytes.
std::string text_of(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string hexadecimal(uint64_t number) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(number));
  return text;
}

}  // namespace

void tell_of_peer(Observer& observer, const core::PeerEvent& event) {
  const char* kind = kind_of(event);
  observer.info("membership",
                std::string(kind) + " " + event.name + (event.why.empty() ? "" : ": " + event.why));
  observer.event(
      kind,
      text_of({{"peer", event.name}, {"why", event.why}, {"incarnation", event.incarnation}}));
}

void tell_of_ring(Observer& observer, const Keyspace& keyspace, const core::View& view,
                  uint64_t epoch) {
  observer.event("ring_changed", text_of({{"keyspace", keyspace.name()},
                                          {"ring_id", hexadecimal(view.id())},
                                          {"members", view.members().size()},
                                          {"epoch", epoch}}));
}

void tell_of_keyspace(Observer& observer, const char* kind, const std::string& name) {
  observer.event(kind, text_of({{"keyspace", name}}));
}

void tell_of_state(Observer& observer, const ClusterState& before, const ClusterState& after,
                   uint32_t quorum_min) {
  const auto tell = [&](bool had, bool has, const char* lost, const char* gained) {
    if (had == has) return;
    const char* kind = has ? gained : lost;
    observer.info("membership", std::string(kind) + ", " + std::to_string(after.live) +
                                    " members live, quorum.min is " + std::to_string(quorum_min));
    observer.event(kind, text_of({{"live", after.live}, {"quorum_min", quorum_min}}));
  };
  const auto ready = [quorum_min](const ClusterState& state) {
    return state.settled && state.live >= quorum_min;
  };
  tell(before.live >= quorum_min, after.live >= quorum_min, "quorum_lost", "quorum_regained");
  tell(ready(before), ready(after), "not_ready", "ready");
}

void tell_of_abandoned(Observer& observer, size_t threads) {
  observer.event("source_abandoned", text_of({{"threads", threads}}));
}

}  // namespace distcache::engine
