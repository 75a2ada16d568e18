#include "api/answer.h"

#include <algorithm>
#include <cstring>

#include "api/arguments.h"
#include "base/limits.h"

namespace distcache::api {
namespace {

Answer failed(Status returned, Status to_readers, bool retriable, const char* message) noexcept {
  Answer answer;
  answer.status = returned;
  answer.load.status = to_readers;
  answer.load.retriable = retriable;
  try {
    answer.load.message = message;
  } catch (...) {  // NOLINT(bugprone-empty-catch): the status says enough
  }
  return answer;
}

Answer invalid(const char* message) noexcept {
  return failed(Status::invalid_argument, Status::source_failed, false, message);
}

// What a source says about its value, or the failure that it is to say this.
std::optional<Answer> refused(const distcache_answer_t* answer, distcache_answer_t& known) {
  Call call(nullptr);
  if (const Status bad = read_growable(call, answer, "answer", known); bad != Status::ok) {
    return failed(bad, Status::source_failed, false, "the source's answer has a bad struct_size");
  }
  if (known.flags & ~uint32_t{DISTCACHE_ANSWER_NO_STORE}) {
    return invalid("the source's answer has unknown flags");
  }
  return std::nullopt;
}

}  // namespace

Answer value_answer(const uint8_t* value, size_t value_len, const distcache_answer_t* answer,
                    uint64_t value_bytes_max, FetchTags tags) {
  if (value_len > value_bytes_max) {
    return failed(Status::too_large, Status::too_large, false,
                  "the source's value is over value.bytes.max of the keyspace");
  }
  if (value == nullptr && value_len > 0) return invalid("the source answered with value = NULL");
  if (tags.refused) {
    return invalid("the source gave a tag that was refused: the value cannot be kept without it");
  }
  distcache_answer_t known;
  if (std::optional<Answer> bad = refused(answer, known)) return std::move(*bad);
  Answer made;
  made.load.status = Status::ok;
  made.load.value = Buffer::copy_of({reinterpret_cast<const char*>(value), value_len});
  if (made.load.value.is_null()) return no_memory_answer();
  const bool expired = known.ttl_ms < 0 && known.ttl_ms != DISTCACHE_TTL_NONE;
  made.load.do_not_store = expired || (known.flags & DISTCACHE_ANSWER_NO_STORE);
  if (!expired) made.load.ttl = ttl_of(known.ttl_ms);
  made.load.tags = std::move(tags.tags);
  return made;
}

Answer not_found_answer() noexcept {
  Answer answer;
  answer.load.status = Status::not_found;
  return answer;
}

// A load happens only where no value is held, as long as nothing is refreshed ahead of its expiry.
Answer not_modified_answer(const distcache_answer_t* answer) {
  distcache_answer_t known;
  if (std::optional<Answer> bad = refused(answer, known)) return std::move(*bad);
  return failed(Status::ok, Status::source_failed, true,
                "the source answered not modified, but no value is held any more");
}

Answer failure_answer(int32_t retriable, const char* message) noexcept {
  return failed(Status::ok, Status::source_failed, retriable != 0,
                message == nullptr ? "the source failed" : message);
}

Answer no_memory_answer() noexcept {
  return failed(Status::no_memory, Status::no_memory, true, "no memory for the source's value");
}

std::optional<Status> give(engine::Fetch& fetch, Answer answer) noexcept {
  const bool wanted = !fetch.overdue();
  try {
    if (!fetch.answer(std::move(answer.load))) return std::nullopt;
  } catch (...) {
    return Status::no_memory;
  }
  return answer.status == Status::ok && !wanted ? Status::cancelled : answer.status;
}

Status add_tag(FetchTags& tags, const char* tag) noexcept {
  Status status = Status::invalid_argument;
  try {
    Call call(nullptr);
    if (tag != nullptr && tags.tags.size() < limits::kTagsMax) status = check_tag(call, tag);
    if (status == Status::ok) tags.tags.emplace_back(tag);
  } catch (...) {
    status = Status::no_memory;
  }
  if (status != Status::ok) tags.refused = true;
  return status;
}

int32_t copy_trace(const core::TraceContext* from, distcache_trace_t* to) noexcept {
  if (to == nullptr) return 0;
  std::memset(to, 0, sizeof(*to));
  if (from == nullptr || from->traceparent.empty()) return 0;
  std::memcpy(to->traceparent, from->traceparent.data(),
              std::min(from->traceparent.size(), sizeof(to->traceparent) - 1));
  std::memcpy(to->tracestate, from->tracestate.data(),
              std::min(from->tracestate.size(), sizeof(to->tracestate) - 1));
  return 1;
}

int64_t remaining_ms(const engine::Fetch& fetch) noexcept {
  return (fetch.remaining() + Duration::us(999)).as_ms();
}

}  // namespace distcache::api
