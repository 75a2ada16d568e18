#pragma once

#include <exception>
#include <new>
#include <string>
#include <system_error>

#include "base/result.h"

namespace distcache::discovery {

// What `body` returns; for what it throws an Error, since a provider throws nothing.
template <typename Body>
auto guarded(Body body) noexcept -> decltype(body()) {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return Error{Status::no_memory, {}};
  } catch (const std::system_error& failure) {
    return Error{Status::system, failure.what()};
  } catch (const std::exception& failure) {
    return Error{Status::internal, failure.what()};
  }
}

}  // namespace distcache::discovery
