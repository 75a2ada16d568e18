#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace distcache::api {

// What a handle that came in turned out to be.
enum class HandleState : uint8_t {
  valid,
  null,
  never,   // not one of this table: garbage, or a handle of another kind
  stale,   // it was one, and has been ended
  forked,  // it is one of the parent process
};

// Handles that are numbers in the shape of a pointer: tag, generation and slot. Nothing that a
// program hands in is ever dereferenced, so a stale or foreign handle is an answer and not a crash.
//
// Any thread. add() and the last unpin() of an object are lock-free too: after a fork there is no
// lock that a vanished thread could hold. Slots are used again, their memory is never given back;
// a slot whose generations are spent is left alone. Constant-initialized, never destroyed: usable
// before main() and after exit handlers.
class HandleTable {
 public:
  // A cache line each: the pins of one handle do not slow those of its neighbours.
  struct alignas(64) Slot {
    std::atomic<uint64_t> word{0};  // generation (32) | open (1) | pins (31)
    std::atomic<void*> object{nullptr};
    std::atomic<uint64_t> stamp{0};  // of the process that opened it
    std::atomic<uint64_t> note{0};
    std::atomic<uint32_t> next_free{0};  // index + 1; 0: the last one
    uint32_t index = 0;
  };

  // `tag` is the top byte of its handles and marks their kind; 0x80 and up, which is no address of
  // a program. `destroy` ends an object, on the thread that unpins it last.
  constexpr HandleTable(uint8_t tag, void (*destroy)(void*)) : tag_(tag), destroy_(destroy) {}
  HandleTable(const HandleTable&) = delete;
  HandleTable& operator=(const HandleTable&) = delete;

  // The handle of a new object; 0 when no slot is left: the object stays the caller's. `note` is
  // kept until the slot is used again, beyond the end of the object.
  uintptr_t add(void* object, uint64_t note = 0);

  // valid: one more user of the object, whom unpin() ends. Until then the object lives, also if the
  // handle is closed meanwhile.
  HandleState pin(uintptr_t handle, Slot*& slot);
  // Like pin, and the handle is stale from now on: of several threads one gets `valid`.
  HandleState close(uintptr_t handle, Slot*& slot);
  void unpin(Slot* slot);

  // The note of a handle that is stale, if its slot has not been used again; else 0.
  uint64_t note_of(uintptr_t handle) const;

  static constexpr size_t kSlotsMax = 64 * ((size_t{1} << 14) - 1);

 private:
  HandleState find(uintptr_t handle, Slot*& slot, uint32_t& generation) const;
  HandleState enter(uintptr_t handle, bool closing, Slot*& slot);
  Slot* take_free();
  void give_back(Slot* slot);
  Slot* slot_at(uint32_t index) const;
  Slot* make_slot();

  static constexpr size_t kFirstChunk = 64;  // slots; each next chunk has twice as many
  static constexpr size_t kChunks = 14;

  const uint8_t tag_;
  void (*const destroy_)(void*);
  std::array<std::atomic<Slot*>, kChunks> chunks_{};
  std::atomic<uint32_t> used_{0};       // slots that have been handed out at least once
  std::atomic<uint64_t> free_head_{0};  // count of changes (32) | index + 1 (32)
};

}  // namespace distcache::api
