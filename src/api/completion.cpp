#include "api/completion.h"

#include <utility>

#include "api/writing.h"

namespace distcache::api {

// Lives in the engine's callback, and knows when that goes without having been called.
class Completion::Ticket {
 public:
  explicit Ticket(std::shared_ptr<Completion> completion) : completion_(std::move(completion)) {}
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;
  ~Ticket() {
    if (completion_) completion_->dropped();
  }
  void use(std::vector<core::Outcome> outcomes) {
    if (const auto completion = std::exchange(completion_, nullptr)) {
      completion->complete(std::move(outcomes));
    }
  }

 private:
  std::shared_ptr<Completion> completion_;
};

Completion::Completion(distcache_done_fn done, uintptr_t context, Shape shape,
                       std::vector<core::Outcome> known,
                       std::shared_ptr<std::atomic<size_t>> pending)
    : done_(done),
      context_(context),
      shape_(shape),
      known_(std::move(known)),
      pending_(std::move(pending)) {
  pending_->fetch_add(1, std::memory_order_relaxed);
}

Completion::~Completion() { pending_->fetch_sub(1, std::memory_order_relaxed); }

engine::Pending::Done Completion::callback(const std::shared_ptr<Completion>& completion) {
  return [ticket = std::make_shared<Ticket>(completion)](std::vector<core::Outcome> outcomes) {
    ticket->use(std::move(outcomes));
  };
}

bool Completion::accept() {
  State state = State::submitting;
  return state_.compare_exchange_strong(state, State::accepted) || state == State::done;
}

bool Completion::withdraw() {
  State state = State::submitting;
  return state_.compare_exchange_strong(state, State::refused) || state == State::refused;
}

void Completion::dropped() noexcept {
  if (state_.exchange(State::refused) != State::accepted) return;
  run(Status::closed, nullptr, make_error(Status::closed, false, "the engine is closed"));
}

void Completion::complete(std::vector<core::Outcome> outcomes) noexcept {
  if (state_.exchange(State::done) == State::refused) return;
  try {
    if (shape_.many && !known_.empty()) {
      merge(std::move(outcomes), known_);
      outcomes = std::move(known_);
    }
    if (shape_.many) {
      run(Status::ok, result_of(std::move(outcomes), shape_.kind), nullptr);
      return;
    }
    core::Outcome& outcome = outcomes.front();
    if (shape_.once) outcome = once_only(std::move(outcome));
    const Status status = public_status(outcome.status);
    if (status == Status::ok) {
      return run(status, result_of(std::move(outcome), shape_.kind), nullptr);
    }
    // What a put_if is told besides: the version that it made, or that stands in its way.
    const bool told = status == Status::partial || status == Status::version_mismatch;
    distcache_result_t* const result =
        shape_.once && told ? result_of(outcome, shape_.kind) : nullptr;
    run(status, result, error_of(outcome));
  } catch (...) {
    // Only memory can have failed, and only before `done` was called. A write may be applied.
    const Status status = shape_.kind == Kind::write ? Status::unknown : Status::no_memory;
    run(status, nullptr, make_error(status, true, "no memory for the result"));
  }
}

void Completion::run(Status status, distcache_result_t* result, distcache_error_t* error) noexcept {
  try {
    done_(context_, static_cast<distcache_status_t>(status), result, error);
  } catch (...) {  // NOLINT(bugprone-empty-catch): a callback's exception ends with it
  }
}

}  // namespace distcache::api
