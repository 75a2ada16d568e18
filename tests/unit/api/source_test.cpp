#include "api/source.h"

#include <gtest/gtest.h>
#include <atomic>

#include <optional>
#include <stdexcept>

#include "base/clock.h"

namespace distcache::api {
namespace {

int finalized = 0;
void count_finalized(uintptr_t) { ++finalized; }

void throw_text(uintptr_t, distcache_fetch_t*) { throw std::runtime_error("no such table"); }
void throw_number(uintptr_t, distcache_fetch_t*) { throw 7; }
void answer_and_throw(uintptr_t, distcache_fetch_t* fetch) {
  distcache_fetch_not_found(fetch);
  throw std::runtime_error("too late");
}
void throw_from_batch(uintptr_t, distcache_fetch_many_t* batch) {
  distcache_fetch_many_complete(batch, 0, nullptr, 0, nullptr);
  throw std::runtime_error("half-way");
}
void throwing_finalizer(uintptr_t) {
  ++finalized;
  throw std::runtime_error("finalizer");
}

class CallbackSourceTest : public testing::Test {
 protected:
  void SetUp() override { finalized = 0; }

  static std::shared_ptr<engine::Source> one(distcache_fetch_fn function) {
    SourceCallbacks callbacks;
    callbacks.one = std::make_shared<const Callback<distcache_fetch_fn>>(
        function, uintptr_t{0}, Finalizer(count_finalized, 0));
    return make_source(std::move(callbacks), {}, nullptr);
  }

  engine::FetchPtr fetch(std::string key) {
    core::FetchStart start;
    start.key = std::move(key);
    start.deadline = Instant::never();
    return std::make_shared<engine::Fetch>(
        "users", std::move(start), clock_, std::make_shared<std::atomic<bool>>(false),
        [this](core::LoadAnswer answer) { answers_.push_back(std::move(answer)); });
  }

  SystemClock clock_;
  std::vector<core::LoadAnswer> answers_;
};

TEST_F(CallbackSourceTest, WhatACallbackThrowsFailsTheLoad) {
  one(throw_text)->fetch(fetch("a"));
  one(throw_number)->fetch(fetch("a"));
  ASSERT_EQ(answers_.size(), 2U);
  EXPECT_EQ(answers_[0].status, Status::source_failed);
  EXPECT_EQ(answers_[0].message, "the source threw: no such table");
  EXPECT_EQ(answers_[1].message, "the source threw");
  EXPECT_EQ(finalized, 2);
}

TEST_F(CallbackSourceTest, AnAnswerBeforeTheThrowStands) {
  one(answer_and_throw)->fetch(fetch("a"));
  ASSERT_EQ(answers_.size(), 1U);
  EXPECT_EQ(answers_[0].status, Status::not_found);
}

TEST_F(CallbackSourceTest, ABatchThatThrowsFailsItsUnansweredKeys) {
  SourceCallbacks callbacks;
  callbacks.many = std::make_shared<const Callback<distcache_fetch_many_fn>>(
      throw_from_batch, uintptr_t{0}, Finalizer(throwing_finalizer, 0));
  auto source = make_source(std::move(callbacks), {}, nullptr);
  EXPECT_TRUE(source->takes_many());
  source->fetch_many({fetch("a"), fetch("b")});
  ASSERT_EQ(answers_.size(), 2U);
  EXPECT_EQ(answers_[0].status, Status::ok);
  EXPECT_FALSE(answers_[0].value.is_null()) << "an empty value";
  EXPECT_EQ(answers_[1].message, "the source threw: half-way");
  source->fetch(fetch("c"));
  ASSERT_EQ(answers_.size(), 3U);
  EXPECT_EQ(answers_[2].status, Status::ok) << "one key goes through the bulk form too";
  source = nullptr;
  EXPECT_EQ(finalized, 1);
}

TEST_F(CallbackSourceTest, AnEndedSourceRefusesAndHasLetGo) {
  const auto source = one(throw_text);
  std::static_pointer_cast<CallbackSource>(source)->end();
  EXPECT_EQ(finalized, 1);
  source->fetch(fetch("a"));
  source->fetch_many({fetch("b")});
  ASSERT_EQ(answers_.size(), 2U);
  EXPECT_EQ(answers_[0].status, Status::no_keyspace);
  EXPECT_EQ(answers_[1].status, Status::no_keyspace);
}

TEST_F(CallbackSourceTest, ThereIsNoSourceWithoutCallbacks) {
  EXPECT_EQ(make_source({}, {}, nullptr), nullptr);
}

}  // namespace
}  // namespace distcache::api
