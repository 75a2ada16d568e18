#include "discovery/nats/heard.h"

#include <gtest/gtest.h>

namespace distcache::discovery {
namespace {

const core::Address kB{"10.0.0.2", 3322, {}};
const core::Address kC{"10.0.0.3", 3322, {}};

class HeardTest : public testing::Test {
 protected:
  HeardTest() {
    heard.tell([this] { ++told; });
  }
  void answered(const std::vector<core::Address>& addresses) {
    Places places;
    for (const core::Address& address : addresses) places.add(address);
    heard.known(std::move(places));
  }

  Heard heard;
  int told = 0;
};

TEST_F(HeardTest, WhoIsMetIsToldOnceUntilItIsTaken) {
  heard.met(kB);
  heard.met(kB);
  EXPECT_EQ(told, 1);
  heard.met(kC);
  EXPECT_EQ(told, 2);
  EXPECT_EQ(heard.take().size(), 2U);
  EXPECT_TRUE(heard.take().empty());
}

// Else two members would ask each other for ever: the question of each is how the other meets it.
TEST_F(HeardTest, WhoAsksAndIsKnownIsNoNewsButPartOfTheNextAnswer) {
  answered({kB});
  heard.met(kB);
  EXPECT_EQ(told, 0);
  EXPECT_EQ(heard.take(), std::vector{kB});
}

TEST_F(HeardTest, WhoLeftOrWasNotNamedAnyMoreIsNewsAgain) {
  answered({kB, kC});
  heard.left(kB);
  heard.met(kB);
  EXPECT_EQ(told, 1);
  answered({});
  heard.met(kC);
  EXPECT_EQ(told, 2);
}

}  // namespace
}  // namespace distcache::discovery
