#pragma once

#include <distcache.h>

#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "node/handles.h"

// The forms of a call: with many keys at once, and completed later. Any thread.
namespace cluster {

// As the calls with many keys want them: all bytes end to end, and the lengths.
struct Packed {
  explicit Packed(const std::vector<std::string>& parts) {
    for (const std::string& part : parts) {
      bytes += part;
      lens.push_back(static_cast<uint32_t>(part.size()));
    }
  }
  std::string bytes;
  std::vector<uint32_t> lens;
};

// What an asynchronous operation completed with.
struct Completion {
  using Promise = std::promise<Completion>;

  distcache_status_t status = DISTCACHE_INTERNAL;
  Owned<distcache_result_t> result;
  Owned<distcache_error_t> error;

  static void done(uintptr_t context, distcache_status_t status, distcache_result_t* result,
                   distcache_error_t* error) {
    const std::unique_ptr<Promise> promise(reinterpret_cast<Promise*>(context));
    promise->set_value(
        {status, Owned<distcache_result_t>(result), Owned<distcache_error_t>(error)});
  }
};

// Submits and waits. `submit` is given the two arguments that every such call has.
template <typename Submit>
Completion complete(Submit&& submit) {
  auto promise = std::make_unique<Completion::Promise>();
  std::future<Completion> completion = promise->get_future();
  Owned<distcache_error_t> error;
  const distcache_status_t status =
      submit(&Completion::done, reinterpret_cast<uintptr_t>(promise.get()), Out(error));
  if (status != DISTCACHE_OK) return {status, nullptr, std::move(error)};
  static_cast<void>(promise.release());  // done() has or had it
  return completion.get();
}

}  // namespace cluster
