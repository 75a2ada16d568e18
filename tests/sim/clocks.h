#pragma once

#include <deque>
#include <vector>

#include "base/clock.h"
#include "timeline.h"

namespace distcache::sim {

// The clock of one process: runs a little fast or slow, jumps forward, stands still; never goes
// back. Remembers what it showed at every moment of the run.
class ProcessClock final : public Clock {
 public:
  ProcessClock(const Timeline& world, int64_t rate_ppm);

  Instant now() const override { return at(world_.now()); }
  Instant at(Instant moment) const;   // of the world's time, until now
  Instant when(Instant shown) const;  // it will show that; never() while it stands still
  void jump(Duration by);
  void stop();
  void go_on();
  bool always_true() const { return pieces_.size() == 1 && pieces_.front().rate_ppm == 0; }

 private:
  struct Piece {
    Instant from;   // the world's time
    Instant shown;  // by this clock then
    int64_t rate_ppm = 0;
    bool stopped = false;
  };
  static Instant shown_in(const Piece& piece, Instant moment);
  void begin(Instant shown, bool stopped);

  const Timeline& world_;
  const int64_t rate_ppm_;
  std::vector<Piece> pieces_;
};

// What a process would take for the time that read the wall clock, which is set: now and then it is
// up to an hour ahead of that process's own, and then not any more.
class WallClock final : public Clock {
 public:
  WallClock(const Timeline& world, const ProcessClock& own, uint64_t seed)
      : world_(world), own_(own), seed_(seed) {}

  Instant now() const override { return own_.now() + ahead(); }
  Duration ahead() const;

 private:
  const Timeline& world_;
  const ProcessClock& own_;
  const uint64_t seed_;
};

// Of all processes of a run, by their numbers.
class Clocks {
 public:
  explicit Clocks(const Timeline& world) : world_(world) {}

  ProcessClock& add(int64_t rate_ppm) { return clocks_.emplace_back(world_, rate_ppm); }
  const ProcessClock& of(uint32_t process) const { return clocks_[process]; }
  // How much less than the world's time the slowest one showed between two moments: what was
  // measured there took so much longer.
  Duration lost(Instant from, Instant to) const;

 private:
  const Timeline& world_;
  std::deque<ProcessClock> clocks_;
};

}  // namespace distcache::sim
