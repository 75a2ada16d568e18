#include "thread_limit.h"

#include <dlfcn.h>
#include <pthread.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <limits>
#include <memory>

namespace life {
namespace {

constexpr size_t kNone = std::numeric_limits<size_t>::max();

std::atomic<size_t> live{0};
std::atomic<size_t> live_max{kNone};
std::atomic<size_t> until_failure{kNone};

struct Start {
  void* (*routine)(void*);
  void* argument;
};

void* run(void* argument) {
  const std::unique_ptr<Start> start(static_cast<Start*>(argument));
  void* result = start->routine(start->argument);
  --live;
  return result;
}

bool is_libzmq(void* address) {
  Dl_info info{};
  return dladdr(address, &info) != 0 && std::strstr(info.dli_fname, "libzmq") != nullptr;
}

bool may_start(void* caller) {
  if (live.load() >= live_max.load()) return false;
  if (until_failure.load() == kNone || is_libzmq(caller)) return true;
  return until_failure.load() == 0 || --until_failure != 0;
}

}  // namespace

void ThreadLimit::at(size_t more) { live_max = live.load() + more; }
void ThreadLimit::fail_once(size_t number) { until_failure = number; }
void ThreadLimit::none() { live_max = until_failure = kNone; }
bool ThreadLimit::has_failed() { return until_failure.load() == 0; }

}  // namespace life

// The linker takes this one for every library in the process, the sanitizers' stands behind it.
extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                              void* (*routine)(void*), void* argument) {
  using Create = int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  static const auto next = reinterpret_cast<Create>(dlsym(RTLD_NEXT, "pthread_create"));
  if (!life::may_start(__builtin_return_address(0))) return EAGAIN;
  auto start = std::make_unique<life::Start>(life::Start{routine, argument});
  ++life::live;
  const int failure = next(thread, attributes, life::run, start.get());
  if (failure == 0) {
    static_cast<void>(start.release());
  } else {
    --life::live;
  }
  return failure;
}
