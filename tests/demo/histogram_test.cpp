#include "demo/cluster/histogram.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <memory>

namespace demo {
namespace {

TEST(HistogramTest, EveryValueIsKnownToSixPercent) {
  for (int power = 0; power < 64; ++power) {
    for (const uint64_t more :
         {uint64_t{0}, (uint64_t{1} << power) / 3, (uint64_t{1} << power) - 1}) {
      const uint64_t value = (uint64_t{1} << power) + more;
      const size_t bucket = Histogram::bucket_of(value);
      ASSERT_LT(bucket, Histogram::kBuckets);
      const uint64_t shown = Histogram::value_of(bucket);
      EXPECT_LE(shown > value ? shown - value : value - shown, value / 16) << value;
    }
  }
}

TEST(HistogramTest, SmallValuesAreExactAndBucketsAreInOrder) {
  for (uint64_t value = 0; value < 32; ++value) {
    EXPECT_EQ(Histogram::value_of(Histogram::bucket_of(value)), value);
  }
  for (size_t bucket = 1; bucket < Histogram::kBuckets; ++bucket) {
    EXPECT_LT(Histogram::value_of(bucket - 1), Histogram::value_of(bucket));
    EXPECT_EQ(Histogram::bucket_of(Histogram::value_of(bucket)), bucket);
  }
}

TEST(HistogramTest, QuantilesOfSeveralTakenTogether) {
  // As on the board: memory that starts as zero.
  const auto one = std::make_unique<Histogram>();
  const auto two = std::make_unique<Histogram>();
  for (uint64_t value = 1; value <= 20; ++value) (value % 2 ? one : two)->record(value);
  HistogramSum sum;
  EXPECT_EQ(sum.quantile(0.5), 0);
  sum.add(*one);
  sum.add(*two);
  EXPECT_EQ(sum.count(), 20);
  EXPECT_EQ(sum.quantile(0.5), 10);
  EXPECT_EQ(sum.quantile(0.99), 20);
  EXPECT_EQ(sum.max(), 20);
}

TEST(HistogramTest, NoQuantileIsOverTheGreatestValue) {
  const auto histogram = std::make_unique<Histogram>();
  histogram->record(1'000'001);
  HistogramSum sum;
  sum.add(*histogram);
  EXPECT_LE(sum.quantile(0.99), 1'000'001);
}

}  // namespace
}  // namespace demo
