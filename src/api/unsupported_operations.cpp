#include "api/call.h"
#include "distcache.h"

using distcache::api::Call;
using distcache::api::enter;

// Operations that later versions bring. Each does nothing, and keeps the conventions of *out, err
// and finalisers; one that arrives leaves this file.
namespace {

distcache_status_t unsupported(const char* what, distcache_error_t** err) {
  return enter(err, [what](Call& call) { return call.unsupported(what); });
}

template <typename Object>
distcache_status_t unsupported(const char* what, Object** out, distcache_error_t** err) {
  if (out != nullptr) *out = nullptr;
  return unsupported(what, err);
}

}  // namespace

distcache_status_t distcache_clear(distcache_keyspace_t*, const distcache_options_t*,
                                   distcache_error_t** err) {
  return unsupported("distcache_clear", err);
}

distcache_status_t distcache_invalidate_tag(distcache_keyspace_t*, const char*,
                                            const distcache_options_t*, distcache_error_t** err) {
  return unsupported("distcache_invalidate_tag", err);
}

distcache_status_t distcache_invalidate_prefix(distcache_keyspace_t*, const uint8_t*, size_t,
                                               const distcache_options_t*,
                                               distcache_error_t** err) {
  return unsupported("distcache_invalidate_prefix", err);
}

distcache_status_t distcache_touch(distcache_keyspace_t*, const uint8_t*, size_t,
                                   const distcache_options_t*, distcache_error_t** err) {
  return unsupported("distcache_touch", err);
}

distcache_status_t distcache_scan(distcache_keyspace_t*, uint64_t*, size_t,
                                  distcache_result_t** out, distcache_error_t** err) {
  return unsupported("distcache_scan", out, err);
}

distcache_status_t distcache_hot_keys(distcache_keyspace_t*, size_t, distcache_result_t** out,
                                      distcache_error_t** err) {
  return unsupported("distcache_hot_keys", out, err);
}

// ---- their asynchronous forms -------------------------------------------------------------------

distcache_status_t distcache_clear_async(distcache_keyspace_t*, const distcache_options_t*,
                                         distcache_done_fn, uintptr_t, distcache_op_t** op,
                                         distcache_error_t** err) {
  return unsupported("distcache_clear_async", op, err);
}

distcache_status_t distcache_invalidate_tag_async(distcache_keyspace_t*, const char*,
                                                  const distcache_options_t*, distcache_done_fn,
                                                  uintptr_t, distcache_op_t** op,
                                                  distcache_error_t** err) {
  return unsupported("distcache_invalidate_tag_async", op, err);
}

distcache_status_t distcache_invalidate_prefix_async(distcache_keyspace_t*, const uint8_t*, size_t,
                                                     const distcache_options_t*, distcache_done_fn,
                                                     uintptr_t, distcache_op_t** op,
                                                     distcache_error_t** err) {
  return unsupported("distcache_invalidate_prefix_async", op, err);
}

distcache_status_t distcache_touch_async(distcache_keyspace_t*, const uint8_t*, size_t,
                                         const distcache_options_t*, distcache_done_fn, uintptr_t,
                                         distcache_op_t** op, distcache_error_t** err) {
  return unsupported("distcache_touch_async", op, err);
}
