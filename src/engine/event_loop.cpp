#include "engine/event_loop.h"

#include <condition_variable>
#include <deque>

#include "base/mutex.h"

namespace distcache::engine {
namespace {

// For one that is given up before it was ever used: nothing runs on it.
constexpr Duration kDestructorWait = Duration::seconds(1);

// A callback's exception is its own affair: it must not end the host.
void run_task(const std::function<void()>& task) {
  try {
    task();
  } catch (...) {  // NOLINT(bugprone-empty-catch): above
  }
}

}  // namespace

struct EventLoop::State {
  explicit State(size_t limit) : queue_max(limit) {}

  const size_t queue_max;
  Mutex mutex;
  std::condition_variable changed;
  std::deque<std::function<void()>> tasks GUARDED_BY(mutex);
  bool ending GUARDED_BY(mutex) = false;
  bool ended GUARDED_BY(mutex) = false;
  std::shared_ptr<void> kept GUARDED_BY(mutex);
};

EventLoop::EventLoop(const char* name, ThreadRole role, size_t queue_max)
    : state_(std::make_shared<State>(queue_max)),
      thread_(start_thread(name, role, [state = state_] { run(*state); })) {}

EventLoop::~EventLoop() {
  end();
  static_cast<void>(join(kDestructorWait, nullptr));
}

bool EventLoop::post(std::function<void()> task) {
  State& state = *state_;
  MutexLock lock(state.mutex);
  if (state.ending || state.tasks.size() >= state.queue_max) return false;
  state.tasks.push_back(std::move(task));
  state.changed.notify_all();
  return true;
}

void EventLoop::end_with(std::function<void()> last) {
  MutexLock lock(state_->mutex);
  if (!state_->ending) state_->tasks.push_back(std::move(last));
  state_->ending = true;
  state_->changed.notify_all();
}

void EventLoop::end() {
  MutexLock lock(state_->mutex);
  state_->ending = true;
  state_->changed.notify_all();
}

bool EventLoop::join(Duration timeout, std::shared_ptr<void> kept) {
  if (!thread_.joinable()) return true;
  State& state = *state_;
  const auto until = wait_end(timeout);
  std::deque<std::function<void()>> dropped;  // when no lock is held
  {
    MutexLock lock(state.mutex);
    while (!state.ended) {
      if (lock.wait_until(state.changed, until) == std::cv_status::timeout) break;
    }
    if (!state.ended) {
      state.kept = std::move(kept);
      if (state.queue_max != kLossless) dropped.swap(state.tasks);
      thread_.detach();
      return false;
    }
  }
  thread_.join();
  return true;
}

void EventLoop::run(State& state) {
  while (true) {
    std::function<void()> task;
    {
      MutexLock lock(state.mutex);
      while (state.tasks.empty() && !state.ending) lock.wait(state.changed);
      if (state.tasks.empty()) break;
      task = std::move(state.tasks.front());
      state.tasks.pop_front();
    }
    run_task(task);
  }
  std::shared_ptr<void> kept;
  MutexLock lock(state.mutex);
  state.ended = true;
  kept.swap(state.kept);
  state.changed.notify_all();
}

}  // namespace distcache::engine
