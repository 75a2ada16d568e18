#include "cycles.h"

#include <algorithm>
#include <cstdio>
#include <thread>

#include "cycle.h"
#include "footprint.h"

namespace stress {
namespace {

using cluster::Clock;
using cluster::Milliseconds;
using cluster::ms_between;

constexpr Milliseconds kPatience{60'000};

// The cycles of all threads, and everything that their completions may still refer to.
class Run {
 public:
  explicit Run(const CyclesOptions& options) : options_(options), late_(options.first) {}

  void one(uint64_t seed) {
    Cycle cycle(seed, shared_);
    cycle.run();
    const std::lock_guard lock(mutex_);
    for (auto& operations : cycle.take_operations()) ended_.push_back(std::move(operations));
  }

  void all() {
    std::vector<std::thread> threads;
    for (uint32_t i = 0; i < options_.threads; ++i) {
      threads.emplace_back([this] {
        for (uint64_t at = next_++; at < options_.count; at = next_++) one(options_.first + at);
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (const auto& operations : ended_) static_cast<void>(operations->open_ends());
  }

  void await_footprint(const Footprint& before) {
    Footprint now;
    const bool same = cluster::eventually(kPatience, [&] {
      now = Footprint::of();
      return now.threads == before.threads && now.descriptors == before.descriptors;
    });
    std::printf("threads %zu before, %zu after, descriptors %zu before, %zu after\n",
                before.threads, now.threads, before.descriptors, now.descriptors);
    if (!same) faults_.add("left behind; the threads are " + thread_names());
  }

  size_t report(Clock::time_point begin) {
    std::string statuses;
    for (const auto& [status, count] : tally_.statuses) {
      statuses += ' ' + status + ' ' + std::to_string(count);
    }
    std::printf("answers:%s\n", statuses.c_str());
    std::printf(
        "cycles: %lu from seed %lu, %lu in pairs, %lu with hanging sources, %lu released open, "
        "%lu closes timed out, %lu calls, %lu started, %lu completed, %.1f s, %zu faults\n",
        options_.count, options_.first, shared_.pairs.load(), shared_.hanging.load(),
        shared_.released_open.load(), shared_.closes_timed_out.load(), tally_.calls.load(),
        tally_.started.load(), tally_.completed.load(),
        static_cast<double>(ms_between(begin, Clock::now())) / 1'000, faults_.count());
    return faults_.count();
  }

 private:
  const CyclesOptions options_;
  Faults faults_;
  Tally tally_;
  Late late_;
  Shared shared_{late_, tally_, faults_};
  std::atomic<uint64_t> next_{0};
  std::mutex mutex_;
  std::vector<std::unique_ptr<Operations>> ended_;
};

}  // namespace

bool run_cycles(const CyclesOptions& options) {
  const auto begin = Clock::now();
  Run run(options);
  run.one(0);  // whatever is made once per process is there now
  const Footprint before = Footprint::of();
  run.all();
  run.await_footprint(before);
  return run.report(begin) == 0;
}

}  // namespace stress
