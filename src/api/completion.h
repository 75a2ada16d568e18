#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "api/result.h"
#include "distcache/async.h"
#include "engine/pending.h"

namespace distcache::api {

// How the outcomes of an operation become what `done` is called with.
struct Shape {
  Kind kind = Kind::read;
  bool many = false;  // OK and one item per key; else the status of the one key
  bool once = false;  // a second try of what may be done would be held against the first
};

// The one call of `done` that an accepted operation owes its caller.
//
// Shared by the submitting call and by what the engine is to call at the end. The engine drops that
// unused if it closes between two of our steps: then the submitting call, if it is still under way,
// answers CLOSED instead, and otherwise `done` is called with CLOSED by the thread that dropped it.
class Completion {
 public:
  // `pending` counts the operations of the engine that are not complete.
  Completion(distcache_done_fn done, uintptr_t context, Shape shape,
             std::vector<core::Outcome> known, std::shared_ptr<std::atomic<size_t>> pending);
  ~Completion();
  Completion(const Completion&) = delete;
  Completion& operator=(const Completion&) = delete;

  // What the engine is to call.
  static engine::Pending::Done callback(const std::shared_ptr<Completion>& completion);

  // The submitting call ends. False: nothing was or will be called.
  bool accept();
  // The submitting call failed. False: too late, `done` has been called.
  bool withdraw();

 private:
  enum class State : uint8_t { submitting, accepted, refused, done };
  class Ticket;

  void complete(std::vector<core::Outcome> outcomes) noexcept;
  void dropped() noexcept;
  void run(Status status, distcache_result_t* result, distcache_error_t* error) noexcept;

  const distcache_done_fn done_;
  const uintptr_t context_;
  const Shape shape_;
  std::vector<core::Outcome> known_;  // answers from before the operation began: see many_puts()
  const std::shared_ptr<std::atomic<size_t>> pending_;
  std::atomic<State> state_{State::submitting};
};

}  // namespace distcache::api
