#include "api/completion.h"

#include <gtest/gtest.h>

#include <optional>

namespace distcache::api {
namespace {

struct Seen {
  int calls = 0;
  distcache_status_t status = -1;
  size_t items = 0;
};

void on_done(uintptr_t context, distcache_status_t status, distcache_result_t* result,
             distcache_error_t* error) {
  auto* seen = reinterpret_cast<Seen*>(context);
  ++seen->calls;
  seen->status = status;
  distcache_result_items(result, &seen->items, nullptr);
  distcache_result_release(result);
  distcache_error_release(error);
}

class CompletionTest : public testing::Test {
 protected:
  std::shared_ptr<Completion> make(Shape shape = {}) {
    return std::make_shared<Completion>(on_done, reinterpret_cast<uintptr_t>(&seen_), shape,
                                        std::vector<core::Outcome>{}, pending_);
  }

  static std::vector<core::Outcome> found(size_t count) {
    std::vector<core::Outcome> outcomes(count);
    for (core::Outcome& outcome : outcomes) {
      outcome.status = Status::ok;
      outcome.value = Buffer::copy_of("v");
    }
    return outcomes;
  }

  Seen seen_;
  std::shared_ptr<std::atomic<size_t>> pending_ = std::make_shared<std::atomic<size_t>>(0);
};

TEST_F(CompletionTest, CallsOnceAndCounts) {
  auto completion = make();
  auto callback = Completion::callback(completion);
  EXPECT_EQ(*pending_, 1U);
  EXPECT_TRUE(completion->accept());
  callback(found(1));
  callback(found(1));
  EXPECT_EQ(seen_.calls, 1);
  EXPECT_EQ(seen_.status, DISTCACHE_OK);
  EXPECT_EQ(seen_.items, 1U);
  callback = nullptr;
  completion = nullptr;
  EXPECT_EQ(seen_.calls, 1);
  EXPECT_EQ(*pending_, 0U);
}

TEST_F(CompletionTest, MayComeBeforeTheSubmittingCallReturns) {
  const auto completion = make({Kind::read, true});
  Completion::callback(completion)(found(3));
  EXPECT_EQ(seen_.items, 3U);
  EXPECT_TRUE(completion->accept());
  EXPECT_FALSE(completion->withdraw());
  EXPECT_EQ(seen_.calls, 1);
}

TEST_F(CompletionTest, DroppedDuringTheCallMeansRefused) {
  const auto completion = make();
  Completion::callback(completion) = nullptr;
  EXPECT_FALSE(completion->accept());
  EXPECT_TRUE(completion->withdraw());
  EXPECT_EQ(seen_.calls, 0);
}

TEST_F(CompletionTest, DroppedLaterCompletesWithClosed) {
  const auto completion = make();
  std::optional callback = Completion::callback(completion);
  EXPECT_TRUE(completion->accept());
  callback.reset();
  EXPECT_EQ(seen_.calls, 1);
  EXPECT_EQ(seen_.status, DISTCACHE_CLOSED);
}

TEST_F(CompletionTest, NothingComesAfterAWithdrawal) {
  const auto completion = make();
  const auto callback = Completion::callback(completion);
  EXPECT_TRUE(completion->withdraw());
  callback(found(1));
  EXPECT_EQ(seen_.calls, 0);
}

TEST_F(CompletionTest, AFailureOfTheOneKeyIsTheStatus) {
  const auto completion = make();
  const auto callback = Completion::callback(completion);
  callback({core::Outcome::failure(Status::timed_out, "late")});
  EXPECT_EQ(seen_.status, DISTCACHE_TIMED_OUT);
  EXPECT_EQ(seen_.items, 0U);
}

}  // namespace
}  // namespace distcache::api
