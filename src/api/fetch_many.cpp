#include <algorithm>

#include "api/answer.h"
#include "api/fetch_handles.h"

using distcache::MutexLock;
using distcache::Status;
namespace api = distcache::api;

namespace distcache::api {
namespace {

distcache_status_t refused(const distcache_fetch_many_t* batch, HandleState state) {
  if (state == HandleState::stale) SourceCounters::count_ignored(batches.note_of(batch));
  return static_cast<distcache_status_t>(state == HandleState::forked ? Status::forked
                                                                      : Status::invalid_argument);
}

// Answers one key of the batch, which goes on.
template <typename Make>
distcache_status_t answer_one(distcache_fetch_many_t* batch, size_t index, Make&& make) noexcept {
  const auto open = batches.pin(batch);
  if (!open) return refused(batch, open.state());
  if (index >= open->fetches.size()) {
    return static_cast<distcache_status_t>(Status::invalid_argument);
  }
  const engine::FetchPtr& fetch = open->fetches[index];
  // The early look spares a copy of the value; the fetch itself decides which answer was first.
  std::optional<Status> given;
  if (!fetch->answered()) given = give(*fetch, answer_by([&] { return make(*open); }));
  if (!given) SourceCounters::count_ignored(open->counters->note());
  return static_cast<distcache_status_t>(given.value_or(Status::invalid_argument));
}

}  // namespace
}  // namespace distcache::api

const uint8_t* distcache_fetch_many_keys(const distcache_fetch_many_t* batch, const uint32_t** lens,
                                         size_t* count) {
  const auto open = api::batches.pin(batch);
  if (lens != nullptr) *lens = open ? open->key_lens.data() : nullptr;
  if (count != nullptr) *count = open ? open->key_lens.size() : 0;
  return open ? reinterpret_cast<const uint8_t*>(open->keys.data()) : nullptr;
}

const char* distcache_fetch_many_keyspace(const distcache_fetch_many_t* batch) {
  const auto open = api::batches.pin(batch);
  return open ? open->fetches.front()->keyspace().c_str() : "";
}

int64_t distcache_fetch_many_remaining_ms(const distcache_fetch_many_t* batch) {
  const auto open = api::batches.pin(batch);
  int64_t longest = 0;
  if (!open) return longest;
  for (const auto& fetch : open->fetches) longest = std::max(longest, api::remaining_ms(*fetch));
  return longest;
}

int32_t distcache_fetch_many_cancelled(const distcache_fetch_many_t* batch) {
  const auto open = api::batches.pin(batch);
  if (!open) return 1;
  return std::all_of(open->fetches.begin(), open->fetches.end(),
                     [](const auto& fetch) { return fetch->cancelled(); })
             ? 1
             : 0;
}

int32_t distcache_fetch_many_trace(const distcache_fetch_many_t* batch, distcache_trace_t* trace) {
  const auto open = api::batches.pin(batch);
  return api::copy_trace(open ? &open->fetches.front()->trace() : nullptr, trace);
}

// A load happens only where no value is held: see not_modified.
uint64_t distcache_fetch_many_source_version(const distcache_fetch_many_t*, size_t) { return 0; }

distcache_status_t distcache_fetch_many_tag(distcache_fetch_many_t* batch, size_t index,
                                            const char* tag) {
  const auto open = api::batches.pin(batch);
  if (!open || index >= open->fetches.size() || open->fetches[index]->answered()) {
    const bool forked = open.state() == api::HandleState::forked;
    return static_cast<distcache_status_t>(forked ? Status::forked : Status::invalid_argument);
  }
  MutexLock lock(open->mutex);
  return static_cast<distcache_status_t>(api::add_tag(open->tags[index], tag));
}

distcache_status_t distcache_fetch_many_complete(distcache_fetch_many_t* batch, size_t index,
                                                 const uint8_t* value, size_t value_len,
                                                 const distcache_answer_t* answer) {
  return api::answer_one(batch, index, [&](api::OpenBatch& open) {
    api::FetchTags tags;
    {
      MutexLock lock(open.mutex);
      tags = std::move(open.tags[index]);
    }
    return api::value_answer(value, value_len, answer, open.value_bytes_max, std::move(tags));
  });
}

distcache_status_t distcache_fetch_many_not_found(distcache_fetch_many_t* batch, size_t index) {
  return api::answer_one(batch, index, [](api::OpenBatch&) { return api::not_found_answer(); });
}

distcache_status_t distcache_fetch_many_not_modified(distcache_fetch_many_t* batch, size_t index,
                                                     const distcache_answer_t* answer) {
  return api::answer_one(batch, index,
                         [&](api::OpenBatch&) { return api::not_modified_answer(answer); });
}

distcache_status_t distcache_fetch_many_fail(distcache_fetch_many_t* batch, size_t index,
                                             int32_t retriable, const char* message) {
  return api::answer_one(batch, index,
                         [&](api::OpenBatch&) { return api::failure_answer(retriable, message); });
}

distcache_status_t distcache_fetch_many_end(distcache_fetch_many_t* batch, int32_t retriable,
                                            const char* message) {
  const auto open = api::batches.close(batch);
  if (!open) return api::refused(batch, open.state());
  const char* why = message == nullptr ? "the source gave no answer" : message;
  for (const auto& fetch : open->fetches) {
    if (!fetch->answered()) api::give(*fetch, api::failure_answer(retriable, why));
  }
  return DISTCACHE_OK;
}
