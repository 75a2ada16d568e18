#include "api/call.h"
#include "api/callback.h"
#include "distcache.h"

using distcache::api::Call;
using distcache::api::enter;
using distcache::api::Finalizer;

// Parts of its own that a program may bring in later versions. Each registering function does
// nothing but end the context that it was given; one that arrives leaves this file.
namespace {

distcache_status_t unsupported(const char* what, uintptr_t context, distcache_finalize_fn finalize,
                               distcache_error_t** err) {
  const Finalizer finalizer(finalize, context);
  return enter(err, [what](Call& call) { return call.unsupported(what); });
}

}  // namespace

distcache_status_t distcache_config_hash(distcache_config_t*, const char*, distcache_hash_fn,
                                         uintptr_t context, distcache_finalize_fn finalize,
                                         distcache_error_t** err) {
  return unsupported("distcache_config_hash", context, finalize, err);
}

distcache_status_t distcache_config_allocator(distcache_config_t*,
                                              const distcache_allocator_vtable_t*,
                                              uintptr_t context, distcache_finalize_fn finalize,
                                              distcache_error_t** err) {
  return unsupported("distcache_config_allocator", context, finalize, err);
}

distcache_status_t distcache_config_on_span(distcache_config_t*, distcache_span_fn,
                                            uintptr_t context, distcache_finalize_fn finalize,
                                            distcache_error_t** err) {
  return unsupported("distcache_config_on_span", context, finalize, err);
}

distcache_status_t distcache_keyspace_def_expiry(distcache_keyspace_def_t*, distcache_expiry_fn,
                                                 uintptr_t context, distcache_finalize_fn finalize,
                                                 distcache_error_t** err) {
  return unsupported("distcache_keyspace_def_expiry", context, finalize, err);
}

distcache_status_t distcache_keyspace_def_eviction(distcache_keyspace_def_t*,
                                                   const distcache_eviction_vtable_t*,
                                                   uintptr_t context,
                                                   distcache_finalize_fn finalize,
                                                   distcache_error_t** err) {
  return unsupported("distcache_keyspace_def_eviction", context, finalize, err);
}

distcache_status_t distcache_keyspace_def_tier(distcache_keyspace_def_t*,
                                               const distcache_tier_vtable_t*, uintptr_t context,
                                               distcache_finalize_fn finalize,
                                               distcache_error_t** err) {
  return unsupported("distcache_keyspace_def_tier", context, finalize, err);
}

// No tier of a program is ever called, so no reply can be a valid one.
distcache_status_t distcache_tier_reply_value(distcache_tier_reply_t*, const uint8_t*, size_t,
                                              int64_t, int64_t) {
  return DISTCACHE_INVALID_ARGUMENT;
}

// ---- queues -------------------------------------------------------------------------------------

distcache_status_t distcache_queue_new(distcache_queue_t** out, distcache_error_t** err) {
  if (out != nullptr) *out = nullptr;
  return unsupported("distcache_queue_new", 0, nullptr, err);
}

distcache_status_t distcache_queue_keyspace(distcache_queue_t*, distcache_keyspace_t*,
                                            distcache_keyspace_t** out, distcache_error_t** err) {
  if (out != nullptr) *out = nullptr;
  return unsupported("distcache_queue_keyspace", 0, nullptr, err);
}

distcache_status_t distcache_keyspace_def_source_queue(distcache_keyspace_def_t*,
                                                       distcache_queue_t*, uintptr_t context,
                                                       distcache_finalize_fn finalize,
                                                       distcache_error_t** err) {
  return unsupported("distcache_keyspace_def_source_queue", context, finalize, err);
}

distcache_status_t distcache_queue_take(distcache_queue_t*, int64_t, distcache_queue_item_t*,
                                        size_t, size_t, size_t* count, distcache_error_t** err) {
  if (count != nullptr) *count = 0;
  return unsupported("distcache_queue_take", 0, nullptr, err);
}

int32_t distcache_queue_fd(const distcache_queue_t*) { return -1; }

void distcache_queue_release(distcache_queue_t*) {}
