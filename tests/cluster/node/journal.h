#pragma once

#include <distcache.h>

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "common/fields.h"
#include "node/recorder.h"

namespace cluster {

// The events of this node's engines, each with the time at which it came: what the harness asks
// late it learns exactly. Any thread.
class Journal {
 public:
  explicit Journal(Recorder& recorder) : recorder_(recorder) {}

  // The engine to be opened with it tells its events here; the journal has to outlive it.
  void attach(distcache_config_t* config);

  size_t size() const;
  // Those about members from the `from`-th event on: list "events" of "time kind peer".
  Fields events(const Fields& command) const;
  // When the live members or the ring of `keyspace` changed last, and to which ring.
  struct Change {
    int64_t at_ns = 0;
    std::string ring_id;
  };
  Change last_change(const std::string& keyspace) const;

 private:
  struct Event {
    int64_t at_ns;
    int32_t kind;
    std::string peer, keyspace, ring_id;
  };
  static void entry(uintptr_t context, const distcache_event_t* event);
  void record(const Event& event, const distcache_event_t& told);

  Recorder& recorder_;

  mutable std::mutex mutex_;
  std::vector<Event> events_;
};

// A name for people of one of DISTCACHE_EVENT_PEER_*; "" for other events.
std::string peer_event_name(int32_t kind);

}  // namespace cluster
