#include "api/arguments.h"

#include <algorithm>

#include "api/fetch_handles.h"
#include "base/limits.h"
#include "core/mutations.h"

namespace distcache::api {
namespace {

// No struct of this interface comes near: a size beyond it is not one, and is not read.
constexpr uint32_t kStructBytesMax = 4096;
constexpr uint32_t kFlagsKnown = DISTCACHE_OP_NO_LOAD | DISTCACHE_OP_OWNER_ONLY |
                                 DISTCACHE_OP_NO_STALE | DISTCACHE_OP_TRACED | DISTCACHE_OP_NO_WAIT;

static_assert(limits::kKeyBytesMax == DISTCACHE_KEY_BYTES_MAX);
static_assert(limits::kKeyspaceNameBytesMax == DISTCACHE_NAME_BYTES_MAX);
static_assert(limits::kNodeNameBytesMax == DISTCACHE_NAME_BYTES_MAX);
static_assert(limits::kManyKeysMax == DISTCACHE_MANY_KEYS_MAX);
static_assert(limits::kTagsMax == DISTCACHE_TAGS_MAX);
static_assert(limits::kTagBytesMax == DISTCACHE_TAG_BYTES_MAX);
static_assert(limits::kErrorTextBytesMax == DISTCACHE_MESSAGE_BYTES_MAX);

std::string key_limits(size_t key_len) {
  return " is " + std::to_string(key_len) + ": a key has 1 to " +
         std::to_string(limits::kKeyBytesMax) + " bytes";
}

Bytes bytes_of(const uint8_t* data, size_t len) {
  return {reinterpret_cast<const char*>(data), len};
}

// The text in a field of `size` bytes. False: it does not end in there.
bool text_in(const char* field, size_t size, std::string& out) {
  const void* end = std::memchr(field, 0, size);
  if (end == nullptr) return false;
  out.assign(field, static_cast<const char*>(end));
  return std::all_of(out.begin(), out.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

Status check_trace(Call& call, const distcache_options_t* options, uint32_t at,
                   core::TraceContext& out) {
  distcache_trace_t trace;
  std::memcpy(&trace, reinterpret_cast<const char*>(options) + at, sizeof(trace));
  if (!text_in(trace.traceparent, sizeof(trace.traceparent), out.traceparent) ||
      !text_in(trace.tracestate, sizeof(trace.tracestate), out.tracestate)) {
    return call.invalid("options: the trace context is no text that ends with NUL");
  }
  const size_t size = out.traceparent.size();
  if (size != 0 && size != sizeof(trace.traceparent) - 1) {
    return call.invalid("options: traceparent has " + std::to_string(size) +
                        " characters, it must have 55 or none");
  }
  return Status::ok;
}

}  // namespace

Status check_key(Call& call, const uint8_t* key, size_t key_len, core::Key& out) {
  const bool fits = key_len > 0 && key_len <= limits::kKeyBytesMax;
  if (!fits && !core::mutated(core::Mutation::any_key)) {
    return call.invalid("key_len" + key_limits(key_len));
  }
  if (key == nullptr) return call.invalid("key is NULL");
  out = core::Key::of(bytes_of(key, key_len));
  return Status::ok;
}

Status check_keys(Call& call, const uint8_t* keys, const uint32_t* key_lens, size_t count,
                  std::vector<core::Key>& out) {
  if (count > limits::kManyKeysMax) {
    return call.invalid("count is " + std::to_string(count) + ", at most " +
                        std::to_string(limits::kManyKeysMax) + " keys go into one call");
  }
  if (count == 0) return Status::ok;
  if (keys == nullptr) return call.invalid("keys is NULL");
  if (key_lens == nullptr) return call.invalid("key_lens is NULL");
  // All lengths before the first byte. Within these bounds their sum cannot overflow.
  for (size_t i = 0; i < count; ++i) {
    const uint32_t len = number_at(key_lens, i);
    const bool fits = len > 0 && len <= limits::kKeyBytesMax;
    if (!fits && !core::mutated(core::Mutation::any_packed_key)) {
      return call.invalid("key_lens[" + std::to_string(i) + "]" + key_limits(len));
    }
  }
  out.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    const uint32_t len = number_at(key_lens, i);
    out.push_back(core::Key::of(bytes_of(keys, len)));
    keys += len;
  }
  return Status::ok;
}

Status check_options(Call& call, const distcache_options_t* options, engine::OperationOptions& out,
                     bool* no_wait) {
  if (options == nullptr) return Status::ok;
  distcache_options_t known;
  if (const Status read = read_growable(call, options, "options", known); read != Status::ok) {
    return read;
  }
  if (known.flags & ~kFlagsKnown) {
    return call.invalid("options: flags has unknown bits");
  }
  const bool wants_no_wait = known.flags & DISTCACHE_OP_NO_WAIT;
  if (no_wait != nullptr) {
    *no_wait = wants_no_wait;
  } else if (wants_no_wait) {
    return call.invalid("options: flags: DISTCACHE_OP_NO_WAIT is for get, get_view and get_into");
  }
  if (known.flags & DISTCACHE_OP_NO_LOAD) return call.unsupported("DISTCACHE_OP_NO_LOAD");
  if (known.flags & DISTCACHE_OP_OWNER_ONLY) return call.unsupported("DISTCACHE_OP_OWNER_ONLY");
  Status bad = check_timeout(call, known.timeout_ms, out.timeout, "options: timeout_ms");
  if (bad == Status::ok) bad = check_ttl(call, known.ttl_ms, "options: ttl_ms");
  if (bad != Status::ok) return bad;
  out.ttl = ttl_of(known.ttl_ms);
  if (known.flags & DISTCACHE_OP_TRACED) {
    bad = check_trace(call, options, known.struct_size, out.trace);
    if (bad != Status::ok) return bad;
  }
  return known.parent_fetch == 0 ? Status::ok
                                 : check_parent(call, known.parent_fetch, out.ancestors);
}

Status check_value(Call& call, const uint8_t* value, size_t value_len, uint64_t value_bytes_max) {
  if (value_len > value_bytes_max && !core::mutated(core::Mutation::any_value)) {
    return call.fail(Status::too_large, "value_len is " + std::to_string(value_len) +
                                            ", over value.bytes.max (" +
                                            std::to_string(value_bytes_max) + ")");
  }
  if (value == nullptr && value_len > 0) return call.invalid("value is NULL");
  return Status::ok;
}

Status check_tag(Call& call, std::string_view tag) {
  if (!tag.empty() && tag.size() <= limits::kTagBytesMax) return Status::ok;
  return call.invalid("tags: one has " + std::to_string(tag.size()) + " bytes, it must have 1 to " +
                      std::to_string(limits::kTagBytesMax));
}

Status check_tags(Call& call, const char* tags, size_t tags_len, std::vector<std::string>& out) {
  if (tags_len == 0) return Status::ok;
  if (tags == nullptr) return call.invalid("tags is NULL");
  if (tags_len > limits::kTagsMax * (limits::kTagBytesMax + 1)) {
    return call.invalid("tags_len is " + std::to_string(tags_len) + ", over the " +
                        std::to_string(limits::kTagsMax) + " tags of 256 bytes that may be");
  }
  std::string_view rest(tags, tags_len);
  while (!rest.empty()) {
    const size_t end = rest.find('\0');
    if (end == std::string_view::npos)
      return call.invalid("tags: the last one has no NUL within tags_len");
    if (const Status bad = check_tag(call, rest.substr(0, end)); bad != Status::ok) return bad;
    if (out.size() == limits::kTagsMax) {
      return call.invalid("tags: more than " + std::to_string(limits::kTagsMax));
    }
    out.emplace_back(rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
  return Status::ok;
}

Status check_text(Call& call, const char* text, std::string_view name) {
  return text == nullptr ? call.invalid(std::string(name) + " is NULL") : Status::ok;
}

Status check_timeout(Call& call, int64_t timeout_ms, Duration& out, std::string_view name) {
  if (timeout_ms < 0) {
    return call.invalid(std::string(name) + " is " + std::to_string(timeout_ms) +
                        ", it must not be negative");
  }
  out = Duration::ms(std::min(timeout_ms, limits::kTtlMsMax));
  return Status::ok;
}

bool is_ttl(int64_t ttl_ms) { return ttl_ms >= 0 || ttl_ms == DISTCACHE_TTL_NONE; }

Status check_ttl(Call& call, int64_t ttl_ms, std::string_view name) {
  if (is_ttl(ttl_ms)) return Status::ok;
  return call.invalid(std::string(name) + " is " + std::to_string(ttl_ms) +
                      ", it must be positive, 0 or DISTCACHE_TTL_NONE");
}

Duration ttl_of(int64_t ttl_ms) {
  if (ttl_ms == DISTCACHE_TTL_NONE) return Duration::max();
  return Duration::ms(std::min(ttl_ms, limits::kTtlMsMax));
}

Status check_growable(Call& call, const void* from, size_t known, std::string_view name, void* to) {
  uint32_t size = 0;
  std::memcpy(&size, from, sizeof(size));
  if (size == 0 || size % 8 != 0 || size > kStructBytesMax) {
    return call.invalid(std::string(name) + ": struct_size is " + std::to_string(size) +
                        ", it must be the sizeof that the program was compiled with");
  }
  const auto* bytes = static_cast<const unsigned char*>(from);
  for (size_t i = known; i < size; ++i) {
    if (bytes[i] == 0) continue;
    return call.unsupported(std::string(name) + ": a field that a later version has");
  }
  std::memcpy(to, from, std::min<size_t>(size, known));
  return Status::ok;
}

}  // namespace distcache::api
