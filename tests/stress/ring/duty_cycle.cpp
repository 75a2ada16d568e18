#include "ring/duty_cycle.h"

#include <csignal>

namespace stress {

using cluster::Milliseconds;

DutyCycle::DutyCycle(pid_t process, Milliseconds stopped, Milliseconds running)
    : process_(process), stopped_(stopped), running_(running), thread_([this] { run(); }) {}

DutyCycle::~DutyCycle() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void DutyCycle::run() {
  do {
    kill(process_, SIGSTOP);
    const bool on = pause(stopped_);
    kill(process_, SIGCONT);
    if (!on) return;
  } while (pause(running_));
}

bool DutyCycle::pause(Milliseconds time) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, time, [this] { return over_; });
}

}  // namespace stress
