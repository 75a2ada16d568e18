#pragma once

#include <functional>

namespace distcache {

// Runs tasks somewhere else: never inside the call that posts them. Any thread may post. The engine
// uses one for completions (EVENT threads) and one for logs and events (the OBSERVER thread); the
// simulator puts a queue in their place that it empties on its own virtual time.
class Executor {
 public:
  virtual ~Executor() = default;
  // False when the executor has been stopped or its queue is full: the task was not taken.
  [[nodiscard]] virtual bool post(std::function<void()> task) = 0;
};

}  // namespace distcache
