#include "api/handles.h"

namespace distcache::api {

constinit Handles<OpenEnginePtr, distcache_t> engines{0xD1};
constinit Handles<OpenKeyspace, distcache_keyspace_t> keyspaces{0xD2};

Result<void> OpenEngine::close(Duration timeout) {
  Result<void> closed = engine->close(timeout);
  if (!closed && closed.error().status == Status::would_deadlock) return closed;
  // Handles that are still held keep the engine's memory, but not the program's callbacks.
  for (const engine::KeyspacePtr& keyspace : engine->keyspaces()) {
    keyspace->update(keyspace->config(), nullptr);
  }
  callbacks->end();
  return closed;
}

}  // namespace distcache::api
