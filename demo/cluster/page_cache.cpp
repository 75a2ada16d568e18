#include "demo/cluster/page_cache.h"

#include <initializer_list>
#include <utility>

#include "demo/failure.h"

namespace demo {
namespace {

constexpr const char* kKeyspace = "pages";

using ErrorPtr = std::unique_ptr<distcache_error_t, Releaser<distcache_error_release>>;
using ConfigPtr = std::unique_ptr<distcache_config_t, Releaser<distcache_config_release>>;
using DefPtr = std::unique_ptr<distcache_keyspace_def_t, Releaser<distcache_keyspace_def_release>>;

const uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

void check(distcache_status_t status, distcache_error_t* err, const std::string& doing) {
  const ErrorPtr error(err);
  if (status == DISTCACHE_OK) return;
  throw Failure(doing + ": " + distcache_status_name(status) + ", " +
                distcache_error_message(error.get()));
}

}  // namespace

PageCache::PageCache(const Settings& settings, Load load, PeerGone peer_gone)
    : load_(std::move(load)), peer_gone_(std::move(peer_gone)) {
  open(settings);
}

void PageCache::open(const Settings& settings) {
  distcache_error_t* err = nullptr;
  distcache_config_t* made = nullptr;
  check(distcache_config_new(DISTCACHE_ABI, &made, &err), err, "config");
  const ConfigPtr config(made);
  const std::string port = std::to_string(settings.discovery_port);
  for (const auto& [name, value] : std::initializer_list<std::pair<const char*, std::string>>{
           {"cluster.label", "distcache-demo"},
           {"node.name", settings.name},
           {"bind.port", "0"},  // any free one: peers learn it from each other
           {"discovery.port", port},
           {"discovery.provider", "static"},
           {"discovery.peers", settings.peers},
           {"join.retry.interval.ms", "50ms"},  // all start at once, and soon
           {"log.level", settings.log_level}}) {
    check(distcache_config_set(config.get(), name, value.c_str(), &err), err, name);
  }
  const auto context = reinterpret_cast<uintptr_t>(this);
  check(distcache_config_on_event(config.get(), on_event, context, nullptr, &err), err, "events");
  add_pages(settings, config.get());

  distcache_t* engine = nullptr;
  check(distcache_open(config.get(), &engine, &err), err, "open");
  engine_.reset(engine);
  distcache_keyspace_t* pages = nullptr;
  check(distcache_keyspace_lookup(engine, kKeyspace, &pages, &err), err, kKeyspace);
  pages_.reset(pages);
}

// The keyspace is part of the configuration, so that the node has it from the moment it joins.
void PageCache::add_pages(const Settings& settings, distcache_config_t* config) {
  distcache_error_t* err = nullptr;
  distcache_keyspace_def_t* made = nullptr;
  check(distcache_keyspace_def_new(kKeyspace, &made, &err), err, kKeyspace);
  const DefPtr def(made);
  for (const auto& [name, value] : std::initializer_list<std::pair<const char*, std::string>>{
           {"bytes.max", std::to_string(settings.bytes_max)},
           {"value.bytes.max", std::to_string(settings.value_bytes_max)},
           {"negative.ttl.ms", "1h"}}) {  // "there is no such page" is an answer worth keeping
    check(distcache_keyspace_def_set(def.get(), name, value.c_str(), &err), err, name);
  }
  check(distcache_keyspace_def_source(def.get(), on_fetch, reinterpret_cast<uintptr_t>(this),
                                      nullptr, &err),
        err, "source");
  check(distcache_config_keyspace(config, def.get(), &err), err, kKeyspace);
}

PageCache::~PageCache() {
  // Ends the calls of this object's functions before the object ends.
  if (engine_) distcache_close(engine_.get(), 0, nullptr);
}

void PageCache::close() {
  distcache_error_t* err = nullptr;
  const distcache_status_t status = distcache_close(engine_.get(), 0, &err);
  check(status, err, "close");
}

distcache_status_t PageCache::get(std::string_view url, Page& page, std::string* fault) {
  distcache_error_t* err = nullptr;
  const distcache_status_t status = distcache_get_view(
      pages_.get(), bytes_of(url), url.size(), nullptr, &page.view_, fault ? &err : nullptr);
  if (err) *fault = distcache_error_message(ErrorPtr(err).get());
  return status;
}

size_t PageCache::members() const {
  distcache_peers_t* snapshot = nullptr;
  if (distcache_peers_get(engine_.get(), &snapshot, nullptr) != DISTCACHE_OK) return 0;
  const std::unique_ptr<distcache_peers_t, Releaser<distcache_peers_release>> peers(snapshot);
  size_t count = 0;
  size_t stride = 0;
  const distcache_peer_t* peer = distcache_peers_items(snapshot, &count, &stride);
  size_t reached = 0;
  for (size_t i = 0; i < count; ++i) {
    constexpr uint32_t kReachable = DISTCACHE_PEER_SELF | DISTCACHE_PEER_LINKED;
    reached += peer->state == DISTCACHE_PEER_ALIVE && (peer->flags & kReachable) != 0;
    peer = reinterpret_cast<const distcache_peer_t*>(reinterpret_cast<const char*>(peer) + stride);
  }
  return reached;
}

void PageCache::on_fetch(uintptr_t context, distcache_fetch_t* fetch) {
  // No exception may leave a callback.
  try {
    size_t length = 0;
    const uint8_t* url = distcache_fetch_key(fetch, &length);
    std::string body;
    if (reinterpret_cast<PageCache*>(context)->load_({reinterpret_cast<const char*>(url), length},
                                                     body)) {
      distcache_fetch_complete(fetch, bytes_of(body), body.size(), nullptr);
    } else {
      distcache_fetch_not_found(fetch);
    }
  } catch (const std::exception& fault) {
    distcache_fetch_fail(fetch, /*retriable=*/0, fault.what());
  }
}

void PageCache::on_event(uintptr_t context, const distcache_event_t* event) {
  if (event->kind != DISTCACHE_EVENT_PEER_FAILED && event->kind != DISTCACHE_EVENT_PEER_LEFT)
    return;
  reinterpret_cast<PageCache*>(context)->peer_gone_(event->peer);
}

}  // namespace demo
