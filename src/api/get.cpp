#include <algorithm>
#include <cstring>

#include "api/reading.h"
#include "api/result.h"
#include "distcache/operations.h"

using distcache::Bytes;
using distcache::Status;
using distcache::api::Call;
using distcache::api::enter;
using distcache::api::Reach;
namespace api = distcache::api;
namespace core = distcache::core;

namespace distcache::api {
namespace {

distcache_status_t read_result(Reach reach, distcache_keyspace_t* keyspace, const uint8_t* key,
                               size_t key_len, const distcache_options_t* options,
                               distcache_result_t** out, distcache_error_t** err) noexcept {
  return enter(err, [&](Call& call) {
    if (out == nullptr) return call.invalid("out is NULL");
    *out = nullptr;
    core::Outcome outcome;
    const Status status = read(call, reach, keyspace, key, key_len, options, outcome);
    if (status == Status::ok) *out = result_of(std::move(outcome), Kind::read);
    return status;
  });
}

distcache_status_t read_into(Reach reach, distcache_keyspace_t* keyspace, const uint8_t* key,
                             size_t key_len, const distcache_options_t* options, uint8_t* buffer,
                             size_t capacity, size_t* len, distcache_error_t** err) noexcept {
  return enter(err, [&](Call& call) {
    if (len == nullptr) return call.invalid("len is NULL");
    *len = 0;
    if (buffer == nullptr && capacity > 0) {
      return call.invalid("buffer is NULL, and capacity is not 0");
    }
    core::Outcome outcome;
    const Status status = read(call, reach, keyspace, key, key_len, options, outcome);
    if (status != Status::ok) return status;
    const Bytes value = outcome.value.view();
    *len = value.size();
    if (value.size() > capacity) {
      return call.fail(Status::too_large, "the value has " + std::to_string(value.size()) +
                                              " bytes, over the buffer's capacity of " +
                                              std::to_string(capacity));
    }
    if (!value.empty()) std::memcpy(buffer, value.data(), value.size());
    return Status::ok;
  });
}

distcache_status_t read_many(distcache_keyspace_t* keyspace, const uint8_t* keys,
                             const uint32_t* key_lens, size_t count,
                             const distcache_options_t* options, distcache_result_t** out,
                             distcache_error_t** err) noexcept {
  return enter(err, [&](Call& call) {
    if (out == nullptr) return call.invalid("out is NULL");
    *out = nullptr;
    const auto open = keyspaces.pin(keyspace);
    if (!open) return call.refuse(open.state(), "keyspace");
    std::vector<core::Key> checked;
    Status bad = check_keys(call, keys, key_lens, count, checked);
    engine::OperationOptions chosen;
    if (bad == Status::ok) bad = check_options(call, options, chosen);
    if (bad == Status::ok) bad = open->refuse_use(call);
    if (bad == Status::ok) bad = refuse_waiting(call);
    if (bad != Status::ok) return bad;
    *out = result_of(open->engine().get_many(open->keyspace, checked, chosen), Kind::read);
    return Status::ok;
  });
}

}  // namespace
}  // namespace distcache::api

distcache_status_t distcache_get(distcache_keyspace_t* keyspace, const uint8_t* key, size_t key_len,
                                 const distcache_options_t* options, distcache_result_t** out,
                                 distcache_error_t** err) {
  return api::read_result(Reach::get, keyspace, key, key_len, options, out, err);
}

distcache_status_t distcache_refresh(distcache_keyspace_t* keyspace, const uint8_t* key,
                                     size_t key_len, const distcache_options_t* options,
                                     distcache_result_t** out, distcache_error_t** err) {
  return enter(err, [&](Call& call) {
    if (out != nullptr) *out = nullptr;
    const auto open = api::keyspaces.pin(keyspace);
    if (!open) return call.refuse(open.state(), "keyspace");
    core::Key checked;
    distcache::engine::OperationOptions chosen;
    Status bad = api::check_key(call, key, key_len, checked);
    if (bad == Status::ok) bad = api::check_options(call, options, chosen);
    if (bad != Status::ok) return bad;
    core::Outcome outcome = open->engine().refresh(open->keyspace, checked, chosen);
    const Status status = call.answer(outcome);
    if (status == Status::ok && out != nullptr) {
      *out = api::result_of(std::move(outcome), api::Kind::read);
    }
    return status;
  });
}

distcache_status_t distcache_get_into(distcache_keyspace_t* keyspace, const uint8_t* key,
                                      size_t key_len, const distcache_options_t* options,
                                      uint8_t* buffer, size_t capacity, size_t* len,
                                      distcache_error_t** err) {
  return api::read_into(Reach::get, keyspace, key, key_len, options, buffer, capacity, len, err);
}

distcache_status_t distcache_get_many(distcache_keyspace_t* keyspace, const uint8_t* keys,
                                      const uint32_t* key_lens, size_t count,
                                      const distcache_options_t* options, distcache_result_t** out,
                                      distcache_error_t** err) {
  return api::read_many(keyspace, keys, key_lens, count, options, out, err);
}

distcache_status_t distcache_peek(distcache_keyspace_t* keyspace, const uint8_t* key,
                                  size_t key_len, distcache_result_t** out,
                                  distcache_error_t** err) {
  return api::read_result(Reach::peek, keyspace, key, key_len, nullptr, out, err);
}

distcache_status_t distcache_peek_into(distcache_keyspace_t* keyspace, const uint8_t* key,
                                       size_t key_len, uint8_t* buffer, size_t capacity,
                                       size_t* len, distcache_error_t** err) {
  return api::read_into(Reach::peek, keyspace, key, key_len, nullptr, buffer, capacity, len, err);
}
