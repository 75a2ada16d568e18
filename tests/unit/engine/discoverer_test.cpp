#include "engine/discoverer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "engine/thread_role.h"

namespace distcache::engine {
namespace {

using core::Address;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Answer = Result<std::vector<Address>>;
constexpr auto kPatience = std::chrono::seconds(60);

const Address kSelf{"127.0.0.1", 1, {}};
const Address kA{"127.0.0.1", 2, {}};
const Address kB{"127.0.0.1", 3, {}};

// What has happened, in order, to be waited for.
class Diary {
 public:
  void note(const std::string& what) {
    const std::lock_guard lock(mutex_);
    ++counts_[what];
    all_.push_back(what);
    changed_.notify_all();
  }
  bool await(const std::string& what, int count = 1) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return counts_[what] >= count; });
  }
  int count(const std::string& what) {
    const std::lock_guard lock(mutex_);
    return counts_[what];
  }
  std::vector<std::string> all() {
    const std::lock_guard lock(mutex_);
    return all_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, int> counts_;
  std::vector<std::string> all_;
};

// Answers what the test has laid down; the last answer again and again.
class Scripted final : public core::Provider {
 public:
  explicit Scripted(Diary& the_diary) : diary(the_diary) {}

  std::string_view id() const override { return "scripted"; }
  void on_change(std::function<void()> told) override { changed = std::move(told); }
  Result<void> initialize() override {
    EXPECT_EQ(thread_role(), ThreadRole::discovery);
    diary.note("initialize");
    return next(initializations);
  }
  Result<void> register_node(const Address& self) override {
    EXPECT_EQ(self, kSelf);
    diary.note("register");
    return {};
  }
  Answer discover() override {
    diary.note("discover");
    if (hang) hang();
    const std::lock_guard lock(mutex);
    const Answer answer = answers.front();
    if (answers.size() > 1) answers.pop_front();
    return answer;
  }
  Result<void> deregister_node() override {
    diary.note("deregister");
    return {};
  }
  void close() override { diary.note("close"); }
  void cancel() override { diary.note("cancel"); }

  static Result<void> next(std::deque<Result<void>>& script) {
    if (script.empty()) return {};
    const Result<void> first = script.front();
    script.pop_front();
    return first;
  }

  Diary& diary;
  std::function<void()> changed;
  std::function<void()> hang;
  std::deque<Result<void>> initializations;
  std::mutex mutex;
  std::deque<Answer> answers{std::vector<Address>{}};
};

class DiscovererThread : public ::testing::Test {
 protected:
  DiscovererThread() {
    options.self = kSelf;
    options.schedule = {Duration::ms(1), 3, Duration::ms(2)};
  }

  std::unique_ptr<Discoverer> make() {
    return std::make_unique<Discoverer>(provider, options, clock, rng, log,
                                        [this](std::vector<Address> addresses) {
                                          const std::lock_guard lock(mutex);
                                          found.push_back(std::move(addresses));
                                          diary.note("found");
                                        });
  }
  std::vector<Address> found_at(size_t index) {
    const std::lock_guard lock(mutex);
    return found.at(index);
  }

  Diary diary;
  std::shared_ptr<Scripted> provider = std::make_shared<Scripted>(diary);
  Discoverer::Options options;
  SystemClock clock;
  SystemRng rng;
  NoLog log;
  std::mutex mutex;
  std::vector<std::vector<Address>> found;
};

TEST_F(DiscovererThread, AsksAgainAndAgainAndClosesInOrder) {
  provider->answers = {std::vector<Address>{kA}, std::vector<Address>{kA, kB}};
  const auto discoverer = make();
  discoverer->start();
  ASSERT_TRUE(diary.await("found", 5));
  discoverer->end();
  EXPECT_TRUE(discoverer->join(Duration::seconds(60), nullptr));
  EXPECT_THAT(found_at(0), ElementsAre(kA));
  EXPECT_THAT(found_at(1), ElementsAre(kA, kB));
  std::vector<std::string> all = diary.all();
  std::erase(all, "cancel");  // comes from another thread, at any time
  EXPECT_EQ(all.at(0), "initialize");
  EXPECT_EQ(all.at(1), "register");
  EXPECT_EQ(all.at(2), "discover");
  EXPECT_EQ(all.at(all.size() - 2), "deregister");
  EXPECT_EQ(all.back(), "close");
  for (const char* once : {"initialize", "register", "deregister", "close"}) {
    EXPECT_EQ(diary.count(once), 1) << once;
  }
}

TEST_F(DiscovererThread, AFailureHandsOnNothing) {
  provider->answers = {std::vector<Address>{kA}, Error{Status::timed_out, "x"},
                       Error{Status::timed_out, "x"}, std::vector<Address>{kB}};
  const auto discoverer = make();
  discoverer->start();
  ASSERT_TRUE(diary.await("found", 2));
  EXPECT_THAT(found_at(0), ElementsAre(kA));
  EXPECT_THAT(found_at(1), ElementsAre(kB));
  EXPECT_GE(diary.count("discover"), 4);
}

TEST_F(DiscovererThread, RunsAloneOnceItsAttemptsAreSpentAndLooksOn) {
  provider->initializations = {Error{Status::system, "x"}, Error{Status::system, "x"},
                               Error{Status::system, "x"}, Error{Status::system, "x"}};
  provider->answers = {std::vector<Address>{kA}};
  const auto discoverer = make();
  discoverer->start();
  ASSERT_TRUE(diary.await("found", 2));
  EXPECT_THAT(found_at(0), IsEmpty());
  EXPECT_THAT(found_at(1), ElementsAre(kA));
  EXPECT_EQ(diary.count("initialize"), 5);
  EXPECT_FALSE(discoverer->refusal());
}

TEST_F(DiscovererThread, GivingUpTellsNothingThatIsKnown) {
  provider->answers = {std::vector<Address>{kA}, Error{Status::timed_out, "x"}};
  const auto discoverer = make();
  discoverer->start();
  ASSERT_TRUE(diary.await("discover", 3));
  discoverer->give_up();
  EXPECT_EQ(diary.count("found"), 1);
}

TEST_F(DiscovererThread, AProviderThatCannotWorkIsRefused) {
  provider->initializations = {Error{Status::invalid_config, "no such file"}};
  const auto discoverer = make();
  discoverer->start();
  ASSERT_TRUE(diary.await("found"));
  const std::optional<Error> refusal = discoverer->refusal();
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->status, Status::invalid_config);
  EXPECT_EQ(refusal->message, "scripted: no such file");
}

TEST_F(DiscovererThread, ALateAnswerIsAFailure) {
  options.answer_max = Duration();
  options.schedule.attempts_max = 2;
  provider->answers = {std::vector<Address>{kA}};
  const auto discoverer = make();
  discoverer->start();
  ASSERT_TRUE(diary.await("found"));
  EXPECT_THAT(found_at(0), IsEmpty());
  ASSERT_TRUE(diary.await("discover", 5));
  EXPECT_EQ(diary.count("found"), 1);
}

TEST_F(DiscovererThread, WhatIsThrownIsAFailure) {
  bool thrown = false;
  provider->answers = {std::vector<Address>{kA}};
  provider->hang = [&thrown] {
    if (!std::exchange(thrown, true)) throw std::runtime_error("x");
  };
  const auto discoverer = make();
  discoverer->start();
  ASSERT_TRUE(diary.await("found"));
  EXPECT_THAT(found_at(0), ElementsAre(kA));
}

TEST_F(DiscovererThread, OneThatHangsIsLeftToItselfAndTakesItsRegistrationBackLater) {
  std::mutex gate;
  std::unique_lock closed(gate);
  provider->hang = [&gate] { const std::lock_guard wait(gate); };
  auto kept = std::make_shared<int>();
  const std::weak_ptr<int> watched = kept;
  auto discoverer = make();
  discoverer->start();
  ASSERT_TRUE(diary.await("discover"));
  discoverer->end();
  ASSERT_TRUE(diary.await("cancel"));
  EXPECT_FALSE(discoverer->join(Duration::ms(1), std::move(kept)));
  discoverer.reset();
  EXPECT_FALSE(watched.expired());
  closed.unlock();
  EXPECT_TRUE(diary.await("deregister"));
  EXPECT_TRUE(diary.await("close"));
  while (!watched.expired()) std::this_thread::yield();
  EXPECT_EQ(diary.count("found"), 0);
}

TEST_F(DiscovererThread, AsksAtOnceWhenTheProviderCallsOut) {
  options.schedule = {Duration::seconds(3'600), 1, Duration::seconds(3'600)};
  provider->answers = {std::vector<Address>{kA}, std::vector<Address>{kB}};
  auto discoverer = make();
  discoverer->start();
  ASSERT_TRUE(diary.await("found"));
  provider->changed();
  ASSERT_TRUE(diary.await("found", 2));
  EXPECT_THAT(found_at(1), ElementsAre(kB));
  discoverer.reset();
  provider->changed();  // too late, and harmless
}

TEST_F(DiscovererThread, HandsOnEachPlaceOnceAndNothingThatCannotBeReached) {
  const Address without_port{"127.0.0.1", 0, {}}, without_host{"", 5, {}};
  provider->answers = {std::vector<Address>{kB, kA, without_port, kB, without_host}};
  const auto discoverer = make();
  discoverer->start();
  ASSERT_TRUE(diary.await("found"));
  EXPECT_THAT(found_at(0), ElementsAre(kA, kB));
}

TEST_F(DiscovererThread, PlainTrafficStaysOnThisMachine) {
  options.loopback_only = true;
  provider->answers = {std::vector<Address>{
      {"10.0.0.1", 2, {}}, kA, {"a.host", 2, {}}, {"::1", 2, {}}, {"localhost", 2, {}}}};
  const auto discoverer = make();
  discoverer->start();
  ASSERT_TRUE(diary.await("found"));
  EXPECT_THAT(found_at(0), ElementsAre(kA, Address{"::1", 2, {}}, Address{"localhost", 2, {}}));
}

TEST_F(DiscovererThread, NeverStartedItEndsWithoutACall) {
  make()->end();
  EXPECT_THAT(diary.all(), IsEmpty());
}

}  // namespace
}  // namespace distcache::engine
