#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/cluster/provider.h"
#include "core/config/engine_config.h"
#include "engine/node.h"
#include "engine/observer.h"

namespace distcache::engine {

struct KeyspaceSetup {
  std::string name;
  core::KeyspaceConfig config;
  std::shared_ptr<Source> source;  // null: this node cannot load
};

struct EngineSetup {
  core::EngineConfig config;
  Observers observers;
  std::shared_ptr<core::Provider> discovery;  // null: the one that `config` names
  std::vector<KeyspaceSetup> keyspaces;       // there before the first peer is
};

enum class PeerState : uint8_t { self, up, pending, down, lost, left };

struct PeerInfo {
  std::string name;
  std::string data_address;        // host:port
  std::string membership_address;  // host:port
  uint64_t incarnation = 0;
  uint32_t weight = 1;
  bool client = false;
  PeerState state = PeerState::up;
};

struct KeyspaceStats {
  core::ShardCounters shards;
  uint64_t entries = 0, bytes = 0, bytes_max = 0;
  uint64_t mirror_entries = 0, mirror_bytes = 0;  // of these
  uint64_t evictions = 0, expirations = 0;
  uint64_t flights = 0;
  uint64_t ring_id = 0, ring_members = 0;
  uint64_t ring_changes = 0, ring_disagreements = 0;
};

// One node in one process: opened, used from any thread, closed. Everything but open() may be
// called at any time, also after close(), which makes it answer CLOSED.
class Engine {
 public:
  // Binds, joins and starts the threads; blocks up to bootstrap.timeout.ms. On failure nothing is
  // left behind: no thread, socket or descriptor.
  static Result<std::shared_ptr<Engine>> open(EngineSetup setup);
  ~Engine();

  // Leaves the cluster, answers what is in progress with CLOSED, joins the threads. Bounded by
  // `timeout` (zero = shutdown.timeout.ms): TIMED_OUT if a callback hangs longer, and its thread is
  // left to itself, or if another close is still at it. OK again when closed already.
  // WOULD_DEADLOCK on a thread of this library.
  Result<void> close(Duration timeout);
  bool closed() const;  // or closing
  bool ended() const;   // a close has done all it does
  // Discovery has answered or its attempts are spent, and quorum.min members are alive.
  bool ready() const;
  Result<void> wait_ready(Duration timeout);  // TIMED_OUT, CLOSED, WOULD_DEADLOCK

  // -- keyspaces
  Result<KeyspacePtr> add_keyspace(const std::string& name, const core::KeyspaceConfig& config,
                                   std::shared_ptr<Source> source);
  Result<void> update_keyspace(const std::string& name, const core::KeyspaceConfig& config,
                               std::shared_ptr<Source> source);
  Result<void> remove_keyspace(const std::string& name);
  KeyspacePtr find_keyspace(const std::string& name) const;
  std::vector<KeyspacePtr> keyspaces() const;

  // -- operations that wait. Arguments have been checked. A call made from inside a source carries
  // its ancestors; on an EVENT, OBSERVER or I/O thread only a hit is answered, else WOULD_DEADLOCK.
  core::Outcome get(const KeyspacePtr& keyspace, const core::Key& key,
                    const OperationOptions& options);
  // A get that is answered from this node's memory, or NOT_CACHED.
  core::Outcome get_held(const KeyspacePtr& keyspace, const core::Key& key);
  core::Outcome peek(const KeyspacePtr& keyspace, const core::Key& key);
  std::vector<core::Outcome> get_many(const KeyspacePtr& keyspace,
                                      const std::vector<core::Key>& keys,
                                      const OperationOptions& options);
  // `loader` is asked in place of the source.
  core::Outcome get_with(const KeyspacePtr& keyspace, const core::Key& key,
                         std::shared_ptr<Source> loader, const OperationOptions& options);
  std::vector<core::Outcome> put_many(const KeyspacePtr& keyspace, std::vector<PutItem> items,
                                      const OperationOptions& options);
  std::vector<core::Outcome> delete_many(const KeyspacePtr& keyspace,
                                         const std::vector<core::Key>& keys,
                                         const OperationOptions& options);
  core::Outcome refresh(const KeyspacePtr& keyspace, const core::Key& key,
                        const OperationOptions& options);

  // -- operations that do not: `done` runs on the EVENT thread exactly once. The Pending can be
  // finished early (cancelled) with an outcome of the caller's choice.
  PendingPtr get_async(const KeyspacePtr& keyspace, const std::vector<core::Key>& keys,
                       const OperationOptions& options, Pending::Done done);
  PendingPtr get_with_async(const KeyspacePtr& keyspace, const core::Key& key,
                            std::shared_ptr<Source> loader, const OperationOptions& options,
                            Pending::Done done);
  PendingPtr put_async(const KeyspacePtr& keyspace, std::vector<PutItem> items,
                       const OperationOptions& options, Pending::Done done);
  PendingPtr delete_async(const KeyspacePtr& keyspace, const std::vector<core::Key>& keys,
                          const OperationOptions& options, Pending::Done done);
  PendingPtr refresh_async(const KeyspacePtr& keyspace, const core::Key& key,
                           const OperationOptions& options, Pending::Done done);

  // -- observing
  std::vector<PeerInfo> peers() const;
  static KeyspaceStats stats(Keyspace& keyspace);
  uint64_t observer_dropped() const;  // log lines and events that did not fit their queue
  const std::string& name() const;
  uint16_t data_port() const;
  uint16_t membership_port() const;
  // Who owns the key, who acts for it, what this node holds: as JSON.
  std::string explain(const KeyspacePtr& keyspace, const core::Key& key) const;

 private:
  struct Parts;
  explicit Engine(std::shared_ptr<Parts> parts);
  static Result<void> start(Parts& parts, std::vector<KeyspaceSetup> keyspaces,
                            std::shared_ptr<core::Provider> provider);
  Result<void> shut_down(Instant deadline);
  Node& node() const;
  Executor& events() const;
  Observer& observer() const;
  // Waits for an operation that has been begun; `late` answers the items that had no answer then.
  static Pending::Outcomes wait(Pending& pending, Duration timeout, Status late);
  // Shared with callbacks that hang past the end.
  const std::shared_ptr<Parts> parts_;
};

using EnginePtr = std::shared_ptr<Engine>;

}  // namespace distcache::engine
