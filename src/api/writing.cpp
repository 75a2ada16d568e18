#include "api/writing.h"

#include <new>
#include <string>

namespace distcache::api {
namespace {

Buffer copy(const uint8_t* value, size_t value_len) {
  Buffer buffer = Buffer::copy_of({reinterpret_cast<const char*>(value), value_len});
  if (buffer.is_null()) throw std::bad_alloc();
  return buffer;
}

Status check_ttls(Call& call, const int64_t* ttls_ms, size_t count) {
  if (ttls_ms == nullptr) return Status::ok;
  for (size_t i = 0; i < count; ++i) {
    const int64_t ttl_ms = number_at(ttls_ms, i);
    if (!is_ttl(ttl_ms)) return check_ttl(call, ttl_ms, "ttls_ms[" + std::to_string(i) + "]");
  }
  return Status::ok;
}

// Marks an answer that is still to come; no operation ends so.
constexpr Status kTried = Status::not_owner;

}  // namespace

Status one_put(Call& call, const OpenKeyspace& open, const uint8_t* key, size_t key_len,
               const uint8_t* value, size_t value_len, std::vector<engine::PutItem>& out) {
  core::Key checked;
  if (const Status bad = check_key(call, key, key_len, checked); bad != Status::ok) return bad;
  const Status bad = check_value(call, value, value_len, open.value_bytes_max());
  if (bad != Status::ok) return bad;
  out.push_back({checked, copy(value, value_len), {}});
  return Status::ok;
}

Status many_puts(Call& call, const OpenKeyspace& open, const uint8_t* keys,
                 const uint32_t* key_lens, const uint8_t* values, const uint32_t* value_lens,
                 const int64_t* ttls_ms, size_t count, std::vector<engine::PutItem>& out,
                 std::vector<core::Outcome>& answers) {
  std::vector<core::Key> checked;
  const Status bad = check_keys(call, keys, key_lens, count, checked);
  if (bad != Status::ok || count == 0) return bad;
  if (value_lens == nullptr) return call.invalid("value_lens is NULL");
  if (const Status bad_ttl = check_ttls(call, ttls_ms, count); bad_ttl != Status::ok)
    return bad_ttl;

  const uint64_t bytes_max = open.value_bytes_max();
  answers.resize(count);
  out.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    const size_t len = number_at(value_lens, i);
    if (len > 0 && values == nullptr) return call.invalid("values is NULL");
    if (len > bytes_max) {
      answers[i] = core::Outcome::failure(
          Status::too_large, "value_lens[" + std::to_string(i) + "] is " + std::to_string(len) +
                                 ", over value.bytes.max (" + std::to_string(bytes_max) + ")");
    } else {
      answers[i].status = kTried;
      const Duration ttl = ttls_ms == nullptr ? Duration() : ttl_of(number_at(ttls_ms, i));
      out.push_back({checked[i], copy(values, len), ttl});
    }
    if (len > 0) values += len;
  }
  return Status::ok;
}

void merge(std::vector<core::Outcome> tried, std::vector<core::Outcome>& answers) {
  size_t next = 0;
  for (core::Outcome& answer : answers) {
    if (answer.status == kTried && next < tried.size()) answer = std::move(tried[next++]);
  }
}

}  // namespace distcache::api
