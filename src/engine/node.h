#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/mutex.h"
#include "base/result.h"
#include "base/rng.h"
#include "core/cluster/lease_recalls.h"
#include "core/cluster/member_view.h"
#include "engine/disagreements.h"
#include "engine/inbox.h"
#include "engine/keyspace.h"
#include "engine/majorities.h"
#include "engine/missed_writes.h"
#include "engine/pending.h"
#include "engine/spent_loaders.h"

namespace distcache::engine {

// What a node stands on: real threads and the system's clock in an engine, virtual ones in the
// simulator. All outlive the node.
struct Seams {
  const Clock& clock;
  Rng& rng;
  Allocator& allocator;
  FetchRunner& fetches;
  Executor& events;    // completions of asynchronous operations
  Executor& observer;  // peer events, logs
};

using Members = std::vector<core::MemberStatus>;

struct OperationOptions {
  Duration timeout;  // zero = the keyspace's read.timeout.ms or write.timeout.ms
  Duration ttl;      // of a put: zero = the keyspace's, max() = never expires
  std::vector<std::string> tags;
  std::vector<core::Ancestor> ancestors;  // set for calls made from inside a source
  core::TraceContext trace;
};

struct PutItem {
  core::Key key;
  Buffer value;
  Duration ttl;
  std::optional<core::Version> expected{};  // put_if: over this version only; zero = no entry
};

// Loads that were decided together: a source that takes many keys gets them at once.
struct FetchGroup {
  struct Item {
    KeyspacePtr keyspace;
    uint32_t shard = 0;
    core::FetchStart start;
  };
  std::vector<Item> items;
};

// The running node without its threads: keyspaces, operations, and the way between shards, sources
// and peers. What concerns the network goes through the Inbox to the thread that owns the sockets.
//
// Any thread. A fetch that a source keeps does not keep the node: after its end there is nobody to
// be answered, and what was cached must go.
class Node {
 public:
  Node(core::MemberId self, const Seams& seams, Log& log);

  // What must not go while the answer of a source is worked on: whoever owns the seams. An answer
  // that comes after its end is of no use any more. Before the first load.
  void set_owner(std::weak_ptr<void> owner) { owner_ = std::move(owner); }
  // Told of each keyspace whose owners have changed. Must not block or call the node. Before the
  // first keyspace.
  using OnView = std::function<void(const Keyspace&, const core::View&, uint64_t epoch)>;
  void set_on_view(OnView on_view) { on_view_ = std::move(on_view); }

  // -- keyspaces
  Result<KeyspacePtr> add_keyspace(const std::string& name, const core::KeyspaceConfig& config,
                                   std::shared_ptr<Source> source);
  Result<void> update_keyspace(const std::string& name, const core::KeyspaceConfig& config,
                               std::shared_ptr<Source> source);
  Result<void> remove_keyspace(const std::string& name);
  KeyspacePtr find(const std::string& name) const;
  KeyspacePtr find(core::KeyspaceId id) const;
  std::vector<KeyspacePtr> keyspaces() const;
  std::vector<core::MemberKeyspace> announced() const;  // what other members are told
  // The largest value.bytes.max there has been: what peers may send.
  size_t value_bytes_max() const { return value_bytes_max_.load(std::memory_order_relaxed); }

  // -- operations. Items without an answer at once get it through `pending`.
  std::optional<core::Outcome> hit(Keyspace& keyspace, const core::Key& key);
  core::Outcome peek(Keyspace& keyspace, const core::Key& key);
  void get(const KeyspacePtr& keyspace, const std::vector<core::Key>& keys,
           const OperationOptions& options, Pending& pending);
  void put(const KeyspacePtr& keyspace, std::vector<PutItem> items, const OperationOptions& options,
           Pending& pending);
  void remove(const KeyspacePtr& keyspace, const std::vector<core::Key>& keys,
              const OperationOptions& options, Pending& pending);
  void refresh(const KeyspacePtr& keyspace, const core::Key& key, const OperationOptions& options,
               Pending& pending);
  // Of one key: `loader` is run in place of the source, at most once and perhaps not at all.
  void get_with(const KeyspacePtr& keyspace, const core::Key& key, std::shared_ptr<Source> loader,
                const OperationOptions& options, Pending& pending);
  // Lets go of loaders that nothing needs any more. Runs what they end with; while the node runs
  // the EVENT thread does.
  void release_loaders() { spent_loaders_->clear(); }

  // -- for the thread that owns the network
  Inbox& inbox() { return inbox_; }
  MissedWrites& missed_writes() { return missed_writes_; }
  // Whether a put or delete ever went through this node, or an owner told it of one: a member that
  // it meets for the first time has missed it, and may hold older values if it has been running
  // apart.
  bool has_written() const { return has_written_.load(std::memory_order_relaxed); }
  Disagreements& disagreements() { return disagreements_; }
  Majorities& majorities() { return majorities_; }
  // A call of a peer, which may have lain here unread for so long: the reply, or nothing if it
  // follows through the inbox.
  std::optional<core::Reply> on_call(uint64_t route, core::MemberId from, core::Call call,
                                     Duration unread, FetchGroup& fetches);
  std::optional<Instant> seal(const CallTicket& ticket);
  void on_reply(const CallTicket& ticket, core::MemberId from, const core::Reply& reply);
  void on_call_failed(const CallTicket& ticket, bool sent);
  // A member that was asked has this node load the key.
  void on_grant(const CallTicket& ticket, uint64_t grant);
  // A lender takes a key back, or everything that it lent.
  void on_recall(core::MemberId lender, const core::RecallItem& item);
  void drop_lent(core::MemberId lender);
  // A member has dropped what it was lent.
  void on_recalled(core::MemberId holder, const core::LeaseRecalls::Ticket& ticket);
  void set_members(Members members, uint64_t epoch);
  std::shared_ptr<const Members> members() const;
  void tick(Instant now);
  Instant now() const { return seams_.clock.now(); }

  void start(FetchGroup fetches);

  // Refuses new operations; those in progress go on.
  void close() { closed_.store(true, std::memory_order_release); }
  bool closed() const { return closed_.load(std::memory_order_acquire); }
  // Answers those in progress with CLOSED (UNKNOWN where a write was sent). After close().
  void end();
  size_t flights() const;  // in progress
  // The other members hear that this node leaves, and close their links to it: what they were
  // granted is given to its own callers, or to its source. On the thread that owns the network.
  void leave() { pass_grants_on(true); }
  // Whether quorum.min members are alive; without it operations answer NO_QUORUM.
  void set_quorum(bool has_quorum) { has_quorum_.store(has_quorum, std::memory_order_release); }
  bool has_quorum() const { return has_quorum_.load(std::memory_order_acquire); }
  core::MemberId self() const { return self_; }
  const Seams& seams() const { return seams_; }
  Log& log() { return log_; }

 private:
  // Performs what a shard decided, no lock held; its fetches are left in `fetches`.
  void perform(const KeyspacePtr& keyspace, uint32_t shard, core::Outbox out, FetchGroup& fetches);
  void perform(const KeyspacePtr& keyspace, uint32_t shard, core::Outbox out);
  void run(const KeyspacePtr& keyspace, std::vector<FetchPtr> fetches);
  void on_loaded(const KeyspacePtr& keyspace, uint32_t shard, uint64_t flight,
                 core::LoadAnswer answer);
  void write(const KeyspacePtr& keyspace, const core::Key& key, core::WriteRequest request,
             const OperationOptions& options, size_t index, Pending& pending);
  std::optional<core::Outcome> refusal(const Keyspace& keyspace) const;
  void answer_if_ended(const KeyspacePtr& keyspace);
  void end(const KeyspacePtr& keyspace, const core::Outcome& outcome);
  void clear(const KeyspacePtr& keyspace);
  void pass_grants_on(bool leaves);
  void send_grant(core::KeyspaceId keyspace, core::GrantStart grant);
  void add_names(core::Completion& done) const;
  std::vector<core::MemberKeyspace> announced_locked() const REQUIRES(mutex_);
  void install_view(Keyspace& keyspace) REQUIRES(mutex_);
  static core::Outcome on_written(Keyspace& keyspace, const std::string& record);
  void compare_views(Keyspace& keyspace, core::MemberId with, uint64_t view_id);
  void expect_values(const core::KeyspaceConfig& config) REQUIRES(mutex_);
  void announce() REQUIRES(mutex_);

  const core::MemberId self_;
  const Seams seams_;
  Log& log_;
  std::weak_ptr<void> owner_;
  Inbox inbox_;
  MissedWrites missed_writes_;
  const std::shared_ptr<SpentLoaders> spent_loaders_ = std::make_shared<SpentLoaders>();
  Disagreements disagreements_;
  Majorities majorities_;
  OnView on_view_;
  std::atomic<bool> closed_{false};
  std::atomic<bool> has_written_{false};
  std::atomic<bool> has_quorum_{true};
  std::atomic<size_t> value_bytes_max_{0};
  std::atomic<bool> ended_{false};

  mutable Mutex mutex_;
  std::map<std::string, KeyspacePtr> by_name_ GUARDED_BY(mutex_);
  std::map<core::KeyspaceId, KeyspacePtr> by_id_ GUARDED_BY(mutex_);
  std::shared_ptr<const Members> members_ GUARDED_BY(mutex_);
  uint64_t epoch_ GUARDED_BY(mutex_) = 0;
};

}  // namespace distcache::engine
