#include "operations.h"

#include <set>
#include <stdexcept>

#include "node/handles.h"
#include "source.h"

namespace stress {
namespace {

using cluster::bytes_of;
using cluster::Out;
using cluster::Owned;

constexpr int64_t kTimeoutMs = 100;
constexpr uint64_t kKeysOfAKind = 12;
constexpr size_t kManyKeys = 5;

distcache_options_t options_of(int64_t timeout_ms) {
  distcache_options_t options = DISTCACHE_OPTIONS_INIT;
  options.timeout_ms = timeout_ms;
  return options;
}

// What a call may answer while sources fail, members go and the engine closes.
bool is_answer(distcache_status_t status) {
  static const std::set<distcache_status_t> kAnswers{
      DISTCACHE_OK,         DISTCACHE_NOT_FOUND, DISTCACHE_NOT_CACHED,      DISTCACHE_SOURCE_FAILED,
      DISTCACHE_TIMED_OUT,  DISTCACHE_CLOSED,    DISTCACHE_UNKNOWN,         DISTCACHE_PARTIAL,
      DISTCACHE_OVERLOADED, DISTCACHE_CANCELLED, DISTCACHE_PEER_UNREACHABLE};
  return kAnswers.contains(status);
}

}  // namespace

std::string Operations::key() {
  if (hanging_ && pick(16) == 0) return "h" + std::to_string(pick(3));
  return Source::kKinds[pick(sizeof Source::kKinds - 1)] + std::to_string(pick(kKeysOfAKind));
}

void Operations::judge(const char* what, const std::string& key, distcache_status_t status) {
  tally_.count(status);
  if (is_answer(status)) return;
  faults_.add(std::string(what) + " of " + key + " answered " + distcache_status_name(status));
}

void Operations::check(const std::string& key, const distcache_item_t* item) {
  const std::string value = item == nullptr ? "" : cluster::text_of(item->data, item->len);
  if (value != Source::value_of(key)) faults_.add("value of " + key + " is '" + value + "'");
}

bool Operations::one(distcache_keyspace_t* keyspace) {
  const std::string key = this->key();
  ++tally_.calls;
  distcache_status_t status = DISTCACHE_OK;
  switch (pick(8)) {
    case 0:
    case 1:
      status = get(keyspace, key);
      break;
    case 2:
      status = get_many(keyspace);
      break;
    case 3:
      status = write(keyspace, key, true);
      break;
    case 4:
      status = write(keyspace, key, false);
      break;
    default:
      status = submit(keyspace, key);
      break;
  }
  return status != DISTCACHE_CLOSED;
}

distcache_status_t Operations::get(distcache_keyspace_t* keyspace, const std::string& key) {
  const distcache_options_t options = options_of(kTimeoutMs);
  Owned<distcache_result_t> result;
  const distcache_status_t status =
      distcache_get(keyspace, bytes_of(key), key.size(), &options, Out(result), nullptr);
  judge("get", key, status);
  if (status == DISTCACHE_OK) check(key, distcache_result_item(result.get(), 0));
  return status;
}

distcache_status_t Operations::get_many(distcache_keyspace_t* keyspace) {
  const distcache_options_t options = options_of(kTimeoutMs);
  std::string packed;
  std::vector<std::string> keys;
  std::vector<uint32_t> lens;
  for (size_t i = 0; i < kManyKeys; ++i) {
    keys.push_back(key());
    packed += keys.back();
    lens.push_back(static_cast<uint32_t>(keys.back().size()));
  }
  Owned<distcache_result_t> result;
  const distcache_status_t status = distcache_get_many(keyspace, bytes_of(packed), lens.data(),
                                                       lens.size(), &options, Out(result), nullptr);
  judge("get_many", packed, status);
  for (size_t i = 0; status == DISTCACHE_OK && i < keys.size(); ++i) {
    const distcache_item_t* item = distcache_result_item(result.get(), i);
    judge("item", keys[i], item->status);
    if (item->status == DISTCACHE_OK) check(keys[i], item);
  }
  return status;
}

distcache_status_t Operations::write(distcache_keyspace_t* keyspace, const std::string& key,
                                     bool put) {
  const distcache_options_t options = options_of(kTimeoutMs);
  const std::string value = Source::value_of(key);
  const distcache_status_t status =
      put ? distcache_put(keyspace, bytes_of(key), key.size(), bytes_of(value), value.size(),
                          &options, nullptr)
          : distcache_delete(keyspace, bytes_of(key), key.size(), &options, nullptr);
  judge(put ? "put" : "delete", key, status);
  return status;
}

distcache_status_t Operations::submit(distcache_keyspace_t* keyspace, const std::string& key) {
  const distcache_options_t options = options_of(kTimeoutMs);
  Started& started = started_.emplace_back();
  started.owner = this;
  started.key = key;
  const auto context = reinterpret_cast<uintptr_t>(&started);
  const std::string value = Source::value_of(key);
  distcache_op_t* op = nullptr;
  distcache_status_t status = DISTCACHE_OK;
  switch (pick(4)) {
    case 0:
      status = distcache_put_async(keyspace, bytes_of(key), key.size(), bytes_of(value),
                                   value.size(), &options, done, context, &op, nullptr);
      break;
    case 1:
      status = distcache_delete_async(keyspace, bytes_of(key), key.size(), &options, done, context,
                                      &op, nullptr);
      break;
    default:
      status = distcache_get_async(keyspace, bytes_of(key), key.size(), &options, done, context,
                                   &op, nullptr);
      break;
  }
  if (status != DISTCACHE_OK) {
    judge("submitting", key, status);
    started_.pop_back();
    return status;
  }
  ++tally_.started;
  if (pick(8) == 0) distcache_op_cancel(op);
  distcache_op_release(op);
  return status;
}

void Operations::done(uintptr_t context, distcache_status_t status, distcache_result_t* result,
                      distcache_error_t* error) {
  auto& started = *reinterpret_cast<Started*>(context);
  Operations& owner = *started.owner;
  const Owned<distcache_result_t> owned(result);
  const Owned<distcache_error_t> failure(error);
  owner.judge("completion", started.key, status);
  const distcache_item_t* item = distcache_result_item(result, 0);
  // A write's item has no value.
  if (item != nullptr && item->data != nullptr) owner.check(started.key, item);
  if (started.completions.fetch_add(1) == 0) ++owner.tally_.completed;
  if (started.key.back() == '7') throw std::runtime_error("thrown by a completion");
}

size_t Operations::open_ends() {
  size_t open = 0;
  for (const Started& started : started_) {
    const uint32_t completions = started.completions.load();
    if (completions == 0) ++open;
    if (completions > 1) {
      faults_.add(started.key + ": " + std::to_string(completions) + " completions of one call");
    }
  }
  return open;
}

}  // namespace stress
