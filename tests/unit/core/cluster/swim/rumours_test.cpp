#include "core/cluster/swim/rumours.h"

#include <gtest/gtest.h>

#include <string>

namespace distcache::core {
namespace {

Rumour of(const std::string& name, uint64_t revision = 1) {
  Rumour rumour;
  rumour.about.name = name;
  rumour.about.revision = revision;
  return rumour;
}

std::string names(const std::vector<Rumour>& rumours) {
  std::string text;
  for (const Rumour& rumour : rumours) text += rumour.about.name;
  return text;
}

constexpr size_t kMany = 100;
constexpr size_t kRoomy = 100'000;

TEST(Rumours, AreToldFourTimesLogNTimes) {
  for (const auto& [members, times] : {std::pair{2, 4}, {9, 4}, {99, 8}, {999, 12}}) {
    Rumours rumours({});
    rumours.add(of("a"));
    int told = 0;
    while (!rumours.empty()) {
      told += rumours.take(kMany, kRoomy, static_cast<size_t>(members)).size() == 1 ? 1 : 100;
    }
    EXPECT_NEAR(told, times, 1) << members;
  }
}

TEST(Rumours, NewsOfAMemberReplacesWhatWasTold) {
  Rumours rumours({});
  rumours.add(of("a", 1));
  rumours.take(kMany, kRoomy, 5);
  rumours.add(of("a", 2));
  EXPECT_EQ(rumours.size(), 1U);
  EXPECT_EQ(rumours.take(kMany, kRoomy, 5).at(0).about.revision, 2U);
}

TEST(Rumours, ThoseToldLeastGoFirstAndOfThoseTheLatest) {
  Rumours rumours({});
  rumours.add(of("a"));
  rumours.add(of("b"));
  EXPECT_EQ(names(rumours.take(1, kRoomy, 5)), "b");
  EXPECT_EQ(names(rumours.take(1, kRoomy, 5)), "a");
  rumours.add(of("c"));
  EXPECT_EQ(names(rumours.take(kMany, kRoomy, 5)), "cba");
}

TEST(Rumours, FitIntoTheBytesButOneIsAlwaysTold) {
  Rumours rumours({});
  rumours.add(of(std::string(200, 'a')));
  rumours.add(of(std::string(200, 'b')));
  EXPECT_EQ(rumours.take(kMany, 10, 5).size(), 1U);
  EXPECT_EQ(rumours.take(kMany, 650, 5).size(), 2U);
}

TEST(Rumours, OfWhoHasLeftNothingMoreIsTold) {
  Rumours rumours({});
  rumours.add(of("a"));
  rumours.forget(of("a").about.id());
  EXPECT_TRUE(rumours.empty());
}

}  // namespace
}  // namespace distcache::core
