#pragma once

#include <vector>

#include "api/arguments.h"
#include "api/handles.h"

namespace distcache::api {

// What the writing calls have in common with their asynchronous forms.

// One value, checked and copied.
Status one_put(Call& call, const OpenKeyspace& open, const uint8_t* key, size_t key_len,
               const uint8_t* value, size_t value_len, std::vector<engine::PutItem>& out);

// The condition of a put_if: null or all zero asks for absence.
inline core::Version version_of(const distcache_entry_version_t* expected) {
  if (expected == nullptr) return {};
  return {expected->epoch, expected->owner, expected->counter};
}

// A second try of what may be done would be held against the first.
inline core::Outcome once_only(core::Outcome outcome) {
  const bool done = outcome.status == Status::partial || outcome.status == Status::unknown;
  if (done) outcome.retriable = false;
  return outcome;
}

// Packed keys and values, and a ttl for each unless `ttls_ms` is null. Values over value.bytes.max
// are neither read nor among `out`: their answers are in `answers`, which has one for each key; the
// others are to be filled in by merge().
Status many_puts(Call& call, const OpenKeyspace& open, const uint8_t* keys,
                 const uint32_t* key_lens, const uint8_t* values, const uint32_t* value_lens,
                 const int64_t* ttls_ms, size_t count, std::vector<engine::PutItem>& out,
                 std::vector<core::Outcome>& answers);

// Puts the outcomes of those that were tried in their places.
void merge(std::vector<core::Outcome> tried, std::vector<core::Outcome>& answers);

}  // namespace distcache::api
