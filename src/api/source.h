#pragma once

#include <memory>
#include <vector>

#include "api/callback.h"
#include "api/fetch_handles.h"
#include "engine/keyspace.h"

namespace distcache::api {

// What the program registered as the source of a keyspace; either may be missing.
struct SourceCallbacks {
  std::shared_ptr<const Callback<distcache_fetch_fn>> one;
  std::shared_ptr<const Callback<distcache_fetch_many_fn>> many;

  explicit operator bool() const { return one != nullptr || many != nullptr; }
};

// The program's callbacks as a source of the engine: each load becomes a handle that its one answer
// ends. What a callback throws fails the loads that it was given. Any thread.
class CallbackSource final : public engine::Source {
 public:
  // Longer values than `value_bytes_max` are refused before they are read.
  CallbackSource(SourceCallbacks callbacks, uint64_t value_bytes_max, SourceCountersPtr counters);

  void fetch(engine::FetchPtr fetch) override;
  bool takes_many() const override { return callbacks().many != nullptr; }
  void fetch_many(std::vector<engine::FetchPtr> group) override;

  SourceCallbacks callbacks() const;
  const SourceCountersPtr& counters() const { return counters_; }

  // No load will come any more: lets go of the callbacks, whose finalisers run when those that are
  // still in a callback have returned. A load that comes nevertheless fails.
  void end();

 private:
  mutable Mutex mutex_;
  SourceCallbacks callbacks_ GUARDED_BY(mutex_);
  const uint64_t value_bytes_max_;
  const SourceCountersPtr counters_;
};

// A source from callbacks; null without them. `old` is the one that it replaces, or null: its
// counters go on.
std::shared_ptr<engine::Source> make_source(SourceCallbacks callbacks,
                                            const core::KeyspaceConfig& config,
                                            const CallbackSource* old);

// The loader of one call on that keyspace, whose counters it shares.
std::shared_ptr<engine::Source> make_loader(distcache_fetch_fn fetch, uintptr_t context,
                                            Finalizer finalizer, const engine::Keyspace& keyspace);

// The source of a keyspace, if it has one.
std::shared_ptr<CallbackSource> source_of(const engine::Keyspace& keyspace);
void end_source(const engine::Keyspace& keyspace);

}  // namespace distcache::api
