#include "engine/source_pool.h"

#include <algorithm>
#include <exception>
#include <system_error>

#include "engine/thread_role.h"

namespace distcache::engine {

struct SourcePool::State {
  State(size_t threads_usual, size_t blocked_limit, const Clock& the_clock)
      : usual(threads_usual), blocked_max(blocked_limit), clock(the_clock) {}

  const size_t usual;
  const size_t blocked_max;
  const Clock& clock;

  mutable Mutex mutex;
  std::condition_variable work;
  std::condition_variable ended;
  // Tasks by keyspace (its source), served in turn.
  std::map<Source*, std::deque<Task>> queues GUARDED_BY(mutex);
  std::list<Source*> turns GUARDED_BY(mutex);
  std::list<Instant> busy_since GUARDED_BY(mutex);
  size_t queued GUARDED_BY(mutex) = 0;
  std::list<Worker> workers GUARDED_BY(mutex);
  bool stopping GUARDED_BY(mutex) = false;

  size_t threads() const REQUIRES(mutex) { return workers.size(); }

  size_t blocked() const REQUIRES(mutex) {
    const Instant before = clock.now() - kBlockedAfter;
    return static_cast<size_t>(
        std::count_if(busy_since.begin(), busy_since.end(),
                      [before](const Instant& since) { return since <= before; }));
  }

  bool wants_thread() const REQUIRES(mutex) {
    if (stopping || queued == 0 || busy_since.size() < threads()) return false;
    return threads() < usual + std::min(blocked(), blocked_max);
  }

  // Threads were started for blocked ones, and those have come back.
  bool surplus() const REQUIRES(mutex) { return threads() > usual + blocked(); }

  Task next() REQUIRES(mutex) {
    Source* const source = turns.front();
    turns.pop_front();
    std::deque<Task>& queue = queues[source];
    Task task = std::move(queue.front());
    queue.pop_front();
    --queued;
    if (queue.empty()) {
      queues.erase(source);
    } else {
      turns.push_back(source);
    }
    return task;
  }
};

SourcePool::SourcePool(size_t threads, size_t blocked_max, const Clock& clock)
    : state_(std::make_shared<State>(threads, blocked_max, clock)) {}

SourcePool::~SourcePool() {
  end();
  join(Duration());
}

void SourcePool::start(std::shared_ptr<Source> source, std::vector<FetchPtr> fetches) {
  State& state = *state_;
  MutexLock lock(state.mutex);
  if (state.stopping) return;  // the fetches fail as they are dropped
  std::deque<Task>& queue = state.queues[source.get()];
  if (queue.empty()) state.turns.push_back(source.get());
  if (source->takes_many()) {
    queue.push_back({source, std::move(fetches)});
    ++state.queued;
  } else {
    for (FetchPtr& fetch : fetches) {
      queue.push_back({source, {std::move(fetch)}});
      ++state.queued;
    }
  }
  // One waiting thread per new task; as many more as are missing.
  state.work.notify_all();
  while (state.threads() < state.usual &&
         state.threads() < state.busy_since.size() + state.queued) {
    if (!spawn(state_)) return;
  }
}

void SourcePool::tick() {
  MutexLock lock(state_->mutex);
  while (state_->wants_thread() && spawn(state_)) {
  }
}

// False: the system has no more threads now; tick() tries again.
bool SourcePool::spawn(const std::shared_ptr<State>& state) {
  Worker& worker = state->workers.emplace_back();
  try {
    worker.thread =
        start_thread("source", ThreadRole::source, [state, &worker] { run(state, worker); });
  } catch (const std::system_error&) {
    state->workers.pop_back();
    return false;
  }
  return true;
}

void SourcePool::run(const std::shared_ptr<State>& state, Worker& self) {
  while (true) {
    Task task;
    std::list<Instant>::iterator busy;
    {
      MutexLock lock(state->mutex);
      while (state->queued == 0 && !state->stopping && !state->surplus()) lock.wait(state->work);
      if (state->stopping) {
        self.ended = true;
        state->ended.notify_all();
        return;
      }
      if (state->queued == 0) {  // this one is surplus
        self.thread.detach();
        state->workers.remove_if([&self](const Worker& worker) { return &worker == &self; });
        return;
      }
      task = state->next();
      busy = state->busy_since.insert(state->busy_since.end(), state->clock.now());
    }
    run_task(std::move(task));
    MutexLock lock(state->mutex);
    state->busy_since.erase(busy);
  }
}

void SourcePool::run_task(Task task) {
  const std::vector<FetchPtr> fetches = task.fetches;
  const FetchScope scope(fetches.size() == 1 ? fetches.front().get() : nullptr);
  std::string thrown;
  try {
    if (fetches.size() == 1) {
      task.source->fetch(std::move(task.fetches.front()));
    } else {
      task.source->fetch_many(std::move(task.fetches));
    }
    return;
  } catch (const std::exception& exception) {
    thrown = std::string("the source threw: ") + exception.what();
  } catch (...) {
    thrown = "the source threw";
  }
  for (const FetchPtr& fetch : fetches) {
    core::LoadAnswer answer;
    answer.status = Status::source_failed;
    answer.message = thrown;
    fetch->answer(std::move(answer));
  }
}

void SourcePool::end() {
  std::map<Source*, std::deque<Task>> dropped;  // fetches fail outside of the lock
  MutexLock lock(state_->mutex);
  state_->stopping = true;
  state_->work.notify_all();
  dropped.swap(state_->queues);
  state_->turns.clear();
  state_->queued = 0;
}

size_t SourcePool::join(Duration timeout) {
  const auto until = wait_end(timeout);
  const auto hangs = [](const Worker& worker) { return !worker.ended; };
  std::vector<std::thread> gone;  // joined outside of the lock, which their last step takes
  size_t hanging = 0;
  {
    MutexLock lock(state_->mutex);
    std::list<Worker>& workers = state_->workers;
    while (std::any_of(workers.begin(), workers.end(), hangs)) {
      if (lock.wait_until(state_->ended, until) == std::cv_status::timeout) break;
    }
    // A Worker lives as long as its thread may look at it.
    for (Worker& worker : workers) {
      if (!worker.ended) ++hanging;
      if (!worker.thread.joinable()) continue;
      if (worker.ended) {
        gone.push_back(std::move(worker.thread));
      } else {
        worker.thread.detach();
      }
    }
  }
  for (std::thread& thread : gone) thread.join();
  return hanging;
}

SourcePool::Counters SourcePool::counters() const {
  MutexLock lock(state_->mutex);
  return {state_->threads(), state_->busy_since.size(), state_->blocked(), state_->queued};
}

}  // namespace distcache::engine
