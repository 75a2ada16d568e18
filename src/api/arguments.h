#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "api/call.h"
#include "core/types.h"
#include "distcache/types.h"
#include "engine/node.h"

// What callers hand in, checked before it is read any further. Each function answers ok, or the
// status that the call is to return, whose error names the argument and the limit.
namespace distcache::api {

Status check_key(Call& call, const uint8_t* key, size_t key_len, core::Key& out);

// The nth of packed numbers, which need not be aligned: managed memory seldom is.
template <typename Number>
Number number_at(const Number* numbers, size_t nth) {
  Number number = 0;
  std::memcpy(&number, reinterpret_cast<const char*>(numbers) + nth * sizeof(number),
              sizeof(number));
  return number;
}

// Packed keys, as the many-forms take them; borrowed from the caller's memory.
Status check_keys(Call& call, const uint8_t* keys, const uint32_t* key_lens, size_t count,
                  std::vector<core::Key>& out);

// NULL stands for all defaults. DISTCACHE_OP_NO_WAIT is refused where `no_wait` is null.
Status check_options(Call& call, const distcache_options_t* options, engine::OperationOptions& out,
                     bool* no_wait = nullptr);

// A value of `value_len` bytes, before any of them is read.
Status check_value(Call& call, const uint8_t* value, size_t value_len, uint64_t value_bytes_max);

// Tags, each ended by NUL.
Status check_tags(Call& call, const char* tags, size_t tags_len, std::vector<std::string>& out);
Status check_tag(Call& call, std::string_view tag);

// Of a text argument: not NULL.
Status check_text(Call& call, const char* text, std::string_view name);

// A timeout; 0 stays 0, and what is absurdly long is cut to years.
Status check_timeout(Call& call, int64_t timeout_ms, Duration& out,
                     std::string_view name = "timeout_ms");

// A ttl as a call that writes may name it.
bool is_ttl(int64_t ttl_ms);
Status check_ttl(Call& call, int64_t ttl_ms, std::string_view name);

// A ttl as it is written in options and answers: 0 = default, DISTCACHE_TTL_NONE = max().
Duration ttl_of(int64_t ttl_ms);

// The fields that both sides know of a struct that may grow, in a copy; the others are 0.
Status check_growable(Call& call, const void* from, size_t known, std::string_view name, void* to);

template <typename Struct>
Status read_growable(Call& call, const Struct* from, std::string_view name, Struct& to) {
  std::memset(&to, 0, sizeof(to));
  return from == nullptr ? Status::ok : check_growable(call, from, sizeof(to), name, &to);
}

}  // namespace distcache::api
