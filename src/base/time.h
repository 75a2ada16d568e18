#pragma once

#include <compare>
#include <cstdint>
#include <limits>

namespace distcache {

// A span of time, nanoseconds inside. All arithmetic saturates, so that an absurd ttl handed in by
// a caller can never wrap around into the past.
class Duration {
 public:
  constexpr Duration() = default;
  static constexpr Duration ns(int64_t value) { return Duration(value); }
  static constexpr Duration us(int64_t value) { return scaled(value, 1'000); }
  static constexpr Duration ms(int64_t value) { return scaled(value, 1'000'000); }
  static constexpr Duration seconds(int64_t value) { return scaled(value, 1'000'000'000); }
  static constexpr Duration max() { return Duration(std::numeric_limits<int64_t>::max()); }

  constexpr int64_t as_ns() const { return ns_; }
  constexpr int64_t as_us() const { return ns_ / 1'000; }
  constexpr int64_t as_ms() const { return ns_ / 1'000'000; }
  constexpr bool is_zero() const { return ns_ == 0; }

  friend constexpr auto operator<=>(Duration, Duration) = default;
  friend constexpr Duration operator+(Duration a, Duration b) {
    return Duration(add(a.ns_, b.ns_));
  }
  friend constexpr Duration operator-(Duration a, Duration b) {
    return Duration(sub(a.ns_, b.ns_));
  }
  friend constexpr Duration operator*(Duration a, int64_t factor) { return scaled(a.ns_, factor); }
  friend constexpr Duration operator/(Duration a, int64_t divisor) {
    return Duration(a.ns_ / divisor);
  }

  static constexpr int64_t add(int64_t a, int64_t b) {
    int64_t result = 0;
    if (!__builtin_add_overflow(a, b, &result)) return result;
    return b > 0 ? std::numeric_limits<int64_t>::max() : std::numeric_limits<int64_t>::min();
  }
  static constexpr int64_t sub(int64_t a, int64_t b) {
    int64_t result = 0;
    if (!__builtin_sub_overflow(a, b, &result)) return result;
    return b < 0 ? std::numeric_limits<int64_t>::max() : std::numeric_limits<int64_t>::min();
  }

 private:
  explicit constexpr Duration(int64_t ns) : ns_(ns) {}
  static constexpr Duration scaled(int64_t value, int64_t factor) {
    int64_t result = 0;
    if (!__builtin_mul_overflow(value, factor, &result)) return Duration(result);
    return Duration((value > 0) == (factor > 0) ? std::numeric_limits<int64_t>::max()
                                                : std::numeric_limits<int64_t>::min());
  }

  int64_t ns_ = 0;
};

// A point on this process's clock. It means nothing to another process: peers exchange remaining
// time only.
class Instant {
 public:
  constexpr Instant() = default;
  static constexpr Instant from_ns(int64_t ns) { return Instant(ns); }
  static constexpr Instant never() { return Instant(std::numeric_limits<int64_t>::max()); }

  constexpr int64_t as_ns() const { return ns_; }
  constexpr bool is_never() const { return *this == never(); }

  friend constexpr auto operator<=>(Instant, Instant) = default;
  friend constexpr Instant operator+(Instant at, Duration by) {
    return at.is_never() ? at : Instant(Duration::add(at.ns_, by.as_ns()));
  }
  friend constexpr Instant operator-(Instant at, Duration by) {
    return at.is_never() ? at : Instant(Duration::sub(at.ns_, by.as_ns()));
  }
  friend constexpr Duration operator-(Instant a, Instant b) {
    return Duration::ns(Duration::sub(a.ns_, b.ns_));
  }

 private:
  explicit constexpr Instant(int64_t ns) : ns_(ns) {}
  int64_t ns_ = 0;
};

}  // namespace distcache
