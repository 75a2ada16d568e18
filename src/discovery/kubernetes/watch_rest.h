#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/rng.h"
#include "base/time.h"

namespace distcache::discovery {

// How long to rest between a list, the watch that follows it, and the next. What ends at once is
// not asked for at once again, whether it failed or not: else a server that lets us list and not
// watch would be asked without a pause. A watch that has lived is none of these, however it ended:
// what cuts off long connections every few minutes must not make each rest longer than the last.
//
// Pure; one thread.
class WatchRest {
 public:
  static constexpr Duration kLongEnough = Duration::seconds(5);  // for a watch to have been one
  static constexpr Duration kPauseFirst = Duration::ms(200);
  static constexpr Duration kPauseMax = Duration::seconds(30);

  static bool lived(bool listing, Duration took) { return !listing && took >= kLongEnough; }

  // Nothing: on without a pause.
  std::optional<Duration> after(bool listing, bool ok, Duration took, Rng& rng) {
    if (lived(listing, took)) short_lived_ = 0;
    if (ok && (listing || lived(listing, took))) return std::nullopt;
    const Duration longest = std::min(kPauseFirst * (int64_t{1} << short_lived_), kPauseMax);
    short_lived_ = std::min(short_lived_ + 1, kDoublingsMax);
    const auto half = static_cast<uint64_t>(longest.as_ns() / 2);
    return Duration::ns(longest.as_ns() / 2 + static_cast<int64_t>(rng.below(half)));
  }

 private:
  static constexpr uint32_t kDoublingsMax = 16;

  uint32_t short_lived_ = 0;  // in a row
};

}  // namespace distcache::discovery
