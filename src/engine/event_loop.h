#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <thread>

#include "base/executor.h"
#include "base/mutex.h"
#include "engine/thread_role.h"

namespace distcache::engine {

// One thread that runs tasks in the order they came: the EVENT thread (completions) and the
// OBSERVER thread (logs, events) of an engine.
//
// Lifecycle: starts with the object; stop() runs what was posted before and joins. A task that
// throws is dropped. Bounded by `queue_max`: post() then answers false. With kLossless it never
// does: completions are bounded by the operations in progress, and one that comes after stop(), of
// a call that raced with close(), runs on a thread of its own.
class EventLoop final : public Executor {
 public:
  static constexpr size_t kLossless = SIZE_MAX;

  EventLoop(const char* name, ThreadRole role, size_t queue_max);
  ~EventLoop() override { stop(); }

  [[nodiscard]] bool post(std::function<void()> task) override;
  void stop();  // idempotent; not from its own thread
  bool is_this_thread() const { return std::this_thread::get_id() == thread_.get_id(); }

 private:
  void run();
  static void run_task(const std::function<void()>& task);

  const char* const name_;
  const ThreadRole role_;
  const size_t queue_max_;
  Mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_ GUARDED_BY(mutex_);
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace distcache::engine
