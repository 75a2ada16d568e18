#pragma once

#include <pthread.h>

#include <csignal>

namespace distcache {

// Blocks every signal of this thread for a scope. Threads inherit the mask of their maker, so a
// thread made in it has none delivered from its first instruction on: the host owns them.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

}  // namespace distcache
