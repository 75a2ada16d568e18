#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "core/outbox.h"
#include "engine/source.h"

namespace distcache::engine {

// Loaders of single calls that no shard needs any more. Shards let go of them under their locks,
// where no code of the program may run: what a loader ends with is run by whoever takes them out.
//
// Any thread.
class SpentLoaders {
 public:
  void put(std::shared_ptr<Source> loader) {
    MutexLock lock(mutex_);
    loaders_.push_back(std::move(loader));
  }
  bool empty() const {
    MutexLock lock(mutex_);
    return loaders_.empty();
  }
  // With no lock held, and on a thread that runs code of the program.
  void clear() {
    std::vector<std::shared_ptr<Source>> spent;  // ends after the lock does
    MutexLock lock(mutex_);
    spent.swap(loaders_);
  }

 private:
  mutable Mutex mutex_;
  std::vector<std::shared_ptr<Source>> loaders_ GUARDED_BY(mutex_);
};

// A loader as shards hold it.
class HeldLoader final : public core::Loader {
 public:
  HeldLoader(std::shared_ptr<Source> source, std::shared_ptr<SpentLoaders> spent)
      : source_(std::move(source)), spent_(std::move(spent)) {}
  ~HeldLoader() override { spent_->put(std::move(source_)); }

  const std::shared_ptr<Source>& source() const { return source_; }

 private:
  std::shared_ptr<Source> source_;
  const std::shared_ptr<SpentLoaders> spent_;
};

}  // namespace distcache::engine
