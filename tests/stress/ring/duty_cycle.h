#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "common/deadline.h"

namespace stress {

// While it lives a process runs for a part of the time only: SIGSTOP, SIGCONT, again and again.
// Afterwards it runs.
class DutyCycle {
 public:
  DutyCycle(pid_t process, cluster::Milliseconds stopped, cluster::Milliseconds running);
  ~DutyCycle();
  DutyCycle(const DutyCycle&) = delete;
  DutyCycle& operator=(const DutyCycle&) = delete;

 private:
  void run();
  bool pause(cluster::Milliseconds time);  // false: it is over

  const pid_t process_;
  const cluster::Milliseconds stopped_, running_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace stress
