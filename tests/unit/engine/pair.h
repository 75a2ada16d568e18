#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/engine.h"

namespace distcache::engine {

// Two engines of one cluster in this process, over the real network on loopback: `asker` and
// `owner`, each with the keyspace "pages". The source of both gives every key the same value.
class Pair {
 public:
  explicit Pair(core::KeyspaceConfig config, Buffer value = Buffer::copy_of("value")) {
    source_ = std::make_shared<OneValue>(std::move(value));
    owner = open("owner", {}, config);
    if (owner == nullptr) return;
    asker = open("asker", {{"127.0.0.1", owner->membership_port(), {}}}, config);
    if (asker == nullptr) return;
    at_asker = asker->find_keyspace("pages");
    at_owner = owner->find_keyspace("pages");
    // The keys below are those that the asker thinks the other one owns, so it has to know it.
    while (members_at_asker() < 2) std::this_thread::yield();
  }
  ~Pair() {
    if (asker) static_cast<void>(asker->close(Duration::seconds(10)));
    if (owner) static_cast<void>(owner->close(Duration::seconds(10)));
  }

  static core::KeyspaceConfig config() {
    core::KeyspaceConfig config;
    config.bytes_max = uint64_t{4} << 30;
    // A machine may be slow; what these tests look for never ends by itself.
    config.read_timeout = config.write_timeout = config.fetch_timeout = Duration::seconds(120);
    return config;
  }

  // Keys that belong to the owner; the texts live as long as this object.
  std::vector<core::Key> keys_of_owner(size_t count) {
    std::vector<core::Key> keys;
    for (uint64_t i = 0; keys.size() < count; ++i) {
      auto text = std::make_unique<std::string>("key-" + std::to_string(i));
      const core::Key key = core::Key::of(*text);
      const bool own = at_asker->with_shard(at_asker->shard_of(key.hash), [&](core::Shard& shard) {
        return shard.view().self_acts(key.hash);
      });
      if (own) continue;
      texts_.push_back(std::move(text));
      keys.push_back(key);
    }
    return keys;
  }

  EnginePtr owner, asker;
  KeyspacePtr at_owner, at_asker;

 private:
  class OneValue final : public Source {
   public:
    explicit OneValue(Buffer value) : value_(std::move(value)) {}
    void fetch(FetchPtr fetch) override {
      core::LoadAnswer answer;
      answer.status = Status::ok;
      answer.value = value_;
      fetch->answer(std::move(answer));
    }

   private:
    const Buffer value_;
  };

  EnginePtr open(const std::string& name, std::vector<core::Address> peers,
                 const core::KeyspaceConfig& config) {
    EngineSetup setup;
    setup.config.node_name = name;
    setup.config.bind_port = setup.config.discovery_port = 0;
    if (!peers.empty()) setup.config.discovery_provider = core::DiscoveryProvider::static_list;
    setup.config.discovery_peers = std::move(peers);
    setup.keyspaces.push_back({"pages", config, source_});
    Result<EnginePtr> opened = Engine::open(std::move(setup));
    EXPECT_TRUE(opened.ok());
    return opened.ok() ? *opened : nullptr;
  }

  size_t members_at_asker() {
    return at_asker->with_shard(0,
                                [](core::Shard& shard) { return shard.view().members().size(); });
  }

  std::shared_ptr<Source> source_;
  std::vector<std::unique_ptr<std::string>> texts_;
};

}  // namespace distcache::engine
