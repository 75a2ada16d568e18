#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <utility>

#include "api/call.h"
#include "api/handle_table.h"
#include "api/observers.h"
#include "core/config/engine_config.h"
#include "distcache/keyspace.h"
#include "engine/engine.h"

namespace distcache::api {

// What the handles of one engine share: its own and those of its keyspaces.
struct OpenEngine {
  engine::EnginePtr engine;
  core::EngineConfig config;
  std::shared_ptr<ObserverCallbacks> callbacks;
  std::chrono::steady_clock::time_point opened_at;
  // Accepted asynchronous operations whose completion has not run; outlives the engine with them.
  std::shared_ptr<std::atomic<size_t>> pending = std::make_shared<std::atomic<size_t>>(0);

  // Closes the engine, and lets go of what the program handed in: finalisers run.
  Result<void> close(Duration timeout);
};
using OpenEnginePtr = std::shared_ptr<OpenEngine>;

struct OpenKeyspace {
  OpenEnginePtr owner;
  engine::KeyspacePtr keyspace;

  engine::Engine& engine() const { return *owner->engine; }
  uint64_t value_bytes_max() const { return keyspace->config().value_bytes_max; }
  // For calls that answer for many keys or later: CLOSED or NO_KEYSPACE before anything is tried.
  Status refuse_use(Call& call) const;
};

// WOULD_DEADLOCK on a thread that must not wait.
Status refuse_waiting(Call& call);

// A user of what a handle names, for the length of a call. Empty unless the handle was valid.
template <typename Object>
class Pin {
 public:
  Pin(HandleTable& table, HandleState state, HandleTable::Slot* slot)
      : table_(table), state_(state), slot_(state == HandleState::valid ? slot : nullptr) {}
  Pin(const Pin&) = delete;
  Pin& operator=(const Pin&) = delete;
  ~Pin() {
    if (slot_ != nullptr) table_.unpin(slot_);
  }

  explicit operator bool() const { return slot_ != nullptr; }
  HandleState state() const { return state_; }
  Object* operator->() const { return get(); }
  Object& operator*() const { return *get(); }

 private:
  // Relaxed: the pin has synchronized with whoever made the object.
  Object* get() const {
    return static_cast<Object*>(slot_->object.load(std::memory_order_relaxed));
  }

  HandleTable& table_;
  const HandleState state_;
  HandleTable::Slot* const slot_;
};

// A table whose handles look like `Opaque*` to the program and name an Object.
template <typename Object, typename Opaque>
class Handles {
 public:
  constexpr explicit Handles(uint8_t tag)
      : table_(tag, [](void* object) { delete static_cast<Object*>(object); }) {}

  // NULL when there are no more slots.
  Opaque* add(std::unique_ptr<Object> object, uint64_t note = 0) {
    const uintptr_t handle = table_.add(object.get(), note);
    if (handle != 0) static_cast<void>(object.release());
    return reinterpret_cast<Opaque*>(handle);
  }
  Pin<Object> pin(const Opaque* handle) {
    HandleTable::Slot* slot = nullptr;
    const HandleState state = table_.pin(reinterpret_cast<uintptr_t>(handle), slot);
    return {table_, state, slot};
  }
  // Ends the handle. The one caller who gets a full Pin has what is left of the object to himself
  // and to those who pinned it before.
  Pin<Object> close(const Opaque* handle) {
    HandleTable::Slot* slot = nullptr;
    const HandleState state = table_.close(reinterpret_cast<uintptr_t>(handle), slot);
    return {table_, state, slot};
  }
  uint64_t note_of(const Opaque* handle) const {
    return table_.note_of(reinterpret_cast<uintptr_t>(handle));
  }

 private:
  HandleTable table_;
};

extern Handles<OpenEnginePtr, distcache_t> engines;
extern Handles<OpenKeyspace, distcache_keyspace_t> keyspaces;

}  // namespace distcache::api
