#include "distcache/async.h"

#include <memory>
#include <string>
#include <utility>

#include "api/completion.h"
#include "api/handles.h"
#include "api/source.h"
#include "api/writing.h"
#include "base/mutex.h"

using distcache::MutexLock;
using distcache::Status;
using distcache::api::Call;
using distcache::api::enter;
using distcache::api::Finalizer;
using distcache::api::Kind;
using distcache::api::OpenKeyspace;
using distcache::api::Shape;
namespace api = distcache::api;
namespace core = distcache::core;
namespace engine = distcache::engine;

namespace distcache::api {
namespace {

// What the submitter of an operation may want to cancel. It has its handle before the operation has
// begun, so that no accepted one is without.
struct OpenOp {
  explicit OpenOp(Kind the_kind) : kind(the_kind) {}

  const Kind kind;
  Mutex mutex;
  engine::PendingPtr pending GUARDED_BY(mutex);
};

constinit Handles<OpenOp, distcache_op_t> ops{0xD6};

// Ends a handle that the submitter never got to see.
class OpGuard {
 public:
  OpGuard() = default;
  OpGuard(const OpGuard&) = delete;
  OpGuard& operator=(const OpGuard&) = delete;
  ~OpGuard() { static_cast<void>(ops.close(handle_)); }

  bool open(Kind kind) {
    handle_ = ops.add(std::make_unique<OpenOp>(kind));
    return handle_ != nullptr;
  }
  distcache_op_t* hand_out(engine::PendingPtr pending) {
    if (const auto open = ops.pin(handle_)) {
      MutexLock lock(open->mutex);
      open->pending = std::move(pending);
    }
    return std::exchange(handle_, nullptr);
  }

 private:
  distcache_op_t* handle_ = nullptr;
};

// Operations of one engine whose `done` has not been called. Their completions are the only tasks
// of its EVENT thread, so this is the bound of that queue too.
constexpr size_t kOperationsMax = 65'536;

struct Request {
  distcache_done_fn done;
  uintptr_t context;
  distcache_op_t** op;
};

// What every submitting call checks beside its own arguments.
Status check(Call& call, const OpenKeyspace& open, const Request& request) {
  if (request.done == nullptr) return call.invalid("done is NULL");
  if (const Status bad = open.refuse_use(call); bad != Status::ok) return bad;
  if (open.owner->pending->load(std::memory_order_relaxed) < kOperationsMax) return Status::ok;
  return call.fail(Status::overloaded,
                   std::to_string(kOperationsMax) + " asynchronous operations are pending");
}

// `start` hands the operation to the engine. From then on either `done` is called once, or the call
// fails.
template <typename Start>
Status submit(Call& call, const OpenKeyspace& open, const Request& request, Shape shape,
              std::vector<core::Outcome> known, bool empty, Start&& start) {
  OpGuard op;
  if (request.op != nullptr && !op.open(shape.kind)) {
    return call.fail(Status::no_memory, "no handle for one more operation");
  }
  const auto completion = std::make_shared<Completion>(request.done, request.context, shape,
                                                       std::move(known), open.owner->pending);
  engine::PendingPtr pending;
  try {
    pending = start(Completion::callback(completion));
    // Nothing to wait for: nobody else would end it.
    if (empty) pending->finish({});
  } catch (...) {
    if (completion->withdraw()) throw;
  }
  if (!completion->accept()) return call.fail(Status::closed, "the engine is closed");
  if (request.op != nullptr) *request.op = op.hand_out(std::move(pending));
  return Status::ok;
}

// The frame of the submitting calls: `body` gets the keyspace, and what the options say.
template <typename Body>
distcache_status_t submitting(distcache_keyspace_t* keyspace, const distcache_options_t* options,
                              const Request& request, distcache_error_t** err,
                              Body&& body) noexcept {
  return enter(err, [&](Call& call) {
    if (request.op != nullptr) *request.op = nullptr;
    const auto open = keyspaces.pin(keyspace);
    if (!open) return call.refuse(open.state(), "keyspace");
    engine::OperationOptions chosen;
    Status bad = check_options(call, options, chosen);
    if (bad == Status::ok) bad = check(call, *open, request);
    return bad == Status::ok ? body(call, *open, chosen) : bad;
  });
}

Status get(Call& call, const OpenKeyspace& open, const engine::OperationOptions& options,
           const Request& request, bool many, const std::vector<core::Key>& keys) {
  return submit(call, open, request, {Kind::read, many}, {}, keys.empty(),
                [&](engine::Pending::Done done) {
                  return open.engine().get_async(open.keyspace, keys, options, std::move(done));
                });
}

Status get_with(Call& call, const OpenKeyspace& open, const engine::OperationOptions& options,
                const Request& request, const core::Key& key,
                std::shared_ptr<engine::Source> loader) {
  return submit(call, open, request, {Kind::read, false}, {}, false,
                [&](engine::Pending::Done done) {
                  return open.engine().get_with_async(open.keyspace, key, std::move(loader),
                                                      options, std::move(done));
                });
}

Status put(Call& call, const OpenKeyspace& open, const engine::OperationOptions& options,
           const Request& request, bool many, std::vector<engine::PutItem> items,
           std::vector<core::Outcome> known) {
  const bool empty = items.empty();
  const bool once = !empty && items.front().expected;
  return submit(call, open, request, {Kind::write, many, once}, std::move(known), empty,
                [&](engine::Pending::Done done) {
                  return open.engine().put_async(open.keyspace, std::move(items), options,
                                                 std::move(done));
                });
}

Status remove(Call& call, const OpenKeyspace& open, const engine::OperationOptions& options,
              const Request& request, bool many, const std::vector<core::Key>& keys) {
  return submit(call, open, request, {Kind::write, many}, {}, keys.empty(),
                [&](engine::Pending::Done done) {
                  return open.engine().delete_async(open.keyspace, keys, options, std::move(done));
                });
}

Status refresh(Call& call, const OpenKeyspace& open, const engine::OperationOptions& options,
               const Request& request, const core::Key& key) {
  return submit(call, open, request, {Kind::read, false}, {}, false,
                [&](engine::Pending::Done done) {
                  return open.engine().refresh_async(open.keyspace, key, options, std::move(done));
                });
}

}  // namespace
}  // namespace distcache::api

void distcache_op_cancel(distcache_op_t* op) {
  const auto open = api::ops.pin(op);
  if (!open) return;
  static_cast<void>(enter(nullptr, [&](Call&) {
    engine::PendingPtr pending;
    {
      MutexLock lock(open->mutex);
      pending = open->pending;
    }
    if (pending == nullptr) return Status::ok;
    // Of a write nobody here knows whether it has left the machine.
    const bool write = open->kind == Kind::write;
    pending->finish(core::Outcome::failure(
        write ? Status::unknown : Status::cancelled,
        write ? "cancelled before its answer came: it may be applied" : "cancelled by the caller"));
    return Status::ok;
  }));
}

void distcache_op_release(distcache_op_t* op) { static_cast<void>(api::ops.close(op)); }

distcache_status_t distcache_get_async(distcache_keyspace_t* keyspace, const uint8_t* key,
                                       size_t key_len, const distcache_options_t* options,
                                       distcache_done_fn done, uintptr_t context,
                                       distcache_op_t** op, distcache_error_t** err) {
  const api::Request request{done, context, op};
  return api::submitting(
      keyspace, options, request, err, [&](Call& call, const auto& open, const auto& chosen) {
        core::Key checked;
        const Status bad = api::check_key(call, key, key_len, checked);
        return bad != Status::ok ? bad : api::get(call, open, chosen, request, false, {checked});
      });
}

distcache_status_t distcache_get_many_async(distcache_keyspace_t* keyspace, const uint8_t* keys,
                                            const uint32_t* key_lens, size_t count,
                                            const distcache_options_t* options,
                                            distcache_done_fn done, uintptr_t context,
                                            distcache_op_t** op, distcache_error_t** err) {
  const api::Request request{done, context, op};
  return api::submitting(
      keyspace, options, request, err, [&](Call& call, const auto& open, const auto& chosen) {
        std::vector<core::Key> checked;
        const Status bad = api::check_keys(call, keys, key_lens, count, checked);
        return bad != Status::ok ? bad : api::get(call, open, chosen, request, true, checked);
      });
}

distcache_status_t distcache_get_with_async(distcache_keyspace_t* keyspace, const uint8_t* key,
                                            size_t key_len, distcache_fetch_fn fetch,
                                            uintptr_t fetch_context, distcache_finalize_fn finalize,
                                            const distcache_options_t* options,
                                            distcache_done_fn done, uintptr_t context,
                                            distcache_op_t** op, distcache_error_t** err) {
  Finalizer finalizer(finalize, fetch_context);
  const api::Request request{done, context, op};
  return api::submitting(
      keyspace, options, request, err, [&](Call& call, const auto& open, const auto& chosen) {
        core::Key checked;
        const Status bad = api::check_key(call, key, key_len, checked);
        if (bad != Status::ok) return bad;
        if (fetch == nullptr) return call.invalid("fetch is NULL");
        return api::get_with(
            call, open, chosen, request, checked,
            api::make_loader(fetch, fetch_context, std::move(finalizer), *open.keyspace));
      });
}

distcache_status_t distcache_put_async(distcache_keyspace_t* keyspace, const uint8_t* key,
                                       size_t key_len, const uint8_t* value, size_t value_len,
                                       const distcache_options_t* options, distcache_done_fn done,
                                       uintptr_t context, distcache_op_t** op,
                                       distcache_error_t** err) {
  const api::Request request{done, context, op};
  return api::submitting(
      keyspace, options, request, err, [&](Call& call, const auto& open, const auto& chosen) {
        std::vector<engine::PutItem> item;
        const Status bad = api::one_put(call, open, key, key_len, value, value_len, item);
        if (bad != Status::ok) return bad;
        return api::put(call, open, chosen, request, false, std::move(item), {});
      });
}

distcache_status_t distcache_put_many_async(distcache_keyspace_t* keyspace, const uint8_t* keys,
                                            const uint32_t* key_lens, const uint8_t* values,
                                            const uint32_t* value_lens, const int64_t* ttls_ms,
                                            size_t count, const distcache_options_t* options,
                                            distcache_done_fn done, uintptr_t context,
                                            distcache_op_t** op, distcache_error_t** err) {
  const api::Request request{done, context, op};
  return api::submitting(
      keyspace, options, request, err, [&](Call& call, const auto& open, const auto& chosen) {
        std::vector<engine::PutItem> items;
        std::vector<core::Outcome> known;
        const Status bad = api::many_puts(call, open, keys, key_lens, values, value_lens, ttls_ms,
                                          count, items, known);
        if (bad != Status::ok) return bad;
        return api::put(call, open, chosen, request, true, std::move(items), std::move(known));
      });
}

distcache_status_t distcache_delete_async(distcache_keyspace_t* keyspace, const uint8_t* key,
                                          size_t key_len, const distcache_options_t* options,
                                          distcache_done_fn done, uintptr_t context,
                                          distcache_op_t** op, distcache_error_t** err) {
  const api::Request request{done, context, op};
  return api::submitting(
      keyspace, options, request, err, [&](Call& call, const auto& open, const auto& chosen) {
        core::Key checked;
        const Status bad = api::check_key(call, key, key_len, checked);
        return bad != Status::ok ? bad : api::remove(call, open, chosen, request, false, {checked});
      });
}

distcache_status_t distcache_delete_many_async(distcache_keyspace_t* keyspace, const uint8_t* keys,
                                               const uint32_t* key_lens, size_t count,
                                               const distcache_options_t* options,
                                               distcache_done_fn done, uintptr_t context,
                                               distcache_op_t** op, distcache_error_t** err) {
  const api::Request request{done, context, op};
  return api::submitting(
      keyspace, options, request, err, [&](Call& call, const auto& open, const auto& chosen) {
        std::vector<core::Key> checked;
        const Status bad = api::check_keys(call, keys, key_lens, count, checked);
        return bad != Status::ok ? bad : api::remove(call, open, chosen, request, true, checked);
      });
}

distcache_status_t distcache_put_if_async(distcache_keyspace_t* keyspace, const uint8_t* key,
                                          size_t key_len, const uint8_t* value, size_t value_len,
                                          const distcache_entry_version_t* expected,
                                          const distcache_options_t* options,
                                          distcache_done_fn done, uintptr_t context,
                                          distcache_op_t** op, distcache_error_t** err) {
  const api::Request request{done, context, op};
  return api::submitting(
      keyspace, options, request, err, [&](Call& call, const auto& open, const auto& chosen) {
        std::vector<engine::PutItem> item;
        const Status bad = api::one_put(call, open, key, key_len, value, value_len, item);
        if (bad != Status::ok) return bad;
        item.front().expected = api::version_of(expected);
        return api::put(call, open, chosen, request, false, std::move(item), {});
      });
}

distcache_status_t distcache_refresh_async(distcache_keyspace_t* keyspace, const uint8_t* key,
                                           size_t key_len, const distcache_options_t* options,
                                           distcache_done_fn done, uintptr_t context,
                                           distcache_op_t** op, distcache_error_t** err) {
  const api::Request request{done, context, op};
  return api::submitting(
      keyspace, options, request, err, [&](Call& call, const auto& open, const auto& chosen) {
        core::Key checked;
        const Status bad = api::check_key(call, key, key_len, checked);
        return bad != Status::ok ? bad : api::refresh(call, open, chosen, request, checked);
      });
}
