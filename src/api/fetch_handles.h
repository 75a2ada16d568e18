#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "api/handles.h"
#include "base/mutex.h"
#include "distcache/source.h"
#include "engine/source.h"

namespace distcache::api {

// Counts what the fetches of one source did wrong. A fetch that has ended cannot reach its source
// any more: it keeps the note, a number, and finds these counters by it while they live.
class SourceCounters {
 public:
  SourceCounters();
  ~SourceCounters();
  SourceCounters(const SourceCounters&) = delete;
  SourceCounters& operator=(const SourceCounters&) = delete;

  uint64_t note() const { return note_; }
  uint64_t answers_ignored() const;
  static void count_ignored(uint64_t note);

 private:
  uint64_t note_;
};
using SourceCountersPtr = std::shared_ptr<const SourceCounters>;

// The tags that a source gave a value before it completed it.
struct FetchTags {
  std::vector<std::string> tags;
  bool refused = false;
};

// A load as the program holds it.
struct OpenFetch {
  engine::FetchPtr fetch;
  uint64_t value_bytes_max = 0;

  Mutex mutex;
  FetchTags tags GUARDED_BY(mutex);
};

// Several loads, handed over together. All but the tags is immutable: of answers to one key the
// Fetch takes the first.
struct OpenBatch {
  std::vector<engine::FetchPtr> fetches;
  std::string keys;  // packed
  std::vector<uint32_t> key_lens;
  uint64_t value_bytes_max = 0;
  SourceCountersPtr counters;

  Mutex mutex;
  std::vector<FetchTags> tags GUARDED_BY(mutex);
};

extern Handles<OpenFetch, distcache_fetch_t> fetches;
extern Handles<OpenBatch, distcache_fetch_many_t> batches;

// What `parent_fetch` of the options descends from.
Status check_parent(Call& call, uint64_t parent_fetch, std::vector<core::Ancestor>& out);

}  // namespace distcache::api
