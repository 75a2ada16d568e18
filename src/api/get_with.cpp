#include "api/arguments.h"
#include "api/handles.h"
#include "api/result.h"
#include "api/source.h"
#include "distcache/operations.h"

using distcache::Status;
using distcache::api::Call;
using distcache::api::enter;
using distcache::api::Finalizer;
namespace api = distcache::api;
namespace core = distcache::core;
namespace engine = distcache::engine;

distcache_status_t distcache_get_with(distcache_keyspace_t* keyspace, const uint8_t* key,
                                      size_t key_len, distcache_fetch_fn fetch, uintptr_t context,
                                      distcache_finalize_fn finalize,
                                      const distcache_options_t* options, distcache_result_t** out,
                                      distcache_error_t** err) {
  Finalizer finalizer(finalize, context);
  return enter(err, [&](Call& call) {
    if (out == nullptr) return call.invalid("out is NULL");
    *out = nullptr;
    if (fetch == nullptr) return call.invalid("fetch is NULL");
    const auto open = api::keyspaces.pin(keyspace);
    if (!open) return call.refuse(open.state(), "keyspace");
    core::Key checked;
    engine::OperationOptions chosen;
    bool no_wait = false;
    Status bad = api::check_key(call, key, key_len, checked);
    if (bad == Status::ok) bad = api::check_options(call, options, chosen, &no_wait);
    if (bad != Status::ok) return bad;
    core::Outcome outcome =
        no_wait
            ? open->engine().get_held(open->keyspace, checked)
            : open->engine().get_with(
                  open->keyspace, checked,
                  api::make_loader(fetch, context, std::move(finalizer), *open->keyspace), chosen);
    if (outcome.status != Status::ok) return call.answer(outcome);
    *out = api::result_of(std::move(outcome), api::Kind::read);
    return Status::ok;
  });
}
