#include "node/source.h"

#include <stdexcept>

#include "common/pattern.h"

namespace cluster {
namespace {

const uint8_t* bytes_of(const std::string& text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

}  // namespace

Source::~Source() {
  open_all();
  for (std::thread& thread : answering_) thread.join();
}

void Source::entry(uintptr_t context, distcache_fetch_t* fetch) {
  auto& source = *reinterpret_cast<Source*>(context);
  size_t len = 0;
  const auto* bytes = reinterpret_cast<const char*>(distcache_fetch_key(fetch, &len));
  const std::string key(bytes, len);
  if (source.setup_.ledger) source.setup_.ledger->count(source.setup_.process, key);
  if (Recorder* recorder = source.setup_.recorder; recorder != nullptr && recorder->is_on()) {
    return recorder->serve(fetch, key);
  }
  std::unique_lock lock(source.mutex_);
  const uint32_t load = ++source.loads_[key];
  if (source.setup_.answers_later) {
    source.answering_.emplace_back([&source, fetch, key, load] { source.serve(fetch, key, load); });
    return;
  }
  lock.unlock();
  source.serve(fetch, key, load);
}

void Source::finalize(uintptr_t context) { ++reinterpret_cast<Source*>(context)->finalized_; }

void Source::serve(distcache_fetch_t* fetch, const std::string& key, uint32_t load) {
  pass(key, "read", load);
  const std::string value = value_of(key, load);
  Fields how;
  {
    const std::lock_guard lock(mutex_);
    if (const auto at = behaviours_.find(key); at != behaviours_.end()) how = at->second;
  }
  pass(key, "answer", load);
  answer(fetch, key, how, value);
}

void Source::answer(distcache_fetch_t* fetch, const std::string& key, const Fields& how,
                    const std::string& value) {
  const std::string kind = how.text("kind", "value");
  if (kind == "value" || kind == "twice") {
    distcache_fetch_complete(fetch, bytes_of(value), value.size(), nullptr);
    if (kind == "twice") distcache_fetch_complete(fetch, bytes_of(key), key.size(), nullptr);
  } else if (kind == "not_found") {
    distcache_fetch_not_found(fetch);
  } else if (kind == "fail") {
    distcache_fetch_fail(fetch, how.number("retriable") != 0 ? 1 : 0, how.text("text").c_str());
  } else if (kind == "throw") {
    throw std::runtime_error(how.text("text"));
  } else if (kind == "nest") {
    answer_nested(fetch, how);
  }
}

void Source::answer_nested(distcache_fetch_t* fetch, const Fields& how) {
  distcache_keyspace_t* keyspace = nullptr;
  distcache_result_t* result = nullptr;
  distcache_error_t* error = nullptr;
  distcache_status_t status = distcache_keyspace_lookup(
      engine_, how.text("inner_keyspace", "main").c_str(), &keyspace, &error);
  const std::string inner = how.text("inner");
  if (status == DISTCACHE_OK) {
    status = distcache_get(keyspace, bytes_of(inner), inner.size(), nullptr, &result, &error);
  }
  if (status == DISTCACHE_OK) {
    const distcache_item_t* item = distcache_result_item(result, 0);
    distcache_fetch_complete(fetch, item->data, item->len, nullptr);
  } else {
    const std::string text = std::string("inner get: ") + distcache_status_name(status) + ": " +
                             distcache_error_message(error);
    distcache_fetch_fail(fetch, 0, text.c_str());
  }
  distcache_result_release(result);
  distcache_error_release(error);
  distcache_keyspace_release(keyspace);
}

std::string Source::value_of(const std::string& key, uint32_t load) {
  if (key.starts_with("size:")) {
    return pattern(std::stoull(key.substr(5)), setup_.node + "/" + key);
  }
  const std::lock_guard lock(mutex_);
  return setup_.node + "/" + content_ + "/" + key + "/" + std::to_string(load);
}

void Source::set_content(std::string content) {
  const std::lock_guard lock(mutex_);
  content_ = std::move(content);
}

void Source::behave(const std::string& key, Fields how) {
  const std::lock_guard lock(mutex_);
  behaviours_[key] = std::move(how);
}

// -- gates ----------------------------------------------------------------------------------------

void Source::pass(const std::string& key, const std::string& stage, uint32_t load) {
  std::unique_lock lock(mutex_);
  const auto at = gates_.find({key, stage});
  if (at == gates_.end()) return;
  Gate& gate = at->second;
  gate.waiting.insert(load);
  changed_.notify_all();
  changed_.wait(lock, [&] { return open_all_ || !gate.closed || gate.released.contains(load); });
  gate.waiting.erase(load);
}

void Source::close_gate(const std::string& key, const std::string& stage) {
  const std::lock_guard lock(mutex_);
  gates_[{key, stage}].closed = true;
}

void Source::open_gate(const std::string& key, const std::string& stage) {
  const std::lock_guard lock(mutex_);
  gates_[{key, stage}].closed = false;
  changed_.notify_all();
}

void Source::release(const std::string& key, const std::string& stage, uint32_t load) {
  const std::lock_guard lock(mutex_);
  gates_[{key, stage}].released.insert(load);
  changed_.notify_all();
}

bool Source::await_gate(const std::string& key, const std::string& stage, size_t count,
                        Milliseconds within) {
  std::unique_lock lock(mutex_);
  Gate& gate = gates_[{key, stage}];
  return changed_.wait_for(lock, within, [&] { return gate.waiting.size() >= count; });
}

void Source::open_all() {
  const std::lock_guard lock(mutex_);
  open_all_ = true;
  changed_.notify_all();
}

}  // namespace cluster
