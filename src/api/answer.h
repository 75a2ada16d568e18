#pragma once

#include <optional>

#include "api/fetch_handles.h"
#include "core/shard.h"
#include "distcache/source.h"

// What a source answers, for the single and for the bulk form.
namespace distcache::api {

// What an answering function returns, beside what the readers get.
struct Answer {
  Status status = Status::ok;
  core::LoadAnswer load;
};

// An argument that breaks its bounds becomes a failure for the readers. Throws bad_alloc.
Answer value_answer(const uint8_t* value, size_t value_len, const distcache_answer_t* answer,
                    uint64_t value_bytes_max, FetchTags tags);
Answer not_found_answer() noexcept;
Answer not_modified_answer(const distcache_answer_t* answer);
Answer failure_answer(int32_t retriable, const char* message) noexcept;
Answer no_memory_answer() noexcept;

// What `make` answers, and NO_MEMORY where it throws: a fetch that is ended must be answered.
template <typename Make>
Answer answer_by(Make&& make) noexcept {
  try {
    return make();
  } catch (...) {
    return no_memory_answer();
  }
}

// Hands it to the engine. CANCELLED where nobody waits any more; nothing where the fetch had been
// answered before.
std::optional<Status> give(engine::Fetch& fetch, Answer answer) noexcept;

// Adds a tag, or notes that one was refused.
Status add_tag(FetchTags& tags, const char* tag) noexcept;

// Copies the trace; 1 if there is one.
int32_t copy_trace(const core::TraceContext* from, distcache_trace_t* to) noexcept;

// Whole milliseconds that are left; a rest counts as one, so that 0 means over.
int64_t remaining_ms(const engine::Fetch& fetch) noexcept;

}  // namespace distcache::api
