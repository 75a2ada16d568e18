#pragma once

#include <memory>
#include <thread>

#include "base/executor.h"
#include "base/time.h"
#include "engine/thread_role.h"

namespace distcache::engine {

// One thread that runs tasks in the order they came: the EVENT thread (completions) and the
// OBSERVER thread (logs, events) of an engine.
//
// Lifecycle: starts with the object; end(), then join(). A task that throws is dropped. Bounded by
// `queue_max`: post() then answers false, as it does after end(). kLossless never fills up
// (completions are bounded by the operations in progress), and what was posted before end() is run
// whatever happens: if a callback hangs, by the thread that was left to itself, once it returns.
class EventLoop final : public Executor {
 public:
  static constexpr size_t kLossless = SIZE_MAX;

  // Throws std::system_error where the system has no more threads.
  EventLoop(const char* name, ThreadRole role, size_t queue_max);
  ~EventLoop() override;
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  [[nodiscard]] bool post(std::function<void()> task) override;
  void end();                                 // nothing more is taken; never waits
  void end_with(std::function<void()> last);  // but this, even where the queue is full
  // After end(), not from its own thread: waits until the tasks have run and the thread is gone.
  // False: one of them hangs. The thread is detached, and holds `kept`, what its tasks refer to,
  // until it has returned; tasks that may get lost are dropped.
  bool join(Duration timeout, std::shared_ptr<void> kept);

 private:
  struct State;
  static void run(State& state);

  // Shared with the thread, which may outlive the loop.
  const std::shared_ptr<State> state_;
  std::thread thread_;
};

}  // namespace distcache::engine
