#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <variant>
#include <vector>

#include "base/mutex.h"
#include "core/message.h"
#include "core/outbox.h"

namespace distcache::engine {

class Keyspace;

// Names the flight that a call to a peer belongs to. Flight 0: nobody waits for the answer.
struct CallTicket {
  std::shared_ptr<Keyspace> keyspace;
  uint32_t shard = 0;
  uint64_t flight = 0;
  // Of a call that asks for a member's word (CallKind::confirm): when that was decided. Nobody
  // waits for it either, and nothing is owed when it is lost.
  Instant confirms = Instant::never();
};

struct OutgoingCall {
  CallTicket ticket;
  core::MemberId to = 0;
  Instant deadline;
  core::Call call;
};

struct OutgoingReply {
  uint64_t route = 0;
  core::Reply reply;
};

// The load of a key is granted to the one that asks for it on that route.
struct OutgoingGrant {
  uint64_t route = 0;
  core::LoadGrant grant;
};

// A member is to drop what it was lent of a key.
struct OutgoingRecall {
  core::KeyspaceId keyspace = 0;
  core::RecallStart start;
};

// The keyspaces of this node have changed: tell the other members.
struct Announcement {
  std::vector<core::MemberKeyspace> keyspaces;
};

// Where discovery says that other members may be.
struct Discovered {
  std::vector<core::Address> addresses;
};

using InboxItem = std::variant<OutgoingCall, OutgoingReply, OutgoingGrant, OutgoingRecall,
                               Announcement, Discovered>;

// What the threads of a node hand to the one that owns the sockets, in order. Any thread puts, one
// takes. Bounded by what puts into it: every item belongs to a waiter, and those are limited.
class Inbox {
 public:
  // `wake` is called after an item came into an empty inbox; any thread, must not block.
  void on_wake(std::function<void()> wake) {
    MutexLock lock(mutex_);
    wake_ = std::move(wake);
  }

  void put(InboxItem item) {
    MutexLock lock(mutex_);
    items_.push_back(std::move(item));
    // Under the lock, so that the woken transport cannot be gone: on_wake(nullptr) waits for it.
    if (items_.size() == 1 && wake_) wake_();
  }

  std::vector<InboxItem> take() {
    MutexLock lock(mutex_);
    return std::exchange(items_, {});
  }

 private:
  Mutex mutex_;
  std::vector<InboxItem> items_ GUARDED_BY(mutex_);
  std::function<void()> wake_ GUARDED_BY(mutex_);
};

}  // namespace distcache::engine
