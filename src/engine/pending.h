#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <vector>

#include "base/executor.h"
#include "base/mutex.h"
#include "core/outbox.h"

namespace distcache::engine {

// One operation of a caller, of one key or many, in progress: collects an outcome for each item and
// then wakes the caller or runs its completion, exactly once.
//
// Any thread. Waiters in the core name it by its address, so each registered item holds a reference
// (hold / complete). What arrives after the end (a cancelled call's answer) is dropped.
class Pending : public std::enable_shared_from_this<Pending> {
 public:
  using Outcomes = std::vector<core::Outcome>;
  using Done = std::function<void(Outcomes)>;

  // `done` runs on `events`; without one the caller waits. At least one item.
  explicit Pending(size_t items, Done done = nullptr, Executor* events = nullptr);

  // A waiter for item `index`, to be answered by complete() with its token exactly once.
  core::Waiter waiter(size_t index, Instant deadline);
  static void complete(const core::Waiter& waiter, core::Outcome outcome);
  // Whether the operation has ended without this waiter's answer: it was cancelled.
  static bool has_left(const core::Waiter& waiter);
  // An answer that was known at once, for an item without a waiter.
  void set(size_t index, core::Outcome outcome);

  // Ends it now: items without an outcome get this one.
  void finish(const core::Outcome& rest);
  // Blocks until every item has its outcome, or `timeout` of real time has passed.
  bool wait(Duration timeout);
  Outcomes take();

 private:
  void arrived(size_t index, core::Outcome outcome);
  void finish_locked() REQUIRES(mutex_);

  Mutex mutex_;
  std::condition_variable changed_;
  Outcomes outcomes_ GUARDED_BY(mutex_);
  std::vector<bool> has_ GUARDED_BY(mutex_);
  size_t missing_ GUARDED_BY(mutex_);
  bool finished_ GUARDED_BY(mutex_) = false;
  Done done_ GUARDED_BY(mutex_);
  Executor* events_;
};

using PendingPtr = std::shared_ptr<Pending>;

}  // namespace distcache::engine
