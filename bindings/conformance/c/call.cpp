#include "call.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "patience.h"

namespace conformance {
namespace {

const uint8_t* data_of(const std::string& bytes) {
  return reinterpret_cast<const uint8_t*>(bytes.data());
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string origin_name(int32_t origin) {
  static const char* const names[] = {"none",    "local", "owner", "mirror",
                                      "reserve", "tier",  "source"};
  return names[origin];
}

bool is_version(const distcache_entry_version_t& version) {
  return version.epoch != 0 || version.owner != 0 || version.counter != 0;
}

std::string detail(const distcache_item_t& item, const std::string& what) {
  const auto yes = [](bool is) { return is ? "=yes" : "=no"; };
  if (what == "origin") return "origin=" + origin_name(item.origin);
  if (what == "stale") return "stale" + std::string(yes(item.flags & DISTCACHE_ITEM_STALE));
  if (what == "ttl") return item.ttl_remaining_ms == DISTCACHE_TTL_NONE ? "ttl=none" : "ttl=some";
  if (what == "age") return item.age_ms >= 0 ? "age=ok" : "age=negative";
  if (what != "version") throw std::runtime_error("nothing to show is called " + what);
  return "version" + std::string(yes(is_version(item.version)));
}

void pack(const Json& notations, std::string& packed, std::vector<uint32_t>& lens) {
  for (const Json& notation : notations) {
    const std::string bytes = bytes_of(notation);
    packed += bytes;
    lens.push_back(static_cast<uint32_t>(bytes.size()));
  }
}

}  // namespace

std::string text_of(const Failure& failure, const Json& step) {
  std::string text = distcache_status_name(failure.status);
  if (failure.status == DISTCACHE_OK || failure.status == DISTCACHE_NOT_FOUND ||
      failure.status == DISTCACHE_NOT_CACHED) {
    return text;
  }
  text += failure.retriable ? " retriable" : " final";
  for (const std::string part : step.value("says", Json::array())) {
    const bool says = lower(failure.message).find(lower(part)) != std::string::npos;
    text += (says ? " says \"" : " hides \"") + part + '"';
  }
  return text;
}

Call::Call(const Json& step, distcache_keyspace_t* keyspace, Versions& versions,
           std::shared_ptr<Source> loader)
    : step_(step),
      op_(step.at("op")),
      keyspace_(keyspace),
      versions_(versions),
      loader_(std::move(loader)) {
  expect_members(
      step, {"op", "engine", "keyspace", "key", "keys", "value", "values", "timeout_ms", "ttl_ms",
             "ttls_ms", "no_stale", "async", "call", "show", "says", "loader", "expected", "keep"});
  many_ = op_.ends_with("_many");
  reads_ = op_.starts_with("get") || op_ == "peek" || op_ == "refresh";
  if (step.contains("expected")) expected_ = versions_.at(step["expected"]);
  pack(many_ ? step.at("keys") : Json::array({step.at("key")}), keys_, key_lens_);
  if (op_.starts_with("put")) {
    pack(many_ ? step.at("values") : Json::array({step.at("value")}), values_, value_lens_);
    if (step.contains("ttls_ms")) ttls_ms_ = step["ttls_ms"].get<std::vector<int64_t>>();
  }
  options_.timeout_ms = step.value("timeout_ms", int64_t{0});
  options_.ttl_ms = step.value("ttl_ms", int64_t{0});
  if (step.value("no_stale", false)) options_.flags |= DISTCACHE_OP_NO_STALE;
}

Call::~Call() {
  if (begun_) await_completion();
  distcache_op_release(handle_);
  distcache_result_release(result_);
  distcache_error_release(error_);
}

const int64_t* Call::ttls() const { return ttls_ms_.empty() ? nullptr : ttls_ms_.data(); }

bool Call::run_one() {
  const uint8_t* key = data_of(keys_);
  const uint8_t* value = data_of(values_);
  if (op_ == "get") {
    status_ = distcache_get(keyspace_, key, keys_.size(), &options_, &result_, &error_);
  } else if (op_ == "get_with") {
    status_ = distcache_get_with(keyspace_, key, keys_.size(), &Source::fetch, loader_->lend(),
                                 &Source::finalize, &options_, &result_, &error_);
  } else if (op_ == "refresh") {
    status_ = distcache_refresh(keyspace_, key, keys_.size(), &options_, &result_, &error_);
  } else if (op_ == "peek") {
    status_ = distcache_peek(keyspace_, key, keys_.size(), &result_, &error_);
  } else if (op_ == "put") {
    status_ =
        distcache_put(keyspace_, key, keys_.size(), value, values_.size(), &options_, &error_);
  } else if (op_ == "put_if") {
    status_ = distcache_put_if(keyspace_, key, keys_.size(), value, values_.size(), &expected_,
                               &options_, &version_, &error_);
  } else if (op_ == "delete") {
    status_ = distcache_delete(keyspace_, key, keys_.size(), &options_, &error_);
  } else {
    return false;
  }
  return true;
}

void Call::run() {
  if (!run_one()) run_many();
}

void Call::run_many() {
  const uint8_t* keys = data_of(keys_);
  const uint8_t* values = data_of(values_);
  const size_t count = key_lens_.size();
  if (op_ == "get_many") {
    status_ =
        distcache_get_many(keyspace_, keys, key_lens_.data(), count, &options_, &result_, &error_);
  } else if (op_ == "put_many") {
    status_ = distcache_put_many(keyspace_, keys, key_lens_.data(), values, value_lens_.data(),
                                 ttls(), count, &options_, &result_, &error_);
  } else {
    status_ = distcache_delete_many(keyspace_, keys, key_lens_.data(), count, &options_, &result_,
                                    &error_);
  }
}

bool Call::begin_one(uintptr_t context) {
  const uint8_t* key = data_of(keys_);
  const uint8_t* value = data_of(values_);
  if (op_ == "get") {
    status_ = distcache_get_async(keyspace_, key, keys_.size(), &options_, &complete, context,
                                  &handle_, &error_);
  } else if (op_ == "get_with") {
    status_ = distcache_get_with_async(keyspace_, key, keys_.size(), &Source::fetch,
                                       loader_->lend(), &Source::finalize, &options_, &complete,
                                       context, &handle_, &error_);
  } else if (op_ == "refresh") {
    status_ = distcache_refresh_async(keyspace_, key, keys_.size(), &options_, &complete, context,
                                      &handle_, &error_);
  } else if (op_ == "put") {
    status_ = distcache_put_async(keyspace_, key, keys_.size(), value, values_.size(), &options_,
                                  &complete, context, &handle_, &error_);
  } else if (op_ == "put_if") {
    status_ = distcache_put_if_async(keyspace_, key, keys_.size(), value, values_.size(),
                                     &expected_, &options_, &complete, context, &handle_, &error_);
  } else if (op_ == "delete") {
    status_ = distcache_delete_async(keyspace_, key, keys_.size(), &options_, &complete, context,
                                     &handle_, &error_);
  } else {
    return false;
  }
  return true;
}

void Call::begin() {
  completion_ = std::make_shared<Completion>();
  auto* owner = new std::shared_ptr<Completion>(completion_);
  const auto context = reinterpret_cast<uintptr_t>(owner);
  if (!begin_one(context) && !begin_many(context)) {
    throw std::runtime_error(op_ + " has no asynchronous form");
  }
  begun_ = status_ == DISTCACHE_OK;
  if (!begun_) delete owner;  // refused: the context stays the caller's
}

bool Call::begin_many(uintptr_t context) {
  const uint8_t* keys = data_of(keys_);
  const uint8_t* values = data_of(values_);
  const size_t count = key_lens_.size();
  if (op_ == "get_many") {
    status_ = distcache_get_many_async(keyspace_, keys, key_lens_.data(), count, &options_,
                                       &complete, context, &handle_, &error_);
  } else if (op_ == "put_many") {
    status_ =
        distcache_put_many_async(keyspace_, keys, key_lens_.data(), values, value_lens_.data(),
                                 ttls(), count, &options_, &complete, context, &handle_, &error_);
  } else if (op_ == "delete_many") {
    status_ = distcache_delete_many_async(keyspace_, keys, key_lens_.data(), count, &options_,
                                          &complete, context, &handle_, &error_);
  } else {
    return false;
  }
  return true;
}

void Call::complete(uintptr_t context, distcache_status_t status, distcache_result_t* result,
                    distcache_error_t* error) {
  const std::unique_ptr<std::shared_ptr<Completion>> owner(
      reinterpret_cast<std::shared_ptr<Completion>*>(context));
  Completion& completion = **owner;
  const std::lock_guard lock(completion.mutex);
  completion.status = status;
  completion.result = result;
  completion.error = error;
  completion.done = true;
  completion.changed.notify_all();
}

void Call::cancel() { distcache_op_cancel(handle_); }

void Call::await_completion() {
  std::unique_lock lock(completion_->mutex);
  if (!completion_->changed.wait_for(lock, kPatience, [this] { return completion_->done; })) {
    throw std::runtime_error("a call does not complete");
  }
  begun_ = false;
  status_ = completion_->status;
  result_ = completion_->result;
  error_ = completion_->error;
  const distcache_item_t* item = distcache_result_item(result_, 0);
  if (op_ == "put_if" && item != nullptr) version_ = item->version;
}

std::string Call::outcome() {
  if (begun_) await_completion();
  const std::string told = version_text();
  if (status_ != DISTCACHE_OK) {
    const Failure failure(status_, std::exchange(error_, nullptr));
    return text_of(failure, step_) + told;
  }
  if (!many_) return reads_ ? item_text(0) : "OK" + told;
  std::string text = "OK " + std::to_string(key_lens_.size());
  for (size_t i = 0; i < key_lens_.size(); ++i) {
    text += "\n " + std::to_string(i) + ' ' + item_text(i);
  }
  return text;
}

// Keeps the version that the step asks to keep, and tells the one that a put_if was told.
std::string Call::version_text() {
  distcache_entry_version_t version = version_;
  if (reads_ && !many_ && status_ == DISTCACHE_OK) {
    version = distcache_result_item(result_, 0)->version;
  }
  const auto same = [&version](const auto& kept) {
    return std::memcmp(&kept.second, &version, sizeof(version)) == 0;
  };
  std::string text;
  if (op_ == "put_if" && (status_ == DISTCACHE_OK || status_ == DISTCACHE_VERSION_MISMATCH)) {
    const auto kept = std::find_if(versions_.begin(), versions_.end(), same);
    text = " version=" + (!is_version(version)      ? "none"
                          : kept == versions_.end() ? "new"
                                                    : kept->first);
  }
  if (step_.contains("keep")) versions_[step_["keep"]] = version;
  return text;
}

std::string Call::item_text(size_t index) const {
  const distcache_item_t* item = distcache_result_item(result_, index);
  if (item == nullptr) throw std::runtime_error("a result without its item");
  if (item->status != DISTCACHE_OK) {
    Failure failure(item->status, nullptr);
    failure.message = distcache_result_message(result_, index);
    failure.retriable = (item->flags & DISTCACHE_ITEM_RETRIABLE) != 0;
    return text_of(failure, step_);
  }
  std::string text = "OK";
  if (reads_) {
    text += ' ' + shown(std::string_view(reinterpret_cast<const char*>(item->data), item->len));
  }
  for (const std::string what : step_.value("show", Json::array())) {
    text += ' ' + detail(*item, what);
  }
  return text;
}

}  // namespace conformance
