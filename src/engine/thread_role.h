#pragma once

#include <cstdint>
#include <thread>
#include <utility>

#include "base/signals.h"
#include "engine/source.h"

namespace distcache::engine {

// What the current thread is to this library: a call that waits is refused where waiting could
// never end, and loads started from inside a source are told what they descend from.
enum class ThreadRole : uint8_t { application, io, source, event, observer, discovery };

ThreadRole thread_role();
void set_thread_role(ThreadRole role);

// Whether a call that waits for others can ever end on this thread. A finaliser may run on any
// thread of the library, the I/O thread too.
bool may_wait();

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

// Names this thread "dc-<name>" and gives it its role.
void prepare_thread(const char* name, ThreadRole role);

// A thread of the library, with every signal blocked (the host owns them). Throws std::system_error
// where the system has no more threads.
template <typename Body>
std::thread start_thread(const char* name, ThreadRole role, Body body) {
  const SignalsBlocked inherited;
  return std::thread([name, role, body = std::move(body)]() mutable {
    prepare_thread(name, role);
    body();
  });
}

}  // namespace distcache::engine
