#include "distcache/async.h"

#include <memory>
#include <string>
#include <utility>

#include "api/completion.h"
#include "api/process.h"
#include "api/writing.h"

using distcache::Status;
using distcache::api::Call;
using distcache::api::enter;
using distcache::api::Kind;
using distcache::api::OpenKeyspace;
using distcache::api::Shape;
namespace api = distcache::api;
namespace core = distcache::core;
namespace engine = distcache::engine;

// Belongs to whoever submitted the operation.
struct distcache_op {
  engine::PendingPtr pending;
  Kind kind;
  uint64_t process;
};

namespace distcache::api {
namespace {

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
  std::unique_ptr<distcache_op_t> op;
  if (request.op != nullptr) op.reset(new distcache_op_t{nullptr, shape.kind, process_stamp()});
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
  if (op != nullptr) {
    op->pending = std::move(pending);
    *request.op = op.release();
  }
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

Status put(Call& call, const OpenKeyspace& open, const engine::OperationOptions& options,
           const Request& request, bool many, std::vector<engine::PutItem> items,
           std::vector<core::Outcome> known) {
  const bool empty = items.empty();
  return submit(call, open, request, {Kind::write, many}, std::move(known), empty,
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

}  // namespace
}  // namespace distcache::api

void distcache_op_cancel(distcache_op_t* op) {
  if (op == nullptr || op->pending == nullptr || op->process != api::process_stamp()) return;
  // Of a write nobody here knows whether it has left the machine.
  const bool write = op->kind == Kind::write;
  static_cast<void>(enter(nullptr, [&](Call&) {
    op->pending->finish(core::Outcome::failure(
        write ? Status::unknown : Status::cancelled,
        write ? "cancelled before its answer came: it may be applied" : "cancelled by the caller"));
    return Status::ok;
  }));
}

void distcache_op_release(distcache_op_t* op) { delete op; }

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
