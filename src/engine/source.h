#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "core/shard.h"

namespace distcache::engine {

class Source;

// One load that a source is asked for. Shared between the engine and the source, which may keep it
// as long as it likes, past its deadline and past the end of the engine.
//
// Any thread. Answered exactly once: the first answer counts, later ones are ignored. If the last
// reference goes without an answer, the load fails.
class Fetch {
 public:
  using Answered = std::function<void(core::LoadAnswer)>;

  using Ancestors = std::function<std::vector<core::Ancestor>()>;
  using Wanted = std::function<bool()>;

  // `ended` is set when nobody can wait for it any more, whatever its deadline. `ancestors` says
  // what waits for the load by now; empty when it is over. `wanted` says whether anybody does.
  Fetch(std::string keyspace, core::FetchStart start, const Clock& clock,
        std::shared_ptr<const std::atomic<bool>> ended, Answered answered,
        Ancestors ancestors = nullptr, Wanted wanted = nullptr);
  ~Fetch();
  Fetch(const Fetch&) = delete;
  Fetch& operator=(const Fetch&) = delete;

  const std::string& keyspace() const { return keyspace_; }
  const std::string& key() const { return start_.key; }
  const core::TraceContext& trace() const { return start_.trace; }
  // To be asked in place of the keyspace's source; null: that one.
  std::shared_ptr<Source> loader() const;
  // What a call made from inside the source descends from, as of now.
  std::vector<core::Ancestor> ancestors() const;
  Instant deadline() const { return start_.deadline; }
  // For the source, until the deadline; zero while nobody waits. It may give up then.
  Duration remaining() const;
  bool cancelled() const { return remaining().is_zero(); }
  // The deadline has passed or the keyspace has ended: an answer only frees the load.
  bool overdue() const;

  // False if it had been answered before.
  bool answer(core::LoadAnswer answer);
  bool answered() const { return answered_flag_.load(std::memory_order_acquire); }

 private:
  const std::string keyspace_;
  const core::FetchStart start_;
  const Clock& clock_;
  const std::shared_ptr<const std::atomic<bool>> ended_;
  Answered answered_;
  const Ancestors ancestors_;
  const Wanted wanted_;
  std::atomic<bool> answered_flag_{false};
};

using FetchPtr = std::shared_ptr<Fetch>;

// The user's data source. fetch() runs on a SOURCE thread, may block, may throw, may answer later
// from any thread. Destroyed when it can be called no more (the user's finaliser runs then).
class Source {
 public:
  virtual ~Source() = default;
  virtual void fetch(FetchPtr fetch) = 0;
  // Several keys of one keyspace that were asked for together. Sources that cannot take them at
  // once get them one by one, on as many SOURCE threads as there are.
  virtual bool takes_many() const { return false; }
  virtual void fetch_many(std::vector<FetchPtr> fetches) {
    for (FetchPtr& fetch : fetches) this->fetch(std::move(fetch));
  }
};

// Where fetches run: the SOURCE threads, or the simulator's virtual time. Any thread.
class FetchRunner {
 public:
  virtual ~FetchRunner() = default;
  // Loads of one keyspace that belong together. Never runs them inside the call.
  virtual void start(std::shared_ptr<Source> source, std::vector<FetchPtr> fetches) = 0;
};

}  // namespace distcache::engine
