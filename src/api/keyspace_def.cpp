#include "api/call.h"
#include "api/config.h"

using distcache::Result;
using distcache::Status;
using distcache::api::Call;
using distcache::api::Callback;
using distcache::api::enter;
using distcache::api::Finalizer;

distcache_status_t distcache_keyspace_def_new(const char* name, distcache_keyspace_def_t** out,
                                              distcache_error_t** err) {
  return enter(err, [&](Call& call) {
    if (out == nullptr) return call.invalid("out is NULL");
    *out = nullptr;
    if (name == nullptr) return call.invalid("name is NULL");
    const Result<void> good = distcache::core::check_keyspace_name(name);
    if (!good) return call.fail(good.error());
    *out = new distcache_keyspace_def_t{name, {}, {}};
    return Status::ok;
  });
}

distcache_status_t distcache_keyspace_def_set(distcache_keyspace_def_t* def, const char* name,
                                              const char* value, distcache_error_t** err) {
  return enter(err, [&](Call& call) {
    if (def == nullptr) return call.invalid("def is NULL");
    if (name == nullptr) return call.invalid("name is NULL");
    if (value == nullptr) return call.invalid("value is NULL");
    const Result<void> set = def->settings.set(name, value);
    return set ? Status::ok : call.fail(set.error());
  });
}

const char* distcache_keyspace_def_get(const distcache_keyspace_def_t* def, const char* name) {
  return def == nullptr || name == nullptr ? nullptr : def->settings.get(name);
}

distcache_status_t distcache_keyspace_def_source(distcache_keyspace_def_t* def,
                                                 distcache_fetch_fn fetch, uintptr_t context,
                                                 distcache_finalize_fn finalize,
                                                 distcache_error_t** err) {
  Finalizer finalizer(finalize, context);
  return enter(err, [&](Call& call) {
    if (def == nullptr) return call.invalid("def is NULL");
    if (fetch == nullptr) return call.invalid("fetch is NULL");
    def->source.one =
        std::make_shared<const Callback<distcache_fetch_fn>>(fetch, context, std::move(finalizer));
    return Status::ok;
  });
}

distcache_status_t distcache_keyspace_def_source_many(distcache_keyspace_def_t* def,
                                                      distcache_fetch_many_fn fetch,
                                                      uintptr_t context,
                                                      distcache_finalize_fn finalize,
                                                      distcache_error_t** err) {
  Finalizer finalizer(finalize, context);
  return enter(err, [&](Call& call) {
    if (def == nullptr) return call.invalid("def is NULL");
    if (fetch == nullptr) return call.invalid("fetch is NULL");
    def->source.many = std::make_shared<const Callback<distcache_fetch_many_fn>>(
        fetch, context, std::move(finalizer));
    return Status::ok;
  });
}

distcache_status_t distcache_keyspace_def_validate(const distcache_keyspace_def_t* def,
                                                   distcache_error_t** err) {
  return enter(err, [&](Call& call) {
    if (def == nullptr) return call.invalid("def is NULL");
    // What depends on an engine has its value from there, and no fault of its own.
    const auto valid = def->settings.validate({});
    return valid ? Status::ok : call.fail(valid.error());
  });
}

void distcache_keyspace_def_release(distcache_keyspace_def_t* def) { delete def; }
