#include "api/handles.h"

#include "api/source.h"
#include "engine/thread_role.h"

namespace distcache::api {

constinit Handles<OpenEnginePtr, distcache_t> engines{0xD1};
constinit Handles<OpenKeyspace, distcache_keyspace_t> keyspaces{0xD2};

Result<void> OpenEngine::close(Duration timeout) {
  Result<void> closed = engine->close(timeout);
  if (!engine->ended()) return closed;  // refused, or somebody else is still at it
  // Handles that are still held keep the engine's memory, but not the program's callbacks.
  for (const engine::KeyspacePtr& keyspace : engine->keyspaces()) end_source(*keyspace);
  callbacks->end();
  return closed;
}

Status OpenKeyspace::refuse_use(Call& call) const {
  if (engine().closed()) return call.fail(Status::closed, "the engine is closed");
  if (!keyspace->removed()) return Status::ok;
  return call.fail(Status::no_keyspace, "keyspace '" + keyspace->name() + "' was removed");
}

Status refuse_waiting(Call& call) {
  if (engine::may_wait()) return Status::ok;
  return call.fail(Status::would_deadlock,
                   "this call waits: on an EVENT or OBSERVER thread use its asynchronous form");
}

}  // namespace distcache::api
