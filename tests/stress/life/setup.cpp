#include "setup.h"

namespace life {

Node::Node() {
  distcache_config_new(DISTCACHE_ABI, Out(config_), nullptr);
  distcache_keyspace_def_new("main", Out(def_), nullptr);
  distcache_keyspace_def_set(def_.get(), "bytes.max", "1MiB", nullptr);
  set("bind.port", "0");
  set("discovery.port", "0");
  set("log.level", "off");
}

Node::~Node() {
  if (engine_ == nullptr) return;
  // Long enough for idle threads to be joined on any machine: what is counted next has ended.
  distcache_close(engine_, 10'000, nullptr);
  distcache_release(engine_);
}

void Node::set(const std::string& name, const std::string& value) {
  Owned<distcache_error_t> error;
  EXPECT_EQ(distcache_config_set(config_.get(), name.c_str(), value.c_str(), Out(error)),
            DISTCACHE_OK)
      << distcache_error_message(error.get());
}

void Node::source(distcache_fetch_fn fetch, Gate& gate) {
  distcache_keyspace_def_source(
      def_.get(), fetch, reinterpret_cast<uintptr_t>(&gate),
      [](uintptr_t context) { gate_of(context).finalize(); }, nullptr);
}

void Node::on_log(Gate& gate) {
  set("log.level", "debug");
  distcache_config_on_log(
      config_.get(),
      [](uintptr_t context, const distcache_log_record_t*) { gate_of(context).pass(); },
      reinterpret_cast<uintptr_t>(&gate), [](uintptr_t context) { gate_of(context).finalize(); },
      nullptr);
}

void Node::on_event(Gate& gate) {
  distcache_config_on_event(
      config_.get(), [](uintptr_t context, const distcache_event_t*) { gate_of(context).pass(); },
      reinterpret_cast<uintptr_t>(&gate), [](uintptr_t context) { gate_of(context).finalize(); },
      nullptr);
}

distcache_status_t Node::open() {
  Owned<distcache_error_t> error;
  distcache_config_keyspace(config_.get(), def_.get(), nullptr);
  def_.reset();  // only the engine has the callbacks from now on
  distcache_status_t status = distcache_open(config_.get(), &engine_, Out(error));
  config_.reset();
  if (status == DISTCACHE_OK) {
    status = distcache_keyspace_lookup(engine_, "main", Out(keyspace_), Out(error));
  }
  text_ = distcache_error_message(error.get());
  return status;
}

distcache_status_t Node::get(const std::string& key, int64_t timeout_ms) {
  distcache_options_t options = DISTCACHE_OPTIONS_INIT;
  options.timeout_ms = timeout_ms;
  Owned<distcache_result_t> result;
  return distcache_get(keyspace(), bytes_of(key), key.size(), &options, Out(result), nullptr);
}

std::string Node::address() const {
  Owned<distcache_peers_t> peers;
  distcache_peers_get(engine_, Out(peers), nullptr);
  const distcache_peer_t* self = distcache_peers_items(peers.get(), nullptr, nullptr);
  return std::string(self->host) + ':' + std::to_string(self->discovery_port);
}

std::string Node::data_port() const {
  Owned<distcache_peers_t> peers;
  distcache_peers_get(engine_, Out(peers), nullptr);
  return std::to_string(distcache_peers_items(peers.get(), nullptr, nullptr)->data_port);
}

void answer_at_once(uintptr_t, distcache_fetch_t* fetch) {
  const uint8_t value = 'x';
  distcache_fetch_complete(fetch, &value, 1, nullptr);
}

void answer_never(uintptr_t, distcache_fetch_t*) {}

void answer_behind_gate(uintptr_t context, distcache_fetch_t* fetch) {
  gate_of(context).pass();
  answer_at_once(context, fetch);
}

::testing::AssertionResult nothing_left(const stress::Footprint& before) {
  stress::Footprint now;
  const bool same = eventually(kPatience, [&] {
    now = stress::Footprint::of();
    return now.threads == before.threads && now.descriptors == before.descriptors;
  });
  if (same) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure()
         << before.threads << " threads before and " << now.threads << " after ("
         << stress::thread_names() << "), " << before.descriptors << " descriptors before and "
         << now.descriptors << " after";
}

}  // namespace life
