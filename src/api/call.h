#pragma once

#include <exception>
#include <new>
#include <string_view>
#include <utility>

#include "api/error.h"
#include "api/handle_table.h"
#include "base/result.h"
#include "core/types.h"

namespace distcache::api {

// One call of a program into the library: where its failure goes. Lives on the stack of the call.
class Call {
 public:
  // *err is NULL until there is something to say.
  explicit Call(distcache_error_t** err) noexcept : err_(err) {
    if (err_ != nullptr) *err_ = nullptr;
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  // Each makes the error object, if the caller wants one, and returns the status.
  Status fail(Status status, std::string_view message) noexcept;
  Status fail(const Error& error) noexcept { return fail(error.status, error.message); }
  Status invalid(std::string_view message) noexcept {
    return fail(Status::invalid_argument, message);
  }
  Status unsupported(std::string_view what) noexcept;
  // Of a handle that is not valid; `what` is the name of the parameter.
  Status refuse(HandleState state, std::string_view what) noexcept;

  // The status of one key; an error only where the outcome was not to be expected.
  Status answer(const core::Outcome& outcome) noexcept;

 private:
  distcache_error_t** const err_;
};

// A status as it may leave the library: those between members are faults of ours.
Status public_status(Status status) noexcept;

// Answers that are no failures: they come without an error object.
bool expected(Status status) noexcept;

// An error object for an outcome; NULL for an expected one.
distcache_error_t* error_of(const core::Outcome& outcome) noexcept;

// The frame around every function that can fail: nothing is thrown out of it.
template <typename Body>
distcache_status_t enter(distcache_error_t** err, Body&& body) noexcept {
  Call call(err);
  Status status = Status::internal;
  try {
    status = std::forward<Body>(body)(call);
  } catch (const std::bad_alloc&) {
    status = call.fail(Status::no_memory, {});
  } catch (const std::exception& thrown) {
    status = call.fail(Status::internal, thrown.what());
  } catch (...) {
    status = call.fail(Status::internal, "an exception of an unknown type");
  }
  return static_cast<distcache_status_t>(status);
}

}  // namespace distcache::api
