#include "forks.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <thread>
#include <vector>

#include "engine.h"
#include "footprint.h"

namespace stress {
namespace {

using cluster::bytes_of;
using cluster::Clock;
using cluster::eventually;
using cluster::Milliseconds;
using cluster::ms_between;
using cluster::Out;
using cluster::Owned;

constexpr Milliseconds kPatience{60'000};
constexpr int64_t kTimeoutMs = 60'000;
constexpr size_t kThreads = 4;
constexpr int kAllForked = 0;
constexpr int kSurvived = 100;  // added to the number of the first call that was answered otherwise

// A sanitizer's allocator may be locked by a thread that the child does not have, and what it says
// at exit is about the parent: its children allocate nothing and leave by the short way.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kPlain = false;
#else
constexpr bool kPlain = true;
#endif

void count_done(uintptr_t, distcache_status_t, distcache_result_t*, distcache_error_t*) {}

// What the child has from its parent. Found out before the fork.
struct Inherited {
  distcache_t* engine;
  distcache_keyspace_t* keyspace;
  distcache_fetch_t* fetch;
};

// The number of the first function that does not answer FORKED, from 1; 0 if all do.
int first_survivor(const Inherited& of) {
  const uint8_t key[] = {'v', '1'};
  const uint32_t lens[] = {2};
  uint8_t buffer[64];
  size_t len = 0;
  distcache_result_t* result = nullptr;
  distcache_view_t view = DISTCACHE_VIEW_INIT;
  distcache_op_t* op = nullptr;
  distcache_keyspace_t* other = nullptr;
  distcache_peers_t* peers = nullptr;
  const std::array statuses{
      distcache_get(of.keyspace, key, 2, nullptr, &result, nullptr),
      distcache_get_view(of.keyspace, key, 2, nullptr, &view, nullptr),
      distcache_get_into(of.keyspace, key, 2, nullptr, buffer, sizeof buffer, &len, nullptr),
      distcache_get_many(of.keyspace, key, lens, 1, nullptr, &result, nullptr),
      distcache_peek(of.keyspace, key, 2, &result, nullptr),
      distcache_put(of.keyspace, key, 2, key, 2, nullptr, nullptr),
      distcache_delete(of.keyspace, key, 2, nullptr, nullptr),
      distcache_get_async(of.keyspace, key, 2, nullptr, count_done, 0, &op, nullptr),
      distcache_put_async(of.keyspace, key, 2, key, 2, nullptr, count_done, 0, &op, nullptr),
      distcache_delete_async(of.keyspace, key, 2, nullptr, count_done, 0, &op, nullptr),
      distcache_keyspace_lookup(of.engine, "main", &other, nullptr),
      distcache_keyspace_remove(of.engine, "main", nullptr),
      distcache_keyspace_list(of.engine, &result, nullptr),
      distcache_peers_get(of.engine, &peers, nullptr),
      distcache_wait_ready(of.engine, 0, nullptr),
      distcache_close(of.engine, 0, nullptr),
      distcache_fetch_complete(of.fetch, key, 2, nullptr),
      distcache_fetch_not_found(of.fetch)};
  for (size_t i = 0; i < statuses.size(); ++i) {
    if (statuses[i] != DISTCACHE_FORKED) return static_cast<int>(i) + 1;
  }
  return distcache_ready(of.engine) == 0 ? 0 : static_cast<int>(statuses.size()) + 1;
}

[[noreturn]] void be_child(const Inherited& of) {
  const int survivor = first_survivor(of);
  if (!kPlain) _exit(survivor == 0 ? kAllForked : kSurvived + survivor);
  Owned<distcache_error_t> error;
  distcache_close(of.engine, 0, Out(error));
  const bool told = distcache_error_status(error.get()) == DISTCACHE_FORKED;
  error.reset();
  distcache_keyspace_release(of.keyspace);
  distcache_release(of.engine);
  std::exit(survivor == 0 && told ? kAllForked : kSurvived + survivor);
}

// Two connected engines, threads that use them without an error, and one load that stays open.
class Parent {
 public:
  Parent(uint64_t seed, Faults& faults) : late_(seed), faults_(faults) {}

  bool open() {
    first_ = Engine::open("", late_, faults_);
    if (first_) second_ = Engine::open(first_->address(), late_, faults_);
    if (!second_) return false;
    for (size_t i = 0; i < kThreads; ++i) threads_.emplace_back([this, i] { work(i); });
    return true;
  }

  Inherited inherited() const {
    return {first_->handle(), first_->keyspace(), first_->source().open_fetch(first_->keyspace())};
  }
  uint64_t calls() const { return calls_; }

  void end() {
    stopping_ = true;
    for (std::thread& thread : threads_) thread.join();
    second_.reset();
    first_.reset();
  }

 private:
  void work(size_t number) {
    std::mt19937_64 random(number);
    distcache_options_t options = DISTCACHE_OPTIONS_INIT;
    options.timeout_ms = kTimeoutMs;
    while (!stopping_) {
      const Engine& engine = random() % 2 == 0 ? *first_ : *second_;
      const std::string key = (random() % 8 == 0 ? "l" : "v") + std::to_string(random() % 500);
      const distcache_status_t status = call(engine, key, options, random() % 16 == 0);
      ++calls_;
      if (status == DISTCACHE_OK) continue;
      faults_.add("the parent's call for " + key + " answered " + distcache_status_name(status));
    }
  }

  static distcache_status_t call(const Engine& engine, const std::string& key,
                                 const distcache_options_t& options, bool remove) {
    if (remove) {
      return distcache_delete(engine.keyspace(), bytes_of(key), key.size(), &options, nullptr);
    }
    Owned<distcache_result_t> result;
    return distcache_get(engine.keyspace(), bytes_of(key), key.size(), &options, Out(result),
                         nullptr);
  }

  Late late_;
  Faults& faults_;
  std::unique_ptr<Engine> first_, second_;
  std::atomic<bool> stopping_{false};
  std::atomic<uint64_t> calls_{0};
  std::vector<std::thread> threads_;
};

// How the child ended, once it has; killed, and a fault, when it hangs.
void judge_child(pid_t child, Faults& faults) {
  int status = 0;
  const bool ended = eventually(kPatience, [&] { return waitpid(child, &status, WNOHANG) != 0; });
  if (!ended) {
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    faults.add("a child hangs");
  } else if (!WIFEXITED(status)) {
    faults.add("a child ended by signal " + std::to_string(WTERMSIG(status)));
  } else if (WEXITSTATUS(status) != kAllForked) {
    faults.add("a child ended with code " + std::to_string(WEXITSTATUS(status)));
  }
}

}  // namespace

bool run_forks(const ForksOptions& options) {
  const auto begin = Clock::now();
  Faults faults;
  uint64_t calls = 0;
  uint32_t forked = 0;
  {
    Parent parent(options.seed, faults);
    if (!parent.open()) return false;
    const Inherited inherited = parent.inherited();
    for (; forked < options.count && faults.count() == 0; ++forked) {
      // At another moment of the load each time.
      const uint64_t until = parent.calls() + forked % 13;
      eventually(kPatience, [&] { return parent.calls() >= until; });
      const pid_t child = fork();
      if (child == 0) be_child(inherited);
      if (child < 0) {
        faults.add("fork failed");
        break;
      }
      judge_child(child, faults);
    }
    parent.end();
    calls = parent.calls();
  }
  std::printf(
      "forks: %u, each child told FORKED by 19 functions, %lu calls of the parent meanwhile, %.1f "
      "s, "
      "%zu faults\n",
      forked, calls, static_cast<double>(ms_between(begin, Clock::now())) / 1'000, faults.count());
  return faults.count() == 0;
}

}  // namespace stress
