#include <cstring>

#include "api/reading.h"
#include "api/result.h"
#include "distcache/operations.h"

using distcache::Buffer;
using distcache::Status;
using distcache::api::Call;
using distcache::api::enter;
using distcache::api::Reach;
namespace api = distcache::api;
namespace core = distcache::core;

// A view holds a reference of the value's Buffer as a plain pointer in internal[0]: nothing else
// has to live for it, and any thread can give it back.
namespace distcache::api {
namespace {

Status check_view(Call& call, const distcache_view_t* view) {
  if (view == nullptr) return call.invalid("view is NULL");
  distcache_view_t known;
  if (const Status bad = read_growable(call, view, "view", known); bad != Status::ok) return bad;
  if (known.struct_size < sizeof(known)) {
    return call.invalid("view: struct_size is " + std::to_string(known.struct_size) +
                        ", a view has " + std::to_string(sizeof(known)) + " bytes");
  }
  for (const uintptr_t word : known.internal) {
    if (word != 0) return call.invalid("view holds a value already, or was never initialized");
  }
  return Status::ok;
}

distcache_status_t read_view(Reach reach, distcache_keyspace_t* keyspace, const uint8_t* key,
                             size_t key_len, const distcache_options_t* options,
                             distcache_view_t* view, distcache_error_t** err) noexcept {
  return enter(err, [&](Call& call) {
    if (const Status bad = check_view(call, view); bad != Status::ok) return bad;
    view->item = {};
    core::Outcome outcome;
    const Status status = read(call, reach, keyspace, key, key_len, options, outcome);
    if (status != Status::ok) return status;
    view->item = item_of(outcome, Kind::read);
    view->internal[0] = reinterpret_cast<uintptr_t>(std::move(outcome.value).detach());
    return Status::ok;
  });
}

}  // namespace
}  // namespace distcache::api

distcache_status_t distcache_get_view(distcache_keyspace_t* keyspace, const uint8_t* key,
                                      size_t key_len, const distcache_options_t* options,
                                      distcache_view_t* view, distcache_error_t** err) {
  return api::read_view(Reach::get, keyspace, key, key_len, options, view, err);
}

distcache_status_t distcache_peek_view(distcache_keyspace_t* keyspace, const uint8_t* key,
                                       size_t key_len, distcache_view_t* view,
                                       distcache_error_t** err) {
  return api::read_view(Reach::peek, keyspace, key, key_len, nullptr, view, err);
}

void distcache_view_release(distcache_view_t* view) {
  if (view == nullptr) return;
  static_cast<void>(Buffer::adopt(reinterpret_cast<void*>(view->internal[0])));
  std::memset(view->internal, 0, sizeof(view->internal));
  view->item = {};
}
