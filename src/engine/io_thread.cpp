#include "engine/io_thread.h"

#include <utility>

#include "engine/events.h"
#include "engine/source_pool.h"
#include "engine/thread_role.h"

namespace distcache::engine {

IoThread::IoThread(Node& node, Network& network, Transport& transport, SourcePool& sources,
                   uint32_t quorum_min, Observer& observer)
    : node_(node),
      network_(network),
      transport_(transport),
      sources_(sources),
      quorum_min_(quorum_min),
      observer_(observer) {}

void IoThread::start() {
  node_.inbox().on_wake([this] { transport_.wake(); });
  thread_ = start_thread("io", ThreadRole::io, [this] { run(); });
}

void IoThread::leave() {
  leaving_.store(true);
  transport_.wake();
}

void IoThread::stop() {
  stopping_.store(true);
  notify();
  if (!thread_.joinable()) return node_.inbox().on_wake(nullptr);  // it never ran
  transport_.wake();
  thread_.join();
}

void IoThread::notify() {
  MutexLock lock(mutex_);
  changed_.notify_all();
}

void IoThread::run() {
  ClusterState known;
  bool left = false;
  while (!stopping_.load()) {
    if (!left && leaving_.load()) {
      network_.leave();
      left = true;
    }
    network_.step(Duration::ms(10));
    sources_.tick();
    const ClusterState state = network_.state();
    if (state == known) continue;
    // First: whoever is told that the engine is ready, or finds it so, may ask at once.
    node_.set_quorum(state.live >= quorum_min_);
    tell_of_state(observer_, std::exchange(known, state), state, quorum_min_);
    notify();
  }
  if (!left) network_.leave();
  network_.step(Duration());  // lets the goodbye out
  node_.inbox().on_wake(nullptr);
  transport_.close();
}

}  // namespace distcache::engine
