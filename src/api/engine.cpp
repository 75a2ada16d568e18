#include "distcache/engine.h"

#include <string>

#include "api/arguments.h"
#include "api/config.h"
#include "api/handles.h"
#include "api/source.h"
#include "engine/thread_role.h"

using distcache::Duration;
using distcache::Error;
using distcache::Result;
using distcache::Status;
using distcache::api::Call;
using distcache::api::enter;
namespace api = distcache::api;
namespace engine = distcache::engine;

namespace distcache::api {
namespace {

Status open(Call& call, const distcache_config_t& config, distcache_t** out) {
  Result<ValidConfig> valid = validate(config);
  if (!valid) return call.fail(valid.error());

  auto open = std::make_shared<OpenEngine>();
  open->config = valid->engine;
  open->callbacks =
      std::make_shared<ObserverCallbacks>(config.log, config.log_to_stderr, config.event);
  engine::EngineSetup setup;
  setup.config = std::move(valid->engine);
  setup.observers = open->callbacks->observers();
  if (config.discovery) setup.discovery = make_provider(config.discovery);
  for (size_t i = 0; i < config.keyspaces.size(); ++i) {
    const distcache_keyspace_def_t& def = config.keyspaces[i];
    setup.keyspaces.push_back(
        {def.name, valid->keyspaces[i], make_source(def.source, valid->keyspaces[i], nullptr)});
  }
  Result<engine::EnginePtr> opened = engine::Engine::open(std::move(setup));
  if (!opened) return call.fail(opened.error());
  open->engine = std::move(*opened);
  open->opened_at = std::chrono::steady_clock::now();

  *out = engines.add(std::make_unique<OpenEnginePtr>(open));
  if (*out != nullptr) return Status::ok;
  static_cast<void>(open->close({}));
  return call.fail(Status::no_memory, {});
}

// A thread of its own for each engine that is released while it is open: close waits, release must
// not, and the caller may be on a thread that close has to join. Detached, since nobody is left to
// join it; it holds all that it uses, and the library is never unloaded. A process that exits
// meanwhile does not wait for it: whoever wants to leave in good order calls distcache_close.
void close_in_background(OpenEnginePtr open) {
  try {
    engine::start_thread("close", engine::ThreadRole::application, [open] {
      try {
        static_cast<void>(open->close({}));
      } catch (...) {  // NOLINT(bugprone-empty-catch): nobody is left to be told
      }
    }).detach();
    return;
  } catch (...) {  // NOLINT(bugprone-empty-catch): below
  }
  // No thread to be had: then here, which is late but leaves nothing running. A thread of the
  // library is refused; the engine, which nobody can reach any more, then stays for good.
  const Result<void> closed = open->close({});
  if (!closed && closed.error().status == Status::would_deadlock) {
    static_cast<void>(new OpenEnginePtr(std::move(open)));
  }
}

}  // namespace
}  // namespace distcache::api

distcache_status_t distcache_open(const distcache_config_t* config, distcache_t** out,
                                  distcache_error_t** err) {
  return enter(err, [&](Call& call) {
    if (out == nullptr) return call.invalid("out is NULL");
    *out = nullptr;
    if (config == nullptr) return call.invalid("config is NULL");
    return api::open(call, *config, out);
  });
}

int32_t distcache_ready(distcache_t* cache) {
  int32_t ready = 0;
  static_cast<void>(enter(nullptr, [&](Call&) {
    const auto open = api::engines.pin(cache);
    ready = open && (*open)->engine->ready() ? 1 : 0;
    return Status::ok;
  }));
  return ready;
}

distcache_status_t distcache_wait_ready(distcache_t* cache, int64_t timeout_ms,
                                        distcache_error_t** err) {
  return enter(err, [&](Call& call) {
    const auto open = api::engines.pin(cache);
    if (!open) return call.refuse(open.state(), "cache");
    Duration timeout;
    const Status bad = api::check_timeout(call, timeout_ms, timeout);
    if (bad != Status::ok) return bad;
    const Result<void> ready = (*open)->engine->wait_ready(timeout);
    return ready ? Status::ok : call.fail(ready.error());
  });
}

distcache_status_t distcache_close(distcache_t* cache, int64_t timeout_ms,
                                   distcache_error_t** err) {
  return enter(err, [&](Call& call) {
    const auto open = api::engines.pin(cache);
    if (!open) return call.refuse(open.state(), "cache");
    Duration timeout;
    const Status bad = api::check_timeout(call, timeout_ms, timeout);
    if (bad != Status::ok) return bad;
    const Result<void> closed = (*open)->close(timeout);
    return closed ? Status::ok : call.fail(closed.error());
  });
}

void distcache_release(distcache_t* cache) {
  const auto open = api::engines.close(cache);
  if (!open || (*open)->engine->closed()) return;
  static_cast<void>(enter(nullptr, [&](Call&) {
    api::close_in_background(*open);
    return Status::ok;
  }));
}
