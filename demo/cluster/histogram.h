#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace demo {

// Durations in nanoseconds, log-linear: each power of two is cut in 16 equal parts, so a value is
// known to 6 %. Lies in shared memory: written by one thread, read by any while it is.
class Histogram {
 public:
  static constexpr size_t kParts = 16;
  static constexpr size_t kBuckets = (64 - 3) * kParts;

  static constexpr size_t bucket_of(uint64_t value) {
    if (value < kParts) return value;
    const int exponent = 63 - std::countl_zero(value);  // at least 4
    const uint64_t part = value >> (exponent - 4);      // 16..31
    return static_cast<size_t>(exponent - 4) * kParts + part;
  }
  // The middle of what falls in a bucket.
  static constexpr uint64_t value_of(size_t bucket) {
    if (bucket < 2 * kParts) return bucket;
    const size_t shift = bucket / kParts - 1;
    return ((bucket % kParts + kParts) << shift) + (uint64_t{1} << shift) / 2;
  }

  void record(uint64_t value) {
    std::atomic<uint64_t>& count = counts_[bucket_of(value)];
    count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    if (value > max_.load(std::memory_order_relaxed)) max_.store(value, std::memory_order_relaxed);
  }

 private:
  friend class HistogramSum;
  std::array<std::atomic<uint64_t>, kBuckets> counts_;
  std::atomic<uint64_t> max_;
};

// Several histograms taken together.
class HistogramSum {
 public:
  void add(const Histogram& histogram);
  uint64_t count() const;
  uint64_t max() const { return max_; }
  // The value that this share (0..1) of all values does not exceed; 0 if there are none.
  uint64_t quantile(double share) const;

 private:
  std::array<uint64_t, Histogram::kBuckets> counts_{};
  uint64_t max_ = 0;
};

}  // namespace demo
