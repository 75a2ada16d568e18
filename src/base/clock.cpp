#include "base/clock.h"

#include <ctime>

namespace distcache {

Instant SystemClock::now() const {
  timespec spec{};
  clock_gettime(CLOCK_BOOTTIME, &spec);
  return Instant::from_ns(static_cast<int64_t>(spec.tv_sec) * 1'000'000'000 + spec.tv_nsec);
}

}  // namespace distcache
