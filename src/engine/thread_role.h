#pragma once

#include <cstdint>

#include "engine/source.h"

namespace distcache::engine {

// What the current thread is to this library: a call that waits is refused where waiting could
// never end, and loads started from inside a source are told what they descend from.
enum class ThreadRole : uint8_t { application, io, source, event, observer };

ThreadRole thread_role();
void set_thread_role(ThreadRole role);

// The load that this SOURCE thread works on at the moment; null elsewhere.
const Fetch* current_fetch();

// Marks a fetch as the current one for a scope.
class FetchScope {
 public:
  explicit FetchScope(const Fetch* fetch);
  ~FetchScope();
  FetchScope(const FetchScope&) = delete;
  FetchScope& operator=(const FetchScope&) = delete;

 private:
  const Fetch* outer_;
};

// Blocks every signal for this thread (the host owns them) and names it "dc-<name>".
void prepare_thread(const char* name, ThreadRole role);

}  // namespace distcache::engine
