#include "api/error.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "api/call.h"

namespace distcache::api {
namespace {

TEST(Error, CarriesWhatItWasMadeWith) {
  distcache_error_t* error = make_error(Status::partial, true, "missed \xFF", {"node-b", "node-c"});
  EXPECT_EQ(distcache_error_status(error), DISTCACHE_PARTIAL);
  EXPECT_EQ(distcache_error_retriable(error), 1);
  EXPECT_STREQ(distcache_error_message(error), "missed \xEF\xBF\xBD");
  EXPECT_STREQ(distcache_error_peer(error, 1), "node-c");
  EXPECT_EQ(distcache_error_peer(error, 2), nullptr);
  distcache_error_release(error);
}

TEST(Error, IsNeverWithoutAMessage) {
  distcache_error_t* error = make_error(Status::timed_out, true, "");
  EXPECT_STREQ(distcache_error_message(error), "TIMED_OUT");
  distcache_error_release(error);
}

TEST(Error, WithoutMemoryThereIsOneForAll) {
  distcache_error_t* first = make_error(Status::no_memory, true, "of what");
  distcache_error_t* second = make_error(Status::no_memory, true, "of that");
  EXPECT_EQ(first, second);
  distcache_error_release(first);
  distcache_error_release(second);
  EXPECT_STREQ(distcache_error_message(first), "out of memory");
}

// What leaves the frame of a call that throws.
TEST(Call, TurnsWhatIsThrownIntoAStatus) {
  distcache_error_t* error = nullptr;
  EXPECT_EQ(enter(&error, [](Call&) -> Status { throw std::bad_alloc(); }), DISTCACHE_NO_MEMORY);
  distcache_error_release(error);
  EXPECT_EQ(enter(&error, [](Call&) -> Status { throw std::logic_error("why"); }),
            DISTCACHE_INTERNAL);
  EXPECT_STREQ(distcache_error_message(error), "why");
  distcache_error_release(error);
  EXPECT_EQ(enter(&error, [](Call&) -> Status { throw 7; }), DISTCACHE_INTERNAL);
  distcache_error_release(error);
  EXPECT_EQ(enter(nullptr, [](Call&) -> Status { throw 7; }), DISTCACHE_INTERNAL);
  EXPECT_EQ(enter(&error, [](Call&) { return Status::ok; }), DISTCACHE_OK);
  EXPECT_EQ(error, nullptr);
}

TEST(Call, StatusesBetweenMembersDoNotLeave) {
  distcache_error_t* error = nullptr;
  EXPECT_EQ(enter(&error, [](Call& call) { return call.fail(Status::not_owner, "x"); }),
            DISTCACHE_INTERNAL);
  distcache_error_release(error);
}

}  // namespace
}  // namespace distcache::api
