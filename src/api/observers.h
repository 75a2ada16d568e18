#pragma once

#include <memory>

#include "api/callback.h"
#include "base/mutex.h"
#include "distcache/observe.h"
#include "engine/observer.h"

namespace distcache::api {

using LogCallback = std::shared_ptr<const Callback<distcache_log_fn>>;
using EventCallback = std::shared_ptr<const Callback<distcache_event_fn>>;

// The program's log and event callbacks, as one engine calls them: on its OBSERVER thread, until
// end(). Any thread.
class ObserverCallbacks : public std::enable_shared_from_this<ObserverCallbacks> {
 public:
  // `log` is what the program registered; where it registered nothing (`to_stderr`), the engine
  // writes to stderr, and where it registered NULL, nobody hears the log.
  ObserverCallbacks(LogCallback log, bool to_stderr, EventCallback event);

  engine::Observers observers();

  // Called by nobody any more: lets go of the program's contexts.
  void end();

 private:
  void on_log(LogLevel level, std::string_view component, std::string_view message);
  void on_event(std::string_view kind, std::string_view json);

  const bool to_stderr_;
  Mutex mutex_;
  LogCallback log_ GUARDED_BY(mutex_);
  EventCallback event_ GUARDED_BY(mutex_);
};

}  // namespace distcache::api
