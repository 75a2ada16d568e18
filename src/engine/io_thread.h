#pragma once

#include <atomic>
#include <condition_variable>
#include <optional>
#include <thread>

#include "base/mutex.h"
#include "engine/network.h"

namespace distcache::engine {

class Observer;
class SourcePool;

// The I/O thread: owns every socket, drives the network and the timers, runs no user code.
//
// Lifecycle: start(), leave(), stop(). Other threads may wait for what it finds.
class IoThread {
 public:
  IoThread(Node& node, Network& network, Transport& transport, SourcePool& sources,
           uint32_t quorum_min, Observer& observer);
  ~IoThread() { stop(); }

  void start();
  // Says goodbye: others stop asking this node, what is in progress goes on. Any thread.
  void leave();
  void stop();  // leaves, ends the loop, joins; idempotent; not from its own thread

  // Waits until `done(state)` is true. False when the time is up or the thread has stopped.
  template <typename Done>
  bool wait(Duration timeout, Done&& done) {
    const auto until = wait_end(timeout);
    MutexLock lock(mutex_);
    while (!done(network_.state())) {
      if (stopping_.load() || lock.wait_until(changed_, until) == std::cv_status::timeout) {
        return done(network_.state());
      }
    }
    return true;
  }
  void notify();  // wakes those who wait, to look again

 private:
  void run();

  Node& node_;
  Network& network_;
  Transport& transport_;
  SourcePool& sources_;
  const uint32_t quorum_min_;
  Observer& observer_;
  std::atomic<bool> leaving_{false};
  std::atomic<bool> stopping_{false};
  Mutex mutex_;
  std::condition_variable changed_;
  std::thread thread_;
};

}  // namespace distcache::engine
