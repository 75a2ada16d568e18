#pragma once

#include <condition_variable>
#include <deque>
#include <list>
#include <map>
#include <thread>

#include "base/mutex.h"
#include "engine/source.h"

namespace distcache::engine {

// The SOURCE threads: run the user's fetch callbacks, which may block as long as they like.
//
// Keyspaces take turns, so that one with many loads does not starve another. A thread that has been
// inside a callback for longer than kBlockedAfter while others wait counts as blocked, and another
// one is started in its place (at most `blocked_max` of them): a source that hangs costs its own
// loads only. A callback that throws fails its loads.
//
// Lifecycle: threads start with the first loads. end(), then join(), which waits for running
// callbacks and leaves those that still hang to themselves: their threads end when they return.
class SourcePool final : public FetchRunner {
 public:
  SourcePool(size_t threads, size_t blocked_max, const Clock& clock);
  ~SourcePool() override;

  void start(std::shared_ptr<Source> source, std::vector<FetchPtr> fetches) override;
  // Starts a thread where all are blocked and loads wait. Call every few milliseconds.
  void tick();
  // Starts no more loads, drops those that wait for a thread; never waits.
  void end();
  // After end(), once: waits until all threads are gone. The number of those that still hang then
  // and were detached.
  size_t join(Duration timeout);

  struct Counters {
    size_t threads = 0, busy = 0, blocked = 0, queued = 0;
  };
  Counters counters() const;

  static constexpr Duration kBlockedAfter = Duration::ms(200);

 private:
  struct Task {
    std::shared_ptr<Source> source;
    std::vector<FetchPtr> fetches;
  };
  struct Worker {
    std::thread thread;
    bool ended = false;
  };
  struct State;
  static void run(const std::shared_ptr<State>& state, Worker& self);
  static void run_task(Task task);
  static bool spawn(const std::shared_ptr<State>& state) NO_THREAD_SAFETY_ANALYSIS;  // locked

  // Shared with the threads, which may outlive the pool.
  std::shared_ptr<State> state_;
};

}  // namespace distcache::engine
