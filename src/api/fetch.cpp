#include "api/answer.h"
#include "api/fetch_handles.h"

using distcache::MutexLock;
using distcache::Status;
namespace api = distcache::api;

namespace distcache::api {
namespace {

// Ends the fetch with what `make` answers. A handle is closed once, so there is one answer.
template <typename Make>
distcache_status_t end_fetch(distcache_fetch_t* fetch, Make&& make) noexcept {
  auto open = fetches.close(fetch);
  if (!open) {
    if (open.state() == HandleState::stale) SourceCounters::count_ignored(fetches.note_of(fetch));
    const bool forked = open.state() == HandleState::forked;
    return static_cast<distcache_status_t>(forked ? Status::forked : Status::invalid_argument);
  }
  const std::optional<Status> given = give(*open->fetch, answer_by([&] { return make(*open); }));
  return static_cast<distcache_status_t>(given.value_or(Status::invalid_argument));
}

}  // namespace
}  // namespace distcache::api

const uint8_t* distcache_fetch_key(const distcache_fetch_t* fetch, size_t* len) {
  const auto open = api::fetches.pin(fetch);
  if (len != nullptr) *len = open ? open->fetch->key().size() : 0;
  return open ? reinterpret_cast<const uint8_t*>(open->fetch->key().data()) : nullptr;
}

const char* distcache_fetch_keyspace(const distcache_fetch_t* fetch) {
  const auto open = api::fetches.pin(fetch);
  return open ? open->fetch->keyspace().c_str() : "";
}

int64_t distcache_fetch_remaining_ms(const distcache_fetch_t* fetch) {
  const auto open = api::fetches.pin(fetch);
  return open ? api::remaining_ms(*open->fetch) : 0;
}

int32_t distcache_fetch_cancelled(const distcache_fetch_t* fetch) {
  const auto open = api::fetches.pin(fetch);
  return !open || open->fetch->cancelled() ? 1 : 0;
}

int32_t distcache_fetch_trace(const distcache_fetch_t* fetch, distcache_trace_t* trace) {
  const auto open = api::fetches.pin(fetch);
  return api::copy_trace(open ? &open->fetch->trace() : nullptr, trace);
}

// A load happens only where no value is held: see not_modified.
uint64_t distcache_fetch_source_version(const distcache_fetch_t*) { return 0; }

distcache_status_t distcache_fetch_tag(distcache_fetch_t* fetch, const char* tag) {
  const auto open = api::fetches.pin(fetch);
  if (!open) {
    const bool forked = open.state() == api::HandleState::forked;
    return static_cast<distcache_status_t>(forked ? Status::forked : Status::invalid_argument);
  }
  MutexLock lock(open->mutex);
  return static_cast<distcache_status_t>(api::add_tag(open->tags, tag));
}

distcache_status_t distcache_fetch_complete(distcache_fetch_t* fetch, const uint8_t* value,
                                            size_t value_len, const distcache_answer_t* answer) {
  return api::end_fetch(fetch, [&](api::OpenFetch& open) {
    MutexLock lock(open.mutex);
    return api::value_answer(value, value_len, answer, open.value_bytes_max, std::move(open.tags));
  });
}

distcache_status_t distcache_fetch_not_found(distcache_fetch_t* fetch) {
  return api::end_fetch(fetch, [](api::OpenFetch&) { return api::not_found_answer(); });
}

distcache_status_t distcache_fetch_not_modified(distcache_fetch_t* fetch,
                                                const distcache_answer_t* answer) {
  return api::end_fetch(fetch, [&](api::OpenFetch&) { return api::not_modified_answer(answer); });
}

distcache_status_t distcache_fetch_fail(distcache_fetch_t* fetch, int32_t retriable,
                                        const char* message) {
  return api::end_fetch(fetch,
                        [&](api::OpenFetch&) { return api::failure_answer(retriable, message); });
}
