#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "engine/engine.h"
#include "engine/pair.h"
#include "engine/thread_role.h"

// Loads that owners grant to their callers, between real engines.
namespace distcache::engine {
namespace {

// Gives its loads away, or answers each at once.
class Loader : public Source {
 public:
  explicit Loader(std::string value = {}) : value_(std::move(value)) {}
  void fetch(FetchPtr fetch) override {
    if (value_.empty()) return begun.set_value(std::move(fetch));
    complete(*fetch, value_);
  }
  static void complete(Fetch& fetch, const std::string& value) {
    core::LoadAnswer answer;
    answer.status = Status::ok;
    answer.value = Buffer::copy_of(value);
    fetch.answer(std::move(answer));
  }

  std::promise<FetchPtr> begun;

 private:
  const std::string value_;
};

std::string text(const core::Outcome& outcome) { return std::string(outcome.value.view()); }

class GrantedLoadTest : public ::testing::Test {
 protected:
  core::Outcome get_with(const EnginePtr& engine, std::shared_ptr<Source> loader) {
    const KeyspacePtr& at = engine == pair.asker ? pair.at_asker : pair.at_owner;
    return engine->get_with(at, key, std::move(loader), {});
  }
  std::future<core::Outcome> start(const EnginePtr& engine, std::shared_ptr<Source> loader) {
    return std::async(std::launch::async, [this, engine, loader = std::move(loader)]() mutable {
      return get_with(engine, std::move(loader));
    });
  }

  Pair pair{Pair::config()};
  const core::Key key = pair.keys_of_owner(1).front();
};

TEST_F(GrantedLoadTest, TheCallersLoaderIsRunAndTheOwnerKeepsTheValue) {
  const core::Outcome first = get_with(pair.asker, std::make_shared<Loader>("mine"));
  EXPECT_EQ(first.status, Status::ok) << first.message;
  EXPECT_EQ(text(first), "mine");
  EXPECT_NE(first.version, core::Version{});
  EXPECT_EQ(text(pair.owner->peek(pair.at_owner, key)), "mine");
  EXPECT_EQ(text(get_with(pair.asker, std::make_shared<Loader>("other"))), "mine");
  EXPECT_EQ(text(pair.owner->get(pair.at_owner, key, {})), "mine");
}

// It may be code of the program that waits: not on the thread that owns the network.
TEST_F(GrantedLoadTest, ALoaderEndsOnAThreadThatRunsCodeOfTheProgram) {
  struct Ending final : Loader {
    explicit Ending(std::promise<ThreadRole>& where) : Loader("mine"), ended(where) {}
    ~Ending() override { ended.set_value(thread_role()); }
    std::promise<ThreadRole>& ended;
  };
  std::promise<ThreadRole> ended;
  EXPECT_EQ(text(get_with(pair.owner, std::make_shared<Ending>(ended))), "mine");
  const ThreadRole role = ended.get_future().get();
  EXPECT_TRUE(role == ThreadRole::event || role == ThreadRole::source);
}

TEST_F(GrantedLoadTest, SoIsThatOfACallerAtTheOwner) {
  EXPECT_EQ(text(get_with(pair.owner, std::make_shared<Loader>("mine"))), "mine");
  EXPECT_EQ(text(pair.asker->get(pair.at_asker, key, {})), "mine");
}

TEST_F(GrantedLoadTest, ReadersEverywhereWaitForIt) {
  const auto loader = std::make_shared<Loader>();
  auto holder = start(pair.asker, loader);
  const FetchPtr fetch = loader->begun.get_future().get();
  auto waiting = start(pair.owner, std::make_shared<Loader>("never run"));
  while (Engine::stats(*pair.at_owner).shards.coalesced == 0) std::this_thread::yield();
  Loader::complete(*fetch, "loaded");
  EXPECT_EQ(text(holder.get()), "loaded");
  EXPECT_EQ(text(waiting.get()), "loaded");
}

TEST_F(GrantedLoadTest, ADeleteMeanwhileWins) {
  const auto loader = std::make_shared<Loader>();
  auto holder = start(pair.asker, loader);
  const FetchPtr fetch = loader->begun.get_future().get();
  EXPECT_EQ(pair.owner->delete_many(pair.at_owner, {key}, {}).front().status, Status::ok);
  Loader::complete(*fetch, "older");
  EXPECT_EQ(text(holder.get()), "older");
  EXPECT_EQ(pair.owner->peek(pair.at_owner, key).status, Status::not_cached);
  EXPECT_EQ(text(pair.asker->get(pair.at_asker, key, {})), "value");  // of the source
}

TEST_F(GrantedLoadTest, WhereTheHolderLeavesTheNextCallerLoads) {
  const auto lost = std::make_shared<Loader>();
  auto holder = start(pair.asker, lost);
  const FetchPtr fetch = lost->begun.get_future().get();
  auto next = start(pair.owner, std::make_shared<Loader>("next"));
  while (Engine::stats(*pair.at_owner).shards.coalesced == 0) std::this_thread::yield();
  EXPECT_EQ(next.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  std::thread closing([this] { pair.asker->close(Duration::seconds(1)).ok(); });
  EXPECT_EQ(text(next.get()), "next");
  fetch->answer({});
  closing.join();
  holder.wait();
}

// The holder closes its link to the owner that leaves: what it loads is for its own callers.
TEST_F(GrantedLoadTest, WhereTheOwnerClosesItsOwnCallerLoads) {
  const auto lost = std::make_shared<Loader>();
  auto holder = start(pair.asker, lost);
  const FetchPtr fetch = lost->begun.get_future().get();
  auto next = start(pair.owner, std::make_shared<Loader>("next"));
  while (Engine::stats(*pair.at_owner).shards.coalesced == 0) std::this_thread::yield();
  EXPECT_TRUE(pair.owner->close(Duration::seconds(20)).ok());
  EXPECT_EQ(text(next.get()), "next");
  Loader::complete(*fetch, "mine");
  EXPECT_EQ(text(holder.get()), "mine");
}

TEST_F(GrantedLoadTest, ALargeValueGoesInPieces) {
  const std::string large(3'000'000, 'x');
  EXPECT_EQ(text(get_with(pair.asker, std::make_shared<Loader>(large))), large);
  EXPECT_EQ(text(pair.owner->peek(pair.at_owner, key)), large);
}

TEST_F(GrantedLoadTest, AFailureReachesTheCallerWithItsText) {
  class Failing final : public Source {
    void fetch(FetchPtr fetch) override {
      core::LoadAnswer answer;
      answer.status = Status::source_failed;
      answer.retriable = true;
      answer.message = "no such table";
      fetch->answer(std::move(answer));
    }
  };
  const core::Outcome failed = get_with(pair.asker, std::make_shared<Failing>());
  EXPECT_EQ(failed.status, Status::source_failed);
  EXPECT_EQ(failed.message, "no such table");
  EXPECT_TRUE(failed.retriable);
}

// Every loader goes, whether it was run or not, and with no lock held.
TEST_F(GrantedLoadTest, LoadersEndWithoutALock) {
  struct Asks final : public Source {
    Asks(EnginePtr at, KeyspacePtr in, core::Key of)
        : engine(std::move(at)), keyspace(std::move(in)), key(of) {}
    ~Asks() override {
      static_cast<void>(engine->peek(keyspace, key));
      ended.set_value();
    }
    void fetch(FetchPtr fetch) override { Loader::complete(*fetch, "value"); }
    const EnginePtr engine;
    const KeyspacePtr keyspace;
    const core::Key key;
    std::promise<void> ended;
  };
  for (int i = 0; i < 3; ++i) {
    auto loader = std::make_shared<Asks>(pair.asker, pair.at_asker, key);
    auto ended = loader->ended.get_future();
    EXPECT_EQ(get_with(pair.asker, std::move(loader)).status, Status::ok);
    ended.wait();
  }
}

}  // namespace
}  // namespace distcache::engine
