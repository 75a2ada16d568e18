#include "engine/event_loop.h"

namespace distcache::engine {

EventLoop::EventLoop(const char* name, ThreadRole role, size_t queue_max)
    : name_(name), role_(role), queue_max_(queue_max), thread_([this] { run(); }) {}

bool EventLoop::post(std::function<void()> task) {
  MutexLock lock(mutex_);
  if (stopping_ && queue_max_ == kLossless) {
    std::thread([name = name_, role = role_, task = std::move(task)] {
      prepare_thread(name, role);
      run_task(task);
    }).detach();
    return true;
  }
  if (stopping_ || tasks_.size() >= queue_max_) return false;
  tasks_.push_back(std::move(task));
  changed_.notify_one();
  return true;
}

void EventLoop::stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void EventLoop::run() {
  prepare_thread(name_, role_);
  while (true) {
    std::function<void()> task;
    {
      MutexLock lock(mutex_);
      while (tasks_.empty() && !stopping_) lock.wait(changed_);
      if (tasks_.empty()) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    run_task(task);
  }
}

// A callback's exception is its own affair: it must not end the host.
void EventLoop::run_task(const std::function<void()>& task) {
  try {
    task();
  } catch (...) {
  }
}

}  // namespace distcache::engine
