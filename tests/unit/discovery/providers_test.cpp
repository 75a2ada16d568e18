#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "discovery/standalone.h"
#include "discovery/static_list.h"

namespace distcache::discovery {
namespace {

using core::Address;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Standalone, FindsNobody) {
  const auto provider = make_standalone();
  EXPECT_EQ(provider->id(), "standalone");
  EXPECT_TRUE(provider->initialize().ok());
  EXPECT_TRUE(provider->register_node({"127.0.0.1", 3322, {}}).ok());
  const Result<std::vector<Address>> found = provider->discover();
  ASSERT_TRUE(found.ok());
  EXPECT_THAT(*found, IsEmpty());
  EXPECT_TRUE(provider->deregister_node().ok());
  provider->close();
  provider->close();
}

TEST(StaticList, RepeatsItsAddressesInOrder) {
  const Address a{"a", 3322, {}}, b{"b", 3323, std::string(40, 'k')};
  const auto provider = make_static_list({a, b});
  EXPECT_EQ(provider->id(), "static");
  EXPECT_TRUE(provider->initialize().ok());
  EXPECT_THAT(*provider->discover(), ElementsAre(a, b));
  EXPECT_THAT(*provider->discover(), ElementsAre(a, b));
}

TEST(StaticList, LeavesOutItsOwnAddressOnceItIsKnown) {
  const Address own{"10.0.0.1", 3322, {}}, other{"10.0.0.1", 3323, {}};
  const auto provider = make_static_list({own, other});
  EXPECT_THAT(*provider->discover(), ElementsAre(own, other));
  EXPECT_TRUE(provider->register_node(own).ok());
  EXPECT_THAT(*provider->discover(), ElementsAre(other));
}

TEST(StaticList, NamesEachPlaceOnce) {
  const Address a{"a", 1, {}}, b{"b", 1, {}};
  const auto provider = make_static_list({a, b, a, {"b", 1, std::string(40, 'k')}});
  EXPECT_THAT(*provider->discover(), ElementsAre(a, b));
}

TEST(StaticList, MayBeEmpty) { EXPECT_THAT(*make_static_list({})->discover(), IsEmpty()); }

}  // namespace
}  // namespace distcache::discovery
