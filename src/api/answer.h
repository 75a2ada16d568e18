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

// Never throw; an argument that breaks its bounds becomes a failure for the readers.
Answer value_answer(const uint8_t* value, size_t value_len, const distcache_answer_t* answer,
                    uint64_t value_bytes_max, FetchTags tags) noexcept;
Answer not_found_answer() noexcept;
Answer not_modified_answer() noexcept;
Answer failure_answer(int32_t retriable, const char* message) noexcept;

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
