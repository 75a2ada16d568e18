#pragma once

#include <algorithm>

#include "node/watchdog.h"

namespace cluster {

// How late a call of the thread that made this is, once it has returned.
class Lateness {
 public:
  Lateness(Watchdog& watchdog, const RunDelay& delay)
      : watchdog_(watchdog),
        delay_(delay),
        stalled_before_(watchdog.stalled_ms()),
        delayed_before_(delay.ms()),
        begin_(Clock::now()) {}

  int64_t took_ms() const { return ms_between(begin_, Clock::now()); }
  // Beyond `timeout_ms`, without what the machine took away; 0 for one in time.
  int64_t late_ms(int64_t timeout_ms) const {
    const int64_t took = took_ms();
    if (took <= timeout_ms) return 0;
    const int64_t delayed = delay_.ms() - delayed_before_;
    const int64_t stalled = watchdog_.stalled_ms_now() - stalled_before_;
    return std::max<int64_t>(took - timeout_ms - std::max(stalled, delayed), 0);
  }

 private:
  Watchdog& watchdog_;
  const RunDelay& delay_;
  const int64_t stalled_before_, delayed_before_;
  const Clock::time_point begin_;
};

}  // namespace cluster
