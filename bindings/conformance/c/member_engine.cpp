#include "member_engine.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

namespace conformance {
namespace {

const uint8_t* data_of(std::string_view bytes) {
  return reinterpret_cast<const uint8_t*>(bytes.data());
}

void expect_ok(distcache_status_t status, distcache_error_t* error) {
  if (status == DISTCACHE_OK) return;
  const Refused refused{status, distcache_error_message(error)};
  distcache_error_release(error);
  throw refused;
}

const char* state_name(int32_t state) {
  static const char* const names[] = {"alive", "suspect", "dead", "left"};
  return names[state];
}

}  // namespace

void MemberEngine::open(const std::string& ledger, const std::vector<std::string>& settings) {
  ledger_ = ::open(ledger.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (ledger_ < 0) throw Refused{DISTCACHE_SYSTEM, "cannot open " + ledger};
  distcache_error_t* error = nullptr;
  distcache_config_t* config = nullptr;
  expect_ok(distcache_config_new(DISTCACHE_ABI, &config, &error), error);
  const std::unique_ptr<distcache_config_t, decltype(&distcache_config_release)> config_owner(
      config, &distcache_config_release);
  for (const std::string& setting : settings) {
    const size_t equals = std::min(setting.find('='), setting.size());
    // A refusal is remembered, and told by open.
    distcache_config_set(config, setting.substr(0, equals).c_str(),
                         setting.substr(std::min(equals + 1, setting.size())).c_str(), nullptr);
  }
  name_ = distcache_config_get(config, "node.name");

  distcache_keyspace_def_t* def = nullptr;
  expect_ok(distcache_keyspace_def_new("pages", &def, &error), error);
  const std::unique_ptr<distcache_keyspace_def_t, decltype(&distcache_keyspace_def_release)>
      def_owner(def, &distcache_keyspace_def_release);
  distcache_keyspace_def_set(def, "bytes.max", "256MiB", nullptr);
  distcache_keyspace_def_source(def, &fetch, reinterpret_cast<uintptr_t>(this), nullptr, nullptr);
  expect_ok(distcache_config_keyspace(config, def, &error), error);
  expect_ok(distcache_open(config, &cache_, &error), error);
  expect_ok(distcache_keyspace_lookup(cache_, "pages", &pages_, &error), error);
}

void MemberEngine::await_ready(int64_t timeout_ms) {
  distcache_error_t* error = nullptr;
  expect_ok(distcache_wait_ready(cache_, timeout_ms, &error), error);
}

void MemberEngine::close() {
  if (cache_ != nullptr) distcache_close(cache_, 0, nullptr);
  distcache_keyspace_release(pages_);
  distcache_release(cache_);
  if (ledger_ >= 0) ::close(ledger_);
  pages_ = nullptr;
  cache_ = nullptr;
  ledger_ = -1;
}

void MemberEngine::fetch(uintptr_t context, distcache_fetch_t* fetch) {
  size_t len = 0;
  const uint8_t* key = distcache_fetch_key(fetch, &len);
  try {
    const std::string value = reinterpret_cast<MemberEngine*>(context)->load(
        std::string(reinterpret_cast<const char*>(key), len));
    distcache_fetch_complete(fetch, data_of(value), value.size(), nullptr);
  } catch (const std::exception& failure) {
    distcache_fetch_fail(fetch, 0, failure.what());
  }
}

std::string MemberEngine::load(const std::string& key) {
  uint64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    number = ++made_[key];
  }
  ++loads_;
  const Making made = making(key, std::to_string(number));
  const std::string line = made.text() + '\n';
  if (write(ledger_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
    throw std::runtime_error("the ledger cannot be written");
  }
  return value_of(made);
}

Making MemberEngine::making(const std::string& key, const std::string& number) const {
  return {key, name_, "c", number};
}

distcache_status_t MemberEngine::get(std::string_view key, std::string& value) const {
  distcache_view_t view = DISTCACHE_VIEW_INIT;
  const distcache_status_t status =
      distcache_get_view(pages_, data_of(key), key.size(), nullptr, &view, nullptr);
  value.assign(reinterpret_cast<const char*>(view.item.data), view.item.len);
  distcache_view_release(&view);
  return status;
}

std::string MemberEngine::read(const std::string& key, bool peek) const {
  distcache_error_t* error = nullptr;
  distcache_result_t* result = nullptr;
  const distcache_status_t status =
      peek ? distcache_peek(pages_, data_of(key), key.size(), &result, &error)
           : distcache_get(pages_, data_of(key), key.size(), nullptr, &result, &error);
  expect_ok(status, error);
  const distcache_item_t* item = distcache_result_item(result, 0);
  std::string value(reinterpret_cast<const char*>(item->data), item->len);
  distcache_result_release(result);
  return value;
}

void MemberEngine::put(const std::string& key, std::string_view value) const {
  distcache_error_t* error = nullptr;
  expect_ok(distcache_put(pages_, data_of(key), key.size(), data_of(value), value.size(), nullptr,
                          &error),
            error);
}

void MemberEngine::remove(const std::string& key) const {
  distcache_error_t* error = nullptr;
  expect_ok(distcache_delete(pages_, data_of(key), key.size(), nullptr, &error), error);
}

std::string MemberEngine::peers() const {
  distcache_error_t* error = nullptr;
  distcache_peers_t* peers = nullptr;
  expect_ok(distcache_peers_get(cache_, &peers, &error), error);
  std::map<std::string, std::string> states;
  size_t count = 0;
  size_t stride = 0;
  const auto* at = reinterpret_cast<const char*>(distcache_peers_items(peers, &count, &stride));
  for (size_t i = 0; i < count; ++i, at += stride) {
    const auto* peer = reinterpret_cast<const distcache_peer_t*>(at);
    states[peer->name] = state_name(peer->state);
  }
  distcache_peers_release(peers);
  std::string text;
  for (const auto& [name, state] : states) text += ' ' + name + ':' + state;
  return text;
}

}  // namespace conformance
