#include "engine/pending.h"

namespace distcache::engine {
namespace {

// A token is the address of a heap cell that holds the reference: the core may outlive the call.
using Cell = PendingPtr;

}  // namespace

Pending::Pending(size_t items, Done done, Executor* events)
    : outcomes_(items),
      has_(items, false),
      missing_(items),
      done_(std::move(done)),
      events_(events) {}

core::Waiter Pending::waiter(size_t index, Instant deadline) {
  auto* cell = new Cell(shared_from_this());
  return {core::Waiter::Kind::local, reinterpret_cast<uint64_t>(cell), index, deadline};
}

void Pending::complete(const core::Waiter& waiter, core::Outcome outcome) {
  const std::unique_ptr<Cell> cell(reinterpret_cast<Cell*>(waiter.token));
  (*cell)->arrived(waiter.id, std::move(outcome));
}

bool Pending::has_left(const core::Waiter& waiter) {
  if (waiter.kind != core::Waiter::Kind::local) return false;
  Pending& operation = **reinterpret_cast<const Cell*>(waiter.token);
  MutexLock lock(operation.mutex_);
  return operation.finished_;
}

void Pending::set(size_t index, core::Outcome outcome) { arrived(index, std::move(outcome)); }

void Pending::arrived(size_t index, core::Outcome outcome) {
  MutexLock lock(mutex_);
  if (finished_ || has_[index]) return;
  has_[index] = true;
  outcomes_[index] = std::move(outcome);
  if (--missing_ == 0) finish_locked();
}

void Pending::finish(const core::Outcome& rest) {
  MutexLock lock(mutex_);
  if (finished_) return;
  for (size_t i = 0; i < outcomes_.size(); ++i) {
    if (!has_[i]) outcomes_[i] = rest;
  }
  finish_locked();
}

void Pending::finish_locked() {
  finished_ = true;
  if (!done_) {
    changed_.notify_all();
    return;
  }
  // The executor is asked under the lock, but never runs the task inside post().
  auto task = [done = std::move(done_), outcomes = std::move(outcomes_)]() mutable {
    done(std::move(outcomes));
  };
  done_ = nullptr;
  static_cast<void>(events_->post(std::move(task)));
}

bool Pending::wait(Duration timeout) {
  const auto until = wait_end(timeout);
  MutexLock lock(mutex_);
  while (!finished_) {
    if (lock.wait_until(changed_, until) == std::cv_status::timeout) return finished_;
  }
  return true;
}

Pending::Outcomes Pending::take() {
  MutexLock lock(mutex_);
  return std::move(outcomes_);
}

}  // namespace distcache::engine
