#include <utility>

#include "api/result.h"
#include "api/writing.h"
#include "distcache/operations.h"

using distcache::Status;
using distcache::api::Call;
using distcache::api::enter;
namespace api = distcache::api;
namespace core = distcache::core;
namespace engine = distcache::engine;

namespace distcache::api {
namespace {

distcache_status_t put_one(distcache_keyspace_t* keyspace, const uint8_t* key, size_t key_len,
                           const uint8_t* value, size_t value_len, const char* tags,
                           size_t tags_len, const distcache_options_t* options,
                           distcache_error_t** err) noexcept {
  return enter(err, [&](Call& call) {
    const auto open = keyspaces.pin(keyspace);
    if (!open) return call.refuse(open.state(), "keyspace");
    std::vector<engine::PutItem> item;
    engine::OperationOptions chosen;
    Status bad = check_options(call, options, chosen);
    if (bad == Status::ok) bad = check_tags(call, tags, tags_len, chosen.tags);
    if (bad == Status::ok) bad = one_put(call, *open, key, key_len, value, value_len, item);
    if (bad != Status::ok) return bad;
    return call.answer(open->engine().put_many(open->keyspace, std::move(item), chosen).front());
  });
}

}  // namespace
}  // namespace distcache::api

distcache_status_t distcache_put(distcache_keyspace_t* keyspace, const uint8_t* key, size_t key_len,
                                 const uint8_t* value, size_t value_len,
                                 const distcache_options_t* options, distcache_error_t** err) {
  return api::put_one(keyspace, key, key_len, value, value_len, nullptr, 0, options, err);
}

distcache_status_t distcache_put_tagged(distcache_keyspace_t* keyspace, const uint8_t* key,
                                        size_t key_len, const uint8_t* value, size_t value_len,
                                        const char* tags, size_t tags_len,
                                        const distcache_options_t* options,
                                        distcache_error_t** err) {
  return api::put_one(keyspace, key, key_len, value, value_len, tags, tags_len, options, err);
}

distcache_status_t distcache_put_if(distcache_keyspace_t* keyspace, const uint8_t* key,
                                    size_t key_len, const uint8_t* value, size_t value_len,
                                    const distcache_entry_version_t* expected,
                                    const distcache_options_t* options,
                                    distcache_entry_version_t* version, distcache_error_t** err) {
  return enter(err, [&](Call& call) {
    const core::Version condition = api::version_of(expected);  // may be *version
    if (version != nullptr) *version = {0, 0, 0};
    const auto open = api::keyspaces.pin(keyspace);
    if (!open) return call.refuse(open.state(), "keyspace");
    std::vector<engine::PutItem> item;
    engine::OperationOptions chosen;
    Status bad = api::check_options(call, options, chosen);
    if (bad == Status::ok) bad = api::one_put(call, *open, key, key_len, value, value_len, item);
    if (bad != Status::ok) return bad;
    item.front().expected = condition;
    const core::Outcome outcome = api::once_only(
        std::move(open->engine().put_many(open->keyspace, std::move(item), chosen).front()));
    if (version != nullptr) {
      *version = {outcome.version.epoch, outcome.version.owner, outcome.version.counter};
    }
    return call.answer(outcome);
  });
}

distcache_status_t distcache_put_many(distcache_keyspace_t* keyspace, const uint8_t* keys,
                                      const uint32_t* key_lens, const uint8_t* values,
                                      const uint32_t* value_lens, const int64_t* ttls_ms,
                                      size_t count, const distcache_options_t* options,
                                      distcache_result_t** out, distcache_error_t** err) {
  return enter(err, [&](Call& call) {
    if (out != nullptr) *out = nullptr;
    const auto open = api::keyspaces.pin(keyspace);
    if (!open) return call.refuse(open.state(), "keyspace");
    engine::OperationOptions chosen;
    std::vector<engine::PutItem> items;
    std::vector<core::Outcome> answers;
    Status bad = api::check_options(call, options, chosen);
    if (bad == Status::ok) bad = open->refuse_use(call);
    if (bad == Status::ok) bad = api::refuse_waiting(call);
    if (bad == Status::ok) {
      bad = api::many_puts(call, *open, keys, key_lens, values, value_lens, ttls_ms, count, items,
                           answers);
    }
    if (bad != Status::ok) return bad;
    api::merge(open->engine().put_many(open->keyspace, std::move(items), chosen), answers);
    if (out != nullptr) *out = api::result_of(std::move(answers), api::Kind::write);
    return Status::ok;
  });
}

distcache_status_t distcache_delete(distcache_keyspace_t* keyspace, const uint8_t* key,
                                    size_t key_len, const distcache_options_t* options,
                                    distcache_error_t** err) {
  return enter(err, [&](Call& call) {
    const auto open = api::keyspaces.pin(keyspace);
    if (!open) return call.refuse(open.state(), "keyspace");
    core::Key checked;
    engine::OperationOptions chosen;
    Status bad = api::check_key(call, key, key_len, checked);
    if (bad == Status::ok) bad = api::check_options(call, options, chosen);
    if (bad != Status::ok) return bad;
    return call.answer(open->engine().delete_many(open->keyspace, {checked}, chosen).front());
  });
}

distcache_status_t distcache_delete_many(distcache_keyspace_t* keyspace, const uint8_t* keys,
                                         const uint32_t* key_lens, size_t count,
                                         const distcache_options_t* options,
                                         distcache_result_t** out, distcache_error_t** err) {
  return enter(err, [&](Call& call) {
    if (out != nullptr) *out = nullptr;
    const auto open = api::keyspaces.pin(keyspace);
    if (!open) return call.refuse(open.state(), "keyspace");
    std::vector<core::Key> checked;
    engine::OperationOptions chosen;
    Status bad = api::check_keys(call, keys, key_lens, count, checked);
    if (bad == Status::ok) bad = api::check_options(call, options, chosen);
    if (bad == Status::ok) bad = open->refuse_use(call);
    if (bad == Status::ok) bad = api::refuse_waiting(call);
    if (bad != Status::ok) return bad;
    auto outcomes = open->engine().delete_many(open->keyspace, checked, chosen);
    if (out != nullptr) *out = api::result_of(std::move(outcomes), api::Kind::write);
    return Status::ok;
  });
}
