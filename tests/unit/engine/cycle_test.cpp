#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "engine/engine.h"

// Two loads whose sources ask for each other's key, begun by two callers that know nothing of each
// other: neither descends from the other, yet each would wait for the other until its deadline.
namespace distcache::engine {
namespace {

core::Key key(const char* text) { return core::Key::of(text); }

class EachOther final : public Source {
 public:
  void fetch(FetchPtr fetch) override {
    core::LoadAnswer answer;
    answer.status = Status::ok;
    answer.value = Buffer::copy_of(fetch->key() == "a" ? ask_for_b() : ask_for_a());
    fetch->answer(std::move(answer));
  }

  std::weak_ptr<Engine> engine;
  KeyspacePtr keyspace;
  std::promise<void> a_began, b_began;
  Status refusal = Status::ok;

 private:
  std::string ask_for_b() {
    a_began.set_value();
    b_began.get_future().wait();
    return std::string(engine.lock()->get(keyspace, key("b"), {}).value.view()) + "+a";
  }
  std::string ask_for_a() {
    b_began.set_value();
    while (Engine::stats(*keyspace).shards.coalesced == 0) std::this_thread::yield();
    refusal = engine.lock()->get(keyspace, key("a"), {}).status;
    return "b";
  }
};

TEST(CycleTest, OfTwoLoadsThatAskForEachOtherTheSecondIsRefused) {
  const auto source = std::make_shared<EachOther>();
  EngineSetup setup;
  setup.config.bind_port = setup.config.discovery_port = 0;
  core::KeyspaceConfig config;
  config.bytes_max = 1024 * 1024;
  // Far away: what is refused is refused at once.
  config.read_timeout = config.fetch_timeout = Duration::seconds(600);
  setup.keyspaces.push_back({"pages", config, source});
  const Result<EnginePtr> opened = Engine::open(std::move(setup));
  ASSERT_TRUE(opened.ok());
  const EnginePtr& engine = *opened;
  source->engine = engine;
  source->keyspace = engine->find_keyspace("pages");

  core::Outcome a;
  std::thread caller([&] { a = engine->get(source->keyspace, key("a"), {}); });
  source->a_began.get_future().wait();
  const core::Outcome b = engine->get(source->keyspace, key("b"), {});
  caller.join();

  EXPECT_EQ(source->refusal, Status::would_deadlock);
  EXPECT_EQ(b.value.view(), "b");
  EXPECT_EQ(a.value.view(), "b+a");
  static_cast<void>(engine->close(Duration::seconds(10)));
  source->keyspace = nullptr;
}

}  // namespace
}  // namespace distcache::engine
