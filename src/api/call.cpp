#include "api/call.h"

#include <string>

namespace distcache::api {

bool expected(Status status) noexcept {
  return status == Status::ok || status == Status::not_found || status == Status::not_cached;
}

Status public_status(Status status) noexcept {
  return status_known(static_cast<int32_t>(status)) ? status : Status::internal;
}

distcache_error_t* error_of(const core::Outcome& outcome) noexcept {
  if (expected(outcome.status)) return nullptr;
  return make_error(public_status(outcome.status), outcome.retriable, outcome.message,
                    outcome.unconfirmed);
}

Status Call::fail(Status status, std::string_view message) noexcept {
  status = public_status(status);
  if (err_ != nullptr) *err_ = make_error(status, status_retriable(status), message);
  return status;
}

Status Call::unsupported(std::string_view what) noexcept {
  try {
    return fail(Status::unsupported, std::string(what) + " is not available in this version");
  } catch (...) {
    return fail(Status::unsupported, what);
  }
}

Status Call::refuse(HandleState state, std::string_view what) noexcept {
  Status status = Status::invalid_argument;
  std::string_view why = " is no handle of this kind";
  switch (state) {
    case HandleState::null:
      why = " is NULL";
      break;
    case HandleState::stale:
      status = Status::closed;
      why = ": the handle has been released";
      break;
    case HandleState::forked:
      status = Status::forked;
      why = " belongs to the parent process: open an engine in the child";
      break;
    case HandleState::never:
    case HandleState::valid:
      break;
  }
  // A child of a fork may not be able to allocate: without an error object nothing is.
  if (err_ == nullptr) return public_status(status);
  try {
    return fail(status, std::string(what) + std::string(why));
  } catch (...) {
    return fail(status, why);
  }
}

Status Call::answer(const core::Outcome& outcome) noexcept {
  if (err_ != nullptr && !expected(outcome.status)) *err_ = error_of(outcome);
  return public_status(outcome.status);
}

}  // namespace distcache::api
