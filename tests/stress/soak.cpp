#include "soak.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <thread>

#include "footprint.h"
#include "slope.h"
#include "trio.h"

namespace stress {
namespace {

using cluster::Clock;
using cluster::Milliseconds;
using cluster::ms_between;

constexpr double kSlopeMbPerMinute = 1.0;
constexpr double kSucceededPercent = 99.9;
constexpr int64_t kLateMs = 100;
constexpr Milliseconds kSampleEvery{1'000};
constexpr Milliseconds kPatience{30'000};
constexpr size_t kSamplesPerRound = 10;  // a line of progress, and a kill
constexpr size_t kLasting = 2;           // the processes that live from the beginning to the end
constexpr size_t kVictim = 2;

class Soak {
 public:
  explicit Soak(const SoakOptions& options)
      : seconds_(options.seconds), warm_up_s_(std::min(options.seconds / 3.0, 300.0)) {}

  bool run() {
    try {
      for (size_t index = 0; index < kLasting; ++index) trio_.await_pass(index);
      begin_ = Clock::now();
      while (elapsed_s() < seconds_) round();
      trio_.end(faults_);
    } catch (const cluster::HarnessFailure& failure) {
      faults_.add(failure.what());
    }
    return judge();
  }

 private:
  struct Lasting {
    Slope slope;
    Footprint most, now;  // most: during the warm-up, at calm moments
  };

  double elapsed_s() const { return static_cast<double>(ms_between(begin_, Clock::now())) / 1'000; }
  bool is_warm() const { return kills_ > 0 && elapsed_s() >= warm_up_s_; }
  Footprint look(size_t index) { return Footprint::of(trio_[index].child().pid()); }

  void round() {
    for (size_t i = 0; i < kSamplesPerRound; ++i) {
      std::this_thread::sleep_for(kSampleEvery);
      for (size_t index = 0; index < kLasting; ++index) {
        const double resident_mb = look(index).resident_mb;
        if (is_warm()) lasting_[index].slope.add(elapsed_s() / 60, resident_mb);
      }
    }
    for (size_t index = 0; index < kLasting; ++index) check_calm(index);
    trio_.collect();
    report();
    trio_.kill(kVictim);
    trio_.restart(kVictim);
    ++kills_;
  }

  // All three are connected: what is open now is what there is.
  void check_calm(size_t index) {
    Lasting& it = lasting_[index];
    const bool warm = is_warm();
    const bool within = cluster::eventually(kPatience, [&] {
      it.now = look(index);
      return !warm ||
             (it.now.threads <= it.most.threads && it.now.descriptors <= it.most.descriptors);
    });
    if (!within) {
      faults_.add("node " + trio_[index].name() + " grows: " + std::to_string(it.now.threads) +
                  " threads, " + std::to_string(it.now.descriptors) + " descriptors");
    }
    if (warm) return;
    it.most.threads = std::max(it.most.threads, it.now.threads);
    it.most.descriptors = std::max(it.most.descriptors, it.now.descriptors);
  }

  void report() const {
    std::printf("%5.0f s%s: %ld calls, %ld failed, %u kills;", elapsed_s(),
                is_warm() ? "" : " (warming up)", trio_.seen().calls, trio_.seen().failures,
                kills_);
    for (const Lasting& it : lasting_) {
      std::printf(" %.1f MB %zu threads %zu descriptors;", it.now.resident_mb, it.now.threads,
                  it.now.descriptors);
    }
    std::printf("\n");
    std::fflush(stdout);
  }

  bool judge() {
    double slope = lasting_[0].slope.value();
    for (const Lasting& it : lasting_) slope = std::max(slope, it.slope.value());
    const Seen& seen = trio_.seen();
    if (slope >= kSlopeMbPerMinute) faults_.add("resident memory grows");
    if (seen.succeeded_percent() < kSucceededPercent || seen.wrong > 0) {
      faults_.add("calls failed, the first one: " + seen.first_failure);
    }
    if (seen.late_ms > kLateMs) faults_.add("a call outlived its deadline");
    std::printf(
        "soak: %.0f s, %ld calls, %.4f %% succeeded, worst lateness %ld ms, %u kills, %zu and %zu "
        "threads, %zu and %zu descriptors, resident memory %+.3f MB/min, %zu faults\n",
        elapsed_s(), seen.calls, seen.succeeded_percent(), seen.late_ms, kills_,
        lasting_[0].now.threads, lasting_[1].now.threads, lasting_[0].now.descriptors,
        lasting_[1].now.descriptors, slope, faults_.count());
    return faults_.count() == 0;
  }

  const double seconds_, warm_up_s_;
  Clock::time_point begin_;  // when every key had been asked for
  Faults faults_;
  Trio trio_{{.keys = 10'000, .writes = 20, .bytes_max = "1MiB"}};
  std::array<Lasting, kLasting> lasting_;
  uint32_t kills_ = 0;
};

}  // namespace

bool run_soak(const SoakOptions& options) {
  try {
    return Soak(options).run();
  } catch (const cluster::HarnessFailure& failure) {
    std::printf("soak: %s\n", failure.what());
    return false;
  }
}

}  // namespace stress
