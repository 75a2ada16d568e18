#include "distcache/keyspace.h"

#include <string>

#include "api/arguments.h"
#include "api/config.h"
#include "api/handles.h"
#include "api/result.h"

using distcache::Error;
using distcache::Result;
using distcache::Status;
using distcache::api::Call;
using distcache::api::enter;
namespace api = distcache::api;
namespace core = distcache::core;
namespace engine = distcache::engine;

namespace distcache::api {
namespace {

Status no_keyspace(Call& call, const char* name) {
  return call.fail(Status::no_keyspace, std::string("there is no keyspace '") + name + "'");
}

Status hand_out(Call& call, const OpenEnginePtr& owner, engine::KeyspacePtr keyspace,
                distcache_keyspace_t** out) {
  *out = keyspaces.add(std::make_unique<OpenKeyspace>(OpenKeyspace{owner, std::move(keyspace)}));
  return *out != nullptr ? Status::ok : call.fail(Status::no_memory, {});
}

Status add(Call& call, const OpenEnginePtr& owner, const distcache_keyspace_def_t& def,
           distcache_keyspace_t** out) {
  const Result<core::KeyspaceConfig> config = def.settings.validate(owner->config);
  if (!config) return call.fail(config.error());
  Result<engine::KeyspacePtr> added =
      owner->engine->add_keyspace(def.name, *config, make_source(def.source, *config, nullptr));
  if (!added) {
    const bool taken = added.error().status == Status::invalid_argument;
    return call.fail(taken ? Status::invalid_config : added.error().status, added.error().message);
  }
  return out == nullptr ? Status::ok : hand_out(call, owner, std::move(*added), out);
}

Status update(Call& call, OpenEngine& owner, const distcache_keyspace_def_t& def) {
  const engine::KeyspacePtr keyspace = owner.engine->find_keyspace(def.name);
  if (!keyspace) return no_keyspace(call, def.name.c_str());
  const Result<core::KeyspaceConfig> config = def.settings.validate(owner.config);
  if (!config) return call.fail(config.error());
  const auto old = source_of(*keyspace);
  const SourceCallbacks callbacks = def.source || !old ? def.source : old->callbacks();
  const Result<void> updated =
      owner.engine->update_keyspace(def.name, *config, make_source(callbacks, *config, old.get()));
  return updated ? Status::ok : call.fail(updated.error());
}

// What every function on an engine does first.
template <typename Body>
distcache_status_t with_engine(distcache_t* cache, distcache_error_t** err, Body&& body) noexcept {
  return enter(err, [&](Call& call) {
    const auto open = engines.pin(cache);
    if (!open) return call.refuse(open.state(), "cache");
    if ((*open)->engine->closed()) return call.fail(Status::closed, "the engine is closed");
    return body(call, *open);
  });
}

}  // namespace
}  // namespace distcache::api

distcache_status_t distcache_keyspace_add(distcache_t* cache, const distcache_keyspace_def_t* def,
                                          distcache_keyspace_t** out, distcache_error_t** err) {
  if (out != nullptr) *out = nullptr;
  return api::with_engine(cache, err, [&](Call& call, const api::OpenEnginePtr& open) {
    if (def == nullptr) return call.invalid("def is NULL");
    return api::add(call, open, *def, out);
  });
}

distcache_status_t distcache_keyspace_update(distcache_t* cache,
                                             const distcache_keyspace_def_t* def,
                                             distcache_error_t** err) {
  return api::with_engine(cache, err, [&](Call& call, const api::OpenEnginePtr& open) {
    if (def == nullptr) return call.invalid("def is NULL");
    return api::update(call, *open, *def);
  });
}

distcache_status_t distcache_keyspace_remove(distcache_t* cache, const char* name,
                                             distcache_error_t** err) {
  return api::with_engine(cache, err, [&](Call& call, const api::OpenEnginePtr& open) {
    if (name == nullptr) return call.invalid("name is NULL");
    const engine::KeyspacePtr keyspace = open->engine->find_keyspace(name);
    const Result<void> removed = open->engine->remove_keyspace(name);
    if (!removed) return call.fail(removed.error());
    // Handles that are still held keep the keyspace's memory, but not the program's callbacks.
    if (keyspace) api::end_source(*keyspace);
    return Status::ok;
  });
}

distcache_status_t distcache_keyspace_lookup(distcache_t* cache, const char* name,
                                             distcache_keyspace_t** out, distcache_error_t** err) {
  if (out != nullptr) *out = nullptr;
  return api::with_engine(cache, err, [&](Call& call, const api::OpenEnginePtr& open) {
    if (out == nullptr) return call.invalid("out is NULL");
    if (name == nullptr) return call.invalid("name is NULL");
    engine::KeyspacePtr keyspace = open->engine->find_keyspace(name);
    if (!keyspace) return api::no_keyspace(call, name);
    return api::hand_out(call, open, std::move(keyspace), out);
  });
}

distcache_status_t distcache_keyspace_list(distcache_t* cache, distcache_result_t** out,
                                           distcache_error_t** err) {
  if (out != nullptr) *out = nullptr;
  return api::with_engine(cache, err, [&](Call& call, const api::OpenEnginePtr& open) {
    if (out == nullptr) return call.invalid("out is NULL");
    std::vector<std::string> names;
    for (const auto& keyspace : open->engine->keyspaces()) names.push_back(keyspace->name());
    *out = api::result_of_texts(names);
    return Status::ok;
  });
}

const char* distcache_keyspace_name(distcache_keyspace_t* keyspace) {
  const auto open = api::keyspaces.pin(keyspace);
  return open ? open->keyspace->name().c_str() : "";
}

void distcache_keyspace_release(distcache_keyspace_t* keyspace) {
  static_cast<void>(api::keyspaces.close(keyspace));
}
