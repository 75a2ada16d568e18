#include "node/engine.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "common/json.h"

namespace cluster {
namespace {

constexpr Milliseconds kAwaitUsual{30'000};

Milliseconds within_of(const Fields& command) {
  return Milliseconds(command.number("within", kAwaitUsual.count()));
}

}  // namespace

Engine::~Engine() {
  open_all_gates();
  if (engine_ != nullptr) {
    distcache_close(engine_, 10'000, nullptr);
    distcache_release(engine_);
  }
  config_.reset();
  // A source that hung past the close is still running: its finaliser tells when it has returned.
  for (const auto& entry : sources_) {
    const auto& source = entry.second;
    const bool once = eventually(Milliseconds(10'000), [&] { return source->finalized() == 1; });
    if (once) continue;
    std::fprintf(stderr, "source of '%s': %d finalisers\n", entry.first.c_str(),
                 source->finalized());
    std::_Exit(3);
  }
}

Source* Engine::source(const std::string& keyspace) {
  const std::lock_guard lock(mutex_);
  const auto at = sources_.find(keyspace);
  return at == sources_.end() ? nullptr : at->second.get();
}

void Engine::open_all_gates() {
  const std::lock_guard lock(mutex_);
  for (auto& [name, source] : sources_) source->open_all();
}

// -- life -----------------------------------------------------------------------------------------

Fields Engine::add_definition(const Fields& command, distcache_keyspace_def_t* def) {
  Owned<distcache_error_t> error;
  for (const auto& [name, value] : command.values()) {
    if (!name.starts_with("set.")) continue;
    const distcache_status_t status =
        distcache_keyspace_def_set(def, name.substr(4).c_str(), value.c_str(), Out(error));
    if (status != DISTCACHE_OK) return answer_of(status, error.get());
  }
  if (command.text("source") == "none") return answer_of(DISTCACHE_OK, nullptr);
  auto source = std::make_unique<Source>(
      Source::Setup{name_, process_, ledger_, &recorder_, command.text("source") == "later"});
  source->use_engine(engine_);
  const distcache_status_t status = distcache_keyspace_def_source(
      def, Source::entry, reinterpret_cast<uintptr_t>(source.get()), Source::finalize, Out(error));
  // One that is added again after its removal: the old source may still be running.
  std::unique_ptr<Source>& kept = sources_[command.text("name", "main")];
  if (kept)
    sources_[command.text("name", "main") + '~' + std::to_string(sources_.size())] =
        std::move(kept);
  sources_[command.text("name", "main")] = std::move(source);
  return answer_of(status, error.get());
}

Fields Engine::add_keyspace(const Fields& command) {
  const std::lock_guard lock(mutex_);
  Owned<distcache_error_t> error;
  Owned<distcache_keyspace_def_t> def;
  distcache_status_t status =
      distcache_keyspace_def_new(command.text("name", "main").c_str(), Out(def), Out(error));
  if (status != DISTCACHE_OK) return answer_of(status, error.get());
  if (Fields answer = add_definition(command, def.get()); answer.text("status") != "OK") {
    return answer;
  }
  if (engine_ != nullptr) {
    status = distcache_keyspace_add(engine_, def.get(), nullptr, Out(error));
    return answer_of(status, error.get());
  }
  if (!config_) distcache_config_new(DISTCACHE_ABI, Out(config_), nullptr);
  status = distcache_config_keyspace(config_.get(), def.get(), Out(error));
  return answer_of(status, error.get());
}

Fields Engine::remove_keyspace(const Fields& command) {
  Owned<distcache_error_t> error;
  const distcache_status_t status =
      distcache_keyspace_remove(engine_, command.text("name", "main").c_str(), Out(error));
  return answer_of(status, error.get());
}

Fields Engine::open(const Fields& settings) {
  const std::lock_guard lock(mutex_);
  Owned<distcache_error_t> error;
  if (!config_) distcache_config_new(DISTCACHE_ABI, Out(config_), nullptr);
  for (const auto& [name, value] : settings.values()) {
    const distcache_status_t status =
        distcache_config_set(config_.get(), name.c_str(), value.c_str(), Out(error));
    if (status != DISTCACHE_OK) return answer_of(status, error.get());
  }
  journal_.attach(config_.get());
  const distcache_status_t status = distcache_open(config_.get(), &engine_, Out(error));
  config_.reset();
  if (status != DISTCACHE_OK) return answer_of(status, error.get());
  for (auto& [name, source] : sources_) source->use_engine(engine_);
  return describe_self();
}

Fields Engine::describe_self() {
  Owned<distcache_peers_t> peers;
  const distcache_status_t status = distcache_peers_get(engine_, Out(peers), nullptr);
  Fields answer = answer_of(status, nullptr);
  if (const distcache_peer_t* self = distcache_peers_items(peers.get(), nullptr, nullptr)) {
    answer.set({"name", self->name});
    answer.set({"address", std::string(self->host) + ':' + std::to_string(self->discovery_port)});
    answer.set({"incarnation", self->incarnation});
  }
  return answer;
}

Fields Engine::close(const Fields& command) {
  Owned<distcache_error_t> error;
  const distcache_status_t status = distcache_close(engine_, command.number("timeout"), Out(error));
  return answer_of(status, error.get());
}

// -- what this node sees --------------------------------------------------------------------------

Fields Engine::members() {
  Owned<distcache_peers_t> peers;
  Owned<distcache_error_t> error;
  const distcache_status_t status = distcache_peers_get(engine_, Out(peers), Out(error));
  Fields answer = answer_of(status, error.get());
  size_t count = 0;
  size_t stride = 0;
  const distcache_peer_t* peer = distcache_peers_items(peers.get(), &count, &stride);
  std::vector<std::string> linked;
  std::vector<std::string> all;
  for (size_t i = 0; i < count; ++i) {
    const bool reached = (peer->flags & (DISTCACHE_PEER_SELF | DISTCACHE_PEER_LINKED)) != 0;
    if (peer->state == DISTCACHE_PEER_ALIVE && reached) linked.emplace_back(peer->name);
    all.push_back(std::string(peer->name) + '=' + std::to_string(peer->state) +
                  (reached ? "+" : "-"));
    peer = reinterpret_cast<const distcache_peer_t*>(reinterpret_cast<const char*>(peer) + stride);
  }
  answer.set({"count", linked.size()});
  answer.set_list("linked", linked);
  answer.set_list("all", all);
  return answer;
}

Fields Engine::await_members(const Fields& command) {
  const Fields about{{"keyspace", command.text("keyspace", "main")}, {"key", "any"}};
  const int64_t count = command.number("count");
  const int64_t owners = command.number("owners", count);
  Fields seen;
  Fields view;
  const bool there = eventually(within_of(command), [&] {
    seen = members();
    view = explain(about);
    return seen.number("count") == count && view.number("owners") == owners;
  });
  if (!there) seen.set({"status", "TIMED_OUT"});
  seen.set({"view", view.text("view")});
  seen.set({"owners", view.text("owners")});
  return seen;
}

Fields Engine::explain(const Fields& command) {
  Fields failure;
  const auto at = keyspace(command, failure);
  if (!at) return failure;
  Owned<distcache_result_t> result;
  Owned<distcache_error_t> error;
  const std::string key = command.text("key");
  const distcache_status_t status =
      distcache_explain(at.get(), bytes_of(key), key.size(), Out(result), Out(error));
  Fields answer = answer_of(status, error.get());
  const distcache_item_t* item = distcache_result_item(result.get(), 0);
  if (item == nullptr) return answer;
  const std::string json = text_of(item->data, item->len);
  answer.set({"json", json});
  answer.set({"owner", json_value(json, "acting_owner")});
  answer.set({"owners", json_value(json, "owners")});
  answer.set({"view", json_value(json, "view")});
  return answer;
}

Fields Engine::stats(const Fields& command) {
  Fields failure;
  const auto at = keyspace(command, failure);
  if (!at) return failure;
  distcache_keyspace_stats_t stats{};
  stats.struct_size = sizeof stats;
  const distcache_status_t status = distcache_keyspace_stats_get(at.get(), &stats, nullptr);
  return {{"status", distcache_status_name(status)},
          {"gets", stats.gets},
          {"hits", stats.hits},
          {"mirror_hits", stats.mirror_hits},
          {"mirror_entries", stats.mirror_entries},
          {"joined", stats.joined},
          {"loads", stats.loads},
          {"loads_last_resort", stats.loads_last_resort},
          {"loads_not_stored", stats.loads_not_stored},
          {"answers_ignored", stats.answers_ignored},
          {"peer_requests", stats.peer_requests},
          {"ring_changes", stats.ring_changes},
          {"ring_disagreements", stats.ring_disagreements},
          {"entries", stats.entries},
          {"flights", stats.flights}};
}

Fields Engine::ring(const Fields& command) {
  Fields failure;
  const auto at = keyspace(command, failure);
  if (!at) return failure;
  distcache_keyspace_stats_t stats{};
  stats.struct_size = sizeof stats;
  Owned<distcache_peers_t> peers;
  distcache_status_t status = distcache_keyspace_stats_get(at.get(), &stats, nullptr);
  if (status == DISTCACHE_OK) status = distcache_peers_get(engine_, Out(peers), nullptr);
  size_t count = 0;
  size_t stride = 0;
  const distcache_peer_t* peer = distcache_peers_items(peers.get(), &count, &stride);
  std::vector<std::string> alive;
  for (size_t i = 0; i < count; ++i) {
    if (peer->state == DISTCACHE_PEER_ALIVE) {
      alive.push_back(std::string(peer->name) + '@' + std::to_string(peer->incarnation));
    }
    peer = reinterpret_cast<const distcache_peer_t*>(reinterpret_cast<const char*>(peer) + stride);
  }
  std::sort(alive.begin(), alive.end());
  const Journal::Change change = journal_.last_change(command.text("keyspace", "main"));
  char ring_id[17];
  std::snprintf(ring_id, sizeof ring_id, "%016llx", static_cast<unsigned long long>(stats.ring_id));
  Fields answer{{"status", distcache_status_name(status)},
                {"ring", ring_id},
                {"told", change.ring_id},
                {"changed", change.at_ns},
                {"owners", stats.ring_members}};
  answer.set_list("alive", alive);
  return answer;
}

Fields Engine::await_stat(const Fields& command) {
  Fields seen;
  const bool there = eventually(within_of(command), [&] {
    seen = stats(command);
    return seen.number(command.text("stat")) >= command.number("count");
  });
  if (!there) seen.set({"status", "TIMED_OUT"});
  return seen;
}

Fields Engine::in_child(const Fields& command) {
  const pid_t child = fork();
  if (child == 0) {
    // The exit code carries the status: the child has no other way that is safe after a fork.
    Fields failure;
    distcache_keyspace_t* keyspace = nullptr;
    const distcache_status_t status = distcache_keyspace_lookup(
        engine_, command.text("keyspace", "main").c_str(), &keyspace, nullptr);
    _exit(status);
  }
  int ended = 0;
  waitpid(child, &ended, 0);
  return {{"status", "OK"},
          {"in_child", WIFEXITED(ended) ? distcache_status_name(WEXITSTATUS(ended)) : "signal"}};
}

}  // namespace cluster
