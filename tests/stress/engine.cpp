#include "engine.h"

namespace stress {
namespace {

using cluster::Milliseconds;
using cluster::Out;
using cluster::Owned;

constexpr Milliseconds kPatience{120'000};

std::string address_of(distcache_t* engine) {
  Owned<distcache_peers_t> peers;
  if (distcache_peers_get(engine, Out(peers), nullptr) != DISTCACHE_OK) return {};
  const distcache_peer_t* self = distcache_peers_items(peers.get(), nullptr, nullptr);
  return std::string(self->host) + ":" + std::to_string(self->discovery_port);
}

}  // namespace

std::unique_ptr<Engine> Engine::open(const std::string& peer, Late& late, Faults& faults) {
  std::unique_ptr<Engine> engine(new Engine(late, faults));
  Owned<distcache_error_t> error;
  const distcache_status_t status = engine->start(peer, error);
  if (status == DISTCACHE_OK) return engine;
  faults.add(std::string("open: ") + distcache_status_name(status) + ": " +
             distcache_error_message(error.get()));
  return nullptr;
}

distcache_status_t Engine::start(const std::string& peer, Owned<distcache_error_t>& error) {
  Owned<distcache_config_t> config;
  Owned<distcache_keyspace_def_t> def;
  distcache_config_new(DISTCACHE_ABI, Out(config), nullptr);
  distcache_keyspace_def_new("main", Out(def), nullptr);
  distcache_keyspace_def_set(def.get(), "bytes.max", "4MiB", nullptr);
  distcache_keyspace_def_source(def.get(), Source::fetch, reinterpret_cast<uintptr_t>(&source_),
                                Source::finalize, nullptr);
  distcache_config_keyspace(config.get(), def.get(), nullptr);
  distcache_config_set(config.get(), "bind.port", "0", nullptr);
  distcache_config_set(config.get(), "discovery.port", "0", nullptr);
  distcache_config_set(config.get(), "shutdown.timeout.ms", "300", nullptr);
  distcache_config_set(config.get(), "log.level", "debug", nullptr);
  if (!peer.empty()) {
    distcache_config_set(config.get(), "discovery.provider", "static", nullptr);
    distcache_config_set(config.get(), "discovery.peers", peer.c_str(), nullptr);
    distcache_config_set(config.get(), "join.retry.interval.ms", "20", nullptr);
    distcache_config_set(config.get(), "join.attempts.max", "3", nullptr);
  }
  distcache_config_on_log(
      config.get(),
      [](uintptr_t context, const distcache_log_record_t*) {
        ++reinterpret_cast<Engine*>(context)->records_;
      },
      reinterpret_cast<uintptr_t>(this),
      [](uintptr_t context) { ++reinterpret_cast<Engine*>(context)->log_finalized_; }, nullptr);
  distcache_config_on_event(
      config.get(),
      [](uintptr_t context, const distcache_event_t*) {
        ++reinterpret_cast<Engine*>(context)->records_;
      },
      reinterpret_cast<uintptr_t>(this),
      [](uintptr_t context) { ++reinterpret_cast<Engine*>(context)->event_finalized_; }, nullptr);
  const distcache_status_t status = distcache_open(config.get(), &engine_, Out(error));
  if (status != DISTCACHE_OK) return status;
  address_ = address_of(engine_);
  return distcache_keyspace_lookup(engine_, "main", Out(keyspace_), Out(error));
}

void Engine::release() {
  distcache_release(engine_);
  engine_ = nullptr;
}

Engine::~Engine() {
  release();
  source_.let_go();
  const bool all = cluster::eventually(kPatience, [this] {
    return source_.finalized() > 0 && log_finalized_ > 0 && event_finalized_ > 0;
  });
  source_.answer_kept();
  if (all && source_.finalized() == 1 && log_finalized_ == 1 && event_finalized_ == 1) return;
  faults_.add("finalisers: source " + std::to_string(source_.finalized()) + ", log " +
              std::to_string(log_finalized_) + ", event " + std::to_string(event_finalized_));
}

}  // namespace stress
