#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "base/time.h"
#include "discovery/kubernetes/objects.h"

namespace distcache::discovery {

// What the watch knows, shared between its thread, which writes, and the provider's, which asks.
class KubernetesMembers {
 public:
  void on_change(std::function<void()> changed) { changed_ = std::move(changed); }  // at first

  // -- the watch: all objects at once; one of them; that it works; that an attempt has failed
  void replace(std::vector<KubernetesObject> objects);
  void change(const KubernetesObject& object);
  void remove(const std::string& uid);
  void failed(Error error);
  // Waits for as long, or until somebody wants an attempt to be made now. False when it is over.
  bool pause(Duration how_long);

  // -- the provider
  // All addresses. If the last attempt failed, another is made first, for which this waits up to
  // `timeout`; its error if it fails too.
  Result<std::vector<core::Address>> addresses(Duration timeout);
  void end();  // nobody waits any longer

 private:
  Result<std::vector<core::Address>> answer() const REQUIRES(mutex_);

  std::function<void()> changed_;
  mutable Mutex mutex_;
  std::condition_variable moved_;
  std::map<std::string, std::vector<core::Address>> objects_ GUARDED_BY(mutex_);  // by uid
  std::optional<Error> failure_ GUARDED_BY(mutex_);  // of the last attempt
  bool known_ GUARDED_BY(mutex_) = false;            // a list has been read
  uint64_t attempts_ GUARDED_BY(mutex_) = 0;         // that have succeeded or failed
  bool wanted_ GUARDED_BY(mutex_) = false;           // somebody waits for the next attempt
  bool over_ GUARDED_BY(mutex_) = false;
};

}  // namespace distcache::discovery
