#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "core/types.h"

namespace distcache::engine {

// Puts and deletes that were applied without the owner of their key, because it could not be
// reached: when it comes back the same process, it must drop what it has of these keys before it
// can be trusted again. Bounded per member: more than kKeysMax become "everything".
// Any thread.
class MissedWrites {
 public:
  static constexpr size_t kKeysMax = 4'096;

  struct Missed {
    std::vector<std::pair<core::KeyspaceId, std::string>> keys;
    bool everything = false;
    bool empty() const { return keys.empty() && !everything; }
  };

  void add(core::MemberId member, core::KeyspaceId keyspace, std::string key) {
    MutexLock lock(mutex_);
    Missed& missed = by_member_[member];
    if (missed.everything) return;
    missed.keys.emplace_back(keyspace, std::move(key));
    if (missed.keys.size() <= kKeysMax) return;
    missed.everything = true;
    missed.keys.clear();
  }

  void add_everything(core::MemberId member) {
    MutexLock lock(mutex_);
    by_member_[member] = {{}, true};
  }

  std::vector<core::MemberId> members() const {
    MutexLock lock(mutex_);
    std::vector<core::MemberId> all;
    for (const auto& [member, missed] : by_member_) all.push_back(member);
    return all;
  }

  // Forgets what is owed to others: who comes back from there is told to drop everything.
  void keep_only(const std::set<core::MemberId>& members) {
    MutexLock lock(mutex_);
    std::erase_if(by_member_,
                  [&members](const auto& owed) { return !members.contains(owed.first); });
  }

  Missed take(core::MemberId member) {
    MutexLock lock(mutex_);
    const auto at = by_member_.find(member);
    if (at == by_member_.end()) return {};
    Missed missed = std::move(at->second);
    by_member_.erase(at);
    return missed;
  }

 private:
  mutable Mutex mutex_;
  std::map<core::MemberId, Missed> by_member_ GUARDED_BY(mutex_);
};

}  // namespace distcache::engine
