#include "core/cache/wheel.h"

#include <algorithm>
#include <bit>
#include <functional>

namespace distcache::core {

uint64_t Wheel::tick_before(Instant at) {
  return at.as_ns() <= 0 ? 0 : static_cast<uint64_t>(at.as_ns()) >> kTickShift;
}

// Rounded up, so that nothing is handed out before its instant.
uint64_t Wheel::tick_after(Instant at) {
  if (at.as_ns() <= 0) return 0;
  const auto ns = static_cast<uint64_t>(at.as_ns());
  const uint64_t rest = ns & ((uint64_t{1} << kTickShift) - 1);
  return (ns >> kTickShift) + (rest != 0 ? 1 : 0);
}

void Wheel::push(WheelHook*& head, WheelHook& hook) {
  hook.next = head;
  hook.link = &head;
  if (head) head->link = &hook.next;
  head = &hook;
}

void Wheel::unlink(WheelHook& hook) {
  *hook.link = hook.next;
  if (hook.next) {
    hook.next->link = hook.link;
  } else if (const std::less<> before; !before(hook.link, heads_.data()) &&
                                       before(hook.link, heads_.data() + heads_.size())) {
    // It was the only one of a slot.
    const auto slot = static_cast<size_t>(hook.link - heads_.data());
    occupied_[slot / kSlots] &= ~(uint64_t{1} << (slot % kSlots));
  }
  hook.next = nullptr;
  hook.link = nullptr;
}

void Wheel::place(WheelHook& hook) {
  const uint64_t due = tick_after(hook.due_at);
  if (due <= current_) return push(pending_, hook);
  const size_t level = static_cast<size_t>(std::bit_width(due ^ current_) - 1) / kSlotBits;
  const size_t slot = (due >> (level * kSlotBits)) % kSlots;
  push(heads_[level * kSlots + slot], hook);
  occupied_[level] |= uint64_t{1} << slot;
}

void Wheel::add(WheelHook& hook, Instant now) {
  if (hook.due_at.is_never()) return;
  // An empty wheel jumps to the present, else its first hooks would start in the top level.
  if (size_ == 0) current_ = std::max(current_, tick_before(now));
  place(hook);
  ++size_;
}

void Wheel::remove(WheelHook& hook) {
  if (!hook.link) return;
  unlink(hook);
  --size_;
}

void Wheel::clear() {
  pending_ = nullptr;
  occupied_.fill(0);
  heads_.fill(nullptr);
  size_ = 0;
}

Wheel::NextSlot Wheel::next_slot() const {
  for (size_t level = 0; level < kLevels; ++level) {
    if (occupied_[level] == 0) continue;
    const auto slot = static_cast<size_t>(std::countr_zero(occupied_[level]));
    const size_t shift = level * kSlotBits;
    const uint64_t above = current_ >> (shift + kSlotBits) << (shift + kSlotBits);
    return {level, slot, above | (uint64_t{slot} << shift)};
  }
  return {};
}

Wheel::Step Wheel::step(Instant now) {
  if (!pending_) {
    const uint64_t target = std::max(current_, tick_before(now));
    const NextSlot next = next_slot();
    if (next.level == kLevels || next.start > target) {
      current_ = target;
      return {nullptr, true};
    }
    current_ = next.start;
    WheelHook*& head = heads_[next.level * kSlots + next.slot];
    pending_ = head;
    pending_->link = &pending_;
    head = nullptr;
    occupied_[next.level] &= ~(uint64_t{1} << next.slot);
  }
  WheelHook& hook = *pending_;
  unlink(hook);
  if (tick_after(hook.due_at) > current_) {
    place(hook);
    return {};
  }
  --size_;
  return {&hook, false};
}

Instant Wheel::next() const {
  if (size_ == 0) return Instant::never();
  const uint64_t tick = pending_ ? current_ : next_slot().start;
  constexpr uint64_t kTicksMax = uint64_t{INT64_MAX} >> kTickShift;
  // The last tick ends after the last Instant that is not never().
  if (tick > kTicksMax) return Instant::from_ns(INT64_MAX - 1);
  return Instant::from_ns(static_cast<int64_t>(tick << kTickShift));
}

}  // namespace distcache::core
