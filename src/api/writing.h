#pragma once

#include <vector>

#include "api/arguments.h"
#include "api/handles.h"

namespace distcache::api {

// What the writing calls have in common with their asynchronous forms.

// One value, checked and copied.
Status one_put(Call& call, const OpenKeyspace& open, const uint8_t* key, size_t key_len,
               const uint8_t* value, size_t value_len, std::vector<engine::PutItem>& out);

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
