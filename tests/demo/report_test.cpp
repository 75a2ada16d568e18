#include <gtest/gtest.h>

#include "demo/report/format.h"
#include "demo/report/table.h"
#include "demo/report/terminal.h"

namespace demo {
namespace {

TEST(FormatTest, Numbers) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1'000), "1,000");
  EXPECT_EQ(grouped(12'345'678), "12,345,678");
  EXPECT_EQ(percent(0.9912), "99.1 %");
  EXPECT_EQ(size(0), "0 B");
  EXPECT_EQ(size(1536), "1.5 KiB");
  EXPECT_EQ(size(uint64_t{5000} << 30), "5000.0 GiB");
}

TEST(FormatTest, DurationsHaveThreeDigitsThatMeanSomething) {
  EXPECT_EQ(duration(870), "870 ns");
  EXPECT_EQ(duration(999.6), "1.00 µs");
  EXPECT_EQ(duration(12'340), "12.3 µs");
  EXPECT_EQ(duration(573'400), "573 µs");
  EXPECT_EQ(duration(1.2e6), "1.20 ms");
  EXPECT_EQ(duration(3.4e9), "3.40 s");
}

TEST(FormatTest, WidthCountsSignsAndNotBytes) {
  EXPECT_EQ(width_of("µs"), 2);
  EXPECT_EQ(width_of("┌─┐"), 3);
}

TEST(TableTest, AlignsNumbersInAscii) {
  Table table({"", "count", "p50"});
  table.row({"hit", "1,000", "9 µs"});
  table.rule();
  table.row({"a miss", "1"});
  EXPECT_EQ(table.render(Style{}),
            "+--------+-------+------+\n"
            "|        | count |  p50 |\n"
            "+--------+-------+------+\n"
            "| hit    | 1,000 | 9 us |\n"
            "+--------+-------+------+\n"
            "| a miss |     1 |      |\n"
            "+--------+-------+------+\n");
}

TEST(TableTest, DrawsBoxesInUnicode) {
  Table table({"t", "µs"});
  table.row({"a", "1"});
  Style style;
  style.unicode = true;
  EXPECT_EQ(table.render(style),
            "┌───┬────┐\n"
            "│ t │ µs │\n"
            "├───┼────┤\n"
            "│ a │  1 │\n"
            "└───┴────┘\n");
}

TEST(StyleTest, ColoursOnlyWhereAskedFor) {
  Style style;
  EXPECT_EQ(style.good("yes"), "yes");
  style.colour = true;
  EXPECT_EQ(style.good("yes"), "\033[32myes\033[0m");
}

}  // namespace
}  // namespace demo
