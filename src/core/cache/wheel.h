#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace distcache::core {

// What a wheel keeps inside each thing that expires. Unlinked while `link` is null.
struct WheelHook {
  WheelHook* next = nullptr;
  WheelHook** link = nullptr;  // the pointer that points here
  Instant due_at = Instant::never();
};

// Hierarchical timing wheel (Varghese and Lauck, SOSP 1987, scheme 7): 7 levels of 64 slots, ticks
// of 2^23 ns (8.4 ms). Its 42 bits reach past the end of Instant, so that no ttl is too long.
// Adding and removing are O(1); a hook moves down at most six levels before it is due. Nothing is
// due early, and nothing later than one tick after its instant once step() is called.
// It owns no memory and no hook. One thread at a time.
class Wheel {
 public:
  Wheel() = default;
  Wheel(const Wheel&) = delete;
  Wheel& operator=(const Wheel&) = delete;

  // Takes a hook whose due_at is set; one that never expires is left alone.
  void add(WheelHook& hook, Instant now);
  void remove(WheelHook& hook);  // nothing if it is not in here
  void clear();                  // forgets all hooks without touching them

  // One bounded piece of work: hands out one hook that is due, or moves one down, or finds that
  // there is nothing to do until next().
  struct Step {
    WheelHook* due = nullptr;  // no longer in the wheel
    bool idle = false;
  };
  Step step(Instant now);

  // Before this instant step() finds nothing to do. never() when the wheel is empty.
  Instant next() const;
  bool empty() const { return size_ == 0; }

 private:
  static constexpr int kTickShift = 23;
  static constexpr int kSlotBits = 6;
  static constexpr size_t kSlots = size_t{1} << kSlotBits;
  static constexpr size_t kLevels = 7;

  struct NextSlot {
    size_t level = kLevels;  // kLevels: all slots are empty
    size_t slot = 0;
    uint64_t start = 0;  // its first tick
  };

  static uint64_t tick_before(Instant at);
  static uint64_t tick_after(Instant at);
  static void push(WheelHook*& head, WheelHook& hook);
  void unlink(WheelHook& hook);
  void place(WheelHook& hook);
  NextSlot next_slot() const;

  // A hook in level L agrees with current_ in all groups of bits above L and is ahead of it in
  // group L. Hence the first occupied slot of the lowest occupied level is the next in time.
  uint64_t current_ = 0;  // tick up to which everything has been handed out
  size_t size_ = 0;
  WheelHook* pending_ = nullptr;  // of the slot that current_ has reached: due, or to move down
  std::array<uint64_t, kLevels> occupied_{};
  std::array<WheelHook*, kLevels * kSlots> heads_{};
};

}  // namespace distcache::core
