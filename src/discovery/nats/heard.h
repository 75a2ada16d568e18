#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/mutex.h"
#include "core/message.h"

namespace distcache::discovery {

// Addresses, each place once and not more than a membership message can name.
class Places {
 public:
  void add(const core::Address& address) {
    if (places_.size() >= limits::kMembersMax) return;
    places_.emplace(std::pair(address.host, address.port), address);
  }
  void remove(const core::Address& address) { places_.erase({address.host, address.port}); }
  void clear() { places_.clear(); }
  bool has(const core::Address& address) const {
    return places_.contains({address.host, address.port});
  }
  bool empty() const { return places_.empty(); }
  std::vector<core::Address> list() const {
    std::vector<core::Address> all;
    for (const auto& [place, address] : places_) all.push_back(address);
    return all;
  }

 private:
  std::map<std::pair<std::string, uint16_t>, core::Address> places_;
};

// What came in unasked: who has announced itself, and how many messages were none. Any thread.
class Heard {
 public:
  // Before anything is heard: what to call when somebody was.
  void tell(std::function<void()> changed) { changed_ = std::move(changed); }

  // Only news is told: whoever asks is met by all, and if all asked because of that, each of their
  // questions would make all others ask again, for ever.
  void met(const core::Address& address) {
    {
      MutexLock lock(mutex_);
      const bool news = !known_.has(address) && !places_.has(address);
      places_.add(address);
      if (!news) return;
    }
    if (changed_) changed_();
  }
  void left(const core::Address& address) {
    MutexLock lock(mutex_);
    places_.remove(address);
    known_.remove(address);
  }
  // Whom the latest answer named.
  void known(Places places) {
    MutexLock lock(mutex_);
    known_ = std::move(places);
  }
  // Those who came since this was asked last.
  std::vector<core::Address> take() {
    MutexLock lock(mutex_);
    std::vector<core::Address> all = places_.list();
    places_.clear();
    return all;
  }
  void dropped() { ++dropped_; }
  uint64_t dropped_so_far() const { return dropped_.load(); }

 private:
  std::function<void()> changed_;
  Mutex mutex_;
  Places places_ GUARDED_BY(mutex_);
  Places known_ GUARDED_BY(mutex_);
  std::atomic<uint64_t> dropped_{0};
};

}  // namespace distcache::discovery
