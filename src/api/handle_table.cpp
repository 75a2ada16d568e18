#include "api/handle_table.h"

#include <algorithm>
#include <bit>
#include <new>
#include <thread>

#include "api/process.h"
#include "core/mutations.h"

// Memory order. A slot's word is the only thing that threads agree through:
//  - add() writes object, stamp and note, then stores the word with release. Every later change of
//    the word is a read-modify-write, so all of them belong to that store's release sequence:
//  - enter() changes the word with acquire, and sees what add() wrote.
//  - unpin() decrements with acq_rel: the last one out, after close, has all other users' accesses
//    behind it and may end the object. Nobody can come in any more, since enter() wants the open
//    bit, and close cleared it; so "last" happens once.
// A pin therefore costs one compare-and-swap, and no lock exists.
namespace distcache::api {
namespace {

using core::mutated;
using core::Mutation;

static_assert(sizeof(uintptr_t) == 8, "a handle holds tag, generation and slot in 64 bits");

constexpr int kTagShift = 56;
constexpr int kGenerationShift = 24;
constexpr uint64_t kIndexMask = (uint64_t{1} << kGenerationShift) - 1;

constexpr uint64_t kOpen = uint64_t{1} << 31;
constexpr uint64_t kPinsMask = kOpen - 1;
constexpr uint32_t kLastGeneration = UINT32_MAX;

uint32_t generation_of(uint64_t word) { return static_cast<uint32_t>(word >> 32); }

}  // namespace

uintptr_t HandleTable::add(void* object, uint64_t note) {
  Slot* slot = take_free();
  if (slot == nullptr) slot = make_slot();
  if (slot == nullptr) return 0;
  const uint32_t generation = generation_of(slot->word.load(std::memory_order_relaxed)) + 1;
  // The generation goes up before the note changes, and note_of() reads them the other way round.
  slot->word.store(uint64_t{generation} << 32, std::memory_order_relaxed);
  slot->note.store(note, std::memory_order_release);
  slot->object.store(object, std::memory_order_relaxed);
  slot->stamp.store(process_stamp(), std::memory_order_relaxed);
  slot->word.store(uint64_t{generation} << 32 | kOpen, std::memory_order_release);
  return uint64_t{tag_} << kTagShift | uint64_t{generation} << kGenerationShift | slot->index;
}

HandleState HandleTable::find(uintptr_t handle, Slot*& slot, uint32_t& generation) const {
  if (handle == 0) return HandleState::null;
  if (handle >> kTagShift != tag_) return HandleState::never;
  slot = slot_at(static_cast<uint32_t>(handle & kIndexMask));
  generation = static_cast<uint32_t>(handle >> kGenerationShift);
  return slot == nullptr || generation == 0 ? HandleState::never : HandleState::valid;
}

HandleState HandleTable::pin(uintptr_t handle, Slot*& slot) { return enter(handle, false, slot); }

HandleState HandleTable::close(uintptr_t handle, Slot*& slot) { return enter(handle, true, slot); }

HandleState HandleTable::enter(uintptr_t handle, bool closing, Slot*& slot) {
  uint32_t generation = 0;
  const HandleState found = find(handle, slot, generation);
  if (found != HandleState::valid) return found;
  uint64_t word = slot->word.load(std::memory_order_acquire);
  while (true) {
    if (generation_of(word) < generation) return HandleState::never;
    const bool older = generation_of(word) > generation && !mutated(Mutation::stale_handle);
    if (older || !(word & kOpen)) return HandleState::stale;
    const bool forked = slot->stamp.load(std::memory_order_relaxed) != process_stamp();
    if (forked && !mutated(Mutation::parent_handle)) return HandleState::forked;
    const uint64_t changed = closing ? (word & ~kOpen) + 1 : word + 1;
    if (mutated(Mutation::torn_pin)) {
      std::this_thread::yield();
      slot->word.store(word = changed);
    }
    if (slot->word.compare_exchange_weak(word, changed, std::memory_order_acquire,
                                         std::memory_order_acquire)) {
      return HandleState::valid;
    }
  }
}

void HandleTable::unpin(Slot* slot) {
  const uint64_t before = slot->word.fetch_sub(1, std::memory_order_acq_rel);
  const bool last = (before & kPinsMask) == 1 || mutated(Mutation::early_end);
  if (!last || (before & kOpen)) return;
  destroy_(slot->object.exchange(nullptr, std::memory_order_relaxed));
  if (generation_of(before) != kLastGeneration) give_back(slot);
}

uint64_t HandleTable::note_of(uintptr_t handle) const {
  Slot* slot = nullptr;
  uint32_t generation = 0;
  if (find(handle, slot, generation) != HandleState::valid) return 0;
  if (generation_of(slot->word.load(std::memory_order_acquire)) != generation) return 0;
  const uint64_t note = slot->note.load(std::memory_order_acquire);
  // Of the next object, if the slot has been opened again in between: its generation tells.
  return generation_of(slot->word.load(std::memory_order_relaxed)) == generation ? note : 0;
}

// -- slots ----------------------------------------------------------------------------------------

HandleTable::Slot* HandleTable::slot_at(uint32_t index) const {
  if (index >= used_.load(std::memory_order_acquire) || index >= kSlotsMax) return nullptr;
  const size_t place = index + kFirstChunk;
  const auto chunk = static_cast<size_t>(std::bit_width(place)) - std::bit_width(kFirstChunk);
  Slot* first = chunks_[chunk].load(std::memory_order_acquire);
  return first == nullptr ? nullptr : first + (place - (kFirstChunk << chunk));
}

HandleTable::Slot* HandleTable::make_slot() {
  uint32_t index = used_.load(std::memory_order_relaxed);
  do {
    if (index >= kSlotsMax) return nullptr;
  } while (!used_.compare_exchange_weak(index, index + 1, std::memory_order_acq_rel));

  const size_t place = index + kFirstChunk;
  const auto chunk = static_cast<size_t>(std::bit_width(place)) - std::bit_width(kFirstChunk);
  Slot* first = chunks_[chunk].load(std::memory_order_acquire);
  if (first == nullptr) {
    const size_t count = kFirstChunk << chunk;
    Slot* made = new (std::nothrow) Slot[count];
    if (made == nullptr) return nullptr;  // this index is lost; a later one may have its chunk
    for (size_t i = 0; i < count; ++i) {
      made[i].index = static_cast<uint32_t>(count - kFirstChunk + i);
    }
    if (chunks_[chunk].compare_exchange_strong(first, made, std::memory_order_acq_rel)) {
      first = made;
    } else {
      delete[] made;  // another thread was faster
    }
  }
  return first + (place - (kFirstChunk << chunk));
}

// A stack whose head counts its changes, so that a head that was taken and put back in between is
// noticed. next_free of a slot that somebody else has taken may be read: the memory is still there.
HandleTable::Slot* HandleTable::take_free() {
  uint64_t head = free_head_.load(std::memory_order_acquire);
  while (true) {
    const auto index = static_cast<uint32_t>(head);
    if (index == 0) return nullptr;
    Slot* slot = slot_at(index - 1);
    const uint64_t next =
        (((head >> 32) + 1) << 32) | slot->next_free.load(std::memory_order_relaxed);
    if (free_head_.compare_exchange_weak(head, next, std::memory_order_acquire)) return slot;
  }
}

void HandleTable::give_back(Slot* slot) {
  uint64_t head = free_head_.load(std::memory_order_relaxed);
  uint64_t changed = 0;
  do {
    slot->next_free.store(static_cast<uint32_t>(head), std::memory_order_relaxed);
    changed = (((head >> 32) + 1) << 32) | (slot->index + 1);
  } while (!free_head_.compare_exchange_weak(head, changed, std::memory_order_release,
                                             std::memory_order_relaxed));
}

}  // namespace distcache::api
