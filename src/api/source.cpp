#include "api/source.h"

#include <exception>
#include <string>

namespace distcache::api {
namespace {

constexpr const char* kNoHandles = "too many loads are waiting for the answer of a source";

void refuse(engine::Fetch& fetch) {
  core::LoadAnswer answer;
  answer.status = Status::overloaded;
  answer.retriable = true;
  answer.message = kNoHandles;
  fetch.answer(std::move(answer));
}

std::string thrown_by_source() {
  try {
    throw;
  } catch (const std::exception& thrown) {
    return std::string("the source threw: ") + thrown.what();
  } catch (...) {
    return "the source threw";
  }
}

}  // namespace

CallbackSource::CallbackSource(SourceCallbacks callbacks, uint64_t value_bytes_max,
                               SourceCountersPtr counters)
    : callbacks_(std::move(callbacks)),
      value_bytes_max_(value_bytes_max),
      counters_(std::move(counters)) {}

void CallbackSource::fetch(engine::FetchPtr fetch) {
  if (!callbacks_.one) {
    std::vector<engine::FetchPtr> alone;
    alone.push_back(std::move(fetch));
    fetch_many(std::move(alone));
    return;
  }
  auto open = std::make_unique<OpenFetch>();
  open->fetch = fetch;
  open->value_bytes_max = value_bytes_max_;
  distcache_fetch_t* handle = fetches.add(std::move(open), counters_->note());
  if (handle == nullptr) return refuse(*fetch);
  try {
    (*callbacks_.one)(handle);
  } catch (...) {
    distcache_fetch_fail(handle, 0, thrown_by_source().c_str());
  }
}

void CallbackSource::fetch_many(std::vector<engine::FetchPtr> group) {
  if (!callbacks_.many) return engine::Source::fetch_many(std::move(group));
  auto open = std::make_unique<OpenBatch>();
  for (const engine::FetchPtr& fetch : group) {
    open->keys += fetch->key();
    open->key_lens.push_back(static_cast<uint32_t>(fetch->key().size()));
  }
  open->value_bytes_max = value_bytes_max_;
  open->counters = counters_;
  {
    MutexLock lock(open->mutex);
    open->tags.resize(group.size());
  }
  open->fetches = group;
  distcache_fetch_many_t* handle = batches.add(std::move(open), counters_->note());
  if (handle == nullptr) {
    for (const engine::FetchPtr& fetch : group) refuse(*fetch);
    return;
  }
  // The batch may be ended by another thread while this one is still in the callback.
  group.clear();
  try {
    (*callbacks_.many)(handle);
  } catch (...) {
    distcache_fetch_many_end(handle, 0, thrown_by_source().c_str());
  }
}

}  // namespace distcache::api
