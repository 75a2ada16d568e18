#include "api/arguments.h"
#include "api/handles.h"
#include "api/result.h"
#include "distcache/observe.h"

using distcache::Status;
using distcache::api::Call;
using distcache::api::enter;
namespace api = distcache::api;

distcache_status_t distcache_explain(distcache_keyspace_t* keyspace, const uint8_t* key,
                                     size_t key_len, distcache_result_t** out,
                                     distcache_error_t** err) {
  return enter(err, [&](Call& call) {
    if (out == nullptr) return call.invalid("out is NULL");
    *out = nullptr;
    const auto open = api::keyspaces.pin(keyspace);
    if (!open) return call.refuse(open.state(), "keyspace");
    distcache::core::Key checked;
    Status bad = api::check_key(call, key, key_len, checked);
    if (bad == Status::ok) bad = open->refuse_use(call);
    if (bad != Status::ok) return bad;
    *out = api::result_of_texts({open->engine().explain(open->keyspace, checked)});
    return Status::ok;
  });
}
