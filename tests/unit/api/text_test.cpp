#include "api/text.h"

#include <gtest/gtest.h>

namespace distcache::api {
namespace {

TEST(CleanText, LeavesUtf8AsItIs) {
  for (const std::string text : {"", "plain", "gr\xC3\xBC\xC3\x9F", "\xE2\x82\xAC",
                                 "\xF0\x9F\x98\x80", "\xED\x9F\xBF", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_EQ(clean_text(text), text);
  }
}

TEST(CleanText, ReplacesWhatIsNone) {
  const std::string mark = "\xEF\xBF\xBD";
  EXPECT_EQ(clean_text("a\xFFz"), "a" + mark + "z");
  EXPECT_EQ(clean_text("\xC3"), mark) << "cut off";
  EXPECT_EQ(clean_text("\xE2\x82"), mark + mark) << "cut off";
  EXPECT_EQ(clean_text("\xC0\xAF"), mark + mark) << "overlong";
  EXPECT_EQ(clean_text("\xE0\x80\x80"), mark + mark + mark) << "overlong";
  EXPECT_EQ(clean_text("\xED\xA0\x80"), mark + mark + mark) << "a surrogate";
  EXPECT_EQ(clean_text("\xF4\x90\x80\x80"), mark + mark + mark + mark) << "beyond Unicode";
  EXPECT_EQ(clean_text(std::string("a\0b", 3)), "a" + mark + "b");
}

}  // namespace
}  // namespace distcache::api
