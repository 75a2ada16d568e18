#include "source.h"

#include <stdexcept>

#include "node/handles.h"

namespace stress {

using cluster::bytes_of;
using cluster::Milliseconds;

// -- Late -----------------------------------------------------------------------------------------

Late::~Late() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Late::answer(distcache_fetch_t* fetch, std::string value) {
  const std::lock_guard lock(mutex_);
  const auto due = cluster::Clock::now() + std::chrono::microseconds(random_() % 30'000);
  queue_.emplace(due, Due{fetch, std::move(value)});
  changed_.notify_all();
}

void Late::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    if (queue_.empty()) {
      if (stopping_) return;
      changed_.wait(lock);
      continue;
    }
    const auto first = queue_.begin();
    if (!stopping_ && first->first > cluster::Clock::now()) {
      changed_.wait_until(lock, first->first);
      continue;
    }
    const Due due = std::move(first->second);
    queue_.erase(first);
    const bool twice = random_() % 4 == 0;
    lock.unlock();
    for (int i = 0; i < (twice ? 2 : 1); ++i) {
      distcache_fetch_complete(due.fetch, bytes_of(due.value), due.value.size(), nullptr);
    }
    lock.lock();
  }
}

// -- Source ---------------------------------------------------------------------------------------

void Source::fetch(uintptr_t context, distcache_fetch_t* fetch) {
  size_t len = 0;
  const uint8_t* key = distcache_fetch_key(fetch, &len);
  reinterpret_cast<Source*>(context)->serve(fetch, cluster::text_of(key, len));
}

void Source::finalize(uintptr_t context) {
  auto& source = *reinterpret_cast<Source*>(context);
  const std::lock_guard lock(source.mutex_);
  ++source.finalized_;
  source.changed_.notify_all();
}

void Source::serve(distcache_fetch_t* fetch, const std::string& key) {
  const std::string value = value_of(key);
  switch (key.empty() ? ' ' : key[0]) {
    case 'l':
      late_.answer(fetch, value);
      return;
    case 't':
      throw std::runtime_error("thrown for " + key);
    case 'n':
      distcache_fetch_not_found(fetch);
      return;
    case 'f':
      distcache_fetch_fail(fetch, 1, "failed");
      return;
    case 'k': {
      const std::lock_guard lock(mutex_);
      kept_.emplace_back(fetch, value);
      changed_.notify_all();
      return;
    }
    case 'h':
      hang();
      break;
    default:
      break;
  }
  distcache_fetch_complete(fetch, bytes_of(value), value.size(), nullptr);
}

void Source::hang() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return let_go_; });
}

void Source::let_go() {
  const std::lock_guard lock(mutex_);
  let_go_ = true;
  changed_.notify_all();
}

void Source::answer_kept() {
  const std::lock_guard lock(mutex_);
  for (auto& [fetch, value] : kept_) late_.answer(fetch, value);
  kept_.clear();
}

distcache_fetch_t* Source::open_fetch(distcache_keyspace_t* keyspace) {
  const std::string key = "k-open";
  distcache_options_t options = DISTCACHE_OPTIONS_INIT;
  options.timeout_ms = 1;
  // Whoever owns the key asks its own source: until it is ours.
  for (int i = 0;; ++i) {
    const std::string attempt = key + std::to_string(i);
    distcache_result_t* result = nullptr;
    distcache_get(keyspace, bytes_of(attempt), attempt.size(), &options, &result, nullptr);
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, Milliseconds(100), [this] { return !kept_.empty(); })) {
      return kept_.front().first;
    }
  }
}

}  // namespace stress
