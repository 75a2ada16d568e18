#pragma once

#include <memory>
#include <vector>

#include "api/callback.h"
#include "api/fetch_handles.h"
#include "engine/source.h"

namespace distcache::api {

// What the program registered as the source of a keyspace; either may be missing.
struct SourceCallbacks {
  std::shared_ptr<const Callback<distcache_fetch_fn>> one;
  std::shared_ptr<const Callback<distcache_fetch_many_fn>> many;

  explicit operator bool() const { return one != nullptr || many != nullptr; }
};

// The program's callbacks as a source of the engine: each load becomes a handle that its one answer
// ends. What a callback throws fails the loads that it was given.
class CallbackSource final : public engine::Source {
 public:
  // Longer values than `value_bytes_max` are refused before they are read.
  CallbackSource(SourceCallbacks callbacks, uint64_t value_bytes_max, SourceCountersPtr counters);

  void fetch(engine::FetchPtr fetch) override;
  bool takes_many() const override { return callbacks_.many != nullptr; }
  void fetch_many(std::vector<engine::FetchPtr> fetches) override;

  const SourceCallbacks& callbacks() const { return callbacks_; }
  const SourceCountersPtr& counters() const { return counters_; }

 private:
  const SourceCallbacks callbacks_;
  const uint64_t value_bytes_max_;
  const SourceCountersPtr counters_;
};

}  // namespace distcache::api
