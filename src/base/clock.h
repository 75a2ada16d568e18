#pragma once

#include "base/time.h"

namespace distcache {

// Where the engine reads the time. Any thread. The simulator puts a virtual one in its place.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
};

// CLOCK_BOOTTIME: monotonic, and it goes on while the machine is suspended, so that a leased or
// expired entry is not served after a laptop or a virtual machine wakes up.
class SystemClock final : public Clock {
 public:
  Instant now() const override;
};

}  // namespace distcache
