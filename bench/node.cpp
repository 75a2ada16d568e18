#include "node.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace bench {
namespace {

// SOURCE thread; context = the bytes of each value.
void fetch(uintptr_t context, distcache_fetch_t* fetch) {
  const std::string value(context, 'v');
  distcache_fetch_complete(fetch, reinterpret_cast<const uint8_t*>(value.data()), value.size(), 0);
}

void set(distcache_config_t* config, const char* name, const std::string& value) {
  distcache_error_t* error = nullptr;
  check(distcache_config_set(config, name, value.c_str(), &error), error, name);
}

distcache_keyspace_stats_t stats_of(distcache_keyspace_t* keyspace) {
  distcache_keyspace_stats_t stats{};
  stats.struct_size = sizeof stats;
  distcache_error_t* error = nullptr;
  check(distcache_keyspace_stats_get(keyspace, &stats, &error), error, "stats");
  return stats;
}

}  // namespace

std::string key_of(uint64_t number) {
  char text[kKeyBytes + 1];
  std::snprintf(text, sizeof text, "key-%020llu", static_cast<unsigned long long>(number));
  return text;
}

void check(distcache_status_t status, distcache_error_t* error, const char* what) {
  if (status == DISTCACHE_OK) return;
  std::fprintf(stderr, "%s: %s: %s\n", what, distcache_status_name(status),
               error ? distcache_error_message(error) : "");
  std::exit(1);
}

Node::Node(const Options& options) {
  distcache_error_t* error = nullptr;
  distcache_config_t* config = nullptr;
  check(distcache_config_new(DISTCACHE_ABI, &config, &error), error, "config");
  set(config, "bind.port", "0");
  set(config, "discovery.port", std::to_string(options.discovery_port));
  if (options.seed_port != 0) {
    set(config, "discovery.provider", "static");
    set(config, "discovery.peers", "127.0.0.1:" + std::to_string(options.seed_port));
  }
  check(distcache_open(config, &engine_, &error), error, "open");
  distcache_config_release(config);

  distcache_keyspace_def_t* def = nullptr;
  check(distcache_keyspace_def_new("bench", &def, &error), error, "keyspace");
  check(distcache_keyspace_def_set(def, "bytes.max", options.bytes_max, &error), error,
        "bytes.max");
  check(distcache_keyspace_def_set(def, "value.bytes.max", "64KiB", &error), error, "value");
  if (options.has_source) {
    check(distcache_keyspace_def_source(def, fetch, options.value_bytes, nullptr, &error), error,
          "source");
  }
  check(distcache_keyspace_add(engine_, def, &keyspace_, &error), error, "keyspace_add");
  distcache_keyspace_def_release(def);
}

Node::~Node() {
  distcache_keyspace_release(keyspace_);
  distcache_close(engine_, 2'000, nullptr);
  distcache_release(engine_);
}

void Node::wait_for_members(size_t count) const {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  for (size_t alive = 0; alive < count;) {
    distcache_peers_t* peers = nullptr;
    distcache_error_t* error = nullptr;
    check(distcache_peers_get(engine_, &peers, &error), error, "peers");
    size_t listed = 0, stride = 0;
    const auto* at =
        reinterpret_cast<const uint8_t*>(distcache_peers_items(peers, &listed, &stride));
    alive = 0;
    for (size_t i = 0; i < listed; ++i) {
      const auto* peer = reinterpret_cast<const distcache_peer_t*>(at + i * stride);
      if (peer->flags & (DISTCACHE_PEER_SELF | DISTCACHE_PEER_LINKED)) ++alive;
    }
    distcache_peers_release(peers);
    if (std::chrono::steady_clock::now() > until) {
      std::fprintf(stderr, "the members did not find each other in 20 s\n");
      std::exit(1);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

uint64_t Node::bytes() const { return stats_of(keyspace_).bytes; }
uint64_t Node::entries() const { return stats_of(keyspace_).entries; }

}  // namespace bench
