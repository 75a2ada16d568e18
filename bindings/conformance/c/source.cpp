#include "source.h"

#include <stdexcept>

#include "patience.h"

namespace conformance {
namespace {

constexpr auto kPause = std::chrono::milliseconds(2);
constexpr int64_t kRemainingMsMax = 60'000;

const uint8_t* data_of(const std::string& bytes) {
  return reinterpret_cast<const uint8_t*>(bytes.data());
}

std::string text_of(const Json& rule, const char* name) {
  return rule.value(name, std::string("the source says so"));
}

}  // namespace

Source::Source(std::string engine, const Json& rules)
    : engine_(std::move(engine)), rules_(rules), used_(rules.size()) {
  for (const Json& rule : rules_) {
    expect_members(
        rule, {"key", "times", "hold", "until_cancelled", "async", "answer", "value", "ttl_ms",
               "no_store", "tags", "source_version", "message", "retriable", "get", "keyspace"});
  }
}

Source::~Source() {
  for (std::thread& thread : threads_) {
    // The last owner may be the thread itself.
    if (thread.get_id() == std::this_thread::get_id()) {
      thread.detach();
    } else {
      thread.join();
    }
  }
}

void Source::attach(distcache_keyspace_def_t* def) {
  distcache_keyspace_def_source(def, &fetch, lend(), &finalize, nullptr);
}

uintptr_t Source::lend() {
  return reinterpret_cast<uintptr_t>(new std::shared_ptr<Source>(shared_from_this()));
}

void Source::engine_is(distcache_t* cache) {
  const std::lock_guard lock(mutex_);
  cache_ = cache;
}

void Source::finalize(uintptr_t context) {
  delete reinterpret_cast<std::shared_ptr<Source>*>(context);
}

void Source::fetch(uintptr_t context, distcache_fetch_t* fetch) {
  const std::shared_ptr<Source> self = *reinterpret_cast<std::shared_ptr<Source>*>(context);
  size_t len = 0;
  const uint8_t* bytes = distcache_fetch_key(fetch, &len);
  const std::string key(reinterpret_cast<const char*>(bytes), len);
  uint64_t load = 0;
  static const Json by_default = Json::object();
  const Json* found = self->next_rule(key, load);
  const Json& rule = found != nullptr ? *found : by_default;
  if (!rule.value("async", false)) {
    self->answer(rule, fetch, key, load);
    return;
  }
  const std::lock_guard lock(self->mutex_);
  self->threads_.emplace_back(
      [self, &rule, fetch, key, load] { self->answer(rule, fetch, key, load); });
}

const Json* Source::next_rule(const std::string& key, uint64_t& load) {
  const std::lock_guard lock(mutex_);
  load = ++loads_[key];
  for (size_t i = 0; i < rules_.size(); ++i) {
    const Json& rule = rules_[i];
    if (rule.contains("key") && bytes_of(rule["key"]) != key) continue;
    if (rule.contains("times") && used_[i] >= rule["times"].get<uint64_t>()) continue;
    ++used_[i];
    return &rule;
  }
  return nullptr;
}

void Source::answer(const Json& rule, distcache_fetch_t* fetch, const std::string& key,
                    uint64_t load) {
  wait_until_allowed(rule, fetch, key);
  const std::string kind = rule.value("answer", "value");
  try {
    if (kind == "value") {
      give(rule, fetch,
           rule.contains("value") ? bytes_of(rule["value"]) : engine_ + ':' + std::to_string(load));
    } else if (kind == "key") {
      give(rule, fetch, key);
    } else if (kind == "keyspace") {
      give(rule, fetch, distcache_fetch_keyspace(fetch));
    } else if (kind == "remaining") {
      const int64_t left_ms = distcache_fetch_remaining_ms(fetch);
      give(rule, fetch, left_ms > 0 && left_ms <= kRemainingMsMax ? "in time" : "out of time");
    } else if (kind == "not_found") {
      distcache_fetch_not_found(fetch);
    } else if (kind == "fail") {
      distcache_fetch_fail(fetch, rule.at("retriable").get<bool>(),
                           text_of(rule, "message").c_str());
    } else if (kind == "throw") {
      throw std::runtime_error(text_of(rule, "message"));
    } else if (kind == "drop") {
      throw std::runtime_error("the source gave no answer");
    } else if (kind == "get") {
      give_other(rule, fetch);
    } else {
      throw std::runtime_error("no answer is called '" + kind + "'");
    }
  } catch (const std::exception& failure) {  // nothing may leave a callback
    distcache_fetch_fail(fetch, 0, failure.what());
  }
}

void Source::wait_until_allowed(const Json& rule, distcache_fetch_t* fetch,
                                const std::string& key) {
  const bool hold = rule.value("hold", false);
  const bool until_cancelled = rule.value("until_cancelled", false);
  if (!hold && !until_cancelled) return;
  std::unique_lock lock(mutex_);
  held_.insert(key);
  changed_.notify_all();
  while (until_cancelled && !all_released_ && !cancelled_.contains(key)) {
    if (distcache_fetch_cancelled(fetch) == 1) cancelled_.insert(key);
    changed_.notify_all();
    changed_.wait_for(lock, kPause);
  }
  if (hold) changed_.wait(lock, [&] { return all_released_ || released_.contains(key); });
}

void Source::give(const Json& rule, distcache_fetch_t* fetch, const std::string& value) {
  for (const Json& tag : rule.value("tags", Json::array())) {
    distcache_fetch_tag(fetch, tag.get<std::string>().c_str());
  }
  distcache_answer_t answer = DISTCACHE_ANSWER_INIT;
  answer.ttl_ms = rule.value("ttl_ms", int64_t{0});
  answer.source_version = rule.value("source_version", uint64_t{0});
  if (rule.value("no_store", false)) answer.flags |= DISTCACHE_ANSWER_NO_STORE;
  distcache_fetch_complete(fetch, data_of(value), value.size(), &answer);
}

void Source::give_other(const Json& rule, distcache_fetch_t* fetch) {
  const std::string name = rule.value("keyspace", distcache_fetch_keyspace(fetch));
  distcache_t* cache = nullptr;
  {
    const std::lock_guard lock(mutex_);
    cache = cache_;
  }
  distcache_keyspace_t* keyspace = nullptr;
  distcache_result_t* result = nullptr;
  distcache_status_t status = distcache_keyspace_lookup(cache, name.c_str(), &keyspace, nullptr);
  if (status == DISTCACHE_OK) {
    const std::string key = bytes_of(rule.at("get"));
    distcache_options_t options = DISTCACHE_OPTIONS_INIT;
    options.parent_fetch = static_cast<uint64_t>(reinterpret_cast<uintptr_t>(fetch));
    status = distcache_get(keyspace, data_of(key), key.size(), &options, &result, nullptr);
  }
  if (status == DISTCACHE_OK) {
    const distcache_item_t* item = distcache_result_item(result, 0);
    const std::string value(reinterpret_cast<const char*>(item->data), item->len);
    give(rule, fetch, "got " + value);
  } else {
    distcache_fetch_fail(fetch, 0, distcache_status_name(status));
  }
  distcache_result_release(result);
  distcache_keyspace_release(keyspace);
}

void Source::await_held(const std::string& key) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, kPatience, [&] { return held_.contains(key); })) {
    throw std::runtime_error("no load of this key is held");
  }
}

void Source::await_cancelled(const std::string& key) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, kPatience, [&] { return cancelled_.contains(key); })) {
    throw std::runtime_error("no load of this key was cancelled");
  }
}

void Source::release(const std::string& key) {
  const std::lock_guard lock(mutex_);
  released_.insert(key);
  changed_.notify_all();
}

void Source::release_all() {
  const std::lock_guard lock(mutex_);
  all_released_ = true;
  changed_.notify_all();
}

uint64_t Source::loads(const std::string* key) {
  const std::lock_guard lock(mutex_);
  if (key != nullptr) return loads_[*key];
  uint64_t sum = 0;
  for (const auto& [name, count] : loads_) sum += count;
  return sum;
}

}  // namespace conformance
